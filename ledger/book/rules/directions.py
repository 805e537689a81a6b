"""Which way does an inspection go, and so which frame is drawn from?

From the book to the floor, chips of the provers' book are drawn; from the floor to the book, positions of
their floors. Names frames; makes and reads none.
"""

from ledger.book.registry import FLOOR_PART, HELD_PART, MISSING_PART, FrameKey
from ledger.book.rows import Inspection

BOOK_TO_FLOOR, FLOOR_TO_BOOK = "book_to_floor", "floor_to_book"
DIRECTIONS = (BOOK_TO_FLOOR, FLOOR_TO_BOOK)
PARTS = {BOOK_TO_FLOOR: HELD_PART, FLOOR_TO_BOOK: FLOOR_PART}


def frame_key(inspection: Inspection) -> FrameKey:
    """Whose chips or positions, in the book just before which entry."""
    return FrameKey(tuple(inspection.provers.split()), inspection.born, PARTS[inspection.direction])


def missing_key(inspection: Inspection) -> FrameKey:
    """The chips that were missing on the provers' account just then: no frame holds them."""
    return FrameKey(tuple(inspection.provers.split()), inspection.born, MISSING_PART)
