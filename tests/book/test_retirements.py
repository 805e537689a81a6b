"""How chips leave: destroyed for good, or missing on the account of who had them last."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import IDENTITIES, LINES, SLOTS
from tests.world import World
from tests.world_doors import FoldDoor, memory_door, sqlite_door

GONE = ("lost", "stolen", "released")


@pytest.fixture(params=("fold", "memory", "sqlite"))
def world(request, tmp_path):
    """acme has S1 (with an identity, in a slot), S2 and S3; S4 and S5 are on their way to oslo."""
    return stocked({"fold": FoldDoor, "memory": memory_door, "sqlite": sqlite_door(tmp_path)}[request.param])


def stocked(door=FoldDoor):
    """As the fixture says, behind a door."""
    world = World(door).settles()
    told = [
        world.registers(
            "acme", {"chip": "acme:S1", "identity": {"uuid": "U1"}}, *(f"acme:S{n}" for n in range(2, 6))
        ),
        world.places("acme", {"chip": "acme:S1", "system": "r", "slot": "1"}),
        world.dispatches("acme", "acme/s1", "acme:S4", "acme:S5", to="oslo"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def stands(world, chip):
    """(custodian, owner, liable, last liable, site, slot, status) of a chip."""
    row = world.chip(chip)
    return row.custodian, row.owner, row.liable, row.last_liable, row.site, row.slot, row.status


@pytest.mark.parametrize("reason", GONE)
def test_what_is_missing_stays_on_the_last_holders_account(world, reason):
    assert world.retires("acme", "acme:S1", "acme:S2", reason=reason).admitted
    assert stands(world, "acme:S1") == (None, "acme", "acme", None, None, None, "missing")
    assert world.door.get(IDENTITIES, "uuid:U1").chip == "acme:S1"  # it may turn up
    (slot,) = world.door.rows(SLOTS)
    assert slot.chip is None
    assert world.retires("acme", "acme:S1", reason=reason).reason is Reason.ENDED
    assert world.places("acme", "acme:S1").reason is Reason.ENDED
    assert world.retires("oslo", "acme:S1", reason=reason).reason is Reason.NOT_HELD
    assert world.audit().clean


def test_what_is_destroyed_is_nobodys(world):
    assert world.retires("acme", "acme:S1", reason="destroyed").admitted
    assert stands(world, "acme:S1") == (None, "acme", None, "acme", None, None, "destroyed")
    assert world.door.get(IDENTITIES, "uuid:U1").chip is None
    assert world.registers("bolt", {"chip": "bolt:N1", "identity": {"uuid": "U1"}}).admitted
    assert world.retires("acme", "acme:S1", reason="destroyed").reason is Reason.ENDED
    assert world.retires("oslo", "acme:S1", reason="destroyed").reason is Reason.NOT_HELD
    assert world.audit().clean


def test_who_answers_for_a_missing_chip_may_destroy_it(world):
    assert world.retires("acme", "acme:S1").admitted
    assert world.retires("oslo", "acme:S1", reason="destroyed").reason is Reason.NOT_HELD
    assert world.retires("acme", "acme:S1", "acme:S2", reason="destroyed").admitted
    for chip in ("acme:S1", "acme:S2"):
        assert stands(world, chip) == (None, "acme", None, "acme", None, None, "destroyed")
    assert world.door.get(IDENTITIES, "uuid:U1").chip is None
    assert world.audit().clean


@pytest.mark.parametrize("reason", ["lost", "stolen"])
def test_on_its_way_it_may_be_lost_and_its_line_is_over(world, reason):
    assert world.retires("acme", "acme:S4", reason=reason).admitted
    shipment = world.shipment("acme/s1")
    assert (shipment.lost, shipment.state) == (1, "open")
    assert {row.chip: row.state for row in world.door.rows(LINES)} == {"acme:S4": "lost", "acme:S5": "open"}
    assert world.arrives("oslo", "acme/s1", "acme:S4").opened == [("after_end", "acme", 1)]
    assert world.chip("acme:S4").status == "missing"
    assert world.retires("acme", "acme:S5", reason=reason).admitted
    assert world.shipment("acme/s1").state == "closed"
    assert world.audit().clean


def test_chips_of_several_shipments_are_lost_at_once(world):
    assert world.dispatches("acme", "acme/s2", "acme:S2", to="lima").admitted
    assert world.retires("acme", "acme:S2", "acme:S3", "acme:S4", "acme:S5", reason="stolen").admitted
    assert [world.shipment(name).lost for name in ("acme/s1", "acme/s2")] == [2, 1]
    assert world.audit().clean


@pytest.mark.parametrize("reason", ["destroyed", "released"])
def test_on_its_way_it_is_neither_destroyed_nor_released(world, reason):
    assert world.retires("acme", "acme:S2", "acme:S4", reason=reason).reason is Reason.IN_TRANSIT


def test_a_recycler_destroys_what_it_received(world):
    assert world.arrives("oslo", "acme/s1").admitted
    assert world.retires("acme", "acme:S4", reason="destroyed").reason is Reason.NOT_HELD
    assert world.retires("oslo", "acme:S4", reason="destroyed").admitted
    assert stands(world, "acme:S4")[:4] == (None, "acme", None, "oslo")


def test_a_successor_retires_what_its_predecessor_held(world):
    body = {"party": "acme", "succeeded_by": "oslo"}
    assert world.says(world.draft("registrar", "party.changed", body)).admitted
    assert world.retires("oslo", "acme:S2").admitted
    assert stands(world, "acme:S2")[2] == "acme"  # it was acme's until then
    assert world.retires("oslo", "acme:S2", reason="destroyed").admitted
    assert stands(world, "acme:S2")[3] == "acme"


def test_the_first_fault_of_many_chips_is_told_with_all_that_have_it(world):
    assert world.retires("acme", "acme:S3").admitted
    told = world.retires("acme", "acme:S2", "acme:S3", "acme:S4", "acme:Z1", "bolt:Z1", reason="released")
    assert (told.reason, told.chips) == (Reason.NOT_HELD, ("acme:Z1", "bolt:Z1"))
    told = world.retires("acme", "acme:S2", "acme:S3", "acme:S4", reason="released")
    assert (told.reason, told.chips) == (Reason.IN_TRANSIT, ("acme:S4",))
    told = world.retires("acme", "acme:S2", "acme:S3", reason="released")
    assert (told.reason, told.chips) == (Reason.ENDED, ("acme:S3",))
    told = world.retires("acme", "acme:S3", "acme:S4", reason="destroyed")
    assert (told.reason, told.chips) == (Reason.IN_TRANSIT, ("acme:S4",))


@pytest.mark.parametrize("reason", [*GONE, "destroyed"])
def test_a_retirement_is_taken_back(world, reason):
    before = world.chip("acme:S1")
    told = world.retires("acme", "acme:S1", "acme:S2", reason=reason)
    body = {"corrects": told.outcome.statement, "reason": "a slip"}
    assert world.says(world.draft("acme", "statement.corrected", body)).admitted
    after = world.chip("acme:S1")
    assert (after.custodian, after.slot, after.status) == (before.custodian, before.slot, before.status)
    assert world.door.get(IDENTITIES, "uuid:U1").chip == "acme:S1"
    assert world.audit().clean


@pytest.mark.parametrize("size", [1, 2, 255, 2000])
def test_many_lines_are_one_statement(world, size):
    names = [f"acme:M{n:05}" for n in range(size)]
    assert world.registers("acme", *({"chip": name, "identity": {"uuid": name}} for name in names)).admitted
    assert world.retires("acme", *names).admitted
    assert {world.chip(name).status for name in names[:3]} == {"missing"}
    assert world.retires("acme", *names, reason="destroyed").admitted
    assert world.held_by("acme") == [f"acme:S{n}" for n in range(1, 6)]
    bearers = {row.identity: row.chip for row in world.door.rows(IDENTITIES)}
    assert [bearers[f"uuid:{name}"] for name in names] == [None] * size
