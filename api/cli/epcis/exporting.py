"""Which events of EPCIS 2.0 tell what entries of the log say?

Standard fields say what EPCIS has words for, our extension the rest, so that `import` reads back what was
said. Promises: ids, order and bytes are those of the entries alone; a correction is the event again with an
error declaration, under the same id. Knows no network.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.cli.epcis.names import Names
from api.cli.epcis.vocabulary import CONTEXT, NAMESPACE, PREFIX, extended
from ledger.book.records.arrivals import ABSENT, DAMAGED, RECEIVED, REFUSED
from ledger.book.records.retirements import DESTROYED, STOLEN
from ledger.book.records.shipments import TITLE_PASSES

IDENTITY_NAMES = {"ik_sha256": "ikSpkiSha256", "pdi": "pdi", "uuid": "uuid", "label": "label"}
CORRECTION = "statement.corrected"

Object = dict[str, Any]
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as a reader has it: where it stands, what it says, the lines it came with."""

    index: int
    statement: str
    kind: str
    party: str
    occurred_at: str
    admitted_at: str
    body: Mapping[str, Any]
    lines: Sequence[Line]


def export_entries(entries: Iterable[Entry], names: Names) -> tuple[list[Object], dict[str, int]]:
    """The events in the log's order, and how many entries of which kinds EPCIS has no words for."""
    events: list[Object] = []
    untold: dict[str, int] = {}
    by_statement: dict[str, list[Object]] = {}
    for entry in entries:
        if entry.kind == CORRECTION:
            wrong = by_statement.get(entry.body["corrects"])
            made = None if wrong is None else [_declared(event, entry) for event in wrong]
        else:
            write = WRITERS.get(entry.kind)
            made = None if write is None else _with_ids(write(entry, names), entry, names)
        if made is None:
            untold[entry.kind] = untold.get(entry.kind, 0) + 1
            continue
        by_statement[entry.statement] = made
        events += made
    return events, untold


def document_of(events: Sequence[Object], names: Names, created: str) -> Object:
    """The whole document; `created` is a time."""
    return {
        "@context": [CONTEXT, {PREFIX: NAMESPACE}],
        "id": names.uri("export", created.replace(":", "")),
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created,
        "epcisBody": {"eventList": list(events)},
    }


def _with_ids(made: Sequence[Object], entry: Entry, names: Names) -> list[Object]:
    head = {"eventTime": entry.occurred_at, "recordTime": entry.admitted_at, "eventTimeZoneOffset": "+00:00"}
    return [
        {"type": event.pop("type"), "eventID": names.uri("statements", f"{entry.statement}/{place}")}
        | head
        | event
        | extended(party=entry.party, entry=entry.index)
        for place, event in enumerate(made)
    ]


def _declared(event: Object, entry: Entry) -> Object:
    said = {"declarationTime": entry.occurred_at, "reason": "incorrect_data"}
    return event | {"errorDeclaration": said | extended(reason=entry.body["reason"])}


def _object(action: str, step: str, chips: Sequence[str], site: str | None, names: Names) -> Object:
    event: Object = {"type": "ObjectEvent", "action": action, "bizStep": step}
    event["epcList"] = [names.chip(chip) for chip in dict.fromkeys(chips)]
    if site is not None:
        event |= {"readPoint": {"id": names.site(site)}, "bizLocation": {"id": names.site(site)}}
    return event


def _grouped(lines: Sequence[Line], key: Callable[[Line], Any]) -> list[list[Line]]:
    groups: dict[Any, list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return list(groups.values())


def _chips(lines: Sequence[Line]) -> list[str]:
    return [line["chip"] for line in lines]


def _identities(lines: Sequence[Line], field: str, names: Names) -> list[Object]:
    """What was read off chips; evidence stays with the log, for no event can carry it."""
    return [
        extended(epc=names.chip(line["chip"]))
        | extended(
            **{IDENTITY_NAMES[name]: one for name, one in line[field].items() if name in IDENTITY_NAMES}
        )
        for line in lines
        if field in line
    ]


def _registered(entry: Entry, names: Names) -> list[Object]:
    made = []
    key = lambda line: (line["model"], tuple(line.get("lots", ())), line.get("replaces"))  # noqa: E731
    for lines in _grouped(entry.lines, key):
        event = _object("ADD", "commissioning", _chips(lines), entry.body["site"], names)
        event["disposition"] = "active"
        first = lines[0]
        if "replaces" in first:
            event |= {"type": "TransformationEvent", "inputEPCList": [names.chip(first["replaces"])]}
            event["outputEPCList"] = event.pop("epcList")
            del event["action"]
        told = extended(modelId=first["model"], lots=first.get("lots"))
        made.append(event | told | extended(identities=_identities(lines, "identity", names)))
    return made


def _placed(entry: Entry, names: Names) -> list[Object]:
    made = []
    site = entry.body["site"]
    for lines in _grouped(entry.lines, lambda line: (line.get("system"), line.get("slot"))):
        system, slot = lines[0].get("system"), lines[0].get("slot")
        event = _object("OBSERVE", "storing", _chips(lines), site, names)
        if system is not None:
            event |= {"type": "AssociationEvent", "action": "ADD", "bizStep": "installing"}
            event |= {"parentID": names.uri("system", f"{site}/{system}"), "childEPCs": event.pop("epcList")}
        made.append(event | extended(slot=slot))
    return made


def _retired(entry: Entry, names: Names) -> list[Object]:
    reason = entry.body["reason"]
    destroyed = reason == DESTROYED
    step = ("DELETE", "destroying") if destroyed else ("OBSERVE", "other")
    event = _object(*step, _chips(entry.lines), None, names)
    event["disposition"] = reason if destroyed or reason == STOLEN else "unknown"
    told = extended(reason=reason, toName=entry.body.get("to_name"), country=entry.body.get("country"))
    return [event | told | extended(evidenceSha256=entry.body.get("evidence_sha256"))]


def _dispatched(entry: Entry, names: Names) -> list[Object]:
    body = entry.body
    event = _object("OBSERVE", "shipping", _chips(entry.lines), None, names)
    event["disposition"] = "in_transit"
    event["bizTransactionList"] = [
        {"type": "desadv", "bizTransaction": names.uri("shipment", body["shipment"])}
    ]
    roles = ("possessing_party", "owning_party") if body["title"] == TITLE_PASSES else ("possessing_party",)
    event["sourceList"] = [{"type": role, "source": names.party(entry.party)} for role in roles]
    event["destinationList"] = [{"type": role, "destination": names.party(body["to"])} for role in roles]
    told = extended(shipment=body["shipment"], country=body["country"], dueBy=body["due_by"])
    told |= extended(title=body["title"], licence=body.get("licence"), endUser=body.get("end_user"))
    return [event | told]


def _arrived(entry: Entry, names: Names) -> list[Object]:
    body = entry.body
    here = [line for line in entry.lines if line["condition"] in (RECEIVED, DAMAGED)]
    event = _object("OBSERVE", "receiving", _chips(here), body["site"], names)
    event["disposition"] = "in_progress"
    event["bizTransactionList"] = [
        {"type": "desadv", "bizTransaction": names.uri("shipment", body["shipment"])}
    ]
    told = extended(shipment=body["shipment"], evidence=body["evidence"])
    for condition in (DAMAGED, REFUSED, ABSENT):
        chips = [line["chip"] for line in entry.lines if line["condition"] == condition]
        told |= extended(**{condition: [names.chip(chip) for chip in dict.fromkeys(chips)]})
    return [event | told | extended(identities=_identities(entry.lines, "seen", names))]


def _cancelled(entry: Entry, names: Names) -> list[Object]:
    event = _object("OBSERVE", "void_shipping", _chips(entry.lines), None, names)
    return [event | extended(shipment=entry.body["shipment"], reason=entry.body["reason"])]


def _declared_chips(entry: Entry, names: Names) -> list[Object]:
    event = _object("OBSERVE", "other", _chips(entry.lines), entry.body["site"], names)
    models = [
        extended(epc=names.chip(line["chip"]), model=line["model"]) for line in entry.lines if "model" in line
    ]
    told = extended(basis=entry.body["basis"], from_=entry.body.get("from"), models=models)
    return [event | told | extended(identities=_identities(entry.lines, "seen", names))]


def _sighted(entry: Entry, names: Names) -> list[Object]:
    event = _object("OBSERVE", "inspecting", _chips(entry.lines), entry.body.get("site"), names)
    told = extended(place=entry.body["place"], evidenceSha256=entry.body.get("evidence_sha256"))
    return [event | told | extended(identities=_identities(entry.lines, "seen", names))]


def _counted(entry: Entry, names: Names) -> list[Object]:
    event = _object("OBSERVE", "stock_taking", _chips(entry.lines), entry.body.get("site"), names)
    told = extended(stocktake=entry.body["stocktake"], scope=entry.body["scope"])
    told |= extended(part=entry.body.get("part"), parts=entry.body.get("parts"))
    return [event | told | extended(identities=_identities(entry.lines, "seen", names))]


def _title(action: str) -> Callable[[Entry, Names], list[Object]]:
    def write(entry: Entry, names: Names) -> list[Object]:
        event = _object(action, "other", _chips(entry.lines), None, names)
        paper = {"type": "inv", "bizTransaction": names.uri("transfer", entry.body["transfer"])}
        event |= {"type": "TransactionEvent", "bizTransactionList": [paper]}
        return [event | extended(transfer=entry.body["transfer"], to=entry.body.get("to"))]

    return write


def _lot_made(entry: Entry, names: Names) -> list[Object]:
    body = entry.body
    event = _lot_event("ADD", "commissioning", body["lot"], body["good_units"], names)
    told = extended(product=body["product"], wafers=body["wafers"], grossDies=body["gross_units"])
    return [event | told | extended(forParty=body["for_party"])]


def _lot_used(entry: Entry, names: Names) -> list[Object]:
    event = _lot_event("DELETE", "decommissioning", entry.body["lot"], entry.body["count"], names)
    return [event | extended(outcome=entry.body["outcome"])]


def _lot_event(action: str, step: str, lot: str, count: int, names: Names) -> Object:
    counted = [{"epcClass": names.uri("lot", lot), "quantity": count}]
    return {"type": "ObjectEvent", "action": action, "bizStep": step, "quantityList": counted}


WRITERS: dict[str, Callable[[Entry, Names], list[Object]]] = {
    "chips.registered": _registered,
    "chips.declared": _declared_chips,
    "chips.placed": _placed,
    "chips.retired": _retired,
    "chips.sighted": _sighted,
    "stocktake.declared": _counted,
    "shipment.dispatched": _dispatched,
    "shipment.arrived": _arrived,
    "shipment.cancelled": _cancelled,
    "title.offered": _title("ADD"),
    "title.accepted": _title("OBSERVE"),
    "title.withdrawn": _title("DELETE"),
    "lot.produced": _lot_made,
    "lot.used": _lot_used,
}
