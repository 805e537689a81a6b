"""Trees grow to the roots that the definition gives, in whatever steps."""

import json
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.log.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_WIDTH,
    Growth,
    RightEdge,
    edge_from,
    grow,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
)
from signing.canonical import Unreadable
from tests.log.slow_tree import slow_leaf, slow_node, slow_root, some_leaves
from tests.shared import vectors

SMALL_SIZES = 600
LEAVES = some_leaves(70_000)
SLOW_ROOTS = [slow_root(LEAVES[:size]) for size in range(SMALL_SIZES + 1)]


def grown(leaves, steps):
    """The edge after growing in these steps, then the rest, and all tiles as last written."""
    edge, tiles, at = RightEdge.empty(), {}, 0
    for step in [*steps, len(leaves)]:
        growth = grow(edge, leaves[at : at + step])
        edge, at = growth.edge, min(at + step, len(leaves))
        tiles |= growth.tiles
    return edge, tiles


def reading(tiles):
    return lambda level, number: tiles[level, number]


def plain_tiles(leaves):
    """Every hash tile by definition: each hash the slow root over the 256^level leaves below it."""
    tiles, hashes, level = {}, list(leaves), 0
    while hashes:
        for number in range(0, len(hashes), TILE_WIDTH):
            tiles[level, number // TILE_WIDTH] = b"".join(hashes[number : number + TILE_WIDTH])
        full = len(hashes) - len(hashes) % TILE_WIDTH
        hashes = [slow_root(hashes[at : at + TILE_WIDTH]) for at in range(0, full, TILE_WIDTH)]
        level += 1
    return tiles


def wrong_sizes(root):
    """The sizes up to 600 for which another root than the definition's comes out."""
    return [size for size in range(SMALL_SIZES + 1) if root(LEAVES[:size]) != SLOW_ROOTS[size]]


def test_the_published_roots_of_the_eight_leaf_tree_come_out():
    published = json.loads(vectors("merkle", "rfc_roots.json").read_text())
    entries = [bytes.fromhex(leaf) for leaf in published["leaves_hex"]]
    hashes = leaf_hashes(entries)
    assert [h.hex() for h in hashes] == published["leaf_hashes_hex"]
    roots = [root_of(hashes[:size]).hex() for size in range(9)]
    assert roots == published["roots_hex_by_size"]
    assert len(roots) == 9


def test_hashing_is_that_of_the_definition():
    assert leaf_hash(b"entry") == slow_leaf(b"entry") == leaf_hashes([b"entry"])[0]
    assert node_hash(LEAVES[0], LEAVES[1]) == slow_node(LEAVES[0], LEAVES[1])
    assert leaf_hash(b"") != EMPTY_ROOT == slow_root([])


def test_the_root_by_level_is_the_root_by_recursion_for_every_small_size():
    assert wrong_sizes(root_of) == []


def test_a_tree_that_pairs_a_last_node_with_itself_would_be_noticed():
    def root_with_doubles(leaves):
        level = list(leaves)
        while len(level) > 1:
            level += level[-1:] * (len(level) % 2)
            level = [slow_node(*level[at : at + 2]) for at in range(0, len(level), 2)]
        return level[0] if level else EMPTY_ROOT

    powers = {1 << bits for bits in range(10)}
    assert set(wrong_sizes(root_with_doubles)) == set(range(1, SMALL_SIZES + 1)) - powers
    assert root_with_doubles(LEAVES[:3]) == root_with_doubles([*LEAVES[:3], LEAVES[2]])
    assert root_of(LEAVES[:3]) != root_of([*LEAVES[:3], LEAVES[2]])


def test_a_tree_without_prefixes_would_let_a_node_pass_for_a_leaf():
    pair = LEAVES[0] + LEAVES[1]
    assert leaf_hash(pair) != node_hash(LEAVES[0], LEAVES[1])


def test_growing_one_by_one_gives_every_small_root():
    edge, tiles = RightEdge.empty(), {}
    for size in range(1, SMALL_SIZES + 1):
        growth = grow(edge, LEAVES[size - 1 : size])
        edge = growth.edge
        tiles |= growth.tiles
        assert edge.size == size
        assert edge.root() == SLOW_ROOTS[size]
        assert edge == edge_from(size, reading(tiles))
    assert tiles == plain_tiles(LEAVES[:SMALL_SIZES])


@given(size=st.integers(0, SMALL_SIZES), steps=st.lists(st.integers(0, 300), max_size=8))
@example(size=0, steps=[])
@example(size=256, steps=[255, 1])
@example(size=512, steps=[256, 256])
@example(size=600, steps=[0, 257, 0])
def test_growing_in_any_steps_is_growing_at_once(size, steps):
    leaves = LEAVES[:size]
    edge, tiles = grown(leaves, steps)
    assert edge.root() == SLOW_ROOTS[size]
    assert tiles == plain_tiles(leaves)
    assert edge == grow(RightEdge.empty(), leaves).edge


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000])
def test_large_trees_have_three_levels_of_tiles_and_the_right_root(size):
    leaves = LEAVES[:size]
    chance = random.Random(size)
    edge, tiles = grown(leaves, [chance.choice([1, 7, 256, 3000, 20_000]) for _ in range(12)])
    assert edge.root() == root_of(leaves) == slow_root(leaves)
    assert tiles == plain_tiles(leaves)
    assert len(edge.tiles) == (3 if size >= 65_536 else 2)


@settings(max_examples=8)
@given(size=st.integers(SMALL_SIZES, 20_000), data=st.data())
def test_random_larger_trees_agree_too(size, data):
    cut = data.draw(st.integers(0, size))
    edge, tiles = grown(LEAVES[:size], [cut])
    assert edge.root() == slow_root(LEAVES[:size])
    assert tiles == plain_tiles(LEAVES[:size])


def test_only_tiles_that_changed_are_given():
    edge, _ = grown(LEAVES[:600], [])
    assert set(grow(edge, LEAVES[600:601]).tiles) == {(0, 2)}
    assert set(grow(edge, LEAVES[600:768]).tiles) == {(0, 2), (1, 0)}
    assert grow(edge, []) == Growth(edge, {})


def test_an_edge_is_read_from_tiles_that_have_grown_since():
    _, tiles = grown(LEAVES[:SMALL_SIZES], [])
    for size in range(SMALL_SIZES + 1):
        assert edge_from(size, reading(tiles)).root() == SLOW_ROOTS[size]


SPOILS = {
    "a hash short": lambda tile: tile[:-HASH_BYTES],
    "a byte short": lambda tile: tile[:-1],
    "a byte over": lambda tile: tile + b"x",
    "twice over": lambda tile: tile + tile,
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_stored_tile_that_cannot_be_one_is_unreadable(spoil):
    edge, tiles = grown(LEAVES[:511], [])
    assert edge_from(511, reading(tiles)) == edge
    with pytest.raises(Unreadable):
        edge_from(511, lambda *at: spoil(tiles[at]))
