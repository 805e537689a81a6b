"""Of what is a report on a screen made: tables with a title, few rows, amounts in a unit, days, groups?

What is left out is named with the way to it. Knows no report.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from api.cli.screen.terminal import out, say, table_of

ROWS_SHOWN_MAX = 15
NOBODY = "(nobody)"  # no id has brackets: a party may be called nobody
REST = "--format csv"

Row = Mapping[str, Any]


def show_rows(title: str, rows: Sequence[Row], grouped: str) -> None:
    """Rows with every column that has anything in it."""
    if not rows:
        out.print(f"{title}: none", markup=False)
        return
    columns = [name for name in rows[0] if any(row.get(name) is not None for row in rows)]
    headers = [grouped if name == "grouped" else name.replace("_", " ") for name in columns]
    show(title, headers, [[rounded(row.get(name)) for name in columns] for row in rows])


def rounded(value: Any) -> Any:
    """A number with at most two decimals, a time to its second."""
    if isinstance(value, float):
        return round(value, 2)
    return second(value) if isinstance(value, str) else value


def amount(rows: Sequence[Row], name: str, unit: float = 1) -> str:
    """A sum in a unit, with as many decimals as its size deserves; nothing where nothing is known."""
    if all(row.get(name) is None for row in rows):
        return ""
    value = summed(rows, name) / unit
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def count(rows: Sequence[Row], name: str) -> str:
    """A sum of whole numbers."""
    return f"{summed(rows, name):,.0f}"


def by_group(rows: Iterable[Row], key: Callable[[Row], Any]) -> list[tuple[Any, list[Row]]]:
    """Rows that belong together, those with the most H100-equivalents, then the most chips, first."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(
        groups.items(), key=lambda item: (-summed(item[1], "h100e"), -summed(item[1], "chips"), str(item[0]))
    )


def of_each(groups: Sequence[tuple[Any, Sequence[Row]]]) -> list[Row]:
    """All rows, the first of every group, then the second of every group, and so on."""
    ranks = zip_longest(*(part for _, part in groups))
    return [row for rank in ranks for row in rank if row is not None]


def summed(rows: Iterable[Row], name: str) -> float:
    """Of what is there; JSON has whole numbers beyond 2^53 as text."""
    return sum(float(row.get(name) or 0) for row in rows)


def show(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    rows_max: int = ROWS_SHOWN_MAX,
    rest: str = REST,
) -> None:
    """A titled table of the first rows, and how many more there are; `rest`: by which options they come."""
    out.print(table_of(title, columns, rows[:rows_max]))
    more(len(rows) - rows_max, rest)


def part_of(name: str) -> str:
    """The options by which the rows of what stands beside a report come."""
    return f"{REST} --part {name}"


def more(left: int, rest: str = REST) -> None:
    """Say how many were left out, and the way to them."""
    if left > 0:
        say(f"… and {left:,} more: {rest}")


def day(time: Any) -> str:
    """The day of a time, in UTC."""
    return "" if time is None else str(time)[:10]


def second(time: Any) -> Any:
    """A time to its second, as statements write it; what is no time stays."""
    text = str(time)
    is_time = len(text) > 20 and text[10] == "T" and text[19] == "." and text.endswith("Z")
    return f"{text[:19]}Z" if is_time else time
