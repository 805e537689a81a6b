"""How many missing chips would matter?

A significant quantity is what it takes to do H FLOP in t days. It turns a worry in FLOP into the number of
missing chips that a plan has to catch, or for mixed models into a weight. Exact. Wrong parameters raise
ValueError naming the parameter. Knows no model by name; a chip's FLOP per day is given.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from ledger.inspection.plan import check_exact, check_whole
from ledger.inspection.portfolio import Kind

FLOP_MAX = Fraction(10**60)
SECONDS_PER_DAY = 86_400


def significant_quantity(run_flop: Fraction, chip_flop_per_day: Fraction, days: Fraction) -> int:
    """The fewest chips that do `run_flop` in `days`: ceil(H / (a t)). A high rate is the careful choice."""
    for name, value in (("run_flop", run_flop), ("chip_flop_per_day", chip_flop_per_day), ("days", days)):
        check_exact(name, value, 1 / FLOP_MAX, FLOP_MAX)
    return math.ceil(run_flop / (chip_flop_per_day * days))


def flop_per_day(flop_per_second: Fraction, utilisation: Fraction = Fraction(1)) -> Fraction:
    """What a chip computes in a day at that share of its listed rate."""
    check_exact("flop_per_second", flop_per_second, 1 / FLOP_MAX, FLOP_MAX)
    check_exact("utilisation", utilisation, 1 / FLOP_MAX, Fraction(1))
    return flop_per_second * utilisation * SECONDS_PER_DAY


def significant_portfolio(
    fleets: Sequence[tuple[int, Fraction]], run_flop: Fraction, days: Fraction
) -> tuple[tuple[Kind, ...], Fraction]:
    """Kinds and goal for `portfolio`, of (chips, FLOP per chip and day): weight is FLOP done in `days`."""
    check_whole("fleets", len(fleets), 1, 64)
    check_exact("run_flop", run_flop, 1 / FLOP_MAX, FLOP_MAX)
    check_exact("days", days, 1 / FLOP_MAX, FLOP_MAX)
    for _, rate in fleets:
        check_exact("fleets", rate, 1 / FLOP_MAX, FLOP_MAX)
    return tuple(Kind(chips, rate * days) for chips, rate in fleets), run_flop
