"""The laws and tests of counts by their definitions: exact fractions, every outcome, no shortcut."""

from fractions import Fraction
from itertools import product
from math import comb


def slow_binomial(trials, chance):
    """{value: probability}."""
    return {
        x: comb(trials, x) * chance**x * (1 - chance) ** (trials - x)
        for x in range(trials + 1)
        if comb(trials, x) * chance**x * (1 - chance) ** (trials - x)
    }


def slow_error(chips, error):
    """Of what a count falls short, each chip overlooked or not, counted twice or not."""
    each = {}
    for missed, doubled in product((0, 1), repeat=2):
        chance = error.miss if missed else 1 - error.miss
        chance *= error.double if doubled else 1 - error.double
        each[missed - doubled] = each.get(missed - doubled, Fraction(0)) + chance
    law = {0: Fraction(1)}
    for _ in range(chips):
        after = {}
        for (value, weight), (step, chance) in product(law.items(), each.items()):
            after[value + step] = after.get(value + step, Fraction(0)) + weight * chance
        law = after
    return {value: chance for value, chance in law.items() if chance}


def slow_tail(law, value):
    """P(count >= value)."""
    return sum((chance for x, chance in law.items() if x >= value), Fraction(0))


def slow_alarm(laws, ks, critical):
    """P(some S_i >= critical), by walking through every possible series."""
    alarms = Fraction(0)
    for series in product(*(law.items() for law in laws)):
        chance, s, alarmed = Fraction(1), 0, False
        for (value, weight), k in zip(series, ks, strict=True):
            chance *= weight
            s = max(0, s + value - k)
            alarmed = alarmed or s >= critical
        alarms += chance * alarmed
    return alarms


def slow_shared(total, first, second, both):
    """P(two lists of these lengths out of `total` share exactly so many)."""
    if second - both > total - first:
        return Fraction(0)
    return Fraction(comb(first, both) * comb(total - first, second - both), comb(total, second))
