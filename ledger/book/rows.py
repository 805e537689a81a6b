"""What does the book remember?

One frozen row a thing, flat (texts, integers, None), so that rows go to a database, a digest and a
column store without translation. `changed` is the index of the entry that wrote this version of
the row, `born` of the one that wrote the first. Times are Unix seconds. A list of words is one text
with single spaces; an object keeps its canonical JSON.
"""

from enum import StrEnum
from typing import Final

import msgspec

CHIP_NUMBER_SHIFT = 17  # a chip's number is (entry of birth << 17 | place in its manifest); 100,000 < 2**17


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A version of one thing in the book."""


class Status(StrEnum):
    """Where a chip is in its life."""

    HELD = "held"
    IN_TRANSIT = "in_transit"
    MISSING = "missing"
    DESTROYED = "destroyed"
    REPLACED = "replaced"


# The words themselves, as rows hold them: asking an enumeration for its value costs more than a comparison.
HELD: Final = Status.HELD.value
IN_TRANSIT: Final = Status.IN_TRANSIT.value
REPLACED: Final = Status.REPLACED.value


class LogSettings(Row, frozen=True):
    """What `log.opened` said; the only row of its table, keyed by the origin."""

    origin: str
    log_key: str
    registrar: str
    rules: int
    quorum: int
    beacon_lead_s: int
    timely_lead_s: int
    key_delay_s: int
    witnesses: str
    device_roots: str
    continues: str | None
    born: int
    changed: int


class Party(Row, frozen=True):
    """Somebody who may speak or be spoken of. `suspended` is 0 or 1."""

    party: str
    name: str
    roles: str
    country: str
    parent: str | None
    suspended: int
    succeeded_by: str | None
    born: int
    changed: int


class Key(Row, frozen=True):
    """A public key, of one party for ever, valid for entries in [from_index, to_index)."""

    key_id: str
    party: str
    public_key: str
    from_index: int
    to_index: int | None
    kinds: str | None
    sites: str | None
    until: int | None
    born: int
    changed: int


class Model(Row, frozen=True):
    """A chip model; `figures` is the body of its listing."""

    model: str
    vendor: str
    figures: str
    born: int
    changed: int


class Site(Row, frozen=True):
    """A place; power in kW, positions counted for `floor_to_book`."""

    site: str
    operator: str
    name: str
    country: str
    latitude_udeg: int | None
    longitude_udeg: int | None
    power_kw: int | None
    positions: int | None
    born: int
    changed: int


class BeaconRow(Row, frozen=True):
    """A listed source of public randomness; `genesis` in Unix seconds, `public_key` hex."""

    beacon: str
    scheme: str
    public_key: str
    genesis: int
    period_s: int
    source: str
    born: int
    changed: int


class Chip(Row, frozen=True):
    """One chip. `number` is its integer for life; `shipment` is set while in transit.

    `identity` is the canonical identity of its registration, `cls` A, B or C.
    """

    chip: str
    number: int
    model: str | None
    cls: str
    custodian: str | None
    owner: str | None
    liable: str | None
    site: str | None
    system: str | None
    slot: str | None
    status: str
    shipment: str | None
    lots: str | None
    identity: str | None
    born: int
    changed: int


class IdentityRow(Row, frozen=True):
    """Which living chip bears a unique identity; `identity` is `<ik|pdi|uuid>:<value>`."""

    identity: str
    chip: str | None
    changed: int


class SlotRow(Row, frozen=True):
    """Which chip stands in a slot, None once it has left."""

    site: str
    system: str
    slot: str
    chip: str | None
    changed: int


class Shipment(Row, frozen=True):
    """A dispatch and what became of its lines; `unexpected` came along without being in it."""

    shipment: str
    sender: str
    receiver: str
    country: str
    due_by: int
    title: str
    licence: str | None
    end_user: str | None
    sent: int
    received: int
    refused: int
    cancelled: int
    lost: int
    unexpected: int
    state: str
    born: int
    changed: int


class ShipmentLine(Row, frozen=True):
    """One chip of a dispatch; `state` is open, received, refused, cancelled or lost."""

    shipment: str
    chip: str
    state: str
    changed: int


class Discrepancy(Row, frozen=True):
    """A disagreement: `observer` against `counterparty` (None: nobody). `chips` is a number."""

    discrepancy: str
    kind: str
    observer: str
    counterparty: str | None
    chips: int
    shipment: str | None
    site: str | None
    state: str
    outcome: str | None
    closed: int | None
    born: int
    changed: int


class DiscrepancyChip(Row, frozen=True):
    """One line of a discrepancy. `seen` is canonical or "", `book_changed` the chip row's version then."""

    discrepancy: str
    chip: str
    seen: str
    book_changed: int | None
    closed: int | None
    changed: int


class Reference(Row, frozen=True):
    """A party's own number for something it said, used once."""

    party: str
    reference: str
    statement: str
    changed: int


class Inspection(Row, frozen=True):
    """An inspection as far as it has come; `commitment` is the body as committed, canonical."""

    inspection: str
    series: str
    number: int
    verifier: str
    statement: str
    provers: str
    beacon: str
    commitment: str
    stages_drawn: int
    frame_count: int | None
    frame_root: str | None
    timely: str | None
    state: str
    born: int
    changed: int


class Series(Row, frozen=True):
    """The last number a verifier used in a series, and the inspection that bears it."""

    series: str
    number: int
    inspection: str
    born: int
    changed: int
