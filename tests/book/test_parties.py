"""What is known of a party changes; one that took over another acts for it, along any chain."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as replace_row

from ledger.book.rejection import Reason
from ledger.book.rules.rule import acts_for
from ledger.book.tables import CHIPS, PARTIES, SITES
from tests.world import World
from tests.world_affairs import (
    EVIDENCE,
    affiliation_draft,
    claim_draft,
    key_draft,
    party_change_draft,
    revocation_draft,
)
from tests.world_doors import FoldDoor, memory_door, sqlite_door

DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}
NAMES = ("aa", "bb", "cc", "dd", "ee", "ff")


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    world = World(DOORS[request.param](tmp_path)).settles()
    yield world
    world.door.close()


@pytest.fixture
def fold():
    """A world whose book may be changed by hand."""
    return World().settles()


def changes(world, party, **body):
    """Said by the registrar."""
    return world.says(party_change_draft(world, party, **body))


def party(world, name):
    return world.door.get(PARTIES, name)


def chain(world, name):
    """(successors, predecessors) of a party."""
    row = party(world, name)
    return row.successors.split(), row.predecessors.split()


CHANGES = {
    "name": ("Oslo & Sons", {"name": "Oslo & Sons"}),
    "roles": (["analyst", "holder"], {"roles": "analyst holder"}),
    "country": ("DK", {"country": "DK"}),
    "parent": ("acme", {"parent": "acme"}),
    "suspended": (True, {"suspended": 1}),
    "succeeded_by": ("lima", {"succeeded_by": "lima", "successors": "lima"}),
    "evidence_sha256": (EVIDENCE, {}),
}


@pytest.mark.parametrize("field", CHANGES)
def test_what_is_named_changes_and_the_rest_stays(world, field):
    value, expected = CHANGES[field]
    before = party(world, "oslo")
    told = changes(world, "oslo", **{field: value})
    assert told.admitted
    assert party(world, "oslo") == replace_row(before, **expected, changed=told.index)
    assert world.audit().clean


def test_every_field_that_may_change_was_tried():
    body = party_change_draft(World(), "oslo", **{name: value for name, (value, _) in CHANGES.items()}).body
    assert set(body) - {"party"} == set(CHANGES) and len(CHANGES) == 7


def test_a_new_role_is_one_from_then_on(world):
    assert world.says(claim_draft(world, by="oslo")).reason is Reason.WRONG_ROLE
    assert changes(world, "oslo", roles=["analyst"]).admitted
    assert world.says(claim_draft(world, by="oslo")).admitted
    assert world.counts("oslo", "oslo/c1", scope="full").reason is Reason.WRONG_ROLE


def test_parents_are_parties_and_nobody_is_its_own(world):
    assert changes(world, "oslo", parent="nobody").reason is Reason.UNKNOWN_REFERENCE
    assert changes(world, "oslo", parent="oslo").reason is Reason.BAD_FIELD
    assert changes(world, "oslo", parent="acme").admitted
    assert changes(world, "oslo", parent="lima").admitted  # sold on
    assert party(world, "oslo").parent == "lima"


def test_the_suspended_observe_and_answer_and_say_nothing_else(world):
    assert world.registers("acme", "acme:S1").admitted
    assert world.dispatches("acme", "acme/s1", "acme:S1", to="oslo").admitted
    found = world.sights("watch", "acme:S1", "bolt:NO")
    assert found.admitted
    assert changes(world, "oslo", suspended=True).admitted
    assert changes(world, "acme", suspended=True).admitted
    disputed = world.registers("bolt", "bolt:B1")
    assert disputed.admitted
    assert world.arrives("oslo", "acme/s1", "acme:S1", "bolt:B1").opened == [("extra", "bolt", 1)]
    seen = world.discrepancies()[-1][0]
    answer = {"discrepancy": seen, "text": "it was on the pallet", "concedes": False}
    assert world.says(world.draft("oslo", "discrepancy.answered", answer)).admitted
    assert world.counts("oslo", "oslo/c1", "acme:S1", scope="full").admitted
    assert world.sights("acme", "acme:S1").admitted
    for claim in (
        world.placement_draft("oslo", "acme:S1"),
        world.site_draft("oslo/new"),
        world.dispatch_draft("oslo", "oslo/s1", "acme:S1", to="lima"),
        world.registration_draft("acme", "acme:S2"),
        key_draft(world, "oslo", "oslo#2"),
        revocation_draft(world, "oslo", "oslo"),
    ):
        assert world.says(claim).reason is Reason.SUSPENDED, claim.kind
    assert changes(world, "oslo", suspended=False).admitted
    assert party(world, "oslo").suspended == 0
    assert world.places("oslo", "acme:S1").admitted
    assert world.registers("acme", "acme:S2").reason is Reason.SUSPENDED
    assert world.audit().clean


def test_suspension_stands_before_a_missing_role_and_behind_a_bad_value(fold):
    assert changes(fold, "oslo", suspended=True).admitted
    assert fold.would(fold.enrolment_draft("nova", "holder")).reason is None
    assert fold.would(fold.registration_draft("oslo", "oslo:S1")).reason is Reason.SUSPENDED
    assert fold.would(fold.registration_draft("oslo", "acme:S1")).reason is Reason.BAD_FIELD
    wrong = replace(affiliation_draft(fold, "acme", "lima"), party="oslo")
    assert fold.would(wrong).reason is Reason.WRONG_ROLE  # an observation is heard, and then judged


def test_the_logs_registrar_stays_one_and_is_heard(world):
    assert changes(world, "registrar", suspended=True).reason is Reason.BAD_FIELD
    assert changes(world, "registrar", roles=["analyst"]).reason is Reason.BAD_FIELD
    assert changes(world, "registrar", roles=["analyst", "registrar"], suspended=False).admitted
    assert world.enrols("second", "registrar").admitted
    mutiny = party_change_draft(world, "registrar", by="second", suspended=True)
    assert world.says(mutiny).reason is Reason.BAD_FIELD
    assert changes(world, "second", suspended=True).admitted  # only the log's own is out of reach
    assert changes(world, "second", roles=["holder"]).admitted
    assert world.audit().clean


def test_who_takes_over_acts_for_both_and_custody_stays_where_it_is(world):
    assert world.registers("acme", "acme:S1", "acme:S2").admitted
    assert world.places("bolt", "acme:S1").reason is Reason.NOT_HELD
    assert changes(world, "acme", succeeded_by="bolt").admitted
    assert world.places("bolt", "acme:S1").admitted
    assert (world.chip("acme:S1").custodian, world.chip("acme:S1").site) == ("acme", "bolt/hall")
    assert world.places("acme", "acme:S2").admitted  # the predecessor's keys go on until revoked
    assert world.says(revocation_draft(world, "acme", "acme", speaker="registrar")).admitted
    assert world.places("acme", "acme:S2").reason is Reason.UNKNOWN_KEY
    assert world.places("oslo", "acme:S2").reason is Reason.NOT_HELD
    assert changes(world, "bolt", succeeded_by="oslo").admitted
    assert world.places("oslo", "acme:S2").admitted  # chains are followed
    assert world.audit().clean


def test_the_row_of_predecessors_is_what_lets_a_successor_act(fold):
    """The control: without it in the book the same statement is refused."""
    assert fold.registers("acme", "acme:S1").admitted
    assert changes(fold, "acme", succeeded_by="bolt").admitted
    draft = fold.placement_draft("bolt", "acme:S1")
    assert fold.would(draft).reason is None
    fold.door.registry.put(PARTIES, [replace_row(party(fold, "bolt"), predecessors="")])
    assert fold.would(draft).reason is Reason.NOT_HELD


@pytest.mark.parametrize("order", list(permutations([("aa", "bb"), ("bb", "cc"), ("cc", "dd")])), ids=str)
def test_a_chain_is_the_same_in_whatever_order_it_was_said(order):
    world = World().settles()
    assert all(world.enrols(name, "holder").admitted for name in NAMES)
    for gone, heir in order:
        assert changes(world, gone, succeeded_by=heir).admitted
    assert chain(world, "aa") == (["bb", "cc", "dd"], [])
    assert chain(world, "bb") == (["cc", "dd"], ["aa"])
    assert chain(world, "cc") == (["dd"], ["aa", "bb"])
    assert chain(world, "dd") == ([], ["aa", "bb", "cc"])
    assert [party(world, name).succeeded_by for name in NAMES] == ["bb", "cc", "dd", None, None, None]
    assert acts_for(world.door.registry, "cc") == {"aa", "bb", "cc"}
    for gone, heir in (("dd", "aa"), ("dd", "bb"), ("dd", "cc"), ("dd", "dd")):
        assert changes(world, gone, succeeded_by=heir).reason is Reason.BAD_FIELD
    assert changes(world, "dd", succeeded_by="ee").admitted
    assert chain(world, "aa")[0] == ["bb", "cc", "dd", "ee"]
    assert world.audit().clean


def test_a_chain_is_the_same_in_a_store_within_one_breath(tmp_path):
    for make in (memory_door, sqlite_door(tmp_path)):
        world = World(make).settles()
        assert all(world.enrols(name, "holder").admitted for name in NAMES)
        pairs = [("bb", "cc"), ("aa", "bb"), ("dd", "cc"), ("cc", "ee"), ("ee", "aa")]
        drafts = [party_change_draft(world, gone, succeeded_by=heir) for gone, heir in pairs]
        outcomes = world.door.admit_all([draft.raw() for draft in drafts])
        refused = [getattr(outcome, "rejection", None) for outcome in outcomes]
        assert [fault and fault.reason for fault in refused] == [None] * 4 + [Reason.BAD_FIELD]
        assert chain(world, "ee") == ([], ["aa", "bb", "cc", "dd"])
        assert chain(world, "aa") == (["bb", "cc", "ee"], [])
        assert world.audit().clean
        world.door.close()


def test_a_party_is_succeeded_once(world):
    assert changes(world, "acme", succeeded_by="nobody").reason is Reason.UNKNOWN_REFERENCE
    assert changes(world, "acme", succeeded_by="bolt").admitted
    assert changes(world, "acme", succeeded_by="oslo").reason is Reason.ENDED
    assert changes(world, "acme", succeeded_by="bolt", name="Acme in Bolt").admitted  # the same, said again
    assert party(world, "acme").name == "Acme in Bolt"
    assert chain(world, "bolt") == ([], ["acme"])
    assert changes(world, "lima", succeeded_by="bolt").admitted  # one may take over many
    assert chain(world, "bolt") == ([], ["acme", "lima"])


def test_a_succession_touches_no_row_it_says_nothing_new_of(fold):
    assert changes(fold, "acme", succeeded_by="bolt").admitted
    before = party(fold, "bolt")
    again = changes(fold, "acme", succeeded_by="bolt")
    assert party(fold, "bolt") == before
    assert party(fold, "acme").changed == again.index


def test_a_succession_taken_back_was_never_there(world):
    told = changes(world, "acme", succeeded_by="bolt")
    corrects = {"corrects": told.outcome.statement, "reason": "the sale fell through"}
    assert world.says(world.draft("registrar", "statement.corrected", corrects)).admitted
    assert (chain(world, "acme"), chain(world, "bolt")) == (([], []), ([], []))
    assert party(world, "acme").succeeded_by is None
    assert changes(world, "acme", succeeded_by="oslo").admitted
    assert world.audit().clean


def slow_chain(heirs, name):
    """Everybody after a party, and everybody before it, step by step."""
    after, here = set(), name
    while here in heirs:
        here = heirs[here]
        after.add(here)
    before = {other for other in NAMES if name in slow_after(heirs, other)}
    return sorted(after), sorted(before)


def slow_after(heirs, name):
    found = []
    while name in heirs:
        name = heirs[name]
        found.append(name)
    return found


pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))


@settings(deadline=None, max_examples=40)
@given(st.lists(pairs, min_size=3, max_size=12))
def test_chains_are_what_a_walk_along_them_finds(said):
    """A slow twin: a dict from each party to its successor, walked each time."""
    world, heirs = World(), {}
    world.opens()
    for name in NAMES:
        world.enrols(name, "holder", keys=[])
    for gone, heir in said:
        if gone == heir or gone in slow_after(heirs, heir):
            expected = Reason.BAD_FIELD
        elif heirs.get(gone, heir) != heir:
            expected = Reason.ENDED
        else:
            expected = None
            heirs[gone] = heir
        assert changes(world, gone, succeeded_by=heir).reason is expected
        for name in NAMES:
            assert chain(world, name) == slow_chain(heirs, name)


def test_the_party_rows_hold_nothing_else(fold):
    """A change of parties moves no chip and no site."""
    assert fold.registers("acme", "acme:S1").admitted
    chips, sites = fold.door.rows(CHIPS), fold.door.rows(SITES)
    assert changes(fold, "acme", succeeded_by="bolt", suspended=True, roles=["holder"]).admitted
    assert (fold.door.rows(CHIPS), fold.door.rows(SITES)) == (chips, sites)
