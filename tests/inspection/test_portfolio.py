"""Sizes and worst mixes of weighted chips agree with the golden table and with trying every mix."""

import itertools
import json
from fractions import Fraction
from math import prod
from random import Random

import pytest

from ledger.inspection.plan import miss_probability, scientific_text
from ledger.inspection.portfolio import BelowGoal, Kind, formula_sizes, lone_sizes, worst_mix
from tests.shared import vectors

WORLDS = 400


def answer(params):
    try:
        kinds = [Kind(each["N"], Fraction(str(each["w"]))) for each in params["strata"]]
        goal, beta = Fraction(str(params["M"])), Fraction(params["beta"])
        sizes = formula_sizes(kinds, goal, beta)
    except ValueError:
        return {"error": "invalid"}
    if isinstance(sizes, BelowGoal):
        return {"error": "infeasible"}
    worst = worst_mix(kinds, sizes, goal)
    assert worst.miss == worst.at_most
    lone = lone_sizes(kinds, goal, beta)
    told = {
        "n_h": list(sizes),
        "n_total": sum(sizes),
        "n_h_capped": list(formula_sizes(kinds, goal, beta, capped=True)),
        "exact_if_one_stratum_only": list(lone),
        "worst_mix_d_h": list(worst.split),
        "worst_mix_p_miss": scientific_text(worst.miss),
        "worst_mix_within_beta": worst.miss <= beta,
    }
    if None not in lone:
        alone = worst_mix(kinds, lone, goal)
        told |= {
            "one_stratum_plan_worst_mix_p_miss": scientific_text(alone.miss),
            "one_stratum_plan_worst_mix_d_h": list(alone.split),
            "one_stratum_plan_within_beta": alone.miss <= beta,
        }
    return told


def test_every_case_is_answered_as_in_the_table():
    ran = refused = 0
    for case in json.loads(vectors("sampling", "portfolio.json").read_text())["cases"]:
        expect = {key: value for key, value in case["expect"].items() if key != "why"}
        assert answer(case["params"]) == expect, case["id"]
        ran += 1
        refused += "error" in expect
    assert (ran, refused) == (53, 5)


def slow_worst(kinds, sizes, goal):
    tables = [
        [miss_probability(kind.chips, d, n, 0, kind.test_miss) for d in range(kind.chips + 1)]
        for kind, n in zip(kinds, sizes, strict=True)
    ]
    mixes = [
        mix
        for mix in itertools.product(*(range(kind.chips + 1) for kind in kinds))
        if sum(kind.weight * d for kind, d in zip(kinds, mix, strict=True)) >= goal
    ]
    # product() runs in lexicographic order and max() keeps the first of equals.
    missed = {mix: prod(table[d] for table, d in zip(tables, mix, strict=True)) for mix in mixes}
    return max(mixes, key=missed.get), max(missed.values())


def test_the_worst_mix_is_the_worst_of_all_and_the_first_of_equals():
    dice = Random(3)
    for _ in range(WORLDS):
        kinds = [
            Kind(
                dice.randint(1, 6),
                Fraction(dice.randint(1, 8), dice.choice((1, 1, 2))),
                dice.choice((Fraction(0), Fraction(0), Fraction(1, 3), Fraction(1))),
            )
            for _ in range(dice.randint(1, 3))
        ]
        sizes = [dice.randint(0, kind.chips) for kind in kinds]
        total = sum(kind.chips * kind.weight for kind in kinds)
        goal = Fraction(dice.randint(1, 100), 100) * total
        worst = worst_mix(kinds, sizes, goal)
        assert (worst.split, worst.miss) == slow_worst(kinds, sizes, goal), (kinds, sizes, goal)
        assert worst.at_most == worst.miss


def test_no_mix_beats_the_formula_on_small_portfolios():
    dice = Random(4)
    for _ in range(WORLDS):
        kinds = [Kind(dice.randint(1, 6), Fraction(dice.randint(1, 5))) for _ in range(dice.randint(1, 3))]
        goal = Fraction(dice.randint(1, int(sum(kind.chips * kind.weight for kind in kinds))))
        beta = Fraction(dice.randint(1, 20), 20)
        sizes = formula_sizes(kinds, goal, beta)
        assert slow_worst(kinds, sizes, goal)[1] <= beta


def test_a_fleet_of_ten_million_is_bounded_exactly():
    kinds = [Kind(6_000_000, Fraction(989)), Kind(3_000_000, Fraction(312)), Kind(1_000_000, Fraction(2250))]
    goal, beta = Fraction(989 * 300), Fraction(1, 20)
    sizes = formula_sizes(kinds, goal, beta)
    worst = worst_mix(kinds, sizes, goal)
    assert beta * Fraction(9, 10) < worst.miss == worst.at_most <= beta
    assert sum(kind.weight * d for kind, d in zip(kinds, worst.split, strict=True)) >= goal


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("kinds", ([], Fraction(5), Fraction(1, 2))),
        ("chips", ([Kind(True, Fraction(1))], Fraction(5), Fraction(1, 2))),
        ("weight", ([Kind(5, Fraction(0))], Fraction(5), Fraction(1, 2))),
        ("goal", ([Kind(5, Fraction(1))], Fraction(0), Fraction(1, 2))),
        ("beta", ([Kind(5, Fraction(1))], Fraction(5), Fraction(0))),
    ],
)
def test_a_wrong_parameter_is_named(name, arguments):
    for planner in (formula_sizes, lone_sizes):
        with pytest.raises(ValueError, match=f"^{name} "):
            planner(*arguments)
    with pytest.raises(ValueError, match=r"^sizes "):
        worst_mix([Kind(5, Fraction(1))], (6,), Fraction(1))
