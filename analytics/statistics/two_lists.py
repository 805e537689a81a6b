"""How many chips are there, if two lists of them, made apart, have so many in common?

Capture and recapture: `first` chips on one list, `second` on another, `both` on both. The estimate is
Chapman's, (first + 1)(second + 1) / (both + 1) - 1 (D. G. Chapman, 1951), with the variance of Seber,
(first + 1)(second + 1)(first - both)(second - both) / ((both + 1)^2 (both + 2)). The interval inverts the
exact test: given the total N, `both` is hypergeometric, and N stands in the interval while neither tail at
`both`, itself counted in, has probability alpha / 2 or less. Decided exactly (`ledger.inspection`), so its
coverage is at least 1 - alpha. All of it stands on ASSUMPTIONS, which go with every answer; `with_dependence`
says what becomes of the estimate where the first is false. Wrong parameters raise ValueError naming the
parameter. Knows no chips and no lists, only their lengths.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analytics.statistics.laws import check_alpha
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX, Sampling, at_most
from ledger.inspection.plan import check_exact, check_whole

ALPHA = Fraction(1, 20)
LISTED_MAX = 10_000_000
ODDS_MIN, ODDS_MAX = Fraction(1, 1000), Fraction(1000)
ASSUMPTIONS = (
    "The lists were made independently: being on one makes no chip likelier to be on the other. Where chips "
    "that are easy to see tend to be on both, the estimate is too low, and so is the whole interval.",
    "On one of the lists at least, every chip was as likely to be as any other.",
    "The population is closed: no chip came or went between the lists.",
    "Chips on both lists were recognised as the same: serials read alike and one body has one serial.",
)


@dataclass(frozen=True, slots=True)
class TwoLists:
    """The total. `high` is None where the lists set no upper bound below FRAME_CHIPS_MAX.

    `unseen` are on neither list, `undeclared` not on the first: make the first list the declared one.
    """

    first: int
    second: int
    both: int
    estimate: Fraction
    variance: Fraction
    low: int
    high: int | None
    alpha: Fraction

    @property
    def unseen(self) -> tuple[Fraction, int, int | None]:
        """(estimate, low, high) of chips on neither list."""
        return self._beyond(self.first + self.second - self.both)

    @property
    def undeclared(self) -> tuple[Fraction, int, int | None]:
        """(estimate, low, high) of chips that are not on the first list."""
        return self._beyond(self.first)

    def _beyond(self, known: int) -> tuple[Fraction, int, int | None]:
        high = None if self.high is None else self.high - known
        return max(Fraction(0), self.estimate - known), self.low - known, high

    def as_object(self) -> dict[str, Any]:
        """As JSON has it, with what it assumes."""
        told: dict[str, Any] = {"first": self.first, "second": self.second, "both": self.both}
        told |= {"estimate": float(self.estimate), "deviation": math.sqrt(self.variance)}
        told |= {"low": self.low, "high": self.high, "alpha": float(self.alpha)}
        for name, (estimate, low, high) in (("unseen", self.unseen), ("undeclared", self.undeclared)):
            told[name] = {"estimate": float(estimate), "low": low, "high": high}
        return {**told, "assumptions": list(ASSUMPTIONS)}


def two_lists(first: int, second: int, both: int, *, alpha: Fraction = ALPHA) -> TwoLists:
    """The estimate of the total and its interval of confidence at least 1 - alpha."""
    _check(first, second, both)
    check_alpha(alpha)
    estimate = Fraction((first + 1) * (second + 1), both + 1) - 1
    variance = Fraction(
        (first + 1) * (second + 1) * (first - both) * (second - both), (both + 1) ** 2 * (both + 2)
    )
    side = alpha / 2
    distinct = first + second - both
    low = _first(distinct, lambda total: not at_most(Sampling(total, first, second, both, Fraction(0)), side))
    assert low is not None, "the distinct chips alone are likelier the more there are"
    # P(at least `both` in common) is P(at most second - both of the second list are not on the first).
    over = _first(
        distinct,
        lambda total: at_most(Sampling(total, total - first, second, second - both, Fraction(0)), side),
    )
    high = None if over is None else over - 1
    return TwoLists(first, second, both, estimate, variance, low, high, alpha)


def with_dependence(first: int, second: int, both: int, odds_ratio: Fraction) -> Fraction:
    """Chips on neither list if being on one multiplies the odds of being on the other by `odds_ratio`.

    With counts n11, n10, n01 that is odds_ratio * n10 * n01 / n11, the definition of the odds ratio solved
    for n00. 1 is independence without Chapman's correction; above 1 the lists tend to share their chips.
    """
    _check(first, second, both)
    check_exact("odds_ratio", odds_ratio, ODDS_MIN, ODDS_MAX)
    if both == 0:
        raise ValueError("both must be above 0: without a chip in common there is no such estimate")
    return odds_ratio * (first - both) * (second - both) / both


def _first(begin: int, fits: Callable[[int], bool]) -> int | None:
    """The smallest total from `begin` on that fits, None if there is none; once one fits, larger ones do."""
    if fits(begin):
        return begin
    short, reach = begin, max(2 * begin, 2)
    while not fits(min(reach, FRAME_CHIPS_MAX)):
        if reach >= FRAME_CHIPS_MAX:
            return None
        short, reach = reach, 2 * reach
    enough = min(reach, FRAME_CHIPS_MAX)
    while enough - short > 1:
        middle = (short + enough) // 2
        if fits(middle):
            enough = middle
        else:
            short = middle
    return enough


def _check(first: int, second: int, both: int) -> None:
    check_whole("first", first, 1, LISTED_MAX)
    check_whole("second", second, 1, LISTED_MAX)
    check_whole("both", both, 0, min(first, second))
