"""What do the reports that count chips say: unaccounted, capacity, overdue, changes?

Each makes a `Telling` of a report. Chips are counted by the report itself, of all rows, shown or not; nothing
here adds what the report keeps apart. Knows no markup.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from analytics.report import Report
from api.web.reports.telling import (
    AMOUNT,
    CHIP,
    DAY,
    ENTRY,
    NUMBER,
    Bars,
    Column,
    Line,
    Part,
    Telling,
    counted,
    named,
    part_of,
    rows_of,
    with_h100e,
)

GFLOPS_PER_PFLOPS = 1_000_000
GB_PER_TB = 1_000
PARAMETERS_PER_BILLION = 1e9
LINES_MAX = 200
EVIDENCE = {
    "I": "failed an inspection",
    "S": "sighted elsewhere",
    "K": "absent from a count",
    "R": "received short",
    "O": "overdue",
    "L": "lost or destroyed",
}
LETTERED = {letter: f"{letter}: {told}" for letter, told in EVIDENCE.items()}
STANDINGS = {
    "placed": "placed",
    "stored": "stored",
    "in_transit": "in transit",
    "disputed": "disputed",
}
BOUNDS = {
    "low": "low: inspected, sighted, or received and scanned of late",
    "book": "book",
    "high": "high: with what is unaccounted for",
}
OWNED = ("owner", "owner_parent")


def tell_unaccounted(report: Report) -> Telling:
    """How many chips nobody can show, whose they are to answer for, on what evidence."""
    chips, worth = _sums(report)
    most = _largest(report)
    by_evidence: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(EVIDENCE, 0))
    grouped = report.rows.group_by(["grouped", "evidence"]).aggregate([("chip", "count")]).to_pylist()
    for row in grouped:
        by_evidence[row["grouped"]][row["evidence"]] = row["chip_count"]
    lines = [
        Line({"grouped": each.grouped, "chips": each.chips, "h100e": each.h100e} | by_evidence[each.grouped],
             is_group=True)
        for each in _by_size(report)
    ]  # fmt: skip
    columns = [Column("grouped", _heading(report)), Column("chips", "chips", NUMBER)]
    columns += [Column("h100e", "H100-equivalents", AMOUNT)]
    if not report.truncated:
        columns += [Column(letter, told, NUMBER) for letter, told in LETTERED.items()]
    summary = Part(report.name, "Chips by group and first evidence", columns, lines[:LINES_MAX], len(lines))
    detail = part_of(
        report,
        report.name,
        "Each chip, with why",
        [
            Column("chip", "chip", CHIP), Column("model", "model"),
            Column("evidence", "evidence", words=LETTERED), Column("also", "also"),
            Column("liable", "liable"), Column("custodian", "custodian"),
            Column("country", "country"), Column("site", "site"), Column("shipment", "shipment"),
            Column("status", "status"), Column("since", "since", DAY), Column("since_index", "entry", ENTRY),
        ],
    )  # fmt: skip
    parts = [summary, detail, *_beside_unaccounted(report)]
    if not chips:
        return Telling("No chip is unaccounted for.", True, [], parts)
    verb = "is" if chips == 1 else "are"
    sentence = f"{with_h100e(chips, worth)} {verb} unaccounted for, the most under {most[0]}: {most[1]:,}."
    groups = [line.row["grouped"] for line in lines]
    series: dict[str, list[float]] = {
        EVIDENCE[letter]: [by_evidence[group][letter] for group in groups] for letter in EVIDENCE
    }
    if report.truncated:
        series = {"chips": [float(line.row["chips"]) for line in lines]}
    bars = Bars("What nobody can show, by first evidence", "chips", [*map(named, groups)], series)
    return Telling(sentence, False, [bars], parts)


def _beside_unaccounted(report: Report) -> list[Part]:
    if not report.beside:
        return []
    return [
        part_of(
            report,
            "surplus",
            "Surplus: seen, and not on the book there. Never added to the chips above",
            [
                Column("chip", "chip", CHIP), Column("seen", "seen as"), Column("kind", "kind"),
                Column("observer", "seen by"), Column("counterparty", "other side"), Column("site", "site"),
                Column("shipment", "shipment"), Column("opened", "opened", DAY),
                Column("opened_index", "entry", ENTRY),
            ],
        ),
        part_of(
            report,
            "unverified",
            "Unverified: not seen for long, and nothing worse is known. Never added to the chips above",
            [
                Column("grouped", _heading(report)), Column("model", "model"),
                Column("chips", "chips", NUMBER), Column("never_confirmed", "of them never seen", NUMBER),
                Column("oldest_confirmed_at", "longest since", DAY),
                Column("h100e", "H100-equivalents", AMOUNT),
            ],
        ),
        part_of(
            report,
            "gaps",
            "Gaps known as counts only, from fabs and from claims. Never added to the chips above",
            [
                Column("source", "from"), Column("subject", "about"), Column("measure", "measure"),
                Column("model", "model"), Column("family", "family"), Column("as_of", "as of", DAY),
                Column("low", "low", NUMBER), Column("high", "high", NUMBER), Column("unit", "unit"),
                Column("claims", "claims", NUMBER), Column("overlapping", "perhaps the same as", NUMBER),
                Column("entries", "entries"),
            ],
        ),
    ]  # fmt: skip


def tell_capacity(report: Report) -> Telling:
    """How much compute there is: low, book and high; where it stands; what it could run."""
    chips, worth = _sums(report)
    verb = "owned" if report.grouping in OWNED else "held"
    sentence = f"{with_h100e(chips, worth)} {'is' if chips == 1 else 'are'} {verb}"
    bounds = rows_of(report, "bounds") if report.beside else []
    if bounds:
        seen, told = (sum(row[f"low_{way}_chips"] for row in bounds) for way in ("inspected", "received"))
        days = report.parameters["window_days"]
        sentence += (
            f"; within {days} days {seen:,} of them were inspected or sighted by a third party, and {told:,} "
            "more received and scanned by who took them over, with nothing said against them"
        )
    if chips:
        most = _largest(report)
        sentence += f"; the most under {most[0]}: {most[1]:,}"
    pictures = []
    if bounds:
        ordered = sorted(bounds, key=lambda row: -row["high_h100e"])
        series = {told: [row[f"{name}_h100e"] for row in ordered] for name, told in BOUNDS.items()}
        groups = [named(row["grouped"]) for row in ordered]
        pictures.append(
            Bars("How little and how much there may be", "H100-equivalents", groups, series, False)
        )
    pictures.append(_standing_bars(report))
    return Telling(sentence + ".", None, pictures, _capacity_parts(report))


def _standing_bars(report: Report) -> Bars:
    stands: dict[Any, dict[str, int]] = defaultdict(dict)
    for row in report.rows.select(["grouped", "standing", "chips"]).to_pylist():
        stands[row["grouped"]][row["standing"]] = row["chips"]
    groups = [each.grouped for each in _by_size(report)]
    series = {told: [stands[group].get(name, 0) for group in groups] for name, told in STANDINGS.items()}
    return Bars("Where they stand", "chips", [*map(named, groups)], series)


def _capacity_parts(report: Report) -> list[Part]:
    parts = []
    group = Column("grouped", _heading(report))
    if report.beside:
        bounds = [group]
        for name in BOUNDS:
            bounds += [Column(f"{name}_chips", f"{name}, chips", NUMBER)]
            bounds += [Column(f"{name}_h100e", f"{name}, H100-equivalents", AMOUNT)]
        bounds += [Column("low_inspected_chips", "of low: inspected or sighted", NUMBER)]
        bounds += [Column("low_received_chips", "of low: received and scanned", NUMBER)]
        bounds += [Column("unaccounted_chips", "in high: left the book, unaccounted for", NUMBER)]
        bounds += [Column("claim_excess_chips", "in high: claimed beyond", NUMBER)]
        bounds += [Column("claim_as_of", "as of", DAY)]
        bounds += [Column("book_days_to_1e25_flop", "days to 1e25 FLOP, book", AMOUNT)]
        bounds += [Column("high_days_to_1e25_flop", "days to 1e25 FLOP, high", AMOUNT)]
        bounds += [Column("book_days_to_1e26_flop", "days to 1e26 FLOP, book", AMOUNT)]
        bounds += [
            Column(
                "book_fp16_parameters",
                "largest fp16 model, billion parameters",
                AMOUNT,
                PARAMETERS_PER_BILLION,
            )
        ]
        caption = "Low, book and high, and what the book could run"
        ordered = part_of(
            report, "bounds", caption, bounds, order=lambda row: -row["high_h100e"], is_group=True
        )
        parts.append(ordered)
    rates = [
        Column(f"{form}_gflops", f"{form}, dense PFLOP/s", AMOUNT, GFLOPS_PER_PFLOPS)
        for form in ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8", "int8", "fp4")
    ]
    columns = [group, Column("standing", "standing"), Column("chips", "chips", NUMBER)]
    columns += [Column("h100e", "H100-equivalents", AMOUNT), *rates, Column("tpp", "TPP", NUMBER)]
    columns += [Column("memory_gb", "memory, TB", AMOUNT, GB_PER_TB)]
    columns += [Column("chips_without_h100e", "chips without a rate", NUMBER)]
    return [*parts, part_of(report, report.name, "Chips and rates by where they stand", columns)]


def tell_overdue(report: Report) -> Telling:
    """What was due and has not come."""
    chips, worth = _sums(report)
    part = part_of(
        report,
        report.name,
        "Shipments that were due, the longest overdue first",
        [
            Column("shipment", "shipment"), Column("liable", "liable"), Column("sender", "sender"),
            Column("receiver", "named receiver"), Column("country", "to"), Column("due_by", "due", DAY),
            Column("days_late", "days late", NUMBER), Column("chips", "chips not received", NUMBER),
            Column("sent", "sent", NUMBER), Column("h100e", "H100-equivalents", AMOUNT),
            Column("dispatched_index", "dispatched, entry", ENTRY), Column("entry_index", "entry", ENTRY),
        ],
        order=lambda row: (-row["days_late"], -row["chips"], row["shipment"]),
    )  # fmt: skip
    if not chips:
        return Telling("No shipment is overdue.", True, [], [part])
    longest = max(report.rows.column("days_late").to_pylist())
    shipments = len(set(report.rows.column("shipment").to_pylist()))
    sentence = (
        f"{counted(shipments, 'shipment')} with {with_h100e(chips, worth)} "
        f"{'is' if shipments == 1 else 'are'} overdue, by up to {counted(longest, 'day')}."
    )
    if report.truncated:
        sentence = f"{with_h100e(chips, worth)} are overdue."
    return Telling(sentence, False, [_totals_bars(report, "Overdue")], [part])


def tell_changes(report: Report) -> Telling:
    """Which chips differ between two sizes."""
    chips, _ = _sums(report)
    low, high = report.parameters["from_size"], report.parameters["to_size"]
    pairs = [("status", "status"), ("custodian", "custodian"), ("owner", "owner"), ("liable", "liable"),
             ("site", "site"), ("system", "system"), ("slot", "slot"), ("model", "model")]  # fmt: skip
    columns = [Column("chip", "chip", CHIP), Column("changed", "what changed"), Column("kind", "last by")]
    for key, heading in pairs:
        columns += [Column(f"old_{key}", f"{heading} then"), Column(f"new_{key}", f"{heading} now")]
    columns += [Column("admitted_at", "admitted", DAY), Column("entry_index", "entry", ENTRY)]
    lines = [
        Line({"grouped": each.grouped, "chips": each.chips, "h100e": each.h100e}, is_group=True)
        for each in _by_size(report)
    ]
    summary = [Column("grouped", _heading(report)), Column("chips", "chips", NUMBER)]
    summary += [Column("h100e", "H100-equivalents", AMOUNT)]
    parts = [
        Part(report.name, "Chips that differ, by group", summary, lines[:LINES_MAX], len(lines)),
        part_of(report, report.name, "Each chip that differs, then and now", columns),
    ]
    sentence = (
        f"{counted(chips, 'chip')} {'differs' if chips == 1 else 'differ'} between size {low:,} "
        f"and size {high:,} of the log."
    )
    return Telling(sentence, None, [_totals_bars(report, "What differs")] if chips else [], parts)


def _heading(report: Report) -> str:
    return report.grouping.replace("_", " ")


def _sums(report: Report) -> tuple[int, float]:
    return sum(each.chips for each in report.totals), sum(each.h100e or 0.0 for each in report.totals)


def _by_size(report: Report) -> Sequence[Any]:
    return sorted(report.totals, key=lambda each: (-each.chips, named(each.grouped)))


def _largest(report: Report) -> tuple[str, int]:
    first = _by_size(report)[:1]
    return (named(first[0].grouped), first[0].chips) if first else ("", 0)


def _totals_bars(report: Report, title: str) -> Bars:
    ordered = _by_size(report)
    groups = [named(each.grouped) for each in ordered]
    return Bars(
        f"{title}, by {_heading(report)}", "chips", groups, {"chips": [each.chips for each in ordered]}
    )
