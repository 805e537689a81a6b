"""Which statements do documents make, in which order, and what is taken back?

Events are read by time, once each; one that the same reading declares wrong is left out. One that an earlier
reading stated is taken back by the means the law has for its kind. Promises: the same documents and mapping
give the same statements, and every event that is not understood is named. Signs and sends nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.epcis import assemblies, births, movements
from api.cli.epcis.document import Event, EventFault, in_order, read_document, seconds_of
from api.cli.epcis.mapping import Mapping
from api.cli.epcis.plant import Plant
from api.cli.epcis.scene import Said, Scene
from api.cli.epcis.vocabulary import COUNTING, STANDING
from ledger.book.rules.corrections import CORRECTABLE
from signing.canonical import Unreadable

REASON_TEXT_DEFAULT = "declared wrong"
DISPATCH = "shipment.dispatched"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of the documents: statements in order, events without one, what is wrong, the end state."""

    said: tuple[Said, ...]
    silent: tuple[tuple[Event, str], ...]
    left_out: tuple[Event, ...]
    faults: tuple[EventFault, ...]
    state: dict[str, Any]


def read_documents(paths: Sequence[Path], before: Sequence[Path], mapping: Mapping) -> Reading:
    """The statements of documents; `before` were imported earlier and are only read for what they tell."""
    old, faults = _all_events(before)
    new, more = _all_events(paths)
    faults += more
    old, new = _once(old), _once(new)
    stated = {event.event_id for event in old if event.declared is None}
    again = [event for event in new if event.event_id not in stated or event.declared is not None]
    earlier = _translate([event for event in old if event.declared is None], _wrong(old), mapping)
    wrong = _wrong([*old, *new])
    scene = _translate([event for event in [*old, *again] if event.declared is None], wrong, mapping)
    faults += scene.faults
    said = [one for one in scene.scene.said if one.event.event_id not in stated]
    for event in new:
        if event.declared is not None and event.event_id in stated and event.event_id not in _wrong(old):
            undone = [one for one in earlier.scene.said if one.event.event_id == event.event_id]
            try:
                said += _take_back(event, undone)
            except Unreadable as fault:
                faults.append(EventFault(event.document, event.index, fault.field, fault.detail))
    known = {event.event_id for event in [*old, *new] if event.declared is None}
    for event in new:
        if event.declared is not None and event.event_id not in known:
            why = "the event it declares wrong is in none of the documents: name its document with --after"
            faults.append(EventFault(event.document, event.index, "errorDeclaration", why))
    left_out = [event for event in again if event.declared is None and event.event_id in wrong]
    silent = [one for one in scene.scene.silent if one[0].event_id not in stated]
    return Reading(tuple(said), tuple(silent), tuple(left_out), tuple(faults), scene.state())


@dataclass(frozen=True, slots=True)
class _Translated:
    scene: Scene
    faults: tuple[EventFault, ...]

    def state(self) -> dict[str, Any]:
        return {} if self.faults else self.scene.plant.state()


def _all_events(paths: Sequence[Path]) -> tuple[list[Event], list[EventFault]]:
    events: list[Event] = []
    faults: list[EventFault] = []
    for path in paths:
        found, bad = read_document(path)
        events += found
        faults += bad
    return events, faults


def _once(events: Sequence[Event]) -> list[Event]:
    """Each event once; a declaration bears the id of what it declares wrong, and is another."""
    found: dict[tuple[str, bool], Event] = {}
    for event in events:
        found.setdefault((event.event_id, event.declared is not None), event)
    return list(found.values())


def _wrong(events: Sequence[Event]) -> set[str]:
    return {event.event_id for event in events if event.declared is not None}


def _translate(events: Sequence[Event], wrong: set[str], mapping: Mapping) -> _Translated:
    scene = Scene(mapping, Plant(mapping))
    faults = []
    for event in in_order([event for event in events if event.event_id not in wrong]):
        try:
            _one(scene, event)
        except Unreadable as fault:
            faults.append(EventFault(event.document, event.index, fault.field, fault.detail))
    return _Translated(scene, tuple(faults))


def _one(scene: Scene, event: Event) -> None:
    """One event, by its type, action and step."""
    match event.type, event.action, event.step:
        case "TransformationEvent", _, _:
            births.transform(scene, event)
        case "AggregationEvent" | "AssociationEvent", _, _:
            assemblies.assemble(scene, event)
        case "TransactionEvent", _, _:
            movements.trade(scene, event)
        case "ObjectEvent", "ADD", _:
            births.commission(scene, event)
        case "ObjectEvent", "DELETE", _:
            births.end(scene, event)
        case "ObjectEvent", "OBSERVE", _ if event.quantities:
            raise Unreadable("quantityList", "what is counted and not named is not followed here")
        case "ObjectEvent", "OBSERVE", "shipping":
            movements.ship(scene, event)
        case "ObjectEvent", "OBSERVE", "receiving":
            movements.receive(scene, event)
        case "ObjectEvent", "OBSERVE", "void_shipping":
            movements.void(scene, event)
        case "ObjectEvent", "OBSERVE", step if step in STANDING:
            assemblies.store(scene, event)
        case "ObjectEvent", "OBSERVE", step if step in COUNTING:
            movements.count(scene, event)
        case "ObjectEvent", "OBSERVE", _:
            movements.observe(scene, event)
        case _:
            raise Unreadable("action", f"{event.action[:40]!r} is none of ADD, OBSERVE, DELETE")


def _take_back(event: Event, undone: Sequence[Said]) -> list[Said]:
    """What takes back the statements of an event, in the reverse of their order."""
    assert event.declared is not None
    when = seconds_of(event.declared, "errorDeclaration")
    reason = event.declared_reason or REASON_TEXT_DEFAULT
    back = []
    for one in reversed(undone):
        # Another statement than the one it takes back, so another reference, but always this one.
        reference = one.reference[::-1]
        if one.kind in CORRECTABLE:
            body = {"reason": reason}
            back.append(Said(event, one.party, "statement.corrected", body, None, reference, when, one))
        elif one.kind == DISPATCH:
            body = {"reason": reason, "shipment": one.body["shipment"]}
            back.append(Said(event, one.party, "shipment.cancelled", body, None, reference, when))
        else:
            raise Unreadable(
                "errorDeclaration",
                f"a {one.kind} cannot be taken back: send the chips back, or answer for them",
            )
    return back
