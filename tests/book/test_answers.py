"""What a side concedes is adopted, line by line; what it only says moves nothing."""

import pytest

from ledger.book.rejection import Reason
from tests.book.disputed import DOORS, disputed


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    return disputed(request.param, tmp_path)


def row(chip, condition="received", **seen):
    return {"chip": chip, "condition": condition} | ({"seen": seen} if seen else {})


def test_wrong_pick_is_put_right_without_the_registrar(world):
    told = world.arrives("oslo", "acme/s1", "acme:S1", "acme:S2", "acme:S9")
    assert told.opened == [("extra", "acme", 1)]
    name = f"{told.index}.0"
    assert world.concedes("acme", name).admitted
    assert world.stands("acme:S9") == ("oslo", "oslo", "oslo/hall", "held")
    assert world.chip("acme:S9").owner == "acme"
    assert world.state_of(name) == ("conceded", "counterparty", 0)
    assert world.concedes("acme", name).reason is Reason.ENDED
    assert world.audit().clean


def test_some_lines_may_be_conceded_and_the_rest_left(world):
    told = world.arrives("oslo", "acme/s1", "acme:S7", "acme:S8", "acme:S9")
    name = f"{told.index}.0"
    assert world.concedes("acme", name, "acme:S7", "acme:S9").admitted
    assert world.state_of(name) == ("answered", None, 1)
    assert [world.stands(f"acme:S{n}")[0] for n in (7, 8, 9)] == ["oslo", "acme", "oslo"]
    assert world.concedes("acme", name, "acme:S7").reason is Reason.ENDED
    assert world.concedes("acme", name, "acme:S1").reason is Reason.UNKNOWN_REFERENCE
    assert world.concedes("oslo", name).admitted
    assert world.state_of(name) == ("conceded", "observer", 0)
    assert world.stands("acme:S8")[0] == "acme"
    assert world.audit().clean


def test_an_answer_moves_nothing(world):
    told = world.arrives("oslo", "acme/s1", "acme:S9")
    before = world.chip("acme:S9")
    assert world.answers("acme", f"{told.index}.0").admitted
    assert world.state_of(f"{told.index}.0") == ("answered", None, 1)
    assert world.chip("acme:S9") == before


def test_others_do_not_know_of_it(world):
    told = world.arrives("oslo", "acme/s1", "acme:S9")
    assert world.answers("lima", f"{told.index}.0").reason is Reason.UNKNOWN_REFERENCE
    assert world.answers("acme", "999.0").reason is Reason.UNKNOWN_REFERENCE
    assert world.answers("acme", "9").reason is Reason.BAD_FIELD


def test_what_moved_on_is_not_conceded(world):
    told = world.arrives("oslo", "acme/s1", "acme:S8", "acme:S9")
    assert world.places("acme", {"chip": "acme:S9", "system": "r1"}).admitted
    refused = world.concedes("acme", f"{told.index}.0")
    assert (refused.reason, refused.chips) == (Reason.BUILT_UPON, ("acme:S9",))
    assert world.concedes("acme", f"{told.index}.0", "acme:S8").admitted


def test_absent_before_acceptance_is_the_senders_loss(world):
    told = world.arrives("oslo", "acme/s1", "acme:S1", row("acme:S2", "absent"), row("acme:S3", "absent"))
    name = f"{told.index}.0"
    assert world.concedes("acme", name, "acme:S2").admitted
    assert world.stands("acme:S2") == (None, "acme", None, "missing")
    shipment = world.shipment("acme/s1")
    assert (shipment.received, shipment.lost, shipment.state) == (1, 1, "open")
    assert world.arrives("oslo", "acme/s1", "acme:S3").opened == []
    assert world.state_of(name)[::2] == ("withdrawn", 0)
    assert world.shipment("acme/s1").state == "closed"
    assert world.audit().clean


def test_absent_after_acceptance_stays_the_receivers_until_the_sender_concedes(world):
    assert world.arrives("oslo", "acme/s1").admitted
    told = world.arrives("oslo", "acme/s1", row("acme:S2", "absent"))
    assert told.opened == [("absent", "acme", 1)]
    assert world.stands("acme:S2") == ("oslo", "oslo", "oslo/hall", "held")
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert world.stands("acme:S2") == (None, "acme", None, "missing")
    assert world.audit().clean


def test_a_seen_identity_conceded_becomes_the_books(world):
    assert world.registers("acme", {"chip": "acme:T1", "identity": {"uuid": "T1"}}).admitted
    told = world.arrives("oslo", "acme/s1", row("acme:S1", uuid="NEW"), row("acme:S2", uuid="FREE"))
    assert told.opened == [("identity_differs", "acme", 1)]
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert (world.chip("acme:S1").identity, world.stands("acme:S1")[0]) == ('{"uuid":"NEW"}', "oslo")
    assert world.audit().clean


def test_what_is_seen_on_a_chip_at_rest_is_conceded_unless_another_bears_it(world):
    assert world.registers(
        "acme",
        {"chip": "acme:T1", "identity": {"uuid": "T1"}},
        {"chip": "acme:T2", "identity": {"uuid": "T2"}},
    ).admitted
    taken = world.sees("watch", {"chip": "acme:T1", "seen": {"uuid": "T2"}})
    assert world.concedes("acme", f"{taken.index}.0").reason is Reason.IDENTITY_TAKEN
    free = world.sees("watch", {"chip": "acme:T1", "seen": {"uuid": "T9"}})
    assert world.concedes("acme", f"{free.index}.0").admitted
    chip = world.chip("acme:T1")
    assert (chip.identity, chip.cls) == ('{"uuid":"T9"}', "C")
    assert world.registers("acme", {"chip": "acme:T3", "identity": {"uuid": "T1"}}).admitted
    assert (
        world.registers("acme", {"chip": "acme:T4", "identity": {"uuid": "T9"}}).reason
        is Reason.IDENTITY_TAKEN
    )
    assert world.audit().clean


def test_an_observer_who_may_not_hold_gets_nothing(world):
    assert world.retires("acme", "acme:S9", reason="stolen").admitted
    told = world.sees("watch", "acme:S9", site="lima/hall")
    assert told.opened == [("after_end", "acme", 1)]
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert world.stands("acme:S9") == (None, "acme", None, "missing")


def test_who_only_saw_a_chip_is_not_made_to_answer_for_it(world):
    """A holder reports what it came upon; the loser concedes: that frees the loser of nothing."""
    assert world.retires("acme", "acme:S9", reason="lost").admitted
    seen = world.sees("oslo", "acme:S9", site="lima/hall")
    assert seen.opened == [("after_end", "acme", 1)]
    assert world.concedes("acme", f"{seen.index}.0").admitted
    assert world.stands("acme:S9") == (None, "acme", None, "missing")
    had = world.counts("oslo", "oslo/c1", "acme:S9")
    assert world.concedes("acme", f"{had.index}.0").admitted
    assert world.stands("acme:S9") == ("oslo", "oslo", None, "held")
    assert world.audit().clean


@pytest.mark.parametrize("condition", ["refused", "absent"])
def test_who_sent_a_chip_back_or_missed_it_does_not_come_to_hold_it(world, condition):
    told = world.arrives("oslo", "acme/none", row("acme:S8", condition), "acme:S9")
    assert told.opened == [("extra", "acme", 2)]
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert world.stands("acme:S8") == (None, "acme", None, "missing")
    assert world.stands("acme:S9") == ("oslo", "oslo", "oslo/hall", "held")
    assert world.audit().clean


def test_a_replaced_chip_does_not_live_again_beside_its_new_face(world):
    assert world.registers("acme", {"chip": "acme:NEW", "identity": {"uuid": "N"}}).admitted
    assert world.registers(
        "acme", {"chip": "acme:FACE", "replaces": "acme:NEW", "identity": {"uuid": "N"}}
    ).admitted
    told = world.declares("lima", "acme:NEW")
    assert told.opened == [("after_end", "acme", 1)]
    assert world.concedes("acme", f"{told.index}.0").reason is Reason.IDENTITY_TAKEN
    assert world.concedes("lima", f"{told.index}.0").admitted


def test_a_place_conceded_is_the_books(world):
    told = world.counts("acme", "acme/c1", "acme:S9", site="oslo/annex")
    assert told.opened == [("wrong_place", "acme", 1)]
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert world.stands("acme:S9") == ("acme", "acme", "oslo/annex", "held")
    assert world.audit().clean


def test_absent_in_a_stocktake_conceded_is_missing(world):
    named = [f"acme:S{number}" for number in range(4, 9)]
    told = world.counts("acme", "acme/c1", *named, scope="full")
    assert told.opened == [("absent", "acme", 1)]
    assert world.concedes("acme", f"{told.index}.0").admitted
    assert world.stands("acme:S9") == (None, "acme", None, "missing")
    assert world.audit().clean
