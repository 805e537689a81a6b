"""The exact chances of cheats, against every draw that there can be."""

from fractions import Fraction
from itertools import combinations, product

import pytest

from api.cli.redteam.floors import Floor, floor_of, lending_chance
from api.cli.redteam.target import Target, clean_chance, even_split, single, without, worst
from api.cli.redteam.worlds import verdict
from ledger.inspection.evasion import Stratum
from ledger.inspection.stages import Stage
from tests.redteam.plans import target

BETA = Fraction(1, 20)


def staged(chips, missing, *stages):
    return Target(("all",), (Stratum(chips),), stages, missing, BETA, 0)


def slow_verdict(stages, drawn, gone, word):
    """The stopping rules as the specification words them."""
    seen, last = set(), len(stages) - 1
    for place, (stage, selection) in enumerate(zip(stages, drawn, strict=True)):
        seen |= set(selection)
        amiss = len(seen & gone)
        accused = 0 if word == "inconclusive" else amiss
        if accused > stage.accept if place == last else accused >= stage.reject:
            return "violations"
        if amiss <= stage.accept:
            return "clean"
    return "inconclusive"


PLANS = [
    (7, 3, (Stage((3,), 0, 1),)),
    (7, 3, (Stage((4,), 1, 2),)),
    (6, 3, (Stage((2,), 0, 2), Stage((3,), 1, 2))),
    (6, 4, (Stage((2,), 0, 3), Stage((3,), 2, 3))),
    (6, 2, (Stage((1,), 0, 1), Stage((4,), 0, 1))),
]


def every_draw(chips, stages):
    names = [f"acme:S{n}" for n in range(chips)]
    return list(product(*(list(combinations(names, stage.sizes[0])) for stage in stages)))


@pytest.mark.parametrize("word", ["not_found", "inconclusive"])
@pytest.mark.parametrize(("chips", "missing", "stages"), PLANS)
def test_verdicts_and_chances_are_those_of_every_draw(chips, missing, stages, word):
    gone = {f"acme:S{n}" for n in range(missing)}
    draws = every_draw(chips, stages)
    words = [verdict(stages, drawn, gone, lambda _: word) for drawn in draws]
    assert words == [slow_verdict(stages, drawn, gone, word) for drawn in draws]
    chance = clean_chance(staged(chips, missing, *stages), (missing,))
    assert abs(chance - Fraction(words.count("clean"), len(draws))) < Fraction(1, 2**150)


@pytest.mark.parametrize("budget", [1, 2])
@pytest.mark.parametrize(("chips", "missing", "stages"), PLANS)
def test_what_is_fetched_back_counts_as_if_more_were_acceptable(chips, missing, stages, budget):
    gone, clean, draws = {f"acme:S{n}" for n in range(missing)}, 0, every_draw(chips, stages)
    for drawn in draws:
        fetched = set()

        def shown(chip, fetched=fetched):
            if chip in fetched or len(fetched) < budget:
                fetched.add(chip)
                return "confirmed"
            return "not_found"

        clean += verdict(stages, drawn, gone, shown) == "clean"
    chance = clean_chance(staged(chips, missing, *stages), (missing,), tested=False, spare=budget)
    assert abs(chance - Fraction(clean, len(draws))) < Fraction(1, 2**150)


@pytest.mark.parametrize(
    ("half", "n", "amiss", "accept"), [(4, 3, 2, 0), (4, 5, 3, 0), (4, 5, 4, 1), (3, 6, 3, 2)]
)
def test_lent_chips_are_met_twice_as_often_as_in_every_draw(half, n, amiss, accept):
    draws = list(combinations(range(2 * half), n))
    whole = [sum(p in drawn and p + half in drawn for p in range(amiss)) for drawn in map(set, draws)]
    clean = sum(pairs <= accept for pairs in whole)
    assert lending_chance(Floor(half, n, accept, amiss, BETA)) == Fraction(clean, len(draws))


def test_the_best_split_is_no_better_caught_than_an_even_one():
    for name in ("strata", "strata, tests that err"):
        plan = target(name)
        assert sum(even_split(plan)) == plan.missing
        assert worst(plan).miss >= clean_chance(plan, even_split(plan))


def test_a_smaller_floor_is_visited_as_densely():
    floor = floor_of(Target(("all",), (Stratum(10_000),), single(0, 294), 100, BETA, 0))
    assert (floor.positions, floor.n, floor.amiss) == (2_000, 59, 100)
    plan = target("258 of 1,000")
    assert (floor_of(plan).positions, floor_of(plan).n, floor_of(plan).amiss) == (1_000, 258, 10)


def test_a_frame_without_some_chips_is_visited_as_planned_or_whole():
    plan = without(target("strata"), (10, 0, 90))
    assert [stratum.chips for stratum in plan.strata] == [590, 300, 10]
    assert plan.stages[0].sizes == (170, 84, 10)
