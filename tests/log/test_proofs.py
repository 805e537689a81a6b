"""Proofs are the textbook ones, what they say holds, and nothing else passes."""

import inspect
import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.log import proofs
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
from tests.log.slow_tree import slow_consistency, slow_inclusion, slow_node, slow_root, some_leaves
from tests.shared import vectors

SIZE = 70_000
LEAVES = some_leaves(SIZE)
TILES = grow(RightEdge.empty(), LEAVES).tiles
SOURCE = HashSource(lambda level, number: TILES[level, number])


def cases(name):
    return [json.loads(line) for line in vectors("merkle", name).read_text().splitlines()]


def hashes(texts):
    return [b64decode(text) for text in texts or []]


def published_inclusions():
    """(call, must hold) for each published case; `subtree*` cases are of a format this log does not use."""
    for case in cases("inclusion.jsonl"):
        leaf, root = b64decode(case["leafHash"]), b64decode(case["root"])
        call = (leaf, case["leafIdx"], case["treeSize"], hashes(case["proof"]), root)
        yield case["name"], call, not case["wantErr"]


def published_consistencies():
    for case in cases("consistency.jsonl"):
        roots = b64decode(case["root1"]), b64decode(case["root2"])
        yield case["name"], (case["size1"], case["size2"], hashes(case["proof"]), *roots), not case["wantErr"]


def misjudged(verify, judged):
    """The names of the cases of which `verify` says another thing, or nothing because it fails."""

    def says(call):
        try:
            return verify(*call)
        except (IndexError, ValueError):
            return None

    return [name for name, call, holds in judged if says(call) is not holds]


def test_every_published_inclusion_case_is_judged_as_published():
    published = list(published_inclusions())
    assert misjudged(verify_inclusion, published) == []
    assert (len(published), sum(holds for *_, holds in published)) == (63, 2)


def test_every_published_consistency_case_is_judged_as_published():
    published = list(published_consistencies())
    assert misjudged(verify_consistency, published) == []
    assert (len(published), sum(holds for *_, holds in published)) == (70, 4)


INCLUSION_CHECKS = {
    "place in the tree": ("0 <= index < size", "True"),
    "length of the leaf hash": ("len(leaf_hash) != HASH_BYTES", "False"),
    "which side it is on": ("node & 1 or node == last", "node & 1"),
    "climbing past lone nodes": ("while not node & 1 and node:", "while False:"),
    "too long a proof": ("if last == 0:", "if False:"),
    "too short a proof": ("last == 0 and running == root", "running == root"),
    "the root": ("last == 0 and running == root", "last == 0"),
}
CONSISTENCY_CHECKS = {
    "order of sizes, and none of nothing": ("0 < old_size <= new_size", "old_size <= new_size"),
    "no proof between equals": ("not proof and old_root == new_root", "old_root == new_root"),
    "equal roots between equals": ("not proof and old_root == new_root", "not proof"),
    "a proof there must be": ("if not steps:", "if False:"),
    "whole old trees are known": ("old_size & (old_size - 1) == 0", "False"),
    "which side it is on": ("node & 1 or node == last", "node & 1"),
    "too long a proof": ("if last == 0:", "if False:"),
    "the old root": ("old_running == old_root and ", ""),
    "the new root": (" and new_running == new_root", ""),
}
CONTROLS = [
    *((verify_inclusion, "inclusion", name, *change) for name, change in INCLUSION_CHECKS.items()),
    *((verify_consistency, "consistency", name, *change) for name, change in CONSISTENCY_CHECKS.items()),
]


def own_cases():
    """A few cases beside the published ones, each with what must be said of it."""
    root, proof = root_at(7, SOURCE), inclusion_proof(6, 7, SOURCE)
    inclusions = [
        ("last leaf", (LEAVES[6], 6, 7, proof, root), True),
        ("too short", (LEAVES[6], 6, 7, proof[:-1], slow_node(proof[0], LEAVES[6])), False),
        ("too long", (LEAVES[6], 6, 7, [*proof, proof[0]], slow_node(proof[0], root)), False),
        ("long leaf", (LEAVES[0] + b"more", 0, 1, [], LEAVES[0] + b"more"), False),
        ("outside", (LEAVES[0], 1, 1, [], LEAVES[0]), False),
        ("below", (LEAVES[0], -2, 1, [], LEAVES[0]), False),
    ]
    more = consistency_proof(3, 7, SOURCE)
    old_root, leaf = root_at(3, SOURCE), LEAVES[0]
    consistencies = [
        ("three to seven", (3, 7, more, old_root, root), True),
        ("another new root", (3, 7, more, old_root, old_root), False),
        ("another old root", (3, 7, more, root, root), False),
        ("too long", (3, 7, [*more, leaf], slow_node(leaf, old_root), slow_node(leaf, root)), False),
        (
            "five to six",
            (5, 6, consistency_proof(5, 6, SOURCE), root_at(5, SOURCE), root_at(6, SOURCE)),
            True,
        ),
        ("from nothing", (0, 7, [root], root, root), False),
        ("no proof", (3, 7, [], root, root), False),
    ]
    return {"inclusion": inclusions, "consistency": consistencies}


@pytest.mark.parametrize(
    ("verify", "kind", "check", "text", "instead"), CONTROLS, ids=[f"{c[1]}: {c[2]}" for c in CONTROLS]
)
def test_a_verifier_without_one_of_its_checks_would_be_noticed(verify, kind, check, text, instead):
    published = published_inclusions() if kind == "inclusion" else published_consistencies()
    judged = [*published, *own_cases()[kind]]
    assert misjudged(verify, judged) == []
    source = inspect.getsource(verify)
    assert source.count(text) == 1, check
    names = dict(vars(proofs))
    exec(source.replace(text, instead), names)
    assert misjudged(names[verify.__name__], judged), check


def test_a_verifier_that_ignores_the_index_would_be_noticed():
    def ignores_index(leaf, _index, size, proof, root):
        return any(verify_inclusion(leaf, index, size, proof, root) for index in range(min(size, 300)))

    assert misjudged(ignores_index, published_inclusions())


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


def test_a_proof_holds_for_its_own_place_only():
    size, index = 300, 77
    root, proof = root_at(size, SOURCE), inclusion_proof(index, size, SOURCE)
    held = [at for at in range(-5, 2 * size) if verify_inclusion(LEAVES[index], at, size, proof, root)]
    assert held == [index]
    assert not verify_inclusion(LEAVES[index + 1], index, size, proof, root)
    assert not verify_inclusion(LEAVES[index], index, size, proof, root_at(size + 1, SOURCE))


def test_nonsense_is_false_and_not_an_exception():
    root = root_at(300, SOURCE)
    proof = inclusion_proof(5, 300, SOURCE)
    assert not verify_inclusion(LEAVES[5], 5, 0, proof, root)
    assert not verify_inclusion(LEAVES[5], -1, 300, proof, root)
    assert not verify_inclusion(LEAVES[5], 5, -300, proof, root)
    assert not verify_inclusion(b"", 5, 300, proof, root)
    assert not verify_inclusion(LEAVES[5], 5, 300, proof * 1000, root)
    assert not verify_inclusion(LEAVES[5], 1 << 90, 1 << 91, proof, root)
    assert not verify_consistency(0, 300, [], root_at(0, SOURCE), root)
    assert not verify_consistency(0, 0, [], root, root)
    assert not verify_consistency(-1, 300, proof, root, root)
    assert not verify_consistency(300, 5, proof, root, root)
    assert not verify_consistency(256, 300, [], root, root)
    assert not verify_consistency(256, 300, consistency_proof(256, 300, SOURCE), b"short", root)


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
