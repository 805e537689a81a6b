"""What a declaration makes, restores and finds: every contradiction becomes a number, never a refusal."""

from itertools import product

import pytest
from msgspec.structs import replace as replace_row

from ledger.book.rejection import Reason
from ledger.book.tables import CHIPS, DISCREPANCY_CHIPS, IDENTITIES, MODELS
from tests.world import MODEL, World
from tests.world_doors import FoldDoor, memory_door, sqlite_door
from tests.world_speech import line_key

IDENTITY = {"ik_sha256": "ab" * 32, "pdi": "P1", "uuid": "U1", "label": "L1"}
OTHER = {"ik_sha256": "cd" * 32, "pdi": "P9", "uuid": "U9", "label": "L9"}
DOORS = ("fold", "memory", "sqlite")


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    """acme has S1 (with an identity), S2 and S3; S4 is on its way to oslo, S5 was lost, S6 destroyed."""
    return stocked({"fold": FoldDoor, "memory": memory_door, "sqlite": sqlite_door(tmp_path)}[request.param])


def stocked(door=FoldDoor):
    """As the fixture says, behind a door."""
    world = World(door).settles()
    told = [
        world.registers(
            "acme", {"chip": "acme:S1", "identity": IDENTITY}, *(f"acme:S{n}" for n in range(2, 7))
        ),
        world.dispatches("acme", "acme/s1", "acme:S4", to="oslo"),
        world.retires("acme", "acme:S5"),
        world.retires("acme", "acme:S6", reason="destroyed"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def stands(world, chip):
    """(class, custodian, owner, liable, site, status) of a chip."""
    row = world.chip(chip)
    return row.cls, row.custodian, row.owner, row.liable, row.site, row.status


def test_an_unknown_chip_is_the_declarers_in_class_c(world):
    told = world.declares("oslo", {"chip": "acme:Z1", "model": MODEL, "seen": OTHER}, "oslo:TAG-1")
    assert told.admitted and told.opened == []
    for chip in ("acme:Z1", "oslo:TAG-1"):
        assert stands(world, chip) == ("C", "oslo", "oslo", "oslo", "oslo/hall", "held")
        assert world.chip(chip).born == world.chip(chip).changed == told.index
    assert (world.chip("acme:Z1").model, world.chip("oslo:TAG-1").model) == (MODEL, None)
    assert world.chip("acme:Z1").identity == (
        '{"ik_sha256":"' + "cd" * 32 + '","label":"L9","pdi":"P9","uuid":"U9"}'
    )
    assert {row.identity for row in world.door.rows(IDENTITIES) if row.chip == "acme:Z1"} == {
        "ik:" + "cd" * 32, "pdi:P9", "uuid:U9",
    }  # fmt: skip
    assert world.dispatches("oslo", "oslo/s1", "acme:Z1", "oslo:TAG-1", to="lima").admitted
    assert world.audit().clean


def test_numbers_of_made_chips_come_from_entry_and_line(world):
    told = world.declares("oslo", "acme:S1", "acme:Z1", "acme:Z2")
    assert [world.chip(chip).number for chip in ("acme:Z1", "acme:Z2")] == [
        (told.index << 17) + 1, (told.index << 17) + 2,
    ]  # fmt: skip


def test_a_maker_that_keeps_silent_has_chips_all_the_same(world):
    assert world.declares("oslo", "silent:Z1").reason is Reason.UNKNOWN_REFERENCE
    assert world.enrols("silent", "maker", keys=[]).admitted
    assert world.declares("oslo", "silent:Z1").admitted


def test_an_identity_in_use_stays_with_its_bearer_and_is_told(world):
    """One finding against who has the bearer, though three numbers of it agree."""
    told = world.declares("oslo", {"chip": "oslo:T1", "seen": IDENTITY})
    assert told.opened == [("duplicate", "acme", 1)]
    assert stands(world, "oslo:T1")[0] == "C"
    (line,) = world.door.rows(DISCREPANCY_CHIPS)
    assert (line.chip, line.seen) == ("acme:S1", world.chip("oslo:T1").identity)
    assert {row.chip for row in world.door.rows(IDENTITIES)} == {"acme:S1"}
    assert world.audit().clean


def test_part_of_an_identity_may_be_new(world):
    seen = {"uuid": "U1", "pdi": "P7"}
    assert world.declares("oslo", {"chip": "oslo:T1", "seen": seen}).opened == [("duplicate", "acme", 1)]
    assert world.door.get(IDENTITIES, "pdi:P7").chip == "oslo:T1"
    assert world.door.get(IDENTITIES, "uuid:U1").chip == "acme:S1"


def test_a_label_can_be_copied_and_says_nothing(world):
    assert world.declares("oslo", {"chip": "oslo:T1", "seen": {"label": "L1"}}).opened == []


def test_a_missing_chip_still_bears_its_identity_a_destroyed_one_does_not(world):
    lost, gone = ({"chip": f"acme:G{n}", "identity": {"uuid": f"G{n}"}} for n in (1, 2))
    assert world.registers("acme", lost, gone).admitted
    assert world.retires("acme", "acme:G1").admitted
    assert world.retires("acme", "acme:G2", reason="destroyed").admitted
    lines = [{"chip": f"oslo:T{n}", "seen": {"uuid": f"G{n}"}} for n in (1, 2)]
    assert world.declares("oslo", *lines).opened == [("duplicate", "acme", 1)]
    assert world.door.get(IDENTITIES, "uuid:G1").chip == "acme:G1"
    assert world.door.get(IDENTITIES, "uuid:G2").chip == "oslo:T2"


def test_two_new_chips_with_one_identity_contradict_the_speaker(world):
    lines = [{"chip": f"oslo:T{n}", "seen": {"uuid": "same"}} for n in (1, 2, 3)]
    assert world.declares("oslo", *lines).opened == [("duplicate", "oslo", 1)]
    assert world.door.get(IDENTITIES, "uuid:same").chip == "oslo:T1"


def test_a_new_name_twice_makes_one_chip(world):
    lines = [{"chip": "oslo:T1", "seen": {"uuid": uuid}} for uuid in ("A", "B", "C")]
    told = world.declares("oslo", "oslo:T1", *lines)
    assert told.opened == [("duplicate", "oslo", 1)]
    assert world.chip("oslo:T1").identity is None  # the line without `seen` stands first
    assert [line.seen for line in world.door.rows(DISCREPANCY_CHIPS)] == [
        '{"uuid":"A"}', '{"uuid":"B"}', '{"uuid":"C"}',
    ]  # fmt: skip
    assert world.door.get(IDENTITIES, "uuid:A") is None


def test_what_one_has_is_no_news(world):
    before = world.chip("acme:S1")
    assert world.declares("acme", {"chip": "acme:S1", "seen": IDENTITY}, "acme:S2").opened == []
    assert world.declares("acme", "acme:S4", basis="recovered").opened == []  # in transit: still acme's
    assert world.chip("acme:S1") == before
    told = world.declares("acme", {"chip": "acme:S1", "seen": OTHER})
    assert told.opened == [("identity_differs", "acme", 1)]


def test_the_last_holder_finds_its_chip_again(world):
    lost = world.chip("acme:S5")
    assert (lost.status, lost.liable) == ("missing", "acme")
    for basis in ("inventory", "no_paperwork"):
        assert world.declares("acme", "acme:S5", basis=basis).opened == [("after_end", "acme", 1)]
    assert world.declares("oslo", "acme:S5", basis="recovered").opened == [("after_end", "acme", 1)]
    assert world.declares("acme", "acme:S5", basis="recovered", site="oslo/annex").opened == []
    assert stands(world, "acme:S5") == ("B", "acme", "acme", "acme", "oslo/annex", "held")
    assert world.chip("acme:S5").number == lost.number
    assert world.audit().clean


def test_what_is_found_again_may_be_another(world):
    identified = {"chip": "acme:G1", "identity": {"uuid": "G1"}}
    assert world.registers("acme", identified).admitted and world.retires("acme", "acme:G1").admitted
    lines = [{"chip": "acme:G1", "seen": {"uuid": "X"}}, {"chip": "acme:G1", "seen": {"uuid": "Y"}}]
    told = world.declares("acme", *lines, basis="recovered")
    assert told.opened == [("duplicate", "acme", 1), ("identity_differs", "acme", 1)]
    assert stands(world, "acme:G1")[5] == "held"


def test_a_destroyed_chip_is_not_found_again(world):
    assert world.declares("acme", "acme:S6", basis="recovered").opened == [("after_end", "acme", 1)]
    assert world.chip("acme:S6").status == "destroyed"


def test_a_successor_declares_what_its_predecessor_held(world):
    body = {"party": "acme", "succeeded_by": "bolt"}
    assert world.says(world.draft("registrar", "party.changed", body)).admitted
    assert world.declares("bolt", "acme:S1", "acme:S4").opened == []
    told = world.declares("bolt", {"chip": "acme:S1", "seen": OTHER})
    assert told.opened == [("identity_differs", "acme", 1)]
    assert world.declares("bolt", "acme:S5", basis="recovered").opened == []
    row = world.chip("acme:S5")
    assert (row.custodian, row.liable, row.owner) == ("bolt", "bolt", "acme")


@pytest.mark.parametrize(
    ("party", "may"), [("oslo", True), ("acme", True), ("watch", False), ("quill", False)]
)
def test_who_may_hold_declares(party, may):
    told = stocked().declares(party, "acme:Z1", site="oslo/hall")
    assert told.reason is (None if may else Reason.WRONG_ROLE)


def test_only_what_is_named_and_not_there_is_refused():
    world = stocked()
    assert world.declares("oslo", "acme:S1", site="oslo/nowhere").reason is Reason.UNKNOWN_REFERENCE
    for chip in ("acme:Z1", "acme:S1"):
        line = {"chip": chip, "model": "registrar/none"}
        assert world.declares("oslo", line).reason is Reason.UNKNOWN_REFERENCE
    assert world.declares("oslo", "nobody:Z1").reason is Reason.UNKNOWN_REFERENCE


def test_a_name_that_was_corrected_away_keeps_its_number(world):
    told = world.declares("oslo", "oslo:T1", {"chip": "oslo:T2", "seen": {"uuid": "T2"}})
    number = world.chip("oslo:T2").number
    assert told.admitted and corrects(world, "oslo", told).admitted
    assert world.chip("oslo:T2") is None and world.door.get(IDENTITIES, "uuid:T2").chip is None
    assert world.declares("lima", {"chip": "oslo:T2", "seen": {"uuid": "T2"}}).admitted
    assert (world.chip("oslo:T2").number, world.chip("oslo:T2").custodian) == (number, "lima")
    assert world.audit().clean


def test_what_a_declaration_names_is_not_corrected_away(world):
    model, site = world.lists_model("registrar/typo"), world.declares_site("oslo/typo")
    told = world.declares("oslo", {"chip": "acme:Z1", "model": "registrar/typo"}, site="oslo/typo")
    assert corrects(world, "registrar", model).reason is Reason.BUILT_UPON
    assert corrects(world, "oslo", site).reason is Reason.BUILT_UPON
    assert corrects(world, "oslo", told).admitted
    assert corrects(world, "registrar", model).admitted and corrects(world, "oslo", site).admitted
    assert world.door.get(MODELS, "registrar/typo") is None


def test_a_recovery_is_taken_back(world):
    told = world.declares("acme", "acme:S5", basis="recovered", site="acme/hall")
    assert corrects(world, "acme", told).admitted
    assert stands(world, "acme:S5")[1:] == (None, "acme", "acme", None, "missing")
    assert world.audit().clean


def corrects(world, party, told):
    body = {"corrects": told.outcome.statement, "reason": "a slip"}
    return world.says(world.draft(party, "statement.corrected", body))


STATUSES = ("held", "in_transit", "missing", "destroyed", "replaced")
HOLDERS = ("oslo", "acme", "heir's")  # the speaker, another, one whom the speaker succeeded
SEEN = (None, IDENTITY, OTHER, {"uuid": "U1"}, {"uuid": "U9"}, {"label": "L9"}, {"uuid": "U2"})
BASES = ("inventory", "recovered", "no_paperwork")


def expected(status, holder, seen, basis):
    """The kinds of discrepancy by their definition; `seen` of each line, in the order of the lines."""
    mine = holder != "acme"
    differs = ["identity_differs"] * any(IDENTITY[name] != value for name, value in (seen[0] or {}).items())
    again = ["duplicate"] * (len(seen) > 1)
    if status == "missing" and mine and basis == "recovered":
        return {*differs, *again}
    if status not in ("held", "in_transit"):
        return {"after_end"}
    return {"duplicate"} if again or not mine else set(differs)


def test_whatever_it_contradicts_it_is_recorded():
    """Every status × holder × thing seen × basis × once or twice: a number or none, and never a crash."""
    world = stocked()
    succession = {"party": "lima", "succeeded_by": "oslo"}
    assert world.says(world.draft("registrar", "party.changed", succession)).admitted
    assert world.registers("acme", {"chip": "acme:U2", "identity": {"uuid": "U2"}}).admitted
    book = world.door.registry
    row, tried = book.get(CHIPS, "acme:S1"), 0
    for status, holder, seen, basis, times in product(STATUSES, HOLDERS, SEEN, BASES, (1, 2)):
        party = {"oslo": "oslo", "acme": "acme", "heir's": "lima"}[holder]
        here = status in ("held", "in_transit")
        over = status in ("destroyed", "replaced")
        book.put(
            CHIPS,
            [
                replace_row(
                    row,
                    status=status,
                    custodian=party if here else None,
                    liable=None if over else party,
                    last_liable=party if over else None,
                    site="oslo/hall" if here else None,
                    shipment="acme/s1" if status == "in_transit" else None,
                )
            ],
        )
        line = {"chip": "acme:S1"} | ({} if seen is None else {"seen": seen})
        lines = [line] if times == 1 else [line, {"chip": "acme:S1", "seen": {"label": "other"}}]
        told = world.would(world.declaration_draft("oslo", *lines, basis=basis))
        assert told.reason is None
        case = (status, holder, seen, basis, times)
        said = [each.get("seen") for each in sorted(lines, key=line_key)]
        assert {kind for kind, _, _ in told.opened} == expected(status, holder, said, basis), case
        against = {who for _, who, _ in told.opened}
        restored = status == "missing" and holder != "acme" and basis == "recovered"
        assert against <= {"oslo" if restored else party}, case
        tried += 1
    assert tried == 5 * 3 * 7 * 3 * 2


@pytest.mark.parametrize("size", [1, 2, 255, 2000])
def test_many_lines_are_one_statement(world, size):
    names = [f"oslo:M{n:05}" for n in range(size)]
    lines = [{"chip": name, "model": MODEL, "seen": {"uuid": f"M{n}"}} for n, name in enumerate(names)]
    told = world.declares("oslo", *lines)
    assert told.admitted and told.opened == []
    assert world.held_by("oslo") == names
    assert world.declares("lima", *names).opened == [("duplicate", "oslo", size)]
