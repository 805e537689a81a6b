"""Every refusal these kinds need is given for its fault, and of two faults the earlier one."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from ledger.book.kinds import FORMS
from ledger.book.law import RULES
from ledger.book.rejection import PRECEDENCE, STATUS, Reason
from tests.book.faults import raw_of
from tests.book.faults_affairs import AFFAIRS
from tests.book.faults_disputes import DISPUTES
from tests.book.faults_inspections import INSPECTIONS
from tests.book.faults_lives import LIVES
from tests.book.faults_observations import OBSERVATIONS
from tests.book.faults_outer import OUTER
from tests.book.faults_registrar import REGISTRAR
from tests.book.faults_titles import TITLES
from tests.book.faults_trade import TRADE
from tests.book.faults_verdicts import VERDICTS
from tests.book.ready import everybody, good, home_of
from tests.world import World

FAULTS = (
    *DISPUTES, *OUTER, *REGISTRAR, *TRADE, *INSPECTIONS, *VERDICTS, *LIVES, *OBSERVATIONS, *AFFAIRS, *TITLES,
)  # fmt: skip
CASES = [(kind, fault) for kind in FORMS for fault in FAULTS if fault.fits(kind)]
BY_OTHER_HANDS = {  # given to statements of the spine's kinds, but not because of what they say
    Reason.SUSPENDED: "test_the_suspended_may_only_observe",
    Reason.REFERENCE_REUSED: "test_a_reference_serves_once",
}
LATER = {  # for kinds that are not there yet, or for the way to the door
    Reason.TOO_FAST, Reason.UNAVAILABLE,
}  # fmt: skip


TO_HOLDERS = {"shipment.dispatched", "title.offered"}
OF_OTHERS = {(kind, Reason.WRONG_ROLE) for kind in (*TO_HOLDERS, "discrepancy.resolved")}


def told(kind, *faults, world=None):
    """What the door says of the good statement of a kind with faults in it."""
    return (world or home_of(kind)).would(raw_of(good()[kind], *faults))


@pytest.mark.parametrize("kind", FORMS)
def test_the_good_statement_of_a_kind_may_stand(kind):
    assert told(kind).admitted is False  # a dry run admits nothing
    assert told(kind).reason is None


@pytest.mark.parametrize(("kind", "fault"), CASES, ids=[f"{kind} {fault}" for kind, fault in CASES])
def test_a_fault_has_its_reason(kind, fault):
    found = told(kind, fault)
    assert found.reason is fault.reason, found.detail
    assert found.detail


def test_every_reason_is_reached_but_those_of_other_kinds():
    reached = {told(kind, fault).reason for kind, fault in CASES}
    assert reached.isdisjoint(LATER)
    assert set(Reason) == reached | BY_OTHER_HANDS.keys() | LATER
    assert all(name in globals() for name in BY_OTHER_HANDS.values())
    assert len(CASES) > 500
    assert set(Counter(kind for kind, _ in CASES)) == set(FORMS)


def test_the_list_of_reasons_is_the_contracts():
    said = (
        "malformed, too_large, unsigned, unknown_key, bad_signature, wrong_log, expired, bad_time, "
        "bad_field, manifest_mismatch, suspended, wrong_role, reference_reused, id_taken, unknown_reference, "
        "chip_exists, identity_taken, not_held, not_owned, in_transit, ended, offered_already, "
        "shipment_closed, needs_shipment, built_upon, bad_number, open_commitment, too_early, "
        "wrong_selection, too_fast, unavailable"
    )
    assert ", ".join(reason.value for reason in Reason) == said
    assert sorted(set(STATUS.values())) == [400, 401, 404, 413, 422, 429, 503]


def _step(kind, fault):
    """The door's earlier steps come before its later ones, whatever the list says."""
    if fault.reason is Reason.UNSIGNED or fault.touches & {"type"} or fault.name == "two signatures":
        return 1
    if fault.name == "a stranger's key":
        return 2
    if fault.reason is Reason.BAD_SIGNATURE:
        return 3
    readable = fault.reason not in (Reason.MALFORMED, Reason.TOO_LARGE)
    if kind == "log.opened" and not readable:
        return 1.5  # entry 0 brings its keys: it is read before they are known
    return 5 if readable else 4


@pytest.mark.parametrize("kind", FORMS)
def test_of_two_faults_the_earlier_is_given(kind):
    """Every pair that touches different things, of a kind: step by step, and within a step by the list."""
    pairs = 0
    faults = [fault for fault in FAULTS if fault.fits(kind)]
    for one, two in combinations(faults, 2):
        if one.touches & two.touches or one.reason is two.reason:
            continue
        expected = min((one, two), key=lambda fault: (_step(kind, fault), PRECEDENCE[fault.reason]))
        found = told(kind, one, two)
        assert found.reason is expected.reason, (str(one), str(two), found.detail)
        pairs += 1
    assert pairs > 200


@pytest.mark.parametrize("kind", sorted(FORMS.keys() - {"log.opened"}))
def test_the_suspended_may_only_observe(kind):
    world = everybody(suspended=1)
    heard = FORMS[kind].observation or FORMS[kind].while_suspended
    expected = None if heard else Reason.SUSPENDED
    assert told(kind, world=world).reason is expected


@pytest.mark.parametrize("kind", sorted(FORMS.keys() - {"log.opened"}))
def test_who_has_no_role_is_told_so(kind):
    world = everybody(roles="analyst")
    found = told(kind, world=world).reason
    # A receiver that may hold nothing is the same reason; whoever holds chips may place them.
    needed = RULES[kind].roles and "analyst" not in RULES[kind].roles
    assert found is (Reason.WRONG_ROLE if needed or kind in TO_HOLDERS else None)


@pytest.mark.parametrize("kind", sorted(FORMS.keys() - {"log.opened"}))
def test_suspension_and_a_missing_role_stand_in_their_order(kind):
    """Whatever else is wrong: earlier reasons stand before them, later ones behind."""
    for changes, speaker in (({"suspended": 1}, Reason.SUSPENDED), ({"roles": "analyst"}, Reason.WRONG_ROLE)):
        world = everybody(**changes)
        if told(kind, world=world).reason is not speaker or (kind, speaker) in OF_OTHERS:
            continue
        for fault in FAULTS:
            if fault.fits(kind) and fault.reason not in (Reason.UNSIGNED, Reason.BAD_SIGNATURE):
                expected = min((fault.reason, speaker), key=PRECEDENCE.get)
                assert told(kind, fault, world=world).reason is expected, str(fault)


def test_a_reference_serves_once():
    world = home_of("chips.registered")
    for kind in ("chips.registered", "shipment.dispatched"):
        draft = good()[kind]
        used = replace(draft, more=(("reference", "USED"),))
        assert world.would(used).reason is Reason.REFERENCE_REUSED
        assert world.would(replace(draft, more=(("reference", "NEW"),))).reason is None
    placed = replace(good()["chips.placed"], more=(("reference", "USED"),))
    assert world.would(placed).reason is None  # it was acme's, not oslo's


def test_a_refused_reference_is_not_used_up():
    world = World().settles()
    assert world.registers("acme", "bolt:S1", reference="PO-1").reason is Reason.BAD_FIELD
    assert world.registers("acme", "acme:S1", reference="PO-1").admitted
    assert world.registers("acme", "acme:S2", reference="PO-1").reason is Reason.REFERENCE_REUSED


def test_a_log_is_opened_once():
    world = home_of("site.declared")
    assert world.would(world.opening_draft()).reason is Reason.ID_TAKEN
    body = world.opening_draft().body
    named = body | {"registrar": body["registrar"] | {"party": "oslo"}}
    assert world.would(replace(world.opening_draft(), party="oslo", body=named)).reason is Reason.BAD_FIELD


def test_nothing_precedes_the_opening():
    world = World()
    for kind, draft in good().items():
        assert world.would(draft).reason is (None if kind == "log.opened" else Reason.UNKNOWN_KEY)


def test_statuses_are_the_contracts():
    for reason in Reason:
        assert STATUS.get(reason, 409) == {
            "malformed": 400, "too_large": 413, "unsigned": 401, "unknown_key": 401, "bad_signature": 401,
            "unknown_reference": 404, "wrong_log": 422, "expired": 422, "bad_time": 422, "bad_field": 422,
            "manifest_mismatch": 422, "too_fast": 429, "unavailable": 503,
        }.get(reason.value, 409)  # fmt: skip
