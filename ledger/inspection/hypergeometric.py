"""How likely is it that a sample from a frame with missing chips finds too few of them?

X, the missing chips among those drawn, is hypergeometric; a test overlooks each of them independently with
probability `test_miss`; the sample misses when at most `accept` are found:

    miss = sum over x of P(X = x) * P(Binomial(x, 1 - test_miss) <= accept).

Promises: `at_most` decides `miss <= bound` exactly, equality included. It first encloses the miss between
two decimals whose errors are accounted for, and where the bound lies between them it counts in integers. No
binary floating point anywhere. Knows no planner, draw or verdict.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction

FRAME_CHIPS_MAX = 100_000_000
"""The error account below allows for the number of steps that frames up to this size can take."""

EXACT_SUPPORT_MAX = 1_000
"""Possible values of X up to which `probability` is given as the exact fraction, not to 50 digits."""

PROBABILITY_DIGITS = 50
DECISION_DIGITS = (12, PROBABILITY_DIGITS, 400)
"""Digits beyond the bound itself that are tried before the exact count; nearly always the first suffices."""

COUNT_WORK_MAX = 50_000_000
"""Words of whole numbers that a count may pass over, well under a second. What agrees with its bound to 400
digits and is too large to count is taken to be above it: the careful side of a plan and of a verdict."""

GUARD_DIGITS = 12
"""A walk takes under 10^8 rounded steps and powers under 10^8: together they cost fewer digits than this."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """`drawn` chips out of a frame of `frame` with `missing` gone; `accept` found are still acceptable.

    The caller has checked: missing, drawn <= frame <= FRAME_CHIPS_MAX, nothing negative, 0 <= test_miss <= 1.
    """

    frame: int
    missing: int
    drawn: int
    accept: int
    test_miss: Fraction

    @property
    def fewest(self) -> int:
        """Missing chips that the sample cannot help drawing."""
        return max(0, self.drawn + self.missing - self.frame)

    @property
    def most(self) -> int:
        """Missing chips that the sample can draw at most."""
        return min(self.drawn, self.missing)


def at_most(sampling: Sampling, bound: Fraction) -> bool:
    """Whether miss <= bound, decided exactly for 0 <= bound <= 1 but for the ties of COUNT_WORK_MAX."""
    certain = _certain(sampling)
    if certain is not None:
        return certain <= bound
    if bound == 0:
        return False
    # -log10(bound), rounded up generously: 1 bit is under 0.302 digits.
    magnitude = max(0, bound.denominator.bit_length() - bound.numerator.bit_length() + 1) * 302 // 1000 + 1
    for digits in DECISION_DIGITS:
        low, high = enclose(sampling, digits, magnitude + digits)
        # Far below the bound a fraction could have millions of digits; 10^-magnitude never exceeds the bound.
        if high < Decimal(1).scaleb(-magnitude) or Fraction(high) <= bound:
            return True
        if Fraction(low) > bound:
            return False
    return count_work(sampling) <= COUNT_WORK_MAX and count(sampling) <= bound


def probability(sampling: Sampling) -> Fraction:
    """The miss: exact where X has at most EXACT_SUPPORT_MAX values, otherwise to 50 significant digits.

    A decision at a threshold belongs to `at_most`, which is exact for every size.
    """
    certain = _certain(sampling)
    if certain is not None:
        return certain
    largest_power = sampling.most if sampling.test_miss else 0
    if max(sampling.most - sampling.fewest, largest_power) <= EXACT_SUPPORT_MAX:
        return count(sampling)
    tail_digits = 2 * PROBABILITY_DIGITS
    while True:
        low, high = (Fraction(side) for side in enclose(sampling, PROBABILITY_DIGITS + 2, tail_digits))
        if (high - low) * 10**PROBABILITY_DIGITS <= low:
            return (low + high) / 2
        tail_digits *= 4  # the tails left out weigh too much beside a very small miss: leave out less


def count(sampling: Sampling) -> Fraction:
    """The miss probability by integer counting, at any size; time grows with the square of the support."""
    size, picked, x, step = _smallest_side(sampling)
    ways = math.comb(sampling.frame - picked, size)
    weights = _whole_weights(sampling)
    missed = 0
    for z in range(size + 1):
        missed += ways * weights[x - sampling.fewest]
        x += step
        ways = ways * (picked - z) * (size - z) // ((z + 1) * (sampling.frame - picked - size + z + 1))
    return Fraction(missed, math.comb(sampling.frame, size) * sampling.test_miss.denominator**sampling.most)


def count_work(sampling: Sampling) -> int:
    """How many words of 64 bits `count` passes over, about."""
    size = _smallest_side(sampling)[0]
    words = 1 + size * max(1, (sampling.frame // max(1, size)).bit_length() + 1) // 64
    weighing = sampling.most * (1 + sampling.most * sampling.test_miss.denominator.bit_length() // 64)
    return (size + 1) * words + (weighing if sampling.test_miss else 0)


def enclose(sampling: Sampling, digits: int, tail_digits: int) -> tuple[Decimal, Decimal]:
    """(low, high) around the miss: rounding is under 10^-digits of it, terms under 10^-tail_digits bounded.

    Terms are relative to the most likely one and divided by their own sum, so that no factorial is needed.
    """
    traps = [InvalidOperation, DivisionByZero, Overflow]
    with localcontext(Context(prec=digits + GUARD_DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=traps)):
        first, terms, left_out = _likely_terms(sampling, Decimal(1).scaleb(-tail_digits))
        total = sum(terms)
        missed = _missed_share(sampling, first, terms)
        rounding = Decimal(1).scaleb(-digits)
        return missed / (total + left_out) * (1 - rounding), (missed + left_out) / total * (1 + rounding)


def _certain(sampling: Sampling) -> Fraction | None:
    if sampling.most <= sampling.accept or sampling.test_miss == 1:
        return Fraction(1)
    if sampling.test_miss == 0 and sampling.fewest > sampling.accept:
        return Fraction(0)
    if sampling.test_miss == 0 and _is_even(sampling):
        return Fraction(1, 2)
    return None


def _is_even(sampling: Sampling) -> bool:
    """Whether what is found and what is not are alike, and one of them is above `accept`: a coin's toss."""
    halves = (sampling.drawn, sampling.missing), (sampling.missing, sampling.drawn)
    middle = 2 * sampling.accept + 1
    return any(2 * half == sampling.frame and other == middle for half, other in halves)


def _likely_terms(sampling: Sampling, negligible: Decimal) -> tuple[int, list[Decimal], Decimal]:
    """(first x, P(X = x) from there on relative to the most likely, bound on the sum of those left out)."""
    mode = (sampling.drawn + 1) * (sampling.missing + 1) // (sampling.frame + 2)
    mode = min(max(mode, sampling.fewest), sampling.most)
    left_out = Decimal(0)
    below: list[Decimal] = []
    for step, terms in ((-1, below), (1, above := [Decimal(1)])):
        term = Decimal(1)
        for up, down in _ratios(sampling, mode, step):
            # Ratios fall away from the mode, so what follows is less than a geometric series.
            if term < negligible:
                left_out += term * up / (down - up)
                break
            term = term * up / down
            terms.append(term)
    return mode - len(below), below[::-1] + above, left_out


def _ratios(sampling: Sampling, start: int, step: int) -> Iterator[tuple[int, int]]:
    """(numerator, denominator) of P(X = x + step) / P(X = x) for x from start to the end of the support."""
    drawn, missing = sampling.drawn, sampling.missing
    spare = sampling.frame - drawn - missing
    if step > 0:
        for x in range(start, sampling.most):
            yield (missing - x) * (drawn - x), (x + 1) * (spare + x + 1)
    else:
        for x in range(start, sampling.fewest, -1):
            yield x * (spare + x), (missing - x + 1) * (drawn - x + 1)


def _missed_share(sampling: Sampling, first: int, terms: list[Decimal]) -> Decimal:
    """The terms, each weighted by the chance that at most `accept` of x are found; inside a context."""
    accept = sampling.accept
    missed = sum(terms[: max(0, accept + 1 - first)], Decimal(0))
    last = first + len(terms) - 1
    if sampling.test_miss == 0 or last <= accept:
        return missed
    overlook = Decimal(sampling.test_miss.numerator) / sampling.test_miss.denominator
    find = 1 - sampling.test_miss
    find_each = Decimal(find.numerator) / find.denominator
    cumulative, exactly = _found_at_most(last, accept, overlook, find_each)
    # Downwards the cumulative chance only grows by positive amounts: nothing cancels.
    for x in range(last, max(first, accept + 1) - 1, -1):
        missed += terms[x - first] * cumulative
        exactly = exactly * (x - accept) / (x * overlook)
        cumulative += find_each * exactly
    return missed


def _found_at_most(
    tested: int, accept: int, overlook: Decimal, find_each: Decimal
) -> tuple[Decimal, Decimal]:
    """P(at most accept found) and P(exactly accept found) of `tested` > accept missing chips."""
    ways = math.comb(tested, accept)
    excess_bits = max(0, ways.bit_length() - 512)  # far more than the digits in use
    exactly = Decimal(ways >> excess_bits) * Decimal(2) ** excess_bits
    exactly *= find_each**accept * overlook ** (tested - accept)
    cumulative = term = exactly
    negligible = Decimal(1).scaleb(-2 * PROBABILITY_DIGITS)
    for found in range(accept, 0, -1):
        term *= found * overlook / ((tested - found + 1) * find_each)
        cumulative += term
        # A term this small is past the peak, and the fewer than `accept` that follow are smaller still.
        if term < cumulative * negligible:
            break
    return cumulative, exactly


def _smallest_side(sampling: Sampling) -> tuple[int, int, int, int]:
    """(size, picked, x at z = 0, step of x with z); z counts what a set of `size` and one of `picked` share.

    The law is the same seen from drawn or left chips, missing or present ones: the smallest set has the
    least to count.
    """
    frame, missing, drawn = sampling.frame, sampling.missing, sampling.drawn
    return min(
        (missing, drawn, 0, 1),
        (drawn, missing, 0, 1),
        (frame - missing, drawn, drawn, -1),
        (frame - drawn, missing, missing, -1),
    )


def _whole_weights(sampling: Sampling) -> list[int]:
    """P(at most accept of x found) * denominator^most, a whole number, for x from fewest to most."""
    accept, most = sampling.accept, sampling.most
    whole, overlook = sampling.test_miss.denominator, sampling.test_miss.numerator
    if overlook == 0:
        return [int(x <= accept) for x in range(sampling.fewest, most + 1)]
    find = whole - overlook
    weights = [whole**most for _ in range(sampling.fewest, min(accept, most) + 1)]
    cumulative = whole**accept
    exactly = find**accept  # comb(x, accept) * find^accept * overlook^(x - accept)
    for x in range(accept + 1, most + 1):
        cumulative = cumulative * whole - find * exactly
        exactly = exactly * x * overlook // (x - accept)
        if x >= sampling.fewest:
            weights.append(cumulative * whole ** (most - x))
    return weights
