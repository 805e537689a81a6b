"""A question is read strictly, and whatever is wrong with it is named."""

import pytest

from ledger.planning.reading import read_demand
from signing.canonical import Unreadable
from tests.planning.questions import RUN, STRATA

GOOD = {"frame": "10000", "missing": "100", "beta_ppm": "50000"}
SPLIT = {"strata": STRATA, "missing": "100", "beta_ppm": "50000"}
WRONG = [
    (GOOD, {"frame": "0"}, "frame"),
    (GOOD, {"frame": "1e4"}, "frame"),
    (GOOD, {"frame": "100000001"}, "frame"),
    (GOOD, {"frame": "9" * 30}, "frame"),
    (GOOD, {"missing": "10001"}, "missing"),
    (GOOD, {"missing": "-1"}, "missing"),
    (GOOD, {"missing": "\u0661"}, "missing"),
    (GOOD, {"beta_ppm": "1000001"}, "beta_ppm"),
    (GOOD, {"beta_ppm": "0.05"}, "beta_ppm"),
    (GOOD, {"accept": "1001"}, "accept"),
    (GOOD, {"test_miss_ppm": "x"}, "test_miss_ppm"),
    (GOOD, {"surprise": "1"}, "surprise"),
    (GOOD, {"chips": "1"}, "chips"),
    (GOOD, {"run_flop": "1e24"}, "missing"),
    (GOOD, {"visits": "400"}, "visits"),
    (GOOD, {"sizes": "1,2"}, "sizes"),
    (GOOD, {"sizes": "10001"}, "sizes"),
    (GOOD, {"stages": "0"}, "stages"),
    (GOOD, {"stages": "2:2"}, "stages"),
    (GOOD, {"stages": "0:2"}, "stages"),
    (GOOD, {"stages": "0:1", "accept": "1"}, "stages"),
    (GOOD, {"stages": ",".join(["0:2"] * 11)}, "stages"),
    (GOOD, {"stages": "0:99,98:99"}, "stages"),
    (GOOD, {"stages": "0:2,2:3"}, "stages"),
    (GOOD, {"provers": "a:1,a:2"}, "provers"),
    (GOOD, {"provers": "a:1"}, "provers"),
    (GOOD, {"provers": "a"}, "provers"),
    (GOOD, {"direction": "sideways"}, "direction"),
    (GOOD, {"evade": "yes"}, "evade"),
    (GOOD, {"visit_cost": "-1"}, "visit_cost"),
    (GOOD, {"visit_cost": "1e99"}, "visit_cost"),
    (GOOD, {"visit_cost": "NaN"}, "visit_cost"),
    (GOOD, {"sizes": "294", "budget": "3"}, "budget"),
    (GOOD, {"strata": STRATA, "frame": "9999"}, "frame"),
    (GOOD, {"strata": "[", "frame": "9"}, "strata"),
    (SPLIT, {"strata": "[]"}, "strata"),
    (SPLIT, {"strata": "null"}, "strata"),
    (SPLIT, {"strata": '[],"x":1'}, "strata"),
    (SPLIT, {"strata": '[{"name":"a","chips":-1}]'}, "strata"),
    (SPLIT, {"strata": '[{"name":"a","chips":1.5}]'}, "strata"),
    (SPLIT, {"strata": '[{"name":"a b","chips":100}]'}, "strata"),
    (SPLIT, {"strata": '[{"name":"a","chips":100},{"name":"a","chips":1}]'}, "strata"),
    (SPLIT, {"strata": '[{"name":"a","chips":100,"colour":"red"}]'}, "strata"),
    (SPLIT, {"strata": '[{"name":"a","chips":100,"cost":"-2"}]'}, "strata"),
    (SPLIT, {"strata": '[{"name":"a","chips":100,"test_miss_ppm":1000001}]'}, "strata"),
    (SPLIT, {"strata": "[" + ",".join(f'{{"name":"s{n}","chips":9}}' for n in range(65)) + "]"}, "strata"),
    (SPLIT, {"visit_cost": "1"}, "visit_cost"),
    (SPLIT, {"accept": "4"}, "accept"),
]  # fmt: skip
WRONG_RUNS = [
    ({"chips": "0"}, "chips"),
    ({"chips": "1.5"}, "chips"),
    ({"run_flop": "0"}, "run_flop"),
    ({"run_flop": "inf"}, "run_flop"),
    ({"run_flop": "1e61"}, "run_flop"),
    ({"run_flop": "1/3"}, "run_flop"),
    ({"run_days": "-3"}, "run_days"),
    ({"period_days": "1" * 65}, "period_days"),
    ({"snapshots_per_day": "1_0"}, "snapshots_per_day"),
    ({"beta_ppm": "0"}, "beta_ppm"),
    ({"frame": "1"}, "frame"),
    ({"longest_days": ""}, "longest_days"),
]


@pytest.mark.parametrize(("base", "spoilt", "named"), WRONG, ids=str)
def test_what_is_wrong_is_named(base, spoilt, named):
    read_demand("presence", base)  # the control
    with pytest.raises(Unreadable) as fault:
        read_demand("presence", {**base, **spoilt})
    assert fault.value.field == named


@pytest.mark.parametrize(("spoilt", "named"), WRONG_RUNS, ids=str)
def test_what_is_wrong_with_a_run_is_named(spoilt, named):
    read_demand("activity", RUN)
    with pytest.raises(Unreadable) as fault:
        read_demand("activity", {**RUN, **spoilt})
    assert fault.value.field == named


@pytest.mark.parametrize("name", sorted(RUN))
def test_each_of_eq_1s_inputs_must_be_there(name):
    with pytest.raises(Unreadable) as fault:
        read_demand("activity", {key: value for key, value in RUN.items() if key != name})
    assert fault.value.field == name


def test_what_would_take_long_is_refused_to_anybody_and_not_on_ones_own_machine():
    many = "[" + ",".join(f'{{"name":"s{n}","chips":9}}' for n in range(9)) + "]"
    long = [
        {"strata": many, "visits": "40", "beta_ppm": "50000"},
        {"strata": many, "missing": "9", "beta_ppm": "50000", "accept": "1"},
        {
            "strata": STRATA.replace("6000", "90000000"),
            "missing": "20000",
            "beta_ppm": "1",
            "test_miss_ppm": "1",
        },
        {"frame": "100000000", "visits": "50000000", "beta_ppm": "1", "test_miss_ppm": "5"},
        {**GOOD, "stages": "0:2,0:2,0:2,0:2,1:2"},
        {**GOOD, "missing": "1001", "stages": "0:2,1:2", "test_miss_ppm": "1"},
        {**SPLIT, "missing": "101", "stages": "0:2,1:2"},
        {**SPLIT, "missing": "501", "accept": "1", "test_miss_ppm": "1"},
        {"strata": STRATA, "visits": "40", "beta_ppm": "0"},
        {**SPLIT, "budget": "40", "beta_ppm": "0"},
    ]
    for query in long:
        assert read_demand("presence", query, bounded=False)
        with pytest.raises(Unreadable):
            read_demand("presence", query)
    assert len(long) == 10
    for short in (
        {**GOOD, "missing": "1000", "stages": "0:2,1:2", "test_miss_ppm": "1"},
        {**GOOD, "missing": "1001", "stages": "0:2,1:2"},
        {**SPLIT, "missing": "100", "stages": "0:2,1:2", "test_miss_ppm": "1"},
        {**SPLIT, "missing": "500", "accept": "1", "test_miss_ppm": "1"},
        {"strata": STRATA, "visits": "40", "beta_ppm": "1"},
    ):
        assert read_demand("presence", short)
