"""What could be drawn, and in which stratum does each lie?

The frame is the log's, never anybody's list: chips of the provers' book, or the positions of their floors.
"""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa  # type: ignore[import-untyped]

from ledger.book.frame import Frame, FrameChip, FramePlace
from ledger.book.records.inspections import Stratum
from ledger.book.rules.directions import FLOOR_TO_BOOK
from ledger.inspection.draw import Ticket
from ledger.inspection.engine import draw_listing
from ledger.inspection.listing import CHIP, POSITION, STRATUM_TYPE, Listing


def stratum_of(chip: FrameChip | FramePlace, strata: Sequence[Stratum]) -> str:
    """The first stratum whose every given field the chip has."""
    for stratum in strata:
        wanted = ((stratum.site, chip.site), (stratum.model, chip.model), (stratum.chip_class, chip.cls))
        if all(want is None or want == has for want, has in wanted):
            return stratum.name
    raise AssertionError("the last stratum takes the rest")


def listing_of(frame: Frame, strata: Sequence[Stratum]) -> Listing:
    """The frame with the stratum of each: what is drawn from, and what the root is over.

    Each place is asked for its stratum once, however many chips are there. Kept with the frame.
    """
    key = ("listing", *strata)
    listing: Listing | None = frame.memo.get(key)
    if listing is None:
        names = [stratum.name for stratum in strata]
        of_place = pa.array([names.index(stratum_of(place, strata)) for place in frame.places], STRATUM_TYPE)
        codes = pa.chunked_array([of_place.take(codes) for codes in frame.codes.chunks], STRATUM_TYPE)
        listing = frame.memo[key] = Listing(frame.ids, codes, names)
    return listing


def selection(
    frame: Frame, strata: Sequence[Stratum], seed: bytes, sizes: Sequence[int]
) -> Mapping[str, list[Ticket]]:
    """By stratum, in order, what the seed draws of the frame. Kept with the frame."""
    key = ("drawn", seed, *sizes, *strata)
    drawn: Mapping[str, list[Ticket]] | None = frame.memo.get(key)
    if drawn is None:
        named = {stratum.name: size for stratum, size in zip(strata, sizes, strict=True)}
        drawn = frame.memo[key] = draw_listing(seed, listing_of(frame, strata), named)
    return drawn


def word_of(direction: str) -> str:
    """What a line of such a frame calls its item."""
    return POSITION if direction == FLOOR_TO_BOOK else CHIP


def root_of_listing(listing: Listing, direction: str) -> str:
    """The hex root over its lines; kept with the listing."""
    return listing.root(word_of(direction)).hex()


def lines_of(listing: Listing, direction: str) -> Iterator[bytes]:
    """Its lines by item, canonical JSON, made as they are taken."""
    return listing.lines(word_of(direction))
