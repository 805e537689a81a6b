"""Had witnesses seen a commitment in time? What a draw shows of that, and what it is weighed by."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import INSPECTIONS
from signing.note import COSIGNATURE_V1
from tests.book.faults_registrar import WITNESS, vkey
from tests.world import GENESIS, LEAD_S, PERIOD_S, World
from tests.world_affairs import log_change_draft

OTHER_WITNESS = {"name": "x.example", "vkey": vkey("x.example", COSIGNATURE_V1, "x"), "operator": "X"}


@pytest.mark.parametrize(
    ("quorum", "stamps", "timely"),
    [
        (0, None, "unwitnessed"),
        (0, [], "unwitnessed"),
        (1, None, "not_shown"),
        (1, [], "late"),
        (1, [("w", -60)], "timely"),
        (1, [("w", -59)], "late"),
        (2, [("w", -60)], "late"),
        (2, [("w", -60), ("x", -90)], "timely"),
        (2, [("w", -60), ("x", -59)], "late"),
    ],
)
def test_a_draw_says_whether_witnesses_had_seen_its_commitment(quorum, stamps, timely):
    world = World().settles(witnesses=[WITNESS, OTHER_WITNESS], quorum=quorum)
    assert world.commits("watch", "watch/i", "acme").admitted
    due = due_of(world, "watch/i")
    proof = {} if stamps is None else world.witnessed("watch/i", *((name, due + at) for name, at in stamps))
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i", **proof).admitted
    assert world.door.get(INSPECTIONS, "watch/i").timely == timely
    said = "clean" if timely in ("unwitnessed", "timely") else "void"
    for verdict in ("clean", "violations", "inconclusive", "void", "void_beacon", "withheld"):
        told = world.would(world.closing_draft("watch", "watch/i", verdict))
        assert told.reason is (None if verdict == said else Reason.BAD_FIELD)


@pytest.mark.parametrize(
    ("then", "later", "timely"),
    [
        ({"quorum": 2}, {"quorum": 0}, "late"),
        ({"quorum": 1}, {"quorum": 0}, "timely"),
        ({"quorum": 2}, {"quorum": 1}, "late"),
        ({"quorum": 1}, {"quorum": 2}, "late"),
        ({"quorum": 0}, {"quorum": 1}, "timely"),
        ({"quorum": 1, "witnesses": [OTHER_WITNESS]}, {"quorum": 1, "witnesses": [WITNESS]}, "late"),
        ({"quorum": 1}, {"quorum": 1, "witnesses": [OTHER_WITNESS]}, "late"),
        ({"quorum": 1, "timely_lead_s": 200}, {"quorum": 1, "timely_lead_s": 60}, "late"),
        ({"quorum": 1, "timely_lead_s": 60}, {"quorum": 1, "timely_lead_s": 200}, "late"),
    ],
)
def test_what_the_log_asks_of_witnesses_is_not_lowered_for_a_commitment_that_stands(then, later, timely):
    """One witness, w, saw it a hundred seconds ahead; what was asked then counts, and what is asked now."""
    world = World().settles(witnesses=[WITNESS, OTHER_WITNESS], quorum=0)

    def asks(quorum, witnesses=(WITNESS, OTHER_WITNESS), timely_lead_s=60):
        waits = {"beacon_lead_s": LEAD_S, "timely_lead_s": timely_lead_s, "key_delay_s": 604_800}
        asked = {"quorum": quorum, "witnesses": list(witnesses), "waits": waits}
        assert world.says(log_change_draft(world, **asked)).admitted

    asks(**then)
    assert world.commits("watch", "watch/i", "acme").admitted
    proof = world.witnessed("watch/i", ("w", due_of(world, "watch/i") - 100))
    asks(**later)
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i", **proof).admitted
    assert world.door.get(INSPECTIONS, "watch/i").timely == timely


def due_of(world, inspection):
    return GENESIS + (world.commitments[inspection].round - 1) * PERIOD_S


def test_a_proof_is_of_this_commitment_in_a_checkpoint_of_this_log():
    """What proves nothing is no proof that came too late: it is refused, and says so."""
    world = World().settles(witnesses=[WITNESS], quorum=1)
    before = world.door.size()
    assert world.commits("watch", "watch/i", "acme").admitted
    due = due_of(world, "watch/i")
    good = world.witnessed("watch/i", ("w", due - 100))["timely"]
    early = world.witnessed("watch/i", ("w", due - 100), size=before)["timely"]
    note = good["checkpoint"]
    bad = [
        early,
        good | {"proof": good["proof"][:-1]},
        good | {"proof": [*good["proof"], "ab" * 32]},
        good | {"checkpoint": note.replace("world\n", "another\n", 1)},
        good | {"checkpoint": note[:-1]},
        good | {"checkpoint": note.replace(f"\n{before + 1}\n", f"\n{before + 2}\n")},
    ]
    world.waits(LEAD_S + 60)
    for timely in bad:
        assert world.would(world.draw_draft("watch", "watch/i", timely=timely)).reason is Reason.BAD_FIELD
    assert world.would(world.draw_draft("watch", "watch/i", timely=good)).reason is None
