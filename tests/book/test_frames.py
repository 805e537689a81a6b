"""Frames in columns are what a plain list would be, and strata take the first that fits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.book.frame import FrameChip
from ledger.book.frame_columns import FrameMaker, frame_of_chips
from ledger.book.framing import FLOOR_POSITIONS_MAX, SITE_POSITIONS_MAX, most_of_each, positions_in
from ledger.book.records.inspections import Stratum
from ledger.book.registry import FLOOR_PART, FrameKey
from ledger.book.rejection import Reason
from ledger.book.rules.directions import BOOK_TO_FLOOR, FLOOR_TO_BOOK, frame_key
from ledger.book.rules.frames import lines_of, listing_of, root_of_listing, selection
from ledger.book.tables import INSPECTIONS
from ledger.inspection.draw import draw_strata, tree_root
from ledger.inspection.listing import BLOCK_ROWS
from signing.canonical import encode
from tests.storage.samples import site
from tests.world import LEAD_S, World

SITES = (None, "acme/hall", "acme/annex")
MODELS = (None, "registrar/h100", "registrar/b200")
chips = st.dictionaries(
    st.text(st.sampled_from("AB019._-"), min_size=1, max_size=4).map("acme:{}".format),
    st.tuples(st.sampled_from(SITES), st.sampled_from(MODELS), st.sampled_from("ABC")),
    max_size=30,
)
predicates = st.tuples(
    st.sampled_from(SITES), st.sampled_from(MODELS), st.sampled_from((None, "A", "B", "C"))
)


def first_that_fits(chip, strata):
    """The slow twin of strata, written from the page."""
    for stratum in strata:
        if stratum.site is not None and stratum.site != chip.site:
            continue
        if stratum.model is not None and stratum.model != chip.model:
            continue
        if stratum.chip_class is None or stratum.chip_class == chip.cls:
            return stratum.name
    raise AssertionError("the last takes the rest")


@settings(max_examples=60, deadline=None)
@given(chips, st.lists(predicates, max_size=4), st.integers(0, 12), st.randoms(use_true_random=False))
def test_a_frame_in_columns_tells_what_a_list_of_its_chips_tells(listed, wanted, size, order):
    rows = [FrameChip(chip, *place) for chip, place in listed.items()]
    order.shuffle(rows)
    frame = frame_of_chips(rows)
    ordered = sorted(rows, key=lambda chip: chip.chip.encode())
    strata = [*(Stratum(f"s{n}", *each) for n, each in enumerate(wanted)), Stratum("rest")]
    pairs = [(chip.chip, first_that_fits(chip, strata)) for chip in ordered]
    assert list(frame) == ordered and len(frame) == len(rows)
    assert [frame[place] for place in range(len(rows))] == ordered and frame[1:3] == ordered[1:3]
    listing = listing_of(frame, strata)
    assert list(listing.pairs()) == pairs
    for direction, word in ((BOOK_TO_FLOOR, "chip"), (FLOOR_TO_BOOK, "position")):
        lines = [encode({word: item, "stratum": stratum}) for item, stratum in pairs]
        assert list(lines_of(listing, direction)) == lines
        assert root_of_listing(listing, direction) == tree_root(lines).hex()
    sizes = [size] * len(strata)
    named = {stratum.name: size for stratum in strata}
    assert selection(frame, strata, b"\x07" * 32, sizes) == draw_strata(b"\x07" * 32, pairs, named)


def test_what_was_worked_out_is_kept_with_the_frame_and_told_apart():
    frame = frame_of_chips([FrameChip(f"acme:{n}", SITES[n % 3], None, "B") for n in range(9)])
    one, two = [Stratum("all")], [Stratum("hall", "acme/hall"), Stratum("rest")]
    assert listing_of(frame, one) is listing_of(frame, [Stratum("all")])
    assert listing_of(frame, one).counts != listing_of(frame, two).counts
    drawn = selection(frame, one, b"\x01" * 32, [3])
    assert selection(frame, one, b"\x01" * 32, [3]) is drawn
    others = [
        selection(frame, one, b"\x02" * 32, [3]),
        selection(frame, one, b"\x01" * 32, [2]),
        selection(frame, two, b"\x01" * 32, [3, 0]),
    ]
    assert all(other != drawn for other in others)


def test_a_frame_longer_than_a_block_comes_out_in_order_whatever_order_it_came_in():
    count = BLOCK_ROWS + 5
    maker = FrameMaker()
    for number in range(count):
        maker.add(f"acme:{number * 7_919 % count:07d}", SITES[number % 2], None, "B")
    frame = maker.done()
    assert len(frame) == count
    assert [chip.chip for chip in frame[:3]] == ["acme:0000000", "acme:0000001", "acme:0000002"]
    names = [chip.chip for chip in frame]
    assert names == sorted(names) and len(set(names)) == count
    number = next(n for n in range(count) if n * 7_919 % count == 70_001)
    assert frame[70_001].site == SITES[number % 2]


def test_a_chip_twice_is_our_own_mistake():
    for order in (["acme:1", "acme:1"], ["acme:2", "acme:1", "acme:2"]):
        with pytest.raises(AssertionError, match="twice"):
            frame_of_chips([FrameChip(chip, None, None, "B") for chip in order])
    nothing = FrameMaker().done()
    assert len(nothing) == 0 and list(nothing) == []


def test_positions_come_by_name_and_no_site_counts_more_than_it_may():
    sites = [
        replace(site("acme/b"), operator="acme", positions=11),
        replace(site("acme/a"), operator="acme", positions=SITE_POSITIONS_MAX + 5),
        replace(site("other/a"), operator="other", positions=3),
        replace(site("acme/c"), operator="acme"),
    ]
    frame = positions_in(sites, FrameKey(("acme",), 9, FLOOR_PART))
    assert len(frame) == SITE_POSITIONS_MAX + 11
    assert [chip.chip for chip in frame[-11:]] == sorted(f"acme/b#{n}" for n in range(1, 12))
    assert frame[0] == FrameChip("acme/a#1", "acme/a", None, "")
    assert frame[1].chip == "acme/a#10" and frame[SITE_POSITIONS_MAX - 1].chip == "acme/a#999999"


def slow_most(claims, in_all):
    """The largest number by trying all of them."""
    fitting = (n for n in range(max(claims, default=0) + 1) if sum(min(c, n) for c in claims) <= in_all)
    return max(fitting)


@given(st.lists(st.integers(0, 30), max_size=8), st.integers(8, 90))
def test_halls_of_nothing_are_cut_to_one_length_and_honest_ones_stand(claims, in_all):
    most = most_of_each(claims, in_all)
    assert most == slow_most(claims, in_all)
    assert sum(min(claim, most) for claim in claims) <= in_all
    if sum(claims) <= in_all:
        assert most == max(claims, default=0), "nothing is cut where all fits"


def test_every_hall_counts_though_there_be_more_of_them_than_positions():
    assert most_of_each([3] * 20, 10) == 1


def test_whoever_declares_a_thousand_huge_halls_makes_no_larger_frame():
    """A holder may declare what it likes, and asks for its own frame with one request."""
    claims = [40, *[SITE_POSITIONS_MAX] * 1_000]
    most = most_of_each(claims, FLOOR_POSITIONS_MAX)
    assert sum(min(claim, most) for claim in claims) <= FLOOR_POSITIONS_MAX < sum(claims)
    assert 40 < most < SITE_POSITIONS_MAX, "the honest hall stands"


def test_a_fold_keeps_a_frame_until_its_last_stage_is_drawn():
    world = World().settles()
    assert world.registers("acme", "acme:S1", "acme:S2").admitted
    assert world.commits("watch", "watch/i1", "acme", sizes=(1,)).admitted
    frames, key = world.door.registry.frames, frame_key(world.door.get(INSPECTIONS, "watch/i1"))
    assert [chip.chip for chip in frames[key]] == ["acme:S1", "acme:S2"]
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i1").admitted
    assert not frames
    assert world.draws("watch", "watch/i1").reason is Reason.ENDED
    assert world.audit().clean
