"""What does a scanner's list say against what was to come?

A list is a file with columns, or just codes, one a line: chip ids, or serials, which the shipment's own lines
make whole. Promises: a code that cannot be understood is named by its row; one scanned twice counts once and
is told; what is too much stays in, for an arrival is an observation. Knows no network and no key.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.paperwork.columns import columns_of, other_spellings
from api.cli.paperwork.drafts import Line, draft_lines
from api.cli.paperwork.files import read_sheet
from api.cli.paperwork.sheets import JSON_SUFFIXES, UTF8_MARK, Row, RowFault, Sheet
from api.cli.paperwork.signing_desk import line_key
from ledger.book.identifiers import is_chip
from ledger.book.kinds import FORMS
from ledger.book.records.arrivals import ABSENT, RECEIVED
from signing.canonical import Unreadable

ARRIVAL = FORMS["shipment.arrived"]
NAMING = ("serial", "maker")  # columns besides those of a line


@dataclass(frozen=True, slots=True)
class Compared:
    """The lines of an arrival, and how they stand to what was expected; chips in their order."""

    lines: tuple[Line, ...]
    came: tuple[str, ...]
    missing: tuple[str, ...]
    too_much: tuple[str, ...]
    repeated: tuple[str, ...]


def read_scan(path: Path, expected: Iterable[str]) -> tuple[list[Line], list[str], list[RowFault]]:
    """Lines in the list's order, chips scanned more than once, and every bad row."""
    sheet = _sheet_of(path)
    by_serial: dict[str, list[str]] = {}
    for chip in expected:
        by_serial.setdefault(chip.partition(":")[2], []).append(chip)
    makers = {chip.partition(":")[0] for chips in by_serial.values() for chip in chips}
    rows, faults, repeated = [], list(sheet.faults), []
    seen: dict[Any, None] = {}
    for row in sheet.rows:
        try:
            cells = {name: cell for name, cell in row.cells.items() if name not in (*NAMING, "code")}
            cells["chip"] = _chip_of(row.cells, by_serial, makers)
        except Unreadable as fault:
            faults.append(RowFault(row.number, f"{fault.field}: {fault.detail}"))
            continue
        key = tuple(sorted((name, str(cell)) for name, cell in cells.items()))
        if key in seen:
            repeated.append(cells["chip"])
            continue
        seen[key] = None
        rows.append(Row(row.number, cells))
    columns = ("chip", *(name for name in sheet.columns if name not in (*NAMING, "chip")))
    whole = Sheet(columns, tuple(rows), tuple(faults), sheet.is_text, sheet.numbers - {"chip"})
    lost = [name for name in ("serial", "chip") if name in sheet.numbers]
    if lost:
        faults = [
            RowFault(1, f"the column {lost[0]!r} holds numbers, which keep no leading zeros: make it text")
        ]
        return [], [], faults
    lines, faults = draft_lines(whole, ARRIVAL, None, {"condition": RECEIVED})
    return lines, repeated, faults


def compare(
    lines: Sequence[Line], repeated: Sequence[str], expected: Iterable[str], *, mark_absent: bool
) -> Compared:
    """What came, is missing, is too much; the missing become lines where they are to be marked `absent`."""
    awaited = set(expected)
    came = {line.fields["chip"] for line in lines if line.fields["condition"] != ABSENT}
    named = {line.fields["chip"] for line in lines}
    missing = sorted(awaited - came)
    unsaid = [chip for chip in missing if chip not in named] if mark_absent else []
    said = [*lines, *(Line(0, {"chip": chip, "condition": ABSENT}) for chip in unsaid)]
    said.sort(key=lambda line: line_key(line.fields))
    return Compared(
        tuple(said),
        tuple(sorted(came & awaited)),
        tuple(missing),
        tuple(sorted(came - awaited)),
        tuple(sorted(set(repeated))),
    )


def _sheet_of(path: Path) -> Sheet:
    """The file's rows; a text file whose first row names no column of ours is a bare list of codes."""
    if path.suffix.lower() in (*JSON_SUFFIXES, ".parquet", ".pq"):
        return read_sheet(path)
    known = {*columns_of(ARRIVAL.line), *other_spellings(ARRIVAL.line), *NAMING} if ARRIVAL.line else set()
    sheet = read_sheet(path) if _names_columns(path, known) else _bare_list(path)
    if not sheet.rows and not sheet.faults:
        raise Unreadable(str(path), "there is no code in it")
    return sheet


def _records(path: Path) -> list[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8").removeprefix(UTF8_MARK)
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as fault:
        raise Unreadable(str(path), f"not UTF-8 at byte {fault.start}: save it as CSV UTF-8") from None
    except csv.Error as fault:
        raise Unreadable(str(path), str(fault)) from None


def _names_columns(path: Path, known: set[str]) -> bool:
    first = next(iter(_records(path)), [])
    return any(part.strip() in known for cell in first for part in cell.replace(";", "\t").split("\t"))


def _bare_list(path: Path) -> Sheet:
    rows, faults = [], []
    for number, record in enumerate(_records(path), start=1):
        filled = [cell.strip() for cell in record if cell.strip()]
        if len(filled) > 1:
            faults.append(
                RowFault(number, "several cells, and no row 1 that names the columns chip or serial")
            )
        elif filled:
            rows.append(Row(number, {"code": filled[0]}))
    return Sheet(("chip",), tuple(rows), tuple(faults), is_text=True)


def _chip_of(cells: Mapping[str, Any], by_serial: Mapping[str, list[str]], makers: set[str]) -> str:
    """The chip that a row is about."""
    if cells.get("chip") is not None and cells.get("serial") is not None:
        raise Unreadable("serial", "there are both chip and serial: one says it")
    code = str(cells.get("chip") or cells.get("serial") or cells.get("code") or "")
    if not code:
        raise Unreadable("chip", "there is neither chip nor serial")
    if ":" in code or cells.get("chip") is not None:
        return code
    if cells.get("maker") is not None:
        return f"{cells['maker']}:{code}"
    known = by_serial.get(code, [])
    if len(known) > 1:
        raise Unreadable("serial", f"{code} is of {', '.join(sorted(known))}: say which maker")
    if known:
        return known[0]
    if len(makers) == 1:
        whole = f"{next(iter(makers))}:{code}"
        upper = f"{next(iter(makers))}:{code.upper()}"
        return whole if is_chip(whole) or not is_chip(upper) or code.upper() not in by_serial else upper
    raise Unreadable("serial", f"{code[:64]!r} is not in the shipment: whose is it? Say <maker>:<serial>")
