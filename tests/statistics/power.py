"""How small a loss shows? The figures of `docs/detection.md` that follow from the laws alone."""

from fractions import Fraction as F

from analytics.statistics.laws import binomial, poisson
from analytics.statistics.losses import excess_losses
from analytics.statistics.material_balance import CountingError, error_law, trend_power
from analytics.statistics.two_lists import two_lists, with_dependence

BOOK, MONTHS = 1_000, 24
ERROR = CountingError(F(1, 1000))
ALPHA = F(1, 20)
LOST_IN_ALL = (0, 1, 2, 3, 6)
MORTALITY, CHIP_YEARS = F(1, 50), F(1_000)
FALSE_REPORTS = (0, 5, 10, 15, 20)
LISTS = ((1000, 300, 250), (1000, 100, 83), (1000, 300, 300))


def percent(chance):
    """Tenths of a percent."""
    return f"{float(100 * chance):.1f} %"


def slow_losses():
    """Chips lost evenly over the months: alarm of the trend, and of the last cumulated MUF alone."""
    rows = []
    for lost in LOST_IN_ALL:
        gone = [round(F(lost * month, MONTHS)) for month in range(1, MONTHS + 1)]
        trend = trend_power([BOOK] * MONTHS, gone, ERROR, alpha=ALPHA)
        critical = error_law(BOOK, ERROR).critical(ALPHA)
        last = binomial(BOOK - lost, ERROR.miss).shifted(lost).at_least(critical)
        rows.append([str(lost), percent(trend), percent(last)])
    return rows


def false_reports():
    """Chips reported dead that are not, among those that die: how often the excess is significant."""
    critical = excess_losses(0, CHIP_YEARS, MORTALITY, alpha=ALPHA).critical
    law = poisson(CHIP_YEARS * MORTALITY)
    return [[str(extra), percent(law.shifted(extra).at_least(critical))] for extra in FALSE_REPORTS]


def lists():
    """Two lists: those on neither by Chapman, the interval, and twice and four times the odds."""
    rows = []
    for first, second, both in LISTS:
        estimate, low, high = two_lists(first, second, both).unseen
        odds = [with_dependence(first, second, both, F(ratio)) for ratio in (2, 4)]
        told = [f"{first}, {second}, {both}", f"{float(estimate):.0f}", f"{low} to {high}"]
        rows.append([*told, *(f"{float(each):.0f}" for each in odds)])
    return rows
