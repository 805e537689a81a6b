"""What every store promises of all that cannot be made again, and of folding the rest, on a new store.

See `store_promises` for what is promised to the writer.
"""

from dataclasses import replace

import pytest

from ledger.book.registry import Needs
from ledger.book.tables import CHIPS, LINES
from ledger.log.merkle import EMPTY_ROOT
from ledger.storage.store import (
    DAY_MILLISECONDS,
    REFUSALS_PER_PARTY_REASON_DAY_MAX,
    Doubt,
    Fenced,
    Head,
    TwoCheckpoints,
)
from tests.storage.samples import batch, chip, commit, grown, line, loaded, refusal

CHIP_A, CHIP_B = chip(0), chip(1)


def the_same_evidence_may_come_twice(store):
    head = store.claim()
    for _ in range(2):
        made = batch(store, head)
        made.attestations["ab"] = b"evidence"
        head = commit(store, head, made)
    assert store.attestation("ab") == b"evidence"


def manifests_of_many_entries_are_given_in_one_piece_each(store):
    head = store.claim()
    made = replace(batch(store, head, 4), manifests={0: (b"a",), 2: (b"b", b"c"), 3: (b"d",)})
    commit(store, head, made)
    assert store.manifests(0, 9) == {0: b"a", 2: b"b\nc", 3: b"d"}
    assert store.manifests(1, 3) == {2: b"b\nc"} and store.manifests(1, 2) == {} == store.manifests(4, 4)
    assert [store.manifest(index) for index in range(4)] == [(b"a",), (), (b"b", b"c"), (b"d",)]


def a_size_has_one_checkpoint(store):
    for size, note in ((3, "three"), (1, "one"), (7, "seven"), (3, "three")):
        store.put_checkpoint(size, note)
    with pytest.raises(TwoCheckpoints):
        store.put_checkpoint(3, "another three")
    assert store.checkpoint(3) == "three" and store.checkpoint(2) is None
    assert store.checkpoint_sizes(0, 10) == [1, 3, 7] and store.checkpoint_sizes(2, 1) == [3]


def refusals_are_kept_until_their_share_is_used_up(store):
    most = REFUSALS_PER_PARTY_REASON_DAY_MAX
    for number in range(most + 3):
        store.refuse(refusal(number, at_size=number // 2, refused_at=DAY_MILLISECONDS + number))
    others = [
        refusal(900, reason="not_the_holder", refused_at=DAY_MILLISECONDS),
        refusal(901, party="hall-oslo", refused_at=DAY_MILLISECONDS, at_size=999),
        refusal(902, refused_at=DAY_MILLISECONDS - 1),
        refusal(903, refused_at=2 * DAY_MILLISECONDS, at_size=1000),
    ]
    for other in (*others, others[0]):
        store.refuse(other)
    kept = store.refusals(0, 1000)
    assert len(kept) == most + 4 and store.refusal(f"refusal-{most}") is None
    assert [each.at_size for each in kept] == sorted(each.at_size for each in kept)
    assert [each.refusal for each in kept[:4]] == ["refusal-0", "refusal-1", "refusal-900", "refusal-902"]
    assert store.refusals(2, 1) == [others[0]] and store.refusal("refusal-901") == others[1]


def a_dropped_book_is_folded_again_from_what_is_sacred(store):
    head = store.claim()
    written = []
    first = batch(store, head, 2, inserts={CHIPS: [CHIP_A, CHIP_B], LINES: [line("s", "a"), line("s", "b")]})
    written.append(replace(first, manifests={0: (b"{}",)}, attestations={"ab": b"x"}))
    head = commit(store, head, written[-1])
    written.append(
        batch(store, head, 2, updates={CHIPS: [chip(1, changed=3)], LINES: [line("s", "b", "lost", 3)]})
    )
    head = commit(store, head, written[-1])
    store.put_checkpoint(4, "four")
    store.refuse(refusal(1))
    entries, before = store.entries(0, 9), _all_of(store)
    store.drop_book()
    assert store.head() == Head(0, EMPTY_ROOT, 1) and store.entries(0, 9) == entries
    assert _all_of(store) == ([], [], [], b"")
    assert store.manifest(0) == (b"{}",) and store.attestation("ab") == b"x"
    assert store.checkpoint(4) == "four" and store.refusal("refusal-1") is not None
    with pytest.raises(Fenced), store.writing(head):
        pass
    at = store.head()
    for wrong in (written[0], replace(batch(store, at, 5), entries=[])):
        with pytest.raises(Doubt):
            commit(store, at, wrong, refold=wrong.size == 5)
    with pytest.raises(Doubt):
        commit(store, at, written[0], refold=True)  # entries may not come along
    for each in written:
        at = commit(store, at, replace(each, entries=[], manifests={}, attestations={}), refold=True)
    assert store.head() == head and _all_of(store) == before and store.entries(0, 9) == entries
    assert loaded(store, Needs().group(LINES, "s")).of(LINES) == {
        ("s", "a"): line("s", "a"),
        ("s", "b"): line("s", "b", "lost", 3),
    }
    assert grown(store, head).size == 5


def _all_of(store):
    """What of the book and the tiles these tests write."""
    return (
        list(store.rows(CHIPS)),
        list(store.rows(LINES)),
        list(store.versions(CHIPS, 0, 99)),
        store.tile(0, 0),
    )
