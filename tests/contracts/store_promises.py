"""What every store promises, one function a promise, each on a store that has just been made.

A promise kept returns; a broken one fails as a test does. `test_store` runs them, and shows on spoiled
stores that they can break. What is promised of what is sacred is in `store_sacred`, of reading in
`store_readings`.
"""

from dataclasses import replace

import pytest

from ledger.book.tables import CHIPS, IDENTITIES, LINES, PARTIES, SLOTS
from ledger.log.merkle import EMPTY_ROOT
from ledger.storage.store import (
    Doubt,
    Fenced,
    Head,
)
from tests.storage.samples import (
    batch,
    chip,
    commit,
    entry,
    grown,
    identity,
    line,
    loaded,
    needing,
    party,
    raw,
    slot,
)

CHIP_A, CHIP_B = chip(0), chip(1)


def a_new_store_is_an_empty_log(store):
    assert store.head() == Head(0, EMPTY_ROOT, 0)
    assert store.entries(0, 10) == [] and store.manifest(0) == () and store.tile(0, 0) == b""
    assert store.attestation("00") is None and store.checkpoint(0) is None and store.refusal("r") is None
    assert list(store.rows(CHIPS)) == [] and store.known(["x"]) == {} and store.known([]) == {}


def claiming_raises_the_epoch_and_nothing_else(store):
    assert store.claim() == Head(0, EMPTY_ROOT, 1)
    head = grown(store, store.head())
    assert store.claim() == replace(head, epoch=2) == store.head()


def a_committed_batch_is_there_to_read(store):
    head = store.claim()
    first = batch(store, head, 2, inserts={CHIPS: [CHIP_A], PARTIES: [party("fab-one")]})
    first.manifests[1] = (b'{"a":1}', b'{"b":2}')
    first.manifests[0] = ()
    first.attestations["ab"] = b"evidence\nof two lines"
    after = commit(store, head, first)
    assert after == Head(2, first.root, 1)
    assert store.entries(0, 9) == first.entries and store.entries(1, 2) == first.entries[1:]
    assert [each.raw for each in store.entries(0, 2)] == [raw(0), raw(1)]
    assert store.manifest(1) == (b'{"a":1}', b'{"b":2}') and store.manifest(0) == () == store.manifest(7)
    assert store.attestation("ab") == b"evidence\nof two lines"
    assert {place: store.tile(*place) for place in first.tiles} == first.tiles
    assert store.known([entry(1).statement, "unheard"]) == {entry(1).statement: 1}
    assert list(store.rows(CHIPS)) == [CHIP_A] and store.history(CHIPS, CHIP_A.chip) == [CHIP_A]


def a_stale_head_is_fenced(store):
    """Of another epoch, size or root: each alone is enough."""
    old = store.claim()
    head = grown(store, old)
    claimed = store.claim()
    for stale in (old, head, replace(claimed, size=0), replace(claimed, root=EMPTY_ROOT)):
        with pytest.raises(Fenced), store.writing(stale) as transaction:
            transaction.write(batch(store, claimed, inserts={CHIPS: [CHIP_A]}))
    assert store.head() == claimed and list(store.rows(CHIPS)) == []
    assert grown(store, claimed).size == 2


def whatever_goes_wrong_rolls_back(store):
    head = grown(store, store.claim(), inserts={CHIPS: [CHIP_A]})
    moved = chip(0, changed=1, custodian="hall-oslo")
    fine = batch(store, head, inserts={CHIPS: [chip(2, born=1)]}, updates={CHIPS: [moved]})
    fine.attestations["cd"] = b"x"
    with pytest.raises(ZeroDivisionError), store.writing(head) as transaction:
        transaction.write(fine)
        raise ZeroDivisionError
    with pytest.raises(KeyboardInterrupt), store.writing(head) as transaction:
        transaction.write(fine)
        raise KeyboardInterrupt
    assert store.head() == head and list(store.rows(CHIPS)) == [CHIP_A] and len(store.entries(0, 9)) == 1
    assert store.history(CHIPS, CHIP_A.chip) == [CHIP_A] and store.attestation("cd") is None
    assert len(store.tile(0, 0)) == 32
    commit(store, head, fine)
    assert [row.custodian for row in store.history(CHIPS, CHIP_A.chip)] == ["fab-one", "hall-oslo"]


def others_see_a_batch_only_when_it_is_committed(store):
    head = store.claim()
    with store.writing(head) as transaction:
        transaction.write(batch(store, head, inserts={CHIPS: [CHIP_A]}))
        assert store.head() == head and store.entries(0, 1) == [] and list(store.rows(CHIPS)) == []
        assert store.known([entry(0).statement]) == {}
    assert store.head().size == 1 and list(store.rows(CHIPS)) == [CHIP_A]


def a_transaction_may_end_without_a_word(store):
    head = store.claim()
    with store.writing(head):
        pass
    assert store.head() == head and grown(store, head).size == 1


def a_transaction_writes_once(store):
    head = store.claim()
    with pytest.raises(AssertionError, match="once"), store.writing(head) as transaction:
        transaction.write(batch(store, head))
        transaction.write(batch(store, head))
    assert store.head() == head


def what_is_inserted_must_be_new(store):
    head = grown(
        store,
        store.claim(),
        inserts={
            CHIPS: [CHIP_A],
            PARTIES: [party("fab-one")],
            LINES: [line("fab-one/s", "maker:A")],
            SLOTS: [slot("1"), slot("2")],
            IDENTITIES: [identity("u")],
        },
    )
    another = chip(7, born=1)
    named_alike = type(another)(
        *[CHIP_A.chip, *[getattr(another, name) for name in another.__struct_fields__[1:]]]
    )
    numbered_alike = type(another)(
        *[another.chip, CHIP_A.number, *[getattr(another, name) for name in another.__struct_fields__[2:]]]
    )
    taken = [
        (CHIPS, [named_alike]),
        (CHIPS, [numbered_alike]),
        (CHIPS, [another, another]),
        (PARTIES, [party("hall-oslo", 1), party("fab-one", 1)]),
        (LINES, [line("fab-one/s", "maker:A", changed=1)]),
        (SLOTS, [slot("3"), slot("2")]),
        (IDENTITIES, [identity("v"), identity("v")]),
    ]
    for table, rows in taken:
        with pytest.raises(Doubt):
            grown(store, head, inserts={table: rows})
    assert store.head() == head and list(store.rows(SLOTS)) == [slot("1"), slot("2")]
    fine = {CHIPS: [another], LINES: [line("fab-one/s", "maker:B"), line("fab-one/t", "maker:A")]}
    assert grown(store, head, inserts=fine).size == 2


def what_is_updated_must_be_there(store):
    inserts = {CHIPS: [CHIP_A, CHIP_B], SLOTS: [slot("1")]}
    head = grown(store, store.claim(), inserts=inserts)
    moved = chip(0, changed=1)
    other_number = type(moved)(*[moved.chip, 99, *[getattr(moved, n) for n in moved.__struct_fields__[2:]]])
    unheard = (CHIPS, [moved, chip(2, changed=1)])
    for table, rows in (unheard, (CHIPS, [other_number]), (SLOTS, [slot("1"), slot("4")])):
        with pytest.raises(Doubt):
            grown(store, head, updates={table: rows})
    assert store.head() == head and list(store.rows(SLOTS)) == [slot("1")]
    updates = {CHIPS: [chip(0, changed=1)], SLOTS: [slot("1", "maker:A", 1)]}
    assert grown(store, head, updates=updates).size == 2
    assert list(store.rows(SLOTS)) == [slot("1", "maker:A", 1)]


def a_version_is_written_once(store):
    head = grown(store, store.claim(), inserts={CHIPS: [CHIP_A]})
    for versions in ([CHIP_A], [chip(0, changed=1), chip(0, changed=1)]):
        again = batch(store, head)
        again.versions[CHIPS] = versions
        with pytest.raises(Doubt):
            commit(store, head, again)
    several = batch(store, head, 2, updates={CHIPS: [chip(0, changed=2)]})
    several.versions[CHIPS] = [chip(0, changed=1), chip(0, changed=2)]
    commit(store, head, several)
    assert [row.changed for row in store.history(CHIPS, CHIP_A.chip)] == [0, 1, 2]


def a_value_that_every_row_has_may_not_be_missing(store):
    head = store.claim()
    with pytest.raises(Doubt):
        grown(store, head, inserts={CHIPS: [chip(0, status=None)]})
    assert grown(store, head, inserts={CHIPS: [chip(0, custodian=None)]}).size == 1


def entries_follow_the_head_without_a_gap_and_are_new(store):
    head = grown(store, store.claim(), entries=2)
    fine = batch(store, head, 2)
    wrong = {
        "gap": replace(fine, entries=[entry(2), entry(4)]),
        "too few": replace(fine, entries=[entry(2)]),
        "from the beginning": replace(fine, entries=[entry(0), entry(1)]),
        "known": replace(fine, entries=[entry(2), entry(3, statement=entry(0).statement)]),
        "twice": replace(fine, entries=[entry(2, statement="same"), entry(3, statement="same")]),
        "manifest of an older entry": replace(fine, manifests={0: (b"{}",)}),
        "manifest of no entry": replace(fine, manifests={4: (b"{}",)}),
    }
    for made in wrong.values():
        with pytest.raises(Doubt):
            commit(store, head, made)
    assert store.head() == head and len(store.entries(0, 99)) == 2 and store.manifest(0) == ()
    assert commit(store, head, replace(fine, manifests={2: (b"{}",)})).size == 4


def a_tile_only_grows(store):
    head = grown(store, store.claim(), entries=3)
    tile = store.tile(0, 0)
    for hashes in (tile[:64], b"\x00" * 96, b"\x00" * 128):
        wrong = batch(store, head)
        wrong.tiles[0, 0] = hashes
        with pytest.raises(Doubt):
            commit(store, head, wrong)
    assert store.tile(0, 0) == tile
    grown(store, head, entries=300)
    assert (
        store.tile(0, 0)[:96] == tile and len(store.tile(0, 0)) == 8192 and len(store.tile(0, 1)) == 47 * 32
    )
    assert len(store.tile(1, 0)) == 32


def a_transaction_loads_what_is_committed(store):
    head = grown(store, store.claim(), inserts={CHIPS: [CHIP_A]})
    with store.writing(head) as transaction:
        registry = loaded(transaction, needing(CHIPS, CHIP_A.chip, CHIP_B.chip))
        assert transaction.known([entry(0).statement]) == {entry(0).statement: 0}
    assert registry.of(CHIPS) == {CHIP_A.chip: CHIP_A}
