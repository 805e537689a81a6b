"""Which rows does a person's text file hold?

Reads CSV (comma, semicolon or tab; UTF-8 with or without a mark) and JSON lines. Promises: cells of a CSV
stay the text they were, so that no zero is lost; each row bears the number the spreadsheet shows, the
header being row 1. Raises `Unreadable` and `TooLarge`. Knows no kind, column or statement.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from signing.canonical import TooLarge, Unreadable, read_object

SHEET_BYTES_MAX = 256 * 1024 * 1024
ROWS_MAX = 1_000_000
CELL_CHARACTERS_MAX = 45_000
DELIMITERS = ",;\t"
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
UTF8_MARK = "\ufeff"


class Row(NamedTuple):
    """A row: the number a spreadsheet shows, and its filled cells by column (text, from JSON any value)."""

    number: int
    cells: dict[str, Any]


class RowFault(NamedTuple):
    """What is wrong with a row; number 0 for the file as a whole."""

    number: int
    detail: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows. `columns` in their order, for JSON those of any row."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[RowFault, ...]
    is_text: bool  # cells are text still to be read as values
    numbers: frozenset[str] = frozenset()  # columns whose text was a number in the file


def read_text_sheet(path: Path) -> Sheet:
    """The rows of a file; `.jsonl`, `.ndjson` and `.json` hold JSON lines, all other suffixes CSV."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Unreadable(str(path), f"not UTF-8 at byte {fault.start}: save it as CSV UTF-8") from None
    text = text.removeprefix(UTF8_MARK)
    if "\0" in text:
        raise Unreadable(str(path), "holds zero bytes: save it as CSV UTF-8")
    if not text.strip():
        raise Unreadable(str(path), "the file is empty")
    return _read_json_lines(text) if path.suffix in JSON_SUFFIXES else _read_csv(path, text)


def _read_csv(path: Path, text: str) -> Sheet:
    # Row numbers count records, as a spreadsheet does, not lines: a cell may hold a line break.
    header_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header_line.count)
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    faults: list[RowFault] = []
    columns: tuple[str, ...] = ()
    try:
        for number, record in enumerate(records, start=1):
            if number == 1:
                columns = _header(path, record)
            elif len(record) > len(columns) and any(map(str.strip, record[len(columns) :])):
                faults.append(RowFault(number, f"{len(record)} cells under {len(columns)} columns"))
            else:
                cells = {name: cell.strip() for name, cell in zip(columns, record, strict=False)}
                filled = {name: cell for name, cell in cells.items() if cell and name}
                if filled:
                    rows.append(Row(number, filled))
            if number > ROWS_MAX + 1:
                raise TooLarge(str(path), f"over {ROWS_MAX:,} rows: split it")
    except csv.Error as fault:
        raise Unreadable(str(path), f"row {len(rows) + len(faults) + 2}: {fault}") from None
    return Sheet(tuple(filter(None, columns)), tuple(rows), tuple(faults), is_text=True)


def _header(path: Path, record: list[str]) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in record)
    named = [name for name in columns if name]
    if not named:
        raise Unreadable(str(path), "row 1 names no columns")
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise Unreadable(str(path), f"row 1 names the column {twice!r} twice")
    return columns


def _read_json_lines(text: str) -> Sheet:
    rows: list[Row] = []
    faults: list[RowFault] = []
    columns: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if number > ROWS_MAX:
            raise TooLarge("file", f"over {ROWS_MAX:,} rows: split it")
        try:
            cells = read_object(line.encode(), f"row {number}")
        except Unreadable as fault:
            faults.append(RowFault(number, fault.detail))
            continue
        columns |= dict.fromkeys(cells)
        rows.append(Row(number, cells))
    return Sheet(tuple(columns), tuple(rows), tuple(faults), is_text=False)
