"""Joint claims, pools of provers and significant quantities: small sums that must not be wrong."""

import itertools
from fractions import Fraction

import pytest

from ledger.inspection.allowance import best_evasion
from ledger.inspection.claims import joint_claim, pools, risk_per_claim, shopped_risk
from ledger.inspection.evasion import Stratum
from ledger.inspection.plan import miss_probability, presence
from ledger.inspection.portfolio import Kind, formula_sizes, worst_mix
from ledger.inspection.quantity import flop_per_day, significant_portfolio, significant_quantity
from ledger.inspection.strata import plan_strata

TWENTIETH = Fraction(1, 20)


def test_the_risk_of_several_claims_is_that_of_any_of_them_failing():
    risks = (TWENTIETH, Fraction(1, 10), Fraction(1, 4))
    claim = joint_claim((3, 0, 7), risks)
    assert (claim.total_upper, claim.risk_worst_single) == (10, Fraction(1, 4))
    assert claim.risk_any == Fraction(2, 5)
    failing = sum(
        (
            (risks[0] if a else 1 - risks[0])
            * (risks[1] if b else 1 - risks[1])
            * (risks[2] if c else 1 - risks[2])
            for a, b, c in itertools.product((False, True), repeat=3)
            if a or b or c
        ),
        Fraction(0),
    )
    assert claim.risk_independent == failing < claim.risk_any
    assert joint_claim((1, 1), (Fraction(3, 4), Fraction(3, 4))).risk_any == 1


def test_claims_planned_for_a_simultaneous_risk_keep_it():
    each = risk_per_claim(TWENTIETH, 12)
    assert joint_claim((0,) * 12, (each,) * 12).risk_any == TWENTIETH
    assert joint_claim((0,) * 12, (TWENTIETH,) * 12).risk_any > TWENTIETH


def test_keeping_the_nicest_of_draws_misses_ever_more_often():
    assert shopped_risk(TWENTIETH, 1) == TWENTIETH
    assert shopped_risk(TWENTIETH, 2) == 1 - Fraction(19, 20) ** 2
    assert round(float(shopped_risk(TWENTIETH, 20)), 4) == 0.6415


def test_provers_any_chain_of_affiliations_connects_are_one_pool():
    assert pools(["d", "a", "b", "c"], []) == (("a",), ("b",), ("c",), ("d",))
    assert pools(["d", "a", "b", "c"], [["c", "a"], ["d", "c"]]) == (("a", "c", "d"), ("b",))
    assert pools(["a", "b", "c"], [["a", "shell"], ["shell", "c"]]) == (("a", "c"), ("b",))
    assert pools(["a", "b", "c"], [["c", "b", "a"]]) == (("a", "b", "c"),)


def test_colluding_provers_planned_apart_are_missed_more_often_than_promised():
    """Why provers are pooled: what each may lose unseen adds up."""
    frames = {"north": 4_000, "south": 6_000}
    apart = [presence(chips, 60, TWENTIETH).n for chips in frames.values()]
    strata = [Stratum(chips) for chips in frames.values()]
    shared = best_evasion(strata, apart, 60)
    assert min(shared.split) > 0
    assert shared.miss > TWENTIETH
    alone = presence(4_000, 60, TWENTIETH).n
    assert best_evasion(strata, (alone, 0), 60).miss == 1  # nobody asks the other prover
    pooled = presence(sum(frames.values()), 60, TWENTIETH)
    assert pooled.miss <= TWENTIETH
    assert pooled.n == sum(apart) + 1
    assert plan_strata(strata, 60, TWENTIETH).evasion.miss <= TWENTIETH


def test_a_significant_quantity_is_the_fewest_chips_that_do_the_run():
    rate = flop_per_day(Fraction(10**15))
    assert rate == 86_400 * 10**15
    chips = significant_quantity(Fraction("9.9e24"), rate, Fraction(90))
    assert chips * rate * 90 >= Fraction("9.9e24") > (chips - 1) * rate * 90
    assert significant_quantity(100 * rate * 90, rate, Fraction(90)) == 100  # exactly enough is enough
    assert significant_quantity(Fraction(1), rate, Fraction(90)) == 1
    assert flop_per_day(Fraction(10**15), Fraction(1, 2)) == rate / 2
    plan = presence(10_000, significant_quantity(100 * rate * 90, rate, Fraction(90)), TWENTIETH)
    assert plan.n == 294


def test_mixed_models_are_weighed_by_what_they_compute():
    fleets = ((6_000, flop_per_day(Fraction(989 * 10**12))), (2_000, flop_per_day(Fraction(2250 * 10**12))))
    kinds, goal = significant_portfolio(fleets, Fraction("1e24"), Fraction(90))
    assert kinds[0] == Kind(6_000, fleets[0][1] * 90)
    sizes = formula_sizes(kinds, goal, TWENTIETH)
    worst = worst_mix(kinds, sizes, goal)
    assert worst.miss == worst.at_most <= TWENTIETH
    assert sum(kind.weight * taken for kind, taken in zip(kinds, worst.split, strict=True)) >= goal
    assert miss_probability(6_000, worst.split[0], sizes[0]) >= worst.miss


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("uppers", lambda: joint_claim((), ())),
        ("risks", lambda: joint_claim((1,), (0.5,))),
        ("risks", lambda: joint_claim((1,), ())),
        ("simultaneous", lambda: risk_per_claim(Fraction(5), 2)),
        ("claims", lambda: risk_per_claim(TWENTIETH, 0)),
        ("draws", lambda: shopped_risk(TWENTIETH, 0)),
        ("days", lambda: significant_quantity(Fraction(1), Fraction(1), Fraction(0))),
        ("utilisation", lambda: flop_per_day(Fraction(1), Fraction(2))),
        ("fleets", lambda: significant_portfolio((), Fraction(1), Fraction(1))),
    ],
)
def test_a_wrong_parameter_is_named(name, call):
    with pytest.raises(ValueError, match=f"^{name} "):
        call()
