"""Which of these chips, or of these sites' positions, make up a frame?

One definition for a fold, a store and an auditor. What is handed in is the book as it stood at the frame's
index. A site counts at most `SITE_POSITIONS_MAX` positions: whoever claims more must not make a frame that
nobody can draw from.
"""

from collections.abc import Iterable

from ledger.book.registry import FLOOR_PART, HELD_PART, MISSING_PART, FrameChip, FrameKey
from ledger.book.rows import AT_HAND, MISSING, Chip, Site

SITE_POSITIONS_MAX = 1_000_000


def belongs(chip: Chip, provers: frozenset[str], part: str) -> bool:
    """Whether a chip is in that part of what the provers answer for."""
    if part == HELD_PART:
        return chip.custodian in provers and chip.status in AT_HAND
    assert part == MISSING_PART
    return chip.status == MISSING and chip.liable in provers


def chips_in(chips: Iterable[Chip], key: FrameKey) -> tuple[FrameChip, ...]:
    """Of the chips of a book those in the frame, by id."""
    provers = frozenset(key.provers)
    found = [chip for chip in chips if belongs(chip, provers, key.part)]
    found.sort(key=lambda chip: chip.chip)
    return tuple(FrameChip(chip.chip, chip.site, chip.model, chip.cls) for chip in found)


def positions_in(sites: Iterable[Site], key: FrameKey) -> tuple[FrameChip, ...]:
    """Of the sites of a book every position of the provers' own, by name; it has no model and no class."""
    assert key.part == FLOOR_PART
    own = [(site.site, site.positions or 0) for site in sites if site.operator in key.provers]
    found = [
        FrameChip(f"{site}#{number}", site, None, "")
        for site, count in own
        for number in range(1, min(count, SITE_POSITIONS_MAX) + 1)
    ]
    found.sort(key=lambda position: position.chip)
    return tuple(found)
