"""What must a place that keeps the log promise?

`Store` is written by one fenced sequencer and read by many. A transaction is all or nothing; what
`commit` returned from survives a power cut. Entries, manifests, attestations and checkpoints are
sacred; all else can be dropped (`drop_book`) and folded again. Reads see whole commits only.

A row whose making was corrected away (`rows.UNMADE`) is kept as a version like any other, and stays where
the row was: `load` gives it to the registry, which keeps it apart, and what is written under its key later
updates it. Who asks what the book holds, now or then (`rows`, `find`, `frame`), is not shown it; who follows
what happened (`versions`, `history`) is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

import pyarrow as pa  # type: ignore[import-untyped]

from ledger.book.frame import Frame
from ledger.book.registry import FrameKey, Needs, Registry, RowKey
from ledger.book.rows import Chip, Row
from ledger.book.tables import Table

R = TypeVar("R", bound=Row)

REFUSALS_PER_PARTY_REASON_DAY_MAX = 100  # days of UTC
DAY_MILLISECONDS = 86_400_000


class Fenced(Exception):
    """The log row is not what this writer left: another epoch claimed it. Stop, and start again."""


class Doubt(Exception):
    """A commit may or may not have happened, or counts differ from what judge foresaw."""


class TwoCheckpoints(Exception):
    """Another note was signed for a size that has one. The one mistake that cannot be undone: stop."""


@dataclass(frozen=True, slots=True)
class Head:
    """The log row: how many entries, their root, and who may write."""

    size: int
    root: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One sacred entry with what its receipt needs; `opened` is canonical JSON of discrepancies or ""."""

    index: int
    statement: str
    raw: bytes
    leaf_hash: bytes
    admitted_at: int  # Unix milliseconds
    kind: str
    party: str
    key_id: str
    occurred_at: int
    lines: int  # of its manifest, 0 where it has none
    opened: str


class Standing(NamedTuple):
    """A chip's last version, unmade or not, and everybody any version has for custodian, owner or liable."""

    row: Chip
    named: frozenset[str]


@dataclass(slots=True)
class Batch:
    """All that one commit writes. Rows are in order of their entries.

    `inserts` hold rows whose key is new to the book, `updates` the last version of rows that were
    there before, unmade or not, `versions` every version of tables that keep history, those two among
    them. `tiles` are whole hash tiles, as wide as they have grown.
    """

    entries: list[StoredEntry] = field(default_factory=list)
    manifests: dict[int, tuple[bytes, ...]] = field(default_factory=dict)  # entry index -> lines
    attestations: dict[str, bytes] = field(default_factory=dict)
    inserts: dict[Table[Any], list[Row]] = field(default_factory=dict)
    updates: dict[Table[Any], list[Row]] = field(default_factory=dict)
    versions: dict[Table[Any], list[Row]] = field(default_factory=dict)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    size: int = 0
    root: bytes = b""


def check_place(head: Head, batch: Batch, stored: int, refold: bool) -> None:
    """`Doubt` unless the batch follows the head without a gap; `stored` counts the entries kept already."""
    if refold:
        fits = not batch.entries and head.size <= batch.size <= stored
    else:
        places = range(head.size, batch.size)
        fits = [entry.index for entry in batch.entries] == list(places)
        fits = fits and all(index in places for index in batch.manifests)
    if not fits:
        raise Doubt(f"{len(batch.entries)} entries between {head.size} and {batch.size}, {stored} stored")


class Transaction(Protocol):
    """One writing transaction, from the check of the log row to COMMIT at the end of the `with`."""

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put every needed row that exists into the registry, in a fixed number of statements.

        Of statements that are not in the book, nothing; versions they wrote come in no promised order.
        """

    def known(self, statements: Sequence[str]) -> Mapping[str, int]:
        """Of these statement ids, the index of each that is in the log."""

    def write(self, batch: Batch, *, refold: bool = False) -> None:
        """Write the batch and move the log row by compare-and-set; once, as the last thing done.

        `Doubt` where a count is off. `refold`: the entries up to `batch.size` are stored already, and
        all is written but entries, manifests and attestations.
        """


class Store(Protocol):
    """The record and its book."""

    def claim(self) -> Head:
        """Raise the epoch by one, durably; whoever held the one before is fenced."""

    def head(self) -> Head:
        """The log row."""

    def writing(self, head: Head) -> AbstractContextManager[Transaction]:
        """A transaction that raises `Fenced` unless the log row equals `head`. Commits at its end.

        Any exception rolls back; `Doubt` when COMMIT itself failed.
        """

    def load(self, needs: Needs, registry: Registry) -> None:
        """As in a transaction, but only to look."""

    def known(self, statements: Sequence[str]) -> Mapping[str, int]:
        """Of these statement ids, the index of each that is in the log."""

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop, by index."""

    def entries_at(self, indices: Collection[int]) -> dict[int, StoredEntry]:
        """Those of these entries that are there, by index; one statement, even for none."""

    def manifest(self, index: int) -> tuple[bytes, ...]:
        """The lines of the entry at an index, empty where it has none."""

    def manifests(self, start: int, stop: int) -> dict[int, bytes]:
        """Of the entries start <= index < stop that have one, its lines in one piece, line feeds between."""

    def attestation(self, sha256: str) -> bytes | None:
        """Evidence by its hash."""

    def tile(self, level: int, number: int) -> bytes:
        """The hashes stored of a hash tile, as wide as it has grown."""

    def checkpoint(self, size: int) -> str | None:
        """The signed note stored for a size."""

    def put_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed note. The same again is fine, another one for the size is `TwoCheckpoints`."""

    def checkpoint_sizes(self, start: int, limit: int) -> list[int]:
        """Sizes of stored checkpoints >= start, ascending."""

    def frame(self, key: FrameKey) -> Frame:
        """The frame, by chip, from the kept versions."""

    def rows(self, table: Table[R]) -> Iterator[R]:
        """Every present row of a table by ascending key bytes."""

    def find(
        self, table: Table[R], where: Mapping[str, Any], at: int, after: RowKey | None, limit: int
    ) -> list[R]:
        """Rows whose fields equal `where` (None: have none), in the book of size `at`, by key, after a key.

        A table without history is only read at the present size or a later one.
        """

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop, by index, for tables with history."""

    def chip_columns(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """What `versions` gives of chips, as `ledger.book.chip_columns`, some at a time."""

    def history(self, table: Table[R], key: RowKey) -> list[R]:
        """Every version of one row, oldest first."""

    def standings(self, chips: Collection[str]) -> dict[str, Standing]:
        """Of these chips those that were ever there; as many statements whether they are there or not."""

    def chips_as_of(self, chips: Collection[str], at: int) -> dict[str, Chip]:
        """Of these chips those in the book of size `at`; statements do not depend on how many there are."""

    def bearers(self, identity: str, after: int, limit: int) -> list[tuple[int, str]]:
        """(number, id) of chips of which any version bears `<label|ik|pdi|uuid>:<value>`, by number, after a
        number (-1: from the first)."""

    def held(self, custodian: str, at: int, after: int, limit: int) -> list[Chip]:
        """Chips in a party's custody in the book of size `at`, by number, after a number (-1: the first).

        What this costs depends on how many chips the party ever had, not on how many there are.
        """

    def drop_book(self) -> None:
        """Forget all but entries, manifests, attestations, checkpoints and refusals; the size is 0 again.

        `Transaction.write` with `refold` fills the book anew.
        """

    def refuse(self, refusal: "StoredRefusal") -> None:
        """Keep a signed refusal, unless its party, reason and day have had their share of the journal."""

    def refusal(self, refusal_id: str) -> "StoredRefusal | None":
        """A kept refusal."""

    def refusals(self, after: int, limit: int) -> list["StoredRefusal"]:
        """Kept refusals by the size they were given at, then as they came; passes over `after` of them."""

    def settle(self) -> None:
        """Tidy what commits left behind, off the writer's path; the publisher calls it now and then."""

    def close(self) -> None:
        """Let go of every connection."""


@dataclass(frozen=True, slots=True)
class StoredRefusal:
    """A refusal as the journal keeps it. `note` is the signed DSSE, `chips` all bad ones as JSON."""

    refusal: str
    statement: str
    party: str
    reason: str
    detail: str
    chips: str
    refused_at: int  # Unix milliseconds
    at_size: int
    note: str
    bundle: bytes  # what was refused, so that it can be replayed; empty where too large to keep
