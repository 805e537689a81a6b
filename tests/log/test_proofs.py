"""Proofs made from tiles are the textbook ones, at every size a log passes through."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.log.merkle import RightEdge, grow
from ledger.log.proofs import (
    HashSource,
    consistency_proof,
    inclusion_proof,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from signing.canonical import Unreadable
from tests.log.slow_tree import slow_consistency, slow_inclusion, slow_root, some_leaves
from tests.shared import vectors

SIZE = 70_000
LEAVES = some_leaves(SIZE)
TILES = grow(RightEdge.empty(), LEAVES).tiles
SOURCE = HashSource(lambda level, number: TILES[level, number])


def test_the_published_proofs_of_the_eight_leaf_tree_come_out():
    published = json.loads(vectors("merkle", "rfc_roots.json").read_text())
    leaves = [bytes.fromhex(h) for h in published["leaf_hashes_hex"]]
    tiles = grow(RightEdge.empty(), leaves).tiles
    source = HashSource(lambda *at: tiles[at])
    for case in published["inclusion"]:
        proof = inclusion_proof(case["index"], case["size"], source)
        assert [step.hex() for step in proof] == case["proof_hex"]
    for case in published["consistency"]:
        proof = consistency_proof(case["size1"], case["size2"], source)
        assert [step.hex() for step in proof] == case["proof_hex"]
    assert (len(published["inclusion"]), len(published["consistency"])) == (36, 36)


def test_all_proofs_of_all_trees_up_to_forty_are_the_textbook_ones():
    ran = 0
    for size in range(1, 41):
        root = slow_root(LEAVES[:size])
        assert root_at(size, SOURCE) == root
        for index in range(size):
            proof = inclusion_proof(index, size, SOURCE)
            assert proof == slow_inclusion(index, LEAVES[:size])
            assert verify_inclusion(LEAVES[index], index, size, proof, root)
            old = index + 1
            proof = consistency_proof(old, size, SOURCE)
            assert proof == slow_consistency(old, LEAVES[:size])
            assert verify_consistency(old, size, proof, slow_root(LEAVES[:old]), root)
            ran += 1
    assert ran == 820


EDGES = [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 65_793, SIZE]
SIZES = st.one_of(st.sampled_from(EDGES), st.integers(1, 1000), st.integers(1, SIZE))


@settings(max_examples=60, deadline=None)
@given(size=SIZES, data=st.data())
def test_proofs_from_tiles_are_the_textbook_ones(size, data):
    index = data.draw(st.one_of(st.sampled_from([0, size - 1]), st.integers(0, size - 1)))
    leaves = LEAVES[:size]
    assert inclusion_proof(index, size, SOURCE) == slow_inclusion(index, leaves)
    assert consistency_proof(index + 1, size, SOURCE) == slow_consistency(index + 1, leaves)


@settings(max_examples=40, deadline=None)
@given(size=SIZES.filter(lambda size: size > 1), data=st.data())
def test_a_proof_with_any_one_bit_flipped_proves_nothing(size, data):
    index = data.draw(st.integers(0, size - 1))
    root = root_at(size, SOURCE)
    inclusion = inclusion_proof(index, size, SOURCE)
    assert verify_inclusion(LEAVES[index], index, size, inclusion, root)
    for other in one_bit_off(inclusion, data):
        assert not verify_inclusion(LEAVES[index], index, size, other, root)
    old = data.draw(st.integers(1, size - 1))
    old_root, consistency = root_at(old, SOURCE), consistency_proof(old, size, SOURCE)
    assert verify_consistency(old, size, consistency, old_root, root)
    for other in one_bit_off(consistency, data):
        assert not verify_consistency(old, size, other, old_root, root)


def one_bit_off(proof, data):
    """The proof with one bit flipped, in each of its hashes in turn; shorter; longer; in other order."""
    for place, step in enumerate(proof):
        bit = data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(step, "big") ^ 1 << bit).to_bytes(32, "big")
        yield [*proof[:place], flipped, *proof[place + 1 :]]
        yield [*proof[:place], step[:-1], *proof[place + 1 :]]
    yield proof[:-1]
    yield proof[1:]
    yield [*proof, proof[-1]]
    yield [proof[0], *proof]
    if len(proof) > 1:
        yield proof[::-1]


def test_every_bit_of_a_whole_proof_matters():
    size, index = 300, 77
    root, proof = root_at(size, SOURCE), inclusion_proof(index, size, SOURCE)
    joined = int.from_bytes(b"".join(proof), "big")
    for bit in range(256 * len(proof)):
        octets = (joined ^ 1 << bit).to_bytes(32 * len(proof), "big")
        other = [octets[at : at + 32] for at in range(0, len(octets), 32)]
        assert not verify_inclusion(LEAVES[index], index, size, other, root)
    assert len(proof) == 9


def test_there_is_nothing_to_prove_from_nothing_or_to_itself():
    assert consistency_proof(0, 300, SOURCE) == []
    assert consistency_proof(300, 300, SOURCE) == []
    assert inclusion_proof(0, 1, SOURCE) == []


def test_one_source_serves_a_tree_while_it_grows():
    """What was remembered of a short tile is read again, and never answers for a longer one."""
    tiles, edge = {}, RightEdge.empty()
    source = HashSource(lambda *at: tiles[at], tiles_kept=2)
    for size in range(1, 601):
        growth = grow(edge, LEAVES[size - 1 : size])
        edge = growth.edge
        tiles |= growth.tiles
        assert root_at(size, source) == edge.root()
        for index in {0, size // 2, size - 1}:
            proof = inclusion_proof(index, size, source)
            assert verify_inclusion(LEAVES[index], index, size, proof, edge.root())
        assert root_at(size // 2, source) == slow_root(LEAVES[: size // 2])


def test_full_tiles_are_read_once():
    reads = []

    def read(*at):
        reads.append(at)
        return TILES[at]

    source = HashSource(read)
    for index in range(256):
        inclusion_proof(index, 65_536, source)
    assert reads == [(0, 0), (1, 0)]


def test_no_more_tiles_are_kept_than_agreed():
    reads = []

    def read(*at):
        reads.append(at)
        return TILES[at]

    source = HashSource(read, tiles_kept=3)
    for index in (0, 256, 512, 768, 0):
        source.node(0, index)
    assert reads == [(0, 0), (0, 1), (0, 2), (0, 3), (0, 0)]


def test_tiles_taken_back_are_forgotten_when_told():
    tiles = dict(grow(RightEdge.empty(), LEAVES[:300]).tiles)
    source = HashSource(lambda *at: tiles[at])
    assert root_at(300, source) == slow_root(LEAVES[:300])
    other = [*LEAVES[:299], LEAVES[400]]
    tiles |= grow(RightEdge.empty(), other).tiles
    assert root_at(300, source) == slow_root(LEAVES[:300])  # the control: it does remember
    source.forget_partial()
    assert root_at(300, source) == slow_root(other)


@pytest.mark.parametrize("stored", [b"", b"\0" * 31, b"\0" * 32, b"\0" * 8224])
def test_a_tile_too_narrow_for_the_tree_is_unreadable(stored):
    with pytest.raises(Unreadable):
        inclusion_proof(5, 300, HashSource(lambda *_: stored))


def test_nodes_of_every_level_are_the_roots_over_their_leaves():
    for level in range(17):
        for index in {0, 1, (SIZE >> level) - 1} - {-1} if SIZE >> level > 1 else {0}:
            span = LEAVES[index << level : (index + 1) << level]
            assert SOURCE.node(level, index) == slow_root(span)


def test_threads_reading_one_small_source_agree_with_one_reader():
    wanted = {index: inclusion_proof(index, SIZE, SOURCE) for index in range(0, SIZE, 701)}
    source = HashSource(lambda *at: TILES[at], tiles_kept=4)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda index: inclusion_proof(index, SIZE, source), list(wanted) * 3))
    assert got == list(wanted.values()) * 3
    assert len(got) == 300
