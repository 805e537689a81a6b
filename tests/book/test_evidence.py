"""A chip that answers by its own key is of class A; evidence that does not belong to its lines is refused."""

from dataclasses import replace
from hashlib import sha256

import pytest

from ledger.batch.evidence import evidence_of
from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from ledger.book.rejection import Reason
from ledger.book.tables import DISCREPANCIES, IDENTITIES, MENTIONS
from ledger.refold import refold
from signing.canonical import to_base64
from tests.device.play import VENDOR, TestVendor
from tests.world import World
from tests.world_doors import FoldDoor, memory_door, sqlite_door
from tests.world_lives import MAKER, ROOTS, proving

IK = {serial: MAKER.device(serial).ik_sha256 for serial in ("1", "2", "3", "4")}
STRANGER = TestVendor("stranger")


@pytest.fixture(params=("fold", "memory", "sqlite"))
def world(request, tmp_path):
    """acme has S1 (device 1's key in the book), S2 and S3 without any; S4 (device 4's) is sent to oslo."""
    return stocked({"fold": FoldDoor, "memory": memory_door, "sqlite": sqlite_door(tmp_path)}[request.param])


def stocked(door=FoldDoor, roots=ROOTS):
    """As the fixture says, behind a door."""
    world = World(door).settles(device_roots=roots)
    told = [
        world.registers(
            "acme",
            {"chip": "acme:S1", "identity": {"ik_sha256": IK["1"]}},
            "acme:S2",
            "acme:S3",
            {"chip": "acme:S4", "identity": {"ik_sha256": IK["4"], "label": "L4"}},
        ),
        world.dispatches("acme", "acme/s1", "acme:S4", to="oslo"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def registration(world, **how):
    """acme:N1 is device 2."""
    draft = world.registration_draft("acme", "acme:N1", "acme:N2")
    return proving(draft, {"acme:N1": "2"}, **{"head": world.head(), **how})


def sighting(world, seen, serial, **how):
    """A verifier sees a chip and has it answer."""
    return proving(world.sighting_draft("watch", seen), {seen: serial}, **{"head": world.head(), **how})


def test_a_registration_with_evidence_is_of_class_a(world):
    assert world.says(registration(world)).admitted
    assert [world.chip(chip).cls for chip in ("acme:N1", "acme:N2")] == ["A", "B"]
    assert world.door.get(IDENTITIES, f"ik:{IK['2']}").chip == "acme:N1"
    assert world.audit().clean


def test_the_evidence_is_kept_and_the_book_can_be_folded_again():
    world = stocked(memory_door)
    draft = registration(world)
    assert world.says(draft).admitted
    (name,) = draft.attestations
    assert sha256(world.door.evidence.get(name)).hexdigest() == name
    digest, store = world.door.digest(), world.door.store
    world.door.sequencer.stop()
    refold(store)
    assert world.door.digest() == digest
    assert world.chip("acme:N1").cls == "A"


SPOILT = {
    "another log": {"log": "ledger.example/other"},
    "another size": {"size": 3},
    "another root": {"root": b"\x01" * 32},
    "another chip": {"chip": "acme:N2"},
    "another kind": {"kind": "chips.sighted"},
    "a root nobody lists": {"maker": STRANGER},
}


@pytest.mark.parametrize("name", SPOILT)
def test_evidence_for_something_else_raises_nothing_and_is_no_fault(name):
    world = stocked()
    assert world.says(registration(world, **SPOILT[name])).admitted
    assert world.chip("acme:N1").cls == "B"
    spoilt = {"chip": "acme:S2"} if "chip" in SPOILT[name] else SPOILT[name]
    spoilt = {"kind": "chips.registered"} if "kind" in SPOILT[name] else spoilt
    assert world.says(sighting(world, "acme:S3", "3", **spoilt)).opened == []
    assert world.chip("acme:S3").cls == "B"


def test_the_unspoilt_one_does():
    """The control of the spoilt ones, and a root listed under another case."""
    world = stocked(roots=[{"vendor": VENDOR.upper(), "spki_sha256": MAKER.root_spki_sha256}])
    assert world.says(registration(world)).admitted
    assert world.says(sighting(world, "acme:S3", "3")).opened == []
    assert [world.chip(chip).cls for chip in ("acme:N1", "acme:S3")] == ["A", "A"]


def test_a_log_without_roots_trusts_nobody():
    world = stocked(roots=[])
    assert world.says(registration(world)).admitted
    assert world.chip("acme:N1").cls == "B"


def test_without_a_head_there_is_no_nonce():
    world = stocked()
    assert world.says(replace(registration(world), more=())).admitted
    assert world.chip("acme:N1").cls == "B"


def test_a_line_names_the_key_that_speaks():
    world, named = stocked(), {}
    draft = registration(world)
    for serial, ik in (("other", IK["3"]), ("none", None)):
        first, second = draft.lines
        identity = {k: v for k, v in {**first["identity"], "ik_sha256": ik}.items() if v is not None}
        named[serial] = replace(draft, lines=({**first, "identity": identity}, second))
        assert world.would(named[serial]).reason is None
    assert world.says(named["none"]).admitted
    assert world.chip("acme:N1").cls == "B"


def test_evidence_that_is_none_raises_nothing():
    world = stocked()
    for octets in (b"", b"{}", b"not evidence", b"x" * 70_000):
        name = sha256(octets).hexdigest()
        seen = {"ik_sha256": IK["1"], "attestation_sha256": name}
        draft = world.sighting_draft("watch", {"chip": "acme:S1", "seen": seen})
        more = (("head", world.head()),)
        told = world.says(replace(draft, attestations={name: to_base64(octets)}, more=more))
        assert told.admitted and told.opened == []
    assert world.chip("acme:S1").cls == "B"


def test_what_belongs_to_no_line_or_is_missing_is_a_mismatch():
    world = stocked()
    draft = registration(world)
    ((name, piece),) = draft.attestations.items()
    other = sha256(b"other").hexdigest()
    spoilt = {
        "none came": None,
        "an empty object": {},
        "other bytes": {name: to_base64(b"other")},
        "no base64": {name: piece[:-1] + "!"},
        "nothing": {name: ""},
        "unnamed beside it": {name: piece, other: to_base64(b"other")},
        "only unnamed": {other: to_base64(b"other")},
        "no hash": {name: piece, "ab": "AA=="},
        "capitals": {name.upper(): piece},
    }
    for attestations in spoilt.values():
        told = world.would(replace(draft, attestations=attestations))
        assert told.reason is Reason.MANIFEST_MISMATCH and "attestations" in told.detail
    assert world.would(draft).reason is None
    site = replace(world.site_draft("acme/new"), attestations={name: piece})
    assert world.would(site).reason is Reason.MANIFEST_MISMATCH
    assert world.would(replace(site, attestations={})).reason is None
    assert len(spoilt) == 9


def test_one_piece_named_by_two_lines_comes_once():
    """It can answer for one chip only."""
    world = stocked()
    draft = registration(world)
    identity = {**draft.lines[0]["identity"], "ik_sha256": IK["3"]}
    both = replace(draft, lines=(draft.lines[0], {**draft.lines[1], "identity": identity}))
    assert world.says(both).admitted
    assert [world.chip(chip).cls for chip in ("acme:N1", "acme:N2")] == ["A", "B"]


def test_the_sequencer_keeps_what_lines_name():
    statement = read_statement(read_bundle(registration(stocked()).raw()))
    assert statement.fault is None and statement.attested.keys() == evidence_of(statement).keys()
    assert [each.ik_sha256 for each in statement.attested.values()] == [IK["2"]]


def test_a_faulty_statement_is_not_examined():
    statement = read_statement(read_bundle(registration(stocked()).changed(site="hall").raw()))
    assert statement.fault.reason is Reason.BAD_FIELD and not statement.attested


def test_somebody_who_may_not_see_evidence_misses_none():
    draft = replace(registration(stocked()), attestations=None)
    bundle = read_bundle(draft.raw())
    assert read_statement(bundle).fault.reason is Reason.MANIFEST_MISMATCH
    assert read_statement(bundle, evidence_shown=False).fault is None


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
