"""A listing in columns has the root, the lines and the counts of the same names in a plain list."""

import json
from hashlib import sha256
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.inspection.draw import frame_leaf, frame_root, tree_root
from ledger.inspection.listing import BLOCK_ROWS, Listing, ascends

STRATA = ("hall", "rest")
ids = st.text(st.sampled_from("abz09._-:/#"), min_size=1, max_size=5)


def in_chunks(pairs, cuts):
    """A listing whose columns lie in pieces, some of them empty."""
    names, codes = [], []
    ordered = sorted(pairs)
    places = sorted({0, len(ordered), *(cut for cut in cuts if cut <= len(ordered))})
    for start, stop in [(0, 0), *pairwise(places), (0, 0)]:
        names.append(pa.array([name.encode() for name, _ in ordered[start:stop]], pa.large_binary()))
        codes.append(pa.array([STRATA.index(stratum) for _, stratum in ordered[start:stop]], pa.uint8()))
    return Listing(pa.chunked_array(names), pa.chunked_array(codes), STRATA)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(ids, st.sampled_from(STRATA), max_size=30), st.sets(st.integers(0, 30)))
def test_columns_in_any_pieces_tell_what_a_plain_list_tells(listed, cuts):
    pairs = sorted(listed.items())
    lines = [frame_leaf(name, stratum) for name, stratum in pairs]
    for listing in (in_chunks(pairs, cuts), Listing.of(reversed(pairs), STRATA)):
        assert len(listing) == len(pairs)
        assert list(listing.pairs()) == pairs
        assert list(listing.lines("chip")) == lines
        assert listing.root("chip") == frame_root(pairs) == tree_root(lines)
        assert listing.counts == {name: list(listed.values()).count(name) for name in STRATA}
        for name, stratum in pairs:
            assert listing.stratum_of(name.encode()) == STRATA.index(stratum)
            assert listing.stratum_of(name.encode() + b"~") is None
        assert listing.stratum_of(b" ") is None


@pytest.mark.parametrize(
    "size", [BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 2 * BLOCK_ROWS, 3 * BLOCK_ROWS - 7]
)
def test_the_root_is_right_around_whole_blocks(size):
    names = [f"acme:{number:07d}" for number in range(size)]
    listing = Listing.of(((name, "hall") for name in names), STRATA)
    assert listing.root("position") == tree_root(
        f'{{"position":"{n}","stratum":"hall"}}'.encode() for n in names
    )


def test_one_name_or_stratum_more_or_less_gives_another_root():
    pairs = [(f"acme:{number:02d}", STRATA[number % 2]) for number in range(40)]
    root = Listing.of(pairs, STRATA).root("chip")
    moved = [*pairs[:7], (pairs[7][0], "hall"), *pairs[8:]]
    for other in (pairs[1:], pairs[:-1], moved, [*pairs, ("acme:99", "rest")]):
        assert Listing.of(other, STRATA).root("chip") != root
    assert Listing.of(pairs, STRATA).root("position") != root
    assert Listing.of(pairs[::-1], STRATA).root("chip") == root  # the control


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "é", "\x7f"])
def test_a_name_that_would_need_escaping_never_gets_into_a_line(name):
    listing = Listing.of([("acme:1", "hall"), (name, "hall")], STRATA)
    with pytest.raises(AssertionError):
        listing.root("chip")
    with pytest.raises(AssertionError):
        list(listing.lines("chip"))


@pytest.mark.parametrize(
    ("fault", "pairs", "strata"),
    [
        ("twice", [("a", "hall"), ("a", "rest")], STRATA),
        ("empty", [("", "hall")], STRATA),
        ("no 'annex'", [("a", "annex")], STRATA),
        ("strata", [], ()),
        ("strata", [], ("hall", "hall")),
        ("strata", [], tuple(map(str, range(257)))),
    ],
)
def test_what_is_no_listing_is_refused(fault, pairs, strata):
    with pytest.raises(ValueError, match=fault):
        Listing.of(pairs, strata)


def test_order_is_that_of_bytes_across_pieces():
    def column(*pieces):
        return pa.chunked_array(
            [pa.array(list(piece), pa.large_binary()) for piece in pieces], pa.large_binary()
        )

    assert ascends(column()) and ascends(column([], [b"a"], [], [b"b"]))
    assert ascends(column([b"Z", b"a", "é".encode(), "\uffff".encode(), "\U00010000".encode()]))
    assert not ascends(column([b"a"], [b"a"])) and not ascends(column([b"b"], [], [b"a"]))
    assert not ascends(column([b"a", b"c", b"b"])) and not ascends(column([b"a", b"a"]))


def test_lines_are_canonical_json():
    (line,) = Listing.of([("acme/hall#7", "rest")], STRATA).lines("position")
    assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode()
    assert Listing.of([], STRATA).root("chip") == sha256(b"").digest()
