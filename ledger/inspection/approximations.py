"""What do the rules of thumb for sample sizes give, and by how much do they overshoot?

The two formulas of nuclear safeguards for finding at least one of d missing chips among N with risk beta,
N (1 - beta^(1/d)) and (N - (d - 1) / 2) (1 - beta^(1/d)), each rounded up. Neither is ever too few. Rounding
up is decided on exact values: n >= A (1 - beta^e) if and only if 1 - n / A <= beta^e. Wrong parameters raise
ValueError naming the parameter. Knows no strata, costs or draws; the exact size is `plan.presence`.
"""

import math
from fractions import Fraction

from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX
from ledger.inspection.plan import check_probability, check_whole
from ledger.inspection.reals import power_at_most


def simple_size(frame: int, missing: int, beta: Fraction) -> int:
    """N (1 - beta^(1/d)), rounded up: as if chips were drawn with replacement."""
    _check(frame, missing, beta)
    return size_for_power(Fraction(frame), beta, Fraction(1, missing))


def improved_size(frame: int, missing: int, beta: Fraction) -> int:
    """(N - (d - 1) / 2) (1 - beta^(1/d)), rounded up: at most a chip or two above the exact size."""
    _check(frame, missing, beta)
    return size_for_power(frame - Fraction(missing - 1, 2), beta, Fraction(1, missing))


def size_for_power(whole: Fraction, beta: Fraction, exponent: Fraction) -> int:
    """The smallest n >= whole (1 - beta^exponent), for whole > 0, 0 < beta <= 1, exponent > 0."""
    too_few, enough = -1, math.ceil(whole)
    while enough - too_few > 1:
        n = (enough + too_few) // 2
        if power_at_most(1 - n / whole, beta, exponent):
            enough = n
        else:
            too_few = n
    return enough


def _check(frame: int, missing: int, beta: Fraction) -> None:
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("missing", missing, 1, frame)
    check_probability("beta", beta)
    if beta == 0:
        raise ValueError("beta must be above 0: the formulas have no answer at certainty")
