"""What does a line's QR code hold, and how is it drawn?

Inspection, draw (stage, stratum, rank) and the short hash of the chip: no serial. Whoever scans it finds the
line again on the phone page. Promises the smallest code of its error level that holds the text.
"""

from collections.abc import Sequence

import segno
from fpdf import FPDF

from api.cli.field.visits import Visit

PAYLOAD_MARK = "CHIPLEDGER1"
ERROR_LEVEL = "m"  # 15 % of it may be scratched
QUIET_MODULES = 4


def payload_of(inspection: str, visit: Visit) -> str:
    """The text of a line's code: mark, inspection, draw, reference, spaces between."""
    return f"{PAYLOAD_MARK} {inspection} {visit.token} {visit.reference}"


def modules_of(payload: str) -> list[list[bool]]:
    """The code's modules, dark ones true, without the quiet zone."""
    code = segno.make_qr(payload, error=ERROR_LEVEL)
    return [[bool(module) for module in row] for row in code.matrix]


def runs_of(modules: Sequence[Sequence[bool]]) -> list[tuple[int, int, int]]:
    """Dark modules as runs: row, first column, how many."""
    runs = []
    for row, line in enumerate(modules):
        column = 0
        while column < len(line):
            stop = column
            while stop < len(line) and line[stop]:
                stop += 1
            if stop > column:
                runs.append((row, column, stop - column))
            column = max(stop, column + 1)
    return runs


def draw_code(page: FPDF, payload: str, x_mm: float, y_mm: float, side_mm: float) -> None:
    """Draw the code with its quiet zone into a square of that side."""
    modules = modules_of(payload)
    step = side_mm / (len(modules) + 2 * QUIET_MODULES)
    page.set_fill_color(0, 0, 0)
    for row, column, length in runs_of(modules):
        left, top = x_mm + (column + QUIET_MODULES) * step, y_mm + (row + QUIET_MODULES) * step
        page.rect(left, top, length * step, step, style="F")
