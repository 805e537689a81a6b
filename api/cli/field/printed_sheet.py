"""How does a sheet look on paper?

A4, a block a line in walking order: which line of how many, where it stands, the end of its serial, boxes
for the result, room for the serial that was read, what to photograph, and a QR code that finds the line again
on the phone. The first page says how to look, the last is signed by two. Promises: the same sheet and time
give the same bytes, and no serial is in them.
"""

from datetime import datetime
from pathlib import Path

from fpdf import FPDF

from api.cli.field.form import mask_of
from api.cli.field.lettering import Lettering, shortened
from api.cli.field.squares import draw_code, payload_of
from api.cli.field.visits import NONCE_DIGITS_SHOWN, NOWHERE, TRANSIT, Sheet, Visit

MARGIN_MM = 14.0
PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
WIDTH_MM = PAGE_WIDTH_MM - 2 * MARGIN_MM
BLOCK_MM = 37.0
SIGNATURES_MM = 78.0
FOOT_MM = 16.0
CODE_MM = 27.0
BOX_MM = 4.2
NUMBER_MM = 22.0
UNLISTED_LINES = 3
GREY, BLACK = 110, 0

HOW_TO = (
    "1  Go in the order of the lines. The end of the serial only helps to find the place.",
    "2  Read the serial off the chip itself and write it down as it stands there. Never copy it from a list.",
    "3  Tick one box. What you could not see is not confirmed: tick 'cannot tell', and say why.",
    "4  Photograph the label so that the serial can be read, and the place with the rack's label in view.",
    "5  A chip that can answer for itself is asked with its line's nonce; the JSON file has it in full.",
    "6  Whatever stands here and is on no list goes on the last page. Two of you sign the site.",
)
HOW_TO_FLOOR = (
    "1  Go to each position and say what stands there. Nothing is known of it beforehand: that is the point.",
    "2  Read maker and serial off the chip itself and write them down as they stand there.",
    *HOW_TO[2:4],
    "5  An empty position is a result too: tick 'nothing stands here'.",
    "6  Two of you sign the site.",
)


class _Paper(FPDF):
    """A4 with a foot that says which page of how many of what."""

    def __init__(self, sheet: Sheet, font: Path | None, made_at: datetime, *, compress: bool) -> None:
        super().__init__(format="A4")
        self.set_compression(compress)
        self.set_creation_date(made_at)
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(False)
        self.letters = Lettering(self, font)
        self.set_title(f"{sheet.inspection}, {sheet.group}, team {sheet.team} of {sheet.teams}")
        self._foot = self.letters.fit(
            f"{sheet.inspection}  |  {sheet.group}  |  team {sheet.team} of {sheet.teams}"
        )

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        self.set_y(-FOOT_MM + 4)
        self.letters.size(8)
        self.set_text_color(GREY)
        self.cell(WIDTH_MM * 0.75, 5, shortened(self, self._foot, WIDTH_MM * 0.72))
        self.cell(0, 5, f"page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(BLACK)


def print_sheet(sheet: Sheet, made_at: datetime, font: Path | None = None, *, compress: bool = True) -> bytes:
    """The PDF's bytes. `made_at` is when it says that it was made; `font` a font file with other letters."""
    paper = _Paper(sheet, font, made_at, compress=compress)
    paper.add_page()
    _head(paper, sheet, made_at)
    for k, visit in enumerate(sheet.visits, start=1):
        if paper.get_y() + BLOCK_MM > PAGE_HEIGHT_MM - FOOT_MM:
            paper.add_page()
        _block(paper, sheet, k, visit)
    if paper.get_y() + SIGNATURES_MM > PAGE_HEIGHT_MM - FOOT_MM:
        paper.add_page()
    _signatures(paper, sheet)
    return bytes(paper.output())


def _head(paper: _Paper, sheet: Sheet, made_at: datetime) -> None:
    letters = paper.letters
    letters.size(17, bold=True)
    paper.cell(0, 8, shortened(paper, letters.fit(sheet.inspection), WIDTH_MM), new_x="LMARGIN", new_y="NEXT")
    letters.size(13, bold=True)
    paper.cell(
        0, 7, shortened(paper, letters.fit(place_title(sheet)), WIDTH_MM), new_x="LMARGIN", new_y="NEXT"
    )
    letters.size(10)
    told = f"Team {sheet.team} of {sheet.teams}.  {len(sheet.visits)} to visit, all before {sheet.found_by}."
    paper.cell(0, 5.5, letters.fit(told), new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(GREY)
    letters.size(8)
    paper.cell(0, 5, f"As the book stood on {made_at:%Y-%m-%d %H:%M} UTC.", new_x="LMARGIN", new_y="NEXT")
    if letters.replaced:
        said = f"{letters.replaced} characters that this font lacks are shown as ?. --font prints them."
        paper.cell(0, 5, said, new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(BLACK)
    paper.ln(1)
    top = paper.get_y()
    rows = HOW_TO_FLOOR if sheet.is_floor else HOW_TO
    letters.size(9)
    paper.rect(MARGIN_MM, top, WIDTH_MM, 4.8 * len(rows) + 3)
    paper.set_y(top + 1.5)
    for row in rows:
        paper.set_x(MARGIN_MM + 2)
        paper.cell(0, 4.8, shortened(paper, row, WIDTH_MM - 4), new_x="LMARGIN", new_y="NEXT")
    paper.set_y(top + 4.8 * len(rows) + 6)


def place_title(sheet: Sheet) -> str:
    """Where the sheet leads, in words."""
    if sheet.group == TRANSIT:
        return "On their way: to be shown by whoever has them by then"
    if sheet.group == NOWHERE:
        return "At no site in the book: ask who holds them"
    return f"{sheet.group}   {sheet.title}".rstrip()


def _block(paper: _Paper, sheet: Sheet, k: int, visit: Visit) -> None:
    top, left = paper.get_y(), MARGIN_MM
    letters = paper.letters
    paper.set_draw_color(GREY)
    paper.rect(left, top, WIDTH_MM, BLOCK_MM - 1.5)
    paper.set_draw_color(BLACK)
    letters.size(20, bold=True)
    paper.set_xy(left + 2, top + 2)
    paper.cell(NUMBER_MM, 9, f"{k}")
    letters.size(9)
    paper.set_xy(left + 2, top + 11)
    paper.cell(NUMBER_MM, 5, f"of {len(sheet.visits)}")
    middle, width = left + NUMBER_MM, WIDTH_MM - NUMBER_MM - CODE_MM - 4
    _place(paper, visit, middle, top, width)
    _boxes(paper, visit, middle, top + 14, width)
    _fields(paper, visit, middle, top + 25.5, width)
    code_left = left + WIDTH_MM - CODE_MM - 1
    draw_code(paper, payload_of(sheet.inspection, visit), code_left, top + 0.5, CODE_MM)
    letters.size(6.5)
    paper.set_text_color(GREY)
    paper.set_xy(code_left, top + CODE_MM)
    paper.cell(CODE_MM, 3, visit.reference, align="C")
    paper.set_xy(code_left, top + CODE_MM + 3)
    paper.cell(CODE_MM, 3, shortened(paper, f"draw {visit.token}", CODE_MM), align="C")
    paper.set_text_color(BLACK)
    paper.set_y(top + BLOCK_MM)


def _place(paper: _Paper, visit: Visit, x: float, y: float, width: float) -> None:
    letters = paper.letters
    letters.size(12, bold=True)
    paper.set_xy(x, y + 1.5)
    where = visit.place or (f"shipment {visit.shipment}" if visit.shipment else "no place in the book")
    paper.cell(width * 0.6, 6, shortened(paper, letters.fit(where), width * 0.58))
    letters.size(11)
    paper.cell(width * 0.4, 6, shortened(paper, mask_of(visit), width * 0.4), align="R")
    letters.size(8.5, bold=bool(visit.remark))
    paper.set_xy(x, y + 7.5)
    said = visit.remark or (f"held by {visit.custodian}" if visit.custodian else "")
    paper.cell(width, 5, shortened(paper, letters.fit(said), width))


def _boxes(paper: _Paper, visit: Visit, x: float, y: float, width: float) -> None:
    """A box for each result, in two rows of three."""
    paper.letters.size(9)
    step = width / 3
    for place, words in enumerate(visit.words.values()):
        row, column = divmod(place, 3)
        left, top = x + column * step, y + row * 5.6
        paper.rect(left, top + 0.4, BOX_MM, BOX_MM)
        paper.set_xy(left + BOX_MM + 1, top)
        paper.cell(step - BOX_MM - 1, 5, words)


def _fields(paper: _Paper, visit: Visit, x: float, y: float, width: float) -> None:
    """Lines to write on, the photographs to take, the nonce in short."""
    paper.letters.size(8)
    paper.set_xy(x, y)
    read = "maker and serial:" if visit.is_position else "serial as read:"
    paper.cell(width * 0.62, 5, read)
    paper.line(x + 24, y + 4.4, x + width * 0.62, y + 4.4)
    paper.cell(width * 0.38, 5, "at (UTC):")
    paper.line(x + width * 0.62 + 14, y + 4.4, x + width, y + 4.4)
    paper.set_xy(x, y + 5)
    paper.cell(width, 4.6, "photo:")
    for place, what in enumerate(("label", "place")):
        left = x + 12 + place * 17
        paper.rect(left, y + 5.8, 3, 3)
        paper.set_xy(left + 3.6, y + 5)
        paper.cell(12, 4.6, what)
    if visit.site is None:
        paper.set_xy(x + 46, y + 5)
        paper.cell(width - 46, 4.6, "seen at site:")
        paper.line(x + 64, y + 9.4, x + width, y + 9.4)
    elif not visit.is_position:
        paper.set_text_color(GREY)
        paper.set_xy(x + 50, y + 5)
        paper.cell(width - 50, 4.6, f"nonce {visit.ticket[:NONCE_DIGITS_SHOWN]}...", align="R")
        paper.set_text_color(BLACK)


def _signatures(paper: _Paper, sheet: Sheet) -> None:
    letters = paper.letters
    paper.ln(3)
    if not sheet.is_floor:  # on a floor whatever stands there stands at a position
        _off_list(paper)
    letters.size(11, bold=True)
    said = f"Visited: ________ of {len(sheet.visits)}"
    paper.cell(0, 6, said, new_x="LMARGIN", new_y="NEXT")
    letters.size(9)
    for number in (1, 2):
        paper.ln(9)
        y = paper.get_y()
        paper.line(MARGIN_MM, y, MARGIN_MM + 70, y)
        paper.line(MARGIN_MM + 76, y, MARGIN_MM + 136, y)
        paper.line(MARGIN_MM + 142, y, MARGIN_MM + WIDTH_MM, y)
        for left, words in ((0, f"{number}. name in letters"), (76, "signature"), (142, "day and time, UTC")):
            paper.set_xy(MARGIN_MM + left, y + 0.5)
            paper.cell(60, 4.5, words)
        paper.set_y(y + 5)


def _off_list(paper: _Paper) -> None:
    paper.letters.size(11, bold=True)
    asked = "On no list, and standing here (maker and serial as read, place)"
    paper.cell(0, 6, asked, new_x="LMARGIN", new_y="NEXT")
    for _ in range(UNLISTED_LINES):
        paper.ln(6)
        paper.line(MARGIN_MM, paper.get_y(), MARGIN_MM + WIDTH_MM, paper.get_y())
    paper.ln(4)
