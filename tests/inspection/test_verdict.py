"""The bounds agree with the golden tables, with plain counting, and with the planner."""

import json
from fractions import Fraction
from functools import partial
from itertools import product
from math import comb
from random import Random

import pytest

from ledger.inspection.ceiling import Looked, ceiling
from ledger.inspection.plan import presence
from ledger.inspection.verdict import lower_bound, upper_bound, upper_bound_of
from tests.shared import vectors
from tests.yardstick import in_time

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


def slow_pass(strata, split, observed, misses):
    """P(X <= observed) for missing chips split so, by counting and convolving what each stratum may show."""
    chances = {0: Fraction(1)}
    for (frame, n), missing, miss in zip(strata, split, misses, strict=True):
        after = {}
        for x in range(max(0, n + missing - frame), min(n, missing) + 1):
            drawn = Fraction(comb(missing, x) * comb(frame - missing, n - x), comb(frame, n))
            for y in range(x + 1):
                seen = drawn * comb(x, y) * (1 - miss) ** y * miss ** (x - y)
                for found, chance in chances.items():
                    after[found + y] = after.get(found + y, 0) + chance * seen
        chances = after
    return sum(chance for found, chance in chances.items() if found <= observed)


def slow_most(strata, observed, alpha, misses):
    """The definition: every split of every total."""
    splits = product(*(range(frame + 1) for frame, _ in strata))
    return max(sum(split) for split in splits if slow_pass(strata, split, observed, misses) > alpha)


def hazards(seed, worlds, chips):
    """Frames drawn at hazard with a fixed seed."""
    chance = Random(seed)
    for _ in range(worlds):
        strata = []
        for _ in range(chance.choice((1, 2, 2, 3))):
            frame = chance.randint(1, chips)
            strata.append((frame, chance.randint(0, frame)))
        observed = chance.randint(0, min(4, sum(n for _, n in strata)))
        alpha = chance.choice((Fraction(1, 20), Fraction(1, 3), Fraction(1, 2), Fraction(1, 1000)))
        misses = [chance.choice((0, 0, Fraction(1, 10), Fraction(1, 2), 1)) for _ in strata]
        yield strata, observed, alpha, list(map(Fraction, misses))


def test_the_upper_bound_is_that_of_trying_every_split_of_every_total():
    ran = 0
    for strata, observed, alpha, misses in hazards(11, 250, 5):
        perfect = [Fraction(0)] * len(strata)
        for each in (perfect, misses):
            most = slow_most(strata, observed, alpha, each)
            assert upper_bound_of(strata, observed, alpha, each) == most, (strata, observed, alpha, each)
            ran += 1
        same = misses[0]
        assert upper_bound_of(strata, observed, alpha, same) == upper_bound_of(
            strata, observed, alpha, [same] * len(strata)
        )
    assert ran == 500


def test_the_ceiling_of_larger_strata_is_never_below_what_every_split_gives():
    """Where splits are too many to be tried the bound may be above the true one; here both can be had."""
    ran = above = 0
    for strata, observed, alpha, misses in hazards(12, 300, 6):
        looked = [
            Looked(*each, miss) for each, miss in zip(strata, misses, strict=True) if each[1] and miss < 1
        ]
        if not looked:
            continue
        most = slow_most([each[:2] for each in looked], observed, alpha, [each.test_miss for each in looked])
        assert ceiling(looked, observed, alpha) >= most, (looked, observed, alpha)
        above += ceiling(looked, observed, alpha) > most
        ran += 1
    assert ran > 200
    assert 0 < above < ran  # seen to be coarse, and seen to be tight


@pytest.mark.parametrize("spoil", [Fraction(9, 10), Fraction(1, 2)])
def test_a_ceiling_that_finds_too_much_is_noticed(spoil):
    """The negative control: with rates overstated the bound falls below the true one somewhere."""
    below = 0
    for strata, observed, alpha, _ in hazards(12, 300, 6):
        looked = [Looked(frame, n, Fraction(0)) for frame, n in strata if n and n < frame]
        if len(looked) == len(strata):
            fewer = [Looked(round(frame * spoil) or 1, n, miss) for frame, n, miss in looked]
            if all(n <= frame for frame, n, _ in fewer):
                below += ceiling(fewer, observed, alpha) < slow_most(
                    strata, observed, alpha, [Fraction(0)] * len(strata)
                )
    assert below > 0


def test_strata_planned_together_bound_what_they_were_planned_for():
    """177, 88, 27 and 3 of 6,000, 3,000, 900 and 100 show 100 missing with 95 %; one chip fewer does not."""
    strata = [(6000, 177), (3000, 88), (900, 27), (100, 3)]
    assert upper_bound_of(strata, 0, Fraction(1, 20)) == 99
    assert upper_bound_of([*strata[:3], (100, 2)], 0, Fraction(1, 20)) >= 100
    assert upper_bound_of([*strata, (50, 0)], 0, Fraction(1, 20)) == 149  # nobody looked there
    assert upper_bound_of([], 0, Fraction(1, 20)) == upper_bound_of([(0, 0)], 0, Fraction(1, 20)) == 0
    # The likeliest split a search finds is 102,250: what is stated may be above, and must not be below.
    assert 102_250 <= upper_bound_of([(9_000_000, 1000), (1_000_000, 100)], 5, Fraction(1, 20)) <= 105_000
    with pytest.raises(ValueError, match=r"^observed "):
        upper_bound_of(strata, 296, Fraction(1, 20))
    with pytest.raises(ValueError, match=r"^alpha "):
        upper_bound_of(strata, 0, Fraction(1))
    with pytest.raises(ValueError, match=r"^test_miss "):
        upper_bound_of(strata, 0, Fraction(1, 20), [Fraction(0)])


def test_a_test_that_misses_leaves_more_possible():
    alpha = Fraction(1, 20)
    plan = presence(10_000, 100, alpha, test_miss=Fraction(1, 10))
    assert plan.n == 327
    assert upper_bound_of([(10_000, 327)], 0, alpha, Fraction(1, 10)) == 99
    assert upper_bound_of([(10_000, 326)], 0, alpha, Fraction(1, 10)) >= 100
    assert upper_bound_of([(10_000, 327)], 0, alpha) < 99
    assert upper_bound_of([(50, 50)], 0, alpha, Fraction(1, 10)) == 1  # 1 of 10 is missed; 1 of 100 is not
    assert upper_bound_of([(50, 50), (30, 30)], 0, alpha, [Fraction(0), Fraction(1)]) == 30


HOSTILE = {
    "many drawn": ([(156_250, 52_083)] * 64, 100_000, Fraction(1, 10)),
    "nothing found by a useless test": ([(156_250, 52_083)] * 64, 0, Fraction(999_999, 10**6)),
    "tests unlike": ([(156_250, 200 + h) for h in range(64)], 300, [Fraction(h, 97) for h in range(64)]),
    "none found, unlike": ([(156_250, 200 + h) for h in range(64)], 0, [Fraction(h, 97) for h in range(64)]),
    "a tie of half": ([(10_000_000, 5_000_000)], 2_500_000, Fraction(0)),
    "a huge find by a weak test": ([(10_000_000, 5_000_000)], 2_000_000, Fraction(123_457, 10**6)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_bound_is_quick_whatever_was_committed_to(name):
    """The sequencer works it out: ten million chips, 64 strata, hundreds found, well below a second."""
    strata, observed, test_miss = HOSTILE[name]
    for alpha in (Fraction(1, 20), Fraction(1, 2), Fraction(1, 10**6)):
        bound = in_time(partial(upper_bound_of, strata, observed, alpha, test_miss), 1)
        assert observed <= bound <= 10_000_000


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
