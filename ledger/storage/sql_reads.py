"""What does the database say, as of one commit?

`Look` reads over one connection on which a transaction has begun, so all its answers are of the same
commit. The number of statements sent depends on which tables are asked for, never on how many rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from ledger.book.registry import FrameChip, FrameKey, Needs, Registry, RowKey
from ledger.book.rows import CHIPS, TABLES, Row, Status, Table
from ledger.log.merkle import edge_from
from ledger.storage.database import Database
from ledger.storage.layout import layout_of, quoted
from ledger.storage.store import Head, StoredEntry, StoredRefusal
from ledger.storage.trees import tiles_of_edges

R = TypeVar("R", bound=Row)

LOG_NUMBER = 0
ROWS_FETCHED = 5_000  # rows a time, where all of a table is read
ENTRY_COLUMNS = tuple(StoredEntry.__dataclass_fields__)
REFUSAL_COLUMNS = tuple(StoredRefusal.__dataclass_fields__)
IN_FRAMES = (Status.HELD.value, Status.IN_TRANSIT.value)


class Look:
    """Answers over one connection."""

    def __init__(self, connection: Connection, database: Database) -> None:
        self._connection = connection
        self._database = database

    def all(self, sql: str, parameters: tuple[Any, ...] = ()) -> Sequence[Any]:
        """Every row of the answer."""
        return self._connection.exec_driver_sql(self._database.marked(sql), parameters).fetchall()

    def one(self, sql: str, parameters: tuple[Any, ...] = ()) -> Any:
        """The first row of the answer, None where there is none."""
        return self._connection.exec_driver_sql(self._database.marked(sql), parameters).first()

    def streamed(self, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[Any]:
        """The rows of the answer, without holding more than some of them."""
        result = self._connection.exec_driver_sql(
            self._database.marked(sql), parameters, execution_options={"stream_results": True}
        )
        for part in result.partitions(ROWS_FETCHED):
            yield from part

    def head(self) -> Head:
        """The log row."""
        size, root, epoch = self.one(
            'SELECT "size", "root", "epoch" FROM "log" WHERE "log" = ?', (LOG_NUMBER,)
        )
        return Head(size, bytes(root), epoch)

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
        sql = layout_of(table).load(self._database.key_set((str,) * width))
        return [table.row(*row) for row in self.all(sql, self._database.key_parameters(keys, width))]

    def _roots(self, sizes: set[int]) -> dict[int, bytes]:
        size = self.head().size
        reached = {wanted for wanted in sizes if 0 <= wanted <= size}
        places = tiles_of_edges(reached)
        keys = self._database.key_set((int, int))
        rows = self.all(
            f'SELECT t."level", t."number", t."hashes" FROM {keys.source} CROSS JOIN "tile" AS t'
            f' WHERE t."level" = {keys.columns[0]} AND t."number" = {keys.columns[1]}',
            self._database.key_parameters(places, 2),
        )
        tiles = {(level, number): bytes(hashes) for level, number, hashes in rows}
        return {
            wanted: edge_from(wanted, lambda level, number: tiles.get((level, number), b"")).root()
            for wanted in reached
        }

    def known(self, statements: Sequence[str]) -> dict[str, int]:
        """Of these statement ids, the index of each that is in the log."""
        if not statements:
            return {}
        keys = self._database.key_set((str,))
        rows = self.all(
            f'SELECT t."statement", t."index" FROM {keys.source} CROSS JOIN "entry" AS t'
            f' WHERE t."statement" = {keys.columns[0]}',
            self._database.key_parameters(set(statements), 1),
        )
        return {statement: index for statement, index in rows}

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop."""
        sql = (
            f'SELECT {quoted(ENTRY_COLUMNS)} FROM "entry" WHERE "index" >= ? AND "index" < ? ORDER BY "index"'
        )
        return [StoredEntry(*row) for row in self.all(sql, (start, stop))]

    def entries_stored(self) -> int:
        """How many entries are kept, whatever the log row says."""
        row = self.one('SELECT max("index") FROM "entry"')
        return 0 if row[0] is None else int(row[0]) + 1

    def tile(self, level: int, number: int) -> bytes:
        """The hashes stored of a tile, none where there is no such tile."""
        row = self.one('SELECT "hashes" FROM "tile" WHERE "level" = ? AND "number" = ?', (level, number))
        return b"" if row is None else bytes(row[0])

    def frame(self, key: FrameKey) -> tuple[FrameChip, ...]:
        """Who could be drawn: one statement, whatever the size of the frame."""
        provers = self._database.key_set((str,))

        def drawable(alias: str) -> str:
            return (
                f" AND {alias}.\"status\" IN ('{IN_FRAMES[0]}', '{IN_FRAMES[1]}')"
                f' AND {alias}."custodian" IN (SELECT {provers.columns[0]} FROM {provers.source})'
            )

        sql = layout_of(CHIPS).latest(("chip", "site", "model", "cls"), drawable("p"), drawable("v"))
        names = self._database.key_parameters(key.provers, 1)
        parameters = (key.at_index, *names, key.at_index, key.at_index, *names)
        return tuple(FrameChip(*row) for row in self.all(f"{sql} ORDER BY 1", parameters))

    def rows(self, table: Table[R]) -> Iterator[R]:
        """Every present row by key."""
        layout = layout_of(table)
        sql = f'SELECT {quoted(layout.columns)} FROM "{layout.name}" ORDER BY {quoted(layout.key)}'
        return (table.row(*row) for row in self.streamed(sql))

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop; within an entry by key."""
        assert table.history
        layout = layout_of(table)
        sql = (
            f'SELECT {quoted(layout.columns)} FROM "{layout.versions}"'
            f' WHERE "changed" >= ? AND "changed" < ? ORDER BY "changed", "{layout.own}"'
        )
        return (table.row(*row) for row in self.streamed(sql, (start, stop)))

    def history(self, table: Table[R], key: RowKey) -> list[R]:
        """Every version of one row, oldest first."""
        assert table.history
        layout = layout_of(table)
        own = f'(SELECT "{layout.own}" FROM "{layout.name}" WHERE "{layout.key[0]}" = ?)'
        sql = (
            f'SELECT {quoted(layout.columns)} FROM "{layout.versions}"'
            f' WHERE "{layout.own}" = {own} ORDER BY "changed"'
        )
        return [table.row(*row) for row in self.all(sql, (key,))]

    def find(
        self, table: Table[R], where: Mapping[str, Any], at: int, after: RowKey | None, limit: int
    ) -> list[R]:
        """Rows whose fields equal `where` in the book of size `at`, by key, after a key."""
        assert limit > 0
        layout = layout_of(table)
        assert where.keys() <= set(layout.columns)
        past = at < self.head().size
        assert table.history or not past, "the past of this table is not kept"
        order = quoted(layout.key)
        if not past:
            condition, wanted = _condition(layout.key, where, after, "p", "p")
            sql = f'SELECT {quoted(layout.columns, "p")} FROM "{layout.name}" AS p WHERE 1 = 1{condition}'
            parameters = wanted
        else:
            now, wanted = _condition(layout.key, where, after, "p", "p")
            then, _ = _condition(layout.key, where, after, "v", "p")
            sql = layout.latest(layout.columns, now, then)
            parameters = (at, *wanted, at, at, *wanted)
        found = self.all(f"{sql} ORDER BY {order} LIMIT ?", (*parameters, limit))
        return [table.row(*row) for row in found]

    def refusals(self, after: int, limit: int) -> list[StoredRefusal]:
        """Refusals by the size they were given at, then as they came."""
        sql = f'SELECT {quoted(REFUSAL_COLUMNS)} FROM "refusal" ORDER BY "at_size", "came" LIMIT ? OFFSET ?'
        return [StoredRefusal(*row) for row in self.all(sql, (limit, after))]

    def refusal(self, refusal_id: str) -> StoredRefusal | None:
        """A kept refusal."""
        row = self.one(f'SELECT {quoted(REFUSAL_COLUMNS)} FROM "refusal" WHERE "refusal" = ?', (refusal_id,))
        return None if row is None else StoredRefusal(*row)


def _condition(
    key: tuple[str, ...], where: Mapping[str, Any], after: RowKey | None, alias: str, alias_of_key: str
) -> tuple[str, tuple[Any, ...]]:
    """` AND …` with its parameters. A key never changes, so it may be asked of another alias."""
    parts, wanted = [], []
    for name, value in where.items():
        column = f'{alias_of_key if name in key else alias}."{name}"'
        parts.append(f" AND {column} IS NULL" if value is None else f" AND {column} = ?")
        if value is not None:
            wanted.append(value)
    if after is not None:
        last = after if isinstance(after, tuple) else (after,)
        parts.append(f" AND ({quoted(key, alias_of_key)}) > ({', '.join('?' * len(last))})")
        wanted.extend(last)
    return "".join(parts), tuple(wanted)
