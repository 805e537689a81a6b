"""What did the inspectors bring back, row by row?

Reads the CSV of a sheet, filled in by hand, by a spreadsheet or by the phone page: comma, semicolon or tab.
Strict: every row that cannot be understood is named by the number the spreadsheet shows, and nothing is
guessed. Knows which words there are, not what was drawn: comparing is `comparing`'s.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.cli.field.form import BETWEEN, COLUMNS, FORMULA_SIGNS, bare_cell
from api.cli.field.visits import RESULT_OF_WORDS, RETURN_WORDS
from api.cli.paperwork.columns import read_time
from api.cli.paperwork.sheets import Row, RowFault, read_text_sheet
from ledger.book.identifiers import is_named, is_sha256
from ledger.book.rules.tallies import UNLISTED
from signing.canonical import TooLarge, Unreadable

RETURN_BYTES_MAX = 16 * 1024 * 1024
CELL_CHARACTERS_MAX = 2_000
SEEN_CHARACTERS_MAX = 80
PHOTOS_OF_A_LINE_MAX = 20
COLUMNS_NEEDED = (
    "reference",
    "site",
    "result",
    "seen_serial",
    "found_at",
    "signed_by_1",
    "signed_by_2",
)
RESULTS_TOLD = f"one of {', '.join(sorted(RETURN_WORDS))}, or what stands beside the box"
CSV_SUFFIXES = (".csv", ".txt", ".tsv")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph as a row refers to it: a name, a hex SHA-256, or both."""

    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Returned:
    """A row in which somebody found something; `reference` is empty for what was on no list."""

    number: int
    reference: str
    site: str
    result: str
    seen: str
    found_at: str
    photos: tuple[Photo, ...]
    evidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Returns:
    """All findings of a file, who signed off each site, and how many rows say nothing."""

    rows: tuple[Returned, ...]
    signed: Mapping[str, tuple[str, str]]
    blank: int


def read_returns(path: Path, inspection: str, found_at: str | None = None) -> tuple[Returns, list[RowFault]]:
    """What the file says, and every row that is wrong; `found_at` stands for rows that tell no time.

    `Unreadable` and `TooLarge` for a file that is no sheet at all.
    """
    if path.stat().st_size > RETURN_BYTES_MAX:
        raise TooLarge(str(path), f"over {RETURN_BYTES_MAX:,} bytes: no sheet of findings is that long")
    if path.suffix.lower() not in CSV_SUFFIXES:
        raise Unreadable(str(path), f"no CSV by its name: one of {', '.join(CSV_SUFFIXES)}")
    sheet = read_text_sheet(path)
    faults = [*_header_faults(sheet.columns), *sheet.faults]
    if any(fault.number == 1 for fault in faults):
        return Returns((), {}, 0), faults
    rows, blank = [], 0
    for row in sheet.rows:
        try:
            cells = _cells(row)
            _same_inspection(cells, inspection)
            if _says_nothing(cells):
                blank += 1
            else:
                rows.append(_returned(row.number, cells, found_at))
        except Unreadable as fault:
            faults.append(RowFault(row.number, f"{fault.field}: {fault.detail}"))
    faults += _doubled(rows)
    signed, unsigned = _signatures(sheet.rows, rows)
    return Returns(tuple(rows), signed, blank), sorted([*faults, *unsigned])


def _header_faults(columns: Sequence[str]) -> list[RowFault]:
    strange = [name for name in columns if name not in COLUMNS]
    missing = [name for name in COLUMNS_NEEDED if name not in columns]
    told = [f"the column {name[:40]!r} is none of a sheet of findings" for name in strange]
    told += [f"the column {name!r} is missing" for name in missing]
    return [RowFault(1, one) for one in told]


def _cells(row: Row) -> dict[str, str]:
    cells = {}
    for name, text in row.cells.items():
        if len(text) > CELL_CHARACTERS_MAX:
            raise Unreadable(name, f"over {CELL_CHARACTERS_MAX:,} characters")
        bare = bare_cell(text)
        if bare == text and text.startswith(FORMULA_SIGNS):
            raise Unreadable(name, f"begins with {text[0]!r}: a formula, no text. Put ' before it")
        if any(unicodedata.category(letter) == "Cc" for letter in bare.replace("\n", " ").replace("\r", " ")):
            raise Unreadable(name, "holds control characters")
        cells[name] = bare.strip()
    return cells


def _same_inspection(cells: Mapping[str, str], inspection: str) -> None:
    told = cells.get("inspection")
    if told is not None and told != inspection:
        raise Unreadable("inspection", f"this row is of {told[:80]!r}, not of {inspection}")


def _says_nothing(cells: Mapping[str, str]) -> bool:
    said = ("result", "seen_serial", "found_at", "photos", "photo_sha256", "device_evidence", "note")
    return not any(cells.get(name) for name in said)


def _returned(number: int, cells: Mapping[str, str], found_at: str | None) -> Returned:
    result = cells.get("result", "")
    result = RESULT_OF_WORDS.get(result, result)
    if not result:
        raise Unreadable("result", "there is none, and the row says something")
    if result not in RETURN_WORDS:
        raise Unreadable("result", f"{result[:40]!r} is none: {RESULTS_TOLD}")
    reference, site = cells.get("reference", "").lower(), cells.get("site", "")
    if not reference and result != UNLISTED:
        raise Unreadable("reference", f"there is none, and only {UNLISTED} needs none")
    if not is_named(site):
        raise Unreadable("site", f"{site[:80]!r} is no <party>/<name>" if site else "where was it seen?")
    time = cells.get("found_at") or found_at
    if not time:
        raise Unreadable("found_at", "there is no time: write it, or say --found-at for all that have none")
    seen = cells.get("seen_serial", "")
    if len(seen) > SEEN_CHARACTERS_MAX:
        raise Unreadable("seen_serial", f"over {SEEN_CHARACTERS_MAX} characters")
    return Returned(
        number,
        reference,
        site,
        result,
        seen,
        _moment(time),
        _photos(cells),
        cells.get("device_evidence", ""),
        cells.get("note", ""),
    )


def _moment(text: str) -> str:
    try:
        return read_time(text)
    except Unreadable as fault:
        raise Unreadable("found_at", f"{text[:40]!r}: {fault.detail}") from None


def _photos(cells: Mapping[str, str]) -> tuple[Photo, ...]:
    names = _listed(cells.get("photos", ""))
    hashes = [one.lower() for one in _listed(cells.get("photo_sha256", ""))]
    if hashes and names and len(hashes) != len(names):
        raise Unreadable("photo_sha256", f"{len(hashes)} hashes of {len(names)} photos")
    if max(len(names), len(hashes)) > PHOTOS_OF_A_LINE_MAX:
        raise Unreadable("photos", f"over {PHOTOS_OF_A_LINE_MAX} of one line")
    wrong = next((one for one in hashes if not is_sha256(one)), None)
    if wrong is not None:
        raise Unreadable("photo_sha256", f"{wrong[:40]!r} is no 64 hexadecimal digits")
    if not names:
        return tuple(Photo("", one) for one in hashes)
    return tuple(Photo(name, hashes[place] if hashes else None) for place, name in enumerate(names))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(BETWEEN) if part.strip()]


def _doubled(rows: Iterable[Returned]) -> list[RowFault]:
    first: dict[tuple[str, str], int] = {}
    faults = []
    for row in rows:
        key = (row.reference, "" if row.reference else row.seen)
        before = first.setdefault(key, row.number)
        if before != row.number:
            faults.append(RowFault(row.number, f"reference: row {before} is about the same line"))
    return faults


def _signatures(
    sheet_rows: Iterable[Row], rows: Sequence[Returned]
) -> tuple[dict[str, tuple[str, str]], list[RowFault]]:
    """Two names for each site with findings, told in one of its rows at least and the same in all."""
    told: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in sheet_rows:
        names = (str(row.cells.get("signed_by_1", "")), str(row.cells.get("signed_by_2", "")))
        if any(names):
            told[str(row.cells.get("site", ""))].setdefault(names, row.number)
    signed, faults = {}, []
    for site in sorted({row.site for row in rows}):
        first = min(row.number for row in rows if row.site == site)
        fault = _signature_fault(told[site])
        if fault is not None:
            faults.append(RowFault(max(told[site].values(), default=first), f"{fault} (site {site})"))
        else:
            signed[site] = next(iter(told[site]))
    return signed, faults


def _signature_fault(names: Mapping[tuple[str, str], int]) -> str | None:
    if not names:
        return "signed_by_1: nobody has signed this site off: two names are needed"
    if len(names) > 1:
        return (
            "signed_by_1: other names than in another row: two people sign a site off, in every row the same"
        )
    one, other = next(iter(names))
    if not one or not other:
        return "signed_by_2: two names are needed"
    return "signed_by_2: one person cannot sign twice" if one.casefold() == other.casefold() else None
