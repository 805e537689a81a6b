"""Do many draws look as even as chance would make them, neither less nor more?

The statistic for how often each chip of a frame was drawn, and the critical values of the chi-square law it
follows. Critical values are worked out between two decimals and rounded to 12 significant digits. Wrong
parameters raise ValueError naming the parameter. Knows no seeds, tickets or chips.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from ledger.inspection.plan import check_exact, check_whole
from ledger.inspection.reals import (
    Between,
    Rounding,
    exponential,
    log,
    negative,
    of,
    over,
    plus,
    rounding,
    significant,
    times,
)

DEGREES_MAX = 100_000
CRITICAL_DIGITS = 12
WORK_DIGITS = 50
TAIL_MIN = Fraction(1, 10**30)


def inclusion_statistic(counts: Sequence[int], drawn: int, draws: int) -> Fraction:
    """X^2 of how often each of N chips was among `drawn` in `draws` draws; N - 1 degrees of freedom.

    (N - 1) / N times the sum of (O - E)^2 / (R pi (1 - pi)), pi = n / N, E = R pi: inclusions of one draw are
    correlated, and Pearson's plain sum would be too small.
    """
    chips = len(counts)
    check_whole("counts", chips, 2, DEGREES_MAX + 1)
    check_whole("drawn", drawn, 1, chips - 1)
    check_whole("draws", draws, 1, 10**9)
    if sum(counts) != drawn * draws:
        raise ValueError("counts must add up to drawn times draws")
    share = Fraction(drawn, chips)
    expected = draws * share
    strayed = sum((Fraction(count) - expected) ** 2 for count in counts)
    return Fraction(chips - 1, chips) * strayed / (expected * (1 - share))


def critical_value(degrees: int, tail: Fraction) -> Fraction:
    """The value that chi-square exceeds with probability `tail`, to 12 significant digits."""
    check_whole("degrees", degrees, 1, DEGREES_MAX)
    check_exact("tail", tail, TAIL_MIN, 1 - TAIL_MIN)
    r = rounding(WORK_DIGITS)
    low, high = Fraction(0), Fraction(degrees)
    while not _exceeded_less(degrees, high, tail, r):
        low, high = high, 2 * high
    while significant(low, CRITICAL_DIGITS) != significant(high, CRITICAL_DIGITS):
        middle = significant((low + high) / 2, 2 * CRITICAL_DIGITS)
        if not low < middle < high:
            break
        if _exceeded_less(degrees, middle, tail, r):
            high = middle
        else:
            low = middle
    return significant(high, CRITICAL_DIGITS)


def _exceeded_less(degrees: int, value: Fraction, tail: Fraction, r: Rounding) -> bool:
    """Whether chi-square exceeds the value with probability below `tail`; by the middle of the enclosure."""
    below = _below(degrees, value, r)
    return 1 - (Fraction(below.low) + Fraction(below.high)) / 2 < tail


def _below(degrees: int, value: Fraction, r: Rounding) -> Between:
    """P(chi-square <= x) = (x/2)^a e^(-x/2) / Gamma(a + 1) sum of (x/2)^k / ((a + 1) … (a + k)), a = k/2."""
    half = value / 2
    a = Fraction(degrees, 2)
    term = total = of(Fraction(1), r)
    k = 0
    while term.high * 10**WORK_DIGITS > total.high or half > a + k:
        k += 1
        term = times(term, of(half / (a + k), r), r)
        total = plus(total, term, r)
    # What follows is less than a geometric series that starts with the last term.
    rest = term.high * of(1 / (1 - half / (a + k + 1)), r).high
    total = Between(total.low, r.up.add(total.high, rest))
    logarithm = log(of(half, r), r)
    assert logarithm is not None
    exact_half = of(half, r)
    power = of(a, r)
    grown = (
        times(power, logarithm, r) if logarithm.low >= 0 else negative(times(power, negative(logarithm), r))
    )
    scale = exponential(
        Between(r.down.subtract(grown.low, exact_half.high), r.up.subtract(grown.high, exact_half.low)), r
    )
    product = over(times(scale, total, r), _gamma(degrees + 2), r)
    assert product is not None
    return product


@lru_cache(maxsize=64)
def _gamma(twice: int) -> Between:
    """Gamma(twice / 2), by its recurrence from Gamma(1) = 1 or Gamma(1/2) = sqrt(pi)."""
    r = rounding(WORK_DIGITS)
    value = of(Fraction(1), r) if twice % 2 == 0 else _root_of_pi(r)
    for below in range(2 if twice % 2 == 0 else 1, twice, 2):
        value = times(value, of(Fraction(below, 2), r), r)
    return value


def _root_of_pi(r: Rounding) -> Between:
    """sqrt(16 atan(1/5) - 4 atan(1/239)), after Machin."""
    pi = 16 * _arctangent(5) - 4 * _arctangent(239)
    slack = Fraction(1, 10 ** (2 * WORK_DIGITS))
    ends = of(pi - slack, r).low, of(pi + slack, r).high
    return Between(r.down.next_minus(r.down.sqrt(ends[0])), r.up.next_plus(r.up.sqrt(ends[1])))


def _arctangent(inverse: int) -> Fraction:
    """atan(1 / inverse) to well beyond the digits in use."""
    whole = 10 ** (2 * WORK_DIGITS + 10)
    total, power, odd = 0, whole // inverse, 1
    while power:
        total += power // odd if odd % 4 == 1 else -(power // odd)
        power //= inverse**2
        odd += 2
    return Fraction(total, whole)
