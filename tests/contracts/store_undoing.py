"""What every store promises to who counts all a party has, and to who takes back what was said.

One function a promise, each on a new store. See `store_promises` for what is promised to the writer.
"""

import pytest
from msgspec.structs import replace

from ledger.book.registry import FrameKey, Needs, Version, Written
from ledger.book.rows import UNMADE
from ledger.book.tables import CHIPS, DISCREPANCIES, DISCREPANCY_CHIPS, PARTIES, SITES, SLOTS
from ledger.storage.store import Doubt
from tests.storage.samples import (
    batch,
    chip,
    commit,
    discrepancy,
    discrepancy_chip,
    entry,
    grown,
    loaded,
    needing,
    party,
    site,
    slot,
)


def all_that_a_party_has_is_loaded(store):
    """At rest or not, whoever knows it already, and nothing of others."""
    mine = [chip(0, custodian="a"), chip(1, custodian="a", status="in_transit"), chip(2, custodian="b")]
    others = [chip(3, custodian="c"), chip(4, custodian=None)]
    head = grown(store, store.claim(), inserts={CHIPS: [*mine, *others]})
    needs = Needs(holdings={"a", "b", "nobody"})
    wanted = {row.chip: row for row in mine}
    assert loaded(store, needs).of(CHIPS) == wanted
    moved = [chip(0, changed=1, custodian="c"), chip(3, changed=1, custodian="b")]
    with store.writing(head) as transaction:
        assert loaded(transaction, needs).of(CHIPS) == wanted
        transaction.write(batch(store, head, updates={CHIPS: moved}))
    wanted = {row.chip: row for row in (mine[1], mine[2], moved[1])}
    head = store.claim()  # whoever claims knows no chip any more
    for _ in range(2):
        with store.writing(head) as transaction:
            assert loaded(transaction, needs).of(CHIPS) == wanted
    assert loaded(store, needs).of(CHIPS) == wanted
    assert [row.chip for row in loaded(store, needs).held_by({"b"})] == [mine[2].chip, moved[1].chip]
    assert not loaded(store, Needs(holdings={"nobody"})).of(CHIPS)


def what_an_entry_wrote_is_loaded_with_what_was_there_before(store):
    """Also where the same batch wrote the row twice, and of several entries at once."""
    many = [chip(place) for place in range(40)]
    first = {CHIPS: many, PARTIES: [party("a"), party("b")], SLOTS: [slot("1")]}
    head = grown(
        store, store.claim(), inserts=first | {DISCREPANCY_CHIPS: [discrepancy_chip("1.0", "x", "s")]}
    )
    once = [chip(place, changed=1, site="a/b") for place in (3, 17, 39)]
    twice = chip(17, changed=2, site=None)
    made = batch(
        store, head, 2, inserts={CHIPS: [chip(0, born=2)]}, updates={CHIPS: [once[0], twice, once[2]]}
    )
    made.versions[CHIPS] = [*once, twice, chip(0, born=2)]
    made.updates[PARTIES], made.versions[PARTIES] = [party("a", 1, born=0)], [party("a", 1, born=0)]
    line = discrepancy_chip("1.0", "x", "s", closed=2, changed=2)
    made.updates[DISCREPANCY_CHIPS], made.versions[DISCREPANCY_CHIPS] = [line], [line]
    head = commit(store, head, made)
    grown(store, head, updates={CHIPS: [chip(3, changed=3)]})

    names = [entry(at).statement for at in range(3)]
    found = loaded(store, Needs(statements={*names, "unheard"})).written
    assert found.keys() == set(names)
    assert _by_table(found[names[1]]) == {
        CHIPS: {Version(row, many[place]) for row, place in zip(once, (3, 17, 39), strict=True)},
        PARTIES: {Version(party("a", 1, born=0), party("a"))},
    }
    assert _by_table(found[names[2]]) == {
        CHIPS: {Version(twice, once[1]), Version(chip(0, born=2), None)},
        DISCREPANCY_CHIPS: {Version(line, discrepancy_chip("1.0", "x", "s"))},
    }
    first_of_all = _by_table(found[names[0]])
    assert first_of_all.keys() == {CHIPS, PARTIES, DISCREPANCY_CHIPS}  # of slots no past is kept
    assert first_of_all[CHIPS] == {Version(row, None) for row in many}
    said = {(each.index, each.kind, each.party) for each in found.values()}
    assert said == {(at, entry(at).kind, entry(at).party) for at in range(3)}
    assert loaded(store, Needs(statements={"unheard"})).written == {}


def what_the_book_has_not_come_to_was_not_written_yet(store):
    """While a book is folded again, the log goes on beyond it."""
    head = store.claim()
    first = batch(store, head, 1, inserts={CHIPS: [chip(0)]})
    head = commit(store, head, first)
    grown(store, head, updates={CHIPS: [chip(0, changed=1)]})
    store.drop_book()
    first.entries = []
    commit(store, store.head(), first, refold=True)
    found = loaded(store, Needs(statements={entry(0).statement, entry(1).statement})).written
    assert found == {
        entry(0).statement: Written(0, "chips.registered", "fab-one", {CHIPS: (Version(chip(0), None),)})
    }


def an_unmade_row_is_seen_by_who_follows_what_happened_alone(store):
    kept, other = chip(1), chip(2)
    first = {CHIPS: [chip(0), kept, other], SITES: [site("fab-one/a"), site("fab-one/b")]}
    head = grown(store, store.claim(), inserts=first)
    gone, closed = _unmade(chip(0, changed=1)), _unmade(site("fab-one/a", 1))
    head = grown(store, head, updates={CHIPS: [gone], SITES: [closed]})
    assert list(store.rows(CHIPS)) == [kept, other] and list(store.rows(SITES)) == [site("fab-one/b")]
    for at in (2, 9):
        assert store.find(CHIPS, {"custodian": "fab-one"}, at, None, 1) == [kept]
        assert store.find(CHIPS, {"chip": gone.chip}, at, None, 9) == []
        assert store.find(SITES, {"operator": "fab-one"}, at, None, 9) == [site("fab-one/b")]
    assert store.find(CHIPS, {}, 1, None, 9) == [chip(0), kept, other]
    assert store.find(SITES, {}, 1, None, 9) == [site("fab-one/a"), site("fab-one/b")]
    assert _drawn(store, 2) == [kept.chip, other.chip] and len(_drawn(store, 1)) == 3
    assert store.history(CHIPS, gone.chip) == [chip(0), gone]
    assert store.history(SITES, closed.site) == [site("fab-one/a"), closed]
    assert list(store.versions(CHIPS, 1, 2)) == [gone] and list(store.versions(SITES, 1, 2)) == [closed]
    needs = needing(CHIPS, gone.chip, kept.chip).rows(SITES, [closed.site])
    needs.holdings.add("fab-one")
    for registry in (loaded(store, needs), *_loaded_by_the_writer(store, head, needs)):
        assert registry.get(CHIPS, gone.chip) is None and registry.get(SITES, closed.site) is None
        assert registry.unmade(CHIPS, gone.chip) == gone and registry.unmade(SITES, closed.site) == closed
        assert registry.held_by({"fab-one"}) == [kept, other]


def what_takes_the_name_of_an_unmade_row_updates_it(store):
    head = grown(store, store.claim(), inserts={CHIPS: [chip(0)], SITES: [site("fab-one/a")]})
    gone, closed = _unmade(chip(0, changed=1)), _unmade(site("fab-one/a", 1))
    head = grown(store, head, updates={CHIPS: [gone], SITES: [closed]})
    again, opened = chip(0, changed=2, custodian="b"), site("fab-one/a", 2)
    for table, row in ((CHIPS, again), (SITES, opened)):
        with pytest.raises(Doubt):
            grown(store, head, inserts={table: [row]})
    renumbered = type(again)(*[again.chip, 99, *[getattr(again, n) for n in again.__struct_fields__[2:]]])
    with pytest.raises(Doubt):
        grown(store, head, updates={CHIPS: [renumbered]})
    head = grown(store, head, updates={CHIPS: [again], SITES: [opened]})
    assert list(store.rows(CHIPS)) == [again] and list(store.rows(SITES)) == [opened]
    assert store.history(CHIPS, again.chip) == [chip(0), gone, again]
    assert store.find(CHIPS, {}, 2, None, 9) == [] and store.find(CHIPS, {}, 1, None, 9) == [chip(0)]
    written = loaded(store, Needs(statements={entry(1).statement, entry(2).statement})).written
    assert _by_table(written[entry(1).statement])[CHIPS] == {Version(gone, chip(0))}
    assert _by_table(written[entry(2).statement])[SITES] == {Version(opened, closed)}
    assert _by_table(written[entry(2).statement])[CHIPS] == {Version(again, gone)}
    assert loaded(store, needing(CHIPS, again.chip)).get(CHIPS, again.chip) == again


def rows_of_several_fields_have_a_past_of_their_own(store):
    lines = [discrepancy_chip("1.0", "a"), discrepancy_chip("1.0", "a", "s"), discrepancy_chip("1.1", "a")]
    head = grown(
        store, store.claim(), inserts={DISCREPANCIES: [discrepancy("1.0")], DISCREPANCY_CHIPS: lines}
    )
    closed = [discrepancy_chip("1.0", "a", "s", closed=1, changed=1)]
    head = grown(store, head, updates={DISCREPANCY_CHIPS: closed})
    assert store.history(DISCREPANCY_CHIPS, ("1.0", "a", "s")) == [lines[1], *closed]
    assert store.history(DISCREPANCY_CHIPS, ("1.0", "a", "")) == [lines[0]]
    assert store.find(DISCREPANCY_CHIPS, {"chip": "a"}, 1, None, 9) == lines
    assert store.find(DISCREPANCY_CHIPS, {"chip": "a"}, 2, None, 9) == [lines[0], *closed, lines[2]]
    assert store.find(DISCREPANCY_CHIPS, {"closed": None}, 2, ("1.0", "a", ""), 9) == [lines[2]]
    assert list(store.versions(DISCREPANCY_CHIPS, 0, 1)) == lines
    assert list(store.versions(DISCREPANCY_CHIPS, 1, 2)) == closed


def _by_table(written):
    return {table: set(versions) for table, versions in written.versions.items()}


def _drawn(store, at):
    from_one = store.find(CHIPS, {"custodian": "fab-one"}, at, None, 99)
    frame = [each.chip for each in store.frame(FrameKey(("fab-one",), at))]
    assert frame == [row.chip for row in from_one]
    return frame


def _loaded_by_the_writer(store, head, needs):
    """Twice: what it has learned of chips the first time it need not ask the second."""
    for _ in range(2):
        with store.writing(head) as transaction:
            yield loaded(transaction, needs)


def _unmade(row):
    """The row as a correction leaves it that takes back its making."""
    return replace(row, born=UNMADE)
