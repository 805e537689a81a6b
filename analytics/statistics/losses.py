"""Are more chips reported lost than chips are known to die?

Losses at a stated mortality are a Poisson count with mean chip-years * mortality; of a cohort of chips, each
dying with a stated chance, a binomial count. The test is one-sided and exact: significant where
P(as many or more) <= alpha. The bound on the excess is Garwood's (Poisson; F. Garwood, Biometrika 28, 1936)
or Clopper and Pearson's (binomial): the mean at which as many or more have probability alpha, less what was
expected, rounded down to a millionth of a chip and never below 0. Deaths are taken as independent: a fire
that ends a thousand chips at once is one event, to be counted apart. Wrong parameters raise ValueError naming
the parameter. Knows no chips, parties or dates, and no mortality of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analytics.statistics.laws import MEAN_MAX, TRIALS_MAX, Law, binomial, check_alpha, poisson, rounded
from ledger.inspection.plan import check_exact, check_probability, check_whole

ALPHA = Fraction(1, 20)
REPORTED_MAX = 1_000_000
CHIP_YEARS_MAX = Fraction(10_000_000_000)
MORTALITY_MAX = Fraction(100)
"""Deaths a chip-year: what lives four days on average is no chip."""
PARTS = 1_000_000
"""Bounds are told in millionths of a chip."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Significant from `critical` on; with confidence 1 - alpha, `at_least` losses need another cause."""

    reported: int
    expected: Fraction
    excess: Fraction
    at_least: Fraction
    critical: int
    p: Fraction
    alpha: Fraction
    is_significant: bool

    def as_object(self) -> dict[str, Any]:
        """As JSON has it, chances as numbers."""
        return {
            "reported": self.reported,
            "expected": float(self.expected),
            "excess": float(self.excess),
            "at_least": float(self.at_least),
            "critical": self.critical,
            "p": float(self.p),
            "alpha": float(self.alpha),
            "is_significant": self.is_significant,
        }


def excess_losses(
    reported: int, chip_years: Fraction, mortality: Fraction, *, alpha: Fraction = ALPHA
) -> Excess:
    """Reported losses over so many chip-years against a mortality in deaths a chip-year."""
    check_exact("chip_years", chip_years, Fraction(0), CHIP_YEARS_MAX)
    check_exact("mortality", mortality, Fraction(0), MORTALITY_MAX)
    check_exact("chip_years * mortality", chip_years * mortality, Fraction(0), MEAN_MAX)
    return _excess(reported, chip_years * mortality, poisson, REPORTED_MAX, alpha)


def excess_of_cohort(reported: int, chips: int, chance: Fraction, *, alpha: Fraction = ALPHA) -> Excess:
    """Reported losses among `chips` that were all there at the beginning, each with this chance to die."""
    check_whole("chips", chips, 1, TRIALS_MAX)
    check_probability("chance", chance)

    def law_of(mean: Fraction) -> Law:
        return binomial(chips, mean / chips)

    return _excess(reported, chips * chance, law_of, min(chips, REPORTED_MAX), alpha)


def _excess(
    reported: int, expected: Fraction, law_of: Callable[[Fraction], Law], most: int, alpha: Fraction
) -> Excess:
    check_alpha(alpha)
    check_whole("reported", reported, 0, most)
    law = law_of(expected)
    critical, p = law.critical(alpha), law.at_least(reported)
    beyond = max(Fraction(0), _mean_at_least(reported, law_of, alpha) - expected)
    excess = reported - expected
    return Excess(reported, expected, excess, beyond, critical, p, alpha, reported >= critical)


def _mean_at_least(reported: int, law_of: Callable[[Fraction], Law], alpha: Fraction) -> Fraction:
    """The largest mean, in millionths, under which as many or more have probability at most alpha."""
    # At a mean of `reported` that is also the median: the tail is above a half, and no alpha is.
    within, beyond, limit = 0, reported * PARTS, rounded(alpha)
    while beyond - within > 1:
        middle = (within + beyond) // 2
        if law_of(Fraction(middle, PARTS)).at_least(reported) <= limit:
            within = middle
        else:
            beyond = middle
    return Fraction(within, PARTS)
