"""MUF and SRD: what is significant is so under the stated errors, and writing off hides nothing."""

from fractions import Fraction as F
from random import Random

import pytest
from scipy import stats

from analytics.statistics.material_balance import (
    Count,
    CountingError,
    Receipt,
    balance_series,
    error_law,
    receipt_series,
    trend_power,
    trend_scheme,
)
from analytics.statistics.page import statistics
from ledger.inspection.binomial import count_band
from tests.statistics.slow_laws import slow_error, slow_tail

CLOSE = F(1, 10**30)
ERROR = CountingError(F(1, 50), F(1, 200))
EXACT = CountingError(F(0))
WORLDS = 1_500
COUNTS, CHIPS = 10, 120
SHIFT = 3


def test_each_difference_is_tested_by_the_law_of_all_errors():
    """Every chip overlooked or not, counted twice or not, in this count and in the one before."""
    counts = [Count("a", 9, 8), Count("b", 7, 6), Count("c", 8, 5, adjusted=1)]
    error = CountingError(F(1, 10), F(1, 20))
    series = balance_series(counts, error)
    laws = [slow_error(count.book, error) for count in counts]
    sums = [1, 1, 4]
    for i, row in enumerate(series.rows):
        assert row.cumulated.value == sums[i]
        means = [sum(value * chance for value, chance in law.items()) for law in laws]
        assert row.cumulated.expected == means[i]
        assert row.difference.expected == means[i] - (means[i - 1] if i else 0)
        assert abs(row.cumulated.p - slow_tail(laws[i], sums[i])) <= CLOSE
        before = {-x: p for x, p in laws[i - 1].items()} if i else {0: F(1)}
        step = sums[i] - (sums[i - 1] if i else 0)
        exact = sum(p * q for x, p in laws[i].items() for y, q in before.items() if x + y >= step)
        assert row.difference.value == step and abs(row.difference.p - exact) <= CLOSE
        for tested in (row.difference, row.cumulated):
            assert tested.is_significant is (tested.p <= F(1, 20))
    assert series.rows[2].cumulated.is_significant and not series.rows[0].cumulated.is_significant


def test_a_second_opinion_on_large_counts():
    error = CountingError(F(1, 1000))
    row = balance_series([Count("a", 100_000, 99_870)], error).rows[0]
    assert float(row.cumulated.p) == pytest.approx(stats.binom.sf(129, 100_000, 0.001), rel=1e-9)
    assert row.cumulated.critical == stats.binom.isf(0.05, 100_000, 0.001) + 1
    both = error_law(100_000, CountingError(F(1, 1000), F(1, 2000)))
    assert float(both.at_least(80)) == pytest.approx(stats.skellam.sf(79, 100, 50), rel=5e-3), (
        "nearly Poisson"
    )


def test_where_counts_are_exact_one_missing_chip_is_significant():
    counts = [Count("a", 50, 50), Count("b", 50, 49), Count("c", 50, 49)]
    series = balance_series(counts, EXACT)
    assert [row.difference.value for row in series.rows] == [0, 1, 0]
    assert [row.cumulated.is_significant for row in series.rows] == [False, True, True]
    assert series.trend.is_alarm and series.trend.first_alarm == "b" and series.trend.p == 0
    assert not balance_series(counts[:1], EXACT).trend.is_alarm


def test_what_was_written_off_stays_in_the_cumulated_muf():
    """A cheat loses two chips a month and strikes them off the book: no count by itself is far out."""
    books = [200 - 2 * month for month in range(12)]
    hidden = [Count(str(m), book, book - 4, adjusted=2 if m else 0) for m, book in enumerate(books)]
    forgiven = [Count(count.label, count.book, count.counted) for count in hidden]
    assert balance_series(hidden, ERROR).trend.is_alarm
    assert not balance_series(forgiven, ERROR).trend.is_alarm, "the control: without the adjustments"
    assert not any(row.difference.is_significant for row in balance_series(hidden, ERROR).rows)
    back = [Count("a", 50, 48), Count("b", 48, 48, adjusted=2), Count("c", 50, 50, adjusted=-2)]
    assert [row.cumulated.value for row in balance_series(back, ERROR).rows] == [2, 2, 0]


def counted(dice, gone=0, miss=float(ERROR.miss)):
    """A count of so many chips, chip by chip, of which some are gone."""
    found = 0
    for _ in range(CHIPS - gone):
        found += (dice.random() >= miss) + (dice.random() < float(ERROR.double))
    return found


def alarms(dice, worlds=WORLDS, a_count=0.0, miss=float(ERROR.miss)):
    """Worlds in which the trend test alarmed; `a_count` chips are lost from count to count."""
    gone, total = [round(i * a_count) for i in range(COUNTS)], 0
    scheme, _ = trend_scheme((CHIPS,) * COUNTS, ERROR, SHIFT, F(1, 20))
    for world in range(worlds):
        found = [counted(dice, gone[i], miss) for i in range(COUNTS)]
        alarmed = max(statistics([CHIPS - each for each in found], scheme.references)) >= scheme.critical
        total += alarmed
        if world % 50 == 0:
            counts = [Count(str(i), CHIPS, each) for i, each in enumerate(found)]
            assert balance_series(counts, ERROR, shift=SHIFT).trend.is_alarm is alarmed
    return total


def test_the_trend_test_alarms_by_chance_as_often_as_it_says():
    """Measured in worlds counted chip by chip; the control counts worse than it admits."""
    stated = balance_series([Count("a", CHIPS, CHIPS)] * COUNTS, ERROR, shift=SHIFT).trend.false_alarm
    assert F(1, 100) < stated <= F(1, 20)
    low, high = count_band(WORLDS, stated, F(1, 10_000))
    assert low <= alarms(Random(31)) <= high
    assert alarms(Random(32), 200, miss=0.04) > 100, "the control"


def test_the_trend_test_finds_slow_losses_as_often_as_it_says():
    stated = trend_power([CHIPS] * COUNTS, [round(i * 0.5) for i in range(COUNTS)], ERROR, shift=SHIFT)
    worlds = 400
    low, high = count_band(worlds, stated, F(1, 10_000))
    assert low <= alarms(Random(33), worlds, 0.5) <= high
    none = trend_power([CHIPS] * COUNTS, [0] * COUNTS, ERROR, shift=SHIFT)
    assert none == balance_series([Count("a", CHIPS, CHIPS)] * COUNTS, ERROR, shift=SHIFT).trend.false_alarm
    assert none < F(1, 20) < F(1, 2) < stated


def test_receipts_cumulate_over_shipments():
    error = CountingError(F(1, 100))
    receipts = [Receipt(f"s{i}", 100, 98) for i in range(8)]
    series = receipt_series(receipts, error)
    assert series.kind == "srd" and [row.cumulated.value for row in series.rows] == list(range(2, 18, 2))
    assert not any(row.difference.is_significant for row in series.rows), "two of a hundred may be errors"
    assert series.rows[-1].cumulated.is_significant, "sixteen of eight hundred may not"
    exact = stats.binom.sf(15, 800, 0.01)
    assert float(series.rows[-1].cumulated.p) == pytest.approx(exact, rel=1e-9)
    honest = receipt_series([Receipt(r.label, 100, 99) for r in receipts], error)
    assert not honest.trend.is_alarm and not honest.rows[-1].cumulated.is_significant


def test_more_than_the_book_has_is_no_loss():
    row = balance_series([Count("a", 50, 53)], ERROR).rows[0]
    assert row.cumulated.value == -3 and row.cumulated.p > F(1, 2) and not row.cumulated.is_significant


def test_a_series_as_json_says_what_each_alpha_is_for():
    told = balance_series([Count("2026-11-01", 100, 90)], CountingError(F(1, 100))).as_object()
    assert told["kind"] == "muf" and told["error"] == {"miss": 0.01, "double": 0.0}
    assert list(told["rows"][0]) == ["label", "book", "counted", "difference", "cumulated", "cusum"]
    assert list(told["rows"][0]["difference"]) == [
        "value", "expected", "critical", "p", "alpha", "is_significant",
    ]  # fmt: skip
    assert list(told["trend"]) == [
        "alpha", "shift", "critical", "statistic", "false_alarm", "p", "is_alarm", "first_alarm",
    ]  # fmt: skip
    assert told["trend"]["false_alarm"] <= told["trend"]["alpha"] == 0.05
    assert told["trend"]["first_alarm"] == "2026-11-01"


def test_counts_that_cannot_be_are_refused_by_name():
    for wrong, name in (
        (lambda: balance_series([], ERROR), "counts"),
        (lambda: balance_series([Count("a", -1, 0)], ERROR), "book"),
        (lambda: balance_series([Count("a", 1, 0.5)], ERROR), "counted"),
        (lambda: balance_series([Count("a", 1, 0, "x")], ERROR), "adjusted"),
        (lambda: balance_series([Count("a", 1, 0)], CountingError(F(3, 5))), "miss"),
        (lambda: balance_series([Count("a", 1, 0)], CountingError(F(0), 0.1)), "double"),
        (lambda: balance_series([Count("a", 10**8, 0)], CountingError(F(1, 4))), "miss"),
        (lambda: balance_series([Count("a", 1, 0)], ERROR, shift=-1), "shift"),
        (lambda: receipt_series([Receipt("a", 10**8, 0)] * 2, EXACT), "shipped"),
        (lambda: trend_power([5], [6], ERROR), "diverted"),
        (lambda: trend_power([5, 5], [1], ERROR), "diverted"),
    ):
        with pytest.raises(ValueError, match=f"^{name} "):
            wrong()
