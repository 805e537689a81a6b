"""How do rows of one table of the book become columns?

A `Feed` a followed table: where its rows go, its columns, and what to take from a row. Times are UTC.
Knows no table of the book.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from ledger.book.rows import Row
from ledger.book.tables import Table

TEXT, NUMBER, RATIO, TRUTH = pa.string(), pa.int64(), pa.float64(), pa.bool_()
SECONDS, MILLISECONDS = pa.timestamp("s"), pa.timestamp("ms")

Columns = tuple[tuple[str, pa.DataType], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Takes from rows the fields of these names. By column it costs a third of what it does row by row."""

    names: tuple[str, ...]

    def __call__(self, row: Row) -> tuple[Any, ...]:
        return tuple(getattr(row, name) for name in self.names)

    def turned(self, rows: Sequence[Row]) -> list[list[Any]]:
        """The values of each field, row after row."""
        return [list(map(attrgetter(name), rows)) for name in self.names]


@dataclass(frozen=True, slots=True)
class Feed:
    """`into` is the table of the warehouse; `columns` name and type what `values` takes, in that order."""

    table: Table[Any]
    into: str
    columns: Columns
    values: Callable[[Any], Sequence[Any]]

    def arrow(self, rows: Sequence[Row]) -> pa.Table:
        """The rows as columns."""
        if isinstance(self.values, Fields):
            return turned_columns(self.columns, self.values.turned(rows))
        return columns_of(self.columns, [self.values(row) for row in rows])


def columns_of(columns: Columns, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Tuples turned into typed columns."""
    return turned_columns(columns, list(zip(*rows, strict=True)) if rows else [()] * len(columns))


def turned_columns(columns: Columns, turned: Sequence[Sequence[Any]]) -> pa.Table:
    """Values column by column, typed."""
    arrays = [pa.array(values, kind) for values, (_, kind) in zip(turned, columns, strict=True)]
    return pa.Table.from_arrays(arrays, [name for name, _ in columns])


def typed(kind: pa.DataType, *names: str) -> Columns:
    """Columns of one type."""
    return tuple((name, kind) for name in names)


def fields(columns: Columns, **renamed: str) -> Fields:
    """Takes from a row the fields that bear the columns' names; `renamed` says which bear another."""
    return Fields(tuple(renamed.get(name, name) for name, _ in columns))
