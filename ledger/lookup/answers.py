"""In which words is a row of the book told to whoever may see it?

Objects of texts, whole numbers, booleans, lists and None, under the column names of the analytics views.
`birth_index` is the entry that made the thing, `entry_index` the last that changed it as of the size asked
about. Times are written as statements write them. Knows no store and no viewer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ledger.book.identifiers import prefix_of
from ledger.book.rows import Chip, Discrepancy, DiscrepancyChip, Key, Party, Shipment
from ledger.book.times import format_milliseconds, format_seconds
from ledger.storage.store import StoredEntry, StoredRefusal

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for: as of a size, after a cursor, so many at the most."""

    at: int
    after: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list; `next` is what to ask `after` for the rest, None at the end."""

    items: list[Object]
    next: str | None


def page(items: Sequence[Object], cursors: Sequence[str], limit: int) -> Page:
    """At most `limit` of the items, which are as many as their cursors and one more where there are more."""
    more = len(items) > limit
    return Page(list(items[:limit]), cursors[limit - 1] if more else None)


def chip_object(chip: Chip) -> Object:
    """A chip, as the book has it."""
    return {
        "chip": chip.chip,
        "maker": prefix_of(chip.chip),
        "model": chip.model,
        "lot": chip.lots,
        "class": chip.cls,
        "custodian": chip.custodian,
        "owner": chip.owner,
        "liable": chip.liable,
        "site": chip.site,
        "system": chip.system,
        "slot": chip.slot,
        "status": chip.status,
        "shipment": chip.shipment,
        "identity": None if chip.identity is None else msgspec.json.decode(chip.identity),
        "birth_index": chip.born,
        "entry_index": chip.changed,
    }


def event_object(chip: Chip, entry: StoredEntry, counterparty: str | None) -> Object:
    """One version of a chip and the entry that made it."""
    return {
        "chip": chip.chip,
        "entry_index": entry.index,
        "statement": entry.statement,
        "kind": entry.kind,
        "party": entry.party,
        "counterparty": counterparty,
        "occurred_at": format_seconds(entry.occurred_at),
        "admitted_at": format_milliseconds(entry.admitted_at),
        "custodian": chip.custodian,
        "owner": chip.owner,
        "liable": chip.liable,
        "model": chip.model,
        "class": chip.cls,
        "site": chip.site,
        "system": chip.system,
        "slot": chip.slot,
        "status": chip.status,
        "shipment": chip.shipment,
    }


def party_object(party: Party, keys: Iterable[Key]) -> Object:
    """A party with every key it ever had."""
    return {
        "party": party.party,
        "name": party.name,
        "country": party.country,
        "roles": party.roles.split(),
        "parent": party.parent,
        "suspended": bool(party.suspended),
        "succeeded_by": party.succeeded_by,
        "successors": party.successors.split(),
        "predecessors": party.predecessors.split(),
        "keys": [key_object(key) for key in keys],
        "birth_index": party.born,
        "entry_index": party.changed,
    }


def key_object(key: Key) -> Object:
    """A key, valid for entries in [from_index, to_index) and from `not_before` to before `until`; null means
    without end, or without bound."""
    return {
        "keyid": key.key_id,
        "public_key": key.public_key,
        "from_index": key.from_index,
        "to_index": key.to_index,
        "kinds": None if key.kinds is None else key.kinds.split(),
        "sites": None if key.sites is None else key.sites.split(),
        "not_before": None if key.not_before is None else format_seconds(key.not_before),
        "until": None if key.until is None else format_seconds(key.until),
    }


def shipment_object(shipment: Shipment, statement: str) -> Object:
    """A shipment; `short` is what neither arrived, was refused nor cancelled: lost, or not come yet."""
    return {
        "shipment": shipment.shipment,
        "sender": shipment.sender,
        "receiver": shipment.receiver,
        "country": shipment.country,
        "due_by": format_seconds(shipment.due_by),
        "title": shipment.title,
        "licence": shipment.licence,
        "end_user": shipment.end_user,
        "sent": shipment.sent,
        "received": shipment.received,
        "refused": shipment.refused,
        "cancelled": shipment.cancelled,
        "lost": shipment.lost,
        "short": shipment.sent - shipment.received - shipment.refused - shipment.cancelled,
        "unexpected": shipment.unexpected,
        "state": shipment.state,
        "statement": statement,
        "birth_index": shipment.born,
        "entry_index": shipment.changed,
    }


def discrepancy_object(discrepancy: Discrepancy) -> Object:
    """A discrepancy: `party_a` observed, `party_b` is who it is with, null for nobody."""
    return {
        "discrepancy": discrepancy.discrepancy,
        "kind": discrepancy.kind,
        "party_a": discrepancy.observer,
        "party_b": discrepancy.counterparty,
        "chips": discrepancy.chips,
        "lines_open": discrepancy.lines_open,
        "shipment": discrepancy.shipment,
        "site": discrepancy.site,
        "opened_index": discrepancy.born,
        "closed_index": discrepancy.closed,
        "state": discrepancy.state,
        "outcome": discrepancy.outcome,
        "entry_index": discrepancy.changed,
    }


def line_object(line: DiscrepancyChip) -> Object:
    """One chip of a discrepancy, and what was seen of it; null where the observer saw it alone."""
    return {
        "chip": line.chip,
        "seen": msgspec.json.decode(line.seen) if line.seen else None,
        "closed_index": line.closed,
        "entry_index": line.changed,
    }


def entry_object(entry: StoredEntry, envelope: Object) -> Object:
    """An entry with the envelope it keeps."""
    return {
        "entry_index": entry.index,
        "statement": entry.statement,
        "kind": entry.kind,
        "party": entry.party,
        "key_id": entry.key_id,
        "occurred_at": format_seconds(entry.occurred_at),
        "admitted_at": format_milliseconds(entry.admitted_at),
        "lag_s": entry.admitted_at // 1000 - entry.occurred_at,
        "lines": entry.lines,
        "leaf_hash": entry.leaf_hash.hex(),
        "envelope": envelope,
    }


def refusal_object(refusal: StoredRefusal) -> Object:
    """A refusal with every chip it names, and the log's signature over it."""
    return {
        "refusal": refusal.refusal,
        "statement": refusal.statement,
        "party": refusal.party,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "chips": msgspec.json.decode(refusal.chips) if refusal.chips else [],
        "refused_at": format_milliseconds(refusal.refused_at),
        "at_size": refusal.at_size,
        "refusal_note": msgspec.json.decode(refusal.note) if refusal.note else None,
    }
