"""How does a person read a report of hundreds of rows on one screen?

Bars of the totals first, then few columns in plain words and few rows; what was left out is named with the
way to it. Rates are shown in PFLOP/s, memory in TB, times as days. Takes the report as the server gives it;
knows no network.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from api.cli.screen.terminal import bar, out, say, table_of, warn

ROWS_SHOWN_MAX = 15
CHIPS_SHOWN_MAX = 8
BARS_SHOWN_MAX = 24
NOBODY = "nobody"
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
REST = "--format csv"

Row = Mapping[str, Any]


def show_report(name: str, told: Row, *, all_columns: bool) -> None:
    """Print a report: bars, then its own tables, or every filled column where that is asked for."""
    grouped, rows = str(told.get("grouping", "grouped")), told.get("rows", [])
    draw_bars(name, grouped, told.get("totals", []))
    if told.get("truncated"):
        warn("the report was cut: the bars are of all rows, the tables of those that came")
    beside: Mapping[str, Sequence[Row]] = told.get("beside", {})
    if all_columns:
        for title, part in ((name, rows), *beside.items()):
            show_rows(f"{title}, row by row", part, grouped)
    else:
        TABLES[name](rows, grouped)
        show_surplus(beside.get("surplus"))
    say(f"snapshot {told.get('snapshot')}, as of {_second(told.get('as_of'))}")


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
    _more(len(sized) - len(shown))


def show_capacity(rows: Sequence[Row], grouped: str) -> None:
    """What each group could run: chips, rates by format, TPP, memory; then where its chips stand."""
    if not rows:
        out.print("capacity: no chips")
        return
    groups = _by_group(rows, lambda row: row["grouped"])
    rates = [name for name in rows[0] if name.endswith(RATE_ENDING)]
    filled = [name for name in rates if any(row.get(name) is not None for row in rows)]
    shown = [name for name in filled if name.removesuffix(RATE_ENDING) in FORMATS_SHOWN]
    table = []
    for group, part in groups:
        facts = [group or NOBODY, _count(part, "chips"), _amount(part, "h100e")]
        facts += [_amount(part, name, GFLOPS_PER_PFLOPS) for name in shown]
        facts += [_count(part, "tpp"), _amount(part, "memory_gb", GB_PER_TB)]
        table.append(facts)
    formats = [name.removesuffix(RATE_ENDING) for name in shown]
    columns = (grouped, "chips", "H100e", *formats, "TPP", "memory TB")
    _show(f"capacity by {grouped}: dense PFLOP/s by format", columns, table)
    left = [name.removesuffix(RATE_ENDING) for name in filled if name not in shown]
    if left:
        say(f"{', '.join(left)} too: --all-columns")
    _show_standings(groups, grouped)


def _show_standings(groups: Sequence[tuple[Any, Sequence[Row]]], grouped: str) -> None:
    """How many chips of each group are placed, stored, on their way, disputed."""
    there = {row["standing"] for _, part in groups for row in part}
    standings = [one for one in STANDINGS if one in there] + sorted(there - {*STANDINGS})
    table = [
        [group or NOBODY, *(_count([r for r in part if r["standing"] == one], "chips") for one in standings)]
        for group, part in groups
    ]
    columns = (grouped, *(one.replace("_", " ") for one in standings))
    _show("chips by where they stand", columns, table)


def show_unaccounted(rows: Sequence[Row], grouped: str) -> None:
    """How many chips nobody can show, by who answers and on what evidence; then a few of them, with why."""
    if not rows:
        out.print("unaccounted: none")
        return
    groups = _by_group(rows, lambda row: (row["grouped"], row["evidence"]))
    table = [
        (group or NOBODY, EVIDENCE.get(evidence, evidence), f"{len(part):,}", _amount(part, "h100e"))
        for (group, evidence), part in groups
    ]
    _show(f"unaccounted by {grouped} and evidence", (grouped, "evidence", "chips", "H100e"), table)
    chips = [
        (
            row["chip"],
            row.get("liable"),
            _why(row),
            row.get("shipment") or row.get("site"),
            _day(row.get("since")),
        )
        for row in _of_each(groups)
    ]
    columns = ("chip", "liable", "why", "shipment or site", "since")
    _show("some of these chips", columns, chips, CHIPS_SHOWN_MAX)


def _why(row: Row) -> str:
    """Its evidence in words: the first that applies, and the rest."""
    letters = [row["evidence"], *str(row.get("also") or "").split()]
    return ", ".join(EVIDENCE.get(letter, letter) for letter in letters)


def show_surplus(rows: Sequence[Row] | None) -> None:
    """Chips that were seen and that the book has elsewhere or not at all."""
    if rows is None:
        return
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
            _day(row.get("opened")),
        )
        for row in rows
    ]
    columns = ("chip", "kind", "seen by", "site", "shipment", "opened")
    _show("surplus: seen, and not on the book there; never added to these", columns, table, CHIPS_SHOWN_MAX)


def show_overdue(rows: Sequence[Row], grouped: str) -> None:
    """What is late and who answers: by group, then the shipments, the longest overdue first."""
    if not rows:
        out.print("overdue: none")
        return
    groups = _by_group(rows, lambda row: row["grouped"])
    table = [
        (group or NOBODY, f"{len(part):,}", _count(part, "chips"), _amount(part, "h100e"))
        for group, part in groups
    ]
    _show(f"overdue by {grouped}", (grouped, "shipments", "chips", "H100e"), table)
    late = sorted(rows, key=lambda row: (-row["days_late"], -row["chips"], row["shipment"]))
    shipments = [
        (
            row["shipment"],
            row["liable"],
            row["receiver"],
            _day(row["due_by"]),
            f"{row['days_late']:,}",
            f"{row['chips']:,} of {row['sent']:,}",
            _amount([row], "h100e"),
        )
        for row in late
    ]
    columns = ("shipment", "liable", "receiver", "due", "days late", "chips waited for", "H100e")
    _show("the shipments, longest overdue first", columns, shipments)


TABLES: Mapping[str, Callable[[Sequence[Row], str], None]] = {
    "unaccounted": show_unaccounted,
    "capacity": show_capacity,
    "overdue": show_overdue,
}


def show_rows(title: str, rows: Sequence[Row], grouped: str) -> None:
    """Rows with every column that has anything in it."""
    if not rows:
        out.print(f"{title}: none", markup=False)
        return
    columns = [name for name in rows[0] if any(row.get(name) is not None for row in rows)]
    headers = [grouped if name == "grouped" else name.replace("_", " ") for name in columns]
    _show(title, headers, [[rounded(row.get(name)) for name in columns] for row in rows])


def rounded(value: Any) -> Any:
    """A number with at most two decimals, a time to its second."""
    if isinstance(value, float):
        return round(value, 2)
    return _second(value) if isinstance(value, str) else value


def _amount(rows: Sequence[Row], name: str, unit: float = 1) -> str:
    """A sum in a unit, with as many decimals as its size deserves; nothing where nothing is known."""
    if all(row.get(name) is None for row in rows):
        return ""
    value = _sum(rows, name) / unit
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def _count(rows: Sequence[Row], name: str) -> str:
    """A sum of whole numbers."""
    return f"{_sum(rows, name):,.0f}"


def _by_group(rows: Iterable[Row], key: Callable[[Row], Any]) -> list[tuple[Any, list[Row]]]:
    """Rows that belong together, those with the most H100-equivalents, then the most chips, first."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(
        groups.items(), key=lambda item: (-_sum(item[1], "h100e"), -_sum(item[1], "chips"), str(item[0]))
    )


def _of_each(groups: Sequence[tuple[Any, Sequence[Row]]]) -> list[Row]:
    """All rows, the first of every group, then the second of every group, and so on."""
    ranks = zip_longest(*(part for _, part in groups))
    return [row for rank in ranks for row in rank if row is not None]


def _sum(rows: Iterable[Row], name: str) -> float:
    """Of what is there; JSON has whole numbers beyond 2^53 as text."""
    return sum(float(row.get(name) or 0) for row in rows)


def _show(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], rows_max: int = ROWS_SHOWN_MAX
) -> None:
    out.print(table_of(title, columns, rows[:rows_max]))
    _more(len(rows) - rows_max)


def _more(left: int) -> None:
    if left > 0:
        say(f"… and {left:,} more: {REST}")


def _day(time: Any) -> str:
    """The day of a time, in UTC."""
    return "" if time is None else str(time)[:10]


def _second(time: Any) -> Any:
    """A time to its second, as statements write it; what is no time stays."""
    text = str(time)
    is_time = len(text) > 20 and text[10] == "T" and text[19] == "." and text.endswith("Z")
    return f"{text[:19]}Z" if is_time else time
