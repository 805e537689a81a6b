"""Detection never falls with size, cost never rises with risk, and the plan lies on its own curve."""

from fractions import Fraction
from itertools import pairwise

import pytest

from ledger.inspection.plan import miss_probability
from ledger.planning.curves import Point, _never_falling
from tests.planning.questions import RUN, STRATA, ask

QUESTIONS = [
    {"frame": 10_000, "missing": 100},
    {"frame": 10_000, "missing": 100, "accept": 2, "test_miss_ppm": 100_000},
    {"frame": 10_000, "visits": 400},
    {"frame": 1_000, "missing": 5, "test_miss_ppm": 600_000},
    {"frame": 10_000_000, "missing": 100_000},
    {"frame": 10_000, "missing": 100, "stages": "0:2,1:2"},
    {"strata": STRATA, "missing": 100},
    {"strata": STRATA, "missing": 50, "accept": 1},
    {"strata": STRATA, "missing": 100, "sizes": "10,10,10,10"},
]


@pytest.mark.parametrize("query", QUESTIONS, ids=str)
def test_a_curve_rises_and_the_plan_is_on_it(query):
    told = ask(**query, beta_ppm=50_000, curve=True)
    assert len(told.points) >= 5
    for before, after in pairwise(told.points):
        assert before.visits < after.visits and before.cost <= after.cost
        assert before.detection <= after.detection
    assert told.points[0].detection == 0
    if told.facts["n"] is not None:
        here = next(point for point in told.points if point.visits == told.facts["n"])
        assert abs(here.miss - Fraction(told.facts["miss"])) < Fraction(1, 10**11)
    assert [point["n"] for point in told.facts["curve"]] == [point.visits for point in told.points]


def test_each_point_is_the_exact_probability():
    told = ask(frame=10_000, missing=100, beta_ppm=50_000, curve=True)
    for point in told.points:
        assert point.miss == miss_probability(10_000, 100, point.visits)
    assert len(told.points) == 25


def test_a_runs_curve_rises_too():
    told = ask("activity", **RUN, curve=True)
    assert len(told.points) > 10
    assert all(a.detection <= b.detection for a, b in pairwise(told.points))
    here = next(point for point in told.points if point.visits == told.facts["per_period"])
    assert abs(here.detection - Fraction(told.facts["detect"])) < Fraction(1, 10**9)


def test_a_point_that_would_fall_is_told_as_the_worse():
    """The control of monotony: a search that did badly on the smaller sample does not show."""
    spoilt = [
        Point(n, Fraction(n), miss)
        for n, miss in ((0, Fraction(1)), (1, Fraction(1, 9)), (2, Fraction(1, 2)))
    ]
    assert spoilt[1].detection > spoilt[2].detection
    mended = _never_falling(spoilt)
    assert [point.miss for point in mended] == [1, Fraction(1, 2), Fraction(1, 2)]


HALLS = (
    '[{"name":"a","chips":156250,"test_miss_ppm":999999},{"name":"b","chips":156250,"test_miss_ppm":999999}]'
)


@pytest.mark.parametrize("beta_ppm", [0, 50_000])
def test_a_curve_that_would_take_minutes_is_not_drawn_for_anybody(beta_ppm):
    """No visits keep such a test within the risk: each point would be of every chip and every split."""
    question = {"strata": HALLS, "accept": 3, "beta_ppm": beta_ppm, "curve": True}
    long = ask(**question, missing=400)
    assert long.points == () and long.facts["curve"] == [] and long.facts["status"] == "infeasible"
    short = ask(**question, missing=20)
    assert len(short.points) > 5 and short.facts["status"] == "infeasible", "the control"


def test_nor_is_one_of_strata_of_which_half_is_visited():
    strata = '[{"name":"a","chips":9900000},{"name":"b","chips":1000}]'
    long = ask(strata=strata, missing=4_950_500, beta_ppm=0, curve=True)
    assert long.points == () and long.facts["status"] == "ok"
    for missing, beta_ppm in ((1_000, 0), (4_950_500, 50_000)):
        assert len(ask(strata=strata, missing=missing, beta_ppm=beta_ppm, curve=True).points) > 2, (
            "the control"
        )


def test_no_curve_is_drawn_where_there_is_nothing_to_catch():
    assert ask(frame=10, visits=0, beta_ppm=0, curve=True).points == ()
    assert ask("activity", **{**RUN, "chips": 1}, curve=True).points == ()
