"""Which columns does a sheet of findings have, and how is an empty one written?

One header for the printed sheet's CSV, the phone page's download and what `inspect record` reads; it is kept
stable, and new columns come at the end. Promises: no cell of ours begins with a sign that a spreadsheet takes
for a formula.

column           what it holds
inspection       the inspection's whole name
site             where the chip was looked at; empty on the sheet of what is on its way, to be filled in
team, k, n       whose line it is: line k of n
reference        which drawn chip or position; empty for one that is `unlisted`
place            where the book has it
serial_masked    the end of the serial, to find it
result           a result, or what stands beside its box on paper; empty where nobody was
seen_serial      what was read off the chip, never copied
found_at         when, as 2026-11-21T06:44:00Z
photos           names of photographs, `|` between
photo_sha256     their hex SHA-256, in the same order
device_evidence  the file of what the chip answered
note             in words
signed_by_1, signed_by_2   who signs off the site: in one line of it at least
"""

import csv
import io
from collections.abc import Mapping, Sequence

from api.cli.field.masking import masked
from api.cli.field.visits import NOWHERE, TRANSIT, Sheet, Visit

COLUMNS = (
    "inspection",
    "site",
    "team",
    "k",
    "n",
    "reference",
    "place",
    "serial_masked",
    "result",
    "seen_serial",
    "found_at",
    "photos",
    "photo_sha256",
    "device_evidence",
    "note",
    "signed_by_1",
    "signed_by_2",
)
BETWEEN = "|"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
TEXT_SIGN = "'"
"""Before a cell that would otherwise be a formula; readers take it off again."""


def mask_of(visit: Visit) -> str:
    """What the sheet shows of the chip; nothing for a position, where any chip may stand."""
    return "" if visit.is_position else masked(visit.item)


def site_of(sheet: Sheet) -> str:
    """The site as the form has it: none yet for what is at none."""
    return "" if sheet.group in (TRANSIT, NOWHERE) else sheet.group


def plain_cell(text: str) -> str:
    """The text, safe to open in a spreadsheet."""
    return TEXT_SIGN + text if text.startswith(FORMULA_SIGNS) else text


def bare_cell(text: str) -> str:
    """The text that `plain_cell` was given."""
    guarded = text.startswith(TEXT_SIGN) and text[1:].startswith(FORMULA_SIGNS)
    return text[1:] if guarded else text


def blank_rows(sheet: Sheet) -> list[dict[str, str]]:
    """A row a line, with what is known before anybody has looked."""
    return [
        {
            "inspection": sheet.inspection,
            "site": site_of(sheet),
            "team": f"{sheet.team}",
            "k": f"{k}",
            "n": f"{len(sheet.visits)}",
            "reference": visit.reference,
            "place": visit.place,
            "serial_masked": mask_of(visit),
        }
        for k, visit in enumerate(sheet.visits, start=1)
    ]


def written(rows: Sequence[Mapping[str, str]]) -> str:
    """The CSV of these rows: commas, CRLF, quotes where needed; begins with the mark that Excel looks for."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: plain_cell(cell) for name, cell in row.items()} for row in rows)
    return "\ufeff" + file.getvalue()
