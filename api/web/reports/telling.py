"""Of what is the page of a report made, before it is HTML?

A sentence, bars, tables of lines; each line may lead to the chips or entries behind it. Frozen values without
markup, so that what is said can be read and tested without a page. Knows no report and no address.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from analytics.formats import plain_rows
from analytics.report import NOBODY, Report
from analytics.reporting.drills import Way

NOBODY_TOLD = "(nobody)"  # no id has brackets: a party may be called nobody
LINES_SHOWN_MAX = 200


class Kind(Enum):
    """How the values of a column are written."""

    TEXT, NUMBER, AMOUNT, PERCENT, DAY, FLAG, CHIP, ENTRY, TERM = range(9)


TEXT, NUMBER, AMOUNT, PERCENT, DAY, FLAG, CHIP, ENTRY, TERM = Kind

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the member of a row, its heading, and how its values are written."""

    key: str
    heading: str
    kind: Kind = TEXT
    per: float = 1
    """What the value is divided by, where it is shown in a larger unit."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What is shown in place of a value that is a mere letter."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `drill` leads to what is behind it, `is_group` tells if it can be shown alone."""

    row: Row
    drill: Way | None = None
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A table: which part of the report it has, its caption, and its first lines of `count`.

    `kept`: how many of them came at all, and are in files.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    count: int
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """A picture: for each group a number of each series, side by side or one on the other."""

    title: str
    unit: str
    groups: Sequence[str]
    series: Mapping[str, Sequence[float]]
    is_stacked: bool = True


@dataclass(frozen=True, slots=True)
class Telling:
    """What a report says: the sentence, whether all is well (None where that is no question), the rest."""

    sentence: str
    good: bool | None
    bars: Sequence[Bars]
    parts: Sequence[Part]


def named(group: Any) -> str:
    """A group in words."""
    return NOBODY_TOLD if group is None else str(group)


def asked_as(group: Any) -> str:
    """A group as an address asks for it."""
    return NOBODY if group is None else str(group)


def cell_named(row: Row) -> str:
    """What a claim is about in words: whose, and which model or family where it says."""
    return " ".join(filter(None, (row.get("grouped"), row.get("model") or row.get("family"))))


def _group_named(row: Row) -> str:
    return named(row.get("grouped"))


def has_every(parts: Sequence[Part], bars: Bars) -> bool:
    """Whether one of the tables shows each group of a picture, as often as it is in the picture."""
    wanted = Counter(bars.groups)
    return any(
        wanted <= Counter(name(line.row) for line in part.lines)
        for part in parts
        for name in (_group_named, cell_named)
    )


def counted(number: float, one: str, many: str | None = None) -> str:
    """`1 chip`, `2 chips`."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"


def amount(value: float) -> str:
    """As many decimals as its size deserves."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}" if value >= 10 else f"{value:,.2g}" if abs(value) < 1 else f"{value:,.2f}"


def with_h100e(chips: float, h100e: float | None) -> str:
    """Chips, and what they are worth where that is known."""
    return counted(chips, "chip") + (f" ({amount(h100e)} H100-equivalents)" if h100e else "")


def part_of(
    report: Report,
    name: str,
    caption: str,
    columns: Sequence[Column],
    *,
    order: Callable[[Row], Any] | None = None,
    lines_max: int = LINES_SHOWN_MAX,
    is_group: bool = False,
) -> Part:
    """The rows of a part as lines, each with its way down; columns that are empty everywhere are left out."""
    table = report.part(name)
    assert table is not None, f"nothing called {name} stands beside {report.name}"
    # A table without columns and rows has as many rows as a slice of it is asked for.
    takes_first = order is None and table.num_columns > 0
    rows = plain_rows(table.slice(0, lines_max) if takes_first else table)
    if order is not None:
        rows = sorted(rows, key=order)[:lines_max]
    filled = [one for one in columns if any(row.get(one.key) is not None for row in rows)]
    lines = [Line(row, report.drill(name, row), is_group) for row in rows]
    count = report.row_count if name == report.name and report.truncated else table.num_rows
    is_cut = count > table.num_rows or (name != report.name and report.beside_truncated)
    return Part(name, caption, filled or columns, lines, count, table.num_rows if is_cut else None)


def rows_of(report: Report, name: str | None = None) -> list[dict[str, Any]]:
    """All rows of a part; none where it was not asked for."""
    table = report.part(name)
    return [] if table is None else plain_rows(table)
