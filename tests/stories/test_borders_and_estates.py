"""Stories 9 and 10: chips that stay one party's across a border, and chips that outlive their party.

A border is crossed by shipment, to oneself if need be, under the licence the dispatch names; where they come
to rest elsewhere it is on record. A successor receives, answers and sells what was its predecessor's.
"""

from ledger.book.rejection import Reason
from tests.world import REGISTRAR
from tests.world_affairs import EVIDENCE, party_change_draft
from tests.world_disputes import answer_draft
from tests.world_http import WATCH

DAY_S = 86_400


def test_a_licence_to_oneself_does_not_reach_another_country(world):
    """Story 9."""
    abroad = {"tulip/utrecht": "NL", "tulip/dubai": "AE", "tulip/muscat": "OM"}
    world.founds({"acme": ("maker", "TW"), "tulip": ("holder", "NL"), "lima": ("holder", "PE")}, abroad)
    chips = [f"acme:B{number}" for number in range(8)]
    assert world.registers("acme", *chips).admitted
    assert world.dispatches("acme", "acme/s1", *chips, to="tulip", country="NL").admitted
    assert world.arrives("tulip", "acme/s1").opened == []
    home = ("tulip", "acme", "tulip", "tulip/hall", "held")
    rack = [{"chip": chip, "system": "srv-1", "slot": chip[-1]} for chip in chips]
    assert world.places("tulip", *rack).admitted

    # Straight into a rack abroad: refused, all of them named. Into another hall at home: as one likes.
    straight = world.places("tulip", *rack, site="tulip/dubai")
    assert straight.reason is Reason.NEEDS_SHIPMENT and straight.chips == tuple(chips)
    assert world.would(world.placement_draft("tulip", *rack, site="tulip/utrecht")).reason is None
    assert {world.stands(chip, "tulip") for chip in chips} == {home}

    terms = {"to": "tulip", "country": "AE", "licence": "NL-EXP-2026-11", "end_user": "Tulip Gulf"}
    sent = world.dispatches("tulip", "tulip/x1", *chips, **terms)
    assert sent.admitted and world.inbox("tulip") == {"tulip/x1": ("tulip", 8, 0, 8)}
    seen = world.shipment("tulip/x1", by="tulip")
    assert (seen["sender"], seen["receiver"], seen["country"]) == ("tulip", "tulip", "AE")
    assert (seen["licence"], seen["end_user"]) == ("NL-EXP-2026-11", "Tulip Gulf")
    assert world.shipment("tulip/x1", by="lima") is None
    assert world.would(world.placement_draft("tulip", *rack)).reason is Reason.IN_TRANSIT
    assert world.holdings("tulip") == chips and world.stands(chips[0])[4] == "in_transit"

    # The control: where the licence says, nobody would be told of anything.
    assert world.would(world.arrival_draft("tulip", "tulip/x1", *chips, site="tulip/dubai")).opened == []
    came = world.arrives("tulip", "tulip/x1", *chips, site="tulip/muscat")
    assert came.opened == [("wrong_place", "tulip", 8)]
    record = f"{came.index}.0"
    for party in ("tulip", WATCH):
        assert world.disputes(party) == [(record, "wrong_place", "tulip", "tulip", 8, "open")]
    assert world.disputes("lima") == [] and world.shipment("tulip/x1")["state"] == "closed"
    there = ("tulip", "acme", "tulip", "tulip/muscat", "held")
    assert {world.stands(chip, "tulip") for chip in chips} == {there}
    assert {world.stands(chip, at=came.index)[3] for chip in chips} == {"tulip/hall"}

    # From there it is a border again, in either direction.
    for site in ("tulip/dubai", "tulip/hall"):
        assert world.would(world.placement_draft("tulip", *rack, site=site)).reason is Reason.NEEDS_SHIPMENT
    assert world.places("tulip", *rack, site="tulip/muscat").admitted
    # Owning up does not undo it: both sides are one party, the chips are where they were found to be.
    assert world.says(answer_draft(world, "tulip", record, text="The forwarder erred")).admitted
    assert world.dispute(record, by="tulip")[4] == "answered"
    assert {world.stands(chip) for chip in chips} == {there}
    onward = {**terms, "licence": "OM-AE-7"}
    assert world.dispatches("tulip", "tulip/x2", *chips, **onward).admitted
    assert world.arrives("tulip", "tulip/x2", site="tulip/dubai").opened == []
    assert world.places("tulip", *rack, site="tulip/dubai").admitted
    assert [world.chip(chips[0], at=told.index + 1)["site"] for told in (sent, came)] == [
        "tulip/hall",
        "tulip/muscat",
    ]
    assert world.dispute(record)[4] == "answered" and world.chip(chips[0])["site"] == "tulip/dubai"
    assert world.audited(refusals=1)


CAST = {
    "acme": ("maker", "TW"),
    "north": ("holder", "NO"),
    "south": ("holder", "NO"),
    "lima": ("holder", "PE"),
}


def bankrupt(world):
    """north with six installed, three on their way to it, two on their way from it, and one disputed."""
    world.founds(CAST)
    chips = [f"acme:E{number:02}" for number in range(12)]
    passes = {"title": "passes_on_arrival"}
    assert world.registers("acme", *chips).admitted
    assert world.dispatches("acme", "acme/s1", *chips[:8], to="north", **passes).admitted
    assert world.arrives("north", "acme/s1").opened == []
    rack = [{"chip": chip, "system": "srv-1", "slot": chip[-1]} for chip in chips[:6]]
    assert world.places("north", *rack).admitted
    assert world.dispatches("acme", "acme/s2", *chips[8:11], to="north", **passes).admitted
    assert world.dispatches("north", "north/s1", *chips[6:8], to="lima", country="PE", **passes).admitted
    # lima finds one more in the box than north says it sent, and one too few.
    told = world.arrives("lima", "north/s1", chips[6], chips[5], {"chip": chips[7], "condition": "absent"})
    assert told.opened == [("extra", "north", 1), ("absent", "north", 1)]
    return chips, f"{told.index}.0", f"{told.index}.1"


def south_is_a_stranger(world, installed, coming, missed):
    """The control: a day before it succeeds, nothing of north's is south's to sell, send, answer or see."""
    as_if = {
        "sells": world.offer_draft("south", "south/t1", *installed[:2], to="lima"),
        "sends": world.dispatch_draft("south", "south/s1", *installed[:2], to="lima", country="PE"),
        "answers": answer_draft(world, "south", missed),
    }
    why = {name: world.would(draft).reason for name, draft in as_if.items()}
    assert why == {"sells": Reason.NOT_OWNED, "sends": Reason.NOT_HELD, "answers": Reason.UNKNOWN_REFERENCE}
    early = world.would(world.arrival_draft("south", "acme/s2", *coming))
    assert early.opened == [("extra", "acme", 3)]
    assert world.chip(installed[0], "south") is None and world.holdings("north", by="south") is None
    assert world.shipment("acme/s2", by="south") is None and world.disputes("south") == []
    return True


def succeeded(world, estate):
    """The registrar's ruling that south succeeds north; by itself it moves nothing."""
    by_itself = party_change_draft(world, "north", by="north", succeeded_by="south")
    assert world.says(by_itself).reason is Reason.WRONG_ROLE
    ruling = party_change_draft(
        world, "north", succeeded_by="south", suspended=True, evidence_sha256=EVIDENCE
    )
    ruled = world.says(ruling)
    assert ruled.admitted and world.told("north", "/parties/me")["succeeded_by"] == "south"
    # The estate stays in north's name until somebody moves it; south sees all of it.
    assert world.holdings("north", by="south") == estate and world.holdings("south") == []
    assert world.stands(estate[0], "south") == ("north", "north", "north", "north/hall", "held")
    assert world.inbox("south") == {"acme/s2": ("acme", 3, 0, 3)}
    # north may still be heard, and move nothing more.
    away = world.dispatch_draft("north", "north/s9", estate[0], to="lima", country="PE")
    assert world.says(away).reason is Reason.SUSPENDED
    return ruled


def test_a_successor_receives_answers_and_sells(world):
    """Story 10."""
    chips, extra, missed = bankrupt(world)
    installed, coming = chips[:6], chips[8:11]
    size = world.door.size()
    assert world.holdings("north") == [*installed, chips[7]]
    assert world.inbox("north") == {"acme/s2": ("acme", 3, 0, 3)} and world.inbox("south") == {}

    assert south_is_a_stranger(world, installed, coming, missed)

    world.waits(DAY_S)
    ruled = succeeded(world, [*installed, chips[7]])
    assert {each[0] for each in world.disputes("south", state="open")} == {extra, missed}

    # It receives what was on its way to north, in its own name.
    came = world.arrives("south", "acme/s2", *coming)
    assert came.opened == [] and world.inbox("south") == {}
    assert {world.stands(chip) for chip in coming} == {("south", "south", "south", "south/hall", "held")}

    # It answers: what lima found too much is lima's, what lima missed never left.
    assert world.says(answer_draft(world, "south", extra, concedes=True)).admitted
    assert world.dispute(extra)[4:] == ("conceded", "counterparty")
    assert world.stands(chips[5]) == ("lima", "north", "lima", "lima/hall", "held")
    assert world.says(answer_draft(world, "south", missed, text="We found it in the hall")).admitted
    assert world.dispute(missed)[4] == "answered"
    assert world.cancels("south", "north/s1", chips[7]).admitted
    assert world.stands(chips[7]) == ("north", "north", "north", "north/hall", "held")

    # It sells what is installed, out of the racks: first the title, then the chips.
    sold = installed[:4]
    assert world.offers("south", "south/t1", *sold, to="lima").admitted
    assert world.accepts("lima", "south/t1").admitted
    assert world.dispatches("south", "south/s1", *sold, to="lima", country="PE").admitted
    assert world.inbox("lima") == {"south/s1": ("south", 4, 0, 4)}
    assert world.stands(sold[0]) == ("north", "lima", "north", "north/hall", "in_transit")
    handed = world.arrives("lima", "south/s1")
    assert handed.opened == []
    assert {world.stands(chip, "lima") for chip in sold} == {("lima", "lima", "lima", "lima/hall", "held")}

    # History names who it was.
    assert [event[:3] for event in world.history(sold[0], "lima")] == [
        ("chips.registered", "acme", "acme"),
        ("shipment.dispatched", "acme", "acme"),
        ("shipment.arrived", "north", "north"),
        ("chips.placed", "north", "north"),
        ("title.accepted", "lima", "north"),
        ("shipment.dispatched", "south", "north"),
        ("shipment.arrived", "lima", "lima"),
    ]
    counts = {
        told.index: [world.frame(party, told.index)[0] for party in CAST] for told in (ruled, came, handed)
    }
    assert list(counts.values()) == [[4, 7, 0, 1], [4, 7, 0, 1], [1, 6, 3, 2]]
    assert [world.frame(party)[0] for party in CAST] == [1, 2, 3, 6]
    assert world.holdings("north", by="south", date="2026-11-21") == [*installed, chips[7]]
    assert world.holdings("north", at=size) == [*installed, chips[7]]
    assert {entry["party"] for entry in world.items(WATCH, "/entries", after=ruled.index)} == {
        "south",
        "lima",
    }
    assert world.told(WATCH, "/entries", after=ruled.index - 1, limit=1)["items"][0]["party"] == REGISTRAR
    assert world.audited(refusals=2)
