"""How does a person read a report of hundreds of rows on one screen?

Bars of the totals first, then few columns in plain words and few rows; what was left out is named with the
way to it. Rates are shown in PFLOP/s, memory in TB, times as days. Takes the report as the server gives it;
knows no network.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.cli.screen.account_tables import (
    show_balance,
    show_bounds,
    show_by_class,
    show_changes,
    show_claims,
    show_classes,
    show_fabrication,
    show_gaps,
    show_quotas,
    show_some_changes,
    show_trends,
    show_unverified,
)
from api.cli.screen.expectation_tables import show_losses, show_undeclared
from api.cli.screen.report_parts import (
    NOBODY,
    ROWS_SHOWN_MAX,
    amount,
    by_group,
    count,
    day,
    more,
    of_each,
    part_of,
    second,
    show,
    show_rows,
)
from api.cli.screen.terminal import bar, out, say, warn

__all__ = ["ROWS_SHOWN_MAX", "TABLES", "show_report"]

CHIPS_SHOWN_MAX = 8
ROOT_SHOWN = 12  # digits of a root: enough to tell it from another at one size
TOTALS = "--format json"  # files of rows have no totals
BARS_SHOWN_MAX = 24
GFLOPS_PER_PFLOPS = 1_000_000
GB_PER_TB = 1_000
RATE_ENDING = "_gflops"
FORMATS_SHOWN = ("fp64", "bf16", "fp8", "fp4")
STANDINGS = ("placed", "stored", "in_transit", "disputed")
EVIDENCE = {
    "I": "failed an inspection",
    "S": "sighted elsewhere",
    "K": "not found in a count",
    "R": "received short",
    "O": "overdue",
    "L": "lost or destroyed",
}

Row = Mapping[str, Any]
Rows = Sequence[Row]


def show_report(name: str, told: Row, *, all_columns: bool) -> None:
    """Print a report: bars, then its own tables, or every filled column where that is asked for."""
    grouped, rows = str(told.get("grouping", "grouped")), told.get("rows", [])
    show_head(name, told)
    draw_bars(name, grouped, told.get("totals", []))
    is_cut = told.get("row_count", 0) > len(rows)
    if told.get("truncated"):
        warn(_cut(told, is_cut))
    for caution in told.get("cautions", ()):
        warn(caution)
    beside: Mapping[str, Sequence[Row]] = told.get("beside", {})
    if all_columns:
        for title, part in ((name, rows), *beside.items()):
            show_rows(f"{title}, row by row", part, grouped)
    else:
        if is_cut and name in CHIP_BY_CHIP and told.get("group") is None:
            # Of rows that were cut off nothing is summed up: the totals are of all.
            show_totals(name, told.get("totals", []), grouped)
            CHIP_BY_CHIP[name](rows)
        else:
            TABLES[name](rows, grouped)
        for title, part in beside.items():
            if title in BESIDE:
                BESIDE[title](part, grouped)
    for note in told.get("notes", ()):
        out.print(f"- {note}", style="dim", markup=False)
    say(f"snapshot {told.get('snapshot')}, as of {second(told.get('as_of'))}")


def show_head(name: str, told: Row) -> None:
    """Of what the rows are: snapshot, root, moment, grouping, and every parameter in force."""
    size, root = told.get("size"), str(told.get("root") or "")
    group = told.get("group")
    facts = [
        *([] if size is None else [f"size {size:,}"]),
        *([f"root {root[:ROOT_SHOWN]}…"] if root else []),
        f"as of {second(told.get('as_of'))}",
        f"by {told.get('grouping')}" + ("" if group is None else f", only {group}"),
    ]
    given = (f"{key}={value}" for key, value in told.get("parameters", {}).items() if value is not None)
    out.print(f"{name}: {', '.join(facts)}; {', '.join(given) or 'no parameters'}", markup=False)


def _cut(told: Row, is_cut: bool) -> str:
    """What was cut, where, and how to have the rest."""
    if not is_cut:
        return "the report was cut: a table beside it has more rows than an answer may have"
    return (
        f"the report was cut: of {told['row_count']:,} rows the first {len(told['rows']):,} came, and no "
        "file has more; totals are of all; --group NAME asks for one group's rows"
    )


def show_totals(name: str, totals: Sequence[Row], grouped: str) -> None:
    """Chips of each group, of all rows, shown or cut off."""
    ordered = sorted(totals, key=lambda one: (-one["chips"], str(one["grouped"])))
    table = [
        (one["grouped"] or NOBODY, f"{one['rows']:,}", f"{one['chips']:,}", amount([one], "h100e"))
        for one in ordered
    ]
    show(f"{name} by {grouped}, all rows", (grouped, "rows", "chips", "H100e"), table, rest=TOTALS)


def draw_bars(name: str, grouped: str, totals: Sequence[Row]) -> None:
    """Bars of blocks for the totals, the longest first: H100-equivalents, or chips where none has a rate."""
    measure = "h100e" if any(one.get("h100e") for one in totals) else "chips"
    sized = sorted(
        ((float(one.get(measure) or 0), str(one["grouped"] or NOBODY)) for one in totals), reverse=True
    )
    most = sized[0][0] if sized else 0.0
    if most <= 0:
        return
    shown = sized[:BARS_SHOWN_MAX]
    width = max(len(label) for _, label in shown)
    unit = "H100-equivalents" if measure == "h100e" else "chips"
    out.print(f"[bold]{name} by {grouped}, in {unit}[/]")
    for value, label in shown:
        out.print(f"{label:>{width}} [cyan]{bar(value / most)}[/] {value:,.0f}")
    more(len(sized) - len(shown), TOTALS)


def show_capacity(rows: Sequence[Row], grouped: str) -> None:
    """What each group could run: chips, rates by format, TPP, memory; then where its chips stand."""
    if not rows:
        out.print("capacity: no chips")
        return
    groups = by_group(rows, lambda row: row["grouped"])
    rates = [name for name in rows[0] if name.endswith(RATE_ENDING)]
    filled = [name for name in rates if any(row.get(name) is not None for row in rows)]
    shown = [name for name in filled if name.removesuffix(RATE_ENDING) in FORMATS_SHOWN]
    table = []
    for group, part in groups:
        facts = [group or NOBODY, count(part, "chips"), amount(part, "h100e")]
        facts += [amount(part, name, GFLOPS_PER_PFLOPS) for name in shown]
        facts += [count(part, "tpp"), amount(part, "memory_gb", GB_PER_TB)]
        table.append(facts)
    formats = [name.removesuffix(RATE_ENDING) for name in shown]
    columns = (grouped, "chips", "H100e", *formats, "TPP", "memory TB")
    show(f"capacity by {grouped}: dense PFLOP/s by format", columns, table)
    left = [name.removesuffix(RATE_ENDING) for name in filled if name not in shown]
    if left:
        say(f"{', '.join(left)} too: --all-columns")
    _show_standings(groups, grouped)


def _show_standings(groups: Sequence[tuple[Any, Sequence[Row]]], grouped: str) -> None:
    """How many chips of each group are placed, stored, on their way, disputed."""
    there = {row["standing"] for _, part in groups for row in part}
    standings = [one for one in STANDINGS if one in there] + sorted(there - {*STANDINGS})
    table = [
        [group or NOBODY, *(count([r for r in part if r["standing"] == one], "chips") for one in standings)]
        for group, part in groups
    ]
    columns = (grouped, *(one.replace("_", " ") for one in standings))
    show("chips by where they stand", columns, table)


def show_unaccounted(rows: Sequence[Row], grouped: str) -> None:
    """How many chips nobody can show, by who answers and on what evidence; then a few of them, with why."""
    if not rows:
        out.print("unaccounted: none")
        return
    groups = by_group(rows, lambda row: (row["grouped"], row["evidence"]))
    table = [
        (group or NOBODY, EVIDENCE.get(evidence, evidence), f"{len(part):,}", amount(part, "h100e"))
        for (group, evidence), part in groups
    ]
    show(f"unaccounted by {grouped} and evidence", (grouped, "evidence", "chips", "H100e"), table)
    _show_chips(of_each(groups))


def _show_chips(rows: Rows) -> None:
    """Some of the chips that nobody can show, with why."""
    chips = [
        (
            row["chip"],
            row.get("liable"),
            _why(row),
            row.get("shipment") or row.get("site"),
            day(row.get("since")),
        )
        for row in rows
    ]
    columns = ("chip", "liable", "why", "shipment or site", "since")
    show("some of these chips", columns, chips, CHIPS_SHOWN_MAX)


def _why(row: Row) -> str:
    """Its evidence in words: the first that applies, and the rest."""
    letters = [row["evidence"], *str(row.get("also") or "").split()]
    return ", ".join(EVIDENCE.get(letter, letter) for letter in letters)


def show_surplus(rows: Rows) -> None:
    """Chips that were seen and that the book has elsewhere or not at all."""
    if not rows:
        out.print("surplus, never added to these: none")
        return
    table = [
        (
            row["chip"] or row.get("seen"),
            str(row["kind"]).replace("_", " "),
            row["observer"],
            row.get("site"),
            row.get("shipment"),
            day(row.get("opened")),
        )
        for row in rows
    ]
    columns = ("chip", "kind", "seen by", "site", "shipment", "opened")
    title = "surplus: seen, and not on the book there; never added to these"
    show(title, columns, table, CHIPS_SHOWN_MAX, rest=part_of("surplus"))


def show_overdue(rows: Sequence[Row], grouped: str) -> None:
    """What is late and who answers: by group, then the shipments, the longest overdue first."""
    if not rows:
        out.print("overdue: none")
        return
    groups = by_group(rows, lambda row: row["grouped"])
    table = [
        (group or NOBODY, f"{len(part):,}", count(part, "chips"), amount(part, "h100e"))
        for group, part in groups
    ]
    show(f"overdue by {grouped}", (grouped, "shipments", "chips", "H100e"), table)
    _show_late(rows)


def _show_late(rows: Rows) -> None:
    """The shipments that are late, the longest overdue first."""
    late = sorted(rows, key=lambda row: (-row["days_late"], -row["chips"], row["shipment"]))
    shipments = [
        (
            row["shipment"],
            row["liable"],
            row["receiver"],
            day(row["due_by"]),
            f"{row['days_late']:,}",
            f"{row['chips']:,} of {row['sent']:,}",
            amount([row], "h100e"),
        )
        for row in late
    ]
    columns = ("shipment", "liable", "receiver", "due", "days late", "chips waited for", "H100e")
    show("the shipments, longest overdue first", columns, shipments)


TABLES: Mapping[str, Callable[[Sequence[Row], str], None]] = {
    "unaccounted": show_unaccounted,
    "capacity": show_capacity,
    "overdue": show_overdue,
    "balance": show_balance,
    "fabrication": show_fabrication,
    "claims": show_claims,
    "changes": show_changes,
    "export_class": show_classes,
    "losses": show_losses,
    "undeclared": show_undeclared,
}
CHIP_BY_CHIP: Mapping[str, Callable[[Rows], None]] = {
    "unaccounted": _show_chips,
    "overdue": _show_late,
    "changes": show_some_changes,
}
"""The part of a report's tables that sums nothing up, for rows that were cut."""
BESIDE: Mapping[str, Callable[[Rows, str], None]] = {
    "surplus": lambda rows, _: show_surplus(rows),
    "unverified": show_unverified,
    "gaps": show_gaps,
    "bounds": show_bounds,
    "trend": show_trends,
    "by_class": show_by_class,
    "quotas": show_quotas,
}
