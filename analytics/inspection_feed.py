"""What is followed of an inspection, and of what it drew?

Of its commitment what was planned, of each draw the tickets and ranks that anybody can recompute. Which
versions may be taken is the follower's to say. Knows neither where rows come from nor where they go.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from analytics.feed import NUMBER, SECONDS, TEXT, Feed, columns_of, fields, typed
from ledger.book.rows import Inspection, SampledChip
from ledger.book.rules.conclusions import sample_size
from ledger.book.rules.inspections import commitment_of
from ledger.book.tables import INSPECTIONS, SAMPLED
from ledger.inspection.draw import ticket

INSPECTION_NUMBERS = frozenset(
    {"number", "stages_drawn", "frame_count", "known_missing", "withheld", "upper_bound", "off_book", "draws"}
    | {"born", "changed"}
)
KEPT_BACK = frozenset({"statement", "quorum", "timely_lead_s", "witnesses", "drawn_at"})  # no view tells them
INSPECTION_ROW_COLUMNS = tuple(
    (name, NUMBER if name in INSPECTION_NUMBERS else TEXT)
    for name in Inspection.__struct_fields__
    if name not in KEPT_BACK
)
INSPECTION_COLUMNS = (
    *INSPECTION_ROW_COLUMNS,
    ("planner", TEXT),
    *typed(NUMBER, "n_sample", "d", "beta_ppm", "round"),
)
_inspection_fields = fields(INSPECTION_ROW_COLUMNS)


def _inspection(row: Inspection) -> tuple[Any, ...]:
    """The row, and what its commitment says of the plan; `round` is that of the last stage drawn."""
    said = commitment_of(row)
    missing = said.parameters.get("missing")
    told = (said.planner, sample_size(row), missing if isinstance(missing, int) else None)
    last = said.stages[max(row.stages_drawn - 1, 0)]
    return (*_inspection_fields(row), *told, said.beta_ppm, last.round)


INSPECTION_FEED = Feed(INSPECTIONS, "inspection_version", INSPECTION_COLUMNS, _inspection)

SAMPLED_COLUMNS = (
    *typed(TEXT, "inspection", "item", "stages", "stratum", "result"),
    ("found_at", SECONDS),
    ("evidence_sha256", TEXT),
    ("changed", NUMBER),
)
SAMPLED_FEED = Feed(SAMPLED, "sampled_chip_version", SAMPLED_COLUMNS, fields(SAMPLED_COLUMNS))

DRAWN_TABLE = "drawn_item"
DRAWN_COLUMNS = (
    ("inspection", TEXT),
    ("stage", NUMBER),
    *typed(TEXT, "item", "stratum", "ticket"),
    *typed(NUMBER, "rank", "drawn_index"),
)


def drawn_rows(row: Inspection, sampled: Iterable[SampledChip]) -> pa.Table:
    """What the stage an inspection has just drawn selected: tickets, and ranks from 1 in each stratum."""
    stage, seed = row.stages_drawn, bytes.fromhex(row.seeds.split()[-1])
    tickets = sorted((one.stratum, ticket(seed, one.item).hex(), one.item) for one in sampled)
    ranks: Counter[str] = Counter()
    values = []
    for stratum, number, item in tickets:
        ranks[stratum] += 1
        values.append((row.inspection, stage, item, stratum, number, ranks[stratum], row.changed))
    return columns_of(DRAWN_COLUMNS, values)
