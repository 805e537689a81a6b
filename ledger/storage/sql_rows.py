"""How are the rows of a table of the book read from a database, and their past?

`rows_of` gives for each table somebody to ask: the chips lie packed (`sql_chips`), all others as they are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import ColumnElement, FromClause, select, tuple_

from ledger.book.registry import RowKey, Version
from ledger.book.rows import Row
from ledger.book.tables import CHIPS, Table
from ledger.storage.layout import Access, layout_of
from ledger.storage.sql_chips import ChipRows

R = TypeVar("R", bound=Row)


class Rows(Protocol[R]):
    """The rows of one table, over one connection."""

    def load(self, keys: Collection[Any], width: int) -> list[R]:
        """Of a set of keys, or of groups where their width is less than the table's, the rows that exist."""

    def written(self, indices: Collection[int]) -> Mapping[int, Sequence[Version]]:
        """By entry, every row it wrote, after and before, of tables with history."""

    def rows(self) -> Iterator[R]:
        """Every present row by key."""

    def versions(self, start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop, of tables with history."""

    def history(self, key: RowKey) -> list[R]:
        """Every version of one row, oldest first, of tables with history."""

    def find(self, where: Mapping[str, Any], at: int | None, after: RowKey | None, limit: int) -> list[R]:
        """Rows whose fields equal `where`, in the book of size `at`, None for now, by key, after a key."""


def rows_of(access: Access, table: Table[R]) -> Rows[R]:
    """Whom to ask for rows of a table."""
    if table.name == CHIPS.name:
        return cast(Rows[R], ChipRows(access))
    return PlainRows(access, table)


class PlainRows(Rows[R]):
    """Rows that lie as they are, every version in a row of its own."""

    def __init__(self, access: Access, table: Table[R]) -> None:
        self._access = access
        self._table = table
        self._layout = layout_of(table)

    def load(self, keys: Collection[Any], width: int) -> list[R]:
        """One statement, however many keys."""
        database, row = self._access.database, self._table.row
        phrase = self._access.phrases.load(self._table, width, database)
        return [row(*values) for values in self._access.phrased(phrase, database.key_parameters(keys, width))]

    def written(self, indices: Collection[int]) -> dict[int, list[Version]]:
        """One statement, however many entries."""
        database, row, name = self._access.database, self._table.row, self._table.name
        phrase = self._access.phrases.made(
            ("written", name), lambda: self._layout.written(database.key_set((int,)))
        )
        found: dict[int, list[Version]] = defaultdict(list)
        width = len(row.__struct_fields__)
        for values in self._access.phrased(phrase, database.key_parameters(indices, 1)):
            after, before = row(*values[:width]), values[width:]
            # What has no key was not there: of every row there is, the key is.
            version = Version(after, None if before[0] is None else row(*before))
            found[after.changed].append(version)  # type: ignore[attr-defined]
        return found

    def rows(self) -> Iterator[R]:
        """Every present row by key."""
        now = self._layout.now
        query = select(now).where(*self._standing(now)).order_by(*(now.c[name] for name in self._layout.key))
        return (self._table.row(*row) for row in self._access.streamed(query))

    def versions(self, start: int, stop: int) -> Iterator[R]:
        """Within an entry by key."""
        kept = self._layout.versions
        assert kept is not None
        query = select(kept).where(kept.c.changed >= start, kept.c.changed < stop)
        ordered = query.order_by(kept.c.changed, *(kept.c[name] for name in self._layout.key))
        return (self._table.row(*row) for row in self._access.streamed(ordered))

    def history(self, key: RowKey) -> list[R]:
        """Every version of one row, oldest first."""
        kept = self._layout.versions
        assert kept is not None
        fields = key if isinstance(key, tuple) else (key,)
        wanted = (kept.c[name] == field for name, field in zip(self._layout.key, fields, strict=True))
        query = select(kept).where(*wanted).order_by(kept.c.changed)
        return [self._table.row(*row) for row in self._access.all(query)]

    def find(self, where: Mapping[str, Any], at: int | None, after: RowKey | None, limit: int) -> list[R]:
        """One statement."""
        layout = self._layout

        def wanted(now: FromClause, row: FromClause) -> list[ColumnElement[bool]]:
            conditions = [(now if name in layout.key else row).c[name] == where[name] for name in where]
            conditions += self._standing(row)
            return conditions if after is None else [*conditions, _beyond(now, layout.key, after)]

        query: Any = (
            select(layout.now).where(*wanted(layout.now, layout.now))
            if at is None
            else layout.latest(self._table.row.__struct_fields__, wanted)
        )
        ordered = query.order_by(*layout.key).limit(limit)
        return [
            self._table.row(*row) for row in self._access.all(ordered, None if at is None else {"at": at})
        ]

    def _standing(self, rows: FromClause) -> list[ColumnElement[bool]]:
        """That a row was not unmade."""
        return [rows.c.born >= 0] if self._table.corrected else []


def _beyond(now: FromClause, key: tuple[str, ...], after: RowKey) -> ColumnElement[bool]:
    last = after if isinstance(after, tuple) else (after,)
    return tuple_(*(now.c[name] for name in key)) > tuple_(*last)
