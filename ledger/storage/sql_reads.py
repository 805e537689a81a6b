"""What does the database say, as of one commit?

`Look` reads over one connection on which a transaction has begun, so all its answers are of the same
commit. The number of statements sent depends on which tables are asked for, never on how many rows.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from typing import Any, TypeVar

import pyarrow as pa  # type: ignore[import-untyped]
from sqlalchemy import Select, and_, func, select
from sqlalchemy import Table as Place

from ledger.book.frame import Frame
from ledger.book.framing import positions_in
from ledger.book.registry import (
    FLOOR_PART,
    FrameKey,
    Needs,
    Registry,
    RowKey,
    Version,
    Written,
)
from ledger.book.rows import Chip, Row, Site
from ledger.book.tables import CHIPS, SITES, TABLES, Table
from ledger.log.merkle import edge_from
from ledger.storage.layout import Access
from ledger.storage.sql_chips import ChipRows
from ledger.storage.sql_frames import chips_frame
from ledger.storage.sql_rows import rows_of
from ledger.storage.store import Head, Standing, StoredEntry, StoredRefusal
from ledger.storage.tables import METADATA
from ledger.storage.trees import tiles_of_edges

R = TypeVar("R", bound=Row)

LOG_NUMBER = 0
SITES_FETCHED = 1_000  # of one prover at a time
ENTRY_COLUMNS = tuple(StoredEntry.__dataclass_fields__)
REFUSAL_COLUMNS = tuple(StoredRefusal.__dataclass_fields__)

LOG, ENTRY, TILE = METADATA.tables["log"], METADATA.tables["entry"], METADATA.tables["tile"]
REFUSAL = METADATA.tables["refusal"]
HEAD = select(LOG.c.size, LOG.c.root, LOG.c.epoch).where(LOG.c.log == LOG_NUMBER)
LAST_ENTRY = select(func.max(ENTRY.c.index))


class Look:
    """Answers over one connection."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._database = access.database
        self._phrases = access.phrases

    def head(self) -> Head:
        """The log row."""
        ((size, root, epoch),) = self._access.phrased(self._phrases.made("head", lambda: HEAD))
        return Head(size, root, epoch)

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put every needed row that exists into the registry. Sizes the log has not reached stay absent."""
        for table in TABLES:
            if keys := needs.keys.get(table):
                registry.put(table, rows_of(self._access, table).load(keys, table.key))
            if groups := needs.groups.get(table):
                assert table.grouped
                registry.put(table, rows_of(self._access, table).load(groups, 1))
        for frame in needs.frames:
            registry.frames[frame] = self.frame(frame)
        if needs.holdings:
            registry.put(CHIPS, ChipRows(self._access).held_by(needs.holdings))
        if needs.statements:
            registry.written.update(self._written(needs.statements))
        if needs.roots:
            registry.roots.update(self._roots(needs.roots))

    def _written(self, statements: Set[str]) -> dict[str, Written]:
        """What these did, as far as the book has come: where it is folded again, the log goes beyond it."""
        phrase = self._phrases.made("spoken", self._spoken)
        spoken = self._access.phrased(phrase, self._database.key_parameters(statements, 1))
        size = self.head().size
        said = {index: rest for index, *rest in spoken if index < size}
        if not said:
            return {}
        versions: dict[int, dict[Table[Any], tuple[Version, ...]]] = {index: {} for index in said}
        for table in TABLES:
            if table.history:
                for index, wrote in rows_of(self._access, table).written(said).items():
                    versions[index][table] = tuple(wrote)
        return {
            statement: Written(index, kind, party, versions[index])
            for index, (statement, kind, party) in said.items()
        }

    def _spoken(self) -> Select[Any]:
        keys = self._database.key_set((str,))
        found = keys.source.join(ENTRY, ENTRY.c.statement == keys.columns[0])
        return select(ENTRY.c.index, ENTRY.c.statement, ENTRY.c.kind, ENTRY.c.party).select_from(found)

    def _roots(self, sizes: set[int]) -> dict[int, bytes]:
        size = self.head().size
        reached = {wanted for wanted in sizes if 0 <= wanted <= size}
        places = tiles_of_edges(reached)
        keys = self._database.key_set((int, int))
        same = and_(TILE.c.level == keys.columns[0], TILE.c.number == keys.columns[1])
        query = select(TILE.c.level, TILE.c.number, TILE.c.hashes).select_from(keys.source.join(TILE, same))
        rows = self._access.all(query, self._database.key_parameters(places, 2))
        tiles = {(level, number): hashes for level, number, hashes in rows}
        return {
            wanted: edge_from(wanted, lambda level, number: tiles.get((level, number), b"")).root()
            for wanted in reached
        }

    def known(self, statements: Sequence[str]) -> dict[str, int]:
        """Of these statement ids, the index of each that is in the log."""
        if not statements:
            return {}
        phrase = self._phrases.made("known", self._known)
        rows = self._access.phrased(phrase, self._database.key_parameters(set(statements), 1))
        return {statement: index for statement, index in rows}

    def _known(self) -> Select[Any]:
        keys = self._database.key_set((str,))
        found = keys.source.join(ENTRY, ENTRY.c.statement == keys.columns[0])
        return select(ENTRY.c.statement, ENTRY.c.index).select_from(found)

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop."""
        query = _of(ENTRY, ENTRY_COLUMNS).where(ENTRY.c.index >= start, ENTRY.c.index < stop)
        return [StoredEntry(*row) for row in self._access.all(query.order_by(ENTRY.c.index))]

    def entries_at(self, indices: Collection[int]) -> dict[int, StoredEntry]:
        """Those of these entries that are there, by index; one statement, even for none."""
        phrase = self._phrases.made("entries at", self._entries_at)
        rows = self._access.phrased(phrase, self._database.key_parameters(set(indices), 1))
        return {entry.index: entry for entry in (StoredEntry(*row) for row in rows)}

    def _entries_at(self) -> Select[Any]:
        keys = self._database.key_set((int,))
        return _of(ENTRY, ENTRY_COLUMNS).select_from(
            keys.source.join(ENTRY, ENTRY.c.index == keys.columns[0])
        )

    def entries_stored(self) -> int:
        """How many entries are kept, whatever the log row says."""
        ((last,),) = self._access.phrased(self._phrases.made("last entry", lambda: LAST_ENTRY))
        return 0 if last is None else int(last) + 1

    def frame(self, key: FrameKey) -> Frame:
        """What could be drawn, by chip or position; read anew only where nobody has it in hand."""
        taken = self._access.frames
        frame = taken.get(key)
        if frame is None:
            if key.part == FLOOR_PART:
                frame = positions_in(self._sites_of(key), key)
            else:
                frame = chips_frame(self._access, key)
            if key.at_index <= self.head().size:
                taken.keep(key, frame)
        return frame

    def _sites_of(self, key: FrameKey) -> Iterator[Site]:
        for prover in key.provers:
            after = None
            while found := self.find(SITES, {"operator": prover}, key.at_index, after, SITES_FETCHED):
                yield from found
                after = found[-1].site

    def standings(self, chips: Collection[str]) -> dict[str, Standing]:
        """Of these chips those that were ever there."""
        return ChipRows(self._access).standings(chips)

    def chips_as_of(self, chips: Collection[str], at: int) -> dict[str, Chip]:
        """Of these chips those in the book of size `at`."""
        return ChipRows(self._access).as_of(chips, at if at < self.head().size else None)

    def bearers(self, identity: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Chips that bear an identity or bore it, by number."""
        return ChipRows(self._access).bearers(identity, after, limit)

    def held(self, custodian: str, at: int, after: int, limit: int) -> list[Chip]:
        """Chips a party had in the book of size `at`, by number."""
        past = at if at < self.head().size else None
        return ChipRows(self._access).held(custodian, past, after, limit)

    def rows(self, table: Table[R]) -> Iterator[R]:
        """Every present row by key."""
        return rows_of(self._access, table).rows()

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop; within an entry by key, chips by number."""
        assert table.history
        return rows_of(self._access, table).versions(start, stop)

    def chip_columns(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """The versions of chips, as columns."""
        return ChipRows(self._access).columns(start, stop)

    def history(self, table: Table[R], key: RowKey) -> list[R]:
        """Every version of one row, oldest first."""
        assert table.history
        return rows_of(self._access, table).history(key)

    def find(
        self, table: Table[R], where: Mapping[str, Any], at: int, after: RowKey | None, limit: int
    ) -> list[R]:
        """Rows whose fields equal `where` in the book of size `at`, by key, after a key."""
        assert limit > 0 and where.keys() <= set(table.row.__struct_fields__)
        past = at < self.head().size
        assert table.history or not past, "the past of this table is not kept"
        return rows_of(self._access, table).find(where, at if past else None, after, limit)

    def refusals(self, after: int, limit: int) -> list[StoredRefusal]:
        """Refusals by the size they were given at, then as they came."""
        query = _of(REFUSAL, REFUSAL_COLUMNS).order_by(REFUSAL.c.at_size, REFUSAL.c.came)
        return [StoredRefusal(*row) for row in self._access.all(query.limit(limit).offset(after))]

    def refusal(self, refusal_id: str) -> StoredRefusal | None:
        """A kept refusal."""
        row = self._access.one(_of(REFUSAL, REFUSAL_COLUMNS).where(REFUSAL.c.refusal == refusal_id))
        return None if row is None else StoredRefusal(*row)


def _of(place: Place, columns: tuple[str, ...]) -> Select[Any]:
    return select(*(place.c[name] for name in columns))
