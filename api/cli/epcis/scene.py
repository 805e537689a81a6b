"""What does a translated event say, and what do all translators need?

`Said` is a statement before it is signed, with the event it comes of. `Scene` carries the names, the plant
and the statements so far through one reading. Decides nothing.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import takewhile
from typing import Any

from api.cli.epcis.document import Event
from api.cli.epcis.mapping import Mapping, PlaceRule
from api.cli.epcis.plant import Plant
from api.cli.epcis.vocabulary import IDENTITY_TERMS, NAMESPACE
from ledger.book.identifiers import PLACE
from signing.canonical import Unreadable

NAME_HEX = 16  # of a name made from an event's digest
SCENE_NAME_START = "epcis-"


@dataclass(frozen=True, slots=True)
class Said:
    """A statement to be signed. `corrects`: the statement whose id its body is to name."""

    event: Event
    party: str
    kind: str
    body: Dict[str, Any]
    rows: tuple[Dict[str, Any], ...] | None
    reference: str
    seconds: int
    corrects: "Said | None" = None


@dataclass(slots=True)
class Scene:
    """One reading of events: names, plant, what was said so far, events that say nothing to the book."""

    mapping: Mapping
    plant: Plant
    said: list[Said] = field(default_factory=list)
    silent: list[tuple[Event, str]] = field(default_factory=list)

    def say(
        self,
        event: Event,
        party: str,
        kind: str,
        body: Dict[str, Any],
        rows: Sequence[Dict[str, Any]] | None = None,
    ) -> None:
        """One more statement of an event. References differ where an event gives several."""
        before = len(list(takewhile(lambda one: one.event is event, reversed(self.said))))
        digest = event.digest()
        reference = digest if not before else sha256(f"{digest} {before}".encode()).hexdigest()
        kept = {name: value for name, value in body.items() if value is not None}
        lines = None if rows is None else tuple(rows)
        self.said.append(Said(event, party, kind, kept, lines, reference, event.seconds))

    def pass_over(self, event: Event, why: str) -> None:
        """The event is understood, and the book has no word for it."""
        self.silent.append((event, why))

    def place(self, event: Event) -> PlaceRule:
        """Where an event happened."""
        return self.mapping.place(event.place)

    def speaker(self, event: Event) -> str:
        """Who says it: named by the event, else who is at its place."""
        told = event.told("party")
        return str(told) if told is not None else self.place(event).party

    def chip(self, uri: str) -> str:
        """Our id of a chip's identifier."""
        return self.plant.thing(uri, "epcList").name

    def rows(self, uris: Sequence[str], **members: Any) -> list[dict[str, Any]]:
        """A line for each chip, with the same members."""
        kept = {name: value for name, value in members.items() if value is not None}
        return [{"chip": self.chip(uri), **kept} for uri in uris]

    def name_of(self, event: Event) -> str:
        """A name for what an event made and nobody named."""
        return SCENE_NAME_START + event.digest()[:NAME_HEX]


def identity_of(told: Dict[str, Any]) -> dict[str, Any] | None:
    """An identity from extension members, None where there is none."""
    found = {
        name: told[NAMESPACE + term] for term, name in IDENTITY_TERMS.items() if NAMESPACE + term in told
    }
    return found or None


def identities_of(event: Event) -> list[tuple[str, dict[str, Any]]]:
    """Identities by identifier; one that stands on the event itself has the identifier ""."""
    found = []
    own = identity_of(event.extensions)
    if own is not None:
        found.append(("", own))
    listed = event.told("identities") or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Unreadable("identities", "is no list of objects")
    for one in listed:
        identity = identity_of(one)
        found.append((str(one.get(NAMESPACE + "epc")), identity or {}))
    return found


def system_name(text: str, where: str) -> str:
    """A system as the book writes it."""
    if PLACE.fullmatch(text) is None:
        raise Unreadable(where, f"{text[:80]!r} is no system: 1 to 64 of A-Z a-z 0-9 . _ : / -")
    return text
