"""The planner agrees with the golden tables, with plain counting and with scipy; floats would not."""

import bisect
import json
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from ledger.inspection.hypergeometric import Sampling, at_most, count, enclose, probability
from ledger.inspection.plan import (
    Infeasible,
    Planned,
    decimal_text,
    miss_probability,
    presence,
    scientific_text,
    suffices,
)
from tests.shared import vectors

TWENTIETH = Fraction(1, 20)


def cases(name):
    return json.loads(vectors("sampling", name).read_text())["cases"]


def answer(frame, missing, confidence, accept=0, detect="1"):
    """What the tables expect, put together from the planner's answer; texts become exact fractions first."""
    try:
        beta = 1 - Fraction(confidence)
        plan = presence(frame, missing, beta, accept, 1 - Fraction(detect))
    except (ValueError, OverflowError):
        return {"error": "invalid"}
    if isinstance(plan, Infeasible):
        return {"error": "infeasible"}
    less = plan.miss_one_less
    return {
        "n": plan.n,
        "p_miss": scientific_text(plan.miss),
        "p_detect": decimal_text(1 - plan.miss),
        "p_miss_at_n_minus_1": None if less is None else scientific_text(less),
        "equality": plan.miss == beta,
    }


def test_every_attribute_case_is_answered_as_in_the_table():
    ran = refused = 0
    for case in cases("attribute.json"):
        p, expect = case["params"], dict(case["expect"])
        expect.pop("why", None)
        assert answer(p["N"], p["d"], p["confidence"], p["c"]) == expect, case
        ran += 1
        refused += "error" in expect
    assert (ran, refused) == (446, 43)


def test_every_imperfect_case_is_answered_as_in_the_table():
    ran = refused = 0
    for case in cases("imperfect.json"):
        p, expect = case["params"], dict(case["expect"])
        expect.pop("why", None)
        got = answer(p["N"], p["d"], p["confidence"], detect=p["s"])
        got.pop("equality", None)
        assert got == expect, case
        ran += 1
        refused += "error" in expect
    assert (ran, refused) == (123, 19)


def test_the_exact_column_of_the_iaea_table_is_met():
    ran = 0
    for case in cases("iaea.json"):
        p = case["params"]
        if p["beta"] == "0" or p["d"] == 0:
            continue  # outside the domain of that table's formulas; the exact planner has an answer
        got = answer(p["N"], p["d"], str(1 - Fraction(p["beta"])))
        assert got.get("n", got.get("error")) == case["expect"].get("exact", case["expect"].get("error")), (
            case
        )
        ran += 1
    assert ran == 351


def test_the_exact_rates_of_the_coverage_table_are_met():
    case = cases("coverage.json")[0]
    frame, missing = case["params"]["N"], case["params"]["d"]
    for rate in case["expect"]["rates"]:
        found = 1 - miss_probability(frame, missing, rate["n"])
        assert found == Fraction(rate["exact"])
        assert decimal_text(found) == rate["p_detect"]
    assert len(case["expect"]["rates"]) == frame == 200


def slow_miss(frame, missing, n, accept, test_miss):
    total = Fraction(0)
    for x in range(max(0, n + missing - frame), min(n, missing) + 1):
        drawn = Fraction(comb(missing, x) * comb(frame - missing, n - x), comb(frame, n))
        for found in range(min(x, accept) + 1):
            total += drawn * comb(x, found) * (1 - test_miss) ** found * test_miss ** (x - found)
    return total


SMALL = [
    (frame, missing, n, accept, overlook)
    for frame in range(1, 9)
    for missing in range(frame + 1)
    for n in range(frame + 1)
    for accept in (0, 1, 2, 9)
    for overlook in (Fraction(0), Fraction(1, 10), Fraction(2, 3), Fraction(1))
]


def test_counting_and_enclosing_agree_with_the_slow_twin_on_every_small_frame():
    for frame, missing, n, accept, overlook in SMALL:
        sampling = Sampling(frame, missing, n, accept, overlook)
        slow = slow_miss(frame, missing, n, accept, overlook)
        assert probability(sampling) == count(sampling) == slow, sampling
        if 0 < slow < 1 and overlook < 1:
            low, high = enclose(sampling, 30, 60)
            assert Fraction(low) <= slow <= Fraction(high), sampling
            assert Fraction(high) - Fraction(low) < slow / 10**29
        for bound in (slow, slow - Fraction(1, 10**70), slow + Fraction(1, 10**70)):
            if 0 <= bound <= 1:
                assert at_most(sampling, bound) == (slow <= bound), (sampling, bound)
    assert len(SMALL) == 4544


def test_the_plan_is_the_slow_twins_smallest_n_on_every_small_frame():
    ran = 0
    for frame in range(1, 10):
        for missing in range(frame + 1):
            for accept in (0, 1):
                for overlook in (Fraction(0), Fraction(1, 4)):
                    misses = [slow_miss(frame, missing, n, accept, overlook) for n in range(frame + 1)]
                    # Every attained value is a tie; a little less is the hardest to miss by.
                    for beta in {*misses, *(m - m / 10**40 for m in misses)}:
                        enough = [n for n, miss in enumerate(misses) if miss <= beta]
                        got = presence(frame, missing, beta, accept, overlook)
                        if not enough:
                            assert got == Infeasible(misses[-1])
                        else:
                            n = enough[0]
                            assert got == Planned(n, misses[n], misses[n - 1] if n else None)
                        ran += 1
    assert ran > 1500


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_enclosures_contain_the_exact_count_on_larger_frames(data):
    frame = data.draw(st.integers(50, 3000))
    missing = data.draw(st.integers(1, frame))
    n = data.draw(st.integers(1, frame))
    accept = data.draw(st.integers(0, 40))
    overlook = data.draw(st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(999, 1000)]))
    sampling = Sampling(frame, missing, n, accept, overlook)
    if sampling.most <= accept:
        assert probability(sampling) == 1
        return
    low, high = enclose(sampling, 20, 40)
    assert Fraction(low) <= count(sampling) <= Fraction(high)


def test_scipy_agrees_on_ordinary_cases():
    ran = 0
    for frame in (500, 20_000, 1_000_000):
        for missing in (frame // 200 + 1, frame // 20, frame // 3):
            for accept in (0, 2):
                plan = presence(frame, missing, Fraction(1, 100), accept)
                assert hypergeom.cdf(accept, frame, missing, plan.n) == pytest.approx(
                    float(plan.miss), rel=1e-6
                )
                assert hypergeom.cdf(accept, frame, missing, plan.n - 1) > 0.01
                ran += 1
    assert ran == 18


def test_a_float_planner_gets_ties_wrong_and_this_one_does_not():
    """The negative control for exactness: the same search on doubles fails on the table's ties."""

    def float_plan(frame, missing, accept, confidence):
        return bisect.bisect_left(
            range(frame + 1),
            True,
            key=lambda n: bool(hypergeom.cdf(accept, frame, missing, n) <= 1 - confidence),
        )

    ties = [c for c in cases("attribute.json") if c["expect"].get("equality") and c["params"]["d"] > 0]
    wrong = 0
    for case in ties:
        p = case["params"]
        assert presence(p["N"], p["d"], 1 - Fraction(p["confidence"]), p["c"]).n == case["expect"]["n"]
        wrong += float_plan(p["N"], p["d"], p["c"], float(Fraction(p["confidence"]))) != case["expect"]["n"]
    assert len(ties) >= 60
    assert wrong >= 10


def test_the_worked_examples_hold():
    plan = presence(10_000, 100, TWENTIETH)
    assert (plan.n, decimal_text(plan.miss, 6)) == (294, "0.049828")
    assert presence(10_000, 100, TWENTIETH, test_miss=Fraction(1, 10)).n == 327
    weak = presence(1000, 5, TWENTIETH, test_miss=Fraction(3, 5))
    assert decimal_text(weak.best_miss, 4) == "0.0778"


def test_ten_million_chips_agree_with_a_count_in_integers():
    frame, missing = 10_000_000, 1000
    plan = presence(frame, missing, TWENTIETH)
    assert plan.n == 29_912
    assert plan.miss == Fraction(comb(frame - plan.n, missing), comb(frame, missing))
    assert suffices(frame, missing, plan.n, TWENTIETH)
    assert not suffices(frame, missing, plan.n - 1, TWENTIETH)


def test_a_miss_too_wide_to_count_is_right_to_fifty_digits():
    sampling = Sampling(40_000, 1500, 2000, 40, Fraction(0))
    told, exact = probability(sampling), count(sampling)
    assert told != exact
    assert abs(told - exact) < exact / 10**50


def test_a_bound_at_the_very_miss_of_a_wide_sample_is_decided_by_counting():
    sampling = Sampling(6000, 2500, 2400, 950, Fraction(0))
    exact = count(sampling)
    assert at_most(sampling, exact)
    assert not at_most(sampling, exact - exact / 10**60)


@pytest.mark.parametrize(
    ("frame", "missing", "beta", "accept", "overlook"),
    [
        (10_000_000, 5_000_000, Fraction(1, 20), 0, Fraction(999_999, 1_000_000)),
        (10_000_000, 100_000, Fraction(1, 1_000_000), 10_000, Fraction(1, 2)),
        (10_000_000, 12_000, Fraction(1, 1_000_000), 10_000, Fraction(0)),
        (10_000_000, 50_000, Fraction(0), 0, Fraction(0)),
        (10_000_000, 6_770_514, Fraction(779, 1_000_000), 0, Fraction(17_721, 250_000)),
    ],
)
def test_the_widest_questions_are_answered_and_minimal(frame, missing, beta, accept, overlook):
    plan = presence(frame, missing, beta, accept, overlook)
    assert suffices(frame, missing, plan.n, beta, accept, test_miss=overlook)
    assert not suffices(frame, missing, plan.n - 1, beta, accept, test_miss=overlook)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("frame", (0, 0, TWENTIETH)),
        ("frame", (True, 1, TWENTIETH)),
        ("missing", (10, 11, TWENTIETH)),
        ("missing", (10, -1, TWENTIETH)),
        ("accept", (10, 1, TWENTIETH, -1)),
        ("accept", (10, 1, TWENTIETH, 10_001)),
        ("beta", (10, 1, 0.05)),
        ("beta", (10, 1, Fraction(5))),
        ("test_miss", (10, 1, TWENTIETH, 0, Fraction(-1, 10))),
    ],
)
def test_a_wrong_parameter_is_named(name, arguments):
    with pytest.raises(ValueError, match=f"^{name} "):
        presence(*arguments)
