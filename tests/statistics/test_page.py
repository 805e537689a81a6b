"""Page's test alarms by chance exactly as often as it says."""

from fractions import Fraction as F

import pytest
from scipy import stats

from analytics.statistics.laws import DECIMALS
from analytics.statistics.material_balance import CountingError, error_law
from analytics.statistics.page import alarm_chance, designed, references, statistics
from tests.statistics.slow_laws import slow_alarm, slow_error

CLOSE = F(1, 10**DECIMALS)
ERRORS = (CountingError(F(1, 10)), CountingError(F(1, 7), F(1, 9)), CountingError(F(0), F(1, 5)))


@pytest.mark.parametrize("error", ERRORS)
def test_the_chance_of_an_alarm_is_that_of_all_series(error):
    sizes, asked = (2, 3, 1, 2), 0
    laws, exact = [error_law(n, error) for n in sizes], [slow_error(n, error) for n in sizes]
    for ks in ((0, 0, 0, 0), (1, 0, 1, 0), (-1, 0, -1, 1), (-3, 2, 0, 4)):
        for critical in range(1, 9):
            assert abs(alarm_chance(laws, ks, critical) - slow_alarm(exact, ks, critical)) <= CLOSE
            asked += 1
    assert asked == 32
    ks = (-1, 0, -1, 1)
    others = [alarm_chance(laws, ks, h) - slow_alarm(exact, ks, h + 1) for h in range(1, 9)]
    assert max(others) > CLOSE, "the control: another critical value"


def test_the_critical_value_is_the_smallest_that_keeps_the_promise():
    tried = 0
    for error in ERRORS:
        for alpha in (F(1, 1000), F(1, 20), F(1, 5)):
            for shift in (1, 2, 5):
                sizes = (40, 30, 50, 50, 20)
                laws = [error_law(n, error) for n in sizes]
                means = [n * (error.miss - error.double) for n in sizes]
                scheme = designed(laws, means, shift, alpha)
                assert scheme.false_alarm <= alpha
                assert scheme.false_alarm == alarm_chance(laws, scheme.references, scheme.critical)
                below = scheme.critical - 1
                assert below == 0 or alarm_chance(laws, scheme.references, below) > alpha
                tried += 1
    assert tried == 27


def plain_alarm(sizes, miss, ks, critical):
    """P(some S_i >= critical) in floating point, by another library's binomials."""
    below = [1.0]
    for size, k in zip(sizes, ks, strict=True):
        after = [0.0] * critical
        chances = stats.binom.pmf(range(critical + k + 1), size, miss).tolist()
        for s, weight in enumerate(below):
            for x, chance in enumerate(chances):
                if s + x - k < critical:
                    after[max(0, s + x - k)] += weight * chance
        below = after
    return 1 - sum(below)


@pytest.mark.parametrize("sizes", [(1000,) * 24, (5000, 100, 3000, 0, 40, 2500)])
def test_a_second_opinion_on_long_series(sizes):
    miss = F(1, 1000)
    laws = [error_law(size, CountingError(miss)) for size in sizes]
    for shift in (0, 1, 4):
        scheme = designed(laws, [size * miss for size in sizes], shift, F(1, 20))
        found = plain_alarm(sizes, 0.001, scheme.references, scheme.critical)
        assert float(scheme.false_alarm) == pytest.approx(found, rel=1e-9)
        assert plain_alarm(sizes, 0.001, scheme.references, scheme.critical - 1) > 0.05


def test_references_carry_what_whole_numbers_cannot_hold():
    ks = references([F(3, 10)] * 20, 1)
    assert sum(ks) == 16 and set(ks) == {0, 1}, "20 times 0.3 + 0.5"
    assert references([F(-3, 10)] * 2, 1) == (0, 0)


def test_statistics_start_again_at_zero():
    assert statistics([3, -9, 2, 2], [1, 1, 1, 1]) == (2, 0, 1, 2)


def test_what_is_too_noisy_for_its_shift_is_refused():
    error = CountingError(F(1, 4), F(1, 4))
    laws = [error_law(20_000, error)] * 80
    with pytest.raises(ValueError, match=r"^shift "):
        designed(laws, [F(0)] * 80, 1, F(1, 10**12))
    with pytest.raises(ValueError, match=r"^counts are too many"):
        designed(laws * 2, [F(0)] * 160, 300, F(1, 20))
    with pytest.raises(ValueError, match=r"^counts "):
        designed([], [], 1, F(1, 20))
    with pytest.raises(ValueError, match=r"^alpha "):
        designed(laws[:1], [F(0)], 1, F(51, 100))
