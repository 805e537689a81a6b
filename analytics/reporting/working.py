"""How are the rows of a report's files made into what is told?

By report: which files are read with which values, and what is worked out of them. Files alone are told as
they come. Reads through a function it is given; knows no snapshot and no format.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from analytics.reporting import balances, bounding, classing, gapping, mortality, recapture
from analytics.reporting.enveloping import enveloped
from analytics.reporting.questions import text_of

Row = dict[str, Any]
Tables = dict[str, pa.Table]

CLAIMED = "SELECT COUNT(*) AS n FROM claim"
ULTIMATE = (
    "SELECT u.party, u.ancestor FROM party_ancestor AS u"
    " WHERE u.is_ultimate AND u.to_index IS NULL AND u.basis = $basis"
)
CLAIMED_GROUPINGS = ("custodian", "ultimate_parent")  # a claim of what is installed is about who holds it


@dataclass(frozen=True, slots=True)
class Asked:
    """What one report was asked, and how it reads: `read(query, values, group)` runs a query of ours.

    What is read of the group alone is of all groups where none was asked for.
    """

    grouping: str
    values: Mapping[str, Any]
    day: date | None
    read: Callable[[str, Mapping[str, Any], str | None], pa.Table]
    group: str | None = None

    def table(self, name: str, **more: Any) -> pa.Table:
        """The rows of a file."""
        return self.read(text_of(name), {**self.values, **more}, None)

    def of_group(self, name: str) -> pa.Table:
        """The rows of a file that are of the group, which say of it all there is to say."""
        return self.read(text_of(name), self.values, self.group)

    def rows(self, name: str, **more: Any) -> list[Row]:
        """The same as dicts."""
        rows: list[Row] = self.table(name, **more).to_pylist()
        return rows


def beside_unaccounted(asked: Asked) -> Tables:
    """Surplus, what was not seen for long, and what is known as a count only."""
    fabs = asked.rows("fabrication", grouping="for_party")
    found = gapping.gaps(fabs, _cells(asked))
    return {
        "surplus": asked.of_group("surplus"),
        "unverified": asked.of_group("unverified"),
        "gaps": table_of(found, GAPS),
    }


def beside_capacity(asked: Asked) -> Tables:
    """Low, book and high of each group, and what they could run."""
    excess: bounding.Excesses | None = None
    if asked.grouping in CLAIMED_GROUPINGS:
        excess = bounding.excess_by_party(_cells(asked), asked.values["claimed_since"])
        if asked.grouping == "ultimate_parent" and excess:
            heads = asked.read(ULTIMATE, asked.values, None).to_pylist()
            excess = bounding.by_ultimate(excess, {row["party"]: row["ancestor"] for row in heads})
    rows = bounding.bounded(
        asked.of_group("bounds").to_pylist(), excess, int(asked.values["utilisation_percent"])
    )
    return {"bounds": table_of(rows)}


def beside_balance(asked: Asked) -> Tables:
    """MUF of counts, SRD of shipments, and the trends of both."""
    names = ("miss_ppm", "double_ppm", "alpha_ppm")
    stated = balances.Stated.of(*(int(asked.values[name]) for name in names))
    budget = balances.Budget()
    muf, muf_trends = balances.muf_rows(asked.of_group("counts").to_pylist(), stated, budget)
    srd, srd_trends = balances.srd_rows(asked.of_group("receipts").to_pylist(), stated, budget)
    return {"muf": table_of(muf), "srd": table_of(srd), "trend": table_of([*muf_trends, *srd_trends])}


@dataclass(frozen=True, slots=True)
class Worked:
    """A report's rows that were worked out of its file's; `notes` say of these rows what holds for them."""

    rows: pa.Table
    beside: Tables = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def work_claims(asked: Asked) -> Worked:
    """Cells, and each claim by itself beside them."""
    table = asked.table("claims")
    return Worked(table_of(enveloped(table.to_pylist()), CELLS), {"claim_lines": table})


def work_losses(asked: Asked) -> Worked:
    """Reported losses of each group against the mortality stated."""
    said = asked.values
    stated = mortality.Stated.of(int(said["mortality_ppm"]), int(said["alpha_ppm"]), str(said["losses"]))
    rows = mortality.tested(asked.rows("losses"), stated)
    return Worked(table_of(rows, LOSSES), notes=mortality.notes_of(rows, stated))


def work_undeclared(asked: Asked) -> Worked:
    """Of each group the two lists and what they let one expect."""
    stated = recapture.Stated.of(*(int(asked.values[name]) for name in ("alpha_ppm", "odds_percent")))
    rows = recapture.estimated(asked.rows("undeclared"), stated)
    return Worked(table_of(rows, UNDECLARED), notes=recapture.notes_of(stated))


def work_classes(asked: Asked) -> Worked:
    """Holdings with their classes; by class, and against the quotas."""
    day = asked.day or date.min
    rule = asked.values["rule"]
    rows = classing.classed(asked.rows("export_class"), day, rule)
    quotas = classing.against_quotas(rows, asked.grouping, day, rule)
    beside = {"by_class": table_of(classing.by_class(rows)), "quotas": table_of(quotas, QUOTAS)}
    return Worked(table_of(rows, CLASSED), beside, classing.notes_of(day, rule))


def _cells(asked: Asked) -> list[Row]:
    """What claims say together; the spans of all chips are not read for nothing."""
    if asked.read(CLAIMED, {}, None).to_pylist()[0]["n"] == 0:
        return []
    return enveloped(asked.rows("claims"))


BESIDE: Mapping[str, Callable[[Asked], Tables]] = {
    "unaccounted": beside_unaccounted,
    "capacity": beside_capacity,
    "balance": beside_balance,
}
WORKED: Mapping[str, Callable[[Asked], Worked]] = {
    "claims": work_claims,
    "export_class": work_classes,
    "losses": work_losses,
    "undeclared": work_undeclared,
}

TEXT, NUMBER, RATIO, TRUTH, TIME = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us")


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


GAPS = _schema(
    source=TEXT, subject=TEXT, unit=TEXT, measure=TEXT, model=TEXT, family=TEXT, since=TIME, as_of=TIME,
    low=NUMBER, high=NUMBER, claims=NUMBER, overlapping=NUMBER, entries=TEXT,
)  # fmt: skip
CELLS = _schema(
    grouped=TEXT, party=TEXT, best_h100e=RATIO, model=TEXT, family=TEXT, unit=TEXT, measure=TEXT, since=TIME,
    as_of=TIME, exists=TRUTH, claims=NUMBER, duplicates=NUMBER, low=NUMBER, high=NUMBER, agree=TRUTH,
    parts_sources=NUMBER, parts_low=NUMBER, parts_high=NUMBER, envelope_low=NUMBER, envelope_high=NUMBER,
    overlapping=NUMBER, told=TEXT, ledger=RATIO, short_low=RATIO, short_high=RATIO, entries=TEXT,
)  # fmt: skip
CLASSED = _schema(
    grouped=TEXT, listed_as=TEXT, paragraph=TEXT, possible=TEXT, unknown=TEXT, china_review=TEXT, model=TEXT,
    chips=NUMBER, tpp=NUMBER, h100e=RATIO, chip_tpp=NUMBER, die_area_um2=NUMBER, interconnect_gbps=NUMBER,
    memory_bandwidth_gbps=NUMBER, entry_index=NUMBER,
)  # fmt: skip
QUOTAS = _schema(
    grouped=TEXT, quota=TEXT, quota_tpp=NUMBER, listed_tpp=NUMBER, undetermined_tpp=NUMBER, share=RATIO,
    models=TEXT,
)  # fmt: skip
LOSSES = _schema(
    grouped=TEXT, reported=NUMBER, chip_years=RATIO, expected=RATIO, excess=RATIO, at_least=RATIO,
    critical=NUMBER, p=RATIO, is_significant=TRUTH, p_together=RATIO, is_significant_together=TRUTH,
    destroyed=NUMBER, missing=NUMBER, conceded=NUMBER, reports=NUMBER, largest=NUMBER, entry_index=NUMBER,
    told=TEXT,
)  # fmt: skip
UNDECLARED = _schema(
    grouped=TEXT, declared=NUMBER, seen=NUMBER, both_lists=NUMBER, undeclared=RATIO, undeclared_low=NUMBER,
    undeclared_high=NUMBER, undeclared_dependent=RATIO, estimate=RATIO, deviation=RATIO, low=NUMBER,
    high=NUMBER, seen_elsewhere=NUMBER, seen_after_end=NUMBER, seen_unknown=NUMBER, entry_index=NUMBER,
    told=TEXT,
)  # fmt: skip


def table_of(rows: Sequence[Row], schema: pa.Schema | None = None) -> pa.Table:
    """Dicts as columns; without a schema the values say their types."""
    if schema is not None:
        return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    return pa.Table.from_pylist([dict(row) for row in rows])
