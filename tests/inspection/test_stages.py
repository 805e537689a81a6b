"""Risks over stages agree with walking every path."""

import itertools
from fractions import Fraction
from functools import lru_cache
from math import comb
from random import Random

import pytest

from ledger.inspection.evasion import Stratum
from ledger.inspection.plan import Infeasible, miss_probability, presence
from ledger.inspection.stages import Stage, best_evasion_of_stages, plan_stages, stages_risk, takes_back
from tests.inspection.test_evasion import every_split, slow_miss

TWENTIETH = Fraction(1, 20)
UNIT = Fraction(1, 2**150)


def slow_clean(chips, sizes, rules, missing):
    """P(clean) for perfect tests by drawing every sample of every stage: the sets themselves, no formula."""

    @lru_cache
    def clean(stage, found):
        samples = list(itertools.combinations(range(chips), sizes[stage]))
        passed = Fraction(0)
        for sample in samples:
            known = found | (set(sample) & set(range(missing)))
            accept, reject = rules[stage]
            if len(known) <= accept:
                passed += 1
            elif len(known) < reject:
                passed += clean(stage + 1, frozenset(known))
        return passed / len(samples)

    return clean(0, frozenset())


def test_the_risk_is_that_of_drawing_every_sample_of_every_stage():
    ran = 0
    for chips, sizes, rules in (
        (6, (2, 3), ((0, 2), (1, 2))),
        (6, (2, 2, 2), ((0, 3), (1, 4), (2, 3))),
        (7, (3, 2), ((-1, 3), (0, 1))),
        (5, (1, 1, 1), ((0, 2), (0, 2), (1, 2))),
    ):
        for missing in range(chips + 1):
            stages = [Stage((n,), *rule) for n, rule in zip(sizes, rules, strict=True)]
            risk = stages_risk([Stratum(chips)], stages, (missing,))
            slow = slow_clean(chips, sizes, rules, missing)
            assert 0 <= risk.clean - slow < UNIT, (chips, sizes, rules, missing)
            assert risk.clean + risk.violations == 1
            ran += 1
    assert ran == 28


def test_no_later_stage_accepts_what_an_earlier_one_rejects():
    """Otherwise a prover who stalls passes oftener than the walk says, which stops it where it is accused."""
    strata, n = [Stratum(30)], 6

    def stalled(rules):
        """P(clean) of one who is never accused: of stages that only ever stop clean."""
        most = max(reject for _, reject in rules) + 1
        patient = [Stage((n,), accept, most) for accept, _ in rules[:-1]]
        return stages_risk(strata, [*patient, Stage((n,), rules[-1][0], rules[-1][1])], (8,)).clean

    ran = 0
    for rules in itertools.product(itertools.product(range(-1, 4), range(1, 5)), repeat=2):
        if any(accept >= reject for accept, reject in rules) or rules[-1][0] != rules[-1][1] - 1:
            continue
        stages = [Stage((n,), *rule) for rule in rules]
        if takes_back(rules):
            with pytest.raises(ValueError, match=r"^stages "):
                stages_risk(strata, stages, (8,))
            with pytest.raises(ValueError, match=r"^stages "):
                plan_stages(30, 8, TWENTIETH, rules)
        else:
            assert abs(stalled(rules) - stages_risk(strata, stages, (8,)).clean) < UNIT
        ran += 1
    assert ran == 56
    assert takes_back([(0, 2), (1, 3), (2, 3)]) and not takes_back([(0, 2), (1, 3), (1, 2)])


def test_strata_and_weak_tests_agree_with_one_frame_and_one_stage():
    dice = Random(5)
    for _ in range(100):
        strata = [Stratum(dice.randint(1, 6), dice.choice((Fraction(0), Fraction(1, 3)))) for _ in range(2)]
        sizes = tuple(dice.randint(0, stratum.chips) for stratum in strata)
        split = tuple(dice.randint(0, stratum.chips) for stratum in strata)
        accept = dice.randint(0, 2)
        risk = stages_risk(strata, [Stage(sizes, accept, accept + 1)], split)
        assert 0 <= risk.clean - slow_miss(strata, sizes, split, accept) < UNIT
        assert risk.visits == sum(sizes)
        # A stage that finds nothing new for sure changes nothing.
        idle = [Stage(sizes, -1, accept + 1), Stage((0, 0), accept, accept + 1)]
        assert abs(stages_risk(strata, idle, split).clean - risk.clean) < UNIT


def test_two_stages_are_planned_for_the_risk_over_both():
    plan = plan_stages(10_000, 100, TWENTIETH, ((0, 2), (1, 2)))
    assert plan.risk.clean <= TWENTIETH
    one_less = [Stage((plan.n - 1,), 0, 2), Stage((plan.n - 1,), 1, 2)]
    assert stages_risk([Stratum(10_000)], one_less, (100,)).clean > TWENTIETH
    assert plan.honest_visits == plan.n  # nothing is found, so the first stage stops clean
    # Planned as if the first look were the only one, the second chance to pass is not paid for.
    alone = presence(10_000, 100, TWENTIETH).n
    naive = [Stage((alone,), 0, 2), Stage((alone,), 1, 2)]
    assert stages_risk([Stratum(10_000)], naive, (100,)).clean > TWENTIETH
    assert plan.n > alone
    single = plan_stages(10_000, 100, TWENTIETH, ((0, 1),))
    assert single.n == alone
    assert abs(single.risk.clean - miss_probability(10_000, 100, alone)) < UNIT
    assert isinstance(plan_stages(10, 1, TWENTIETH, ((0, 2), (1, 2))), Infeasible)


def test_the_chance_that_each_stage_is_drawn_is_told():
    risk = stages_risk([Stratum(100)], [Stage((10,), 0, 2), Stage((10,), 1, 2)], (5,))
    exactly_one = Fraction(5 * comb(95, 9), comb(100, 10))
    assert risk.reached[0] == 1
    assert abs(risk.reached[1] - exactly_one) < UNIT
    assert abs(risk.visits - 10 - 10 * exactly_one) < UNIT * 100


def test_the_best_split_over_stages_is_the_best_of_all_or_bounded():
    strata = [Stratum(6), Stratum(4)]
    stages = [Stage((2, 1), 0, 2), Stage((3, 2), 1, 2)]
    best = max(stages_risk(strata, stages, split).clean for split in every_split(strata, 4))
    evasion = best_evasion_of_stages(strata, stages, 4)
    assert evasion.miss == evasion.at_most == best
    halls = [Stratum(chips) for chips in (6_000, 3_000, 1_000)]
    wide = best_evasion_of_stages(halls, [Stage((180, 90, 30), 0, 2), Stage((180, 90, 30), 1, 2)], 100)
    assert Fraction(1, 100) < wide.miss <= wide.at_most < Fraction(1, 2)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("stages", lambda: stages_risk([Stratum(5)], [], (1,))),
        ("reject", lambda: stages_risk([Stratum(5)], [Stage((1,), 0, 0)], (1,))),
        ("accept", lambda: stages_risk([Stratum(5)], [Stage((1,), 0, 2)], (1,))),
        ("accept", lambda: stages_risk([Stratum(5)], [Stage((1,), 2, 2)], (1,))),
        ("sizes", lambda: stages_risk([Stratum(5)], [Stage((6,), 0, 1)], (1,))),
        ("split", lambda: stages_risk([Stratum(5), Stratum(1)], [Stage((1, 1), 0, 1)], (1, 2))),
        ("missing", lambda: best_evasion_of_stages([Stratum(5)], [Stage((1,), 0, 1)], 6)),
        ("beta", lambda: plan_stages(5, 1, 0.05, ((0, 1),))),
    ],
)
def test_a_wrong_parameter_is_named(name, call):
    with pytest.raises(ValueError, match=f"^{name} "):
        call()
