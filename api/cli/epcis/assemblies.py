"""What is said when things go into others, or come out?

Boards, servers and racks are systems in the book: the path of containers around a chip, the outermost first.
Cartons and pallets are opened when they are shipped, and say nothing of their own.
"""

from api.cli.epcis.document import Event
from api.cli.epcis.scene import Scene, system_name
from api.cli.epcis.vocabulary import PACKING
from signing.canonical import Unreadable


def assemble(scene: Scene, event: Event) -> None:
    """AggregationEvent, AssociationEvent: containment in the plant, and where chips stand in the book."""
    if not event.parent:
        raise Unreadable("parentID", "is missing")
    if event.action == "ADD":
        _require_children(event)
        scene.plant.put(event.children, event.parent)
        moved = list(event.children)
    elif event.action == "DELETE":
        moved = scene.plant.take(event.children, event.parent)
    elif event.action == "OBSERVE":
        _require_children(event)
        scene.plant.put(event.children, event.parent)
        scene.pass_over(event, "what is inside was looked at and not moved")
        return
    else:
        raise Unreadable("action", f"{event.action[:40]!r} is none of ADD, OBSERVE, DELETE")
    loose = [uri for uri in moved if uri not in scene.plant.inside]
    scene.plant.see(loose if event.action == "DELETE" else [event.parent], event.place)
    for uri in event.children if event.action == "ADD" else ():
        if event.parent in scene.mapping.places:
            scene.plant.seen_at[uri] = event.parent
    if event.step in PACKING:
        scene.pass_over(event, "packing: opened when it is shipped")
        return
    _place(scene, event, scene.plant.chips_in(moved, "childEPCs"))


def store(scene: Scene, event: Event) -> None:
    """ObjectEvent OBSERVE of storing: chips stand at a site, in no system but what holds them."""
    scene.plant.see(event.epcs, event.place)
    for uri in event.epcs:
        scene.plant.take([uri], "")  # what is stored under its own name is in nothing
    _place(scene, event, scene.plant.chips_in(event.epcs, "epcList"))


def _place(scene: Scene, event: Event, chips: list[str]) -> None:
    """`chips.placed` for those of which it is news, one statement for the event."""
    still = [uri for uri in chips if uri not in scene.plant.moving]
    if not still:
        scene.pass_over(event, "it holds no chip that stands anywhere")
        return
    site = scene.place(event).site
    slot = event.told("slot")
    if slot is not None and (len(still) > 1 or not isinstance(slot, str)):
        raise Unreadable("slot", "a slot is a text, and takes one chip")
    rows = []
    for uri in still:
        system = scene.plant.system_of(uri, "parentID")
        if scene.plant.stand(uri, site, system, slot):
            row = {"chip": scene.chip(uri)}
            row |= {"system": system_name(system, "parentID")} if system is not None else {}
            row |= {"slot": slot} if slot is not None else {}
            rows.append(row)
    if rows:
        scene.say(event, scene.speaker(event), "chips.placed", {"site": site}, rows)
    else:
        scene.pass_over(event, "the chips stand there already")


def _require_children(event: Event) -> None:
    if not event.children:
        raise Unreadable("childEPCs", "is missing or empty")
