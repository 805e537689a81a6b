"""Above which total is what was observed too unlikely, however the missing chips lie over the strata?

A proved answer for any strata at little work. What a hypergeometric draw shows is distributed as a sum of
independent trials (Vatutin and Mikhailov, 1982), and so is what a test that misses finds of it; so is the sum
over strata. Of all such sums with m trials and mean mu, P(sum <= c) is largest, for c <= mu - 1, where the
trials are alike (Hoeffding, 1956, theorem 4): the binomial tail B(c; m, mu / m). Chips missing where the
fewest are found keep mu lowest. So no split of a total is likelier to show at most c than that tail, which
only falls as the total grows.

Whole numbers decide, and decimals whose errors are accounted for on the side of a larger bound. Work is
counted, not timed: long tails are bounded by Hoeffding's exponential, which is a little coarser. Knows no
chips, findings or plans.
"""

from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

WALK_STEPS_MAX = 10_000
DIGITS = 40
GUARD = Decimal(1).scaleb(-24)
"""Ten thousand rounded steps of four operations cost fewer than six of forty digits; this leaves ten."""
NEGLIGIBLE = Decimal(1).scaleb(-30)


class Looked(NamedTuple):
    """A stratum: chips there are, chips drawn, how often the test overlooks a missing one that was drawn."""

    chips: int
    drawn: int
    test_miss: Fraction

    @property
    def rate(self) -> Fraction:
        """How likely it is that a chip missing here is found."""
        return self.drawn * (1 - self.test_miss) / self.chips


def ceiling(strata: Sequence[Looked], observed: int, alpha: Fraction) -> int:
    """A total that the true bound never exceeds; each stratum has chips, and 0 < alpha < 1."""
    ordered = sorted(strata, key=lambda stratum: (stratum.rate, stratum))
    trials = sum(stratum.drawn for stratum in ordered if stratum.rate)
    possible, ruled_out = -1, sum(stratum.chips for stratum in ordered) + 1
    while ruled_out - possible > 1:
        total = (possible + ruled_out) // 2
        if _surely_at_most(min(trials, total), fewest_found(ordered, total), observed, alpha):
            ruled_out = total
        else:
            possible = total
    return possible


def surely_within(strata: Sequence[Looked], total: int, observed: int, alpha: Fraction) -> bool:
    """Whether it is proved that no split of `total` shows at most `observed` with more than alpha > 0."""
    if alpha >= 1:
        return True
    seen = [stratum for stratum in strata if stratum.chips]
    ordered = sorted(seen, key=lambda stratum: (stratum.rate, stratum))
    trials = sum(stratum.drawn for stratum in ordered if stratum.rate)
    return _surely_at_most(min(trials, total), fewest_found(ordered, total), observed, alpha)


def chance_within(strata: Sequence[Looked], total: int, observed: int) -> Fraction:
    """A chance that no split of `total` exceeds of showing at most `observed`, the least proved here."""
    seen = [stratum for stratum in strata if stratum.chips]
    ordered = sorted(seen, key=lambda stratum: (stratum.rate, stratum))
    trials = min(sum(stratum.drawn for stratum in ordered if stratum.rate), total)
    mean = fewest_found(ordered, total)
    if mean < observed + 1 or observed >= trials:
        return Fraction(1)
    if mean == trials:
        return Fraction(0)
    with localcontext(Context(prec=DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX)):
        share = _share(trials, mean, observed)
        if share is None:
            share = _exponent(trials, mean, observed).exp() * (1 + GUARD)
        return min(Fraction(1), Fraction(share))


def fewest_found(ordered: Sequence[Looked], total: int) -> Fraction:
    """How many of `total` missing chips are found on average where they lie best; strata by rising rate."""
    mean, left = Fraction(0), total
    for stratum in ordered:
        taken = min(left, stratum.chips)
        mean += taken * stratum.rate
        left -= taken
    return mean


def _surely_at_most(trials: int, mean: Fraction, observed: int, alpha: Fraction) -> bool:
    """Whether P(at most `observed` of the trials) <= alpha is proved, for trials alike with that mean."""
    if mean < observed + 1:
        return False
    if observed >= trials:
        return False
    with localcontext(Context(prec=DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX)):
        if _by_exponential(trials, mean, observed, alpha):
            return True
        return _by_terms(trials, mean, observed, alpha)


def _by_exponential(trials: int, mean: Fraction, observed: int, alpha: Fraction) -> bool:
    if mean == trials:
        return True  # every trial finds, and more than were observed
    return _exponent(trials, mean, observed) <= _log(alpha) * (1 + GUARD)


def _exponent(trials: int, mean: Fraction, observed: int) -> Decimal:
    """P <= (mean / c)^c ((m - mean) / (m - c))^(m - c) for c observed below the mean of m trials: its log."""
    less = _log((trials - mean) / (trials - observed)) * (trials - observed)
    more = _log(mean / observed) * observed if observed else Decimal(0)
    # Both logarithms are right to forty digits; their sum cancels at most as many as `trials` has.
    return more + less + GUARD * (abs(less) + abs(more) + 1)


def _log(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).ln()


def _by_terms(trials: int, mean: Fraction, observed: int, alpha: Fraction) -> bool:
    share = _share(trials, mean, observed)
    return share is not None and share * alpha.denominator <= alpha.numerator


def _share(trials: int, mean: Fraction, observed: int) -> Decimal | None:
    """The tail as a share of all terms, each relative to that at `observed`, rounded up; None if too long."""
    chance = mean / trials
    spread = isqrt(int(mean * (1 - chance))) + 1
    if mean - observed + 24 * spread > WALK_STEPS_MAX:
        return None
    odds = chance / (1 - chance)
    up = Decimal(odds.numerator) / odds.denominator
    below = term = Decimal(1)
    for x in range(observed, 0, -1):
        ratio = x / ((trials - x + 1) * up)
        if term < NEGLIGIBLE:
            below += term * ratio / (1 - ratio)  # further ratios are smaller still
            break
        term *= ratio
        below += term
    above, term = Decimal(0), Decimal(1)
    for x in range(observed, trials):
        ratio = (trials - x) * up / (x + 1)
        if ratio < 1 and term < above * NEGLIGIBLE:
            break  # leaving out the rest makes the share larger, which is the careful side
        term *= ratio
        above += term
    return below / (below + above) * (1 + GUARD)
