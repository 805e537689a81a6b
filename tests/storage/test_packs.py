"""Versions of chips come out of their packs as they went in, each after the one it followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.storage.packs import (
    FIRST,
    INDEX_MAX,
    PACK_ROWS,
    bound_of,
    chained,
    linked,
    named_since,
    pack_of,
    packed,
    picked,
    picked_named,
    preceding,
    unpacked,
)
from tests.storage.samples import chip


@given(st.integers(0, 3 * PACK_ROWS), st.integers(0, 2**40), st.data())
def test_every_version_is_found_again_by_its_number(count, index, data):
    rows = [chip(place, 0, index) for place in range(count)]
    before = [FIRST if place % 3 else place for place in range(count)]
    named = [("a", "a b", "")[place % 3] for place in range(count)]
    packs = dict(packed(index, rows, before, named))
    assert len(packs) == -(-count // PACK_ROWS)
    assert [row for pack in packs.values() for row in unpacked(pack)] == rows
    both = [pair for pack in packs.values() for pair in chained(pack)]
    assert both == list(zip(rows, before, strict=True))
    versions = range(bound_of(index), bound_of(index) + count)
    for number, pack in packs.items():
        inside = [version for version in versions if pack_of(version) == number]
        wanted = data.draw(st.lists(st.sampled_from(inside), unique=True))
        places = [version - bound_of(index) for version in wanted]
        assert picked(pack, wanted) == [rows[place] for place in places]
        assert picked_named(pack, wanted) == [(rows[place], named[place]) for place in places]
        assert preceding(pack, wanted) == [before[place] for place in places]
        assert [linked(pack, version) for version in wanted] == [(rows[p], before[p]) for p in places]


def test_versions_of_later_entries_have_higher_numbers_that_fit_a_database():
    assert bound_of(0) == 0 and bound_of(7) < bound_of(8)
    assert bound_of(INDEX_MAX) + (bound_of(1) - 1) == 2**63 - 1
    assert bound_of(10**30) == bound_of(INDEX_MAX)


def test_an_entry_cannot_write_more_chips_than_numbers_are_kept_for():
    many = [chip(0)] * (bound_of(1) + 1)
    with pytest.raises(AssertionError):
        next(packed(0, many, [FIRST] * len(many), [""] * len(many)))
    assert next(packed(0, many[:-1], [FIRST] * (len(many) - 1), [""] * (len(many) - 1)))[0] == 0


def test_a_list_of_parties_grows_and_stays_sorted():
    assert named_since("", "b", None, "a") == "a b"
    assert named_since("a b", "b", "c", None) == "a b c" == named_since("a b c", None, None, None)
