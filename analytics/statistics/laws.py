"""With which probability does a count come out at each of its values?

Binomial and Poisson laws of counts, of their sums and differences, as tables of whole numbers in units of
2^-140. The terms are worked out from the most likely one outwards by their exact ratios, then divided by
their own sum, so that no factorial, logarithm or binary floating point is needed. What is left out or
rounded away adds up to less than 10^-30 in every probability told here: that is the promise of `DECIMALS`.
Wrong parameters raise ValueError naming the parameter. Knows no chips, parties or periods.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ledger.inspection.plan import check_exact, check_probability, check_whole

UNIT_BITS = 140
UNIT = 1 << UNIT_BITS
GUARD_BITS = 70
NEGLIGIBLE_BITS = UNIT_BITS + GUARD_BITS
"""A term is worked out to 2^-210 of the most likely one; 400,000 steps lose less than 2^-190 of it."""

DECIMALS = 30
TRIALS_MAX = 100_000_000
MEAN_MAX = Fraction(10_000_000)
VALUES_MAX = 400_000
"""Terms end 17 deviations from the most likely one, and no deviation here is above 5,000."""

ALPHA_MIN, ALPHA_MAX = Fraction(1, 10**12), Fraction(1, 4)
PACKED_BYTES = 40
"""A product of two weights has 280 bits, a sum of VALUES_MAX of them 19 more; 40 bytes have 320."""


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
        limit, tail = rounded(alpha), 0
        for steps, weight in enumerate(reversed(self.weights)):
            tail += weight
            if told(tail) > limit:
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
    return rounded(Fraction(weight, UNIT))


def rounded(chance: Fraction) -> Fraction:
    """To 30 decimals, half to even."""
    return Fraction(round(chance * 10**DECIMALS), 10**DECIMALS)


def check_alpha(alpha: Fraction) -> None:
    """Raises ValueError unless alpha is a Fraction from 10^-12 to a quarter."""
    check_exact("alpha", alpha, ALPHA_MIN, ALPHA_MAX)


@lru_cache(maxsize=256)
def binomial(trials: int, chance: Fraction) -> Law:
    """How many of `trials` independent trials come true, each with this chance.

    P(x + 1) / P(x) = (trials - x) * chance / ((x + 1) * (1 - chance)).
    """
    check_whole("trials", trials, 0, TRIALS_MAX)
    check_probability("chance", chance)
    if trials == 0 or chance in (0, 1):
        return Law(trials * int(chance), (UNIT,))
    yes, no = chance.numerator, chance.denominator - chance.numerator
    mode = int((trials + 1) * chance)
    return _outwards(min(mode, trials), trials, lambda x: (trials - x) * yes, lambda x: (x + 1) * no)


@lru_cache(maxsize=256)
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

    Both tables are written as one long number each, 40 bytes a weight, and multiplied at once: the digits of
    the product are the sums wanted (Kronecker's substitution).
    """
    packed = [
        int.from_bytes(b"".join(weight.to_bytes(PACKED_BYTES, "little") for weight in side), "little")
        for side in (left, right)
    ]
    values = len(left) + len(right) - 1
    raw = (packed[0] * packed[1]).to_bytes(values * PACKED_BYTES, "little")
    starts = range(0, values * PACKED_BYTES, PACKED_BYTES)
    return [int.from_bytes(raw[start : start + PACKED_BYTES], "little") >> UNIT_BITS for start in starts]


def _outwards(mode: int, last: int | None, up: Callable[[int], int], down: Callable[[int], int]) -> Law:
    """Terms from the most likely value on in both directions; P(x + 1) / P(x) is up(x) / down(x)."""
    most = 1 << NEGLIGIBLE_BITS
    above, x, term = [most], mode, most
    while term and x != last:
        term = term * up(x) // down(x)
        above.append(term)
        x += 1
    below, x, term = [], mode, most
    while term and x > 0:
        x -= 1
        term = term * down(x) // up(x)
        below.append(term)
    terms = below[::-1] + above
    assert len(terms) <= VALUES_MAX, "the limits on trials and means keep tables shorter"
    total = sum(terms)
    return _trimmed(mode - len(below), [(term << UNIT_BITS) // total for term in terms])


def _trimmed(first: int, weights: list[int]) -> Law:
    """Without the zeros at either end."""
    begin, end = 0, len(weights)
    while end - begin > 1 and weights[end - 1] == 0:
        end -= 1
    while end - begin > 1 and weights[begin] == 0:
        begin += 1
    return Law(first + begin, tuple(weights[begin:end]))
