"""A chip that answers by its own key is of class A; evidence that does not belong to its lines is refused."""

from dataclasses import replace
from hashlib import sha256

import pytest

from ledger.batch.evidence import evidence_of
from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from ledger.book.rejection import Reason
from ledger.book.tables import IDENTITIES
from ledger.refold import refold
from signing.canonical import to_base64
from tests.book.proving import DOORS, IK, STRANGER, registration, sighting, stocked, stocked_behind
from tests.device.play import VENDOR
from tests.world_doors import memory_door
from tests.world_lives import MAKER


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    return stocked_behind(request.param, tmp_path)


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
