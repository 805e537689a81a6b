"""How does a table of the book lie in a database, and in which words is it asked?

Pure text, with `?` for parameters. A chip's own integer is its key in the database, because an integer
key is a third of the work of a text one; whoever asks for chips does so by text all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from ledger.book.rows import CHIPS, Row, Table
from ledger.storage.database import KeySet


def quoted(names: Iterable[str], of: str = "") -> str:
    """Column names, some of which are words of SQL, with the alias of their table."""
    prefix = f"{of}." if of else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def insert(table: str, columns: Sequence[str]) -> str:
    """Insert a row; an error where its key is taken."""
    return f'INSERT INTO "{table}" ({quoted(columns)}) VALUES ({marks(len(columns))})'


def marks(count: int) -> str:
    """So many parameters."""
    return ", ".join("?" * count)


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of the book in SQL. `own` is the column its versions are kept under."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    own: str

    @property
    def versions(self) -> str:
        """The name of the table of its versions."""
        return f"{self.name}_version"

    def update(self) -> str:
        """Replace the row of a key; its parameters are what `update_parameters` gives."""
        changed = ", ".join(f'"{name}" = ?' for name in self._free())
        return f'UPDATE "{self.name}" SET {changed} WHERE {self._fixed()}'

    def update_parameters(self, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
        """The values of rows in the order `update` wants them."""
        return list(map(attrgetter(*self._free(), *self._named()), rows))

    def _named(self) -> tuple[str, ...]:
        return (*self.key, self.own) if self.own not in self.key else self.key

    def _free(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if name not in self._named())

    def _fixed(self) -> str:
        return " AND ".join(f'"{name}" = ?' for name in self._named())

    def load(self, keys: KeySet) -> str:
        """The rows of a set of keys, or of the groups it names where it has fewer fields than a key."""
        same = " AND ".join(
            f't."{name}" = {column}' for name, column in zip(self.key, keys.columns, strict=False)
        )
        source = f'{keys.source} CROSS JOIN "{self.name}" AS t'
        return f"SELECT {quoted(self.columns, 't')} FROM {source} WHERE {same}"

    def latest(self, columns: Sequence[str], where_now: str, where_then: str) -> str:
        """Each row's last version below an index, given once for the first half and twice for the second.

        Rows not written since are taken from the present table (p); of the others the version (v) is
        looked up, so that the nearer the index is to the end, the less there is to do. Each half ends in
        its own condition, whose parameters follow those of its half.
        """
        last = (
            f'SELECT max(w."changed") FROM "{self.versions}" AS w'
            f' WHERE w."{self.own}" = p."{self.own}" AND w."changed" < ?'
        )
        return (
            f'SELECT {quoted(columns, "p")} FROM "{self.name}" AS p WHERE p."changed" < ?{where_now}'
            f' UNION ALL SELECT {quoted(columns, "v")} FROM "{self.name}" AS p JOIN "{self.versions}" AS v'
            f' ON v."{self.own}" = p."{self.own}" AND v."changed" = ({last})'
            f' WHERE p."changed" >= ?{where_then}'
        )


@cache
def layout_of(table: Table[Any]) -> Layout:
    """The layout of a table of the book."""
    columns = table.row.__struct_fields__
    key = columns[: table.key]
    # `kept` tables hold one column of the key, and `latest` compares one.
    assert len(key) == 1 or not table.history
    return Layout(table.name, columns, key, "number" if table.name == CHIPS.name else key[0])


def values(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """The values of rows in the order of their fields."""
    return list(map(msgspec.structs.astuple, rows))
