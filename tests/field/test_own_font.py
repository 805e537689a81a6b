"""A font of the user's own prints what the fonts of every PDF reader lack."""

import re
from datetime import UTC, datetime

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fpdf import FPDF

from api.cli.field.lettering import REPLACEMENT, Lettering
from api.cli.field.printed_sheet import print_sheet
from api.cli.field.visits import Sheet, Visit

MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)
HALL = "東京ホール"


@pytest.fixture
def font(tmp_path):
    """A font of boxes: printable ASCII, and the letters of one hall."""
    letters = [chr(code) for code in range(0x20, 0x7F)] + sorted(set(HALL))
    names = [".notdef", *(f"u{ord(letter):04X}" for letter in letters)]
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 700), (500, 700), (500, 0)):
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    made = FontBuilder(1000)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({ord(letter): name for letter, name in zip(letters, names[1:], strict=True)})
    made.setupGlyf(dict.fromkeys(names, box))
    made.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    made.setupOS2()
    made.setupPost()
    path = tmp_path / "boxes.ttf"
    made.save(path)
    return path


def test_it_prints_its_own_letters_and_replaces_the_rest(font):
    letters = Lettering(FPDF(), font)
    assert letters.fit(f"{HALL} Süd") == f"{HALL} Sud" and letters.replaced == 0
    assert letters.fit("Ж") == REPLACEMENT and letters.replaced == 1
    core = Lettering(FPDF(), None)
    assert core.fit(HALL) == REPLACEMENT * len(HALL) and core.replaced == len(HALL)


def test_a_sheet_is_printed_in_it(font):
    told = {
        "item": "acme:1",
        "is_position": False,
        "stage": 1,
        "stratum": "all",
        "rank": 1,
        "ticket": "ab" * 32,
    }
    one = Visit(**told, reference="0" * 12, result=None, site="oslo/hall")
    sheet = Sheet("watch/visit", "oslo/hall", 1, 1, "2026-12-05T00:00:00Z", (one,), HALL)
    pdf = print_sheet(sheet, MADE, font, compress=False)
    assert pdf.startswith(b"%PDF") and re.search(rb"/FontFile2", pdf)
    assert pdf == print_sheet(sheet, MADE, font, compress=False)
