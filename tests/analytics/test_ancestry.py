"""Who stands above whom follows from the links alone, however they came about."""

import random
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ancestry import REGISTERED, SUSPECTED, Above, Families, Rank
from analytics.follower import Follower
from analytics.warehouse import Warehouse
from tests.analytics.trade import Trade

NAMES = "abcdef"
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.sampled_from(NAMES), st.none() | st.sampled_from(NAMES)),
        st.tuples(st.just("suspect"), st.sets(st.sampled_from(NAMES), min_size=2, max_size=3).map(sorted)),
    ),
    max_size=16,
)
FAR = 99


def slow_standing(parents, suspected):
    """The definition: walk every chain, measure every distance, from nothing each time."""
    order = list(parents)
    above = {}
    for party in order:
        chain = [party]
        while parents[chain[-1]] is not None and parents[chain[-1]] not in chain:
            chain.append(parents[chain[-1]])
        in_ring = parents[chain[-1]] == party
        above[party] = None if in_ring and party == min(chain, key=order.index) else parents[party]
    found = {}
    for party in order:
        ancestor, depth = above[party], 1
        while ancestor is not None:
            found[Above(party, ancestor, REGISTERED)] = Rank(depth, above[ancestor] is None)
            ancestor, depth = above[ancestor], depth + 1
    far = {(a, b): 0 if a == b else FAR for a in order for b in order}
    pairs = [(a, b) for a, b in above.items() if b is not None]
    pairs += [pair for group in suspected for pair in combinations(group, 2)]
    for a, b in pairs:
        far[a, b] = far[b, a] = 1
    for middle in order:
        for a in order:
            for b in order:
                far[a, b] = min(far[a, b], far[a, middle] + far[middle, b])
    for party in order:
        head = next(one for one in order if above[one] is None and far[party, one] < FAR)
        if head != party:
            found[Above(party, head, SUSPECTED)] = Rank(far[party, head], True)
    return found


@settings(max_examples=300, deadline=None)
@given(MOVES)
def test_told_change_by_change_it_is_what_the_definition_says(moves):
    families, parents, suspected, kept = Families({}, ()), {}, [], {}
    for move, *rest in moves:
        if move == "place":
            party, parent = rest
            if parent is not None and (parent not in parents or parent == party):
                continue
            parents[party] = parent
            told = families.place(party, parent)
        else:
            if not set(rest[0]) <= parents.keys():
                continue
            suspected.append(rest[0])
            told = families.suspect(rest[0])
        for above, rank in told.items():
            assert kept.get(above) != rank, "what is told is news"
            kept.pop(above, None) if rank is None else kept.update({above: rank})
        wanted = slow_standing(parents, suspected)
        assert kept == families.standing() == Families(parents, suspected).standing() == wanted


def test_a_chain_has_one_end():
    families = Families({"top": None, "mid": "top", "low": "mid"}, ())
    assert families.standing() == {
        Above("mid", "top", REGISTERED): Rank(1, True),
        Above("low", "mid", REGISTERED): Rank(1, False),
        Above("low", "top", REGISTERED): Rank(2, True),
        Above("mid", "top", SUSPECTED): Rank(1, True),
        Above("low", "top", SUSPECTED): Rank(2, True),
    }


def test_suspicion_puts_a_family_under_its_eldest_head_and_registers_nothing():
    families = Families({"old": None, "shell": None, "child": "shell"}, ())
    told = families.suspect(["child", "old"])
    assert told == {
        Above("child", "shell", SUSPECTED): None,
        Above("child", "old", SUSPECTED): Rank(1, True),
        Above("shell", "old", SUSPECTED): Rank(2, True),
    }


def test_a_ring_ends_at_its_eldest():
    families = Families({"a": None, "b": "a", "c": "b"}, ())
    assert Above("b", "a", REGISTERED) in families.standing()
    told = families.place("a", "c")
    assert told == {}, "the eldest of a ring stands as if it had no parent"
    assert families.place("a", None) == {}


PARTIES = ("acme", "oslo", "lima", "doha", "kyiv", "quito")


def test_spans_tell_for_every_size_what_the_definition_says(tmp_path):
    """Parties come and change hands at random; a warehouse fed in pieces knows each size as it stood."""
    chance, trade, links = random.Random(4), Trade(), {"registrar": None}
    trade.enrol("watch", "verifier", "AT")
    links["watch"], suspected, stood = None, [], {}
    for party in PARTIES:
        trade.enrol(party, "holder", "NO")
        links[party] = None
    for _ in range(25):
        party, parent = chance.sample(PARTIES, 2)
        if chance.random() < 0.75:
            trade.say("registrar", "party.changed", {"party": party, "parent": parent})
            links[party] = parent
        else:
            trade.affiliate("watch", party, parent)
            suspected.append((party, parent))
        stood[trade.size] = slow_standing(links, suspected)
    warehouse = Warehouse(tmp_path / "w")
    for size in [*sorted(chance.sample(range(1, trade.size), 6)), trade.size]:
        Follower(trade.store, warehouse).follow(size, trade.root_of(size))
    query = "SELECT party, ancestor, basis, depth, is_ultimate FROM party_ancestor WHERE from_index < $size"
    for size, wanted in stood.items():
        rows = warehouse.ask(query + " AND (to_index IS NULL OR to_index >= $size)", {"size": size})
        assert {Above(*row[:3]): Rank(*row[3:]) for row in rows} == wanted and len(rows) == len(wanted)
        ends = [row[0] for row in rows if row[2] == SUSPECTED and row[4]]
        assert len(ends) == len(set(ends)), "one end a party"
    assert len({len(wanted) for wanted in stood.values()}) > 4
    warehouse.close()
