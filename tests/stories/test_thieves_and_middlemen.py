"""Stories 11 and 12: having a chip is not owning it, and owning it is not having it.

A thief's word about stolen chips takes nothing off the victim's account until the victim concedes or somebody
decides. A distributor buys and sells what it never touches, and can sell nothing beyond that.
"""

from ledger.book.rejection import Reason
from tests.world_disputes import answer_draft, resolution_draft
from tests.world_http import WATCH

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE"), "dist": ("holder", "NL")}
GONE = (None, "oslo", "oslo", None, "missing")


def robbed(world, chips, stolen):
    """oslo has six in a rack; one night four are gone. What it was told when it said so."""
    assert world.registers("acme", *chips).admitted
    assert world.dispatches("acme", "acme/s1", *chips, to="oslo", title="passes_on_arrival").admitted
    assert world.arrives("oslo", "acme/s1").opened == []
    rack = [{"chip": chip, "system": "srv-1", "slot": chip[-1]} for chip in chips]
    assert world.places("oslo", *rack).admitted

    # The control: what is still in the book as held would be a duplicate of somebody's, not a thing refound.
    before = world.declaration_draft("lima", stolen[0], basis="no_paperwork")
    assert world.would(before).opened == [("duplicate", "oslo", 1)]
    theft = world.retires("oslo", *stolen, reason="stolen")
    assert theft.admitted and {world.stands(chip, "oslo") for chip in stolen} == {GONE}
    assert world.holdings("oslo") == chips[4:] and world.frame("oslo")[0] == 2
    assert world.would(world.dispatch_draft("oslo", "oslo/s1", stolen[0], to="lima")).reason is Reason.ENDED
    assert (
        world.would(world.dispatch_draft("lima", "lima/s1", stolen[0], to="dist")).reason is Reason.NOT_HELD
    )
    assert world.would(world.retirement_draft("lima", stolen[0])).reason is Reason.NOT_HELD
    return theft


def test_stolen_chips_turn_up_with_a_stranger(world):
    """Story 11."""
    world.founds(CAST)
    chips = [f"acme:T{number}" for number in range(6)]
    stolen = chips[:4]
    theft = robbed(world, chips, stolen)

    world.waits(90 * 86_400)
    found = world.declares("lima", *stolen[:3], basis="no_paperwork", **{"from": "A man with a van"})
    assert found.opened == [("after_end", "oslo", 3)]
    theirs = f"{found.index}.0"
    for party in ("oslo", "lima", WATCH):
        assert world.disputes(party) == [(theirs, "after_end", "lima", "oslo", 3, "open")]
    fourth = world.declares("lima", stolen[3], basis="recovered")  # a word that only helps whom it is from
    assert fourth.opened == [("after_end", "oslo", 1)]
    other = f"{fourth.index}.0"

    # The thief's buyer has nothing by that, the victim has lost nothing of its charge.
    assert {world.stands(chip) for chip in stolen} == {GONE} and world.holdings("lima") == []
    assert (
        world.would(world.dispatch_draft("lima", "lima/s1", stolen[0], to="dist")).reason is Reason.NOT_HELD
    )
    assert world.would(world.offer_draft("lima", "lima/t1", stolen[0], to="dist")).reason is Reason.NOT_OWNED
    assert (
        world.would(resolution_draft(world, "lima", theirs, "observation_stands")).reason is Reason.WRONG_ROLE
    )

    # The victim concedes one: it knows where that is. Title stays with it.
    conceded = world.says(answer_draft(world, "oslo", theirs, stolen[0], concedes=True))
    assert conceded.admitted and world.dispute(theirs)[4] == "answered"
    assert world.stands(stolen[0]) == ("lima", "oslo", "lima", "lima/hall", "held")
    assert {world.stands(chip) for chip in stolen[1:]} == {GONE}
    assert world.disputed(theirs, by="oslo") == {chip: chip == stolen[0] for chip in stolen[:3]}

    # A verifier decides of the others; of the fourth, that nothing was seen.
    decided = world.says(resolution_draft(world, WATCH, theirs, "observation_stands"))
    assert decided.admitted and world.dispute(theirs, by="oslo")[4:] == ("resolved", "observation_stands")
    assert {world.stands(chip)[:3] for chip in stolen[:3]} == {("lima", "oslo", "lima")}
    assert world.says(resolution_draft(world, WATCH, other, "book_stands")).admitted
    assert world.stands(stolen[3], "oslo") == GONE

    liable = {
        told.index: [world.chip(chip, at=told.index + 1)["liable"] for chip in stolen]
        for told in (theft, found, fourth, conceded, decided)
    }
    assert list(liable.values()) == [
        ["oslo"] * 4,
        ["oslo"] * 4,
        ["oslo"] * 4,
        ["lima", "oslo", "oslo", "oslo"],
        ["lima", "lima", "lima", "oslo"],
    ]
    assert world.chip(stolen[1], by="oslo", date="2026-11-22")["status"] == "missing"
    # It is lima's to send back now, and the owner's to have.
    assert world.dispatches("lima", "lima/back", *stolen[:3], to="oslo").admitted
    assert world.arrives("oslo", "lima/back").opened == []
    # And what the victim itself comes upon needs nobody's consent.
    assert world.declares("oslo", stolen[3], basis="recovered").opened == []
    assert world.holdings("oslo") == chips
    assert [kind for kind, *_ in world.history(stolen[3], "oslo")][-2:] == ["chips.retired", "chips.declared"]
    assert world.audited(refusals=0)


def sold_before_it_is_bought(world, chips):
    """Overreach, and an offer of what never was: nobody learns whether it exists."""
    overreach = world.offers("dist", "dist/t0", *chips, to="lima")
    nothing = world.offers("dist", "dist/t0", "acme:NONE", to="lima")
    return overreach.reason is nothing.reason is Reason.NOT_OWNED


def test_a_distributor_sells_what_it_never_holds_and_nothing_else(world):
    """Story 12."""
    world.founds(CAST)
    chips = [f"acme:P{number}" for number in range(10)]
    bought, rest = chips[:6], chips[6:]
    assert world.registers("acme", *chips).admitted

    assert sold_before_it_is_bought(world, bought)
    offered = world.offers("acme", "acme/t1", *bought, to="dist")
    assert offered.admitted and world.chip(bought[0], "dist") is None
    # Under an open offer title cannot pass on arrival too, nor be offered to another.
    terms = {"to": "lima", "country": "PE", "end_user": "Lima Grid"}
    passing = world.dispatch_draft("acme", "acme/s1", *bought, title="passes_on_arrival", **terms)
    assert world.would(passing).reason is Reason.OFFERED_ALREADY
    assert (
        world.would(world.offer_draft("acme", "acme/t2", bought[0], to="oslo")).reason
        is Reason.OFFERED_ALREADY
    )
    assert world.would(world.offer_draft("dist", "dist/t0", *bought, to="lima")).reason is Reason.NOT_OWNED
    sent = world.dispatches("acme", "acme/s1", *bought, title="kept", **terms)
    assert sent.admitted and world.inbox("lima") == {"acme/s1": ("acme", 6, 0, 6)}
    assert world.inbox("dist") == {} and world.shipment("acme/s1", by="dist") is None

    # Title passes once, twice, while they are at sea and in the maker's custody.
    assert world.would(world.acceptance_draft("lima", "acme/t1")).reason is Reason.UNKNOWN_REFERENCE
    first = world.accepts("dist", "acme/t1")
    at_sea = ("acme", "dist", "acme", "acme/hall", "in_transit")
    assert first.admitted and {world.stands(chip, "dist") for chip in bought} == {at_sea}
    # Overreach: one of the maker's own among them; what is sold already; what it has no custody of.
    beyond = world.offers("dist", "dist/t1", *bought, rest[0], to="lima")
    assert beyond.reason is Reason.NOT_OWNED and beyond.chips == (rest[0],)
    assert world.would(world.offer_draft("acme", "acme/t3", *bought, to="oslo")).reason is Reason.NOT_OWNED
    assert world.would(world.dispatch_draft("dist", "dist/s1", *bought, to="oslo")).reason is Reason.NOT_HELD
    # The control: without that one chip the same words stand.
    second = world.offers("dist", "dist/t1", *bought, to="lima")
    assert second.admitted
    third = world.accepts("lima", "dist/t1")
    assert third.admitted
    assert {world.stands(chip, "lima") for chip in bought} == {
        ("acme", "lima", "acme", "acme/hall", "in_transit")
    }
    assert world.would(world.offer_draft("dist", "dist/t2", bought[0], to="oslo")).reason is Reason.NOT_OWNED

    came = world.arrives("lima", "acme/s1", *bought)
    assert came.opened == [] and world.inbox("lima") == {}
    assert {world.stands(chip) for chip in bought} == {("lima", "lima", "lima", "lima/hall", "held")}
    assert world.holdings("lima") == bought and world.holdings("acme") == rest

    owners = [
        world.chip(bought[0], at=told.index + 1)["owner"] for told in (offered, sent, first, second, third)
    ]
    assert owners == ["acme", "acme", "dist", "dist", "lima"]
    for size in range(offered.index, came.index + 2):
        assert world.frame("dist", size)[0] == 0 and world.holdings("dist", by=WATCH, at=size) == []
    # It may look back at what it owned; of the rest it knows nothing.
    assert world.stands(bought[0], "dist", at=third.index)[1] == "dist"
    assert world.chip(rest[0], "dist") is None and world.chip(bought[0], "oslo") is None
    assert [event[:2] for event in world.history(bought[0], "dist")] == [
        ("chips.registered", "acme"),
        ("shipment.dispatched", "acme"),
        ("title.accepted", "dist"),
        ("title.accepted", "lima"),
        ("shipment.arrived", "lima"),
    ]
    assert world.disputes(WATCH) == [] and world.audited(refusals=3)
