"""What does an EPCIS 2.0 document say, event by event?

Reads JSON and JSON-LD with its context's own prefixes; words of the vocabulary become bare, extensions full
IRIs. Promises: every event that cannot be read is named by its index and field. Does not ask what an event
means, nor whether it is true.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from api.cli.epcis.vocabulary import (
    EVENT_TYPES,
    FIELDS_OF_EVENTS,
    NAMESPACE,
    cbv_word,
)
from signing.canonical import TooLarge, Unreadable

DOCUMENT_BYTES_MAX = 256 * 1024 * 1024
EVENTS_MAX = 100_000
CBV_HASH = "ni:///sha-256;"
HEX_256 = 64


class EventFault(NamedTuple):
    """What is wrong with an event: its document, its place in the list (from 0), the field, and why."""

    document: str
    place: int
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `place` where it happened, extensions by full IRI, `declared` when it was declared wrong."""

    document: str
    index: int
    type: str
    action: str
    step: str
    disposition: str
    seconds: int
    event_id: str
    epcs: tuple[str, ...]
    parent: str
    children: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    quantities: tuple[tuple[str, int], ...]
    place: str
    papers: Mapping[str, str]
    sources: Mapping[str, str]
    destinations: Mapping[str, str]
    extensions: Mapping[str, Any]
    declared: str | None
    declared_reason: str

    def told(self, term: str) -> Any:
        """What our extension says under a term, None where it does not."""
        return self.extensions.get(NAMESPACE + term)

    def digest(self) -> str:
        """64 hex digits that stand for the event: its content hash where that is its id, else of its id."""
        bare = self.event_id.removeprefix(CBV_HASH).partition("?")[0]
        if self.event_id.startswith(CBV_HASH) and len(bare) == HEX_256:
            return bare
        return sha256(self.event_id.encode()).hexdigest()


def read_document(path: Path) -> tuple[list[Event], list[EventFault]]:
    """The events in the document's order, and every one that cannot be read."""
    if path.stat().st_size > DOCUMENT_BYTES_MAX:
        raise TooLarge(str(path), f"over {DOCUMENT_BYTES_MAX:,} bytes: split it")
    try:
        told = json.loads(path.read_bytes(), object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(str(path), f"no JSON: {str(fault)[:200]}") from None
    if not isinstance(told, dict) or told.get("type") != "EPCISDocument":
        raise Unreadable(str(path), "its type is not EPCISDocument")
    if told.get("schemaVersion") not in ("2.0", "2.0.0"):
        raise Unreadable(str(path), f"schemaVersion is {told.get('schemaVersion')!r}, not 2.0")
    body = told.get("epcisBody")
    listed = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise Unreadable(str(path), "has no epcisBody.eventList")
    if len(listed) > EVENTS_MAX:
        raise TooLarge(str(path), f"over {EVENTS_MAX:,} events: split it")
    prefixes = _prefixes(told.get("@context"))
    events, faults = [], []
    for index, one in enumerate(listed):
        try:
            events.append(_event(path.name, index, one, prefixes))
        except Unreadable as fault:
            faults.append(EventFault(path.name, index, fault.field, fault.detail))
    return events, faults


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object names a member twice")
    return value


def _prefixes(context: Any) -> dict[str, str]:
    listed = context if isinstance(context, list) else [context]
    return {
        name: iri
        for one in listed
        if isinstance(one, dict)
        for name, iri in one.items()
        if isinstance(iri, str) and not name.startswith("@")
    }


def _event(document: str, index: int, told: Any, prefixes: Mapping[str, str]) -> Event:
    if not isinstance(told, dict):
        raise Unreadable("event", "is no object")
    prefixes = {**prefixes, **_prefixes(told.get("@context"))}
    kind = _text(told, "type")
    if kind not in EVENT_TYPES:
        raise Unreadable("type", f"{kind[:80]!r} is no event type of EPCIS 2.0")
    unknown = [name for name in told if name not in FIELDS_OF_EVENTS and ":" not in name]
    if unknown:
        raise Unreadable(unknown[0], "is no field of an event, and has no prefix of an extension")
    wrong = told.get("errorDeclaration")
    if wrong is not None and not isinstance(wrong, dict):
        raise Unreadable("errorDeclaration", "is no object")
    members = {name: value for name, value in told.items() if name not in FIELDS_OF_EVENTS}
    if isinstance(told.get("ilmd"), dict):
        members |= told["ilmd"]
    return Event(
        document=document,
        index=index,
        type=kind,
        action=_text(told, "action", "" if kind == "TransformationEvent" else None),
        step=cbv_word(_text(told, "bizStep", "")),
        disposition=cbv_word(_text(told, "disposition", "")),
        seconds=_seconds("eventTime", _text(told, "eventTime")),
        event_id=_text(told, "eventID", "") or _own_id(told),
        epcs=_texts(told, "epcList"),
        parent=_text(told, "parentID", ""),
        children=_texts(told, "childEPCs"),
        inputs=_texts(told, "inputEPCList"),
        outputs=_texts(told, "outputEPCList"),
        quantities=_quantities(told),
        place=_id_of(told, "bizLocation") or _id_of(told, "readPoint"),
        papers=_pairs(told, "bizTransactionList", "bizTransaction"),
        sources=_pairs(told, "sourceList", "source"),
        destinations=_pairs(told, "destinationList", "destination"),
        extensions={_iri(name, prefixes): _expanded(value, prefixes) for name, value in members.items()},
        declared=None if wrong is None else _text(wrong, "declarationTime"),
        declared_reason="" if wrong is None else cbv_word(_text(wrong, "reason", "")),
    )


def _own_id(told: Mapping[str, Any]) -> str:
    """An id for an event that has none: of all it says, but for what may be added later."""
    kept = {name: value for name, value in told.items() if name not in ("recordTime", "errorDeclaration")}
    return "urn:sha256:" + sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _text(told: Mapping[str, Any], field: str, default: str | None = None) -> str:
    value = told.get(field, default)
    if not isinstance(value, str):
        raise Unreadable(field, "is missing" if value is None else "is no text")
    return value


def _texts(told: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = told.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise Unreadable(field, "is no list of identifiers")
    twice = (
        next((one for one in value if value.count(one) > 1), None) if len(set(value)) < len(value) else None
    )
    if twice is not None:
        raise Unreadable(field, f"names {twice} twice")
    return tuple(value)


def _id_of(told: Mapping[str, Any], field: str) -> str:
    value = told.get(field)
    if value is None:
        return ""
    if not isinstance(value, dict):
        raise Unreadable(field, "is no object with an id")
    return _text(value, "id")


def _pairs(told: Mapping[str, Any], field: str, name: str) -> dict[str, str]:
    listed = told.get(field, [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Unreadable(field, "is no list of objects")
    return {cbv_word(_text(one, "type", "")): _text(one, name) for one in listed}


def _quantities(told: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    listed = told.get("quantityList", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Unreadable("quantityList", "is no list of objects")
    found = []
    for one in listed:
        count = one.get("quantity")
        if isinstance(count, bool) or not isinstance(count, int | float) or count != int(count):
            raise Unreadable("quantityList", "a quantity is missing, or not whole")
        found.append((_text(one, "epcClass"), int(count)))
    return tuple(found)


def _seconds(field: str, text: str) -> int:
    """Whole seconds since 1970 in UTC; a fraction of a second is dropped."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(field, f"{text[:40]!r} is no time of ISO 8601") from None
    if moment.tzinfo is None:
        raise Unreadable(field, f"{text[:40]!r} has no offset from UTC")
    return int(moment.astimezone(UTC).timestamp() // 1)


def seconds_of(text: str, field: str) -> int:
    """A time of an event, such as its declaration, in seconds."""
    return _seconds(field, text)


def _iri(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, rest = name.partition(":")
    return prefixes[prefix] + rest if colon and prefix in prefixes else name


def _expanded(value: Any, prefixes: Mapping[str, str]) -> Any:
    """Extension values with the IRIs of their members."""
    if isinstance(value, dict):
        return {_iri(name, prefixes): _expanded(one, prefixes) for name, one in value.items()}
    if isinstance(value, list):
        return [_expanded(one, prefixes) for one in value]
    return value


def in_order(events: Sequence[Event]) -> list[Event]:
    """By time, events of one second as they stand; in the log's order where all of them come of a log."""
    entries = [event.told("entry") for event in events]
    if entries and all(isinstance(entry, int) for entry in entries):
        return sorted(events, key=lambda event: int(event.told("entry")))
    return sorted(events, key=lambda event: event.seconds)
