"""Plans for ten million chips take under a second of work, and are decided on exact values all the same."""

from fractions import Fraction
from math import isclose, log
from random import Random

import pytest

from ledger.inspection.allowance import best_evasion, evaded_at_most
from ledger.inspection.evasion import Stratum, product, unseen, unseen_split
from ledger.inspection.guess import Guess, log_of
from ledger.inspection.stages import plan_stages
from ledger.inspection.strata import plan_strata, smallest_caught_in_strata, within_budget
from tests.yardstick import in_time

TWENTIETH = Fraction(1, 20)
HALLS = [Stratum(chips * 1000) for chips in (6_000, 3_000, 900, 100)]
CLASSES = [Stratum(h.chips, Fraction(miss, 100)) for h, miss in zip(HALLS, (5, 10, 25, 0), strict=True)]


def many(tests):
    """64 strata of ten million chips in all, of sizes drawn with a fixed seed."""
    dice = Random(5)
    shares = [dice.randint(1, 1000) for _ in range(64)]
    chips = [10**7 * share // sum(shares) for share in shares]
    chips[0] += 10**7 - sum(chips)
    return [Stratum(each, dice.choice(tests)) for each in chips]


PERFECT = many([Fraction(0)])
WEAK = many([Fraction(0), Fraction(1, 10), Fraction(1, 4)])
QUESTIONS = {
    "four halls": lambda: plan_strata(HALLS, 100_000, TWENTIETH),
    "four classes": lambda: plan_strata(CLASSES, 10_000, TWENTIETH),
    "64 strata": lambda: plan_strata(PERFECT, 10_000, TWENTIETH),
    "64 strata, weak tests": lambda: plan_strata(WEAK, 10_000, TWENTIETH),
    "one accepted": lambda: plan_strata(HALLS, 100_000, TWENTIETH, 1),
    "ten accepted of 64 strata": lambda: plan_strata(WEAK, 100_000, TWENTIETH, 10),
    "a budget": lambda: within_budget(CLASSES, Fraction(400), TWENTIETH),
    "a budget for 64 strata": lambda: within_budget(PERFECT, Fraction(4_000), TWENTIETH),
    "what 20 each would catch": lambda: smallest_caught_in_strata(PERFECT, (20,) * 64, TWENTIETH),
    "what a cheat would do": lambda: best_evasion(WEAK, (20,) * 64, 100_000, 20),
    "three stages": lambda: plan_stages(10**7, 100_000, TWENTIETH, [(0, 9), (2, 9), (8, 9)]),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_ten_million_chips_are_planned_for_in_a_second(name):
    in_time(QUESTIONS[name], 1)


@pytest.mark.parametrize(("strata", "missing"), [(PERFECT, 10_000), (WEAK, 10_000), (CLASSES, 100_000)])
def test_a_plan_sought_by_estimates_is_enough_and_cannot_be_lowered(strata, missing):
    sizes = plan_strata(strata, missing, TWENTIETH).sizes
    assert evaded_at_most(strata, sizes, missing, TWENTIETH)
    for h in range(0, len(strata), 5):
        if sizes[h]:
            lowered = (*sizes[:h], sizes[h] - 1, *sizes[h + 1 :])
            assert not evaded_at_most(strata, lowered, missing, TWENTIETH)


def test_an_estimate_is_near_what_is_worked_out():
    dice, ran = Random(8), 0
    for _ in range(60):
        strata = [
            Stratum(dice.randint(500, 50_000), dice.choice((Fraction(0), Fraction(1, 10)))) for _ in "abc"
        ]
        sizes = [dice.randint(0, stratum.chips // 50) for stratum in strata]
        missing = dice.randint(0, sum(stratum.chips for stratum in strata) // 100)
        exact = product(unseen(strata, sizes, unseen_split(strata, sizes, missing)))
        guess = Guess([s.chips for s in strata], [float(s.test_miss) for s in strata])
        assert isclose(guess.log_miss(sizes, missing), log(exact), rel_tol=1e-4, abs_tol=1e-4)
        ran += 1
    assert ran == 60
    assert log_of(0) < log_of(1) == 0
