"""How are chips read from a database, as they are and as they were?

By following numbers: the table of chips says which version of each is the present one, packs hold the
versions, and each version names the one it followed. What is asked of a past book costs what is asked of
the present one, and the versions written since.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from sqlalchemy import ColumnElement, Select, and_, or_, select

from ledger.book.registry import RowKey, Version
from ledger.book.rows import Chip
from ledger.storage.layout import ROWS_FETCHED, Access
from ledger.storage.marks import mark_of, mark_of_holder
from ledger.storage.pack_columns import columns_of_packs
from ledger.storage.packs import (
    FIRST,
    bound_of,
    chained,
    linked,
    pack_of,
    picked,
    picked_named,
    preceding,
    unpacked,
)
from ledger.storage.recent import Known
from ledger.storage.store import Standing
from ledger.storage.tables import METADATA

CHIP, PACK = METADATA.tables["chip"], METADATA.tables["chip_version"]
MARK, IDENTITY = METADATA.tables["chip_mark"], METADATA.tables["identity"]
POINTERS = select(CHIP.c.chip, CHIP.c.version)
CHIPS_FIRST_TRIED = 128  # chips looked at before more are, where some are looked for
CHIPS_MORE_TRIED = 4  # times as many are looked at each time

_chip, _number = attrgetter("chip"), attrgetter("number")


class ChipRows:
    """The table of chips, over one connection."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def load(self, keys: Collection[str], width: int) -> list[Chip]:
        """Two statements, however many chips; none for those the writer knows."""
        assert width == 1
        return [known.row for known in self.known(keys).values()]

    def known(self, chips: Collection[str]) -> dict[str, Known]:
        """Of a set of chips those that exist, with the numbers of their versions."""
        recent = self._access.recent
        if recent is None:
            return self._read_known(chips)
        known = recent.known(chips)
        if len(known) < len(chips):
            read = self._read_known(set(chips) - known.keys())
            recent.keep(read)
            known |= read
        return known

    def held_by(self, custodians: Collection[str]) -> list[Chip]:
        """Every chip that has one of these for custodian; two statements, of which the second asks for none
        the writer knows."""
        phrase = self._access.phrases.made("chips of custodians", self._pointers_of_custodians)
        pointers = self._access.phrased(phrase, self._access.database.key_parameters(custodians, 1))
        recent = self._access.recent
        known = {} if recent is None else recent.known(chip for chip, _ in pointers)
        read = self._read(version for chip, version in pointers if chip not in known)
        if recent is not None:
            recent.keep(read)
        return [each.row for each in (known | read).values()]

    def written(self, indices: Collection[int]) -> dict[int, list[Version]]:
        """By entry, every chip it wrote, after and before; two statements."""
        database = self._access.database
        phrase = self._access.phrases.made("packs of entries", self._packs_of_entries)
        bounds = [(bound_of(index), bound_of(index + 1)) for index in indices]
        rows = self._access.phrased(phrase, database.key_parameters(bounds, 2))
        after = [version for (pack,) in rows for version in chained(pack)]
        packs = self._packs(at for _, at in after if at != FIRST)
        before = {
            at: row for pack, wanted in packs for row, at in zip(picked(pack, wanted), wanted, strict=True)
        }
        found: dict[int, list[Version]] = defaultdict(list)
        for row, at in after:
            found[row.changed].append(Version(row, before.get(at)))
        return found

    def _packs_of_entries(self) -> Select[Any]:
        keys = self._access.database.key_set((int, int))
        inside = and_(PACK.c.version >= keys.columns[0], PACK.c.version < keys.columns[1])
        return select(PACK.c.rows).select_from(keys.source.join(PACK, inside))

    def _pointers_of_custodians(self) -> Select[Any]:
        keys = self._access.database.key_set((str,))
        return POINTERS.where(CHIP.c.custodian.in_(select(keys.columns[0]).select_from(keys.source)))

    def _read_known(self, chips: Collection[str]) -> dict[str, Known]:
        phrase = self._access.phrases.made("chip pointers", self._pointers_of_keys)
        pointers = self._access.phrased(phrase, self._access.database.key_parameters(chips, 1))
        return self._read(version for _, version in pointers)

    def _read(self, versions: Iterable[int]) -> dict[str, Known]:
        """One version each of some chips, by chip."""
        known: dict[str, Known] = {}
        for pack, wanted in self._packs(versions):
            rows = zip(picked_named(pack, wanted), wanted, strict=True)
            known.update((row.chip, Known(row, at, named)) for (row, named), at in rows)
        return known

    def standings(self, chips: Collection[str]) -> dict[str, Standing]:
        """Two statements, whether any of them is there or not: what is not there must not be told by it."""
        phrase = self._access.phrases.made("chip pointers", self._pointers_of_keys)
        pointers = self._access.phrased(phrase, self._access.database.key_parameters(set(chips), 1))
        found: dict[str, Standing] = {}
        for pack, wanted in self._packs((version for _, version in pointers), even_none=True):
            for row, named in picked_named(pack, wanted):
                found[row.chip] = Standing(row, frozenset(named.split()))
        return found

    def as_of(self, chips: Collection[str], at: int | None) -> dict[str, Chip]:
        """One statement more for each time that the oldest of them has changed since."""
        phrase = self._access.phrases.made("chip pointers", self._pointers_of_keys)
        pointers = self._access.phrased(phrase, self._access.database.key_parameters(set(chips), 1))
        return {row.chip: row for row in self.standing([version for _, version in pointers], at)}

    def bearers(self, identity: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Two statements: who has the mark of it, and who bears it where it is unique."""
        query = select(CHIP.c.number, CHIP.c.chip)
        marked = query.select_from(MARK.join(CHIP, CHIP.c.number == MARK.c.number)).where(
            MARK.c.mark == mark_of(identity), MARK.c.number > after
        )
        bears = query.select_from(IDENTITY.join(CHIP, CHIP.c.chip == IDENTITY.c.chip)).where(
            IDENTITY.c.identity == identity, CHIP.c.number > after
        )
        rows = self._access.all(marked.order_by(MARK.c.number).limit(limit))
        found = {(number, chip) for number, chip in (*rows, *self._access.all(bears))}
        return sorted(found)[:limit]

    def held(self, custodian: str, at: int | None, after: int, limit: int) -> list[Chip]:
        """Looks at chips the party ever had until enough are found that it had then."""
        pointers = select(CHIP.c.number, CHIP.c.version).select_from(
            MARK.join(CHIP, CHIP.c.number == MARK.c.number)
        )
        pointers = pointers.where(MARK.c.mark == mark_of_holder(custodian))
        if at is None:
            pointers = pointers.where(CHIP.c.custodian == custodian)
        found: list[Chip] = []
        most = max(limit, CHIPS_FIRST_TRIED)
        while True:
            query = pointers.where(MARK.c.number > after).order_by(MARK.c.number).limit(most)
            some = self._access.all(query)
            rows = self.standing([version for _, version in some], at)
            found += sorted((row for row in rows if row.custodian == custodian), key=_number)
            if len(found) >= limit or len(some) < most:
                return found[:limit]
            after, most = some[-1][0], min(most * CHIPS_MORE_TRIED, ROWS_FETCHED)

    def _pointers_of_keys(self) -> Select[Any]:
        keys = self._access.database.key_set((str,))
        return POINTERS.select_from(keys.source.join(CHIP, CHIP.c.chip == keys.columns[0]))

    def rows(self) -> Iterator[Chip]:
        """Every present chip by id."""
        for versions in self._pointers((), None, ROWS_FETCHED):
            yield from self.standing(versions, None)

    def versions(self, start: int, stop: int) -> Iterator[Chip]:
        """Within an entry by number of chip."""
        for pack in self._packs_between(start, stop):
            yield from unpacked(pack)

    def columns(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """The same as columns, some at a time."""
        return columns_of_packs(self._packs_between(start, stop))

    def _packs_between(self, start: int, stop: int) -> Iterator[bytes]:
        query = select(PACK.c.rows).where(PACK.c.version >= bound_of(start), PACK.c.version < bound_of(stop))
        for (pack,) in self._access.streamed(query.order_by(PACK.c.version)):
            yield pack

    def history(self, key: RowKey) -> list[Chip]:
        """Every version of one chip, oldest first; a statement for each."""
        pointer = self._access.one(select(CHIP.c.version).where(CHIP.c.chip == key))
        version = FIRST if pointer is None else pointer[0]
        found: list[Chip] = []
        while version != FIRST:
            (pack,) = self._access.one(select(PACK.c.rows).where(PACK.c.version == pack_of(version)))
            row, version = linked(pack, version)
            found.append(row)
        found.reverse()
        return found

    def find(self, where: Mapping[str, Any], at: int | None, after: RowKey | None, limit: int) -> list[Chip]:
        """Looks at chips by id until enough are found; the database itself passes over those whose
        custodian is another."""
        conditions = [CHIP.c.chip == where["chip"]] if "chip" in where else []
        if "custodian" in where:
            held = CHIP.c.custodian == where["custodian"]
            # Of the past the present custodian says something only where nothing came since.
            conditions.append(held if at is None else or_(held, CHIP.c.version >= bound_of(at)))
        found: list[Chip] = []
        for versions in self._pointers(conditions, after, max(limit, CHIPS_FIRST_TRIED)):
            for row in self.standing(versions, at):
                if all(getattr(row, name) == want for name, want in where.items()):
                    found.append(row)
            if len(found) >= limit:
                break
        return found[:limit]

    def _pointers(
        self, conditions: Sequence[ColumnElement[bool]], after: RowKey | None, first: int
    ) -> Iterator[list[int]]:
        """The present versions of chips by id, some at a time, more each time."""
        most = first
        while True:
            query = POINTERS.where(*conditions, *(() if after is None else (CHIP.c.chip > after,)))
            pointers = self._access.all(query.order_by(CHIP.c.chip).limit(most))
            yield [version for _, version in pointers]
            if len(pointers) < most:
                return
            after = pointers[-1][0]
            most = max(first, min(most * CHIPS_MORE_TRIED, ROWS_FETCHED))

    def standing(self, versions: list[int], at: int | None) -> list[Chip]:
        """The chips of these present versions, by id, as they were in the book of size `at`, None for now;
        not those born since, nor those that were unmade then."""
        if at is not None:
            versions = self._last_before(versions, bound_of(at))
        packs = self._packs(versions)
        rows = [row for pack, wanted in packs for row in picked(pack, wanted) if row.born >= 0]
        rows.sort(key=_chip)
        return rows

    def _last_before(self, versions: list[int], bound: int) -> list[int]:
        """For each version the last one below the bound of the same chip's, where there is one."""
        last: list[int] = []
        while versions:
            last += [version for version in versions if FIRST < version < bound]
            later = [version for version in versions if version >= bound]
            versions = [before for pack, wanted in self._packs(later) for before in preceding(pack, wanted)]
        return last

    def _packs(
        self, versions: Iterable[int], *, even_none: bool = False
    ) -> Iterator[tuple[bytes, list[int]]]:
        """The packs these versions lie in, each with those that are wanted of it; one statement, `even_none`
        where there are no versions to ask for."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for version in versions:
            wanted[pack_of(version)].append(version)
        if not wanted and not even_none:
            return
        phrase = self._access.phrases.made("packs", self._packs_of_keys)
        for number, pack in self._access.passing(phrase, self._access.database.key_parameters(wanted, 1)):
            yield pack, wanted[number]

    def _packs_of_keys(self) -> Select[Any]:
        keys = self._access.database.key_set((int,))
        return select(PACK).select_from(keys.source.join(PACK, PACK.c.version == keys.columns[0]))
