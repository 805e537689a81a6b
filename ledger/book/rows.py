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


UNMADE: Final = (
    -1
)  # `born` of a row whose making was corrected away: nothing is there, its name is free again


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
MISSING: Final = Status.MISSING.value
DESTROYED: Final = Status.DESTROYED.value
REPLACED: Final = Status.REPLACED.value


class LogSettings(Row, frozen=True):
    """What `log.opened` said and `log.changed` changed; the only row of its table, keyed by the origin.

    From entry `rekeyed` on, checkpoints bear the signatures of `log_key` and of `former_log_key`.
    """

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
    former_log_key: str | None
    rekeyed: int | None
    born: int
    changed: int


class Party(Row, frozen=True):
    """Somebody who may speak or be spoken of. `suspended` is 0 or 1.

    `successors` are those who act for it, along the chain of `succeeded_by`, `predecessors` those it acts
    for: parties, sorted, in one text. `keyed` is 1 once it ever had a key.
    """

    party: str
    name: str
    roles: str
    country: str
    parent: str | None
    suspended: int
    succeeded_by: str | None
    successors: str
    predecessors: str
    keyed: int
    born: int
    changed: int


class Key(Row, frozen=True):
    """A public key, of one party for ever, valid for entries in [from_index, to_index).

    One that a registrar added is not valid before `not_before`, and none from `until` on (Unix seconds).
    `kinds` and `sites` narrow what it may say: sorted words in one text, None for no bound.
    """

    key_id: str
    party: str
    public_key: str
    from_index: int
    to_index: int | None
    kinds: str | None
    sites: str | None
    not_before: int | None
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

    `identity` is the canonical identity of its registration, `cls` A, B or C. `last_liable` is who answered
    for a chip that is destroyed or replaced, until it was.
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
    last_liable: str | None
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
    """A disagreement: `observer` against `counterparty` (None: nobody). `chips` is a number.

    `lines_open` are those of its lines nobody has settled yet; `outcome` is the resolution's, or which side
    conceded.
    """

    discrepancy: str
    kind: str
    observer: str
    counterparty: str | None
    chips: int
    lines_open: int
    shipment: str | None
    site: str | None
    state: str
    outcome: str | None
    closed: int | None
    born: int
    changed: int


class DiscrepancyChip(Row, frozen=True):
    """One line of a discrepancy. `seen` is canonical or "", `closed` the entry that settled it."""

    discrepancy: str
    chip: str
    seen: str
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


class Absence(Row, frozen=True):
    """Under which discrepancies a chip is said to be absent; `closed` the entry after which it is not."""

    chip: str
    discrepancy: str
    seen: str
    closed: int | None
    changed: int


class Lot(Row, frozen=True):
    """A lot of dies as its fab counts them; `lost`, `banked`, `other_product` are what became of some."""

    lot: str
    fab: str
    product: str
    for_party: str
    wafers: int
    gross_units: int
    good_units: int
    lost: int
    banked: int
    other_product: int
    born: int
    changed: int


class Transfer(Row, frozen=True):
    """An offer of title over `chips` chips; `state` is open, accepted or withdrawn."""

    transfer: str
    owner: str
    offeree: str
    chips: int
    state: str
    born: int
    changed: int


class TransferLine(Row, frozen=True):
    """One chip of an offer of title."""

    transfer: str
    chip: str
    changed: int


class OfferedChip(Row, frozen=True):
    """Under which open offer of title a chip stands, None once it is over."""

    chip: str
    transfer: str | None
    changed: int


class Stocktake(Row, frozen=True):
    """A count of what a party has; `site` None for all sites. `parts_in` is `<part>@<entry>`, by part.

    `state` is open while parts are missing, then judged; `began` is when the first part was admitted,
    `counted` the chips it named, `expected` those the book had there, `absent` those of them not named.
    """

    stocktake: str
    party: str
    site: str | None
    scope: str
    parts: int
    parts_in: str
    state: str
    began: int
    counted: int
    expected: int
    absent: int
    born: int
    changed: int


class StocktakeLine(Row, frozen=True):
    """One line of a stocktake in parts, kept until its last part is in; good while `changed` is its part's."""

    stocktake: str
    part: int
    chip: str
    seen: str
    changed: int


class Affiliation(Row, frozen=True):
    """Parties a verifier suspects of belonging together; named by the statement that said so."""

    statement: str
    verifier: str
    parties: str
    evidence_sha256: str
    born: int
    changed: int


class Claim(Row, frozen=True):
    """Somebody else's estimate, named by the statement that noted it; `low` to `high` in `unit`."""

    statement: str
    analyst: str
    subject: str
    model: str | None
    family: str | None
    unit: str
    measure: str
    from_time: int | None
    as_of: int
    status: str
    low: int
    high: int
    source_sha256: str
    born: int
    changed: int


class Seal(Row, frozen=True):
    """The registrar's word for the book of a size: how many chips, and the root over their lines."""

    statement: str
    at_size: int
    count: int
    root: str
    born: int
    changed: int


class Correction(Row, frozen=True):
    """Which statement took back the statement that names the row."""

    corrects: str
    statement: str
    party: str
    reason: str
    born: int
    changed: int


class Mention(Row, frozen=True):
    """How many standing statements built on a thing: `site:<id>`, `model:<id>` or `lot:<id>`."""

    thing: str
    statements: int
    changed: int
