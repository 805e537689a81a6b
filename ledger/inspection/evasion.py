"""What would a cheat do against this plan?

The cheat knows the strata and how many chips will be drawn from each, and chooses from which strata the
missing chips are taken. The answer is the split that is missed most often, and how often.

With no found chip acceptable the miss is a product over strata, and each factor is log-concave in the chips
taken there: it is an elementary symmetric mean of the chances that single chips go unnoticed, to which
Newton's inequalities apply. So a split is best if and only if no single chip is better taken elsewhere. The
search starts near it and moves chips until that holds: exact at any size. Wrong parameters raise ValueError
naming the parameter. Knows no chip, party or draw; where some may be found see `allowance`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import prod

from ledger.inspection.guess import split_near
from ledger.inspection.hypergeometric import (
    COUNT_WORK_MAX,
    EXACT_SUPPORT_MAX,
    FRAME_CHIPS_MAX,
    GUARD_DIGITS,
    PROBABILITY_DIGITS,
    Sampling,
    count,
    count_work,
    enclose,
    probability,
)
from ledger.inspection.plan import check_probability, check_whole
from ledger.inspection.reals import Between, negative, of, rounding, times

STRATA_MAX = 64
STEP_DIGITS = 60
NEAR_DIGITS = 40
STEPS_BACK = (12, 60, 400)
"""How far back a factor is followed by its recurrence: each step divides the doubt by about N / (d t)."""
SAMPLINGS_KEPT = 8_192


@dataclass(frozen=True, slots=True)
class Stratum:
    """`chips` of a kind that cost `cost` each to visit; a missing one is overlooked with `test_miss`.

    Chips of one identity class share a test, so that strata differ by class where tests do.
    """

    chips: int
    test_miss: Fraction = Fraction(0)
    cost: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Evasion:
    """The best split found, missed with probability `miss`; none is missed more often than `at_most`.

    The two are equal unless found chips are acceptable and the strata are many and large.
    """

    split: tuple[int, ...]
    miss: Fraction
    at_most: Fraction


def check_strata(strata: Sequence[Stratum]) -> None:
    """Raises ValueError unless there are 1 to 64 strata with chips, tests and costs in range."""
    check_whole("strata", len(strata), 1, STRATA_MAX)
    for stratum in strata:
        check_whole("chips", stratum.chips, 0, FRAME_CHIPS_MAX)
        check_probability("test_miss", stratum.test_miss)
        if not isinstance(stratum.cost, Fraction) or stratum.cost < 0:
            raise ValueError("cost must be an exact fraction from 0")
    check_whole("frame", sum(stratum.chips for stratum in strata), 1, FRAME_CHIPS_MAX)


def check_plan(strata: Sequence[Stratum], sizes: Sequence[int], missing: int) -> None:
    """Raises ValueError unless the sizes fit the strata and the missing chips the frame."""
    check_strata(strata)
    if len(sizes) != len(strata):
        raise ValueError("sizes must be one for each stratum")
    for stratum, size in zip(strata, sizes, strict=True):
        check_whole("sizes", size, 0, stratum.chips)
    check_whole("missing", missing, 0, sum(stratum.chips for stratum in strata))


def unseen_split(strata: Sequence[Stratum], sizes: Sequence[int], missing: int) -> tuple[int, ...]:
    """The split of `missing` that most often leaves every one of them unfound; parameters were checked."""
    takings = [Taking(s.chips, size, s.test_miss) for s, size in zip(strata, sizes, strict=True)]
    split = split_near([(t.chips, t.drawn, float(t.test_miss)) for t in takings], missing)
    while sum(split) < missing:
        split[_best_to_take(takings, split)] += 1
    while sum(split) > missing:
        split[_best_to_leave(takings, split)] -= 1
    while True:  # each move makes the miss larger, so no split comes twice
        take = _best_to_take(takings, split) if any(_open(takings, split)) else None
        leave = _best_to_leave(takings, split) if missing else None
        if take is None or leave is None or take == leave:
            return tuple(split)
        if not takings[leave].step(split[leave] - 1).below(takings[take].step(split[take])):
            return tuple(split)
        split[leave] -= 1
        split[take] += 1


def unseen(strata: Sequence[Stratum], sizes: Sequence[int], split: Sequence[int]) -> list[Sampling]:
    """Per stratum the sampling whose miss is that none of the chips taken there is found."""
    return [
        Sampling(s.chips, taken, size, 0, s.test_miss)
        for s, size, taken in zip(strata, sizes, split, strict=True)
        if s.chips
    ]


def product_at_most(samplings: Sequence[Sampling], bound: Fraction) -> bool:
    """Whether the product of the misses is at most the bound, 0 <= bound <= 1, decided exactly."""
    if any(_never(sampling) for sampling in samplings) or bound == 1:
        return True
    doubtful = [sampling for sampling in samplings if not _surely(sampling)]
    if bound == 0 or not doubtful:
        return False
    magnitude = max(0, bound.denominator.bit_length() - bound.numerator.bit_length() + 1) * 302 // 1000 + 1
    for digits in (12, PROBABILITY_DIGITS):
        ends = [_enclosed(each, digits, magnitude + digits) for each in doubtful]
        low, high = _product_between(ends, digits)
        if Fraction(high) <= bound:
            return True
        if Fraction(low) > bound:
            return False
    return sum(map(count_work, doubtful)) <= COUNT_WORK_MAX and prod(map(count, doubtful)) <= bound


@lru_cache(SAMPLINGS_KEPT)
def _enclosed(sampling: Sampling, digits: int, tail_digits: int) -> tuple[Decimal, Decimal]:
    return enclose(sampling, digits, tail_digits)


def _product_between(ends: Sequence[tuple[Decimal, Decimal]], digits: int) -> tuple[Decimal, Decimal]:
    r = rounding(digits + GUARD_DIGITS)
    product = Between(Decimal(1), Decimal(1))
    for low, high in ends:
        product = times(product, Between(low, high), r)
    return product


def product(samplings: Sequence[Sampling]) -> Fraction:
    """The product of the misses: exact where each is, otherwise to nearly 50 digits."""
    return prod(map(probability, samplings), start=Fraction(1))


class Step:
    """The factor by which one chip more changes a stratum's miss, between two ends or exactly."""

    __slots__ = ("exact", "high", "is_fine", "key", "low")

    def __init__(self, key: tuple[int, int, Fraction, int], exact: Fraction | None) -> None:
        self.key = key
        self.exact = exact
        self.is_fine = exact is not None
        self.low: Fraction | Decimal
        self.high: Fraction | Decimal
        if exact is None:
            self.low, self.high = _followed(*key)
        else:
            self.low = self.high = exact

    def below(self, other: "Step") -> bool:
        """Whether this factor is the smaller one, by whole numbers where decimals cannot tell.

        Where even counting is too long (over 1,000 chips on both sides, and 60 digits equal) they are equal.
        """
        if self.high < other.low:
            return True
        if self.low >= other.high or self.key == other.key:
            return False
        if not (self.is_fine and other.is_fine):
            self.refine()
            other.refine()
            return self.below(other)
        mine, theirs = self.told(), other.told()
        return mine is not None and theirs is not None and mine < theirs

    def refine(self) -> None:
        """Narrower ends, from the misses themselves."""
        if not self.is_fine:
            self.low, self.high = _ratio(*self.key)
            self.is_fine = True

    def told(self) -> Fraction | None:
        """The factor as an exact fraction, where that is affordable."""
        chips, drawn, test_miss, taken = self.key
        if self.exact is None and min(taken + 1, drawn) <= EXACT_SUPPORT_MAX:
            one_more = Sampling(chips, taken + 1, drawn, 0, test_miss)
            self.exact = count(one_more) / count(Sampling(chips, taken, drawn, 0, test_miss))
        return self.exact


class Taking:
    """A stratum as the cheat sees it: what does one chip more, after `taken`, cost in chance of a miss?"""

    __slots__ = ("chips", "drawn", "steps", "test_miss")

    def __init__(self, chips: int, drawn: int, test_miss: Fraction) -> None:
        self.chips, self.drawn, self.test_miss = chips, drawn, test_miss
        self.steps: dict[int, Step] = {}

    def step(self, taken: int) -> Step:
        """The factor from `taken` chips to one more, taken < chips; it falls as more are taken."""
        if taken not in self.steps:
            exact = None
            if self.drawn == 0 or self.test_miss == 1:
                exact = Fraction(1)
            elif self.drawn == self.chips:
                exact = self.test_miss
            elif self.test_miss == 0:
                exact = Fraction(max(0, self.chips - self.drawn - taken), self.chips - taken)
            self.steps[taken] = Step((self.chips, self.drawn, self.test_miss, taken), exact)
        return self.steps[taken]


def _open(takings: Sequence[Taking], split: Sequence[int]) -> list[bool]:
    return [taken < taking.chips for taking, taken in zip(takings, split, strict=True)]


def _best_to_take(takings: Sequence[Taking], split: Sequence[int]) -> int:
    """The first stratum whose next chip lowers the miss least."""
    best = -1
    for h, is_open in enumerate(_open(takings, split)):
        if is_open and (best < 0 or takings[best].step(split[best]).below(takings[h].step(split[h]))):
            best = h
    return best


def _best_to_leave(takings: Sequence[Taking], split: Sequence[int]) -> int:
    """The first stratum whose last chip lowers the miss most."""
    best = -1
    for h, taken in enumerate(split):
        if taken and (best < 0 or takings[h].step(taken - 1).below(takings[best].step(split[best] - 1))):
            best = h
    return best


@lru_cache(SAMPLINGS_KEPT)
def _followed(chips: int, drawn: int, test_miss: Fraction, taken: int) -> tuple[Decimal, Decimal]:
    """Ends of the factor r(d), d chips taken, by the misses' three-term recurrence:

    r(d) = (N - d - d t - n s + d t / r(d - 1)) / (N - d),   r(0) = 1 - n s / N,   s = 1 - t.

    The miss is 2F1(-n, -d; -N; s), whose contiguous relation this is. r falls from 1 and never below t, so
    any earlier r lies between; each step brings the ends nearer, the lower one following from the upper.
    """
    r = rounding(NEAR_DIGITS)
    ends = of(test_miss, r).low, Decimal(1)
    for back in STEPS_BACK:
        start = max(0, taken - back)
        low, high = (of(Fraction(1) - drawn * (1 - test_miss) / chips, r)) if start == 0 else ends
        for d in range(start + 1, taken + 1):
            weight = d * test_miss
            rest = of(abs(chips - d - weight - drawn * (1 - test_miss)), r)
            if chips - d - weight - drawn * (1 - test_miss) < 0:
                rest = negative(rest)
            pull = of(weight, r)
            left = Decimal(chips - d)
            falling = r.down.divide(r.down.add(rest.low, r.down.divide(pull.low, high)), left)
            rising = r.up.divide(r.up.add(rest.high, r.up.divide(pull.high, low)), left)
            low, high = max(ends[0], falling), min(Decimal(1), rising)
        if high - low <= low.scaleb(-NEAR_DIGITS // 2):
            break
    return low, high


@lru_cache(SAMPLINGS_KEPT)
def _ratio(chips: int, drawn: int, test_miss: Fraction, taken: int) -> tuple[Fraction, Fraction]:
    more = Sampling(chips, taken + 1, drawn, 0, test_miss)
    few = Sampling(chips, taken, drawn, 0, test_miss)
    more_low, more_high = _ends(more)
    few_low, few_high = _ends(few)
    return more_low / few_high, min(Fraction(1), more_high / few_low)


def _ends(sampling: Sampling) -> tuple[Fraction, Fraction]:
    if sampling.most == 0:
        return Fraction(1), Fraction(1)
    tail_digits = 2 * STEP_DIGITS
    while True:
        low, high = (Fraction(end) for end in enclose(sampling, STEP_DIGITS, tail_digits))
        if (high - low) * 10 ** (STEP_DIGITS - 2) <= low:
            return low, high
        tail_digits *= 4


def _never(sampling: Sampling) -> bool:
    return sampling.test_miss == 0 and sampling.fewest > 0


def _surely(sampling: Sampling) -> bool:
    return sampling.most == 0 or sampling.test_miss == 1
