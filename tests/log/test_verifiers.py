"""What proves is accepted, what does not is refused, and each check of the verifiers is needed."""

import inspect
import json
from base64 import b64decode
from functools import reduce

import pytest

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
from tests.log.slow_tree import slow_node, some_leaves
from tests.shared import vectors

LEAVES = some_leaves(600)
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
    "length of each step": ("not _is_proof(proof)", "len(proof) > 65"),
    "length of the proof": ("not _is_proof(proof)", "{len(step) for step in proof} - {32}"),
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
    "length of each step": ("not _is_proof(proof)", "False"),
    "length of the old root": ("len(old_root) != HASH_BYTES", "False"),
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
        ("odd step", (LEAVES[0], 0, 2, [b"odd"], slow_node(LEAVES[0], b"odd")), False),
        (
            "no such size",
            (LEAVES[0], 0, 1 << 70, LEAVES[:70], reduce(slow_node, LEAVES[:70], LEAVES[0])),
            False,
        ),
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
        ("odd root", (2, 3, [LEAVES[2]], b"odd", slow_node(b"odd", LEAVES[2])), False),
        ("odd step", (1, 2, [b"odd"], LEAVES[0], slow_node(LEAVES[0], b"odd")), False),
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
