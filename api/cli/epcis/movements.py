"""What is said when things are sent, come, are counted, seen or sold?

Shipping and receiving name containers or chips; the chips are found through the plant. A container of which
no event says what it holds is received as dispatched, sealed. A chip that came of its own name was scanned.
"""

from typing import Any

from api.cli.epcis.births import REASONS, retire
from api.cli.epcis.document import Event
from api.cli.epcis.mapping import CHIP, CONTAINER
from api.cli.epcis.scene import Scene, identities_of
from api.cli.epcis.vocabulary import NAMESPACE, SHIPMENT_PAPERS
from ledger.book.records.arrivals import ABSENT, AS_DISPATCHED, DAMAGED, RECEIVED, REFUSED, SCANNED
from ledger.book.records.retirements import STOLEN
from ledger.book.records.shipments import TITLE_KEPT, TITLE_PASSES
from ledger.book.records.stocktakes import PARTIAL
from ledger.book.times import DAY_SECONDS, format_seconds
from signing.canonical import Unreadable

PARTIES = ("possessing_party", "location", "owning_party")  # who has it, by the best word for that


def ship(scene: Scene, event: Event) -> None:
    """Shipping: a dispatch of the chips named, and of those inside what is named."""
    scene.plant.see(event.epcs, "")
    chips = scene.plant.chips_in(event.epcs, "epcList")
    if not chips:
        scene.pass_over(event, "no chip is known in what was shipped")
        return
    sender = _speaker(scene, event, event.sources, "sourceList")
    receiver = _party(scene, event.destinations, "destinationList")
    if receiver is None:
        raise Unreadable("destinationList", "names neither a party nor a location")
    country = event.told("country") or _country(scene, event)
    due = format_seconds(event.seconds + scene.mapping.due_days * DAY_SECONDS)
    owners = event.sources.get("owning_party"), event.destinations.get("owning_party")
    passes = None not in owners and scene.mapping.party(str(owners[1]), "destinationList") == receiver
    shipment = _shipment(scene, event, sender) or f"{sender}/{scene.name_of(event)}"
    body = {
        "shipment": shipment,
        "to": receiver,
        "country": country,
        "due_by": event.told("dueBy") or due,
        "title": event.told("title") or (TITLE_PASSES if passes else TITLE_KEPT),
        "licence": event.told("licence"),
        "end_user": event.told("endUser"),
    }
    scene.say(event, sender, "shipment.dispatched", body, scene.rows(chips))
    scene.plant.send(chips, shipment)


def receive(scene: Scene, event: Event) -> None:
    """Receiving: an arrival for each shipment the chips came in, by what the plant knows of it."""
    plant, party, site = scene.plant, scene.speaker(event), scene.place(event).site
    plant.see(event.epcs, event.place)
    named = [uri for uri in event.epcs if plant.thing(uri, "epcList").what == CHIP]
    chips = plant.chips_in(event.epcs, "epcList")
    told = _shipment(scene, event, _source(scene, event) or party)
    groups: dict[str | None, list[str]] = {}
    for uri in chips:
        named_shipment = event.told("shipment") or plant.moving.get(uri) or told
        groups.setdefault(named_shipment, []).append(uri)
    if event.told("evidence") == AS_DISPATCHED and told is not None:
        _arrive_sealed(scene, event, party, told, site)
        plant.arrive(list(plant.sent.get(told, ())), party, site)
        return
    extra = [uri for term in ("refused", "absent") for uri in event.told(term) or []]
    if extra and not groups:
        groups[told] = []
    for shipment, came in groups.items():
        awaited = plant.sent.get(shipment or "", set())
        sealed = bool(came) and not set(came) & set(named) and set(came) == awaited and not extra
        name = shipment or f"{_source(scene, event) or party}/{scene.name_of(event)}"
        if sealed and event.told("evidence") is None:
            _arrive_sealed(scene, event, party, name, site)
        else:
            body = {"shipment": name, "site": site, "evidence": SCANNED}
            scene.say(event, party, "shipment.arrived", body, _arrived_rows(scene, event, came))
        # Of what nobody sent, the book says who holds it once the discrepancy is settled.
        plant.arrive(came, party, site)
    if not groups:
        _receive_unopened(scene, event, party, site, told)


def void(scene: Scene, event: Event) -> None:
    """Void shipping: what was told to be shipped was not."""
    chips = scene.plant.chips_in(event.epcs, "epcList")
    sender = scene.speaker(event)
    told = _shipment(scene, event, sender)
    reason = event.told("reason") or "voided"
    if told is not None and not chips:
        scene.say(event, sender, "shipment.cancelled", {"shipment": told, "reason": reason})
        scene.plant.arrive(list(scene.plant.sent.get(told, ())), None, "")
        return
    groups: dict[str, list[str]] = {}
    for uri in chips:
        shipment = told or scene.plant.moving.get(uri)
        if shipment is None:
            raise Unreadable("epcList", f"{uri} is in no shipment that an event tells of")
        groups.setdefault(shipment, []).append(uri)
    for shipment, back in groups.items():
        body = {"shipment": shipment, "reason": reason}
        scene.say(event, sender, "shipment.cancelled", body, scene.rows(back))
        scene.plant.arrive(back, None, "")


def observe(scene: Scene, event: Event) -> None:
    """Any other look at chips: a sighting, a declaration where a basis is told, a theft where that is."""
    chips = scene.plant.chips_in(event.epcs, "epcList")
    scene.plant.see(event.epcs, event.place)
    if not chips:
        scene.pass_over(event, "the book knows none of these things")
        return
    if event.told("reason") in REASONS or event.disposition == STOLEN:
        retire(scene, event, chips, STOLEN)
        scene.plant.end(chips)
        return
    if event.told("basis") is not None:
        site = scene.place(event).site
        models = {
            one.get(NAMESPACE + "epc"): one.get(NAMESPACE + "model") for one in event.told("models") or []
        }
        rows = _seen_rows(scene, event, chips)
        by_chip = {scene.chip(uri): model for uri, model in models.items()}
        rows = [
            {**row, **({"model": by_chip[row["chip"]]} if row["chip"] in by_chip else {})} for row in rows
        ]
        body: dict[str, Any] = {"basis": event.told("basis"), "site": site, "from": event.told("from")}
        scene.say(event, scene.speaker(event), "chips.declared", body, rows)
        return
    seen_site = scene.place(event).site if event.place or event.told("place") is None else None
    body = {"place": event.told("place") or event.place, "site": seen_site}
    body["evidence_sha256"] = event.told("evidenceSha256")
    scene.say(event, scene.speaker(event), "chips.sighted", body, _seen_rows(scene, event, chips))


def count(scene: Scene, event: Event) -> None:
    """Stock taking: partial, for an event does not say that it names everything."""
    chips = scene.plant.chips_in(event.epcs, "epcList")
    party = scene.speaker(event)
    site = scene.mapping.place(event.place).site if event.place else None
    body = {
        "stocktake": event.told("stocktake") or f"{party}/{scene.name_of(event)}",
        "scope": event.told("scope") or PARTIAL,
        "site": site,
        "part": event.told("part"),
        "parts": event.told("parts"),
    }
    scene.say(event, party, "stocktake.declared", body, _seen_rows(scene, event, chips) or None)


def trade(scene: Scene, event: Event) -> None:
    """TransactionEvent: an offer of title, its acceptance or withdrawal, where our extension says which."""
    transfer = event.told("transfer")
    kinds = {"ADD": "title.offered", "OBSERVE": "title.accepted", "DELETE": "title.withdrawn"}
    if transfer is None or event.action not in kinds:
        raise Unreadable("type", "a TransactionEvent says nothing the book knows, unless it names a transfer")
    chips = scene.plant.chips_in(event.epcs, "epcList")
    party = event.told("party")
    if not isinstance(party, str):
        raise Unreadable("party", "nobody is named who speaks")
    offered = event.action == "ADD"
    body = {"transfer": transfer, "to": event.told("to") if offered else None}
    scene.say(event, party, kinds[event.action], body, scene.rows(chips) if offered else None)


def _arrive_sealed(scene: Scene, event: Event, party: str, shipment: str, site: str) -> None:
    body = {"shipment": shipment, "site": site, "evidence": AS_DISPATCHED}
    scene.say(event, party, "shipment.arrived", body)


def _receive_unopened(scene: Scene, event: Event, party: str, site: str, told: str | None) -> None:
    """Containers of which nobody said what they hold: sealed, under the sender's paper or their own name."""
    things = [scene.plant.thing(uri, "epcList") for uri in event.epcs]
    sealed = [thing for thing in things if thing.what == CONTAINER]
    if not sealed:
        scene.pass_over(event, "the book knows none of these things")
        return
    for name in (
        [told] if told is not None else [f"{_source(scene, event) or party}/{t.name}" for t in sealed]
    ):
        _arrive_sealed(scene, event, party, name, site)


def _arrived_rows(scene: Scene, event: Event, came: list[str]) -> list[dict[str, Any]]:
    damaged = set(event.told("damaged") or ()) | (set(came) if event.disposition == DAMAGED else set())
    rows = []
    for row, uri in _seen_by(scene, event, came):
        rows.append({**row, "condition": DAMAGED if uri in damaged else RECEIVED})
    for term, condition in (("refused", REFUSED), ("absent", ABSENT)):
        listed = list(event.told(term) or [])
        rows += [{**row, "condition": condition} for row, _ in _seen_by(scene, event, listed)]
    return rows


def _seen_rows(scene: Scene, event: Event, chips: list[str]) -> list[dict[str, Any]]:
    return [row for row, _ in _seen_by(scene, event, chips)]


def _seen_by(scene: Scene, event: Event, chips: list[str]) -> list[tuple[dict[str, Any], str]]:
    """A line for each chip and each thing that was read off it."""
    seen: dict[str, list[dict[str, Any]]] = {}
    for uri, identity in identities_of(event):
        if uri == "" and len(chips) > 1:
            raise Unreadable("identity", "one identity is told for several chips")
        seen.setdefault(uri or chips[0], []).append(identity)
    rows = []
    for uri in chips:
        for identity in seen.get(uri, [{}]):
            rows.append(({"chip": scene.chip(uri), **({"seen": identity} if identity else {})}, uri))
    return rows


def _speaker(scene: Scene, event: Event, told: Any, where: str) -> str:
    if event.told("party") is not None:
        return str(event.told("party"))
    return _party(scene, told, where) or scene.speaker(event)


def _source(scene: Scene, event: Event) -> str | None:
    return _party(scene, event.sources, "sourceList")


def _party(scene: Scene, told: Any, where: str) -> str | None:
    uri = next((told[kind] for kind in PARTIES if kind in told), None)
    return None if uri is None else scene.mapping.party(uri, where)


def _country(scene: Scene, event: Event) -> str:
    uri = event.destinations.get("location", "")
    country = scene.mapping.place(uri, "destinationList").country
    if country is None:
        raise Unreadable("destinationList", f"the mapping does not say in which country {uri} is")
    return country


def _shipment(scene: Scene, event: Event, sender: str) -> str | None:
    """The shipment that the event's papers name."""
    told = event.told("shipment")
    if told is not None:
        return str(told)
    paper = next((event.papers[kind] for kind in SHIPMENT_PAPERS if kind in event.papers), None)
    if paper is None:
        return None
    named = scene.mapping.shipment(paper)
    return named or f"{sender}/{paper[max(paper.rfind(mark) for mark in './:') + 1 :]}"
