"""Title passes by offer and acceptance, wherever the chips are; custody never moves with it."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import OFFERED, TRANSFERS
from tests.book.disputed import DOORS, disputed
from tests.world_affairs import party_change_draft


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    """acme made S1 to S9 and sent S1, S2, S3 to oslo, keeping the title."""
    world = disputed(request.param, tmp_path)
    yield world
    assert world.audit().clean
    world.door.close()


def owners(world, *chips):
    return [world.chip(chip).owner for chip in chips]


def offer(world, transfer):
    """(owner, offeree, chips, state) of an offer."""
    found = world.door.get(TRANSFERS, transfer)
    return found.owner, found.offeree, found.chips, found.state


def test_title_passes_when_the_offer_is_accepted(world):
    assert world.offers("acme", "acme/o1", "acme:S8", "acme:S9", to="lima").admitted
    assert offer(world, "acme/o1") == ("acme", "lima", 2, "open")
    assert owners(world, "acme:S8", "acme:S9") == ["acme", "acme"]
    assert world.accepts("lima", "acme/o1").admitted
    assert owners(world, "acme:S8", "acme:S9") == ["lima", "lima"]
    assert world.stands("acme:S9") == ("acme", "acme", "acme/hall", "held")
    assert offer(world, "acme/o1")[3] == "accepted"
    assert {row.transfer for row in world.door.rows(OFFERED)} == {None}
    assert world.accepts("lima", "acme/o1").reason is Reason.ENDED
    assert world.withdraws("acme", "acme/o1").reason is Reason.ENDED
    assert world.offers("acme", "acme/o2", "acme:S9", to="odm").reason is Reason.NOT_OWNED


def test_a_drop_shipment_passes_title_twice_on_its_way(world):
    """acme sells to lima, lima to oslo, while the chips travel from acme to oslo."""
    chips = ["acme:S1", "acme:S2", "acme:S3"]
    assert world.offers("acme", "acme/o1", *chips, to="lima").admitted
    assert world.accepts("lima", "acme/o1").admitted
    assert world.offers("lima", "lima/o1", *chips, to="oslo").admitted
    assert world.accepts("oslo", "lima/o1").admitted
    chip = world.chip("acme:S2")
    assert (chip.owner, chip.custodian, chip.status) == ("oslo", "acme", "in_transit")
    assert world.arrives("oslo", "acme/s1").opened == []
    chip = world.chip("acme:S2")
    assert (chip.owner, chip.custodian, chip.status) == ("oslo", "oslo", "held")


def test_who_has_a_chip_and_not_its_title_offers_nothing(world):
    assert world.arrives("oslo", "acme/s1").admitted
    overreach = world.offers("oslo", "oslo/o1", "acme:S1", "acme:S9", "acme:Z9", to="lima")
    assert overreach.reason is Reason.NOT_OWNED
    assert overreach.chips == ("acme:S1", "acme:S9", "acme:Z9")  # unknown ones alike
    assert world.dispatches("oslo", "oslo/s1", "acme:S1", to="lima", title="passes_on_arrival").reason is (
        Reason.NOT_OWNED
    )
    assert world.offers("acme", "acme/o1", "acme:S1", to="lima").admitted  # its owner may, wherever it is


def test_an_offer_withdrawn_is_over(world):
    assert world.offers("acme", "acme/o1", "acme:S9", to="lima").admitted
    assert world.offers("acme", "acme/o2", "acme:S8", "acme:S9", to="odm").reason is Reason.OFFERED_ALREADY
    assert world.withdraws("acme", "acme/o1").admitted
    assert world.accepts("lima", "acme/o1").reason is Reason.ENDED
    assert world.withdraws("acme", "acme/o1").reason is Reason.ENDED
    assert world.offers("acme", "acme/o1", "acme:S9", to="odm").reason is Reason.ID_TAKEN
    assert world.offers("acme", "acme/o3", "acme:S9", to="odm").admitted
    assert world.accepts("odm", "acme/o3").admitted
    assert owners(world, "acme:S9") == ["odm"]


@pytest.mark.parametrize(
    "ending",
    [{"reason": "destroyed", "evidence_sha256": "ab" * 32}, {"reason": "lost"}, {"reason": "stolen"}],
)
def test_what_ended_since_is_not_accepted_and_the_rest_may_be_offered_again(world, ending):
    assert world.offers("acme", "acme/o1", "acme:S7", "acme:S8", "acme:S9", to="lima").admitted
    assert world.retires("acme", "acme:S8", **ending).admitted
    refused = world.accepts("lima", "acme/o1")
    assert (refused.reason, refused.chips) == (Reason.ENDED, ("acme:S8",))
    assert owners(world, "acme:S7", "acme:S8", "acme:S9") == ["acme"] * 3  # all of it, or none
    assert world.offers("acme", "acme/o2", "acme:S7", "acme:S9", to="lima").reason is Reason.OFFERED_ALREADY
    assert world.withdraws("acme", "acme/o1").admitted
    assert world.offers("acme", "acme/o2", "acme:S8", to="lima").reason is Reason.ENDED
    assert world.offers("acme", "acme/o3", "acme:S7", "acme:S9", to="lima").admitted
    assert world.accepts("lima", "acme/o3").admitted


def test_a_replaced_module_under_an_offer_is_ended(world):
    assert world.offers("acme", "acme/o1", "acme:S9", to="lima").admitted
    assert world.registers("acme", {"chip": "acme:N9", "replaces": "acme:S9"}).admitted
    assert world.accepts("lima", "acme/o1").reason is Reason.ENDED
    assert world.withdraws("acme", "acme/o1").admitted


def test_title_is_promised_once(world):
    """What passes on arrival is not offered, what is offered does not pass on arrival."""
    assert world.offers("acme", "acme/o1", "acme:S8", to="lima").admitted
    assert world.dispatches("acme", "acme/s2", "acme:S8", to="oslo", title="passes_on_arrival").reason is (
        Reason.OFFERED_ALREADY
    )
    assert world.dispatches("acme", "acme/s2", "acme:S8", to="oslo").admitted  # the title is kept
    assert world.accepts("lima", "acme/o1").admitted
    assert world.arrives("oslo", "acme/s2").admitted
    assert owners(world, "acme:S8") == ["lima"]
    assert world.dispatches("acme", "acme/s3", "acme:S9", to="oslo", title="passes_on_arrival").admitted
    refused = world.offers("acme", "acme/o2", "acme:S4", "acme:S9", to="lima")
    assert (refused.reason, refused.chips) == (Reason.OFFERED_ALREADY, ("acme:S9",))
    assert world.cancels("acme", "acme/s3").admitted
    assert world.offers("acme", "acme/o2", "acme:S4", "acme:S9", to="lima").admitted


def test_who_received_title_may_pass_it_on(world):
    assert world.dispatches("acme", "acme/s3", "acme:S9", to="oslo", title="passes_on_arrival").admitted
    assert world.arrives("oslo", "acme/s3").admitted
    assert world.offers("oslo", "oslo/o1", "acme:S9", to="acme").admitted
    assert world.accepts("acme", "oslo/o1").admitted
    chip = world.chip("acme:S9")
    assert (chip.owner, chip.custodian) == ("acme", "oslo")


def test_others_learn_nothing_of_an_offer(world):
    assert world.offers("acme", "acme/o1", "acme:S9", to="lima").admitted
    told = [
        world.accepts("oslo", "acme/o1"), world.accepts("acme", "acme/o1"), world.accepts("lima", "acme/o9"),
        world.withdraws("lima", "acme/o1"), world.withdraws("watch", "acme/o1"),
    ]  # fmt: skip
    assert {each.reason for each in told} == {Reason.UNKNOWN_REFERENCE}
    assert offer(world, "acme/o1")[3] == "open"


def test_a_successor_offers_accepts_and_withdraws(world):
    assert world.offers("acme", "acme/o1", "acme:S8", to="odm").admitted
    assert world.offers("acme", "acme/o2", "acme:S9", to="odm").admitted
    assert world.accepts("oslo", "acme/o1").reason is Reason.UNKNOWN_REFERENCE
    assert world.says(party_change_draft(world, "odm", succeeded_by="oslo")).admitted
    assert world.accepts("oslo", "acme/o1").admitted
    assert world.accepts("odm", "acme/o2").admitted  # its keys go on
    assert owners(world, "acme:S8", "acme:S9") == ["oslo", "odm"]
    assert world.offers("odm", "odm/o1", "acme:S9", to="lima").admitted
    assert world.withdraws("oslo", "odm/o1").admitted
    assert world.offers("oslo", "oslo/o1", "acme:S8", "acme:S9", to="oslo").admitted  # into its own name
    assert world.accepts("oslo", "oslo/o1").admitted
    assert owners(world, "acme:S8", "acme:S9") == ["oslo", "oslo"]


def test_an_offer_of_a_predecessors_chips_stands_when_it_is_accepted(world):
    assert world.offers("acme", "acme/o1", "acme:S9", to="odm").admitted
    assert world.accepts("odm", "acme/o1").admitted
    assert world.says(party_change_draft(world, "odm", succeeded_by="oslo")).admitted
    assert world.offers("oslo", "oslo/o1", "acme:S9", to="lima").admitted
    assert world.accepts("lima", "oslo/o1").admitted
    assert owners(world, "acme:S9") == ["lima"]


def test_a_chip_accepted_is_changed_and_what_was_said_before_is_built_upon(world):
    told = world.registers("acme", "acme:T1")
    assert world.offers("acme", "acme/o1", "acme:T1", to="lima").admitted
    assert world.corrects("acme", told).reason is Reason.BUILT_UPON
    assert world.accepts("lima", "acme/o1").admitted
    assert world.corrects("acme", told).reason is Reason.BUILT_UPON
