"""How does a table of the book lie in a database, and how is it asked?

Statements as SQLAlchemy Core has them, and, for those that move many rows, the text of them with the
order of their parameters. A chip's own integer is its key in the database, because an integer key is
less work than a text one; whoever asks for chips does so by text all the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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

from ledger.book.rows import CHIPS, Row, Table
from ledger.storage.database import Database, KeySet
from ledger.storage.tables import METADATA

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
    """A table of the book in a database. `own` is the column its versions are kept under."""

    now: Place
    versions: Place | None
    key: tuple[str, ...]
    own: str

    def load(self, keys: KeySet) -> Select[Any]:
        """The rows of a set of keys, or of groups where its keys have fewer fields than the table's."""
        pairs = zip(self.key, keys.columns, strict=False)
        same = and_(*(self.now.c[name] == column for name, column in pairs))
        return select(*self.now.c).select_from(keys.source.join(self.now, same))

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
            .where(any_before.c[self.own] == now.c[self.own], any_before.c.changed < at)
            .scalar_subquery()
        )
        looked_up = now.join(then, and_(then.c[self.own] == now.c[self.own], then.c.changed == last))
        unchanged = _columns(now, columns).where(now.c.changed < at, *wanted(now, now))
        changed = (
            _columns(then, columns).select_from(looked_up).where(now.c.changed >= at, *wanted(now, then))
        )
        return unchanged.union_all(changed)


def _columns(of: FromClause, columns: Sequence[str]) -> Select[Any]:
    return select(*(of.c[name] for name in columns))


@cache
def layout_of(table: Table[Any]) -> Layout:
    """The layout of a table of the book."""
    key = table.row.__struct_fields__[: table.key]
    # A table of versions has one column of the key, and `latest` compares one.
    assert len(key) == 1 or not table.history
    versions = METADATA.tables[f"{table.name}_version"] if table.history else None
    return Layout(
        METADATA.tables[table.name], versions, key, "number" if table.name == CHIPS.name else key[0]
    )


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
        fixed = dict.fromkeys((*layout.key, layout.own))
        free = tuple(column.name for column in layout.now.c if column.name not in fixed)
        meant = (layout.now.c[name] == bindparam(OF + name) for name in fixed)
        return self._made(("update", layout.now.name), lambda: (update(layout.now).where(*meant), free))

    def load(self, table: Table[Any], width: int, database: Database) -> Phrase:
        """The rows of a set of keys of so many fields."""
        return self.made(
            ("load", table.name, width), lambda: layout_of(table).load(database.key_set((str,) * width))
        )

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
    """A connection on which a transaction has begun, and what belongs to its database."""

    connection: Connection
    database: Database
    phrases: Phrasebook


def values(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """The values of rows in the order of their fields, which is that of the table's columns."""
    return list(map(msgspec.structs.astuple, rows))
