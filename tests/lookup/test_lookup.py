"""Lookups over rows that no statement has to make: keys that ran out, chains of succession, pages."""

import pytest
from msgspec.structs import replace

from ledger.book.rows import Chip, Key, Party, Shipment
from ledger.book.tables import CHIPS, KEYS, PARTIES, SHIPMENTS
from ledger.lookup import Lookup
from ledger.lookup.answers import Window, page
from ledger.lookup.record import end_of_day
from ledger.storage.memory import MemoryStore
from ledger.storage.store import Batch, StoredEntry
from ledger.viewer import Viewer

SIZE = 10
PARTY = Party("acme", "Acme", "holder", "NL", None, 0, None, "", "", 1, 1, 1)
KEY = Key("k" * 64, "acme", "0" * 64, 2, None, None, None, None, None, 1, 1)
CHIP = Chip(
    chip="fab:S1",
    number=1,
    model=None,
    cls="B",
    custodian="acme",
    owner="acme",
    liable="acme",
    site=None,
    system=None,
    slot=None,
    status="held",
    shipment=None,
    lots=None,
    identity=None,
    last_liable=None,
    born=1,
    changed=1,
)
SHIPMENT = Shipment("acme/1", "acme", "r", "NL", 0, "kept", None, None, 1, 0, 0, 0, 0, 0, "open", 1, 1)
SEES_ALL = Viewer("v", frozenset({"verifier"}), frozenset({"v"}))
ACME = Viewer("acme", frozenset({"holder"}), frozenset({"acme"}))


def lookup_over(rows, admitted_at=lambda index: index * 1000):
    """A lookup over a book of these rows by table, in a log of ten entries that say nothing."""
    store = MemoryStore()
    entries = [
        StoredEntry(index, f"{index:064x}", b"{}", bytes(32), admitted_at(index), "x.y", "p", "k", 0, 0, "")
        for index in range(SIZE)
    ]
    batch = Batch(entries=entries, size=SIZE, root=bytes(32))
    for table, some in rows.items():
        batch.inserts[table] = list(some)
        if table.history:
            batch.versions[table] = list(some)
    with store.writing(store.claim()) as transaction:
        transaction.write(batch)
    return Lookup(store, lambda: SIZE, lambda: SIZE)


@pytest.mark.parametrize(
    ("change", "stands"),
    [
        ({}, True),
        ({"from_index": SIZE}, True),
        ({"from_index": SIZE + 1}, False),
        ({"to_index": SIZE + 1}, True),
        ({"to_index": SIZE}, False),
        ({"until": 1_001}, True),
        ({"until": 1_000}, False),
        ({"not_before": 1_000}, True),
        ({"not_before": 1_001}, False),
        ({"party": "other"}, False),
        ({"kinds": "shipment.arrived"}, False),
        ({"sites": "acme/hall"}, False),
    ],
    ids=str,
)
def test_a_key_reads_while_it_stands_for_all_its_party_is(change, stands):
    lookup = lookup_over({PARTIES: [PARTY], KEYS: [replace(KEY, **change)]})
    viewer = lookup.book.viewer("acme", KEY.key_id, SIZE, 1_000)
    assert (viewer is not None) is stands


def test_a_party_speaks_for_all_whom_it_succeeded():
    rows = {
        PARTIES: [replace(PARTY, predecessors="p0 p1"), replace(PARTY, party="p1", successors="acme")],
        KEYS: [KEY, replace(KEY, key_id="j" * 64, party="p1")],
    }
    book = lookup_over(rows).book
    assert book.viewer("acme", KEY.key_id, SIZE, 0).speaks_for == {"acme", "p0", "p1"}
    assert book.viewer("p1", "j" * 64, SIZE, 0).speaks_for == {"p1"}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 100])
def test_pages_together_are_the_list_whatever_the_limit(limit):
    chips = [replace(CHIP, chip=f"fab:S{n}", number=n) for n in range(8)]
    book = lookup_over({PARTIES: [PARTY], CHIPS: chips}).book
    seen, after = [], None
    for _ in range(10):
        part = book.holdings(ACME, "acme", Window(SIZE, after, limit))
        assert 0 < len(part.items) <= limit
        seen += [item["chip"] for item in part.items]
        after = part.next
        if after is None:
            break
    assert seen == [chip.chip for chip in chips]


def test_a_list_that_fits_exactly_has_no_next():
    assert page([{}, {}], ["a", "b"], 2).next is None
    assert page([{}, {}, {}], ["a", "b", "c"], 2).next == "b"


def test_a_row_that_is_seen_for_two_reasons_is_listed_once_and_in_order():
    both = [replace(SHIPMENT, shipment=f"acme/{n}", receiver="acme" if n % 2 else "r") for n in range(6)]
    book = lookup_over({SHIPMENTS: both}).book
    names = [item["shipment"] for item in book.shipments(ACME, None, None, Window(SIZE, None, 100)).items]
    assert names == [row.shipment for row in both]
    part = book.shipments(ACME, None, None, Window(SIZE, None, 4))
    assert ([item["shipment"] for item in part.items], part.next) == (names[:4], names[3])


def test_a_name_spelled_wrong_is_not_asked_of_the_store():
    book = lookup_over({CHIPS: [CHIP]}).chips
    for name in ("", "fab", "FAB:S1", "fab:S1\n", "fab:\u0661", "x" * 1_000):
        assert book.chip(SEES_ALL, name, SIZE) is None
    assert book.chip(SEES_ALL, "fab:S1", SIZE)["custodian"] == "acme"


def test_a_day_counts_the_entries_admitted_before_its_end():
    day_ms = 86_400_000
    record = lookup_over({}, admitted_at=lambda index: index // 2 * day_ms).record
    ends = [record.size_on(end_of_day(day * 86_400)) for day in range(-1, 6)]
    assert ends == [0, 2, 4, 6, 8, 10, 10]


def test_proofs_are_of_sizes_that_were_reached():
    record = lookup_over({}).record
    for index, size in ((0, SIZE + 1), (5, 5), (-1, 3), (3, 2)):
        assert record.inclusion(index, size) is None
    assert record.consistency(0, SIZE + 1) is None
    assert record.consistency(SIZE, SIZE) == []
    assert record.checkpoint(SIZE + 1) is None


def test_what_everybody_may_know_of_an_entry_is_not_what_it_says():
    newest = lookup_over({}).record.newest(3)
    assert [entry["entry_index"] for entry in newest] == [9, 8, 7]
    assert {frozenset(entry) for entry in newest} == {frozenset({"entry_index", "admitted_at", "leaf_hash"})}
