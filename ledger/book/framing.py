"""Which of these chips, or of these sites' positions, make up a frame?

One definition for a fold, a store and an auditor. What is handed in is the book as it stood at the frame's
index. A site counts at most `SITE_POSITIONS_MAX` positions, and all sites together at most
`FLOOR_POSITIONS_MAX`: whoever claims more must not make a frame that nobody can draw from.
"""

from collections.abc import Iterable, Sequence

from ledger.book.frame import Frame
from ledger.book.frame_columns import FrameMaker
from ledger.book.registry import FLOOR_PART, HELD_PART, MISSING_PART, FrameKey
from ledger.book.rows import AT_HAND, MISSING, Chip, Site

SITE_POSITIONS_MAX = 1_000_000
FLOOR_POSITIONS_MAX = 10_000_000  # of one frame, over all its sites


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
    own = [site for site in sites if site.operator in key.provers and site.positions]
    claimed = [min(site.positions or 0, SITE_POSITIONS_MAX) for site in own]
    maker, most = FrameMaker(), most_of_each(claimed, FLOOR_POSITIONS_MAX)
    for site, positions in zip(own, claimed, strict=True):
        for number in range(1, min(positions, most) + 1):
            maker.add(f"{site.site}#{number}", site.site, None, "")
    return maker.done()


def most_of_each(claims: Sequence[int], in_all: int) -> int:
    """The largest number that each claim may count so that together they stay within `in_all`; at least 1.

    Only what is larger is cut: whoever declares halls of nothing does not push honest ones out of the frame.
    """
    left = in_all
    for place, claim in enumerate(sorted(claims)):
        share = left // (len(claims) - place)
        if claim > share:
            return max(1, share)
        left -= claim
    return max(claims, default=0)
