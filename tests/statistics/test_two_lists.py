"""An estimate from two lists has an interval that covers what it says, while its assumptions hold."""

from fractions import Fraction as F
from random import Random

import pytest
from scipy import stats

from analytics.statistics.two_lists import ASSUMPTIONS, two_lists, with_dependence
from ledger.inspection.binomial import count_band
from tests.statistics.slow_laws import slow_shared

SIDE = F(1, 40)


def slow_interval(first, second, both, reach):
    """Totals that neither tail speaks against, each tried."""
    kept = []
    for total in range(first + second - both, reach):
        shared = [slow_shared(total, first, second, x) for x in range(min(first, second) + 1)]
        if sum(shared[: both + 1]) > SIDE and sum(shared[both:]) > SIDE:
            kept.append(total)
    return kept


def test_the_interval_is_that_of_every_total_tried():
    tried = 0
    for first, second in ((1, 1), (3, 5), (8, 8), (12, 7), (20, 15)):
        for both in range(1, min(first, second) + 1):
            kept = slow_interval(first, second, both, 130 if both > 2 else 700)
            found = two_lists(first, second, both)
            assert (found.low, found.low + len(kept) - 1) == (kept[0], kept[-1])
            if kept[-1] < (129 if both > 2 else 699):
                assert found.high == kept[-1]
                tried += 1
    assert tried == 27


def test_a_second_opinion_on_large_lists():
    found = two_lists(2000, 1500, 240)
    for total, fits in (
        (found.low, True),
        (found.low - 1, False),
        (found.high, True),
        (found.high + 1, False),
    ):
        tails = stats.hypergeom.cdf(240, total, 2000, 1500), stats.hypergeom.sf(239, total, 2000, 1500)
        assert bool(min(tails) > 0.025) is fits
    assert float(found.estimate) == pytest.approx(2001 * 1501 / 241 - 1)


def test_no_chip_in_common_sets_no_upper_bound():
    found = two_lists(50, 40, 0)
    assert found.high is None and found.unseen[2] is None and found.low > 90
    assert two_lists(10, 10, 10).low == 10


@pytest.mark.parametrize(
    ("total", "first", "second"), [(30, 10, 8), (60, 25, 30), (100, 30, 20), (40, 39, 38)]
)
def test_the_interval_covers_the_truth_as_often_as_it_says(total, first, second):
    """Exactly: over all possible overlaps, weighed with their chances."""
    covered, mean = F(0), F(0)
    for both in range(max(0, first + second - total), min(first, second) + 1):
        found, chance = two_lists(first, second, both), slow_shared(total, first, second, both)
        covered += chance * (found.low <= total <= (found.high or total))
        mean += chance * found.estimate
    assert covered >= F(19, 20)
    if first + second >= total:
        assert mean == total, "without bias where the lists cannot miss each other"


def listed(dice, total, easy, chance, favour):
    """(first, second, both) of two lists of a total; `easy` chips are likelier to be on either."""
    on = [
        [dice.random() < (chance * favour if chip < easy else chance) for chip in range(total)] for _ in "12"
    ]
    return sum(on[0]), sum(on[1]), sum(a and b for a, b in zip(*on, strict=True))


def test_lists_that_depend_on_each_other_make_the_estimate_too_low():
    """Half of the chips three times as easy to see: the interval fails, as the assumptions warn."""
    dice, worlds, total = Random(9), 200, 300

    def missed(favour):
        found = [two_lists(*listed(dice, total, total // 2, 0.2, favour)) for _ in range(worlds)]
        return sum(each.high is not None and each.high < total for each in found)

    _, high = count_band(worlds, SIDE, F(1, 10_000))
    assert missed(1) <= high < missed(3)
    assert "independent" in ASSUMPTIONS[0] and "too low" in ASSUMPTIONS[0]


def test_a_stated_dependence_corrects_the_estimate():
    assert with_dependence(200, 150, 30, F(1)) == F(170 * 120, 30)
    assert with_dependence(200, 150, 30, F(3)) == 3 * with_dependence(200, 150, 30, F(1))
    # A population with a known odds ratio: 60 on both, 30 and 40 on one, 100 on none.
    assert with_dependence(90, 100, 60, F(60 * 100, 30 * 40)) == 100
    with pytest.raises(ValueError, match=r"^both "):
        with_dependence(20, 20, 0, F(1))


def test_what_is_told_of_two_lists_has_its_assumptions_beside():
    told = two_lists(200, 150, 30).as_object()
    assert told["assumptions"] == list(ASSUMPTIONS) and len(ASSUMPTIONS) == 4
    assert (told["low"], told["high"]) == (754, 1406)
    assert told["unseen"] == {"estimate": pytest.approx(658.06, abs=0.01), "low": 434, "high": 1086}
    assert told["undeclared"]["low"] == 754 - 200
    assert told["deviation"] == pytest.approx(141.894, abs=0.001)


def test_lists_that_cannot_be_are_refused_by_name():
    for values, name in (
        ((0, 5, 0), "first"),
        ((5, 0, 0), "second"),
        ((5, 4, 5), "both"),
        ((5, 4, -1), "both"),
    ):
        with pytest.raises(ValueError, match=f"^{name} "):
            two_lists(*values)
    with pytest.raises(ValueError, match=r"^alpha "):
        two_lists(5, 4, 3, alpha=F(0))
    with pytest.raises(ValueError, match=r"^odds_ratio "):
        with_dependence(5, 4, 3, 2)
