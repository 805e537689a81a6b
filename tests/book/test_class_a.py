"""What an observation with evidence makes of a chip's class, and what it leaves as it was."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import DISCREPANCIES, IDENTITIES, MENTIONS
from tests.book.proving import DOORS, IK, sighting, stocked_behind
from tests.world_lives import proving


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    return stocked_behind(request.param, tmp_path)


def observations(world):
    """By kind, who sees chip S1 (device 1) in an observation of that kind, none of them disagreeing."""
    return {
        "chips.sighted": world.sighting_draft("quill", "acme:S1"),
        "stocktake.declared": world.stocktake_draft("acme", "acme/c1", "acme:S1", scope="partial"),
        "chips.declared": world.declaration_draft("acme", "acme:S1"),
    }


@pytest.mark.parametrize("kind", ["chips.sighted", "stocktake.declared", "chips.declared"])
def test_every_observation_raises_a_class(world, kind):
    before = world.chip("acme:S1")
    draft = proving(observations(world)[kind], {"acme:S1": "1"}, head=world.head())
    told = world.says(draft)
    assert told.admitted and told.opened == []
    after = world.chip("acme:S1")
    assert (after.cls, after.changed, after.identity) == ("A", told.index, before.identity)
    assert (after.custodian, after.site, after.born) == (before.custodian, before.site, before.born)
    again = proving(observations(world)[kind].changed(**_again(kind)), {"acme:S1": "1"}, head=world.head())
    assert world.says(again).admitted
    assert world.chip("acme:S1") == after  # nothing is new
    assert world.audit().clean


def _again(kind):
    return {"stocktake": "acme/c2"} if kind == "stocktake.declared" else {}


def test_an_arrival_raises_what_it_receives(world):
    draft = proving(world.arrival_draft("oslo", "acme/s1", "acme:S4"), {"acme:S4": "4"}, head=world.head())
    told = world.says(draft)
    chip = world.chip("acme:S4")
    assert told.opened == []
    assert (chip.cls, chip.custodian, chip.site, chip.changed) == ("A", "oslo", "oslo/hall", told.index)
    assert world.audit().clean


def test_a_chip_whose_key_nobody_said_gains_it(world):
    told = world.says(sighting(world, "acme:S3", "3"))
    assert told.opened == []
    assert (world.chip("acme:S3").cls, world.chip("acme:S3").identity) == (
        "A", f'{{"ik_sha256":"{IK["3"]}"}}',
    )  # fmt: skip
    assert world.door.get(IDENTITIES, f"ik:{IK['3']}").chip == "acme:S3"
    taken = {"chip": "acme:N1", "identity": {"ik_sha256": IK["3"]}}
    assert world.registers("acme", taken).reason is Reason.IDENTITY_TAKEN
    body = {"corrects": told.outcome.statement, "reason": "a slip"}
    assert world.says(world.draft("watch", "statement.corrected", body)).admitted
    assert (world.chip("acme:S3").cls, world.chip("acme:S3").identity) == ("B", None)
    assert world.registers("acme", taken).admitted
    assert world.audit().clean


@pytest.mark.parametrize("stranger", ["lima", "quill", "registrar"])
def test_a_stranger_does_not_put_its_own_key_under_anothers_chip(world, stranger):
    """Who has one genuine chip could answer for any; its holder, or a verifier, may show the first key."""
    draft = world.sighting_draft(stranger, "acme:S3")
    told = world.says(proving(draft, {"acme:S3": "3"}, head=world.head()))
    assert (told.admitted, told.opened) == (True, [])
    assert (world.chip("acme:S3").cls, world.chip("acme:S3").identity) == ("B", None)
    assert world.door.get(IDENTITIES, f"ik:{IK['3']}") is None
    own = world.sighting_draft("acme", "acme:S3")
    assert world.says(proving(own, {"acme:S3": "3"}, head=world.head())).admitted
    assert world.chip("acme:S3").cls == "A"
    assert world.audit().clean


def test_one_key_does_not_raise_two_chips(world):
    """One device answers for two chips in one statement: the first bears its key."""
    draft = world.sighting_draft("watch", "acme:S2", "acme:S3")
    told = world.says(proving(draft, {"acme:S2": "3", "acme:S3": "3"}, head=world.head()))
    assert told.admitted
    assert [world.chip(chip).cls for chip in ("acme:S2", "acme:S3")] == ["A", "B"]
    assert world.says(sighting(world, "acme:S3", "3")).admitted  # nor later
    assert world.says(sighting(world, "acme:S2", "1")).opened == [("identity_differs", "acme", 1)]
    assert world.chip("acme:S3").cls == "B"


def test_another_key_than_the_books_is_a_disagreement(world):
    told = world.says(sighting(world, "acme:S1", "2"))
    assert told.opened == [("identity_differs", "acme", 1)]
    assert world.chip("acme:S1").cls == "B"
    labelled = world.sighting_draft("watch", {"chip": "acme:S4", "seen": {"label": "other"}})
    told = world.says(proving(labelled, {"acme:S4": "4"}, head=world.head()))
    assert told.opened == [("identity_differs", "acme", 1)]
    assert world.chip("acme:S4").cls == "B"


def test_what_ended_or_is_named_twice_is_not_raised(world):
    assert world.retires("acme", "acme:S1").admitted
    assert world.says(sighting(world, "acme:S1", "1")).opened == [("after_end", "acme", 1)]
    assert world.chip("acme:S1").cls == "B"
    twice = world.sighting_draft("watch", "acme:S3", {"chip": "acme:S3", "seen": {"label": "L"}})
    told = world.says(proving(twice, {"acme:S3": "3"}, head=world.head()))
    assert told.opened == [("duplicate", "acme", 1)]
    assert world.chip("acme:S3").cls == "B"
    assert world.says(sighting(world, "acme:NONE", "2")).opened == [("unknown_chip", None, 1)]


def test_a_declared_chip_may_prove_itself_unless_its_key_is_anothers(world):
    draft = world.declaration_draft("oslo", "oslo:T1", "oslo:T2")
    told = world.says(proving(draft, {"oslo:T1": "1", "oslo:T2": "2"}, head=world.head()))
    assert told.opened == [("duplicate", "acme", 1)]
    assert [world.chip(chip).cls for chip in ("oslo:T1", "oslo:T2")] == ["C", "A"]
    assert world.door.get(IDENTITIES, f"ik:{IK['1']}").chip == "acme:S1"
    assert world.audit().clean


def test_a_declaration_that_raised_a_known_chip_is_taken_back(world):
    """Every site it was counted for is counted as before."""
    assert world.retires("acme", "acme:S3").admitted
    mentions = {row.thing: row.statements for row in world.door.rows(MENTIONS)}
    draft = world.declaration_draft("acme", "acme:S1", "acme:S3", basis="recovered", site="oslo/annex")
    told = world.says(proving(draft, {"acme:S1": "1", "acme:S3": "3"}, head=world.head()))
    assert [world.chip(chip).cls for chip in ("acme:S1", "acme:S3")] == ["A", "A"]
    assert world.door.get(MENTIONS, "site:oslo/annex").statements == 1
    body = {"corrects": told.outcome.statement, "reason": "a slip"}
    assert world.says(world.draft("acme", "statement.corrected", body)).admitted
    assert [world.chip(chip).cls for chip in ("acme:S1", "acme:S3")] == ["B", "B"]
    after = {row.thing: row.statements for row in world.door.rows(MENTIONS)}
    assert after == mentions | {"site:oslo/annex": 0}
    assert world.audit().clean


def test_a_maker_raises_a_declared_chip_to_a(world):
    assert world.declares("oslo", "acme:C1").admitted
    draft = proving(world.registration_draft("acme", "acme:C1"), {"acme:C1": "2"}, head=world.head())
    assert world.says(draft).admitted
    assert (world.chip("acme:C1").cls, world.chip("acme:C1").custodian) == ("A", "oslo")


def test_who_sees_a_strangers_chip_tells_where_and_that_it_is_the_one(world):
    """Where a chip stands and who has it is one question, which chip it is another."""
    assert world.says(
        proving(world.stocktake_draft("oslo", "oslo/c1", "acme:S1"), {"acme:S1": "1"}, head=world.head())
    ).opened == [("extra", "acme", 1)]
    (row,) = world.door.rows(DISCREPANCIES)
    assert (world.chip("acme:S1").cls, world.chip("acme:S1").changed) == ("A", row.born)
    body = {"discrepancy": row.discrepancy, "text": "so it is", "concedes": True}
    assert world.says(world.draft("acme", "discrepancy.answered", body)).admitted
    assert (world.chip("acme:S1").custodian, world.chip("acme:S1").cls) == ("oslo", "A")
    assert world.audit().clean
