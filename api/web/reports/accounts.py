"""What do the reports that hold one account against another say: balance, fabrication, claims, classes?

Each makes a `Telling` of a report. Ranges stay ranges, claims are never added to the ledger, and what is
undetermined stays a class of its own. Knows no markup.
"""

from collections import Counter, defaultdict
from typing import Any

from analytics.export_control.classify import NO_RULE, UNDETERMINED
from analytics.report import Report
from analytics.reporting.parameters import TERMS
from api.web.reports.telling import (
    AMOUNT,
    DAY,
    ENTRY,
    FLAG,
    NUMBER,
    PERCENT,
    TERM,
    Bars,
    Column,
    Part,
    Telling,
    cell_named,
    counted,
    named,
    part_of,
    rows_of,
)

UNITS = {"h100e": "H100-equivalents"}
LISTED = "3A090"
QUOTAS_TOLD = (
    "Holdings abroad beside the quotas of January 2025, where these were in force; the fullest first"
)


def tell_balance(report: Report) -> Telling:
    """Whether every account adds up, and what counts and receipts say beyond error."""
    rows = rows_of(report)
    wrong = [row for row in rows if row["residual"]]
    alarms = sum(1 for row in rows_of(report, "trend") if row["is_alarm"])
    if wrong:
        sentence = f"{counted(len(wrong), 'account')} of {len(rows):,} do not balance: the book is wrong."
    else:
        sentence = f"Every account balances: {len(rows):,} of {len(rows):,} have a residual of 0."
    if report.beside:
        sentence += f" {counted(alarms, 'series of counts or receipts', 'series of counts or receipts')} "
        sentence += "loses more than error explains." if alarms == 1 else "lose more than error explains."
    heading = report.grouping.replace("_", " ")
    terms = [name for name in TERMS if any(row[name] for row in rows)]
    columns = [Column("grouped", heading), *(Column(t, t.replace("_", " "), TERM) for t in terms)]
    columns.append(Column("residual", "residual", NUMBER))
    caption = "Every term of conservation, in chips; the residual must be 0"
    parts = [part_of(report, report.name, caption, columns), *_beside_balance(report)]
    ordered = sorted(rows, key=lambda row: -row["closing"])
    series = {"at the end": [row["closing"] for row in ordered]}
    groups = [named(row["grouped"]) for row in ordered]
    bars = [Bars("Each account at the end of the span", "chips", groups, series)] if rows else []
    return Telling(sentence, not wrong and not alarms, bars, parts)


def _beside_balance(report: Report) -> list[Part]:
    if not report.beside:
        return []
    trend = part_of(
        report,
        "trend",
        "Trend of each series, alarms first: the test covers the whole series",
        [
            Column("is_alarm", "alarm", FLAG), Column("of", "of"), Column("party", "party"),
            Column("with", "at, or to"), Column("points", "points", NUMBER),
            Column("cumulated", "cumulated", NUMBER), Column("p", "p", AMOUNT),
            Column("alpha", "level", AMOUNT), Column("false_alarm", "chance of a false alarm", AMOUNT),
            Column("first_alarm", "first alarm at"), Column("told", "why none"),
        ],
        order=lambda row: (not row["is_alarm"], 2.0 if row["p"] is None else row["p"], -row["cumulated"]),
    )  # fmt: skip
    muf = part_of(
        report,
        "muf",
        "MUF: book less found at each full count, and cumulated",
        [
            Column("party", "party"), Column("site", "site"), Column("counted_at", "counted", DAY),
            Column("book", "book", NUMBER), Column("found", "found", NUMBER), Column("muf", "MUF", NUMBER),
            Column("muf_p", "p", AMOUNT), Column("muf_significant", "beyond error", FLAG),
            Column("cumulated_muf", "cumulated MUF", NUMBER), Column("cumulated_muf_p", "its p", AMOUNT),
            Column("cumulated_muf_significant", "beyond error too", FLAG),
            Column("entry_index", "entry", ENTRY),
        ],
    )  # fmt: skip
    srd = part_of(
        report,
        "srd",
        "SRD: shipped less received of each shipment, and cumulated",
        [
            Column("sender", "sender"), Column("receiver", "receiver"), Column("shipment", "shipment"),
            Column("shipped", "shipped", NUMBER), Column("received", "received", NUMBER),
            Column("srd", "SRD", NUMBER), Column("srd_p", "p", AMOUNT),
            Column("srd_significant", "beyond error", FLAG),
            Column("cumulated_srd", "cumulated SRD", NUMBER), Column("cumulated_srd_p", "its p", AMOUNT),
            Column("cumulated_srd_significant", "beyond error too", FLAG),
            Column("spoken_at", "told", DAY), Column("entry_index", "entry", ENTRY),
        ],
    )  # fmt: skip
    return [trend, muf, srd]


def tell_fabrication(report: Report) -> Telling:
    """What became of the good dies that fabs told of."""
    rows = rows_of(report)
    over = [row for row in rows if row["class_d_dies_high"] < 0]
    known = [row for row in rows if row["class_d_dies_low"] > 0]
    heading = report.grouping.replace("_", " ")
    if not rows:
        sentence = "No lot was produced."
    elif over:
        sentence = f"Of {counted(len(over), heading)} more dies are registered or used than were made."
    else:
        sentence = (
            f"In {len(known):,} of {counted(len(rows), heading)} there are good dies known only in a count."
        )
    columns = [
        Column("grouped", heading), Column("lots", "lots", NUMBER), Column("wafers", "wafers", NUMBER),
        Column("gross_units", "gross dies", NUMBER), Column("good_units", "good dies", NUMBER),
        Column("lost", "lost", NUMBER), Column("banked", "banked", NUMBER),
        Column("other_product", "used otherwise", NUMBER),
        Column("registered_chips", "chips registered", NUMBER),
        Column("shared_chips", "of them also of other groups", NUMBER),
        Column("registered_dies_low", "dies in chips, low", NUMBER),
        Column("registered_dies_high", "dies in chips, high", NUMBER),
        Column("class_d_dies_low", "class D, low", NUMBER),
        Column("class_d_dies_high", "class D, high", NUMBER), Column("entry_index", "entry", ENTRY),
    ]  # fmt: skip
    order = sorted(rows, key=lambda row: -row["good_units"])
    shown = {"in registered chips, at least": "registered_dies_low", "lost": "lost", "banked": "banked",
             "used otherwise": "other_product"}  # fmt: skip
    series = {told: [row[key] for row in order] for told, key in shown.items()}
    series["known only in a count, at least"] = [max(0, row["class_d_dies_low"]) for row in order]
    groups = [named(row["grouped"]) for row in order]
    bars = [Bars("What became of what was made", "dies", groups, series)] if rows else []
    part = part_of(report, report.name, "Dies of lots, by what became of them", columns)
    return Telling(sentence, not over and not known if rows else None, bars, [part])


def tell_claims(report: Report) -> Telling:
    """What others say, beside the ledger."""
    rows = rows_of(report)
    compared = [row for row in rows if row["ledger"] is not None]
    beyond = [row for row in compared if row["short_low"]]
    apart = [row for row in rows if not row["agree"]]
    sentence = "No outside claim was noted."
    if rows:
        figures, less = counted(len(rows), "figure"), f"has less than every claim in {len(beyond):,}"
        sentence = (
            f"Others made claims about {figures}: {len(compared):,} can be set beside the ledger, which "
            f"{less}; claims disagree in {len(apart):,}."
        )
    columns = [
        Column("grouped", "subject"), Column("model", "model"), Column("family", "family"),
        Column("measure", "measure"), Column("unit", "unit"), Column("since", "from", DAY),
        Column("as_of", "as of", DAY), Column("claims", "claims", NUMBER),
        Column("envelope_low", "low", NUMBER), Column("envelope_high", "high", NUMBER),
        Column("agree", "they agree", FLAG), Column("ledger", "ledger", AMOUNT),
        Column("short_low", "ledger is short by, low", AMOUNT), Column("short_high", "high", AMOUNT),
        Column("told", "not compared"), Column("entries", "entries"),
    ]  # fmt: skip
    single = [
        Column("subject", "subject"), Column("model", "model"), Column("family", "family"),
        Column("measure", "measure"), Column("unit", "unit"), Column("as_of", "as of", DAY),
        Column("low", "low", NUMBER), Column("high", "high", NUMBER), Column("status", "source"),
        Column("entry_index", "entry", ENTRY),
    ]  # fmt: skip
    parts = [part_of(report, report.name, "Claims about the same, enveloped and never added up", columns)]
    parts.append(part_of(report, "claim_lines", "Each claim by itself", single))
    return Telling(sentence, None, _claim_bars(compared), parts)


def _claim_bars(compared: list[dict[str, Any]]) -> list[Bars]:
    """A picture for each unit: figures of two units have no common length."""
    by_unit: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in compared:
        by_unit[row["unit"]].append(row)
    pictures = []
    for unit, rows in by_unit.items():
        order = sorted(rows, key=lambda row: -row["envelope_high"])
        series = {
            "claimed, low": [row["envelope_low"] for row in order],
            "on the ledger": [row["ledger"] for row in order],
            "claimed, high": [row["envelope_high"] for row in order],
        }
        groups = [cell_named(row) for row in order]
        pictures.append(Bars("Claims beside the ledger", UNITS.get(unit, unit), groups, series, False))
    return pictures


def tell_export_class(report: Report) -> Telling:
    """How many chips of each class are held, and how much of a quota that is."""
    chips: Counter[str] = Counter()
    held: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in rows_of(report, "by_class"):
        chips[row["listed_as"]] += row["chips"]
        held[row["grouped"]][row["listed_as"]] += row["chips"]
    total = sum(chips.values())
    listed = sum(number for name, number in chips.items() if name.startswith(LISTED))
    rule = report.parameters.get("rule") or f"the list in force on {report.parameters['on']}"
    unclassed = chips[NO_RULE]
    sentence = (
        f"No list was in force on {report.parameters['on']}: no chip is classed."
        if unclassed
        else (
            f"Under {rule}, {listed:,} of {counted(total, 'chip')} {'is' if listed == 1 else 'are'} listed "
            f"as {LISTED}; {chips[UNDETERMINED]:,} cannot be told."
        )
    )
    order = sorted(held, key=lambda group: (-sum(held[group].values()), named(group)))
    series = {name: [held[group][name] for group in order] for name in sorted(chips)}
    groups = [named(group) for group in order]
    bars = [Bars("Holdings by class", "chips", groups, series)] if total else []
    return Telling(sentence, None, bars, _class_parts(report))


def _class_parts(report: Report) -> list[Part]:
    group = Column("grouped", report.grouping.replace("_", " "))
    sums = [Column("chips", "chips", NUMBER), Column("tpp", "TPP", NUMBER)]
    sums.append(Column("h100e", "H100-equivalents", AMOUNT))
    by_class = [group, Column("listed_as", "class"), *sums, Column("models", "models")]
    quotas = [
        group, Column("quota", "quota"), Column("quota_tpp", "quota, TPP", NUMBER),
        Column("listed_tpp", "listed, TPP", NUMBER), Column("undetermined_tpp", "undetermined, TPP", NUMBER),
        Column("share", "of the quota", PERCENT),
    ]  # fmt: skip
    models = [
        group, Column("model", "model"), Column("listed_as", "class"), Column("paragraph", "paragraph"),
        Column("possible", "may be"), Column("unknown", "unknown"),
        Column("china_review", "review for China"), *sums, Column("chip_tpp", "TPP of a chip", NUMBER),
        Column("die_area_um2", "die area, µm²", NUMBER), Column("interconnect_gbps", "links, GB/s", NUMBER),
        Column("entry_index", "model listed, entry", ENTRY),
    ]  # fmt: skip
    return [
        part_of(report, "by_class", "Holdings by class; what cannot be told is a class apart", by_class,
                is_group=True),
        part_of(report, "quotas", QUOTAS_TOLD, quotas, order=lambda row: -row["share"]),
        part_of(report, report.name, "Models that are held, and why they have their class", models),
    ]  # fmt: skip
