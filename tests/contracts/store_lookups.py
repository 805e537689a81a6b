"""What every store promises to whoever looks things up, one function a promise, each on a new store.

See `store_readings` for what is read of the book in order.
"""

from msgspec.structs import replace

from ledger.book.rows import UNMADE
from ledger.book.tables import CHIPS, IDENTITIES
from ledger.storage.store import Standing
from tests.storage.samples import chip, grown, identity

SEEN = '{"label":"H100 A","uuid":"GPU-1"}'
OTHER = '{"label":"H100 B","uuid":"GPU-2"}'


def who_was_ever_concerned_with_a_chip_is_known(store):
    head = grown(store, store.claim(), inserts={CHIPS: [chip(0), chip(1)]})
    for custodian in ("b", "a", "fab-one"):
        head = grown(store, head, updates={CHIPS: [chip(0, changed=head.size, custodian=custodian)]})
    made = {CHIPS: [replace(chip(1, changed=head.size, custodian=None), liable="y", owner=None)]}
    found = store.standings([chip(0).chip, chip(1).chip, "maker:none"])
    assert found == {
        chip(0).chip: Standing(chip(0, changed=3), frozenset({"maker", "fab-one", "a", "b"})),
        chip(1).chip: Standing(chip(1), frozenset({"maker", "fab-one"})),
    }
    grown(store, head, updates=made)
    assert store.standings([chip(1).chip])[chip(1).chip].named == {"maker", "fab-one", "y"}
    assert store.standings([]) == {} == store.standings(["maker:none"])


def chips_are_told_as_they_were(store):
    head = grown(store, store.claim(), inserts={CHIPS: [chip(0), chip(1)]})
    head = grown(store, head, updates={CHIPS: [chip(0, changed=1, custodian="b")]})
    head = grown(store, head, inserts={CHIPS: [chip(2, born=2)]})
    head = grown(store, head, updates={CHIPS: [replace(chip(1, changed=3), born=UNMADE)]})
    names = [chip(0).chip, chip(1).chip, chip(2, born=2).chip, "maker:none"]
    for at in range(6):
        there = {row.chip: row for row in store.find(CHIPS, {}, at, None, 9)}
        assert store.chips_as_of(names, at) == there
        assert store.chips_as_of(names[:1], at) == {n: r for n, r in there.items() if n == names[0]}
    assert store.standings(names[1:2])[names[1]].row.born == UNMADE


def entries_are_found_by_index(store):
    grown(store, store.claim(), entries=5)
    whole = store.entries(0, 5)
    assert store.entries_at([4, 0, 0, 9, -1]) == {0: whole[0], 4: whole[4]}
    assert store.entries_at([]) == {}


def chips_are_found_by_what_they_bear_or_bore(store):
    first = [
        chip(0, identity=SEEN),
        replace(chip(1, identity=SEEN), cls="C"),
        chip(2, identity='{"label":"H100 A"}'),
        chip(3),
    ]
    borne = [identity("GPU-1", first[0].chip)]
    head = grown(store, store.claim(), inserts={CHIPS: first, IDENTITIES: borne})

    def found(name, after=-1, limit=9):
        return [chip_id for _, chip_id in store.bearers(name, after, limit)]

    names = [row.chip for row in first]
    assert found("label:H100 A") == names[:3]
    assert found("uuid:GPU-1") == names[:2]
    assert found("label:H100 A", limit=1) == names[:1]
    assert found("label:H100 A", after=store.bearers("label:H100 A", -1, 1)[0][0]) == names[1:3]
    assert found("label:H100 B") == [] == found("uuid:H100 A") == found("label:GPU-1") == found("")
    given = [replace(row, changed=1, identity=OTHER) for row in (first[0], first[3])]
    head = grown(store, head, updates={CHIPS: given, IDENTITIES: [identity("GPU-1", None, 1)]})
    assert found("label:H100 A") == names[:3] and found("label:H100 B") == [names[0], names[3]]
    assert found("uuid:GPU-1") == names[:2]
    gone = [replace(given[1], changed=2, status="destroyed"), replace(first[2], changed=2, born=UNMADE)]
    grown(store, head, updates={CHIPS: gone})
    assert names[3] in found("uuid:GPU-2") and names[2] in found("label:H100 A")


def what_a_party_had_is_found_at_any_size_by_number(store):
    first = [chip(place, custodian="a") for place in range(6)]
    head = grown(store, store.claim(), inserts={CHIPS: first})
    for custodian, places in (("b", (1, 4)), ("a", (1,)), (None, (5,)), ("b", (0,))):
        moved = [chip(place, 0, head.size, custodian) for place in places]
        head = grown(store, head, updates={CHIPS: moved})
    head = grown(store, head, updates={CHIPS: [replace(chip(2, 0, head.size, "a"), born=UNMADE)]})
    for at in range(head.size + 2):
        for custodian in ("a", "b", "c"):
            there = store.find(CHIPS, {"custodian": custodian}, at, None, 99)
            there.sort(key=lambda row: row.number)
            assert store.held(custodian, at, -1, 99) == there
            for place, row in enumerate(there):
                assert store.held(custodian, at, row.number, 2) == there[place + 1 : place + 3]
    assert [row.chip for row in store.held("b", 9, -1, 9)] == [chip(0).chip, chip(4).chip]
