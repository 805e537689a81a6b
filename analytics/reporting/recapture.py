"""How many chips stand in a place that nobody declared there, if what others saw there is a fair sample?

Wires the two lists of each group to `analytics.statistics.two_lists`: the first is the book's, the second
what somebody independent saw. Where one of them is empty there is no estimate, and that is said: it is not 0.
Knows no snapshot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analytics.reporting.parameters import PPM
from analytics.statistics.two_lists import ASSUMPTIONS, TwoLists, two_lists, with_dependence

ESTIMATED_MAX = 2_000
"""Groups estimated, those where most was seen: an estimate takes from a millisecond to a tenth second."""
PERCENT = 100
NO_BOOK = "no estimate: the book has no chip here"
NOT_SEEN = "no estimate: nobody independent was heard of any chip here"
ALL_SEEN = "all that was seen here was declared here: the interval says how many may be unseen"
NONE_DECLARED = "no upper bound: nothing that was seen here was declared here"
NO_BOUND = "the lists set no upper bound"
TOO_MANY = f"no estimate: only the {ESTIMATED_MAX:,} groups where most was seen have one"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stated:
    """What was asked: the level of the interval, and how much likelier a chip on one list is on the other."""

    alpha: Fraction
    odds: Fraction

    @classmethod
    def of(cls, alpha_ppm: int, odds_percent: int) -> "Stated":
        """From millionths and hundredths."""
        return cls(Fraction(alpha_ppm, PPM), Fraction(odds_percent, PERCENT))


def estimated(rows: Sequence[Row], stated: Stated) -> list[Row]:
    """Each group with its estimate and interval, in the order given."""
    order = sorted(range(len(rows)), key=lambda place: (-rows[place]["seen"], place))
    chosen = set(order[:ESTIMATED_MAX])
    return [
        _told(row, _estimate(row, stated) if place in chosen else TOO_MANY, stated)
        for place, row in enumerate(rows)
    ]


def notes_of(stated: Stated) -> tuple[str, ...]:
    """What all of it stands on."""
    return (
        *ASSUMPTIONS,
        "undeclared_dependent is the estimate if being on one list multiplies the odds of being on the other "
        f"by {float(stated.odds):g}",
    )


def _estimate(row: Row, stated: Stated) -> TwoLists | str:
    if row["declared"] == 0:
        return NO_BOOK
    if row["seen"] == 0:
        return NOT_SEEN
    try:
        return two_lists(row["declared"], row["seen"], row["both_lists"], alpha=stated.alpha)
    except ValueError as fault:  # lists longer than can be reckoned with
        return f"no estimate: {fault}"


def _told(row: Row, result: TwoLists | str, stated: Stated) -> Row:
    lists = {name: row[name] for name in ("grouped", "declared", "seen", "both_lists")}
    others = ("seen_elsewhere", "seen_after_end", "seen_unknown")
    rest = {**{name: row[name] for name in others}, "entry_index": row["entry_index"]}
    if isinstance(result, str):
        names = ("undeclared", "undeclared_low", "undeclared_high", "undeclared_dependent")
        totals = ("estimate", "deviation", "low", "high")
        return {**lists, **dict.fromkeys((*names, *totals)), **rest, "told": result}
    chips, low, high = result.undeclared
    told = result.as_object()
    return {
        **lists,
        "undeclared": float(chips),
        "undeclared_low": low,
        "undeclared_high": high,
        "undeclared_dependent": _dependent(row, stated.odds),
        **{name: told[name] for name in ("estimate", "deviation", "low", "high")},
        **rest,
        "told": _word(row, high),
    }


def _dependent(row: Row, odds: Fraction) -> float | None:
    """Seen and not declared, and on neither list; None without a chip in common."""
    first, second, both = (int(row[name]) for name in ("declared", "seen", "both_lists"))
    if both == 0:
        return None
    return second - both + float(with_dependence(first, second, both, odds))


def _word(row: Row, high: int | None) -> str | None:
    if row["both_lists"] == 0:
        return NONE_DECLARED if high is None else None
    if high is None:
        return NO_BOUND
    return ALL_SEEN if row["both_lists"] == row["seen"] else None
