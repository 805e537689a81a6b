"""What does the database say, as of one commit?

`Look` reads over one connection on which a transaction has begun, so all its answers are of the same
commit. The number of statements sent depends on which tables are asked for, never on how many rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    func,
    select,
    tuple_,
)
from sqlalchemy import Table as Place

from ledger.book.registry import FrameChip, FrameKey, Needs, Registry, RowKey
from ledger.book.rows import CHIPS, TABLES, Row, Status, Table
from ledger.log.merkle import edge_from
from ledger.storage.layout import Access, Phrase, layout_of
from ledger.storage.store import Head, StoredEntry, StoredRefusal
from ledger.storage.tables import METADATA
from ledger.storage.trees import tiles_of_edges

R = TypeVar("R", bound=Row)

LOG_NUMBER = 0
ROWS_FETCHED = 5_000  # rows a time, where all of a table is read
ENTRY_COLUMNS = tuple(StoredEntry.__dataclass_fields__)
REFUSAL_COLUMNS = tuple(StoredRefusal.__dataclass_fields__)
IN_FRAMES = (Status.HELD.value, Status.IN_TRANSIT.value)

LOG, ENTRY, TILE = METADATA.tables["log"], METADATA.tables["entry"], METADATA.tables["tile"]
REFUSAL = METADATA.tables["refusal"]
HEAD = select(LOG.c.size, LOG.c.root, LOG.c.epoch).where(LOG.c.log == LOG_NUMBER)
LAST_ENTRY = select(func.max(ENTRY.c.index))


class Look:
    """Answers over one connection."""

    def __init__(self, access: Access) -> None:
        self._connection = access.connection
        self._database = access.database
        self._phrases = access.phrases

    def all(self, query: Any, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Every row of the answer."""
        return self._connection.execute(query, parameters or {}).fetchall()

    def one(self, query: Any) -> Any:
        """The first row of the answer, None where there is none."""
        return self._connection.execute(query).first()

    def phrased(self, phrase: Phrase, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Every row of the answer to a statement whose text is made already."""
        return self._connection.exec_driver_sql(phrase.text, phrase.once(parameters or {})).fetchall()

    def _streamed(self, query: Select[Any]) -> Iterator[Any]:
        """The rows of the answer, without holding more than some of them."""
        result = self._connection.execute(query, execution_options={"stream_results": True})
        for part in result.partitions(ROWS_FETCHED):
            yield from part

    def head(self) -> Head:
        """The log row."""
        ((size, root, epoch),) = self.phrased(self._phrases.made("head", lambda: HEAD))
        return Head(size, root, epoch)

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put every needed row that exists into the registry. Sizes the log has not reached stay absent."""
        for table in TABLES:
            if keys := needs.keys.get(table):
                registry.put(table, self._of_keys(table, keys, table.key))
            if groups := needs.groups.get(table):
                assert table.grouped
                registry.put(table, self._of_keys(table, groups, 1))
        for frame in needs.frames:
            registry.frames[frame] = self.frame(frame)
        if needs.roots:
            registry.roots.update(self._roots(needs.roots))

    def _of_keys(self, table: Table[R], keys: set[RowKey], width: int) -> list[R]:
        phrase = self._phrases.load(table, width, self._database)
        return [table.row(*row) for row in self.phrased(phrase, self._database.key_parameters(keys, width))]

    def _roots(self, sizes: set[int]) -> dict[int, bytes]:
        size = self.head().size
        reached = {wanted for wanted in sizes if 0 <= wanted <= size}
        places = tiles_of_edges(reached)
        keys = self._database.key_set((int, int))
        same = and_(TILE.c.level == keys.columns[0], TILE.c.number == keys.columns[1])
        query = select(TILE.c.level, TILE.c.number, TILE.c.hashes).select_from(keys.source.join(TILE, same))
        rows = self.all(query, self._database.key_parameters(places, 2))
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
        rows = self.phrased(phrase, self._database.key_parameters(set(statements), 1))
        return {statement: index for statement, index in rows}

    def _known(self) -> Select[Any]:
        keys = self._database.key_set((str,))
        found = keys.source.join(ENTRY, ENTRY.c.statement == keys.columns[0])
        return select(ENTRY.c.statement, ENTRY.c.index).select_from(found)

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop."""
        query = _of(ENTRY, ENTRY_COLUMNS).where(ENTRY.c.index >= start, ENTRY.c.index < stop)
        return [StoredEntry(*row) for row in self.all(query.order_by(ENTRY.c.index))]

    def entries_stored(self) -> int:
        """How many entries are kept, whatever the log row says."""
        ((last,),) = self.phrased(self._phrases.made("last entry", lambda: LAST_ENTRY))
        return 0 if last is None else int(last) + 1

    def frame(self, key: FrameKey) -> tuple[FrameChip, ...]:
        """Who could be drawn: one statement, whatever the size of the frame."""
        provers = self._database.key_set((str,))
        named = select(provers.columns[0]).select_from(provers.source)

        def drawable(_now: FromClause, chip: FromClause) -> Sequence[ColumnElement[bool]]:
            return chip.c.status.in_(IN_FRAMES), chip.c.custodian.in_(named)

        query = layout_of(CHIPS).latest(("chip", "site", "model", "cls"), drawable).order_by("chip")
        parameters = {"at": key.at_index, **self._database.key_parameters(key.provers, 1)}
        return tuple(FrameChip(*row) for row in self.all(query, parameters))

    def rows(self, table: Table[R]) -> Iterator[R]:
        """Every present row by key."""
        layout = layout_of(table)
        query = select(layout.now).order_by(*(layout.now.c[name] for name in layout.key))
        return (table.row(*row) for row in self._streamed(query))

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop; within an entry by key, chips by number."""
        layout = layout_of(table)
        assert layout.versions is not None
        changed = layout.versions.c.changed
        query = select(layout.versions).where(changed >= start, changed < stop)
        return (
            table.row(*row) for row in self._streamed(query.order_by(changed, layout.versions.c[layout.own]))
        )

    def history(self, table: Table[R], key: RowKey) -> list[R]:
        """Every version of one row, oldest first."""
        layout = layout_of(table)
        assert layout.versions is not None
        own = select(layout.now.c[layout.own]).where(layout.now.c[layout.key[0]] == key).scalar_subquery()
        query = select(layout.versions).where(layout.versions.c[layout.own] == own)
        return [table.row(*row) for row in self.all(query.order_by(layout.versions.c.changed))]

    def find(
        self, table: Table[R], where: Mapping[str, Any], at: int, after: RowKey | None, limit: int
    ) -> list[R]:
        """Rows whose fields equal `where` in the book of size `at`, by key, after a key."""
        columns = table.row.__struct_fields__
        assert limit > 0 and where.keys() <= set(columns)
        layout = layout_of(table)

        def wanted(now: FromClause, row: FromClause) -> list[ColumnElement[bool]]:
            conditions = [(now if name in layout.key else row).c[name] == where[name] for name in where]
            return conditions if after is None else [*conditions, _beyond(now, layout.key, after)]

        past = at < self.head().size
        assert table.history or not past, "the past of this table is not kept"
        query: Any = (
            layout.latest(columns, wanted)
            if past
            else select(layout.now).where(*wanted(layout.now, layout.now))
        )
        ordered = query.order_by(*layout.key).limit(limit)
        return [table.row(*row) for row in self.all(ordered, {"at": at} if past else None)]

    def refusals(self, after: int, limit: int) -> list[StoredRefusal]:
        """Refusals by the size they were given at, then as they came."""
        query = _of(REFUSAL, REFUSAL_COLUMNS).order_by(REFUSAL.c.at_size, REFUSAL.c.came)
        return [StoredRefusal(*row) for row in self.all(query.limit(limit).offset(after))]

    def refusal(self, refusal_id: str) -> StoredRefusal | None:
        """A kept refusal."""
        row = self.one(_of(REFUSAL, REFUSAL_COLUMNS).where(REFUSAL.c.refusal == refusal_id))
        return None if row is None else StoredRefusal(*row)


def _of(place: Place, columns: tuple[str, ...]) -> Select[Any]:
    return select(*(place.c[name] for name in columns))


def _beyond(now: FromClause, key: tuple[str, ...], after: RowKey) -> ColumnElement[bool]:
    last = after if isinstance(after, tuple) else (after,)
    return tuple_(*(now.c[name] for name in key)) > tuple_(*last)
