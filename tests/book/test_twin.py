"""Random trade, honest and not: the law says what a slow twin says, move by move and chip by chip."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book.tables import (
    ABSENCES,
    CHIPS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    IDENTITIES,
    LINES,
    OFFERED,
    SHIPMENTS,
    SLOTS,
    TRANSFERS,
)
from tests.book.moves import STOCKED, draft_of, expected, script_of, told
from tests.book.slow_law import SlowLaw
from tests.world import World
from tests.world_doors import memory_door


def scripts(most):
    """Scripts of some length; the seed is what a failure shows."""
    return st.builds(lambda seed, n: script_of(Random(seed), n), st.integers(0, 2**32), st.integers(1, most))


def compare_books(world, law):
    """Chip by chip, line by line."""
    rows = {row.chip: row for row in world.door.rows(CHIPS)}
    assert rows.keys() == law.chips.keys()
    for chip, known in law.chips.items():
        row = rows[chip]
        place = (row.system, row.slot) if row.system else None
        found = {"custodian": row.custodian, "owner": row.owner, "liable": row.liable, "site": row.site}
        found |= {"place": place, "status": row.status, "shipment": row.shipment}
        assert found == {name: known[name] for name in found}, chip
    lines = {(row.shipment, row.chip): row.state for row in world.door.rows(LINES)}
    assert lines == {(n, c): state for n, s in law.shipments.items() for c, state in s["lines"].items()}
    alive = {chip: known for chip, known in law.chips.items() if known["custodian"]}
    bearers = {row.identity: row.chip for row in world.door.rows(IDENTITIES) if row.chip}
    assert bearers == {f"uuid:{known['uuid']}": chip for chip, known in alive.items() if known["uuid"]}
    slots = {(row.site, row.system, row.slot): row.chip for row in world.door.rows(SLOTS) if row.chip}
    assert slots == {
        (known["site"], *known["place"]): chip
        for chip, known in alive.items()
        if known["place"] and known["place"][1]
    }
    for row in world.door.rows(SHIPMENTS):
        states = Counter(law.shipments[row.shipment]["lines"].values())
        counts = row.sent, row.received, row.refused, row.cancelled
        ends = states["received"], states["refused"], states["cancelled"]
        assert counts == (sum(states.values()), *ends)
        over = "cancelled" if states["cancelled"] == row.sent else "closed"
        assert row.state == ("open" if states["open"] else over)
        assert row.unexpected == law.shipments[row.shipment]["unexpected"]
    compare_titles_and_absences(world, law)


def compare_titles_and_absences(world, law):
    """Offer by offer; who is said to be absent, and in how many lines of discrepancies."""
    states = {row.transfer: row.state for row in world.door.rows(TRANSFERS)}
    assert states == {name: offer["state"] for name, offer in law.offers_made.items()}
    under = {row.chip: row.transfer for row in world.door.rows(OFFERED) if row.transfer}
    still = {name: offer for name, offer in law.offers_made.items() if offer["state"] == "open"}
    assert under == {chip: name for name, offer in still.items() for chip in offer["chips"]}
    absent = Counter(row.chip for row in world.door.rows(ABSENCES) if row.closed is None)
    assert absent == Counter(law.absent)
    of_absence = {row.discrepancy: row for row in world.door.rows(DISCREPANCIES) if row.kind == "absent"}
    assert sum(row.lines_open for row in of_absence.values()) == absent.total()
    assert all((row.state == "withdrawn") == (not row.lines_open) for row in of_absence.values())
    lines = [row for row in world.door.rows(DISCREPANCY_CHIPS) if row.discrepancy in of_absence]
    assert Counter(row.chip for row in lines if row.closed is None) == absent


def play(world, law, script):
    """Every move in both, compared; how often each reason was given."""
    reasons = Counter()
    for move in script:
        reason, opened = expected(law, move)
        answer = told(world, move)
        assert (answer.reason.value if answer.reason else None) == reason, (move, answer.detail)
        if reason is None:
            assert answer.opened == opened, move
        reasons[reason] += 1
        reasons.update(kind for kind, _, _ in opened)
    compare_books(world, law)
    return reasons


def settled():
    """A settled world: fresh each time, for moves change it."""
    return World().settles()


@settings(deadline=None, max_examples=120)
@given(scripts(20))
def test_the_law_says_what_its_slow_twin_says(script):
    play(settled(), SlowLaw(), script)


@pytest.mark.long
@settings(deadline=None, max_examples=2_000)
@given(scripts(60))
def test_the_law_says_what_its_slow_twin_says_at_length(script):
    play(settled(), SlowLaw(), script)


@settings(deadline=None, max_examples=20)
@given(scripts(25))
def test_the_door_and_its_store_say_it_too_and_an_auditor_agrees(script):
    world = World(memory_door).settles()
    try:
        play(world, SlowLaw(), script)
        assert world.audit().clean
        fold = settled()
        play(fold, SlowLaw(), script)
        assert fold.door.digest() == world.door.digest()
    finally:
        world.door.close()


@settings(deadline=None, max_examples=20)
@given(scripts(30))
def test_said_in_one_breath_it_is_the_same(script):
    """All moves in one call: batches, and changes within them, change nothing in what is said."""
    world, fold = World(memory_door).settles(), settled()
    try:
        raws = []
        for move in script:
            raws.append(draft_of(fold, move).raw())
            fold.waits(1)
        world.now = fold.now  # one clock reading for all of them
        one_by_one = [fold.door.admit(raw) for raw in raws]
        at_once = world.door.admit_all(raws)
        assert list(map(gist, at_once)) == list(map(gist, one_by_one))
        assert fold.door.digest() == world.door.digest()
        assert world.audit().clean
    finally:
        world.door.close()


def gist(outcome):
    """What matters of an outcome."""
    if hasattr(outcome, "rejection"):
        return outcome.rejection.reason
    return outcome.index, outcome.opened, outcome.known


def test_a_law_that_forgets_who_holds_a_chip_is_found_out():
    """The control: a twin that lets anybody dispatch, and the comparison that goes red."""

    class Forgetful(SlowLaw):
        def _held(self, _party, chips, **_):
            return None if all(chip in self.chips for chip in chips) else "not_held"

    theft = [("dispatches", "oslo", "oslo/s1", ["acme:C"], "lima", "NO", "kept", None)]
    play(settled(), SlowLaw(), STOCKED + theft)
    with pytest.raises(AssertionError):
        play(settled(), Forgetful(), STOCKED + theft)


def test_the_moves_reach_what_they_are_made_for():
    """Every refusal of trade and every kind of discrepancy turns up among some scripts."""
    seen = Counter()
    for seed in range(60):
        law = SlowLaw()
        for move in script_of(Random(seed), 25):
            reason, opened = expected(law, move)
            seen.update([reason, *(kind for kind, _, _ in opened)])
    refusals = {
        "bad_field", "wrong_role", "reference_reused", "id_taken", "unknown_reference", "chip_exists",
        "identity_taken", "not_held", "not_owned", "in_transit", "needs_shipment", "ended",
        "offered_already", "shipment_closed",
    }  # fmt: skip
    kinds = {"unknown_chip", "after_end", "duplicate", "identity_differs", "extra", "absent", "wrong_place"}
    assert refusals | kinds | {None} == set(seen)
    assert seen[None] * 3 > seen.total() - sum(seen[kind] for kind in kinds)  # a third may stand
