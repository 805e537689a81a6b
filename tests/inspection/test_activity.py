"""The planner for hidden runs agrees with the golden table, the published one, and a plain calculation."""

import json
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.inspection.activity import (
    ActivityPlan,
    HiddenRun,
    RunImpossible,
    activity,
    paper_table,
    worst_run,
)
from ledger.inspection.plan import decimal_text, scientific_text
from tests.shared import vectors

NAMES = {
    "run_flop": "H",
    "chip_flop_per_day": "a",
    "run_days": "T",
    "period_days": "Tm",
    "snapshots_per_day": "f",
    "detect": "p",
}


def cases():
    return json.loads(vectors("sampling", "shavit.json").read_text())["cases"]


def question(params):
    """Texts become exact fractions; what is no number is refused as the planner would refuse it."""
    chips = Fraction(str(params["C"]))
    exact = {name: Fraction(str(params[short])) for name, short in NAMES.items()}
    return HiddenRun(chips=int(chips) if chips.denominator == 1 else chips, **exact)


def answer(params):
    try:
        plan = activity(question(params))
    except ValueError:
        return {"error": "invalid"}
    if isinstance(plan, RunImpossible):
        return {"error": "run_impossible"}
    return {
        "chips_needed": scientific_text(plan.chips_needed, 30),
        "s_period": scientific_text(plan.per_period, 30),
        "s_period_ceil": plan.period,
        "s_year": scientific_text(plan.per_year, 30),
        "s_year_ceil": plan.year,
        "s_year_from_period_ceil": plan.year_of_whole_periods,
        "p_detect_at_period_ceil": decimal_text(plan.detect_at_period),
        "exceeds_frame": plan.exceeds_frame,
    }


def printed(year):
    """As the paper prints it: three significant digits from 1,000 up."""
    if year is None or year < 1000:
        return None if year is None else str(year)
    digits, exponent = scientific_text(Fraction(year), 3).split("e+")
    return f"{digits}e{int(exponent)}"


def test_every_case_is_answered_as_in_the_table():
    ran = refused = 0
    for case in cases():
        expect = {key: value for key, value in case["expect"].items() if key != "why"}
        assert answer(case["params"]) == expect, case["id"]
        ran += 1
        refused += "error" in expect
    assert (ran, refused) == (203, 38)


def test_the_published_table_is_met_cell_by_cell():
    published = [case for case in cases() if case.get("note") == "Shavit 2023 Table 1"]
    expected = {(c["params"]["C"], Fraction(c["params"]["H"])): c["published"] for c in published}
    got = {(chips, run): printed(year) for chips, run, year in paper_table()}
    assert got == expected
    assert len(got) == 18
    footnote = next(c for c in cases() if c.get("note") == "Shavit 2023 footnote 5")
    assert str(activity(question(footnote["params"])).year) == footnote["published"] == "231572"


def slow(run):
    """Eq. 1 as it stands, in 300 digits."""
    with localcontext() as context:
        context.prec = 300
        exact = {n: Decimal(v.numerator) / v.denominator for n in NAMES for v in [getattr(run, n)]}
        took = exact["run_flop"] / (exact["chip_flop_per_day"] * exact["run_days"] * run.chips)
        q = took * (1 - (-exact["snapshots_per_day"] * exact["period_days"]).exp())
        s = (1 - exact["detect"]).ln() / (1 - q).ln() * exact["period_days"] / exact["run_days"]
        return s, int(s.to_integral_value(ROUND_CEILING))


TENTHS = st.integers(1, 4000).map(lambda tenths: Fraction(tenths, 10))


@given(
    st.builds(
        HiddenRun,
        chips=st.integers(1, 10**7),
        run_flop=st.integers(10**20, 10**28).map(Fraction),
        chip_flop_per_day=st.integers(10**18, 10**21).map(Fraction),
        run_days=TENTHS,
        period_days=TENTHS,
        snapshots_per_day=st.fractions(Fraction(1, 1000), Fraction(5)),
        detect=st.fractions(Fraction(1, 1000), Fraction(999_999, 10**6)),
    )
)
@settings(max_examples=40, deadline=None)
def test_the_formula_worked_out_plainly_agrees(run):
    plan = activity(run)
    if run.chips_needed > run.chips:
        assert plan == RunImpossible(run.chips_needed)
        return
    s, whole = slow(run)
    assert plan.period == whole
    assert abs(plan.per_period - Fraction(s)) <= plan.per_period / 10**29


RUN = HiddenRun(
    chips=10_000,
    run_flop=Fraction("2.56e24"),
    chip_flop_per_day=Fraction(86_400 * 10**15),
    run_days=Fraction(365),
    period_days=Fraction(30),
    snapshots_per_day=Fraction(1, 10),
    detect=Fraction(9, 10),
)


def test_the_worst_length_is_the_longest_and_its_limit_is_enough_for_all():
    limit = worst_run(RUN)
    assert limit.shortest_days == RUN.run_flop / (RUN.chip_flop_per_day * RUN.chips)
    asked = []
    for stretch in (1, Fraction(11, 10), 2, 10, 100, 10_000):
        days = limit.shortest_days * stretch
        plan = activity(replace(RUN, run_days=days))
        assert isinstance(plan, ActivityPlan)
        up_to = worst_run(RUN, days)
        assert (up_to.per_period, up_to.period, up_to.year) == (plan.per_period, plan.period, plan.year)
        asked.append(plan.per_period)
        assert plan.per_period < limit.per_period
        assert plan.period <= limit.period
        assert plan.year <= limit.year
    assert asked == sorted(asked)
    assert asked[-1] > limit.per_period * Fraction(9999, 10_000)
    assert isinstance(worst_run(RUN, limit.shortest_days * Fraction(99, 100)), RunImpossible)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chips", 0),
        ("chips", True),
        ("run_flop", Fraction(0)),
        ("chip_flop_per_day", 1.5),
        ("run_days", Fraction(-1)),
        ("period_days", Fraction(10**61)),
        ("snapshots_per_day", Fraction(0)),
        ("detect", Fraction(1)),
        ("detect", Fraction(-1, 10)),
        ("detect", 0.9),
    ],
)
def test_a_wrong_parameter_is_named(name, value):
    for planner in (activity, worst_run):
        with pytest.raises(ValueError, match=f"^{name} "):
            planner(replace(RUN, **{name: value}))
