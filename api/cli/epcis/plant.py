"""What is inside what, where was it seen, and what became of it, after the events so far?

A fold over events in their order, of all the things they name: wafers, dies, chips, boards, racks. It is what
containers are opened with, and what says whether a placement is new. Knows nothing of what the ledger holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.cli.epcis.mapping import CHIP, CONTAINER, Mapping, Thing
from signing.canonical import Unreadable

DEPTH_MAX = 16
SYSTEM_CHARACTERS_MAX = 64


@dataclass(slots=True)
class Plant:
    """Everything the events have named, by their identifiers. Only this fold changes it."""

    mapping: Mapping
    inside: dict[str, str] = field(default_factory=dict)
    holds: dict[str, dict[str, None]] = field(default_factory=dict)  # the same the other way round
    seen_at: dict[str, str] = field(default_factory=dict)
    made: dict[str, None] = field(default_factory=dict)
    consumed: dict[str, None] = field(default_factory=dict)
    destroyed: dict[str, None] = field(default_factory=dict)
    lots: dict[str, str] = field(default_factory=dict)  # die -> our lot
    holder: dict[str, str] = field(default_factory=dict)  # chip -> party, as far as told
    moving: dict[str, str] = field(default_factory=dict)  # chip -> shipment it is in
    sent: dict[str, set[str]] = field(default_factory=dict)  # shipment -> chips not arrived
    stands: dict[str, tuple[str, str | None, str | None]] = field(default_factory=dict)  # site, system, slot
    slots: dict[tuple[str, str, str], str] = field(default_factory=dict)  # -> chip

    def thing(self, uri: str, where: str) -> Thing:
        """What an identifier means."""
        return self.mapping.thing(uri, where)

    def chips_in(self, uris: Iterable[str], where: str) -> list[str]:
        """The identifiers of chips among these and inside them, in their order."""
        found: dict[str, None] = {}
        for uri in uris:
            self._open(uri, where, found, 0)
        return list(found)

    def _open(self, uri: str, where: str, found: dict[str, None], depth: int) -> None:
        if depth > DEPTH_MAX:
            raise Unreadable(where, f"{uri} holds things that hold things, deeper than {DEPTH_MAX}")
        thing = self.thing(uri, where)
        if thing.what == CHIP:
            found[uri] = None
        elif thing.what == CONTAINER:
            for child in self.holds.get(uri, {}):
                self._open(child, where, found, depth + 1)

    def system_of(self, uri: str, where: str) -> str | None:
        """The containers around a thing, the outermost first; None where it stands free."""
        names: list[str] = []
        around = self.inside.get(uri)
        while around is not None and around not in self.mapping.places:
            names.insert(0, self.thing(around, where).name)
            if len(names) > DEPTH_MAX:
                raise Unreadable(where, f"{uri} is inside itself")
            around = self.inside.get(around)
        system = "/".join(names)
        if len(system) > SYSTEM_CHARACTERS_MAX:
            raise Unreadable(where, f"the system {system} has over {SYSTEM_CHARACTERS_MAX} characters")
        return system or None

    def see(self, uris: Iterable[str], place: str) -> None:
        """Things were seen at a place; those inside others are found through those."""
        for uri in uris:
            self.made.setdefault(uri)
            if place:
                self.seen_at[uri] = place

    def put(self, children: Sequence[str], parent: str) -> None:
        """Things go into another."""
        for child in children:
            self.made.setdefault(child)
            self._out(child)
            self.inside[child] = parent
            self.holds.setdefault(parent, {})[child] = None
        self.made.setdefault(parent)

    def take(self, children: Sequence[str], parent: str) -> list[str]:
        """Things come out of another: those named, or all of them."""
        out = list(children) or list(self.holds.get(parent, ()))
        for child in out:
            self._out(child)
        return out

    def end(self, uris: Iterable[str], *, consumed: bool = False) -> None:
        """Things are no more."""
        for uri in uris:
            (self.consumed if consumed else self.destroyed)[uri] = None
            self._out(uri)
            self.seen_at.pop(uri, None)
            self._leave(uri)

    def stand(self, chip: str, site: str, system: str | None, slot: str | None) -> bool:
        """A chip stands here now; whether that is news. Who stood in the slot loses it."""
        new = (site, system, slot)
        if self.stands.get(chip) == new:
            return False
        self._leave(chip)
        self.stands[chip] = new
        if system is not None and slot is not None:
            before = self.slots.get((site, system, slot))
            if before is not None:
                self.stands[before] = (site, None, None)
            self.slots[site, system, slot] = chip
        return True

    def send(self, chips: Iterable[str], shipment: str) -> None:
        """Chips leave; their slots are free."""
        for chip in chips:
            self.moving[chip] = shipment
            self.sent.setdefault(shipment, set()).add(chip)
            self._leave(chip)

    def arrive(self, chips: Iterable[str], party: str | None, site: str) -> None:
        """Chips are held by a party again, at a site; without a party, by whom they left."""
        for chip in chips:
            shipment = self.moving.pop(chip, None)
            if shipment is not None:
                self.sent[shipment].discard(chip)
            if party is not None:
                self.holder[chip] = party
                self.stand(chip, site, None, None)

    def _out(self, child: str) -> None:
        parent = self.inside.pop(child, None)
        if parent is not None:
            del self.holds[parent][child]

    def _leave(self, chip: str) -> None:
        site, system, slot = self.stands.pop(chip, ("", None, None))
        if system is not None and slot is not None:
            self.slots.pop((site, system, slot), None)

    def state(self) -> dict[str, Any]:
        """What there is at the end, by their own identifiers, sorted."""
        within = {parent: sorted(inner) for parent, inner in sorted(self.holds.items()) if inner}
        gone = self.destroyed.keys() | self.consumed.keys()
        left = [uri for uri in self.made if uri not in gone and uri not in self.mapping.places]
        at: dict[str, list[str]] = {}
        for uri in left:
            if self.thing(uri, "state").what == CHIP and (place := self._place_of(uri)):
                at.setdefault(place, []).append(uri)
        return {
            "destroyed": sorted(self.destroyed),
            "consumed_by_transformation": sorted(self.consumed),
            "contains": within,
            "last_seen": {uri: self.seen_at[uri] for uri in sorted(left) if uri in self.seen_at},
            "chips_at": {place: sorted(chips) for place, chips in sorted(at.items())},
            "present": sorted(left),
        }

    def _place_of(self, uri: str) -> str | None:
        """Where the outermost thing around it was seen last."""
        while uri in self.inside:
            uri = self.inside[uri]
        return uri if uri in self.mapping.places else self.seen_at.get(uri)
