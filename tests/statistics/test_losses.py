"""Excess losses are tested exactly, and the bound on them is Garwood's."""

from fractions import Fraction as F
from random import Random

import pytest
from scipy import stats

from analytics.statistics.losses import excess_losses, excess_of_cohort
from ledger.inspection.binomial import chance_lower, count_band
from tests.statistics.slow_laws import slow_binomial, slow_tail

MILLIONTH = 1e-6


@pytest.mark.parametrize("reported", [0, 1, 3, 12, 107, 1000])
def test_the_bound_is_the_one_of_the_chi_squared_tables(reported):
    for alpha in (F(1, 20), F(1, 100), F(1, 2)):
        found = excess_losses(reported, F(10), F(1, 100), alpha=alpha)
        mean = stats.chi2.ppf(float(alpha), 2 * reported) / 2 if reported else 0.0
        assert float(found.at_least) == pytest.approx(max(0.0, mean - 0.1), abs=2 * MILLIONTH, rel=1e-9)
        assert float(found.p) == pytest.approx(stats.poisson.sf(reported - 1, 0.1), rel=1e-9, abs=1e-29)
        assert found.is_significant is (found.p <= alpha) is (reported >= found.critical)


@pytest.mark.parametrize(("reported", "chips"), [(0, 5), (1, 5), (5, 5), (12, 400), (90, 1000)])
def test_of_a_cohort_the_bound_is_clopper_and_pearsons(reported, chips):
    found = excess_of_cohort(reported, chips, F(1, 200))
    exact = slow_tail(slow_binomial(chips, F(1, 200)), reported)
    assert abs(found.p - exact) <= F(1, 10**30)
    bound = max(F(0), chips * chance_lower(chips, reported, F(1, 20)) - F(chips, 200))
    assert float(found.at_least) == pytest.approx(float(bound), abs=2 * MILLIONTH)


def test_a_bound_above_nothing_is_a_significant_test_and_the_other_way_round():
    """Test and interval are the same inference: the bound leaves 0 where the test turns significant."""
    seen = set()
    for reported in range(40):
        found = excess_losses(reported, F(1000), F(1, 100))
        assert found.is_significant is (found.at_least > 0)
        seen.add(found.is_significant)
    assert seen == {True, False}


def test_false_alarms_keep_inside_their_band():
    """Worlds in which chips die at the stated rate; in the control they die at twice the rate."""
    dice, worlds, chips, chance = Random(71), 2_000, 60, F(1, 20)
    verdicts = [excess_of_cohort(n, chips, chance).is_significant for n in range(chips + 1)]
    critical = excess_of_cohort(0, chips, chance).critical
    stated = slow_tail(slow_binomial(chips, chance), critical)
    assert F(1, 100) < stated <= F(1, 20)

    def alarms(rate):
        return sum(verdicts[sum(dice.random() < rate for _ in range(chips))] for _ in range(worlds))

    low, high = count_band(worlds, stated, F(1, 10_000))
    assert low <= alarms(0.05) <= high
    assert alarms(0.1) > high


def test_losses_that_cannot_be_are_refused_by_name():
    for wrong, name in (
        (lambda: excess_losses(-1, F(1), F(1, 2)), "reported"),
        (lambda: excess_losses(1, 10, F(1, 2)), "chip_years"),
        (lambda: excess_losses(1, F(1), F(101)), "mortality"),
        (lambda: excess_losses(1, F(10**9), F(1)), "chip_years"),
        (lambda: excess_of_cohort(6, 5, F(1, 2)), "reported"),
        (lambda: excess_of_cohort(1, 5, F(3, 2)), "chance"),
        (lambda: excess_losses(1, F(1), F(1), alpha=F(51, 100)), "alpha"),
    ):
        with pytest.raises(ValueError, match=f"^{name} "):
            wrong()


def test_an_excess_as_json_has_numbers_only():
    told = excess_losses(120, F(1000), F(9, 100)).as_object()
    assert told == {
        "reported": 120,
        "expected": 90.0,
        "excess": 30.0,
        "at_least": 12.56769,
        "critical": 107,
        "p": pytest.approx(0.00145946, rel=1e-5),
        "alpha": 0.05,
        "is_significant": True,
    }
