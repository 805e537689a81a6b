"""What do independent trials say about a chance, and how far may a count of them stray from it?

Clopper and Pearson's exact bounds for the chance behind `found` of `trials`, and the band that a count of
trials at a known chance leaves with less than a given probability at either end. Tails are enclosed between
decimals and, where those cannot decide, counted in integers. Wrong parameters raise ValueError naming the
parameter. Knows no chips, frames or draws; samples from a frame have bounds of their own in `verdict`.
"""

from collections.abc import Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from math import comb

from ledger.inspection.plan import check_probability, check_whole
from ledger.inspection.reals import Between, Rounding, of, plus, rounding, times

TRIALS_MAX = 10_000_000
BOUND_TRIALS_MAX = 20_000
"""Bounds sum their tails term by term, for some eighty chances."""
CHANCE_DECIMALS = 12
DECISION_DIGITS = (30, 80)
TAIL_MIN, TAIL_MAX = Fraction(1, 10**30), Fraction(1, 4)
BAND_DIGITS = 60
NEGLIGIBLE = Decimal(1).scaleb(-BAND_DIGITS)
TIE = Decimal(1).scaleb(-40)
COUNTED_TRIALS_MAX = 5_000
"""Above this a tail that equals its bound to 80 digits is taken to be at most the bound."""


def chance_upper(trials: int, found: int, alpha: Fraction) -> Fraction:
    """The chance at which `found` or fewer of `trials` have probability alpha: 12 decimals, half to even."""
    _check(trials, found, alpha)
    if found == trials:
        return Fraction(1)
    return _chance_where(trials, found, alpha)


def chance_lower(trials: int, found: int, alpha: Fraction) -> Fraction:
    """The chance at which `found` or more of `trials` have probability alpha: 12 decimals, half to even."""
    _check(trials, found, alpha)
    # The same bound, seen from the trials in which nothing was found.
    return 1 - chance_upper(trials, trials - found, alpha)


def count_band(trials: int, chance: Fraction, tail: Fraction) -> tuple[int, int]:
    """(low, high): a count below low, and one above high, each has probability less than `tail`.

    The narrowest such band.
    """
    check_whole("trials", trials, 1, TRIALS_MAX)
    check_probability("chance", chance)
    check_probability("tail", tail)
    if not TAIL_MIN <= tail <= TAIL_MAX:
        raise ValueError("tail must lie between 1e-30 and a quarter")
    if chance in (0, 1):
        certain = trials * int(chance)
        return certain, certain
    return _fewest(trials, chance, tail), trials - _fewest(trials, 1 - chance, tail)


def tail_at_most(trials: int, found: int, chance: Fraction, bound: Fraction) -> bool:
    """Whether P(at most `found` of `trials`) <= bound, for 0 < chance < 1 and 0 < bound < 1."""
    if found < 0 or found >= trials:
        return found < 0
    for digits in DECISION_DIGITS:
        tail = _tail(trials, found, chance, rounding(digits + 12))
        if Fraction(tail.high) <= bound:
            return True
        if Fraction(tail.low) > bound:
            return False
    if trials > COUNTED_TRIALS_MAX:
        return True
    yes, no, whole = chance.numerator, chance.denominator - chance.numerator, chance.denominator
    counted = sum(comb(trials, x) * yes**x * no ** (trials - x) for x in range(found + 1))
    within: bool = counted * bound.denominator <= bound.numerator * whole**trials
    return within


def _chance_where(trials: int, found: int, alpha: Fraction) -> Fraction:
    """The root of the falling tail at alpha: its 12 decimals, then which neighbour is nearer."""
    unit = 10**CHANCE_DECIMALS
    below, reached = 0, unit
    while reached - below > 1:
        middle = (below + reached) // 2
        if tail_at_most(trials, found, Fraction(middle, unit), alpha):
            reached = middle
        else:
            below = middle
    half = Fraction(2 * below + 1, 2 * unit)
    if not tail_at_most(trials, found, half, alpha):
        return Fraction(reached, unit)
    at_half = not tail_at_most(trials, found, half, alpha - Fraction(1, 10**60)) and below % 2 == 1
    return Fraction(reached if at_half else below, unit)


def _fewest(trials: int, chance: Fraction, tail: Fraction) -> int:
    """The largest count such that fewer have probability below `tail`."""
    with localcontext(Context(prec=BAND_DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX)):
        no_odds = Decimal(chance.denominator - chance.numerator) / chance.numerator
        mode = int((trials + 1) * chance)
        below = list(_relative(trials, mode, -1, no_odds))  # from the mode downwards
        above = sum(_relative(trials, mode, 1, 1 / no_odds), Decimal(-1))  # the mode itself counts once
        total = sum(below, above)
        # A tie to forty digits counts as reached: the band is then the wider one.
        limit = total * tail.numerator / tail.denominator * (1 - TIE)
        fewer, count = Decimal(0), mode - len(below) + 1
        while below and fewer + below[-1] < limit:
            fewer += below.pop()
            count += 1
    return count


def _relative(trials: int, mode: int, step: int, odds: Decimal) -> Iterator[Decimal]:
    """P(X = x) / P(X = mode) for x from the mode on in steps of 1 or -1, until it is negligible."""
    term, x = Decimal(1), min(mode, trials)
    while term > NEGLIGIBLE and 0 <= x <= trials:
        yield term
        ways = Fraction(x, trials - x + 1) if step < 0 else Fraction(trials - x, x + 1)
        term = term * odds * ways.numerator / ways.denominator
        x += step


def _tail(trials: int, found: int, chance: Fraction, r: Rounding) -> Between:
    term = _none(trials, chance, r)
    total, odds = term, of(chance / (1 - chance), r)
    for x in range(found):
        term = times(term, times(odds, of(Fraction(trials - x, x + 1), r), r), r)
        total = plus(total, term, r)
    return total


def _none(trials: int, chance: Fraction, r: Rounding) -> Between:
    """(1 - chance)^trials by squaring, each product rounded down and up."""
    power, square = of(Fraction(1), r), of(1 - chance, r)
    while trials:
        if trials & 1:
            power = times(power, square, r)
        square = times(square, square, r)
        trials >>= 1
    return power


def _check(trials: int, found: int, alpha: Fraction) -> None:
    check_whole("trials", trials, 1, BOUND_TRIALS_MAX)
    check_whole("found", found, 0, trials)
    check_probability("alpha", alpha)
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie strictly between 0 and 1")
