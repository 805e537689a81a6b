"""Plans over strata hold against every split, cannot be lowered anywhere, and say what they would catch."""

import itertools
from fractions import Fraction
from random import Random

import pytest

from ledger.inspection.allowance import best_evasion, evaded_at_most
from ledger.inspection.evasion import Stratum
from ledger.inspection.plan import Infeasible, miss_probability, presence
from ledger.inspection.strata import (
    Coverage,
    NothingCaught,
    StrataPlan,
    plan_strata,
    smallest_caught,
    smallest_caught_in_strata,
    told,
    within_budget,
)
from tests.inspection.test_evasion import every_split, slow_miss

TWENTIETH = Fraction(1, 20)
WORLDS = 60
HALLS = [Stratum(chips) for chips in (6_000, 3_000, 900, 100)]
FLEET = [Stratum(chips * 1_000) for chips in (6_000, 3_000, 900, 100)]


def worlds(seed):
    dice = Random(seed)
    for _ in range(WORLDS):
        strata = [
            Stratum(
                dice.randint(1, 6),
                dice.choice((Fraction(0), Fraction(0), Fraction(1, 10))),
                dice.choice((Fraction(1), Fraction(1), Fraction(3))),
            )
            for _ in range(dice.randint(1, 3))
        ]
        beta = dice.choice((TWENTIETH, Fraction(1, 4), Fraction(1, 2)))
        yield strata, dice.randint(1, sum(s.chips for s in strata)), beta, dice.choice((0, 0, 1))


def slow_worst(strata, sizes, missing, accept):
    return max(slow_miss(strata, sizes, split, accept) for split in every_split(strata, missing))


def test_plans_hold_against_every_split_cannot_be_lowered_and_are_nearly_always_the_cheapest():
    planned = cheapest = 0
    for strata, missing, beta, accept in worlds(1):
        plan = plan_strata(strata, missing, beta, accept)
        everything = tuple(s.chips for s in strata)
        if isinstance(plan, Infeasible):
            assert slow_worst(strata, everything, missing, accept) > beta
            continue
        assert slow_worst(strata, plan.sizes, missing, accept) <= beta
        assert plan.visits == sum(plan.sizes)
        if accept:
            continue
        for h, size in enumerate(plan.sizes):
            if size:
                lowered = [each - (other == h) for other, each in enumerate(plan.sizes)]
                assert slow_worst(strata, lowered, missing, 0) > beta
        costs = [
            sum(s.cost * n for s, n in zip(strata, sizes, strict=True))
            for sizes in itertools.product(*(range(s.chips + 1) for s in strata))
            if evaded_at_most(strata, sizes, missing, beta)
        ]
        planned += 1
        cheapest += plan.cost == min(costs)
    assert planned > 30
    assert cheapest > planned * 0.9


def test_the_worked_example_needs_295_and_proportional_294_are_not_enough():
    plan = plan_strata(HALLS, 100, TWENTIETH)
    assert plan.visits == 295
    assert plan.evasion.miss == plan.evasion.at_most <= TWENTIETH
    assert presence(10_000, 100, TWENTIETH).n == 294
    assert told(HALLS, (177, 88, 27, 2), 100).evasion.miss > TWENTIETH


def test_one_stratum_is_planned_as_a_frame_is():
    for accept, test_miss in ((0, Fraction(0)), (2, Fraction(0)), (1, Fraction(1, 10))):
        plan = plan_strata([Stratum(5_000, test_miss)], 60, TWENTIETH, accept)
        assert plan.visits == presence(5_000, 60, TWENTIETH, accept, test_miss).n


def test_accepting_one_costs_more_and_holds_against_a_cheat_who_uses_it():
    plan = plan_strata(HALLS, 100, TWENTIETH, 1)
    assert 460 <= plan.visits <= 480
    assert plan.evasion.at_most <= TWENTIETH
    assert not evaded_at_most(HALLS, plan_strata(HALLS, 100, TWENTIETH).sizes, 100, TWENTIETH, 1)


def test_weaker_tests_are_made_up_for_and_useless_ones_are_left_out():
    weak = [Stratum(6_000), Stratum(3_000, Fraction(1, 2))]
    plan = plan_strata(weak, 100, TWENTIETH)
    assert plan.sizes[1] > plan.sizes[0] * 3_000 // 6_000 * 3 // 2
    useless = plan_strata([Stratum(60), Stratum(3, Fraction(1))], 20, TWENTIETH)
    assert useless.sizes[1] == 0
    assert isinstance(plan_strata([Stratum(60), Stratum(30, Fraction(1))], 20, TWENTIETH), Infeasible)


def test_a_dear_stratum_that_cannot_hold_much_is_not_visited():
    plan = plan_strata([Stratum(6_000), Stratum(10, Fraction(0), Fraction(1_000))], 100, TWENTIETH)
    assert plan.sizes[1] == 0
    assert plan.evasion.split[1] == 10  # the cheat takes them all, and it does not help


def test_visits_say_the_fewest_missing_they_catch():
    coverage = smallest_caught(10_000, 400, TWENTIETH)
    assert coverage.missing == 74
    assert miss_probability(10_000, 74, 400) <= TWENTIETH < miss_probability(10_000, 73, 400)
    assert smallest_caught(10_000_000, 400, TWENTIETH).missing == 74_613
    assert smallest_caught(10, 0, TWENTIETH) == NothingCaught(Fraction(1))
    assert smallest_caught(10, 10, TWENTIETH).missing == 1
    halls = smallest_caught_in_strata(HALLS, (240, 120, 36, 4), TWENTIETH)
    assert evaded_at_most(HALLS, (240, 120, 36, 4), halls.missing, TWENTIETH)
    assert not evaded_at_most(HALLS, (240, 120, 36, 4), halls.missing - 1, TWENTIETH)


def test_a_budget_buys_a_plan_that_fits_and_says_what_it_catches():
    for strata, budget in ((HALLS, Fraction(400)), (FLEET, Fraction(400))):
        coverage, plan = within_budget(strata, budget, TWENTIETH)
        assert isinstance(coverage, Coverage)
        assert isinstance(plan, StrataPlan)
        assert plan.cost <= budget
        assert plan.evasion == best_evasion(strata, plan.sizes, coverage.missing)
        assert plan.evasion.miss <= TWENTIETH
        frame = sum(stratum.chips for stratum in strata)
        # Strata cost the verifier a little: never less than a plain sample of the same size would catch.
        assert smallest_caught(frame, 400, TWENTIETH).missing <= coverage.missing
        assert coverage.missing <= smallest_caught(frame, 396, TWENTIETH).missing
    dear = [Stratum(100, Fraction(0), Fraction(10))]
    assert within_budget(dear, Fraction(9), TWENTIETH) == NothingCaught(Fraction(1))
    coverage, plan = within_budget(dear, Fraction(10), TWENTIETH)
    assert (coverage.missing, plan.sizes) == (95, (1,))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("missing", lambda: plan_strata(HALLS, 10_001, TWENTIETH)),
        ("beta", lambda: plan_strata(HALLS, 10, 0.05)),
        ("accept", lambda: plan_strata(HALLS, 10, TWENTIETH, -1)),
        ("budget", lambda: within_budget(HALLS, 400, TWENTIETH)),
        ("n", lambda: smallest_caught(10, 11, TWENTIETH)),
        ("sizes", lambda: smallest_caught_in_strata(HALLS, (1, 2), TWENTIETH)),
    ],
)
def test_a_wrong_parameter_is_named(name, call):
    with pytest.raises(ValueError, match=f"^{name} "):
        call()
