"""The cheat's best split agrees with trying them all; what bounds it is never too low."""

import itertools
from fractions import Fraction
from math import comb, prod
from random import Random

import pytest

from ledger.inspection.allowance import adaptive_ceiling, best_evasion, evaded_at_most, split_miss
from ledger.inspection.evasion import Stratum, product, product_at_most, unseen, unseen_split

TWENTIETH = Fraction(1, 20)
TESTS = (Fraction(0), Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(1))
WORLDS = 500
UNIT = Fraction(1, 2**150)


def slow_miss(strata, sizes, split, accept):
    """P(at most accept found) by convolving what each stratum may yield."""
    chances = {0: Fraction(1)}
    for stratum, n, d in zip(strata, sizes, split, strict=True):
        after = {}
        for x in range(max(0, n + d - stratum.chips), min(n, d) + 1):
            drawn = Fraction(comb(d, x) * comb(stratum.chips - d, n - x), comb(stratum.chips, n))
            for y in range(x + 1):
                seen = comb(x, y) * (1 - stratum.test_miss) ** y * stratum.test_miss ** (x - y)
                for found, chance in chances.items():
                    after[found + y] = after.get(found + y, 0) + chance * drawn * seen
        chances = after
    return sum(chance for found, chance in chances.items() if found <= accept)


def every_split(strata, missing):
    ranges = [range(stratum.chips + 1) for stratum in strata]
    return [split for split in itertools.product(*ranges) if sum(split) == missing]


def worlds(seed, most_strata, most_chips):
    dice = Random(seed)
    for _ in range(WORLDS):
        strata = [
            Stratum(dice.randint(1, most_chips), dice.choice(TESTS))
            for _ in range(dice.randint(1, most_strata))
        ]
        sizes = [dice.randint(0, stratum.chips) for stratum in strata]
        yield strata, sizes, dice.randint(0, sum(stratum.chips for stratum in strata)), dice


def test_with_none_acceptable_the_best_split_is_the_best_of_all():
    ran = 0
    for strata, sizes, missing, _ in worlds(1, 3, 7):
        best = max(slow_miss(strata, sizes, split, 0) for split in every_split(strata, missing))
        evasion = best_evasion(strata, sizes, missing)
        assert sum(evasion.split) == missing
        assert slow_miss(strata, sizes, evasion.split, 0) == evasion.miss == evasion.at_most == best
        for bound in {best, max(Fraction(0), best - Fraction(1, 10**60))}:
            assert evaded_at_most(strata, sizes, missing, bound) == (best <= bound)
        ran += 1
    assert ran == WORLDS


def test_with_some_acceptable_the_best_split_is_the_best_of_all():
    ran = 0
    for strata, sizes, missing, dice in worlds(2, 4, 4):
        accept = dice.randint(1, 3)
        best = max(slow_miss(strata, sizes, split, accept) for split in every_split(strata, missing))
        evasion = best_evasion(strata, sizes, missing, accept)
        assert abs(slow_miss(strata, sizes, evasion.split, accept) - evasion.miss) < UNIT
        assert abs(evasion.miss - best) < UNIT
        assert split_miss(strata, sizes, evasion.split, accept) == evasion.miss
        assert evasion.at_most >= best
        block = dice.randint(1, 4)
        assert adaptive_ceiling(strata, sizes, missing, accept, block) >= best
        ran += 1
    assert ran == WORLDS


def test_large_frames_are_bounded_closely_and_never_below_what_a_split_achieves():
    strata = [Stratum(chips) for chips in (6_000, 3_000, 900, 100)]
    for accept, sizes in ((1, (300, 150, 45, 5)), (3, (500, 250, 75, 9))):
        evasion = best_evasion(strata, sizes, 100, accept)
        assert evasion.miss <= evasion.at_most <= evasion.miss * Fraction(103, 100)
        assert slow_miss(strata, sizes, evasion.split, accept) == pytest.approx(
            float(evasion.miss), rel=1e-12
        )
        assert not evaded_at_most(strata, sizes, 100, evasion.miss * Fraction(99, 100), accept)
        assert evaded_at_most(strata, sizes, 100, evasion.at_most, accept)


def test_the_worked_example_holds():
    strata = [Stratum(chips) for chips in (6_000, 3_000, 900, 100)]
    proportional = best_evasion(strata, (177, 88, 27, 2), 100)
    assert f"{float(proportional.miss):.4f}" == "0.0599"
    assert not evaded_at_most(strata, (177, 88, 27, 2), 100, TWENTIETH)
    one_more = best_evasion(strata, (177, 88, 27, 3), 100)
    assert f"{float(one_more.miss):.4f}" == "0.0496"
    assert evaded_at_most(strata, (177, 88, 27, 3), 100, TWENTIETH)


def test_no_chip_is_better_taken_elsewhere_in_frames_of_ten_million():
    """Optimality without trying all: with log-concave factors, no better neighbour is no better at all."""
    for tests in ((0, 0, 0, 0), (Fraction(1, 10), 0, Fraction(1, 5), Fraction(1, 10))):
        strata = [
            Stratum(chips, Fraction(test))
            for chips, test in zip((6_000_000, 3_000_000, 900_000, 100_000), tests, strict=True)
        ]
        sizes = (1800, 880, 300, 36)
        split = unseen_split(strata, sizes, 40_000)
        here = unseen(strata, sizes, split)
        for a, b in itertools.permutations(range(4), 2):
            if split[a] and split[b] < strata[b].chips:
                moved = list(split)
                moved[a] -= 1
                moved[b] += 1
                there = unseen(strata, sizes, moved)
                pair = [prod(map(Fraction, map(product, ([s[a]], [s[b]])))) for s in (here, there)]
                assert pair[1] <= pair[0], (split, a, b)


def test_a_bound_at_the_very_product_is_decided_by_counting():
    strata = [Stratum(400), Stratum(300, Fraction(1, 10))]
    samplings = unseen(strata, (40, 30), (20, 15))
    exact = product(samplings)
    assert product_at_most(samplings, exact)
    assert not product_at_most(samplings, exact - exact / 10**60)


def test_even_and_whole_splits_are_not_the_best():
    """The negative control: guesses a planner might make in place of a search are beaten."""
    strata = [Stratum(chips) for chips in (6_000, 3_000, 900, 100)]
    sizes = (177, 88, 27, 2)
    best = best_evasion(strata, sizes, 100).miss
    for guess in ((25, 25, 25, 25), (60, 30, 9, 1), (100, 0, 0, 0), (0, 0, 0, 100)):
        assert split_miss(strata, sizes, guess) < best


def test_what_is_accepted_can_cover_a_whole_stratum():
    strata = [Stratum(100), Stratum(1000)]
    evasion = best_evasion(strata, (2, 100), 100, 2)
    assert evasion.split == (100, 0)
    assert evasion.miss == 1
    assert split_miss(strata, (2, 100), unseen_split(strata, (2, 100), 100), 0) < 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("strata", ([], (), 0)),
        ("chips", ([Stratum(-1)], (0,), 0)),
        ("test_miss", ([Stratum(5, 0.5)], (0,), 0)),
        ("cost", ([Stratum(5, Fraction(0), 1.5)], (0,), 0)),
        ("sizes", ([Stratum(5)], (6,), 0)),
        ("sizes", ([Stratum(5)], (1, 1), 0)),
        ("missing", ([Stratum(5)], (1,), 6)),
        ("frame", ([Stratum(0)], (0,), 0)),
        ("accept", ([Stratum(5)], (1,), 1, -1)),
    ],
)
def test_a_wrong_parameter_is_named(name, arguments):
    with pytest.raises(ValueError, match=f"^{name} "):
        best_evasion(*arguments)
