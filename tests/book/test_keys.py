"""A key speaks for one party, from one entry to another, for as much as it was given: stories of keys."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_row

from ledger.book.rejection import Reason
from ledger.book.tables import KEYS, PARTIES
from ledger.book.times import DAY_SECONDS, format_seconds
from tests.world import World
from tests.world_affairs import key_draft, log_change_draft, party_change_draft, revocation_draft
from tests.world_doors import FoldDoor, memory_door, sqlite_door
from tests.world_speech import proven, signer_of

DELAY_S = 604_800
DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    world = World(DOORS[request.param](tmp_path)).settles()
    yield world
    world.door.close()


@pytest.fixture
def fold():
    """A world whose book may be changed by hand."""
    return World().settles()


def site_by(world, name, key, party="oslo"):
    """A site declared with one of a party's keys."""
    return replace(world.site_draft(f"{party}/{name}"), by=key)


def row_of(world, key):
    return world.door.get(KEYS, signer_of(key).public_key.key_id)


def test_a_party_changes_its_key_without_a_gap(world):
    assert world.says(site_by(world, "a", "oslo#2")).reason is Reason.UNKNOWN_KEY
    added = world.says(key_draft(world, "oslo", "oslo#2"))
    assert added.admitted
    assert world.says(site_by(world, "a", "oslo#2")).admitted
    last = site_by(world, "b", "oslo")
    assert world.says(last).admitted
    revoked = world.says(replace(revocation_draft(world, "oslo", "oslo"), by="oslo#2"))
    assert world.says(site_by(world, "c", "oslo")).reason is Reason.UNKNOWN_KEY
    assert world.says(site_by(world, "c", "oslo#2")).admitted
    assert world.says(last).known  # whatever was revoked since
    old, new = row_of(world, "oslo"), row_of(world, "oslo#2")
    assert (old.to_index, old.changed) == (revoked.index, revoked.index)
    assert (new.from_index, new.to_index, new.born) == (added.index, None, added.index)
    assert (new.kinds, new.sites, new.not_before, new.until) == (None, None, None, None)
    assert world.audit().clean


def test_a_key_may_revoke_itself_and_says_nothing_more(world):
    assert world.says(revocation_draft(world, "oslo", "oslo")).admitted
    assert world.says(site_by(world, "a", "oslo")).reason is Reason.UNKNOWN_KEY
    assert world.says(key_draft(world, "oslo", "oslo#2")).reason is Reason.UNKNOWN_KEY
    assert world.audit().clean


def test_within_one_breath_a_key_counts_up_to_its_revocation(tmp_path):
    for make in (memory_door, sqlite_door(tmp_path)):
        world = World(make).settles()
        assert world.says(key_draft(world, "oslo", "oslo#2")).admitted
        said = [
            site_by(world, "a", "oslo#2"),
            revocation_draft(world, "oslo", "oslo#2"),
            site_by(world, "b", "oslo#2"),
            key_draft(world, "oslo", "oslo#3"),
            site_by(world, "c", "oslo#3"),
        ]
        outcomes = world.door.admit_all([draft.raw() for draft in said])
        refused = [getattr(outcome, "rejection", None) for outcome in outcomes]
        assert [fault and fault.reason for fault in refused] == [None, None, Reason.UNKNOWN_KEY, None, None]
        assert world.audit().clean
        world.door.close()


def test_a_registrar_revokes_at_once_and_nobody_else_does(world):
    for stranger in ("lima", "watch"):
        draft = revocation_draft(world, "oslo", "oslo", speaker=stranger)
        assert world.says(draft).reason is Reason.WRONG_ROLE
    assert world.says(site_by(world, "a", "oslo")).admitted
    assert world.says(revocation_draft(world, "oslo", "oslo", speaker="registrar")).admitted
    assert world.says(site_by(world, "b", "oslo")).reason is Reason.UNKNOWN_KEY
    again = revocation_draft(world, "oslo", "oslo", speaker="registrar")
    assert world.says(again).reason is Reason.UNKNOWN_REFERENCE


@pytest.mark.parametrize("stranger", ["lima", "watch", "heir"])
def test_nobody_but_a_registrar_adds_a_key_to_another(fold, stranger):
    assert fold.enrols("heir", "holder").admitted
    assert fold.says(party_change_draft(fold, "oslo", succeeded_by="heir")).admitted
    draft = key_draft(fold, "oslo", "oslo#2", speaker=stranger)
    assert fold.says(draft).reason is Reason.WRONG_ROLE
    assert fold.says(replace(draft, party="registrar")).admitted


def test_a_clerk_says_only_the_kinds_it_was_given(world):
    assert world.registers("acme", "acme:S1").admitted
    kinds = ["chips.placed", "site.declared"]
    assert world.says(key_draft(world, "acme", "clerk", kinds=kinds)).admitted
    assert row_of(world, "clerk").kinds == "chips.placed site.declared"
    assert world.says(replace(world.placement_draft("acme", "acme:S1"), by="clerk")).admitted
    assert world.says(site_by(world, "a", "clerk", "acme")).admitted
    for draft in (
        world.dispatch_draft("acme", "acme/s1", "acme:S1", to="oslo"),
        key_draft(world, "acme", "acme#2"),
        revocation_draft(world, "acme", "acme"),
    ):
        assert world.would(draft).reason is None
        assert world.says(replace(draft, by="clerk")).reason is Reason.UNKNOWN_KEY
    assert world.audit().clean


def test_a_key_for_a_site_says_only_what_names_it(world):
    assert world.registers("acme", "acme:S1").admitted
    assert world.says(key_draft(world, "acme", "dock", sites=["acme/hall", "odm/hall"])).admitted
    assert row_of(world, "dock").sites == "acme/hall odm/hall"

    def place(site):
        return world.placement_draft("acme", "acme:S1", site=site)

    for site in ("acme/hall", "odm/hall"):
        assert world.says(replace(place(site), by="dock")).admitted
    assert world.would(place("oslo/hall")).reason is None
    assert world.says(replace(place("oslo/hall"), by="dock")).reason is Reason.UNKNOWN_KEY
    nowhere = world.dispatch_draft("acme", "acme/s1", "acme:S1", to="oslo")
    assert world.says(replace(nowhere, by="dock")).reason is Reason.UNKNOWN_KEY
    hires = key_draft(world, "acme", "acme#2", sites=["acme/hall"])
    assert world.says(replace(hires, by="dock")).reason is Reason.UNKNOWN_KEY
    assert world.audit().clean


def test_a_key_ends_with_the_second_it_was_given_until(world):
    until = world.now // 1000 + DAY_SECONDS
    assert world.says(key_draft(world, "oslo", "temp", until=format_seconds(until))).admitted
    assert row_of(world, "temp").until == until
    world.now = until * 1000 - 1
    assert world.says(site_by(world, "a", "temp")).admitted
    world.now = until * 1000
    assert world.says(site_by(world, "b", "temp")).reason is Reason.UNKNOWN_KEY
    assert world.says(site_by(world, "b", "oslo")).admitted
    assert world.says(revocation_draft(world, "oslo", "temp")).admitted  # it is there, though it is over
    assert world.audit().clean


def test_a_key_the_registrar_adds_waits(world):
    begins = world.now // 1000 + DELAY_S
    assert world.says(key_draft(world, "oslo", "oslo#2", speaker="registrar")).admitted
    assert row_of(world, "oslo#2").not_before == begins
    world.now = begins * 1000 - 1
    assert world.says(site_by(world, "a", "oslo#2")).reason is Reason.UNKNOWN_KEY
    world.now = begins * 1000
    assert world.says(site_by(world, "a", "oslo#2")).admitted
    assert world.audit().clean


def test_the_party_itself_may_object_meanwhile(world):
    assert world.says(key_draft(world, "oslo", "oslo#2", speaker="registrar")).admitted
    takes_over = replace(revocation_draft(world, "oslo", "oslo"), by="oslo#2")
    assert world.says(takes_over).reason is Reason.UNKNOWN_KEY
    assert world.says(revocation_draft(world, "oslo", "oslo#2")).admitted
    world.waits(DELAY_S + 1)
    assert world.says(site_by(world, "a", "oslo#2")).reason is Reason.UNKNOWN_KEY
    assert world.says(site_by(world, "a", "oslo")).admitted
    assert world.audit().clean


def test_a_party_that_never_had_a_key_gets_its_first_at_once(world):
    assert world.enrols("silent", "maker", keys=[]).admitted
    assert world.door.get(PARTIES, "silent").keyed == 0
    first = world.says(key_draft(world, "silent", "silent", speaker="registrar"))
    assert first.admitted
    party = world.door.get(PARTIES, "silent")
    assert (party.keyed, party.changed) == (1, first.index)
    assert world.says(site_by(world, "a", "silent", "silent")).admitted
    assert world.says(revocation_draft(world, "silent", "silent")).admitted
    # It had one: that it has none now gives the registrar no voice of its own.
    assert world.says(key_draft(world, "silent", "silent#2", speaker="registrar")).admitted
    assert world.says(site_by(world, "b", "silent#2", "silent")).reason is Reason.UNKNOWN_KEY
    world.waits(DELAY_S)
    assert world.says(site_by(world, "b", "silent#2", "silent")).admitted
    assert world.audit().clean


def test_two_first_keys_in_one_breath_are_a_first_and_a_second():
    world = World(memory_door).settles()
    assert world.enrols("silent", "maker", keys=[]).admitted
    drafts = [key_draft(world, "silent", name, speaker="registrar") for name in ("silent", "silent#2")]
    world.door.admit_all([draft.raw() for draft in drafts])
    assert [row_of(world, name).not_before is None for name in ("silent", "silent#2")] == [True, False]
    assert world.audit().clean
    world.door.close()


def test_the_registrar_waits_for_no_key_of_its_own(fold):
    assert fold.says(key_draft(fold, "registrar", "registrar#2")).admitted
    assert row_of(fold, "registrar#2").not_before is None
    assert fold.says(replace(fold.enrolment_draft("nova", "holder"), by="registrar#2")).admitted


def test_a_wait_is_the_one_the_log_had_when_the_key_was_added(fold):
    def wait(key):
        assert fold.says(key_draft(fold, "oslo", key, speaker="registrar")).admitted
        return row_of(fold, key).not_before - (fold.now // 1000 - 1)

    assert wait("oslo#2") == DELAY_S
    waits = {"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": 2 * DELAY_S}
    assert fold.says(log_change_draft(fold, waits=waits)).admitted
    assert wait("oslo#3") == 2 * DELAY_S
    fold.waits(DELAY_S)
    assert fold.says(site_by(fold, "a", "oslo#2")).admitted
    assert fold.says(site_by(fold, "b", "oslo#3")).reason is Reason.UNKNOWN_KEY


@pytest.mark.parametrize("shorter", [0, DELAY_S - 1])
def test_a_registrar_does_not_cut_the_wait_to_speak_for_somebody(fold, shorter):
    waits = {"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": shorter}
    assert fold.says(log_change_draft(fold, waits=waits)).reason is Reason.BAD_FIELD
    assert fold.says(key_draft(fold, "oslo", "oslo#2", speaker="registrar")).admitted
    assert fold.says(site_by(fold, "a", "oslo#2")).reason is Reason.UNKNOWN_KEY


def test_a_key_is_one_partys_for_ever(world):
    assert world.says(key_draft(world, "oslo", "shared")).admitted
    assert world.says(key_draft(world, "lima", "shared")).reason is Reason.IDENTITY_TAKEN
    assert world.says(revocation_draft(world, "oslo", "shared")).admitted
    for party in ("oslo", "lima"):
        assert world.says(key_draft(world, party, "shared")).reason is Reason.IDENTITY_TAKEN
    enrols = world.enrols("zed", "holder", keys=[proven("zed", "shared")])
    assert enrols.reason is Reason.IDENTITY_TAKEN
    stolen = revocation_draft(world, "lima", "oslo")
    assert world.says(stolen).reason is Reason.UNKNOWN_REFERENCE
    assert world.audit().clean


BOUNDS = {
    "kinds": ({"kinds": ["chips.placed"]}, "oslo"),
    "sites": ({"sites": ["oslo/hall"]}, "oslo"),
    "until": ({"until": "2026-11-21T06:44:00Z"}, "oslo"),
    "not_before": ({}, "registrar"),
    "to_index": ({}, "oslo"),
}


@pytest.mark.parametrize("bound", BOUNDS)
def test_each_bound_is_what_holds_a_key_back(fold, bound):
    """The control: with that one bound taken out of the book by hand, the same statement may stand."""
    body, speaker = BOUNDS[bound]
    assert fold.says(key_draft(fold, "oslo", "oslo#2", speaker=speaker, **body)).admitted
    if bound == "to_index":
        assert fold.says(revocation_draft(fold, "oslo", "oslo#2")).admitted
    draft = site_by(fold, "a", "oslo#2")
    assert fold.would(draft).reason is Reason.UNKNOWN_KEY
    row = row_of(fold, "oslo#2")
    assert getattr(row, bound) is not None
    others = [name for name in BOUNDS if name != bound]
    assert all(getattr(row, name) is None for name in others)
    fold.door.registry.put(KEYS, [replace_row(row, **{bound: None})])
    assert fold.would(draft).reason is None


def test_a_key_that_is_over_is_told_before_all_that_the_judge_finds(fold):
    """Step 6: whose key, and whether it counts, before what is said; shapes and limits before both."""
    soon = format_seconds(fold.now // 1000 + 60)
    assert fold.says(key_draft(fold, "oslo", "temp", until=soon)).admitted
    draft = site_by(fold, "a", "temp")
    assert fold.would(draft).reason is None
    fold.waits(120)
    over = [
        draft,
        draft.changed(country="XX"),
        draft.changed(site="oslo/hall"),
        replace(draft, log="ledger.example/other"),
        replace(draft, expires_at="2026-11-21T06:44:00Z"),
        replace(draft, occurred_at="2030-01-01T00:00:00Z"),
    ]
    assert [fold.would(each).reason for each in over] == [Reason.UNKNOWN_KEY] * len(over)
    assert fold.would(draft.changed(country=1)).reason is Reason.MALFORMED
    assert fold.would(draft.changed(name="n" * 1025)).reason is Reason.TOO_LARGE
    assert fold.says(party_change_draft(fold, "oslo", suspended=True)).admitted
    assert fold.would(draft).reason is Reason.UNKNOWN_KEY
    assert fold.would(replace(draft, by="oslo")).reason is Reason.SUSPENDED
