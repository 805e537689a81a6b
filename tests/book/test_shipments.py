"""What is sent may be called back until it is received; successors stand in for those before them."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import LINES
from tests.book.disputed import DOORS, disputed
from tests.world_affairs import party_change_draft


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    """acme made S1 to S9 and sent S1, S2, S3 to oslo; elder will be oslo's predecessor."""
    world = disputed(request.param, tmp_path)
    assert world.enrols("elder", "holder").admitted
    assert world.declares_site("elder/hall").admitted
    yield world
    assert world.audit().clean
    world.door.close()


def succeeds(world):
    """oslo takes over elder."""
    assert world.says(party_change_draft(world, "elder", succeeded_by="oslo")).admitted


def states(world, shipment):
    return [each.state for each in world.door.rows(LINES) if each.shipment == shipment]


def test_all_that_is_on_its_way_is_called_back(world):
    before = world.chip("acme:S2")
    told = world.cancels("acme", "acme/s1")
    assert told.admitted and told.opened == []
    chip = world.chip("acme:S2")
    assert (chip.status, chip.shipment, chip.custodian, chip.site) == ("held", None, "acme", before.site)
    shipment = world.shipment("acme/s1")
    assert (shipment.sent, shipment.cancelled, shipment.state) == (3, 3, "cancelled")
    assert states(world, "acme/s1") == ["cancelled"] * 3
    assert world.arrives("oslo", "acme/s1").opened == []
    assert world.arrives("oslo", "acme/s1", "acme:S2").opened == [("extra", "acme", 1)]
    assert world.cancels("acme", "acme/s1").reason is Reason.SHIPMENT_CLOSED
    assert world.dispatches("acme", "acme/s2", "acme:S2", to="lima").admitted


def test_some_of_it_is_called_back(world):
    assert world.arrives("oslo", "acme/s1", "acme:S1").admitted
    refused = world.cancels("acme", "acme/s1", "acme:S1", "acme:S2")
    assert (refused.reason, refused.chips) == (Reason.SHIPMENT_CLOSED, ("acme:S1",))
    refused = world.cancels("acme", "acme/s1", "acme:S2", "acme:S9")
    assert (refused.reason, refused.chips) == (Reason.UNKNOWN_REFERENCE, ("acme:S9",))
    assert world.cancels("acme", "acme/s1", "acme:S2").admitted
    assert world.shipment("acme/s1").state == "open"
    assert world.arrives("oslo", "acme/s1").opened == []
    shipment = world.shipment("acme/s1")
    assert (shipment.received, shipment.cancelled, shipment.state) == (2, 1, "closed")
    assert world.held_by("oslo") == ["acme:S1", "acme:S3"]


def test_others_cannot_call_it_back_and_learn_nothing(world):
    strangers = [world.cancels(party, "acme/s1") for party in ("oslo", "lima", "watch")]
    unknown = world.cancels("oslo", "acme/none")
    assert {told.reason for told in (*strangers, unknown)} == {Reason.UNKNOWN_REFERENCE}
    assert strangers[0].detail.replace("acme/s1", "acme/none") == unknown.detail


def test_a_chip_called_back_keeps_no_slot(world):
    assert world.places("acme", {"chip": "acme:S9", "system": "r1", "slot": "a"}).admitted
    assert world.dispatches("acme", "acme/s2", "acme:S9", to="oslo").admitted
    assert world.cancels("acme", "acme/s2").admitted
    chip = world.chip("acme:S9")
    assert (chip.site, chip.system, chip.slot, chip.status) == ("acme/hall", None, None, "held")


def test_a_shipment_all_of_which_was_lost_is_closed(world):
    assert world.retires("acme", "acme:S1", "acme:S2", "acme:S3").admitted
    shipment = world.shipment("acme/s1")
    assert (shipment.lost, shipment.state) == (3, "closed")
    assert world.cancels("acme", "acme/s1").reason is Reason.SHIPMENT_CLOSED
    assert world.cancels("acme", "acme/s1", "acme:S1").reason is Reason.SHIPMENT_CLOSED


def test_a_successor_receives_what_its_predecessor_awaits(world):
    assert world.dispatches("acme", "acme/s2", "acme:S8", "acme:S9", to="elder").admitted
    assert world.arrives("oslo", "acme/s2", "acme:S8").opened == [("extra", "acme", 1)]
    succeeds(world)
    assert world.arrives("oslo", "acme/s2", "acme:S8").opened == []
    assert world.stands("acme:S8") == ("oslo", "oslo", "oslo/hall", "held")
    assert world.arrives("elder", "acme/s2").opened == []  # its keys go on
    assert world.stands("acme:S9") == ("elder", "elder", "elder/hall", "held")
    assert world.arrives("oslo", "acme/s2", "acme:S9").opened == []  # what elder has is oslo's to speak of
    assert world.arrives("lima", "acme/s2", "acme:S9").opened == [("extra", "elder", 1)]


def test_it_is_sent_to_whom_it_was_and_the_successor_has_it(world):
    succeeds(world)
    assert world.dispatches("acme", "acme/s2", "acme:S9", to="elder", title="passes_on_arrival").admitted
    assert world.arrives("oslo", "acme/s2").opened == []
    chip = world.chip("acme:S9")
    assert (chip.custodian, chip.owner) == ("oslo", "oslo")


def test_a_successor_sends_and_calls_back_what_its_predecessor_has(world):
    assert world.dispatches("acme", "acme/s2", "acme:S8", "acme:S9", to="elder").admitted
    assert world.arrives("elder", "acme/s2").admitted
    assert world.dispatches("elder", "elder/s1", "acme:S8", to="lima").admitted
    assert world.dispatches("oslo", "oslo/s1", "acme:S9", to="lima").reason is Reason.NOT_HELD
    succeeds(world)
    assert world.cancels("oslo", "elder/s1").admitted
    assert world.dispatches("oslo", "oslo/s1", "acme:S8", "acme:S9", to="lima").admitted
    assert world.shipment("oslo/s1").sender == "oslo"
    told = world.arrives("lima", "oslo/s1", *({"chip": c, "condition": "absent"} for c in ("acme:S9",)))
    assert told.opened == [("absent", "oslo", 1)]
    assert world.arrives("lima", "oslo/s1", {"chip": "acme:S8", "condition": "refused"}).opened == []
    assert world.stands("acme:S8") == ("elder", "elder", None, "held")


def test_a_suspended_party_receives_and_sends_nothing(world):
    assert world.says(party_change_draft(world, "oslo", suspended=True)).admitted
    assert world.dispatches("acme", "acme/s2", "acme:S9", to="oslo").admitted
    assert world.arrives("oslo", "acme/s2").admitted
    assert world.dispatches("oslo", "oslo/s1", "acme:S9", to="acme").reason is Reason.SUSPENDED
    assert world.says(party_change_draft(world, "acme", suspended=True)).admitted
    assert world.cancels("acme", "acme/s1").reason is Reason.SUSPENDED


def test_what_is_sent_to_oneself_crosses_a_border_and_may_come_back(world):
    assert world.registers("bolt", "bolt:B1").admitted
    assert world.dispatches("bolt", "bolt/s1", "bolt:B1", to="lima").admitted
    assert world.arrives("lima", "bolt/s1").admitted
    assert world.dispatches("lima", "lima/s1", "bolt:B1", to="lima", country="PE").admitted
    assert world.arrives("lima", "lima/s1", {"chip": "bolt:B1", "condition": "refused"}).admitted
    assert world.stands("bolt:B1") == ("lima", "lima", None, "held")
    assert world.dispatches("lima", "lima/s2", "bolt:B1", to="lima", country="PE").admitted
    assert world.arrives("lima", "lima/s2", site="lima/hall").opened == [("wrong_place", "lima", 1)]
    assert world.dispatches("lima", "lima/s3", "bolt:B1", to="lima", country="PE").admitted
    assert world.arrives("lima", "lima/s3", site="lima/abroad").opened == []
    assert world.chip("bolt:B1").site == "lima/abroad"
