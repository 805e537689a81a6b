"""Which tables of the book are followed, and what of each row?

A model's figures become columns, so does what an observer saw on a chip. Identities, keys and references stay
in the book, and so do rows whose past is not kept: lines of shipments and offers, slots, absences. Knows
neither where rows come from nor where they go.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]

from analytics.feed import (
    MILLISECONDS,
    NUMBER,
    RATIO,
    SECONDS,
    TEXT,
    TRUTH,
    Feed,
    fields,
    turned_columns,
    typed,
)
from ledger.book.records.form import Identity
from ledger.book.records.models import Gflops, ModelListed
from ledger.book.rows import DiscrepancyChip, Model, Party
from ledger.book.tables import (
    AFFILIATIONS,
    CLAIMS,
    CORRECTIONS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    LOTS,
    MODELS,
    PARTIES,
    SEALS,
    SHIPMENTS,
    SITES,
    STOCKTAKES,
    TRANSFERS,
)
from ledger.storage.store import StoredEntry

# Dense bf16 of the H100 SXM: NVIDIA's H100 white paper, 989.4 TFLOP/s without sparsity.
H100_SXM_BF16_GFLOPS = 989_400

FORMATS = Gflops.__struct_fields__
VERSION = typed(NUMBER, "born", "changed")

_figures = msgspec.json.Decoder(ModelListed)
_seen = msgspec.json.Decoder(Identity)

PARTY_COLUMNS = (
    *typed(TEXT, "party", "name", "roles", "country", "parent"),
    ("suspended", TRUTH),
    *typed(TEXT, "succeeded_by", "successors"),
    *VERSION,
)
MODEL_COLUMNS = (
    *typed(TEXT, "model", "vendor"),
    *typed(NUMBER, *(f"{name}_gflops" for name in FORMATS)),
    *typed(NUMBER, "memory_gb", "memory_bandwidth_gbps", "interconnect_gbps"),
    *typed(NUMBER, "tpp", "dies", "die_area_um2", "hbm_stacks"),
    ("h100e", RATIO),
    *VERSION,
)
SITE_COLUMNS = (
    *typed(TEXT, "site", "operator", "country"),
    *typed(NUMBER, "power_kw", "positions"),
    *VERSION,
)
SHIPMENT_COLUMNS = (
    *typed(TEXT, "shipment", "sender", "receiver", "country"),
    ("due_by", SECONDS),
    ("due_by_s", NUMBER),
    ("title", TEXT),
    *typed(NUMBER, "sent", "received", "refused", "cancelled", "lost", "unexpected"),
    ("state", TEXT),
    *VERSION,
)
DISCREPANCY_COLUMNS = (
    *typed(TEXT, "discrepancy", "kind", "observer", "counterparty"),
    *typed(NUMBER, "chips", "lines_open"),
    *typed(TEXT, "shipment", "site", "state", "outcome"),
    ("closed", NUMBER),
    *VERSION,
)
DISPUTED_CHIP_COLUMNS = (
    *typed(TEXT, "discrepancy", "chip", "seen", "seen_ik_sha256", "seen_label"),
    *typed(NUMBER, "closed", "changed"),
)
LOT_COLUMNS = (
    *typed(TEXT, "lot", "fab", "product", "for_party"),
    *typed(NUMBER, "wafers", "gross_units", "good_units", "lost", "banked", "other_product"),
    *VERSION,
)
TRANSFER_COLUMNS = (
    *typed(TEXT, "transfer", "owner", "offeree"),
    ("chips", NUMBER),
    ("state", TEXT),
    *VERSION,
)
STOCKTAKE_COLUMNS = (
    *typed(TEXT, "stocktake", "party", "site", "scope"),
    ("parts", NUMBER),
    *typed(TEXT, "parts_in", "state"),
    ("began", SECONDS),
    *typed(NUMBER, "counted", "expected", "absent"),
    *VERSION,
)
AFFILIATION_COLUMNS = (*typed(TEXT, "statement", "verifier", "parties", "evidence_sha256"), *VERSION)
CLAIM_COLUMNS = (
    *typed(TEXT, "statement", "analyst", "subject", "model", "family", "unit", "measure"),
    *typed(SECONDS, "from_time", "as_of"),
    ("status", TEXT),
    *typed(NUMBER, "low", "high"),
    ("source_sha256", TEXT),
    *VERSION,
)
CORRECTION_COLUMNS = (*typed(TEXT, "corrects", "statement", "party", "reason"), *VERSION)
SEAL_COLUMNS = (("statement", TEXT), *typed(NUMBER, "at_size", "chips"), ("root", TEXT), *VERSION)


def _party(row: Party) -> tuple[Any, ...]:
    named = (row.party, row.name, row.roles, row.country, row.parent)
    return (*named, bool(row.suspended), row.succeeded_by, row.successors, row.born, row.changed)


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


def _disputed_chip(row: DiscrepancyChip) -> tuple[Any, ...]:
    seen = _seen.decode(row.seen) if row.seen else Identity()
    told = (row.discrepancy, row.chip, row.seen, seen.ik_sha256, seen.label)
    return (*told, row.closed, row.changed)


FEEDS: tuple[Feed, ...] = (
    Feed(PARTIES, "party_version", PARTY_COLUMNS, _party),
    Feed(MODELS, "model_version", MODEL_COLUMNS, _model),
    Feed(SITES, "site_version", SITE_COLUMNS, fields(SITE_COLUMNS)),
    Feed(SHIPMENTS, "shipment_version", SHIPMENT_COLUMNS, fields(SHIPMENT_COLUMNS, due_by_s="due_by")),
    Feed(DISCREPANCIES, "discrepancy_version", DISCREPANCY_COLUMNS, fields(DISCREPANCY_COLUMNS)),
    Feed(DISCREPANCY_CHIPS, "discrepancy_chip_version", DISPUTED_CHIP_COLUMNS, _disputed_chip),
    Feed(LOTS, "lot_version", LOT_COLUMNS, fields(LOT_COLUMNS)),
    Feed(TRANSFERS, "transfer_version", TRANSFER_COLUMNS, fields(TRANSFER_COLUMNS)),
    Feed(STOCKTAKES, "stocktake_version", STOCKTAKE_COLUMNS, fields(STOCKTAKE_COLUMNS)),
    Feed(AFFILIATIONS, "affiliation_version", AFFILIATION_COLUMNS, fields(AFFILIATION_COLUMNS)),
    Feed(CLAIMS, "claim_version", CLAIM_COLUMNS, fields(CLAIM_COLUMNS)),
    Feed(CORRECTIONS, "correction_version", CORRECTION_COLUMNS, fields(CORRECTION_COLUMNS)),
    Feed(SEALS, "seal_version", SEAL_COLUMNS, fields(SEAL_COLUMNS, chips="count")),
)

CHIP_TABLE, ENTRY_TABLE = "chip_version", "entry"
ENTRY_COLUMNS = (
    ("entry_index", NUMBER),
    *typed(TEXT, "statement", "kind", "party", "key_id"),
    ("occurred_at", SECONDS),
    ("admitted_at", MILLISECONDS),
    *typed(NUMBER, "lag_s", "lines"),
)


def entry_rows(entries: Sequence[StoredEntry]) -> pa.Table:
    """Entries as columns; what they say stays in the log."""
    turned: list[list[Any]] = [
        [entry.index for entry in entries],
        [entry.statement for entry in entries],
        [entry.kind for entry in entries],
        [entry.party for entry in entries],
        [entry.key_id for entry in entries],
        [entry.occurred_at for entry in entries],
        [entry.admitted_at for entry in entries],
        [(entry.admitted_at - entry.occurred_at * 1000) // 1000 for entry in entries],
        [entry.lines for entry in entries],
    ]
    return turned_columns(ENTRY_COLUMNS, turned)


def chip_rows(columns: pa.RecordBatch) -> pa.Table:
    """Versions of chips; their identities stay in the book."""
    kept = pa.Table.from_batches([columns]).drop_columns(["identity"])
    return kept.rename_columns(["class" if name == "cls" else name for name in kept.column_names])
