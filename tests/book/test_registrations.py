"""What a registration makes of chips that are new, were declared before, or take another's place."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import CHIPS, IDENTITIES, LOTS, MENTIONS, SLOTS
from tests.world import MODEL, World
from tests.world_affairs import lot_draft
from tests.world_doors import FoldDoor, memory_door, sqlite_door


@pytest.fixture(params=("fold", "memory", "sqlite"))
def world(request, tmp_path):
    """oslo has declared acme:C1 (with an identity), acme:C2 and acme:C3; a foundry has made lots."""
    return stocked({"fold": FoldDoor, "memory": memory_door, "sqlite": sqlite_door(tmp_path)}[request.param])


def stocked(door=FoldDoor):
    """As the fixture says, behind a door."""
    world = World(door).settles()
    told = [
        world.enrols("foundry", "fab"),
        world.says(lot_draft(world, "foundry/l1", "acme")),
        world.says(lot_draft(world, "foundry/l2", "acme")),
        world.says(lot_draft(world, "foundry/other", "bolt")),
        world.registers("acme", "acme:S1", "acme:S2"),
        world.declares(
            "oslo", {"chip": "acme:C1", "seen": {"uuid": "U1", "label": "L1"}}, "acme:C2", "acme:C3"
        ),
        world.places("oslo", {"chip": "acme:C1", "system": "r", "slot": "1"}),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def where(chip):
    """What a raised chip keeps."""
    return (
        chip.number, chip.custodian, chip.owner, chip.liable, chip.site, chip.system, chip.slot,
        chip.status, chip.born,
    )  # fmt: skip


def corrects(world, party, told):
    body = {"corrects": told.outcome.statement, "reason": "a slip"}
    return world.says(world.draft(party, "statement.corrected", body))


def test_a_declared_chip_is_raised_where_it_is(world):
    before = world.chip("acme:C1")
    identity = {"uuid": "U1", "pdi": "P1"}
    told = world.registers("acme", {"chip": "acme:C1", "identity": identity, "lots": ["foundry/l1"]})
    after = world.chip("acme:C1")
    assert told.admitted and where(after) == where(before)
    assert (after.cls, after.model, after.lots, after.changed) == ("B", MODEL, "foundry/l1", told.index)
    assert after.identity == '{"pdi":"P1","uuid":"U1"}'
    assert {name: world.door.get(IDENTITIES, name).chip for name in ("uuid:U1", "pdi:P1")} == {
        "uuid:U1": "acme:C1", "pdi:P1": "acme:C1",
    }  # fmt: skip
    assert world.registers("acme", "acme:C1").reason is Reason.CHIP_EXISTS
    assert world.audit().clean


def test_an_identity_of_which_the_maker_says_nothing_is_kept(world):
    before = world.chip("acme:C1").identity
    assert world.registers("acme", "acme:C1").admitted
    assert world.chip("acme:C1").identity == before
    assert world.door.get(IDENTITIES, "uuid:U1").chip == "acme:C1"


def test_an_identity_that_the_maker_does_not_know_is_free_again(world):
    assert world.registers("acme", {"chip": "acme:C1", "identity": {"uuid": "U2"}}).admitted
    assert world.door.get(IDENTITIES, "uuid:U1").chip is None
    assert world.door.get(IDENTITIES, "uuid:U2").chip == "acme:C1"
    assert world.registers("acme", {"chip": "acme:S3", "identity": {"uuid": "U1"}}).admitted
    assert world.audit().clean


def test_a_declared_chips_identity_is_anothers_to_the_rest(world):
    taken = {"chip": "acme:S3", "identity": {"uuid": "U1"}}
    assert world.registers("acme", taken).reason is Reason.IDENTITY_TAKEN
    told = world.registers("acme", taken, {"chip": "acme:C1", "identity": {"uuid": "U2"}})
    assert (told.reason, told.chips) == (Reason.IDENTITY_TAKEN, ("acme:S3",))


def test_old_and_new_chips_come_in_one_statement(world):
    told = world.registers("acme", "acme:C2", "acme:S3", "acme:C3")
    assert told.admitted
    holders = {chip: world.chip(chip).custodian for chip in ("acme:C2", "acme:C3", "acme:S3")}
    assert holders == {"acme:C2": "oslo", "acme:C3": "oslo", "acme:S3": "acme"}
    assert {world.chip(chip).cls for chip in holders} == {"B"}
    assert world.chip("acme:S3").number == (told.index << 17) + 2
    told = world.registers("acme", "acme:C1", "acme:S1", "acme:S4")
    assert (told.reason, told.chips) == (Reason.CHIP_EXISTS, ("acme:S1",))


def test_a_missing_or_destroyed_chip_is_raised_too(world):
    assert world.retires("oslo", "acme:C1").admitted
    assert world.registers("acme", {"chip": "acme:C1", "identity": {"uuid": "U2"}}).admitted
    assert (world.chip("acme:C1").cls, world.chip("acme:C1").status) == ("B", "missing")
    assert world.door.get(IDENTITIES, "uuid:U2").chip == "acme:C1"
    assert world.retires("oslo", "acme:C2", reason="destroyed").admitted
    told = world.registers("acme", {"chip": "acme:C2", "identity": {"uuid": "U3"}})
    assert told.admitted and world.chip("acme:C2").cls == "B"
    assert world.door.get(IDENTITIES, "uuid:U3") is None  # only a living chip bears one
    assert corrects(world, "acme", told).admitted
    assert world.audit().clean


def test_a_raise_is_taken_back(world):
    before = world.chip("acme:C1")
    told = world.registers("acme", {"chip": "acme:C1", "identity": {"uuid": "U2"}}, "acme:N1")
    assert corrects(world, "acme", told).admitted
    after = world.chip("acme:C1")
    assert (where(after), after.cls, after.identity) == (where(before), "C", before.identity)
    assert world.door.get(IDENTITIES, "uuid:U1").chip == "acme:C1"
    assert world.chip("acme:N1") is None
    assert world.audit().clean


def test_lots_are_the_makers_own(world):
    for lots in (["foundry/none"], ["foundry/other"], ["foundry/l1", "foundry/other"]):
        told = world.registers("acme", {"chip": "acme:N1", "lots": lots})
        assert told.reason is Reason.UNKNOWN_REFERENCE
    assert world.registers("acme", {"chip": "acme:N1", "lots": ["foundry/l1", "foundry/l2"]}).admitted
    assert world.chip("acme:N1").lots == "foundry/l1 foundry/l2"
    body = {"party": "bolt", "succeeded_by": "acme"}
    assert world.says(world.draft("registrar", "party.changed", body)).admitted
    assert world.registers("acme", {"chip": "acme:N2", "lots": ["foundry/other"]}).admitted


def test_what_registrations_name_is_counted_once_a_statement(world):
    lines = [{"chip": f"acme:N{n}", "lots": ["foundry/l1"]} for n in range(1, 4)]
    told = world.registers("acme", *lines, {"chip": "acme:C1", "lots": ["foundry/l2"]})
    counts = {row.thing: row.statements for row in world.door.rows(MENTIONS)}
    assert counts["lot:foundry/l1"] == counts["lot:foundry/l2"] == 1
    assert counts["site:acme/hall"] == counts[f"model:{MODEL}"] == 2  # the story's own, and this
    assert world.registers("acme", "acme:C2").admitted  # stands elsewhere: the maker's hall is not its
    assert world.door.get(MENTIONS, "site:acme/hall").statements == 2
    lot = world.says(lot_draft(world, "foundry/l3", "acme"))
    used = world.registers("acme", {"chip": "acme:N9", "lots": ["foundry/l3"]})
    assert corrects(world, "foundry", lot).reason is Reason.BUILT_UPON
    assert corrects(world, "acme", used).admitted and corrects(world, "foundry", lot).admitted
    assert world.door.get(LOTS, "foundry/l3") is None
    assert corrects(world, "acme", told).admitted
    assert world.door.get(MENTIONS, "lot:foundry/l1").statements == 0


def test_a_serial_corrected_away_is_registered_with_its_old_number(world):
    told = world.registers("acme", "acme:N1", {"chip": "acme:N2", "identity": {"uuid": "N2"}})
    number = world.chip("acme:N2").number
    assert corrects(world, "acme", told).admitted
    again = world.registers("acme", "acme:N0", {"chip": "acme:N2", "identity": {"uuid": "N2"}})
    chip = world.chip("acme:N2")
    assert (chip.number, chip.born, chip.changed) == (number, again.index, again.index)
    assert len({row.number for row in world.door.rows(CHIPS)}) == len(world.door.rows(CHIPS))
    assert world.audit().clean


def test_a_replaced_module_leaves_everything_but_its_owner(world):
    identity = {"uuid": "S3"}
    assert world.registers("acme", {"chip": "acme:S3", "identity": identity}).admitted
    assert world.places("acme", {"chip": "acme:S3", "system": "r", "slot": "1"}).admitted
    assert world.registers("acme", {"chip": "acme:S4", "replaces": "acme:S3", "identity": identity}).admitted
    old = world.chip("acme:S3")
    assert (old.custodian, old.owner, old.liable, old.last_liable) == (None, "acme", None, "acme")
    assert (old.site, old.system, old.slot, old.status) == (None, None, None, "replaced")
    assert world.door.get(IDENTITIES, "uuid:S3").chip == "acme:S4"
    assert {row.chip for row in world.door.rows(SLOTS)} == {None, "acme:C1"}
    assert world.places("acme", "acme:S3").reason is Reason.ENDED
    assert world.places("oslo", "acme:S3").reason is Reason.NOT_HELD
    assert world.audit().clean


def test_a_chip_is_not_raised_and_replaced_at_once(world):
    """Declared by its own maker, so that it could be either."""
    assert world.declares("acme", "acme:C9").admitted
    told = world.registers("acme", "acme:C9", {"chip": "acme:N1", "replaces": "acme:C9"})
    assert (told.reason, told.chips) == (Reason.CHIP_EXISTS, ("acme:C9",))
    assert world.registers("acme", {"chip": "acme:N1", "replaces": "acme:C9"}).admitted


def test_an_identity_somebody_else_bore_first_is_not_taken_from_it_by_a_replacement(world):
    """A chip whose `seen` was another's identity never bore it, so it gives none up."""
    assert world.declares("acme", {"chip": "acme:C9", "seen": {"uuid": "U1"}}).opened == [
        ("duplicate", "oslo", 1)
    ]
    assert world.registers("acme", {"chip": "acme:N1", "replaces": "acme:C9"}).admitted
    assert world.door.get(IDENTITIES, "uuid:U1").chip == "acme:C1"


def test_an_heir_replaces_what_its_predecessor_held(world):
    body = {"party": "acme", "succeeded_by": "bolt"}
    assert world.says(world.draft("registrar", "party.changed", body)).admitted
    assert world.registers("bolt", {"chip": "bolt:N1", "replaces": "acme:S1"}).admitted
    assert world.chip("acme:S1").last_liable == "acme"
    assert world.places("bolt", "acme:S2", site="bolt/hall").admitted
    assert (world.chip("acme:S2").custodian, world.chip("acme:S2").site) == ("acme", "bolt/hall")


def test_a_site_where_chips_were_placed_is_not_corrected_away(world):
    site = world.declares_site("acme/typo")
    placed = world.places("acme", "acme:S1", "acme:S2", site="acme/typo")
    assert corrects(world, "acme", site).reason is Reason.BUILT_UPON
    assert corrects(world, "acme", placed).admitted
    assert corrects(world, "acme", site).admitted


@pytest.mark.parametrize("size", [1, 2, 255, 2000])
def test_declared_chips_are_raised_in_one_statement(world, size):
    names = [f"acme:M{n:05}" for n in range(size)]
    seen = [{"chip": name, "seen": {"uuid": name}} for name in names]
    said = [{"chip": name, "identity": {"uuid": name, "pdi": name}} for name in names]
    assert world.declares("oslo", *seen).admitted
    assert world.registers("acme", *said).admitted
    assert {world.chip(name).cls for name in names[:3]} == {"B"}
    assert len([name for name in world.held_by("oslo") if name in set(names)]) == size
    bearers = {row.identity: row.chip for row in world.door.rows(IDENTITIES)}
    assert all(bearers[f"pdi:{name}"] == bearers[f"uuid:{name}"] == name for name in names)
