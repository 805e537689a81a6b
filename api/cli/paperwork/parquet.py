"""Which rows does a Parquet file hold?

Cells become the text a spreadsheet would show, so that one rule reads them all; lists stay lists, members of
structs become dotted columns, nulls and NaN are empty. Promises: columns of numbers are named as such, for a
serial that is a number has lost its zeros. The first row is row 1: there is no header. Knows no kind.
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from api.cli.paperwork.sheets import ROWS_MAX, Row, RowFault, Sheet
from signing.canonical import TooLarge, Unreadable

STRUCT_DEPTH_MAX = 4
ROWS_AT_ONCE = 10_000


def read_parquet(path: Path) -> Sheet:
    """The rows of a Parquet file; Unreadable where it is none, TooLarge beyond the limit of rows."""
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > ROWS_MAX:
                raise TooLarge(str(path), f"over {ROWS_MAX:,} rows: split it")
            columns = _column_types(file.schema_arrow)
            rows, faults = _read(file, str(path))
    except (pa.ArrowException, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno is not None:
            raise
        raise Unreadable(str(path), f"no Parquet file: {str(fault)[:200]}") from None
    numbers = frozenset(name for name, kind in columns.items() if _is_number(kind))
    return Sheet(tuple(columns), tuple(rows), tuple(faults), is_text=True, numbers=numbers)


def _read(file: Any, path: str) -> tuple[list[Row], list[RowFault]]:
    rows: list[Row] = []
    faults: list[RowFault] = []
    number = 0
    for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
        table = _flat(pa.Table.from_batches([batch]), path)
        for record in table.to_pylist():
            number += 1
            try:
                cells = {name: text for name, cell in record.items() if (text := _cell(name, cell)) != ""}
            except Unreadable as fault:
                faults.append(RowFault(number, str(fault)))
                continue
            if cells:
                rows.append(Row(number, cells))
    return rows, faults


def _flat(table: Any, path: str) -> Any:
    """The table with a dotted column for each member of a struct."""
    for _ in range(STRUCT_DEPTH_MAX):
        if not any(pa.types.is_struct(field.type) for field in table.schema):
            return table
        table = table.flatten()
    raise Unreadable(path, f"structs within structs, deeper than {STRUCT_DEPTH_MAX}")


def _column_types(schema: Any) -> dict[str, Any]:
    """Every column and its type, as the flat table has them."""
    empty = _flat(schema.empty_table(), "schema")
    twice = [name for name in empty.schema.names if empty.schema.names.count(name) > 1]
    if twice:
        raise Unreadable("schema", f"names the column {twice[0]!r} twice")
    return {field.name: field.type for field in empty.schema}


def _is_number(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _cell(name: str, value: Any) -> Any:
    """The cell's text, or a list as it is; empty text for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip()
        case int():
            return str(value)
        case float() | Decimal():
            return _number(value)
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case list():
            return value
    raise Unreadable(name, f"holds {type(value).__name__}, which no column takes: write it as text")


def _number(value: float | Decimal) -> str:
    """Plain digits, whole numbers without a point: tables with gaps keep whole numbers as fractions."""
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if exact.is_nan():
        return ""
    if exact.is_finite() and exact == exact.to_integral_value():
        return str(int(exact))
    return f"{exact.normalize():f}" if exact.is_finite() else str(exact)
