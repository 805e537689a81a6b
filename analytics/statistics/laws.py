"""With which probability does a count come out at each of its values?

Binomial and Poisson laws of counts, of their sums and differences, as tables of whole numbers in units of
10^-42. The terms are worked out from the most likely one outwards by their exact ratios, then divided by
their own sum, so that no factorial, logarithm or binary floating point is needed. What is left out or
rounded away adds up to less than 10^-30 in every probability told here: that is the promise of `DECIMALS`.
Wrong parameters raise ValueError naming the parameter. Knows no chips, parties or periods.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
from fractions import Fraction
from functools import lru_cache

from ledger.inspection.plan import check_exact, check_probability, check_whole

UNIT_DIGITS = 42
UNIT: int = 10**UNIT_DIGITS
MOST = 10**63
"""The most likely term; 400,000 steps of rounding lose less than 10^-57 of it."""

DECIMALS = 30
WHOLE: int = 10**DECIMALS
TRIALS_MAX = 100_000_000
MEAN_MAX = Fraction(10_000_000)
VALUES_MAX = 400_000
"""Terms end 17 deviations from the most likely one, and no deviation here is above 5,000."""

ALPHA_MIN, ALPHA_MAX = Fraction(1, 10**12), Fraction(1, 2)
PACKED_DIGITS = 90
"""A product of two weights has 84 digits at most, and a sum of VALUES_MAX of them six more."""


@dataclass(frozen=True, slots=True)
class Law:
    """The count is `first + i` with probability `weights[i]` / UNIT; other values are negligible."""

    first: int
    weights: tuple[int, ...]

    def at_least(self, value: int) -> Fraction:
        """P(count >= value), rounded to 30 decimals."""
        return told(sum(self.weights[max(0, value - self.first) :]))

    def critical(self, alpha: Fraction) -> int:
        """The smallest value with P(count >= value) <= alpha, both to 30 decimals."""
        limit, tail = _decimals(alpha.numerator, alpha.denominator), 0
        for steps, weight in enumerate(reversed(self.weights)):
            tail += weight
            if _decimals(tail, UNIT) > limit:
                return self.first + len(self.weights) - steps
        return self.first

    def shifted(self, by: int) -> "Law":
        """The law of the count and `by` more."""
        return Law(self.first + by, self.weights)

    def negative(self) -> "Law":
        """The law of minus the count."""
        return Law(-(self.first + len(self.weights) - 1), self.weights[::-1])


def told(weight: int) -> Fraction:
    """A sum of weights as a probability, rounded to 30 decimals."""
    return Fraction(_decimals(weight, UNIT), WHOLE)


def rounded(chance: Fraction) -> Fraction:
    """To 30 decimals, half upwards."""
    return Fraction(_decimals(chance.numerator, chance.denominator), WHOLE)


def _decimals(top: int, bottom: int) -> int:
    """top / bottom in units of 10^-30."""
    return (2 * top * WHOLE + bottom) // (2 * bottom)


def check_alpha(alpha: Fraction) -> None:
    """Raises ValueError unless alpha is a Fraction from 10^-12 to a half."""
    check_exact("alpha", alpha, ALPHA_MIN, ALPHA_MAX)


def binomial(trials: int, chance: Fraction) -> Law:
    """How many of `trials` independent trials come true, each with this chance.

    P(x + 1) / P(x) = (trials - x) * chance / ((x + 1) * (1 - chance)).
    """
    check_whole("trials", trials, 0, TRIALS_MAX)
    check_probability("chance", chance)
    if trials == 0 or chance in (0, 1):
        return Law(trials * int(chance), (UNIT,))
    return _binomial(trials, chance)


def poisson(mean: Fraction) -> Law:
    """How many rare and independent events happen where `mean` are expected.

    P(x + 1) / P(x) = mean / (x + 1).
    """
    check_exact("mean", mean, Fraction(0), MEAN_MAX)
    if mean == 0:
        return Law(0, (UNIT,))
    return _outwards(int(mean), None, lambda _: mean.numerator, lambda x: (x + 1) * mean.denominator)


def sum_of(left: Law, right: Law) -> Law:
    """The law of the sum of two independent counts."""
    return _trimmed(left.first + right.first, convolved(left.weights, right.weights))


def convolved(left: tuple[int, ...], right: tuple[int, ...]) -> list[int]:
    """Each weight of the sum, in UNITs, rounded down.

    Both tables are written as one long number each, 90 digits a weight, and multiplied at once, without
    rounding: the digits of the product are the sums wanted (Kronecker's substitution).
    """
    values = len(left) + len(right) - 1
    exact = Context(prec=values * PACKED_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
    packed = [Decimal("".join(f"{weight:0{PACKED_DIGITS}d}" for weight in side)) for side in (left, right)]
    digits = str(exact.multiply(packed[0], packed[1])).zfill(values * PACKED_DIGITS)
    starts = range(0, values * PACKED_DIGITS, PACKED_DIGITS)
    return [int(digits[start : start + PACKED_DIGITS - UNIT_DIGITS]) for start in starts]


@lru_cache(maxsize=256)
def _binomial(trials: int, chance: Fraction) -> Law:
    yes, no = chance.numerator, chance.denominator - chance.numerator
    mode = min(int((trials + 1) * chance), trials)
    return _outwards(mode, trials, lambda x: (trials - x) * yes, lambda x: (x + 1) * no)


def _outwards(mode: int, last: int | None, up: Callable[[int], int], down: Callable[[int], int]) -> Law:
    """Terms from the most likely value on in both directions; P(x + 1) / P(x) is up(x) / down(x)."""
    above, x, term = [MOST], mode, MOST
    while term and x != last:
        term = term * up(x) // down(x)
        above.append(term)
        x += 1
    below, x, term = [], mode, MOST
    while term and x > 0:
        x -= 1
        term = term * down(x) // up(x)
        below.append(term)
    terms = below[::-1] + above
    assert len(terms) <= VALUES_MAX, "the limits on trials and means keep tables shorter"
    total = sum(terms)
    return _trimmed(mode - len(below), [term * UNIT // total for term in terms])


def _trimmed(first: int, weights: list[int]) -> Law:
    """Without the zeros at either end."""
    begin, end = 0, len(weights)
    while end - begin > 1 and weights[end - 1] == 0:
        end -= 1
    while end - begin > 1 and weights[begin] == 0:
        begin += 1
    return Law(first + begin, tuple(weights[begin:end]))
