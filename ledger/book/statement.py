"""What the judge is handed: a statement read, and the entry it would become.

A `Statement` is a pure function of the bytes a client sent: the door makes it once, in any thread,
long before anybody knows its place in the log. `fault` is the earliest thing wrong with it that
needs no book to see; it is held back because faults that do need the book may come before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.book.encoding import Bundle, StatementText
from ledger.book.records.form import Body, Form, Line
from ledger.book.rejection import Rejection
from ledger.device.evidence import Examined

UNREADABLE_TIME = -(2**62)  # stands for a time whose text is no time; `fault` says so


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its lines, whole and typed, not yet judged against the book.

    `attested` is who answered in each piece of evidence that came along and holds together, by the hash by
    which lines name it; that it is trusted, and meant for this statement, is the judge's to compare.
    """

    statement_id: str  # hex SHA-256 of the PAE
    key_id: str
    form: Form
    text: StatementText
    body: Body
    lines: tuple[Line, ...]
    occurred_at: int  # Unix seconds, or UNREADABLE_TIME
    expires_at: int
    fault: Rejection | None
    bundle: Bundle
    attested: Mapping[str, Examined] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.text.kind

    @property
    def party(self) -> str:
        """Who speaks."""
        return self.text.party

    @property
    def manifest_lines(self) -> Sequence[bytes]:
        """The lines' bytes, none where no manifest travels."""
        return self.bundle.manifest or ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement at its place: `index` in the log, `admitted_at` in Unix milliseconds."""

    index: int
    admitted_at: int
    statement: Statement

    @property
    def body(self) -> Any:
        """The body, of the type its kind's rule expects."""
        return self.statement.body

    @property
    def lines(self) -> Any:
        """The typed lines, of the type its kind's rule expects."""
        return self.statement.lines

    @property
    def party(self) -> str:
        """Who speaks."""
        return self.statement.party
