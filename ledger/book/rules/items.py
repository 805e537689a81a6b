"""Do the lines of a draw or of findings name chips, or positions, and all of them the same?

Which of the two an inspection is about its direction says, and that only the book knows.
"""

from collections.abc import Sequence

from ledger.book.identifiers import is_position
from ledger.book.records.form import PlacedLine
from ledger.book.rejection import Rejection
from ledger.book.rules.directions import FLOOR_TO_BOOK
from ledger.book.rules.rule import bad_field


def check_items(lines: Sequence[PlacedLine]) -> Rejection | None:
    """`bad_field` for a line about nothing, a position that is none, or lines of both sorts."""
    on_floors = bool(lines) and bool(lines[0].position)
    for number, line in enumerate(lines, start=1):
        if bool(line.position) is not on_floors or not (line.position or line.chip):
            return bad_field(f"manifest line {number}: lines are about chips, or all about positions")
        if on_floors and not is_position(line.position):
            return bad_field(f"manifest line {number}: position is no <site>#<number>")
    return None


def fits_direction(lines: Sequence[PlacedLine], direction: str) -> bool:
    """Whether lines that `check_items` let pass are about what such an inspection draws."""
    return not lines or bool(lines[0].position) is (direction == FLOOR_TO_BOOK)


def items_of(lines: Sequence[PlacedLine]) -> list[str]:
    """What each line is about."""
    return [line.position or line.chip for line in lines]
