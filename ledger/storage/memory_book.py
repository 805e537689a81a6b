"""What is the book, when it is kept in dicts?

Refuses whatever a database would refuse: keys taken, rows that are not there, values that must not be
missing. `check` comes before `apply`, so that a batch is taken whole or not at all.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from ledger.book.frame import Frame
from ledger.book.framing import chips_in, positions_in
from ledger.book.registry import (
    FLOOR_PART,
    FrameKey,
    Needs,
    Registry,
    RowKey,
    Version,
    key_of,
)
from ledger.book.rows import Chip, Row
from ledger.book.tables import CHIPS, SITES, TABLES, Table
from ledger.storage.marks import borne
from ledger.storage.store import Batch, Doubt, Standing

R = TypeVar("R", bound=Row)

changed = attrgetter("changed")


class MemoryBook:
    """Rows by table and key, their versions, and the groups of grouped tables. Not safe for threads."""

    def __init__(self) -> None:
        self._now: dict[str, dict[RowKey, Any]] = {table.name: {} for table in TABLES}
        self._kept: dict[str, dict[RowKey, list[Any]]] = {table.name: {} for table in TABLES if table.history}
        self._groups: dict[str, dict[str, set[RowKey]]] = {
            table.name: defaultdict(set) for table in TABLES if table.grouped
        }
        self._numbers: set[int] = set()

    def check(self, batch: Batch) -> None:
        """`Doubt` where the batch does not fit."""
        for table in TABLES:
            present = self._now[table.name]
            inserts, updates, versions = (
                kind.get(table, []) for kind in (batch.inserts, batch.updates, batch.versions)
            )
            _check_filled(table, (*inserts, *updates, *versions))
            new = {key_of(table, row): row for row in inserts}
            if len(new) != len(inserts) or new.keys() & present.keys():
                raise Doubt(f"{table.name} inserted: a key is taken")
            if table.name == CHIPS.name:
                self._check_numbers(new, updates)
            if any(key_of(table, row) not in present and key_of(table, row) not in new for row in updates):
                raise Doubt(f"{table.name} updated: a row is missing")
            if versions:
                self._check_versions(table, versions)

    def _check_numbers(self, new: Mapping[RowKey, Any], updates: Iterable[Any]) -> None:
        numbers = {row.number for row in new.values()}
        if len(numbers) != len(new) or numbers & self._numbers:
            raise Doubt("chip inserted: a number is taken")
        for row in updates:
            before = self._now[CHIPS.name].get(row.chip) or new.get(row.chip)
            if before is None or before.number != row.number:
                raise Doubt("chip updated: a row is missing under that number")

    def _check_versions(self, table: Table[Any], versions: list[Any]) -> None:
        assert table.history
        kept = self._kept[table.name]
        named = {(key_of(table, row), row.changed) for row in versions}
        taken = any(kept_row.changed == at for key, at in named for kept_row in kept.get(key, ()))
        if taken or len(named) != len(versions):
            raise Doubt(f"{table.name}_version inserted: a version is there")

    def apply(self, batch: Batch) -> None:
        """Take a batch that `check` let pass."""
        for table in TABLES:
            present = self._now[table.name]
            for row in (*batch.inserts.get(table, ()), *batch.updates.get(table, ())):
                key = key_of(table, row)
                present[key] = row
                if table.grouped:
                    self._groups[table.name][key[0]].add(key)
            for row in batch.versions.get(table, ()):
                versions = self._kept[table.name].setdefault(key_of(table, row), [])
                versions.append(row)
                versions.sort(key=changed)
        self._numbers.update(row.number for row in batch.inserts.get(CHIPS, ()))  # type: ignore[attr-defined]

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put rows and groups that exist into the registry."""
        for table in TABLES:
            present = self._now[table.name]
            keys = set(needs.keys.get(table, ()))
            for group in needs.groups.get(table, ()):
                keys |= self._groups[table.name].get(group, set())
            registry.put(table, [present[key] for key in keys if key in present])
        chips: Iterable[Chip] = self._now[CHIPS.name].values()
        registry.put(CHIPS, [chip for chip in chips if chip.custodian in needs.holdings])

    def written(self, index: int) -> dict[Table[Any], tuple[Version, ...]]:
        """Every version an entry wrote, by table, each after the one before it."""
        found: dict[Table[Any], tuple[Version, ...]] = {}
        for table in (table for table in TABLES if table.history):
            kept = self._kept[table.name]
            wrote = []
            for row in self.versions(table, index, index + 1):
                versions = kept[key_of(table, row)]
                place = versions.index(row)
                wrote.append(Version(row, versions[place - 1] if place else None))
            if wrote:
                found[table] = tuple(wrote)
        return found

    def standings(self, chips: Iterable[str]) -> dict[str, Standing]:
        """Of these chips those that were ever there."""
        found: dict[str, Standing] = {}
        for chip in chips:
            if versions := self._kept[CHIPS.name].get(chip):
                parties = {party for row in versions for party in (row.custodian, row.owner, row.liable)}
                found[chip] = Standing(versions[-1], frozenset(parties - {None}))
        return found

    def bearers(self, identity: str, after: int) -> list[tuple[int, str]]:
        """Every chip of which a version bears an identity, by number."""
        kept: Iterable[list[Chip]] = self._kept[CHIPS.name].values()
        return sorted(
            (versions[0].number, versions[0].chip)
            for versions in kept
            if versions[0].number > after and any(identity in borne(row) for row in versions)
        )

    def rows(self, table: Table[R]) -> list[R]:
        """Every present row by key."""
        return [row for _, row in sorted(_standing(table, self._now[table.name]).items())]

    def versions(self, table: Table[R], start: int, stop: int) -> list[R]:
        """Versions written by entries start <= index < stop; within an entry by key, chips by number."""
        assert table.history
        found = [
            row for rows in self._kept[table.name].values() for row in rows if start <= row.changed < stop
        ]
        own = attrgetter("number") if table.name == CHIPS.name else table.key_of
        return sorted(found, key=lambda row: (row.changed, own(row)))

    def history(self, table: Table[R], key: RowKey) -> list[R]:
        """Every version of one row, oldest first."""
        assert table.history
        return list(self._kept[table.name].get(key, ()))

    def as_of(self, table: Table[R], at: int) -> dict[RowKey, R]:
        """Each row's last version below an index, but of rows that were unmade then."""
        found = {}
        for key, versions in self._kept[table.name].items():
            place = bisect_left(versions, at, key=changed)
            if place:
                found[key] = versions[place - 1]
        return _standing(table, found)

    def frame(self, key: FrameKey) -> Frame:
        """What could be drawn, by chip or position."""
        if key.part == FLOOR_PART:
            return positions_in(self.as_of(SITES, key.at_index).values(), key)
        return chips_in(self.as_of(CHIPS, key.at_index).values(), key)

    def find(
        self, table: Table[R], where: Mapping[str, Any], at: int | None, after: RowKey | None, limit: int
    ) -> list[R]:
        """Rows whose fields equal `where`, by key, after a key; `at` None means now."""
        assert limit > 0 and where.keys() <= set(table.row.__struct_fields__)
        assert table.history or at is None, "the past of this table is not kept"
        rows = _standing(table, self._now[table.name]) if at is None else self.as_of(table, at)
        found = [
            row
            for key, row in sorted(rows.items())
            if (after is None or key > after)
            and all(getattr(row, name) == want for name, want in where.items())
        ]
        return found[:limit]


def _standing(table: Table[R], rows: dict[RowKey, R]) -> dict[RowKey, R]:
    """Of rows those that were not unmade."""
    if not table.corrected:
        return rows
    return {key: row for key, row in rows.items() if row.born >= 0}  # type: ignore[attr-defined]


def _check_filled(table: Table[Any], rows: Iterable[Row]) -> None:
    """`Doubt` where a value is missing that every row must have."""
    names = _required(table)
    if any(getattr(row, name) is None for row in rows for name in names):
        raise Doubt(f"{table.name}: a value is missing")


@cache
def _required(table: Table[Any]) -> tuple[str, ...]:
    hints = get_type_hints(table.row)
    return tuple(name for name in table.row.__struct_fields__ if NoneType not in get_args(hints[name]))
