"""How does a row of the book become a row of the warehouse?

One `Feed` a followed table: its INSERT, its columns, and what to take from a row. Times become UTC
timestamps, a model's figures become columns. Identities, keys and references stay in the book. Knows
neither where rows come from nor where they go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]

from ledger.book.records.models import Gflops, ModelListed
from ledger.book.rows import Discrepancy, DiscrepancyChip, Inspection, Model, Party, Row, Shipment
from ledger.book.tables import CHIPS, DISCREPANCIES, INSPECTIONS, MODELS, PARTIES, SHIPMENTS, SITES, Table
from ledger.storage.store import StoredEntry

# Dense bf16 of the H100 SXM: NVIDIA's H100 white paper, 989.4 TFLOP/s without sparsity.
H100_SXM_BF16_GFLOPS = 989_400

TEXT, NUMBER, RATIO, TRUTH = pa.string(), pa.int64(), pa.float64(), pa.bool_()
SECONDS, MILLISECONDS = pa.timestamp("s"), pa.timestamp("ms")
FORMATS = Gflops.__struct_fields__

_figures = msgspec.json.Decoder(ModelListed)


@dataclass(frozen=True, slots=True)
class Feed:
    """`columns` name and type what `values` takes from a row, in that order."""

    table: Table[Any]
    insert: str
    columns: tuple[tuple[str, pa.DataType], ...]
    values: Callable[[Any], Sequence[Any]]

    def arrow(self, rows: Sequence[Row]) -> pa.Table:
        """The rows as columns."""
        return columns_of(self.columns, [self.values(row) for row in rows])


def columns_of(columns: Sequence[tuple[str, pa.DataType]], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Tuples turned into typed columns."""
    turned = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(values, kind) for values, (_, kind) in zip(turned, columns, strict=True)]
    return pa.Table.from_arrays(arrays, [name for name, _ in columns])


def _fields(*names: str) -> Callable[[Any], tuple[Any, ...]]:
    take: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)
    return take


def _typed(kind: pa.DataType, *names: str) -> tuple[tuple[str, pa.DataType], ...]:
    return tuple((name, kind) for name in names)


def _party(row: Party) -> tuple[Any, ...]:
    suspended = bool(row.suspended)
    named = (row.party, row.name, row.roles, row.country, row.parent)
    return (*named, suspended, row.succeeded_by, row.born, row.changed)


def _model(row: Model) -> tuple[Any, ...]:
    listed = _figures.decode(row.figures)
    rates = [getattr(listed.gflops, name) for name in FORMATS]
    bf16 = listed.gflops.bf16
    return (
        row.model,
        row.vendor,
        *rates,
        listed.memory_gb,
        listed.memory_bandwidth_gbps,
        listed.interconnect_gbps,
        listed.tpp,
        listed.dies,
        listed.die_area_um2,
        listed.hbm_stacks,
        None if bf16 is None else bf16 / H100_SXM_BF16_GFLOPS,
        row.born,
        row.changed,
    )


def _shipment(row: Shipment) -> tuple[Any, ...]:
    due = (row.due_by, row.due_by)
    counts = (row.sent, row.received, row.refused, row.cancelled, row.lost, row.unexpected)
    named = (row.shipment, row.sender, row.receiver, row.country)
    return (*named, *due, row.title, *counts, row.state, row.born, row.changed)


CHIP_FIELDS = (
    "chip", "number", "model", "cls", "custodian", "owner", "liable", "site", "system", "slot",
    "status", "shipment", "lots", "born", "changed",
)  # fmt: skip
CHIP_COLUMNS = tuple(
    ("class" if name == "cls" else name, NUMBER if name in {"number", "born", "changed"} else TEXT)
    for name in CHIP_FIELDS
)

FEEDS: tuple[Feed, ...] = (
    Feed(
        PARTIES,
        "INSERT INTO record.party_version BY NAME SELECT * FROM incoming",
        (
            *_typed(TEXT, "party", "name", "roles", "country", "parent"),
            ("suspended", TRUTH),
            ("succeeded_by", TEXT),
            *_typed(NUMBER, "born", "changed"),
        ),
        _party,
    ),
    Feed(
        MODELS,
        "INSERT INTO record.model_version BY NAME SELECT * FROM incoming",
        (
            *_typed(TEXT, "model", "vendor"),
            *_typed(NUMBER, *(f"{name}_gflops" for name in FORMATS)),
            *_typed(NUMBER, "memory_gb", "memory_bandwidth_gbps", "interconnect_gbps"),
            *_typed(NUMBER, "tpp", "dies", "die_area_um2", "hbm_stacks"),
            ("h100e", RATIO),
            *_typed(NUMBER, "born", "changed"),
        ),
        _model,
    ),
    Feed(
        SITES,
        "INSERT INTO record.site_version BY NAME SELECT * FROM incoming",
        (
            *_typed(TEXT, "site", "operator", "country"),
            *_typed(NUMBER, "power_kw", "positions", "born", "changed"),
        ),
        _fields("site", "operator", "country", "power_kw", "positions", "born", "changed"),
    ),
    Feed(
        CHIPS,
        "INSERT INTO record.chip_version BY NAME SELECT * FROM incoming",
        CHIP_COLUMNS,
        _fields(*CHIP_FIELDS),
    ),
    Feed(
        SHIPMENTS,
        "INSERT INTO record.shipment_version BY NAME SELECT * FROM incoming",
        (
            *_typed(TEXT, "shipment", "sender", "receiver", "country"),
            ("due_by", SECONDS),
            ("due_by_s", NUMBER),
            ("title", TEXT),
            *_typed(NUMBER, "sent", "received", "refused", "cancelled", "lost", "unexpected"),
            ("state", TEXT),
            *_typed(NUMBER, "born", "changed"),
        ),
        _shipment,
    ),
    Feed(
        DISCREPANCIES,
        "INSERT INTO record.discrepancy_version BY NAME SELECT * FROM incoming",
        (
            *_typed(TEXT, "discrepancy", "kind", "observer", "counterparty"),
            ("chips", NUMBER),
            *_typed(TEXT, "shipment", "site", "state", "outcome"),
            *_typed(NUMBER, "closed", "born", "changed"),
        ),
        _fields(*Discrepancy.__struct_fields__),
    ),
)

INSPECTION_INSERT = "INSERT INTO record.inspection_version BY NAME SELECT * FROM incoming"
INSPECTION_NUMBERS = frozenset({"number", "stages_drawn", "frame_count", "born", "changed"})
INSPECTION_FIELDS = tuple(name for name in Inspection.__struct_fields__ if name != "statement")
INSPECTION_FEED = Feed(
    INSPECTIONS,
    INSPECTION_INSERT,
    tuple((name, NUMBER if name in INSPECTION_NUMBERS else TEXT) for name in INSPECTION_FIELDS),
    _fields(*INSPECTION_FIELDS),
)

DISCREPANCY_CHIP_INSERT = "INSERT INTO record.discrepancy_chip BY NAME SELECT * FROM incoming"


def discrepancy_chips(rows: Sequence[DiscrepancyChip], size: int) -> pa.Table:
    """Lines of discrepancies as the book of `size` entries had them: what closed later is open still."""
    columns = (*_typed(TEXT, "discrepancy", "chip", "seen"), *_typed(NUMBER, "book_changed", "closed"))
    values = [
        (
            row.discrepancy,
            row.chip,
            row.seen,
            row.book_changed,
            row.closed if row.closed is not None and row.closed < size else None,
        )
        for row in rows
    ]
    return columns_of(columns, values)


ENTRY_INSERT = "INSERT INTO record.entry BY NAME SELECT * FROM incoming"
ENTRY_COLUMNS = (
    ("entry_index", NUMBER),
    *_typed(TEXT, "statement", "kind", "party", "key_id"),
    ("occurred_at", SECONDS),
    ("admitted_at", MILLISECONDS),
    *_typed(NUMBER, "lag_s", "lines"),
)


def entry_rows(entries: Sequence[StoredEntry]) -> pa.Table:
    """Entries as columns; what they say stays in the log."""
    values = [
        (
            entry.index,
            entry.statement,
            entry.kind,
            entry.party,
            entry.key_id,
            entry.occurred_at,
            entry.admitted_at,
            (entry.admitted_at - entry.occurred_at * 1000) // 1000,
            entry.lines,
        )
        for entry in entries
    ]
    return columns_of(ENTRY_COLUMNS, values)
