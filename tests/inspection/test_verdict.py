"""The bounds agree with the golden tables, with plain counting, and with the planner."""

import json
from fractions import Fraction
from itertools import product
from math import comb
from random import Random

import pytest

from ledger.inspection.plan import presence
from ledger.inspection.verdict import lower_bound, upper_bound, worst_upper_bound
from tests.shared import vectors

FAMILIES_HERE = {"bound": 166, "nonresponse": 23}
FAMILIES_ELSEWHERE = {"clopper_pearson": 17}


def bounds(frame, n, low_observed, high_observed, confidence):
    alpha = 1 - Fraction(confidence)
    return (
        upper_bound(frame, n, high_observed, alpha),
        lower_bound(frame, n, low_observed, alpha),
        [lower_bound(frame, n, low_observed, alpha / 2), upper_bound(frame, n, high_observed, alpha / 2)],
    )


def test_every_bound_is_as_in_the_table():
    ran = dict.fromkeys(FAMILIES_HERE, 0)
    left = dict.fromkeys(FAMILIES_ELSEWHERE, 0)
    for case in json.loads(vectors("sampling", "bounds.json").read_text())["cases"]:
        family, p, expect = case["family"], case["params"], case["expect"]
        if family in left:
            left[family] += 1
            continue
        ran[family] += 1
        silent = p.get("r", 0)
        try:
            upper, lower, both = bounds(p["N"], p["n"], p["x"], p["x"] + silent, p["confidence"])
        except ValueError:
            assert expect.get("error") == "invalid", case
            continue
        if family == "bound":
            assert expect == {"upper_one_sided": upper, "lower_one_sided": lower, "two_sided": both}, case
            continue
        # Counting the silent as violations raises the bound; dropping them would flatter the prover.
        alpha = 1 - Fraction(p["confidence"])
        dropped = upper_bound(p["N"], p["n"] - silent, p["x"], alpha)
        assert expect == {
            "upper_counted_as_violation": upper,
            "upper_if_wrongly_dropped": dropped,
            "lower_counted_as_compliant": lower,
            "two_sided_counted_as_violation": both,
        }, case
    assert (ran, left) == (FAMILIES_HERE, FAMILIES_ELSEWHERE)


def slow_tail(frame, total, n, values):
    ways = sum(comb(total, x) * comb(frame - total, n - x) for x in values if x <= n)
    return Fraction(ways, comb(frame, n))


def test_bounds_agree_with_counting_on_every_small_frame():
    ran = 0
    for frame in range(1, 10):
        for n in range(frame + 1):
            for observed in range(n + 1):
                for alpha in (Fraction(1, 20), Fraction(1, 3), Fraction(1, comb(frame, n) + 1)):
                    totals = range(observed, frame - n + observed + 1)
                    up = [d for d in totals if slow_tail(frame, d, n, range(observed + 1)) > alpha]
                    low = [d for d in totals if slow_tail(frame, d, n, range(observed, n + 1)) > alpha]
                    assert upper_bound(frame, n, observed, alpha) == max(up)
                    assert lower_bound(frame, n, observed, alpha) == min(low)
                    ran += 1
    assert ran == 657


def slow_pass(strata, split, observed):
    """P(X <= observed) for missing chips split so, by counting."""
    ways = [1]
    for (frame, n), missing in zip(strata, split, strict=True):
        shown = [comb(missing, x) * comb(frame - missing, n - x) for x in range(n + 1)]
        sums = [0] * (len(ways) + n)
        for x, some in enumerate(ways):
            for y, more in enumerate(shown):
                sums[x + y] += some * more
        ways = sums
    return Fraction(sum(ways[: observed + 1]), sum(ways))


def test_the_worst_split_over_strata_is_found_among_all():
    """Every split of every total is counted, for frames drawn at hazard with a fixed seed."""
    chance, ran = Random(11), 0
    while ran < 150:
        strata = []
        for _ in range(chance.choice((2, 2, 3))):
            frame = chance.randint(1, 6)
            strata.append((frame, chance.randint(0, frame)))
        observed = chance.randint(0, min(4, sum(n for _, n in strata)))
        alpha = chance.choice((Fraction(1, 20), Fraction(1, 3), Fraction(1, 2), Fraction(1, 1000)))
        splits = product(*(range(frame + 1) for frame, _ in strata))
        most = max(sum(split) for split in splits if slow_pass(strata, split, observed) > alpha)
        assert worst_upper_bound(strata, observed, alpha) == most, (strata, observed, alpha)
        ran += 1


def test_strata_planned_together_bound_what_they_were_planned_for():
    """177, 88, 27 and 3 of 6,000, 3,000, 900 and 100 show 100 missing with 95 %; one chip fewer does not."""
    strata = [(6000, 177), (3000, 88), (900, 27), (100, 3)]
    assert worst_upper_bound(strata, 0, Fraction(1, 20)) == 99
    assert worst_upper_bound([*strata[:3], (100, 2)], 0, Fraction(1, 20)) >= 100
    assert worst_upper_bound([*strata, (50, 0)], 0, Fraction(1, 20)) == 149  # nobody looked there
    assert worst_upper_bound([], 0, Fraction(1, 20)) == worst_upper_bound([(0, 0)], 0, Fraction(1, 20)) == 0
    assert worst_upper_bound([(9_000_000, 1000), (1_000_000, 100)], 5, Fraction(1, 20)) == 102_250
    with pytest.raises(ValueError, match=r"^observed "):
        worst_upper_bound(strata, 296, Fraction(1, 20))
    with pytest.raises(ValueError, match=r"^alpha "):
        worst_upper_bound(strata, 0, Fraction(1))


def test_a_clean_sample_planned_for_d_bounds_the_total_below_d():
    ran = 0
    for frame in (200, 10_000, 1_000_000):
        for missing in (1, 7, frame // 50):
            for accept in (0, 3):
                if missing <= accept:
                    continue
                n = presence(frame, missing, Fraction(1, 20), accept).n
                assert upper_bound(frame, n, accept, Fraction(1, 20)) < missing
                assert upper_bound(frame, n - 1, accept, Fraction(1, 20)) >= missing
                ran += 1
    assert ran == 15


def test_ten_million_chips_give_known_bounds():
    assert [upper_bound(10_000_000, 1000, x, Fraction(1, 20)) for x in (0, 3, 10)] == [
        29_911,
        77_350,
        169_028,
    ]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("observed", (500, 5, 6, Fraction(1, 10))),
        ("observed", (500, 5, -1, Fraction(1, 10))),
        ("n", (500, 501, 0, Fraction(1, 10))),
        ("alpha", (500, 5, 0, Fraction(0))),
        ("alpha", (500, 5, 0, Fraction(1))),
        ("alpha", (500, 5, 0, 0.05)),
        ("frame", (0, 0, 0, Fraction(1, 10))),
    ],
)
def test_a_wrong_parameter_is_named(name, arguments):
    for bound in (upper_bound, lower_bound):
        with pytest.raises(ValueError, match=f"^{name} "):
            bound(*arguments)
