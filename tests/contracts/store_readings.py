"""What every store promises to whoever reads the book, one function a promise, each on a new store.

See `store_promises` for what is promised to the writer.
"""

import threading

import pytest
from msgspec.structs import replace

from ledger.book.frame import FrameChip
from ledger.book.registry import FrameKey, Needs
from ledger.book.tables import (
    CHIPS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    LINES,
    PARTIES,
    SHIPMENTS,
    SITES,
    SLOTS,
)
from ledger.log.merkle import EMPTY_ROOT, RightEdge, grow, leaf_hash
from tests.storage.samples import (
    chip,
    discrepancy,
    discrepancy_chip,
    grown,
    line,
    loaded,
    needing,
    party,
    raw,
    shipment,
    site,
    slot,
)

READERS = 6


def rows_are_loaded_by_key_and_by_group(store):
    lines = [line("fab-one/s", f"maker:{name}") for name in "CAB"]
    seen = [discrepancy_chip("1.0", "maker:A", text) for text in ("", '{"uuid":"x"}')]
    inserts = {
        CHIPS: [chip(0), chip(1), chip(2)],
        LINES: [*lines, line("fab-one/s2", "maker:A")],
        SLOTS: [slot("1", "maker:A"), slot("2")],
        SHIPMENTS: [shipment("fab-one/s"), shipment("fab-one/s2")],
        DISCREPANCIES: [discrepancy("1.0")],
        DISCREPANCY_CHIPS: [*seen, discrepancy_chip("1.1", "maker:A")],
    }
    grown(store, store.claim(), inserts=inserts)
    needs = needing(CHIPS, chip(2).chip, chip(0).chip, "maker:none", 'odd "\\ \x00 é')
    needs.rows(SLOTS, [("hall-oslo/a", "r1", "2"), ("hall-oslo/a", "r1", "9"), ("r1", "hall-oslo/a", "1")])
    needs.rows(LINES, [("fab-one/s2", "maker:A"), ("fab-one/s2", "maker:B")])
    needs.rows(DISCREPANCY_CHIPS, [("1.0", "maker:A", "")])
    needs.group(LINES, "fab-one/s").group(LINES, "fab-one/none").group(DISCREPANCY_CHIPS, "1.0")
    registry = loaded(store, needs)
    assert sorted(registry.of(CHIPS)) == [chip(0).chip, chip(2).chip]
    assert list(registry.of(SLOTS).values()) == [slot("2")]
    assert set(registry.group(LINES, "fab-one/s").values()) == set(lines)
    assert set(registry.group(LINES, "fab-one/s2").values()) == {line("fab-one/s2", "maker:A")}
    assert set(registry.of(DISCREPANCY_CHIPS).values()) == set(seen)
    assert not registry.of(SHIPMENTS) and not registry.frames and not registry.roots
    assert not loaded(store, Needs()).of(CHIPS)


def roots_are_those_the_log_had(store):
    """At every size it passed, also sizes inside a batch, and none it has not reached."""
    head = store.claim()
    for entries in (1, 2, 254, 300, 1):
        head = grown(store, head, entries=entries)
    sizes = [0, 1, 2, 3, 100, 255, 256, 257, 511, 512, 513, 557, 558]
    needs = Needs()
    needs.roots.update([*sizes, 559, 10**12])
    leaves = [leaf_hash(raw(index)) for index in range(558)]
    plain = {size: grow(RightEdge.empty(), leaves[:size]).edge.root() for size in sizes}
    assert loaded(store, needs).roots == plain
    assert plain[0] == EMPTY_ROOT and plain[558] == head.root


def rows_are_found_by_what_they_say(store):
    first = [chip(0), chip(1, custodian=None), chip(2, status="missing"), chip(3)]
    head = grown(store, store.claim(), inserts={CHIPS: first})
    moved = [chip(0, changed=1, custodian="hall-oslo"), chip(3, changed=1, site=None)]
    head = grown(store, head, inserts={CHIPS: [chip(0, born=1)]}, updates={CHIPS: moved})

    def found(where, at, after=None, limit=10):
        return [(row.chip, row.changed) for row in store.find(CHIPS, where, at, after, limit)]

    names = [each.chip for each in first]
    born = chip(0, born=1).chip
    assert found({"custodian": "fab-one"}, 2) == [(names[2], 0), (names[3], 1), (born, 1)]
    assert found({"custodian": "fab-one"}, 1) == [(names[0], 0), (names[2], 0), (names[3], 0)]
    assert found({"custodian": "fab-one"}, 0) == []
    assert found({"custodian": "hall-oslo"}, 1) == [] and found({"custodian": "hall-oslo"}, 99) == [
        (names[0], 1)
    ]
    for at in (1, 2):
        assert found({"custodian": None}, at) == [(names[1], 0)]
        assert found({"chip": names[2], "status": "missing"}, at) == [(names[2], 0)]
        assert found({"chip": names[2], "status": "held"}, at) == []
        assert found({"chip": "maker:none"}, at) == []
        assert [name for name, _ in found({}, at, after=names[1], limit=2)] == names[2:]
    assert found({"born": 1, "chip": born}, 1) == [] and found({"born": 1, "chip": born}, 2) == [(born, 1)]
    assert found({"site": None}, 2) == [(names[3], 1)] and found({"site": None}, 1) == []


def what_keeps_no_history_is_found_as_it_is_and_never_as_it_was(store):
    lines = [line("s", "b"), line("s", "a", "lost"), line("r", "z"), line("t", "a")]
    grown(store, store.claim(), inserts={LINES: lines})
    assert store.find(LINES, {"state": "open"}, 1, None, 9) == [
        line("r", "z"),
        line("s", "b"),
        line("t", "a"),
    ]
    assert store.find(LINES, {}, 5, ("s", "a"), 2) == [line("s", "b"), line("t", "a")]
    assert store.find(LINES, {"shipment": "s"}, 1, None, 1) == [line("s", "a", "lost")]
    with pytest.raises(AssertionError, match="past"):
        store.find(LINES, {}, 0, None, 9)


def a_field_that_is_not_there_cannot_be_asked_for(store):
    with pytest.raises(AssertionError):
        store.find(CHIPS, {'chip" = "chip" OR "chip': "x"}, 0, None, 9)


def rows_come_in_the_order_of_their_bytes(store):
    names = ["fab-one", "fab1", "fab_one", "Fab-one", "fab-", "zeta", "é", "Z", "a", "ab"]
    grown(store, store.claim(), inserts={PARTIES: [party(name) for name in names]})
    ordered = sorted(names, key=str.encode)
    assert [row.party for row in store.rows(PARTIES)] == ordered
    assert [row.party for row in store.find(PARTIES, {}, 1, "fab-", 3)] == ordered[
        ordered.index("fab-") + 1 :
    ][:3]


def versions_come_in_the_order_of_entries(store):
    head = grown(store, store.claim(), inserts={CHIPS: [chip(1), chip(0)], PARTIES: [party("fab-one")]})
    head = grown(store, head, inserts={CHIPS: [chip(5, born=1)]}, updates={CHIPS: [chip(0, changed=1)]})
    head = grown(store, head, updates={CHIPS: [chip(1, changed=2)], PARTIES: [party("fab-one", 2, born=0)]})
    rows = list(store.versions(CHIPS, 0, 99))
    assert rows == [chip(0), chip(1), chip(0, changed=1), chip(5, born=1), chip(1, changed=2)]
    assert list(store.versions(CHIPS, 1, 2)) == rows[2:4] and list(store.versions(CHIPS, 3, 9)) == []
    assert store.history(CHIPS, chip(1).chip) == [chip(1), chip(1, changed=2)]
    assert store.history(PARTIES, "fab-one") == [party("fab-one"), party("fab-one", 2, born=0)]
    assert store.history(CHIPS, "maker:none") == []


def a_frame_holds_what_provers_held_at_its_index(store):
    first = [
        chip(3, custodian="b"),
        chip(0, custodian="a", site=None, model=None),
        chip(1, custodian="a", status="in_transit"),
        chip(2, custodian="a", status="missing"),
        chip(4, custodian="c"),
        chip(5, custodian=None),
    ]
    head = grown(store, store.claim(), inserts={CHIPS: first})
    moved = [chip(4, changed=1, custodian="a"), chip(3, changed=1, custodian="c")]
    head = grown(store, head, inserts={CHIPS: [chip(9, born=1, custodian="b")]}, updates={CHIPS: moved})
    now, then = FrameKey(("a", "b"), 2), FrameKey(("a", "b"), 1)

    def drawn(*places):
        return tuple(FrameChip(each.chip, each.site, each.model, each.cls) for each in places)

    zero, one, three, four, nine = chip(0, site=None, model=None), chip(1), chip(3), chip(4), chip(9, born=1)

    def found(key):
        return tuple(store.frame(key))

    assert found(now) == drawn(zero, one, four, nine) == found(FrameKey(("a", "b"), 50))
    assert found(then) == drawn(zero, one, three)
    assert found(FrameKey(("a", "b"), 0)) == () == found(FrameKey((), 2))
    frames = loaded(store, Needs(frames={now, then})).frames
    assert {key: tuple(frame) for key, frame in frames.items()} == {now: found(now), then: found(then)}


def a_frame_may_be_of_what_is_missing_or_of_floors(store):
    lost = [replace(chip(place, custodian=None, status="missing"), liable="a") for place in (1, 2)]
    others = [chip(3, custodian="a"), replace(chip(4, custodian=None, status="missing"), liable="c")]
    floors = [replace(site("a/hall"), operator="a", positions=2), replace(site("b/hall"), operator="b")]
    made = {CHIPS: [*lost, *others], SITES: [*floors, replace(site("c/x"), operator="c", positions=3)]}
    head = grown(store, store.claim(), inserts=made)
    found = [replace(lost[0], changed=1, status="held", custodian="a")]
    more = [replace(site("a/new", 1), operator="a", positions=1)]
    now_lost = [replace(others[0], changed=1, status="missing", custodian=None)]
    grown(store, head, inserts={SITES: more}, updates={CHIPS: [*found, *now_lost]})

    def names(at, part, *provers):
        return [each.chip for each in store.frame(FrameKey(provers, at, part))]

    assert names(1, "missing", "a", "b") == [lost[0].chip, lost[1].chip]
    assert names(2, "missing", "a") == [lost[1].chip, others[0].chip]
    assert names(0, "missing", "a") == names(2, "missing") == []
    assert names(2, "floor") == names(0, "floor", "a") == []
    assert names(1, "floor", "a", "b") == ["a/hall#1", "a/hall#2"]
    assert names(2, "floor", "a", "c") == ["a/hall#1", "a/hall#2", "a/new#1", "c/x#1", "c/x#2", "c/x#3"]
    first = store.frame(FrameKey(("a",), 1, "floor"))[0]
    assert first == FrameChip("a/hall#1", "a/hall", None, "")


def readers_see_whole_commits_while_one_writes(store):
    """Two chips are always written by one entry, so whoever sees two different entries saw half a commit."""
    head = grown(store, store.claim(), inserts={CHIPS: [chip(0), chip(1)]})
    done, torn, looks = threading.Event(), [], []

    def read():
        while not done.is_set():
            registry = loaded(store, needing(CHIPS, chip(0).chip, chip(1).chip))
            seen = {row.changed for row in registry.of(CHIPS).values()}
            looks.append(max(seen))
            if len(seen) != 1 or len(store.entries(0, 999)) <= max(seen):
                torn.append(seen)

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for at in range(1, 40):
            both = [chip(0, changed=at), chip(1, changed=at)]
            head = grown(store, head, updates={CHIPS: both})
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert head.size == 40 and not torn and len(looks) >= READERS
