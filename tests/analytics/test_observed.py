"""Events, confirmations and counts are those of a slow count by hand, however the log is cut into batches."""

import random
from dataclasses import replace

import pytest

from analytics.follower import Follower
from analytics.warehouse import Warehouse
from ledger.book.tables import STOCKTAKES
from ledger.log.proofs import HashSource, root_at
from tests.analytics.second_world import World
from tests.analytics.slow_observed import SlowObserved
from tests.analytics.test_follower import contents
from tests.analytics.test_inspections import world as inspected  # noqa: F401  # a fixture
from tests.analytics.trade import Trade

CUTS = 6
EVENTS = "SELECT chip, entry_index, kind, party, counterparty FROM chip_event"
COUNTS = (
    "SELECT entry_index, model, party, site, scope, book, counted, absent, surplus, in_motion FROM stocktake"
)


def fed(store, path, *sizes):
    warehouse = Warehouse(path)
    for size in sizes:
        assert Follower(store, warehouse).follow(size, root_at(size, HashSource(store.tile))).size == size
    return warehouse


@pytest.fixture(scope="module", params=[11, 23])
def told(request, tmp_path_factory):
    """A world of quarrels, by hand and in a warehouse that was fed it in pieces."""
    world = World(request.param)
    folder = tmp_path_factory.mktemp("observed")
    cuts = sorted(random.Random(request.param).sample(range(1, world.size), CUTS))
    warehouse = fed(world.store, folder / "cut", *cuts, world.size)
    yield world, SlowObserved(world.store), warehouse, folder
    warehouse.close()


class Sparing:
    """A store that gives some entries at a time: batches of any size, with nothing settled in between."""

    def __init__(self, source, seed):
        self.source, self.chance, self.batches = source, random.Random(seed), 0

    def __getattr__(self, name):
        return getattr(self.source, name)

    def entries(self, start, stop):
        self.batches += 1
        return self.source.entries(start, stop)[: self.chance.randrange(1, 60)]


def test_however_it_is_cut_the_rows_are_the_same(told):
    world, _, warehouse, folder = told
    sparing = Sparing(world.store, world.size)
    for name, store in (("whole", world.store), ("spared", sparing)):
        made = fed(store, folder / name, world.size)
        assert contents(made) == contents(warehouse), name
        made.close()
    assert sparing.batches > 5


def test_events_are_those_found_by_hand(told):
    world, slow, warehouse, _ = told
    found, expected = sorted(warehouse.ask(EVENTS, []), key=repr), sorted(slow.events(), key=repr)
    assert found == expected
    kinds = {row[2] for row in expected}
    assert len(kinds) >= 12 and len(expected) > 2 * len(world.rows(STOCKTAKES)) > 0
    assert sum(row[4] is not None for row in expected) > 100


def test_confirmed_are_those_found_by_hand(told):
    _, slow, warehouse, _ = told
    found = dict(warehouse.ask("SELECT chip, last_confirmed_at FROM chip", []))
    assert found == slow.confirmed()
    seen = [when for when in found.values() if when is not None]
    assert 10 < len(seen) < len(found) and len(set(seen)) > 5


def test_counts_are_those_found_by_hand(told):
    world, slow, warehouse, _ = told
    found = {row[:2]: row[2:] for row in warehouse.ask(COUNTS, [])}
    assert found == slow.counts() and len(found) > 10
    assert {scope for _, _, scope, *_ in found.values()} == {"full", "partial"}
    sums = {}
    for (index, _), (_, _, scope, book, counted, absent, surplus, _) in found.items():
        assert counted == book - absent + surplus and (scope == "full" or absent == 0)
        before = sums.get(index, (0, 0, 0))
        sums[index] = tuple(a + b for a, b in zip(before, (book, counted, absent), strict=True))
    judged = [row for row in world.rows(STOCKTAKES) if row.state == "judged"]
    ledger = {row.changed: (row.expected, row.counted, row.absent) for row in judged}
    assert sums == {index: figures for index, figures in ledger.items() if figures != (0, 0, 0)}, (
        "the law's own"
    )
    assert sum(absent for _, _, absent in sums.values()) > 0


def test_what_is_left_out_by_hand_shows(told):
    """The control: each comparison fails where one thing is taken away on one side."""
    _, slow, warehouse, _ = told
    assert sorted(warehouse.ask(EVENTS, []), key=repr) != sorted(list(slow.events())[1:], key=repr)
    unheard = SlowObserved(told[0].store)
    unheard.lines = [[] for _ in unheard.lines]
    assert unheard.counts() != slow.counts() and unheard.confirmed() != slow.confirmed()


def test_an_inspector_confirms_what_it_found_as_the_book_has_it(inspected, tmp_path):  # noqa: F811
    """And not what was gone; a position or a stranger is no chip of the book."""
    store = inspected.door.store
    warehouse = fed(store, tmp_path / "w", store.head().size)
    slow = SlowObserved(store)
    found = dict(warehouse.ask("SELECT chip, last_confirmed_at FROM chip", []))
    assert found == slow.confirmed() and inspected.gone in found and found[inspected.gone] is None
    assert len([when for when in found.values() if when is not None]) == 5
    events = warehouse.ask(EVENTS + " WHERE kind LIKE 'inspection.%'", [])
    assert ("acme:STRANGER", "inspection.found") in {(row[0], row[2]) for row in events}
    assert sorted(warehouse.ask(EVENTS, []), key=repr) == sorted(slow.events(), key=repr)
    warehouse.close()


@pytest.fixture
def trade():
    made = Trade()
    made.list_model("h100", {"bf16": 1})
    for party, role in (("acme", "maker"), ("oslo", "holder"), ("lima", "holder"), ("holding", "holder")):
        made.enrol(party, role, "NO")
    return made


def adopt(trade, *parties):
    for party in parties:
        trade.say("registrar", "party.changed", {"party": party, "parent": "holding"})


def test_a_family_does_not_confirm_its_own(trade, tmp_path):
    """A receipt or a sighting counts between strangers until both have one head; sealed cartons never do."""
    chips = trade.make("acme", range(6))
    trade.receive(
        "oslo", trade.send("acme", "s1", chips[:1], "oslo", country="NO", due=9), [(chips[0], "received")]
    )
    trade.receive("oslo", trade.send("acme", "s2", chips[1:2], "oslo", country="NO", due=9))
    trade.sight("lima", chips[2:3], "acme/hall")
    adopt(trade, "acme", "oslo")
    trade.receive(
        "oslo", trade.send("acme", "s3", chips[3:4], "oslo", country="NO", due=9), [(chips[3], "received")]
    )
    trade.sight("oslo", chips[4:5], "acme/hall")
    trade.sight("holding", chips[4:5], "acme/hall")
    trade.sight("acme", chips[5:], "acme/hall")
    trade.succeed("acme", "lima")
    trade.sight("lima", chips[5:], "acme/hall")
    warehouse = fed(trade.store, tmp_path / "w", trade.size)
    rows = dict(warehouse.ask("SELECT chip, last_confirmed_at FROM chip", []))
    assert {chip for chip, when in rows.items() if when is not None} == {chips[0], chips[2]}
    slow = SlowObserved(trade.store)
    assert rows == slow.confirmed()
    slow.are_kin = lambda one, other, _: one == other
    assert {chip for chip, when in slow.confirmed().items() if when} > {chips[0], chips[2]}, "the control"
    above = "SELECT party, ancestor, basis, depth, is_ultimate, from_index, to_index FROM party_ancestor"
    since = [entry.index for entry in trade.entries if entry.kind == "party.changed"][:2]
    assert sorted(warehouse.ask(above, [])) == [
        (party, "holding", basis, 1, True, index, None)
        for party, index in zip(("acme", "oslo"), since, strict=True)
        for basis in ("registered", "suspected")
    ]
    trade.enrol("watch", "verifier", "AT")
    noted = trade.size
    trade.affiliate("watch", "holding", "lima")
    Follower(trade.store, warehouse).follow(trade.size, trade.root)
    suspected = sorted(warehouse.ask(above + " WHERE basis = 'suspected'", []))
    assert suspected == [
        ("acme", "holding", "suspected", 1, True, since[0], noted),
        ("acme", "lima", "suspected", 2, True, noted, None),
        ("holding", "lima", "suspected", 1, True, noted, None),
        ("oslo", "holding", "suspected", 1, True, since[1], noted),
        ("oslo", "lima", "suspected", 2, True, noted, None),
    ], "lima was enrolled before holding, and is nobody's child"
    warehouse.close()


def test_a_sighting_taken_back_confirms_nothing_even_after_it_was_told(trade, tmp_path):
    chips = trade.make("acme", range(3))
    trade.sight("lima", chips[:2], "acme/hall")
    said = trade.size - 1
    trade.now += 60
    trade.sight("oslo", chips[1:], "acme/hall")
    grown = fed(trade.store, tmp_path / "grown", trade.size)
    query = "SELECT chip, last_confirmed_at IS NOT NULL FROM chip ORDER BY chip"
    assert [is_seen for _, is_seen in grown.ask(query, [])] == [True, True, True]
    trade.correct("lima", said)
    Follower(trade.store, grown).follow(trade.size, trade.root)
    assert [is_seen for _, is_seen in grown.ask(query, [])] == [False, True, True]
    rows = dict(grown.ask("SELECT chip, last_confirmed_at FROM chip", []))
    assert rows == SlowObserved(trade.store).confirmed()
    grown.close()


def test_a_count_in_parts_is_told_once_it_is_whole_and_no_more_once_it_is_taken_back(trade, tmp_path):
    chips = trade.make("acme", range(4))
    trade.send("acme", "s1", chips[3:], "lima", country="NO", due=9)
    trade.count("acme", "c", chips[:1], part=(1, 2))
    grown = fed(trade.store, tmp_path / "w", trade.size)
    assert grown.ask(COUNTS, []) == []
    last = trade.count("acme", "c", [*chips[1:2], "ghost:G"], part=(2, 2))
    Follower(trade.store, grown).follow(trade.size, trade.root)
    whole = [
        (last, "registrar/h100", "acme", None, "full", 3, 2, 1, 0, 1),
        (last, None, "acme", None, "full", 0, 1, 0, 1, 0),
    ]
    assert sorted(grown.ask(COUNTS, []), key=repr) == sorted(whole, key=repr)
    trade.correct("acme", last)
    Follower(trade.store, grown).follow(trade.size, trade.root)
    assert grown.ask(COUNTS, []) == []
    again = trade.count("acme", "c", chips[1:3], part=(2, 2))
    Follower(trade.store, grown).follow(trade.size, trade.root)
    assert grown.ask(COUNTS, []) == [(again, "registrar/h100", "acme", None, "full", 3, 3, 0, 0, 1)]
    grown.close()


def test_a_chip_made_anew_was_not_confirmed_in_its_first_life(trade, tmp_path):
    (chip,) = trade.make("acme", [1])
    made = trade.size - 1
    trade.sight("lima", [chip], "acme/hall")
    query = "SELECT last_confirmed_at IS NOT NULL FROM chip"
    grown = fed(trade.store, tmp_path / "grown", trade.size)
    assert grown.ask(query, []) == [(True,)]
    trade.correct("acme", made)
    trade.make("acme", [1])
    whole = fed(trade.store, tmp_path / "whole", trade.size)
    Follower(trade.store, grown).follow(trade.size, trade.root)
    assert grown.ask(query, []) == whole.ask(query, []) == [(False,)]
    for each in (grown, whole):
        each.close()


def test_an_offer_that_is_withdrawn_touches_what_it_offered(trade, tmp_path):
    chips = trade.make("acme", range(2))
    trade.offer("acme", "o", chips, "lima")
    trade.say("acme", "title.withdrawn", {"transfer": "acme/o"})
    warehouse = fed(trade.store, tmp_path / "w", trade.size)
    rows = warehouse.ask(EVENTS + " WHERE kind = 'title.withdrawn' ORDER BY chip", [])
    assert [(row[0], row[3], row[4]) for row in rows] == [(chip, "acme", "lima") for chip in chips]
    warehouse.close()


class Ahead(Sparing):
    """A store whose entries say that they happened later than they were admitted."""

    def entries(self, start, stop):
        return [replace(e, occurred_at=e.occurred_at + 10**6) for e in self.source.entries(start, stop)]


def test_nothing_is_confirmed_later_than_it_was_admitted(trade, tmp_path):
    chips = trade.make("acme", [1])
    trade.sight("lima", chips, "acme/hall")
    warehouse = fed(Ahead(trade.store, 0), tmp_path / "w", trade.size)
    query = "SELECT last_confirmed_at = (SELECT MAX(admitted_at) FROM entry) FROM chip"
    assert warehouse.ask(query, []) == [(True,)]
    warehouse.close()
