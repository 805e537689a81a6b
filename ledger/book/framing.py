"""Which of these chips, or of these sites' positions, make up a frame?

One definition for a fold, a store and an auditor. What is handed in is the book as it stood at the frame's
index. A site counts at most `SITE_POSITIONS_MAX` positions: whoever claims more must not make a frame that
nobody can draw from.
"""

from collections.abc import Iterable

from ledger.book.frame import Frame, FrameMaker
from ledger.book.registry import FLOOR_PART, HELD_PART, MISSING_PART, FrameKey
from ledger.book.rows import AT_HAND, MISSING, Chip, Site

SITE_POSITIONS_MAX = 1_000_000


def belongs(chip: Chip, provers: frozenset[str], part: str) -> bool:
    """Whether a chip is in that part of what the provers answer for."""
    if part == HELD_PART:
        return chip.custodian in provers and chip.status in AT_HAND
    assert part == MISSING_PART
    return chip.status == MISSING and chip.liable in provers


def chips_in(chips: Iterable[Chip], key: FrameKey) -> Frame:
    """Of the chips of a book those in the frame."""
    provers, maker = frozenset(key.provers), FrameMaker()
    for chip in chips:
        if belongs(chip, provers, key.part):
            maker.add(chip.chip, chip.site, chip.model, chip.cls)
    return maker.done()


def positions_in(sites: Iterable[Site], key: FrameKey) -> Frame:
    """Of the sites of a book every position of the provers' own; it has no model and no class."""
    assert key.part == FLOOR_PART
    maker = FrameMaker()
    for site in sites:
        if site.operator in key.provers:
            for number in range(1, min(site.positions or 0, SITE_POSITIONS_MAX) + 1):
                maker.add(f"{site.site}#{number}", site.site, None, "")
    return maker.done()
