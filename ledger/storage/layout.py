"""How does a table of the book lie in a database, and how is it asked?

Statements as SQLAlchemy Core has them, and, for those that move many rows, the text of them with the
order of their parameters. Of every table but that of the chips, which lies in a form of its own
(`sql_chips`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Dialect,
    Executable,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import Table as Place

from ledger.book.rows import Row
from ledger.book.tables import CHIPS, Table
from ledger.storage.database import Database, KeySet
from ledger.storage.recent import RecentChips
from ledger.storage.tables import METADATA
from ledger.storage.taken import TakenFrames

ROWS_FETCHED = 5_000  # rows a time, where all of a table is read
STREAMED = {"stream_results": True}
OF = "of_"  # marks the parameters that say which row is meant


@dataclass(frozen=True, slots=True)
class Phrase:
    """A statement's text in one database, its parameters in order, and those that are given already."""

    text: str
    order: tuple[str, ...]
    bound: Mapping[str, Any]

    def once(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        """Parameters by name, in order."""
        return tuple(parameters[name] if name in parameters else self.bound[name] for name in self.order)

    def parameters(self, rows: Iterable[Any]) -> list[tuple[Any, ...]]:
        """The fields of rows in the order of the parameters."""
        return list(map(attrgetter(*(name.removeprefix(OF) for name in self.order)), rows))


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of the book in a database."""

    now: Place
    versions: Place | None
    key: tuple[str, ...]

    def load(self, keys: KeySet) -> Select[Any]:
        """The rows of a set of keys, or of groups where its keys have fewer fields than the table's."""
        pairs = zip(self.key, keys.columns, strict=False)
        same = and_(*(self.now.c[name] == column for name, column in pairs))
        return select(*self.now.c).select_from(keys.source.join(self.now, same))

    def written(self, keys: KeySet) -> Select[Any]:
        """Every version that entries of a set of indices wrote, beside it the one before it, or nothing."""
        assert self.versions is not None
        after, before, any_before = (self.versions.alias(name) for name in ("a", "b", "w"))
        last = (
            select(func.max(any_before.c.changed))
            .where(*_same(any_before, after, self.key), any_before.c.changed < after.c.changed)
            .scalar_subquery()
        )
        those = keys.source.join(after, after.c.changed == keys.columns[0])
        both = those.outerjoin(before, and_(*_same(before, after, self.key), before.c.changed == last))
        return select(*after.c, *before.c).select_from(both)

    def latest(
        self,
        columns: Sequence[str],
        wanted: Callable[[FromClause, FromClause], Sequence[ColumnElement[bool]]],
    ) -> CompoundSelect[Any]:
        """Each row's last version below the index `:at`, where `wanted(its key's table, its own)` is true.

        Rows not written since are taken from the present table, of the others the version is looked up:
        the nearer the index is to the end, the less there is to look up. A key never changes, so what
        is asked of it may be asked of the present row.
        """
        assert self.versions is not None
        now, then, any_before = self.now.alias("p"), self.versions.alias("v"), self.versions.alias("w")
        at: BindParameter[int] = bindparam("at")
        last = (
            select(func.max(any_before.c.changed))
            .where(*_same(any_before, now, self.key), any_before.c.changed < at)
            .scalar_subquery()
        )
        looked_up = now.join(then, and_(*_same(then, now, self.key), then.c.changed == last))
        unchanged = _columns(now, columns).where(now.c.changed < at, *wanted(now, now))
        changed = (
            _columns(then, columns).select_from(looked_up).where(now.c.changed >= at, *wanted(now, then))
        )
        return unchanged.union_all(changed)


def _columns(of: FromClause, columns: Sequence[str]) -> Select[Any]:
    return select(*(of.c[name] for name in columns))


def _same(left: FromClause, right: FromClause, key: Sequence[str]) -> list[ColumnElement[bool]]:
    return [left.c[name] == right.c[name] for name in key]


@cache
def layout_of(table: Table[Any]) -> Layout:
    """The layout of a table of the book."""
    assert table.name != CHIPS.name
    key = table.row.__struct_fields__[: table.key]
    versions = METADATA.tables[f"{table.name}_version"] if table.history else None
    return Layout(METADATA.tables[table.name], versions, key)


class Phrasebook:
    """The texts of the statements of a commit, for one database; each is made once, for that takes long."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._phrases: dict[Any, Phrase] = {}

    def insert(self, place: Place, columns: tuple[str, ...]) -> Phrase:
        """Insert a row; an error where its key is taken."""
        return self._made(("insert", place.name), lambda: (insert(place), columns))

    def update(self, layout: Layout) -> Phrase:
        """Replace the row of a key, and nothing where there is none."""
        free = tuple(column.name for column in layout.now.c if column.name not in layout.key)
        meant = (layout.now.c[name] == bindparam(OF + name) for name in layout.key)
        return self._made(("update", layout.now.name), lambda: (update(layout.now).where(*meant), free))

    def load(self, table: Table[Any], width: int, database: Database) -> Phrase:
        """The rows of a set of keys of so many fields."""
        kinds = [table.row.__annotations__[name] for name in table.row.__struct_fields__[:width]]
        return self.made(("load", table.name, width), lambda: layout_of(table).load(database.key_set(kinds)))

    def made(self, name: Any, make: Callable[[], Executable]) -> Phrase:
        """Any statement under a name of its own."""
        return self._made(name, lambda: (make(), None))

    def _made(self, name: Any, make: Callable[[], tuple[Executable, tuple[str, ...] | None]]) -> Phrase:
        phrase = self._phrases.get(name)
        if phrase is None:
            statement, columns = make()
            compiled = statement.compile(dialect=self._dialect, column_keys=columns)  # type: ignore[attr-defined]
            assert compiled.positional, "parameters are handed over by place"
            order = tuple(compiled.positiontup)
            phrase = self._phrases[name] = Phrase(str(compiled), order, dict(compiled.params))
        return phrase


@dataclass(frozen=True, slots=True)
class Access:
    """A connection on which a transaction has begun, and what belongs to its database.

    `recent` are the chips the writer knows; who only reads has none.
    """

    connection: Connection
    database: Database
    phrases: Phrasebook
    frames: TakenFrames
    recent: RecentChips | None

    def all(self, query: Any, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Every row of the answer."""
        return self.connection.execute(query, parameters or {}).fetchall()

    def one(self, query: Any) -> Any:
        """The first row of the answer, None where there is none."""
        return self.connection.execute(query).first()

    def phrased(self, phrase: Phrase, parameters: Mapping[str, Any] | None = None) -> list[Any]:
        """Every row of the answer to a statement whose text is made already, as the driver has them.

        SQLAlchemy's rows would cost as much again.
        """
        result = self.connection.exec_driver_sql(phrase.text, phrase.once(parameters or {}))
        assert result.cursor is not None
        rows = list(result.cursor.fetchall())
        result.close()
        return rows

    def passing(self, phrase: Phrase, parameters: Mapping[str, Any]) -> Iterator[Any]:
        """As `phrased`, without holding more than some of the rows."""
        result = self.connection.exec_driver_sql(phrase.text, phrase.once(parameters))
        assert result.cursor is not None
        while part := result.cursor.fetchmany(ROWS_FETCHED):
            yield from part
        result.close()

    def streamed(self, query: Any, parameters: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """The rows of the answer, without holding more than some of them."""
        result = self.connection.execute(query, parameters or {}, execution_options=STREAMED)
        for part in result.partitions(ROWS_FETCHED):
            yield from part


def values(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """The values of rows in the order of their fields, which is that of the table's columns."""
    return list(map(msgspec.structs.astuple, rows))
