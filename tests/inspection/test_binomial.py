"""Bounds and bands of trials agree with the golden tables, with counting and with scipy; so do even draws."""

import json
from fractions import Fraction
from math import comb

import pytest
from scipy.stats import beta as beta_law
from scipy.stats import binom, chi2

from ledger.inspection.binomial import chance_lower, chance_upper, count_band, tail_at_most
from ledger.inspection.plan import decimal_text, miss_probability, scientific_text
from ledger.inspection.uniformity import critical_value, inclusion_statistic
from tests.shared import vectors


def cases(name, family):
    return [
        c for c in json.loads(vectors("sampling", name).read_text())["cases"] if c.get("family") == family
    ]


def test_every_clopper_pearson_case_is_answered_as_in_the_table():
    ran = 0
    for case in cases("bounds.json", "clopper_pearson"):
        n, x, alpha = (*(case["params"][k] for k in "nx"), 1 - Fraction(case["params"]["confidence"]))
        assert case["expect"] == {
            "two_sided": [
                decimal_text(chance_lower(n, x, alpha / 2)),
                decimal_text(chance_upper(n, x, alpha / 2)),
            ],
            "upper_one_sided": decimal_text(chance_upper(n, x, alpha)),
            "lower_one_sided": decimal_text(chance_lower(n, x, alpha)),
        }, case
        ran += 1
    assert ran == 17


def test_every_coverage_band_is_as_in_the_table():
    ran = 0
    for case in cases("coverage.json", "coverage_band"):
        p = case["params"]
        rate = 1 - miss_probability(p["N"], p["d"], p["n"])
        low, high = count_band(p["R"], rate, Fraction(p["tail"]))
        assert case["expect"] == {"low": low, "high": high}, case
        ran += 1
    assert ran == 57


def test_every_critical_value_is_as_in_the_table_and_as_scipy_gives_it():
    ran = 0
    for case in cases("coverage.json", "chi2_critical"):
        degrees, tail = case["params"]["df"], Fraction(case["params"]["tail"])
        critical = critical_value(degrees, tail)
        assert scientific_text(critical, 12) == case["expect"]["critical"], case
        assert chi2.isf(float(tail), degrees) == pytest.approx(float(critical), rel=1e-9)
        ran += 1
    assert ran == 40
    for degrees, tail in ((1, "0.05"), (2, "0.5"), (4, "0.999"), (250, "0.01")):
        assert chi2.isf(float(tail), degrees) == pytest.approx(
            float(critical_value(degrees, Fraction(tail))), rel=1e-9
        )


def slow_tail(trials, found, chance):
    return sum(comb(trials, x) * chance**x * (1 - chance) ** (trials - x) for x in range(found + 1))


def test_small_bands_and_tails_agree_with_counting():
    ran = 0
    for trials in (1, 2, 7, 20):
        for chance in (Fraction(0), Fraction(1, 50), Fraction(1, 3), Fraction(1, 2), Fraction(1)):
            tails = [slow_tail(trials, found, chance) for found in range(-1, trials + 1)]
            for tail in (Fraction(1, 10**6), Fraction(1, 20), Fraction(1, 4)):
                low = max(count for count in range(trials + 1) if tails[count] < tail)
                high = min(count for count in range(trials + 1) if 1 - tails[count + 1] < tail)
                assert count_band(trials, chance, tail) == (low, high), (trials, chance, tail)
                ran += 1
            if 0 < chance < 1:
                for found in range(trials):
                    exact = tails[found + 1]
                    assert tail_at_most(trials, found, chance, exact)
                    assert not tail_at_most(trials, found, chance, exact - exact / 10**90)
    assert ran == 60


def test_scipy_agrees_on_ordinary_bounds_and_bands():
    for trials, found in ((40, 3), (1000, 17), (3000, 2900)):
        upper = chance_upper(trials, found, Fraction(1, 40))
        assert beta_law.ppf(0.975, found + 1, trials - found) == pytest.approx(float(upper), abs=1e-9)
    for trials, chance in ((1000, Fraction(1, 7)), (100_000, Fraction(19, 20))):
        low, high = count_band(trials, chance, Fraction(1, 10**4))
        assert binom.cdf(low - 1, trials, float(chance)) < 1e-4 <= binom.cdf(low, trials, float(chance))
        assert binom.sf(high, trials, float(chance)) < 1e-4 <= binom.sf(high - 1, trials, float(chance))


def test_the_counts_of_ten_thousand_fixed_draws_are_even_and_rigged_ones_are_not():
    run = json.loads(vectors("sampling", "coverage.json").read_text())["fixed_seed_run"]
    counts = run["inclusion_counts_n_20"]
    chips = len(counts)
    low, high = critical_value(chips - 1, Fraction(999, 1000)), critical_value(chips - 1, Fraction(1, 1000))
    assert low < inclusion_statistic(counts, 20, run["R"]) < high
    favoured = [counts[0] + 300, *(count - 3 for count in counts[1:101]), *counts[101:]]
    assert inclusion_statistic(favoured, 20, run["R"]) > high
    assert inclusion_statistic([1000] * chips, 20, run["R"]) == 0 < low  # too even is as telling


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("trials", lambda: chance_upper(0, 0, Fraction(1, 2))),
        ("found", lambda: chance_lower(5, 6, Fraction(1, 2))),
        ("alpha", lambda: chance_upper(5, 1, Fraction(1))),
        ("chance", lambda: count_band(5, 0.5, Fraction(1, 20))),
        ("tail", lambda: count_band(5, Fraction(1, 2), Fraction(1, 2))),
        ("degrees", lambda: critical_value(0, Fraction(1, 2))),
        ("tail", lambda: critical_value(5, Fraction(1))),
        ("drawn", lambda: inclusion_statistic([1, 1], 2, 1)),
        ("counts", lambda: inclusion_statistic([1, 1], 1, 1)),
    ],
)
def test_a_wrong_parameter_is_named(name, call):
    with pytest.raises(ValueError, match=f"^{name} "):
        call()
