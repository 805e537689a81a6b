"""How does a table of answers travel: as JSON, CSV, Arrow or Parquet?

The same rows in each. JSON writes whole numbers beyond 2^53 - 1 and decimals as text, times in UTC, and null
for a figure that is infinite or no number. CSV is made for spreadsheets: it begins with a byte order mark,
and a text that a spreadsheet would take for a formula, a number or a day is written behind an apostrophe, as
is a number of more digits than it keeps. Arrow and Parquet carry the provenance in their metadata. Knows no
query.
"""

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute  # type: ignore[import-untyped]
import pyarrow.ipc  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from signing.canonical import INTEGER_MAX

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
# The wide forms of the signs are read as the signs where a spreadsheet is set to Chinese, Japanese or Korean.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Serials such as 00042, 12E5 or MAR-1: read as numbers and days they are lost for good.
NUMBER_LIKE = re.compile(r"\s*[0-9.,(][0-9.,:/()%eE+ -]*", re.ASCII)
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
DAY_LIKE = re.compile(rf"\s*([0-9]{{1,4}}[ /.-]*)?({MONTHS})[ /.-]*[0-9]{{0,4}}\s*", re.ASCII | re.IGNORECASE)
SPREADSHEET_DIGITS_MAX = 15  # of a number; what follows becomes zeros
UTF8_MARK = b"\xef\xbb\xbf"

_json = msgspec.json.Encoder(decimal_format="string")


def render(table: pa.Table, form: str, provenance: Mapping[str, str]) -> bytes:
    """The rows in one of `MEDIA_TYPES`."""
    match form:
        case "json":
            return json_rows(table)
        case "csv":
            return _csv(table)
        case "arrow":
            return _arrow(table, provenance)
        case "parquet":
            return _parquet(table, provenance)
    raise AssertionError(f"no such format: {form}")


def json_rows(table: pa.Table) -> bytes:
    """A JSON array with an object a row."""
    return _json.encode(plain_rows(table))


def plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """A dict a row, of values JSON has; a name that columns share gets a number behind it."""
    names = distinct_names(table.column_names)
    columns = [_plain_column(column) for column in table.columns]
    if not columns:
        return [{} for _ in range(table.num_rows)]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def distinct_names(names: list[str]) -> list[str]:
    """Column names, each once: `a, a` become `a, a_2`."""
    taken: set[str] = set()
    found = []
    for name in names:
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique)
        found.append(unique)
    return found


def _plain_column(column: pa.ChunkedArray) -> list[Any]:
    kind = column.type
    # Instants are shown in UTC, to the microsecond; Python would look for the zone's rules, and for a library
    # that knows billionths of a second, in files that may not be there.
    values = pyarrow.compute.cast(column, _plain_times(kind), safe=False).to_pylist()
    if pa.types.is_decimal(kind) and kind.scale == 0:
        values = [None if value is None else int(value) for value in values]
    return [_plain(value) for value in values]


def _plain_times(kind: pa.DataType) -> pa.DataType:
    """The type with plain times for its instants, however deep in lists, structs and maps these are."""
    types = pa.types
    if types.is_timestamp(kind):
        return pa.timestamp("us" if kind.unit == "ns" else kind.unit)
    if types.is_time64(kind):
        return pa.time64("us")
    if types.is_map(kind):
        return pa.map_(_plain_times(kind.key_type), _plain_times(kind.item_type))
    if types.is_list(kind) or types.is_fixed_size_list(kind):
        member = kind.value_field.with_type(_plain_times(kind.value_type))
        return pa.list_(member, kind.list_size if types.is_fixed_size_list(kind) else -1)
    if types.is_struct(kind):
        return pa.struct([field.with_type(_plain_times(field.type)) for field in kind.fields])
    return kind


def _plain(value: Any) -> Any:
    if isinstance(value, int) and abs(value) > INTEGER_MAX:
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value


def _csv(table: pa.Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_safe(name) for name in distinct_names(table.column_names)])
    columns = [
        column.to_pylist() if pa.types.is_decimal(column.type) else _plain_column(column)
        for column in table.columns
    ]
    for row in zip(*columns, strict=True):
        writer.writerow([_cell(value) for value in row])
    return UTF8_MARK + out.getvalue().encode("utf-8", errors="replace")


def _cell(value: Any) -> Any:
    match value:
        case None | bool() | float():
            return value
        case int() | Decimal():
            digits = sum(character.isdigit() for character in str(value))
            return value if digits <= SPREADSHEET_DIGITS_MAX else f"'{value}"
        case str():
            return _safe(value)
    text = _json.encode(value).decode().strip('"')
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def _safe(text: str) -> str:
    taken = text.startswith(FORMULA_STARTS) or NUMBER_LIKE.fullmatch(text) or DAY_LIKE.fullmatch(text)
    return "'" + text if taken else text


def _with(table: pa.Table, provenance: Mapping[str, str]) -> pa.Table:
    renamed = table.rename_columns(distinct_names(table.column_names))
    return renamed.replace_schema_metadata({f"chipledger.{key}": value for key, value in provenance.items()})


def _arrow(table: pa.Table, provenance: Mapping[str, str]) -> bytes:
    sink = pa.BufferOutputStream()
    described = _with(table, provenance)
    with pyarrow.ipc.new_stream(sink, described.schema) as writer:
        writer.write_table(described)
    return bytes(sink.getvalue())


def _parquet(table: pa.Table, provenance: Mapping[str, str]) -> bytes:
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(_with(table, provenance), sink, compression="zstd")
    return bytes(sink.getvalue())
