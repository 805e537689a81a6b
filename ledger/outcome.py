"""What became of a statement that knocked at the door?

Values only: an answer is built from them by whoever speaks to the client (receipts, problems).
"""

from dataclasses import dataclass

from ledger.book.registry import Opened
from ledger.book.rejection import Rejection
from signing.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Admitted:
    """It is in the log. `known`: it was there before this knock, and nothing was written."""

    index: int
    statement: str  # hex id
    leaf_hash: bytes
    admitted_at: int  # Unix milliseconds
    opened: tuple[Opened, ...]
    known: bool
    envelope: Envelope | None = None  # the one stored first, where it differs from the one sent


@dataclass(frozen=True, slots=True)
class Refused:
    """It is not. A refusal after a good signature bears the log's own signature (`note`)."""

    rejection: Rejection
    statement: str | None = None
    refusal: str | None = None  # id under which its author can read every bad line
    note: Envelope | None = None


@dataclass(frozen=True, slots=True)
class Would:
    """A dry run: it would be admitted, at this index or a later one."""

    statement: str
    index_at_least: int
    opened: tuple[Opened, ...]


Outcome = Admitted | Refused
