"""What is said when things come to be, or are no more?

Commissioning, transformation, destruction: wafers become lots of dies, dies become chips, chips end. Wafers,
dies and containers leave their traces in the plant; only what the book counts becomes a statement.
"""

from typing import Any

from api.cli.epcis.document import Event
from api.cli.epcis.mapping import CHIP, DIE, WAFER
from api.cli.epcis.scene import Scene, identities_of
from api.cli.epcis.vocabulary import COMMISSIONING, ENDING
from ledger.book.records.fabrication import LOST as DIES_LOST
from ledger.book.records.retirements import DESTROYED, LOST, RELEASED, STOLEN
from signing.canonical import Unreadable

REASONS = (DESTROYED, LOST, STOLEN, RELEASED)


def commission(scene: Scene, event: Event) -> None:
    """ObjectEvent ADD: chips are registered; other things are only known from now on."""
    if event.step not in COMMISSIONING:
        raise Unreadable("bizStep", f"{event.step or 'nothing'!r} with action ADD is not understood")
    if event.quantities:
        _produce(scene, event)
        return
    chips = _of(scene, event.epcs, CHIP, "epcList")
    scene.plant.see(event.epcs, event.place)
    if chips:
        _register(scene, event, chips, [])
    else:
        scene.pass_over(event, "nothing the book counts was commissioned")


def transform(scene: Scene, event: Event) -> None:
    """TransformationEvent: wafers to dies is a lot, dies to chips a registration, chip to chip replaces."""
    old = _of(scene, event.inputs, CHIP, "inputEPCList")
    made = _of(scene, event.outputs, CHIP, "outputEPCList")
    dies = _of(scene, event.outputs, DIE, "outputEPCList")
    if old and not made:
        raise Unreadable("inputEPCList", "chips would vanish: what holds them is told by aggregation")
    if old and (len(old), len(made)) != (1, 1):
        raise Unreadable("inputEPCList", "a chip is replaced by one chip, in an event of its own")
    if made and dies:
        raise Unreadable("outputEPCList", "dies and chips come out of one event")
    lots = sorted({scene.plant.lots[die] for die in event.inputs if die in scene.plant.lots})
    if dies:
        _dice(scene, event, dies)
    scene.plant.end(event.inputs, consumed=True)
    scene.plant.see(event.outputs, event.place)
    if made:
        _register(scene, event, made, lots, replaces=scene.chip(old[0]) if old else None)
    elif not dies:
        scene.pass_over(event, "nothing the book counts came of it")


def end(scene: Scene, event: Event) -> None:
    """ObjectEvent DELETE: chips are destroyed, dies are lost; other things are only gone from the plant."""
    if event.quantities:
        _use(scene, event)
        return
    if event.step not in ENDING and event.told("reason") not in REASONS:
        raise Unreadable("bizStep", f"{event.step or 'nothing'!r} with action DELETE is not understood")
    chips = scene.plant.chips_in(event.epcs, "epcList")
    dies = _of(scene, event.epcs, DIE, "epcList")
    retire(scene, event, chips, DESTROYED)
    for lot in sorted({scene.plant.lots[die] for die in dies if die in scene.plant.lots}):
        count = sum(scene.plant.lots.get(die) == lot for die in dies)
        scene.say(event, scene.speaker(event), "lot.used", {"lot": lot, "outcome": DIES_LOST, "count": count})
    if not chips and not any(die in scene.plant.lots for die in dies):
        scene.pass_over(event, "nothing the book counts was ended")
    scene.plant.end([*event.epcs, *chips])


def retire(scene: Scene, event: Event, chips: list[str], reason: str) -> None:
    """Chips are gone; what an event says of a destruction is its own evidence, by its digest."""
    if not chips:
        return
    said = event.told("reason")
    reason = said if said in REASONS else reason
    evidence = event.told("evidenceSha256") or (event.digest() if reason == DESTROYED else None)
    body: dict[str, Any] = {"reason": reason, "evidence_sha256": evidence}
    if reason == RELEASED:
        body |= {"to_name": event.told("toName"), "country": event.told("country")}
    scene.say(event, scene.speaker(event), "chips.retired", body, scene.rows(chips))


def _of(scene: Scene, uris: tuple[str, ...], what: str, where: str) -> list[str]:
    return [uri for uri in uris if scene.plant.thing(uri, where).what == what]


def _register(
    scene: Scene, event: Event, chips: list[str], lots: list[str], replaces: str | None = None
) -> None:
    site = scene.place(event).site
    identities = dict(identities_of(event))
    if "" in identities and len(chips) > 1:
        raise Unreadable("identity", "one identity is told for several chips")
    told_lots = event.told("lots")
    lots = sorted(told_lots) if isinstance(told_lots, list) else lots
    rows, makers = [], set()
    for uri in chips:
        thing = scene.plant.thing(uri, "epcList")
        makers.add(thing.name.partition(":")[0])
        model = event.told("modelId") or thing.rule.model
        if not isinstance(model, str):
            raise Unreadable("modelId", f"neither the event nor the mapping says which model {uri} is")
        row: dict[str, Any] = {"chip": thing.name, "model": scene.mapping.model(model)}
        identity = identities.get(uri, identities.get(""))
        row |= {"lots": lots} if lots else {}
        row |= {"identity": identity} if identity else {}
        row |= {"replaces": replaces} if replaces is not None else {}
        rows.append(row)
    if len(makers) > 1:
        raise Unreadable("epcList", f"chips of several makers: {', '.join(sorted(makers))}")
    maker = makers.pop()
    scene.say(event, maker, "chips.registered", {"site": site}, rows)
    for uri in chips:
        scene.plant.holder[uri] = maker
        scene.plant.stand(uri, site, None, None)


def _dice(scene: Scene, event: Event, dies: list[str]) -> None:
    """Good dies come off wafers: one lot, named after its wafer where there is one only."""
    wafers = _of(scene, event.inputs, WAFER, "inputEPCList")
    party = scene.speaker(event)
    rule = scene.plant.thing(dies[0], "outputEPCList")
    name = scene.plant.thing(wafers[0], "inputEPCList").name if len(wafers) == 1 else scene.name_of(event)
    lot = f"{party}/{name}"
    body = {
        "lot": lot,
        "product": rule.name[: rule.name.rfind(".")] if "." in rule.name else rule.name,
        "wafers": len(wafers),
        "gross_units": event.told("grossDies") or len(dies),
        "good_units": event.told("goodDies") or len(dies),
        "for_party": rule.rule.for_party or party,
    }
    scene.say(event, party, "lot.produced", body)
    scene.plant.lots.update(dict.fromkeys(dies, lot))


def _produce(scene: Scene, event: Event) -> None:
    """Quantities of a lot that is named in full."""
    for uri, count in event.quantities:
        body = {"lot": scene.mapping.lot(uri, "quantityList"), "good_units": count}
        body |= {"product": event.told("product"), "wafers": event.told("wafers")}
        body |= {"gross_units": event.told("grossDies"), "for_party": event.told("forParty")}
        scene.say(event, _speaker_of_lot(event), "lot.produced", body)


def _use(scene: Scene, event: Event) -> None:
    for uri, count in event.quantities:
        lot = scene.mapping.lot(uri, "quantityList")
        body = {"lot": lot, "outcome": event.told("outcome") or DIES_LOST, "count": count}
        scene.say(event, _speaker_of_lot(event), "lot.used", body)


def _speaker_of_lot(event: Event) -> str:
    told = event.told("party")
    if not isinstance(told, str):
        raise Unreadable("party", "nobody is named who speaks of this lot")
    return told
