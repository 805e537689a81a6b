"""What was said wrongly is taken back while nothing builds on it; then it is as if it had not been said."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import CHIPS, MODELS, SITES, SLOTS
from tests.book.disputed import DOORS, disputed
from tests.world_disputes import correction_draft


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    return disputed(request.param, tmp_path)


def test_a_registration_taken_back_frees_serial_and_identity(world):
    told = world.registers("acme", {"chip": "acme:T1", "identity": {"uuid": "T"}}, "acme:T2")
    number = world.chip("acme:T1").number
    assert world.corrects("acme", told).admitted
    assert world.chip("acme:T1") is None
    assert "acme:T2" not in {row.chip for row in world.door.rows(CHIPS)}
    assert world.places("acme", "acme:T1").reason is Reason.NOT_HELD
    again = world.registers("acme", {"chip": "acme:T1"}, {"chip": "acme:T3", "identity": {"uuid": "T"}})
    assert again.admitted
    assert world.chip("acme:T1").number == number
    assert world.audit().clean


def test_it_is_not_taken_back_twice_nor_is_a_correction(world):
    told = world.registers("acme", "acme:T1")
    correction = world.corrects("acme", told)
    assert correction.admitted
    assert world.corrects("acme", told).reason is Reason.BUILT_UPON
    assert world.corrects("acme", correction).reason is Reason.BAD_FIELD


def test_what_was_built_upon_stays(world):
    told = world.registers("acme", "acme:T1", "acme:T2")
    assert world.places("acme", {"chip": "acme:T2", "system": "r"}).admitted
    refused = world.corrects("acme", told)
    assert (refused.reason, refused.chips) == (Reason.BUILT_UPON, ("acme:T2",))


def test_a_placement_taken_back_puts_the_displaced_chip_in_its_slot_again(world):
    assert world.places("acme", {"chip": "acme:S8", "system": "r", "slot": "1"}).admitted
    assert world.places("acme", {"chip": "acme:S9", "system": "r", "slot": "2"}).admitted
    told = world.places("acme", {"chip": "acme:S9", "system": "r", "slot": "1"})
    assert world.chip("acme:S8").slot is None
    assert world.corrects("acme", told).admitted
    assert [(world.chip(c).system, world.chip(c).slot) for c in ("acme:S8", "acme:S9")] == [
        ("r", "1"), ("r", "2"),
    ]  # fmt: skip
    standing = {(row.slot, row.chip) for row in world.door.rows(SLOTS)}
    assert standing == {("1", "acme:S8"), ("2", "acme:S9")}
    assert world.audit().clean


def test_a_slot_taken_since_is_built_upon(world):
    assert world.places("acme", {"chip": "acme:S9", "system": "r", "slot": "2"}).admitted
    told = world.places("acme", {"chip": "acme:S9", "system": "r", "slot": "1"})
    assert world.places("acme", {"chip": "acme:S7", "system": "r", "slot": "2"}).admitted
    assert world.corrects("acme", told).reason is Reason.BUILT_UPON


def test_a_loss_in_transit_taken_back_opens_the_line_again(world):
    told = world.retires("acme", "acme:S1", reason="stolen")
    assert world.shipment("acme/s1").lost == 1
    assert world.corrects("acme", told).admitted
    assert (world.shipment("acme/s1").lost, world.stands("acme:S1")[3]) == (0, "in_transit")
    assert world.arrives("oslo", "acme/s1").admitted
    assert world.held_by("oslo") == ["acme:S1", "acme:S2", "acme:S3"]
    assert world.audit().clean


def test_a_destruction_taken_back_claims_the_identity_again(world):
    assert world.registers("acme", {"chip": "acme:T1", "identity": {"uuid": "T"}}).admitted
    evidence = {"evidence_sha256": "ab" * 32}
    told = world.retires("acme", "acme:T1", reason="destroyed", **evidence)
    assert world.corrects("acme", told).admitted
    taken = {"chip": "acme:T2", "identity": {"uuid": "T"}}
    assert world.registers("acme", taken).reason is Reason.IDENTITY_TAKEN
    told = world.retires("acme", "acme:T1", reason="destroyed", **evidence)
    assert world.registers("acme", taken).admitted
    assert world.corrects("acme", told).reason is Reason.BUILT_UPON
    assert world.audit().clean


def test_a_stocktake_taken_back_withdraws_its_discrepancies(world):
    told = world.counts("acme", "acme/c1", scope="full")
    assert told.opened == [("absent", "acme", 6)]
    assert world.corrects("acme", told).admitted
    assert world.state_of(f"{told.index}.0") == ("withdrawn", None, 0)
    assert world.concedes("acme", f"{told.index}.0").reason is Reason.ENDED
    assert world.counts("acme", "acme/c1", scope="full").admitted
    assert world.audit().clean


def test_an_answered_discrepancy_keeps_its_sighting(world):
    told = world.sees("watch", "acme:S9", site="lima/hall")
    assert world.answers("acme", f"{told.index}.0").admitted
    assert world.corrects("watch", told).reason is Reason.BUILT_UPON


def test_declared_chips_taken_back_are_gone(world):
    told = world.declares("lima", "acme:S9", "acme:UNKNOWN")
    assert world.corrects("lima", told).admitted
    assert world.chip("acme:UNKNOWN") is None
    assert world.state_of(f"{told.index}.0")[0] == "withdrawn"
    assert world.audit().clean


def test_models_and_sites_go_only_while_nothing_builds_on_them(world):
    model, site = world.lists_model("registrar/typo"), world.declares_site("acme/typo")
    used = world.registers("acme", {"chip": "acme:T1", "model": "registrar/typo"}, site="acme/typo")
    assert used.admitted
    assert world.corrects("registrar", model).reason is Reason.BUILT_UPON
    assert world.corrects("acme", site).reason is Reason.BUILT_UPON
    assert world.corrects("acme", used).admitted
    assert world.corrects("registrar", model).admitted
    assert world.corrects("registrar", site).admitted
    assert world.door.get(MODELS, "registrar/typo") is None
    assert world.door.get(SITES, "acme/typo") is None
    assert world.declares_site("acme/typo", "PE").admitted
    assert world.audit().clean


def test_a_site_goes_once_what_was_seen_there_is_taken_back(world):
    site = world.declares_site("acme/typo")
    seen = world.sees("watch", "acme:S9", site="acme/typo")
    count = world.counts("acme", "acme/c1", scope="full", site="acme/typo")
    assert world.corrects("acme", site).reason is Reason.BUILT_UPON
    assert world.corrects("watch", seen).admitted
    assert world.corrects("acme", site).reason is Reason.BUILT_UPON
    assert world.corrects("acme", count).admitted
    assert world.corrects("acme", site).admitted
    assert world.audit().clean


def test_who_may_take_back_what(world):
    told = world.registers("acme", "acme:T1")
    assert world.corrects("oslo", told).reason is Reason.UNKNOWN_REFERENCE
    assert world.corrects("registrar", told).reason is Reason.WRONG_ROLE
    assert world.corrects("acme", "ab" * 32).reason is Reason.UNKNOWN_REFERENCE
    sent = world.dispatches("acme", "acme/s2", "acme:S9", to="oslo")
    assert world.corrects("acme", sent).reason is Reason.BAD_FIELD
    assert world.corrects("lima", sent).reason is Reason.UNKNOWN_REFERENCE


def test_a_party_is_as_it_was_before(world):
    changed = world.says(
        world.draft("registrar", "party.changed", {"party": "oslo", "suspended": True, "name": "Oslo Ltd"})
    )
    assert changed.admitted
    assert world.places("oslo", "acme:S1").reason is Reason.SUSPENDED
    assert world.corrects("registrar", changed).admitted
    assert world.places("oslo", "acme:S1").reason is Reason.NOT_HELD
    assert world.audit().clean


@pytest.mark.parametrize("door", ["memory", "sqlite"])
def test_a_registration_and_its_correction_in_one_batch(door, tmp_path):
    world = disputed(door, tmp_path)
    said = world.registration_draft("acme", "acme:T1")
    taken_back = correction_draft(world, "acme", said.envelope().id())
    again = world.registration_draft("acme", "acme:T1", reference="again")
    outcomes = world.door.admission.admit([said.raw(), taken_back.raw(), again.raw()])
    assert [type(each).__name__ for each in outcomes] == ["Admitted"] * 3
    assert world.chip("acme:T1").changed == outcomes[2].index
    assert world.audit().clean
