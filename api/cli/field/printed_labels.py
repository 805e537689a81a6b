"""How do labels to stick beside a chip look?

A4 with three columns of eight labels of 63.5 by 33.9 mm, the commonest sheet: code, "k of n", site and
reference, so that a photograph shows which line it belongs to. No serial is on them.
"""

from datetime import datetime
from pathlib import Path

from fpdf import FPDF

from api.cli.field.lettering import Lettering, shortened
from api.cli.field.squares import draw_code, payload_of
from api.cli.field.visits import Sheet

COLUMNS, ROWS = 3, 8
LABEL_WIDTH_MM, LABEL_HEIGHT_MM = 63.5, 33.9
LEFT_MM, TOP_MM, GAP_MM = 7.25, 12.9, 2.5
CODE_MM = 29.0
PADDING_MM = 2.5


def print_labels(
    sheet: Sheet, made_at: datetime, font: Path | None = None, *, compress: bool = True
) -> bytes:
    """The PDF's bytes: a label a line, in walking order."""
    paper = FPDF(format="A4")
    paper.set_compression(compress)
    paper.set_creation_date(made_at)
    paper.set_auto_page_break(False)
    paper.set_title(f"labels: {sheet.inspection}, {sheet.group}, team {sheet.team} of {sheet.teams}")
    letters = Lettering(paper, font)
    for place, visit in enumerate(sheet.visits):
        on_page = place % (COLUMNS * ROWS)
        if on_page == 0:
            paper.add_page()
        row, column = divmod(on_page, COLUMNS)
        x = LEFT_MM + column * (LABEL_WIDTH_MM + GAP_MM)
        y = TOP_MM + row * LABEL_HEIGHT_MM
        draw_code(paper, payload_of(sheet.inspection, visit), x + 1, y + PADDING_MM, CODE_MM)
        left, width = x + CODE_MM + PADDING_MM, LABEL_WIDTH_MM - CODE_MM - 2 * PADDING_MM
        letters.size(13, bold=True)
        paper.set_xy(left, y + 4)
        paper.cell(width, 6, f"{place + 1} of {len(sheet.visits)}")
        letters.size(7)
        lines = (sheet.inspection, sheet.group, visit.place, f"team {sheet.team}", visit.reference)
        for number, text in enumerate(lines):
            paper.set_xy(left, y + 11 + number * 3.6)
            paper.cell(width, 3.6, shortened(paper, letters.fit(text), width))
    return bytes(paper.output())
