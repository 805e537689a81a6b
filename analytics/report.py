"""What do the standing questions say: unaccounted chips, capacity, overdue shipments?

Each is one file in `reports/`, run on a snapshot with values by placeholder. Times are compared with the
`as_of` that is given, by default the admission of the last entry, so that a report on a snapshot says the
same for ever. A report cut at its limit says so; its totals are of all rows all the same. Knows no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from analytics.formats import plain_rows, render
from analytics.snapshots import Snapshot, open_snapshot

HERE = Path(__file__).parent / "reports"
ROWS_MAX = 100_000
ROWS_PER_BATCH = 8_192
MEMORY_LIMIT = "2GB"
THREADS = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A report: its groupings, the first by default, and what is told beside it but never added to it."""

    groupings: tuple[str, ...]
    is_timed: bool
    beside: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """The SQL of this report or of what stands beside it."""
        return (HERE / f"{name}.sql").read_text(encoding="utf-8")


REPORTS: Mapping[str, Question] = {
    "unaccounted": Question(
        ("liable", "custodian", "owner", "country", "site", "model"), is_timed=True, beside=("surplus",)
    ),
    "capacity": Question(("custodian", "owner", "country", "site", "model"), is_timed=False),
    "overdue": Question(("liable", "receiver", "country"), is_timed=True),
}


@dataclass(frozen=True, slots=True)
class ReportRefused:
    """`reason` is `no_such_report`, `bad_grouping` or `too_large`; `detail` is for people."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Total:
    """Of one group, over all rows, shown or not; `h100e` is None where no chip has a rate."""

    grouped: str | None
    rows: int
    chips: int
    h100e: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Rows with what they stand for. `beside` has its own rows, never to be added to these."""

    name: str
    snapshot: str
    size: int
    root: str
    views_version: int
    as_of: datetime | None  # UTC; None for a log without entries
    grouping: str
    rows: pa.Table
    truncated: bool
    totals: tuple[Total, ...]
    beside: Mapping[str, pa.Table]
    beside_truncated: bool

    def head(self) -> dict[str, Any]:
        """What the rows stand for: snapshot and parameters."""
        return {
            "report": self.name,
            "snapshot": self.snapshot,
            "size": self.size,
            "root": self.root,
            "views_version": self.views_version,
            "as_of": None if self.as_of is None else self.as_of.isoformat() + "Z",
            "grouping": self.grouping,
            "truncated": self.truncated or self.beside_truncated,
        }

    def as_object(self) -> dict[str, Any]:
        """The whole report as JSON has it; `totals.chips` counts distinct chips."""
        totals = [
            {"grouped": t.grouped, "rows": t.rows, "chips": t.chips, "h100e": t.h100e} for t in self.totals
        ]
        beside = {name: plain_rows(rows) for name, rows in self.beside.items()}
        return {**self.head(), "totals": totals, "rows": plain_rows(self.rows), "beside": beside}

    def render(self, form: str) -> bytes:
        """The rows alone as csv, arrow or parquet, the head in the metadata where the format has any."""
        return render(self.rows, form, {name: str(value) for name, value in self.head().items()})


def run_report(
    snapshot: Snapshot,
    name: str,
    *,
    as_of: datetime | None = None,
    grouping: str | None = None,
    rows_max: int = ROWS_MAX,
) -> Report | ReportRefused:
    """One report on one snapshot. `as_of` is naive UTC or aware; what is due later is not overdue."""
    question = REPORTS.get(name)
    if question is None:
        return ReportRefused("no_such_report", f"reports are {', '.join(REPORTS)}")
    chosen = question.groupings[0] if grouping is None else grouping
    if chosen not in question.groupings:
        return ReportRefused("bad_grouping", f"{name} is grouped by {', '.join(question.groupings)}")
    with open_snapshot(snapshot.path, MEMORY_LIMIT, THREADS) as connection:
        size, root, until, version = connection.execute(
            "SELECT log_size, root, admitted_until, views_version FROM snapshot"
        ).fetchall()[0]
        moment = until if as_of is None else _naive(as_of)
        values: dict[str, Any] = {"grouping": chosen}
        if question.is_timed:
            values["as_of_s"] = 0 if moment is None else _seconds(moment)
        try:
            rows, cut, totals = _run(connection, question.text(name), values, rows_max)
            beside = {
                other: _run(connection, question.text(other), {}, rows_max) for other in question.beside
            }
        except duckdb.OutOfMemoryException:
            return ReportRefused("too_large", "the report needs more memory than a report may have")
    others = {other: table for other, (table, _, _) in beside.items()}
    others_cut = any(is_cut for _, is_cut, _ in beside.values())
    head = (name, snapshot.name, size, root or "", version, moment, chosen)
    return Report(*head, rows, cut, totals, others, others_cut)


def _run(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any], rows_max: int
) -> tuple[pa.Table, bool, tuple[Total, ...]]:
    """The first rows, whether there were more, and the totals of all of them."""
    reader = connection.sql(query, params=values).to_arrow_reader(ROWS_PER_BATCH)
    kept: list[pa.RecordBatch] = []
    seen = 0
    totals: dict[str | None, Total] = {}
    for batch in reader:
        if seen < rows_max:
            kept.append(batch.slice(0, rows_max - seen))
        seen += batch.num_rows
        _add(totals, batch)
    table = pa.Table.from_batches(kept, reader.schema)
    order = sorted(totals, key=lambda group: (group is None, group or ""))
    return table, seen > rows_max, tuple(totals[group] for group in order)


def _add(totals: dict[str | None, Total], batch: pa.RecordBatch) -> None:
    """Count a batch into the totals. A row without `chips` is one chip; no chip stands in two rows."""
    names = batch.schema.names
    if "grouped" not in names:
        return
    groups = batch.column("grouped").to_pylist()
    chips = batch.column("chips").to_pylist() if "chips" in names else [1] * len(groups)
    for group, count, h100e in zip(groups, chips, batch.column("h100e").to_pylist(), strict=True):
        before = totals.get(group, Total(group, 0, 0, None))
        worth = before.h100e if h100e is None else (before.h100e or 0.0) + h100e
        totals[group] = Total(group, before.rows + 1, before.chips + count, worth)


def _naive(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _seconds(moment: datetime) -> int:
    """Rounded up: what was due within the second is late at its end."""
    return -int(-moment.replace(tzinfo=UTC).timestamp() // 1)
