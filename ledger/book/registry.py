"""What may the judge see, and what does a judgment change?

`Registry` holds rows: those loaded for a batch under the changes of the batch so far, or, in a fold
over a whole log, all of them. `Needs` says which rows a statement asks for, `Changes` which rows it
writes. Knows no database: a `Store` fills it and takes what `Batch` collected.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from ledger.book.frame import Frame
from ledger.book.rows import Chip, Row
from ledger.book.tables import CHIPS, TABLES, Table

R = TypeVar("R", bound=Row)
HELD_PART, MISSING_PART, FLOOR_PART = "held", "missing", "floor"
RowKey = Any  # a text, or a tuple of texts where a table's key has several fields


def key_of(table: Table[Any], row: Row) -> RowKey:
    """The key under which a registry holds this row."""
    return table.key_of(row)


@dataclass(frozen=True, slots=True)
class FrameKey:
    """What could be drawn of some provers, in the book before `at_index`.

    `part` is HELD_PART: every chip held or in transit whose custodian is a prover; MISSING_PART: the chips
    missing on a prover's account; FLOOR_PART: the positions of the provers' sites.
    """

    provers: tuple[str, ...]  # sorted
    at_index: int
    part: str = "held"


class Version(NamedTuple):
    """One row as an entry wrote it, and the row it followed; None where the entry made it."""

    row: Any
    before: Any


@dataclass(frozen=True, slots=True)
class Written:
    """What an entry did to the book, as it did it: every version it wrote, of tables that keep their past."""

    index: int
    kind: str
    party: str
    versions: Mapping[Table[Any], tuple[Version, ...]]


@dataclass(slots=True)
class Needs:
    """Rows to load: by key, whole groups of grouped tables, all that a party holds, frames, what a statement
    wrote, roots of the log at sizes."""

    keys: dict[Table[Any], set[RowKey]] = field(default_factory=lambda: defaultdict(set))
    groups: dict[Table[Any], set[str]] = field(default_factory=lambda: defaultdict(set))
    holdings: set[str] = field(default_factory=set)  # custodians, every chip of whom is to be loaded
    statements: set[str] = field(default_factory=set)  # ids of statements whose `Written` is to be loaded
    frames: set[FrameKey] = field(default_factory=set)
    roots: set[int] = field(default_factory=set)

    def rows(self, table: Table[Any], keys: Iterable[RowKey | None]) -> "Needs":
        """Ask for rows by key; None among the keys is passed over."""
        wanted = self.keys[table]
        wanted.update(keys)
        wanted.discard(None)  # rather than a look at each key: every statement comes by here many times
        return self

    def group(self, table: Table[Any], group: str) -> "Needs":
        """Ask for every row of one group of a grouped table."""
        self.groups[table].add(group)
        return self

    def all_groups(self, table: Table[Any], groups: Iterable[str]) -> "Needs":
        """Ask for every row of several groups of a grouped table."""
        self.groups[table].update(groups)
        return self

    def add(self, other: "Needs") -> None:
        """Take in what another statement of the batch asks for."""
        for table, keys in other.keys.items():
            self.keys[table] |= keys
        for table, groups in other.groups.items():
            self.groups[table] |= groups
        self.holdings |= other.holdings
        self.statements |= other.statements
        self.frames |= other.frames
        self.roots |= other.roots


@dataclass(frozen=True, slots=True)
class Opened:
    """A discrepancy an entry opens, for its receipt."""

    discrepancy: str
    kind: str
    counterparty: str | None
    chips: int


@dataclass(slots=True)
class Changes:
    """Every row one entry writes, each key at most once, and the discrepancies it opens."""

    rows: dict[Table[Any], list[Row]] = field(default_factory=lambda: defaultdict(list))
    opened: tuple[Opened, ...] = ()

    def put(self, table: Table[R], *rows: R) -> "Changes":
        """Write rows: new ones, or the next version of known ones."""
        self.rows[table].extend(rows)
        return self


class Registry:
    """Rows by table and key; for grouped tables also by group. Absent means: not in the book.

    A row that was corrected away is absent too; `unmade` knows it, because what takes its name again is its
    next version.
    """

    __slots__ = ("_groups", "_held", "_rows", "_unmade", "frames", "roots", "written")

    def __init__(self) -> None:
        self._rows: dict[str, dict[RowKey, Any]] = {table.name: {} for table in TABLES}
        self._groups: dict[str, dict[str, dict[RowKey, Any]]] = {
            table.name: defaultdict(dict) for table in TABLES if table.grouped
        }
        self._unmade: dict[str, dict[RowKey, Any]] = {table.name: {} for table in TABLES if table.corrected}
        self._held: dict[str | None, set[str]] | None = None  # chips by custodian, once somebody asked
        self.frames: dict[FrameKey, Frame] = {}
        self.roots: dict[int, bytes] = {}
        self.written: dict[str, Written] = {}

    def of(self, table: Table[R]) -> dict[RowKey, R]:
        """All rows of a table that this registry holds, by key."""
        return self._rows[table.name]

    def get(self, table: Table[R], key: RowKey) -> R | None:
        """The row under this key, None where the book has none."""
        row: R | None = self._rows[table.name].get(key)
        return row

    def unmade(self, table: Table[R], key: RowKey) -> R | None:
        """The row that was under this key until it was corrected away, if it was the last there."""
        row: R | None = self._unmade[table.name].get(key)
        return row

    def group(self, table: Table[R], group: str) -> Mapping[RowKey, R]:
        """The rows of one group of a grouped table, by key, in no promised order."""
        return self._groups[table.name].get(group, {})

    def held_by(self, custodians: Set[str]) -> list[Chip]:
        """Every chip these have, in transit or not, by id; their `holdings` were asked for."""
        chips = self.of(CHIPS)
        if self._held is None:  # most books are never asked, and then nothing is kept
            self._held = defaultdict(set)
            for chip in chips.values():
                self._held[chip.custodian].add(chip.chip)
        named = [chip for custodian in custodians for chip in self._held.get(custodian, ())]
        return [chips[name] for name in sorted(named)]

    def put(self, table: Table[R], rows: Iterable[R]) -> None:
        """Take rows in, over those they follow."""
        held, key_of_row = self._rows[table.name], table.key_of
        if table.corrected:
            self._put_over_unmade(table, rows)
            return
        if table.key == 1:
            held.update((key_of_row(row), row) for row in rows)
            return
        groups = self._groups.get(table.name)
        for row in rows:
            key = key_of_row(row)
            held[key] = row
            if groups is not None:
                groups[key[0]][key] = row

    def _put_over_unmade(self, table: Table[Any], rows: Iterable[Any]) -> None:
        assert not table.grouped
        held, unmade, key_of_row = self._rows[table.name], self._unmade[table.name], table.key_of
        if self._held is not None and table is CHIPS:
            rows = list(rows)
            self._hold(self._held, rows)
        for row in rows:
            key = key_of_row(row)
            if row.born >= 0:
                held[key] = row
                if unmade:
                    unmade.pop(key, None)
            else:
                unmade[key] = row
                held.pop(key, None)

    def _hold(self, held: dict[str | None, set[str]], after: Iterable[Chip]) -> None:
        """Chips by custodian, as they will be: of one that comes twice the last row stands."""
        chips = self.of(CHIPS)
        last = {chip.chip: chip for chip in after}
        for name, chip in last.items():
            before = chips.get(name)
            if before is not None:
                held[before.custodian].discard(name)
            if chip.born >= 0:
                held[chip.custodian].add(name)

    def fill(self, late: "Registry") -> None:
        """Take what another registry holds, but never over a row that this one knows."""
        for table in TABLES:
            held = self.of(table)
            unmade = self._unmade[table.name] if table.corrected else {}
            key_of_row = table.key_of
            rows = (*late.of(table).values(), *(late._unmade[table.name].values() if table.corrected else ()))
            unknown = ((row, key_of_row(row)) for row in rows)
            self.put(table, [row for row, key in unknown if key not in held and key not in unmade])
        self.frames.update(late.frames)
        self.roots.update(late.roots)
        self.written.update(late.written)

    def apply(self, changes: Changes) -> None:
        """The book after an entry."""
        for table, rows in changes.rows.items():
            self.put(table, rows)
