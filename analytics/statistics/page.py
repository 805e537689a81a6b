"""Do small losses add up to more than chance would let them?

Page's one-sided cumulative sum (E. S. Page, Continuous inspection schemes, Biometrika 41, 1954): of
independent counts x_1, x_2, ... with known laws,

    S_0 = 0,   S_i = max(0, S_{i-1} + x_i - k_i),   alarm at the first S_i >= h.

k_i is what is expected of x_i and half the shift that should be noticed soon, carried so that the k_i are
whole and their sums never lag by a whole chip; a shift of 0 leaves nothing unnoticed for long and fits counts
without errors. The critical h is the smallest whose chance of any alarm in
the whole series, with nothing lost, is at most alpha. That chance is computed, not simulated: S is a Markov
chain on whole numbers, and its table below h is moved from count to count. Probabilities are right to 30
decimals. Wrong parameters raise ValueError naming the parameter. Knows no chips, parties or periods.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

from analytics.statistics.laws import UNIT, Law, check_alpha, convolved, rounded, told

COUNTS_MAX = 1_000
VALUES_MAX = 200_000
"""Values that the errors of all counts may take together: a series of so many is tested in ten seconds."""
STATES_MAX = 4_000
"""A series whose critical value would be larger is refused: it is too noisy for its shift."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """`references` are the k_i, `critical` is h, `false_alarm` its exact chance of an alarm by chance."""

    references: tuple[int, ...]
    critical: int
    false_alarm: Fraction


def references(expected: Sequence[Fraction], shift: int) -> tuple[int, ...]:
    """k_i: whole numbers whose sums are those of expected_i + shift / 2, rounded down."""
    sums = [Fraction(0)]
    for mean in expected:
        sums.append(sums[-1] + mean + Fraction(shift, 2))
    return tuple(floor(after) - floor(before) for before, after in pairwise(sums))


def statistics(values: Sequence[int], ks: Sequence[int]) -> tuple[int, ...]:
    """S_1, S_2, ... of what was counted."""
    found, s = [], 0
    for value, k in zip(values, ks, strict=True):
        s = max(0, s + value - k)
        found.append(s)
    return tuple(found)


def alarm_chance(
    laws: Sequence[Law], ks: Sequence[int], critical: int, enough: Fraction = Fraction(1)
) -> Fraction:
    """P(some S_i >= critical) under these laws, to 30 decimals; the count ends once it is above `enough`."""
    below: tuple[int, ...] = (UNIT,)
    lost = 0
    for law, k in zip(laws, ks, strict=True):
        moved = convolved(below, law.weights)
        begin = law.first - k  # the value of S that the first of `moved` stands for
        staying = max(0, 1 - begin)
        kept = [sum(moved[:staying])]
        kept += [0] * max(0, begin - 1) + moved[staying:]
        lost += sum(kept[critical:])
        del kept[critical:]
        while len(kept) > 1 and kept[-1] == 0:
            kept.pop()
        below = tuple(kept)
        if told(lost) > enough:
            break
    return told(lost)


def designed(laws: Sequence[Law], expected: Sequence[Fraction], shift: int, alpha: Fraction) -> Scheme:
    """The scheme for a series with these laws when nothing is lost, `expected` their means."""
    check_alpha(alpha)
    if not 1 <= len(laws) <= COUNTS_MAX:
        raise ValueError(f"counts must be from 1 to {COUNTS_MAX}")
    if sum(len(law.weights) for law in laws) > VALUES_MAX:
        raise ValueError("counts are too many for errors so large: ask about fewer")
    ks = references(expected, shift)
    limit = rounded(alpha)
    short, enough = 0, 1  # S >= 0 always: an alarm at 0 is certain
    while alarm_chance(laws, ks, enough, limit) > limit:
        short, enough = enough, 2 * enough
        if enough > STATES_MAX:
            raise ValueError("shift is too small beside the errors of so many counts")
    while enough - short > 1:
        middle = (short + enough) // 2
        if alarm_chance(laws, ks, middle, limit) > limit:
            short = middle
        else:
            enough = middle
    return Scheme(ks, enough, alarm_chance(laws, ks, enough))
