"""Whose chips could be drawn, and in which stratum does each lie?

The frame is the log's, never anybody's list.
"""

from collections.abc import Sequence

from ledger.book.records.inspections import Stratum
from ledger.book.registry import FrameChip, FrameKey
from ledger.book.rows import Inspection


def frame_key(inspection: Inspection) -> FrameKey:
    """Whose chips, in the book just before which entry."""
    return FrameKey(tuple(inspection.provers.split()), inspection.born)


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
