"""What could be drawn, and in which stratum does each lie?

The frame is the log's, never anybody's list: chips of the provers' book, or the positions of their floors.
"""

from collections.abc import Sequence

from ledger.book.records.inspections import Stratum
from ledger.book.registry import FLOOR_PART, HELD_PART, MISSING_PART, FrameChip, FrameKey
from ledger.book.rows import Inspection
from ledger.inspection.draw import frame_root, tree_root

BOOK_TO_FLOOR, FLOOR_TO_BOOK = "book_to_floor", "floor_to_book"
DIRECTIONS = (BOOK_TO_FLOOR, FLOOR_TO_BOOK)


def frame_key(inspection: Inspection) -> FrameKey:
    """Whose chips or positions, in the book just before which entry."""
    part = FLOOR_PART if inspection.direction == FLOOR_TO_BOOK else HELD_PART
    return FrameKey(tuple(inspection.provers.split()), inspection.born, part)


def missing_key(inspection: Inspection) -> FrameKey:
    """The chips that were missing on the provers' account just then: no frame holds them."""
    return FrameKey(tuple(inspection.provers.split()), inspection.born, MISSING_PART)


def stratum_of(chip: FrameChip, strata: Sequence[Stratum]) -> str:
    """The first stratum whose every given field the chip has."""
    for stratum in strata:
        wanted = ((stratum.site, chip.site), (stratum.model, chip.model), (stratum.chip_class, chip.cls))
        if all(want is None or want == has for want, has in wanted):
            return stratum.name
    raise AssertionError("the last stratum takes the rest")


def strata_frame(frame: Sequence[FrameChip], strata: Sequence[Stratum]) -> list[tuple[str, str]]:
    """The frame as (chip, stratum), by chip."""
    if len(strata) == 1:
        return [(chip.chip, strata[0].name) for chip in frame]
    return [(chip.chip, stratum_of(chip, strata)) for chip in frame]


def root_of_frame(frame: Sequence[tuple[str, str]], direction: str) -> str:
    """The hex root over its lines: `{chip, stratum}`, or `{position, stratum}` where floors are drawn."""
    if direction == BOOK_TO_FLOOR:
        return frame_root(frame).hex()
    # Names of positions and strata stand for themselves inside a JSON text.
    lines = (f'{{"position":"{place}","stratum":"{stratum}"}}'.encode() for place, stratum in frame)
    return tree_root(lines).hex()
