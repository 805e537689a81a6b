"""The table of who sees what, cell by cell."""

import pytest
from msgspec.structs import replace

from ledger.book.rows import Discrepancy, Inspection, Lot, Party, Shipment, Transfer
from ledger.viewer import (
    ABOUT_OTHERS,
    ADDRESSED_BY,
    Concerned,
    Said,
    Viewer,
    may_concern,
    sees_chip,
    sees_discrepancy,
    sees_inspection,
    sees_party,
    sees_refusal,
    sees_shipment,
    sees_statement,
    viewer_of,
)

PARTY = Party("acme", "Acme", "holder maker", "NL", None, 0, None, "", "", 1, 1, 1)
CHIP = {"h", "o", "l"}  # who was ever named in one
SHIPMENT = Shipment("s/1", "s", "r", "NL", 0, "kept", None, None, 1, 0, 0, 0, 0, 0, "open", 1, 1)
DISCREPANCY = Discrepancy("1.0", "extra", "obs", "cp", 1, 1, None, None, "open", None, None, 1, 1)
TRANSFER = Transfer("own/t", "own", "off", 1, "open", 1, 1)
LOT = Lot("fab/l", "fab", "die", "cust", 1, 1, 1, 0, 0, 0, 1, 1)
INSPECTION = Inspection(
    "v/i", "v/s", 1, "v", "id", "ab" * 32, "p q", "book_to_floor", "b", "{}", 0, 60, "[]", 0, "", "",
    *(None,) * 5, 0, "committed", *(None,) * 5, 5, 5,
)  # fmt: skip
DRAWN = replace(INSPECTION, stages_drawn=1, state="drawn")


def sees_said(viewer, kind, party, body, concerned):
    """`sees_statement` of its parts."""
    return sees_statement(viewer, Said(kind, party, body, concerned))


def who(party, role="holder"):
    """A viewer of one role."""
    return Viewer(party, frozenset({role}), frozenset({party}))


ALL_SEEING = [who("x", "verifier"), who("x", "registrar")]
NOT_ALL_SEEING = ["maker", "fab", "holder", "analyst"]


@pytest.mark.parametrize("viewer", ALL_SEEING, ids=["verifier", "registrar"])
def test_verifiers_and_the_registrar_see_everything(viewer):
    assert sees_party(viewer, "acme")
    assert sees_chip(viewer, CHIP)
    assert sees_shipment(viewer, SHIPMENT)
    assert sees_discrepancy(viewer, DISCREPANCY)
    assert sees_inspection(viewer, INSPECTION)
    assert sees_refusal(viewer, "acme")
    assert sees_said(viewer, "inspection.committed", "v", {}, Concerned())
    assert viewer.sees_snapshots


@pytest.mark.parametrize("role", NOT_ALL_SEEING)
def test_a_role_alone_shows_nothing_that_is_anothers(role):
    stranger = who("stranger", role)
    assert not sees_party(stranger, "acme")
    assert not sees_chip(stranger, CHIP)
    assert not sees_shipment(stranger, SHIPMENT)
    assert not sees_discrepancy(stranger, DISCREPANCY)
    assert not sees_inspection(stranger, DRAWN)
    assert not sees_refusal(stranger, "acme")
    assert not sees_said(stranger, "shipment.dispatched", "s", {"to": "r"}, Concerned())
    assert stranger.sees_snapshots is (role == "analyst")


@pytest.mark.parametrize("party", ["h", "o", "l"])
def test_whoever_was_ever_named_in_a_chip_sees_it(party):
    assert sees_chip(who(party), CHIP)
    assert not sees_chip(who(party), CHIP - {party})


def test_both_ends_see_a_shipment_and_both_sides_a_discrepancy():
    assert [sees_shipment(who(party), SHIPMENT) for party in ("s", "r", "z")] == [True, True, False]
    assert [sees_discrepancy(who(party), DISCREPANCY) for party in ("obs", "cp", "z")] == [True, True, False]
    assert not sees_discrepancy(who("z"), replace(DISCREPANCY, counterparty=None))


def test_provers_see_an_inspection_from_its_first_draw_on():
    for party in ("p", "q"):
        assert not sees_inspection(who(party), INSPECTION)
        assert sees_inspection(who(party), DRAWN)
    # The name of another prover does not contain this one's.
    assert not sees_inspection(who("p q"), DRAWN)
    given_up = replace(INSPECTION, state="closed", verdict="withheld")  # and never drawn
    assert not sees_inspection(who("p"), given_up)
    assert not sees_said(who("p"), "inspection.closed", "v", {}, Concerned(inspection=given_up))


@pytest.mark.parametrize(("kind", "member"), ADDRESSED_BY.items())
def test_a_statement_is_seen_by_its_speaker_and_its_addressee(kind, member):
    def sees(party, body):
        return sees_said(who(party), kind, "speaker", body, Concerned())

    assert sees("speaker", {})
    assert sees("addressee", {member: "addressee"})
    assert not sees("other", {member: "addressee"})
    assert not sees("addressee", {})
    assert not sees("addressee", {member: ["addressee"]})


@pytest.mark.parametrize(
    ("kind", "concerned", "party"),
    [
        ("shipment.cancelled", Concerned(shipment=SHIPMENT), "r"),
        ("title.accepted", Concerned(transfer=TRANSFER), "own"),
        ("title.withdrawn", Concerned(transfer=TRANSFER), "off"),
        ("lot.used", Concerned(lot=LOT), "cust"),
        ("lot.used", Concerned(lot=LOT), "fab"),
        (
            "statement.corrected",
            Concerned(corrected=Said("lot.produced", "fab", {"for_party": "cust"}, Concerned())),
            "cust",
        ),
        (
            "statement.corrected",
            Concerned(corrected=Said("lot.used", "fab", {}, Concerned(lot=LOT))),
            "cust",
        ),
        ("inspection.committed", Concerned(inspection=DRAWN), "p"),
        ("inspection.drawn", Concerned(inspection=DRAWN), "q"),
        ("inspection.closed", Concerned(inspection=DRAWN), "q"),
        ("discrepancy.answered", Concerned(discrepancy=DISCREPANCY), "obs"),
        ("discrepancy.resolved", Concerned(discrepancy=DISCREPANCY), "cp"),
    ],
)
def test_a_statement_about_a_thing_is_seen_by_who_sees_the_thing(kind, concerned, party):
    assert sees_said(who(party), kind, "speaker", {}, concerned)
    assert not sees_said(who("z"), kind, "speaker", {}, concerned)
    assert not sees_said(who(party), kind, "speaker", {}, Concerned())


def test_a_commitment_is_not_seen_before_its_draw():
    assert not sees_said(who("p"), "inspection.committed", "v", {}, Concerned(inspection=INSPECTION))


def test_an_arrival_is_its_receivers_alone():
    """Whoever names a shipment that is not theirs must not learn, by being read, that it exists."""
    concerned = Concerned(shipment=SHIPMENT)
    assert not sees_said(who("s"), "shipment.arrived", "r", {"shipment": "s/1"}, concerned)


@pytest.mark.parametrize(
    "kind", sorted({*ABOUT_OTHERS, "chips.registered", "claim.noted", "affiliation.noted"})
)
def test_what_cannot_concern_a_viewer_is_not_looked_into(kind):
    """`may_concern` is a sieve: it never holds back what `sees_statement` would show."""
    whole = Concerned(SHIPMENT, DRAWN, DISCREPANCY, TRANSFER, LOT)
    everything = Concerned(SHIPMENT, DRAWN, DISCREPANCY, TRANSFER, LOT, Said("lot.used", "fab", {}, whole))
    for viewer in (*ALL_SEEING, *map(who, ("speaker", "s", "r", "p", "obs", "own", "cust", "z"))):
        body = dict.fromkeys(ADDRESSED_BY.values(), viewer.party)
        if sees_said(viewer, kind, "speaker", body, everything):
            assert may_concern(viewer, kind, "speaker")
    assert not may_concern(who("z"), "chips.registered", "speaker")


def test_a_suspended_party_keeps_its_own_and_loses_its_roles():
    verifier = replace(PARTY, roles="verifier")
    assert viewer_of(verifier).sees_all
    suspended = viewer_of(replace(verifier, suspended=1))
    assert not suspended.sees_all
    assert not suspended.sees_snapshots
    assert sees_party(suspended, "acme")


def test_a_successor_sees_what_its_predecessors_saw():
    successor = viewer_of(replace(PARTY, predecessors="h s"))
    assert sees_chip(successor, CHIP)
    assert sees_shipment(successor, SHIPMENT)
    assert sees_party(successor, "h")
    assert not sees_chip(viewer_of(PARTY), CHIP)
    # The name of another predecessor does not contain this one's.
    assert not sees_party(viewer_of(replace(PARTY, predecessors="hh ss")), "h")


@pytest.mark.parametrize("kind", ["claim.noted", "affiliation.noted", "book.sealed", "log.changed"])
def test_words_from_outside_are_their_speakers_and_of_those_who_see_all(kind):
    body = {"subject": "cp", "parties": ["cp", "obs"], "party": "cp"}
    assert sees_said(who("speaker", "analyst"), kind, "speaker", body, Concerned())
    assert not sees_said(who("cp"), kind, "speaker", body, Concerned())
    assert not sees_said(who("z", "analyst"), kind, "speaker", body, Concerned())
