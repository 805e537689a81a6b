"""The planner says what the golden tables say, in the contract's fields, a sentence and a table."""

from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.inspection.activity import paper_table
from ledger.inspection.plan import decimal_text
from tests.planning.questions import RUN, STRATA, activity_cases, ask, presence_cases


def test_every_golden_sample_is_told_that_millionths_can_ask_for():
    asked = infeasible = 0
    for family in ("attribute", "imperfect"):
        for query, expect in presence_cases(family):
            facts = ask(**query, bounded=False).facts
            asked += 1
            if expect.get("error") == "infeasible":
                assert (facts["status"], facts["n"]) == ("infeasible", None), query
                infeasible += 1
                continue
            assert (facts["status"], facts["n"]) == ("ok", expect["n"]), query
            assert facts["miss"] == decimal_text(Fraction(Decimal(expect["p_miss"]))), query
            assert facts["miss_digits"].replace("+00", "") == expect["p_miss"].replace("e+00", "e"), query
    assert asked > 300 and infeasible > 20


def test_every_golden_run_is_told():
    asked = impossible = published = 0
    for query, expect, paper in activity_cases():
        facts = ask("activity", **query).facts
        asked += 1
        if expect.get("error") == "run_impossible":
            assert facts["status"] == "run_impossible" and facts["per_period"] is None, query
            impossible += 1
            continue
        told = [int(facts[name]) for name in ("per_period", "per_year", "per_year_of_whole_periods")]
        assert told == [expect[name] for name in ("s_period_ceil", "s_year_ceil", "s_year_from_period_ceil")]
        assert (facts["status"], facts["exceeds_frame"]) == ("ok", expect["exceeds_frame"]), query
        assert facts["detect"] == expect["p_detect_at_period_ceil"], query
        published += paper is not None
    assert asked > 100 and impossible > 3 and published > 10


def test_the_papers_table_comes_out_of_the_door():
    """Table 1: a year's run on chips of 10^15 FLOP/s, monthly periods, a snapshot in ten days, 90 %."""
    rows = paper_table()
    for chips, run_flop, year in rows:
        facts = ask("activity", **{**RUN, "chips": chips, "run_flop": f"{float(run_flop):g}"}).facts
        assert facts["per_year"] == year, (chips, run_flop)
    assert len(rows) == 18 and rows[0][2] == 243


@pytest.mark.parametrize(
    ("query", "n", "miss"),
    [
        ({"frame": 10_000, "missing": 100}, 294, "0.0498"),
        ({"frame": 10_000, "missing": 100, "test_miss_ppm": 100_000}, 327, "0.0497"),
        ({"frame": 1_000, "missing": 5, "test_miss_ppm": 600_000}, None, "0.0777"),
        ({"strata": STRATA, "missing": 100, "sizes": "177,88,27,3"}, 295, "0.0495"),
        ({"strata": STRATA, "missing": 100, "sizes": "177,88,27,2"}, 294, "0.0599"),
        ({"strata": STRATA, "missing": 100}, 295, "0.0497"),
    ],
)
def test_the_worked_examples(query, n, miss):
    told = ask(beta_ppm=50_000, **query)
    assert (told.facts["n"], told.facts["miss"][:6]) == (n, miss)
    assert told.good is (n not in (None, 294) or ("frame" in query and n == 294))
    assert told.facts["sentence"] == told.sentence and told.table.rows


def test_the_other_way_round_is_the_same_plan_read_backwards():
    """400 visits catch 74: a plan for 74 asks for no more than 400, one for 73 for more."""
    caught = ask(frame=10_000, visits=400, beta_ppm=50_000).facts
    assert (caught["missing"], caught["n"]) == (74, 400)
    assert ask(frame=10_000, missing=74, beta_ppm=50_000).facts["n"] <= 400
    assert ask(frame=10_000, missing=73, beta_ppm=50_000).facts["n"] > 400
    assert ask(frame=10_000, budget=4_000, visit_cost=10, beta_ppm=50_000).facts["missing"] == 74


def test_a_budget_says_what_a_visit_counts_and_what_its_money_would_catch():
    free = " ".join(ask(frame=10_000, missing=100, budget=1_000, beta_ppm=50_000).notes)
    assert free == "No cost of a visit was given: each counts as 1. That is within the budget."
    short = ask(frame=10_000, missing=100, budget=1_000, visit_cost=10, beta_ppm=50_000).notes
    assert short[-1].endswith("its visits would catch only 294 or more gone, at this risk.")


def test_a_cheats_best_split_is_told_and_is_as_likely_as_the_plan_says():
    told = ask(strata=STRATA, missing=100, sizes="177,88,27,2", beta_ppm=50_000, evade=1)
    assert told.facts["evasion"]["split"] == [33, 34, 0, 33]
    assert told.facts["evasion"]["miss"] == told.facts["miss"]
    assert "34 from b, 33 from a, 33 from d" in " ".join(told.notes)
    assert "evasion" not in ask(frame=10_000, missing=100, beta_ppm=50_000).facts
    whole = ask(frame=10_000, missing=100, beta_ppm=50_000, evade=1)
    assert whole.facts["evasion"]["split"] == [100]
    assert "take 100, no matter which, and" in whole.notes[0]


def test_a_significant_quantity_says_how_many_chips_matter():
    told = ask(frame=10_000, beta_ppm=50_000, run_flop="1e24", chip_flop_per_day="8.64e19", run_days=90)
    assert told.facts["missing"] == 129  # 10^24 / (8.64 10^19 * 90) is 128.6
    assert told.facts["n"] == ask(frame=10_000, beta_ppm=50_000, missing=129).facts["n"]
    assert "129 chips" in told.notes[0]


def test_pooled_provers_are_one_frame():
    told = ask(provers="north:6000,south:4000", missing=100, beta_ppm=50_000)
    assert told.facts["n"] == 294
    assert [each["prover"] for each in told.facts["apart"]] == ["north", "south"]
    assert "Pooled" in " ".join(told.notes)


def test_stages_keep_the_risk_over_all_of_them():
    told = ask(frame=10_000, missing=100, beta_ppm=50_000, stages="0:2,1:2")
    assert told.facts["n"] > 294  # a second chance for the cheat is paid for
    assert Fraction(told.facts["miss"]) <= Fraction(1, 20)
    assert told.facts["stages"]["sizes"] == [told.facts["n"]]
    alone = ask(frame=10_000, missing=100, beta_ppm=50_000, stages="0:1")
    assert alone.facts["n"] == 294


def test_a_budget_is_weighed_and_visits_are_told_per_site():
    strata = '[{"name":"x","site":"s","chips":500,"cost":"2.50"},{"name":"y","site":"s","chips":500}]'
    told = ask(strata=strata, missing=50, beta_ppm=50_000, budget=50)
    assert told.facts["within_budget"] is False and told.facts["budget_catches"] > 50
    assert told.facts["sites"] == [{"site": "s", "n": told.facts["n"]}]
    assert Fraction(told.facts["cost"]) > 50
    assert ask(strata=strata, missing=50, beta_ppm=50_000, budget=1_000).facts["within_budget"] is True


def test_strata_without_a_site_are_told_with_none():
    strata = '[{"name":"x","site":"s","chips":500},{"name":"rest","chips":500}]'
    told = ask(strata=strata, missing=50, beta_ppm=50_000)
    x, rest = told.facts["strata"]
    assert told.facts["sites"] == [{"site": "s", "n": x["n"]}, {"site": None, "n": rest["n"]}]
    assert [row[:2] for row in told.table.rows] == [("x", "s"), ("rest", ""), ("all", "")]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"frame": 1_000, "missing": 0}, "missing is 0, so there is nothing to find"),
        ({"strata": STRATA, "missing": 0}, "missing is 0, so there is nothing to find"),
        ({"frame": 1_000, "missing": 0, "direction": "floor_to_book"}, "missing is 0"),
        ({"frame": 1_000, "missing": 3, "accept": 3}, "accept is 3, and missing is 3: "),
        ({"strata": STRATA, "missing": 2, "accept": 3}, "accept is 3, and missing is 2: "),
        ({"frame": 1_000, "missing": 3, "accept": 5, "sizes": 9}, "accept is 5, and missing is 3: "),
        ({"frame": 1_000, "missing": 1, "stages": "0:2,1:2"}, "stages accept 1, and missing is 1: "),
    ],
    ids=str,
)
def test_where_nothing_would_be_rejected_the_parameter_is_named(query, named):
    told = ask(**query, beta_ppm=50_000)
    assert named in told.sentence and " if 0 " not in told.sentence and not told.good
    sound = ask(**{**query, "missing": 100}, beta_ppm=50_000)
    assert named not in sound.sentence, "the control"
    if "frame" in query:  # who bears any risk has a plan
        assert named not in ask(**query, beta_ppm=1_000_000).sentence


@pytest.mark.parametrize(
    ("name", "said"), [("period_days", "chips each day ("), ("run_days", "over 1 day, on")]
)
def test_one_day_is_no_days(name, said):
    told = ask("activity", **{**RUN, name: 1, "chips": 1_000_000, "longest_days": 1})
    words = " ".join((told.sentence, *told.notes, *map(str, told.table.rows)))
    assert said in words and "up to 1 day " in words and "1 days" not in words
    assert "365 days" in ask("activity", **RUN).sentence, "the control"


def test_positions_are_called_positions():
    told = ask(frame=10_000, missing=100, beta_ppm=50_000, direction="floor_to_book")
    assert "positions" in told.sentence and "chips" not in told.sentence and told.facts["n"] == 294


def test_no_number_that_is_not_zero_is_told_as_one():
    told = ask(frame=1_000, missing=900, sizes=500, beta_ppm=50_000)
    assert told.facts["miss"] == "0.000000000000" and told.facts["miss_digits"] == "0"  # that one is
    tiny = ask(frame=100_000, missing=1_000, sizes=5_000, beta_ppm=50_000)
    assert tiny.facts["miss"] == "0.000000000000" and "e-" in tiny.facts["miss_digits"]
    assert "below 0.000000000001" in str(tiny.table.rows) and "e-" in tiny.sentence


def test_the_worst_length_asks_for_no_less_than_the_told_one():
    facts = ask("activity", **RUN).facts
    assert facts["worst"]["per_period"] >= facts["per_period"] == 20
    same = ask("activity", **RUN, longest_days=365).facts
    assert same["worst"]["per_period"] == same["per_period"]
