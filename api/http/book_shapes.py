"""What shape has each answer about the book, inspections and snapshots?

As `shapes`: they describe, msgspec writes.
"""

from typing import Any, Literal

from pydantic import Field

from api.http.shapes import Admission, Hex64, Shape, Time


class Chip(Shape):
    """A chip as of the size asked about."""

    chip: str = Field(examples=["nv-fab:H100-000001"])
    maker: str
    model: str | None
    lot: str | None
    class_: str = Field(alias="class", description="A, B or C")
    custodian: str | None
    owner: str | None
    liable: str | None
    site: str | None
    system: str | None
    slot: str | None
    status: Literal["held", "in_transit", "missing", "destroyed", "replaced"]
    shipment: str | None
    identity: dict[str, Any] | None
    birth_index: int
    entry_index: int


class DiscrepanciesOfChip(Shape):
    """Open discrepancies about a chip that the asker may see: how many, of the first thousand, and some."""

    count: int
    first: list[str] = Field(examples=[["1042.0"]])


class ChipWithDiscrepancies(Chip):
    """A chip, and what is open about it."""

    discrepancies: DiscrepanciesOfChip


class ChipEvent(Shape):
    """One entry about a chip, and how the chip stood after it."""

    chip: str
    entry_index: int
    statement: Hex64
    kind: str
    party: str
    counterparty: str | None
    occurred_at: Time
    admitted_at: Admission
    custodian: str | None
    owner: str | None
    liable: str | None
    model: str | None
    class_: str = Field(alias="class")
    site: str | None
    system: str | None
    slot: str | None
    status: str
    shipment: str | None


class Looked(Shape):
    """Of the chips asked about, those the asker may see, and the rest."""

    items: list[Chip]
    unknown: list[str]


class Key(Shape):
    """A key, valid for entries from `from_index` up to, not including, `to_index`, and as long as it is not
    before `not_before`, and before `until`."""

    keyid: Hex64
    public_key: Hex64
    from_index: int
    to_index: int | None
    kinds: list[str] | None
    sites: list[str] | None
    not_before: str | None
    until: str | None


class Party(Shape):
    """A party with every key it had."""

    party: str
    name: str
    country: str
    roles: list[str]
    parent: str | None
    suspended: bool
    succeeded_by: str | None
    successors: list[str] = Field(description="who acts for it: its successor, that one's, and so on")
    predecessors: list[str] = Field(description="whom it acts for")
    keys: list[Key]
    affiliates: list[str] | None = Field(
        None,
        description="tied to it by any chain of parents, successors and noted affiliations; "
        "for verifiers and the registrar",
    )
    birth_index: int
    entry_index: int


class Shipment(Shape):
    """A shipment and what became of its lines."""

    shipment: str
    sender: str
    receiver: str
    country: str
    due_by: Time
    title: str
    licence: str | None
    end_user: str | None
    sent: int
    received: int
    refused: int
    cancelled: int
    lost: int
    short: int = Field(description="neither arrived, refused nor cancelled")
    unexpected: int
    state: Literal["open", "closed", "cancelled"]
    statement: Hex64
    birth_index: int
    entry_index: int


class Discrepancy(Shape):
    """A disagreement between `party_a`, who observed, and `party_b`."""

    discrepancy: str = Field(examples=["1042.0"])
    kind: str
    party_a: str
    party_b: str | None
    chips: int
    lines_open: int
    shipment: str | None
    site: str | None
    opened_index: int
    closed_index: int | None
    state: str
    outcome: str | None
    entry_index: int


class DiscrepancyLine(Shape):
    """A chip of a discrepancy; `seen` is what was read on or in it, `closed_index` the entry settling it."""

    chip: str
    seen: dict[str, Any] | None
    closed_index: int | None
    entry_index: int


class DiscrepancyLines(Shape):
    """Some lines of a discrepancy; `next` is what to ask `after` for the rest."""

    items: list[DiscrepancyLine]
    next: str | None


class DiscrepancyWithLines(Discrepancy):
    """A discrepancy and its chips."""

    lines: DiscrepancyLines


class StratumCount(Shape):
    """How much of a frame falls into a stratum."""

    name: str
    count: int


class FloorCount(Shape):
    """A site of a frame of positions, which are counted from 1."""

    site: str
    positions: int


class Frame(Shape):
    """The chips or positions that could be drawn: how many, and the root over their lines."""

    provers: list[str]
    at: int
    direction: Literal["book_to_floor", "floor_to_book"]
    count: int
    root: Hex64
    strata: list[StratumCount]
    sites: list[FloorCount] | None = Field(description="of floor_to_book: positions of each site")


class SnapshotShape(Shape):
    """One immutable DuckDB file; `root` is the first 16 hex digits of the tree's root."""

    name: str = Field(examples=["1042-a3f1a3f1a3f1a3f1.duckdb"])
    size: int
    root: str


class Column(Shape):
    """A column of an answer, with the database's type."""

    name: str
    type: str


class QuestionShape(Shape):
    """A question in SQL that is being answered; `percent` is -1 while nobody knows."""

    question: str
    size: int
    seconds: float
    percent: int
    query: str


class Ended(Shape):
    """The question that was ended."""

    ended: str


class SqlRows(Shape):
    """The rows of a query, and what they stand for."""

    snapshot: str
    size: int
    columns: list[Column]
    rows: list[dict[str, Any]]
    truncated: bool
