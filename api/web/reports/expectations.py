"""What do the reports say that set what was told against what is to be expected: losses, undeclared chips?

Each makes a `Telling` of a report. An estimate is told with its interval, a test with the level of all its
rows; where there is no estimate, that is said. Knows no markup.
"""

from typing import Any

from analytics.report import Report
from api.web.reports.telling import (
    AMOUNT,
    ENTRY,
    FLAG,
    NUMBER,
    Bars,
    Column,
    Part,
    Telling,
    counted,
    named,
    part_of,
    rows_of,
)


def tell_losses(report: Report) -> Telling:
    """Whether more chips were reported lost than the mortality stated would take."""
    rows = rows_of(report)
    reported = sum(row["reported"] for row in rows)
    beyond = [row for row in rows if row["is_significant_together"]]
    rate = f"{report.parameters['mortality_ppm']:,} deaths in a million chip-years"
    heading = report.grouping.replace("_", " ")
    if not rows:
        sentence = "No chip was on the book."
    elif beyond:
        sentence = (
            f"Of {counted(len(rows), 'group')} {len(beyond):,} report more losses than {rate} explain, all "
            f"groups taken together; {counted(reported, 'loss', 'losses')} in all."
        )
    else:
        sentence = f"{counted(reported, 'loss', 'losses')}: in no group more than {rate} explain."
    columns = [
        Column("grouped", heading), Column("reported", "losses", NUMBER),
        Column("chip_years", "chip-years", AMOUNT), Column("expected", "expected", AMOUNT),
        Column("excess", "beyond that", AMOUNT), Column("at_least", "at least", AMOUNT),
        Column("critical", "significant from", NUMBER), Column("p", "p", AMOUNT),
        Column("is_significant", "significant by itself", FLAG),
        Column("p_together", "p, all groups together", AMOUNT),
        Column("is_significant_together", "significant among all", FLAG),
        Column("destroyed", "destroyed", NUMBER), Column("missing", "missing", NUMBER),
        Column("conceded", "conceded", NUMBER), Column("reports", "reports", NUMBER),
        Column("largest", "largest report", NUMBER), Column("entry_index", "last, entry", ENTRY),
        Column("told", "why none"),
    ]  # fmt: skip
    caption = "Losses of each group against the mortality stated, the least likely first"
    part = part_of(report, report.name, caption, columns, order=_least_likely, is_group=True)
    return Telling(sentence, not beyond if rows else None, _loss_bars(rows), [part])


def _least_likely(row: Any) -> Any:
    p = row["p"]
    return 2.0 if p is None else p, -row["reported"], named(row["grouped"])


def _loss_bars(rows: list[dict[str, Any]]) -> list[Bars]:
    order = sorted((row for row in rows if row["expected"] is not None), key=_least_likely)
    if not order:
        return []
    series = {
        "expected by the mortality stated": [row["expected"] for row in order],
        "reported": [row["reported"] for row in order],
    }
    groups = [named(row["grouped"]) for row in order]
    return [Bars("Losses reported and expected", "chips", groups, series, is_stacked=False)]


def tell_undeclared(report: Report) -> Telling:
    """How many chips may stand where nobody declared them."""
    rows = rows_of(report)
    told = [row for row in rows if row["estimate"] is not None]
    some = [row for row in told if row["undeclared_low"]]
    heading = report.grouping.replace("_", " ")
    groups = counted(len(rows), heading, f"places, by {heading}")
    if not rows:
        sentence = "Nothing was declared or seen anywhere."
    elif not told:
        sentence = f"Of {groups} none has an estimate: nobody independent was heard of a chip there."
    else:
        sentence = (
            f"Of {groups} {len(told):,} can be estimated; in {len(some):,} of them chips stand that nobody "
            "declared there."
        )
    parts = _list_parts(report, heading)
    ordered = sorted(told, key=_most_undeclared)
    series = {"declared": [row["declared"] for row in ordered]}
    series["undeclared, estimate"] = [row["undeclared"] for row in ordered]
    names = [named(row["grouped"]) for row in ordered]
    bars = [Bars("Chips declared, and estimated beside", "chips", names, series)] if told else []
    return Telling(sentence, not some if told else None, bars, parts)


def _most_undeclared(row: Any) -> Any:
    return row["estimate"] is None, -(row["undeclared"] or 0), named(row["grouped"])


def _list_parts(report: Report, heading: str) -> list[Part]:
    columns = [
        Column("grouped", heading), Column("declared", "declared", NUMBER),
        Column("seen", "seen by others", NUMBER), Column("both_lists", "of them declared", NUMBER),
        Column("undeclared", "undeclared, estimate", AMOUNT), Column("undeclared_low", "low", NUMBER),
        Column("undeclared_high", "high", NUMBER),
        Column("undeclared_dependent", "if the lists depend", AMOUNT),
        Column("seen_elsewhere", "seen, on the book elsewhere", NUMBER),
        Column("seen_after_end", "seen, gone by the book", NUMBER),
        Column("seen_unknown", "seen, unknown to the book", NUMBER),
        Column("entry_index", "last seen, entry", ENTRY), Column("told", "note"),
    ]  # fmt: skip
    caption = "What was declared and what others saw, the most undeclared first"
    return [part_of(report, report.name, caption, columns, order=_most_undeclared, is_group=True)]
