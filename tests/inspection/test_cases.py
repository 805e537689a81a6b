"""The planners answer questions in plain words; and of the golden answers none is left without a test."""

import json
import re
from fractions import Fraction

from ledger.inspection.plan import (
    Infeasible,
    decimal_text,
    miss_probability,
    presence,
    scientific_text,
)
from ledger.inspection.verdict import lower_bound, upper_bound
from tests.inspection import test_activity, test_portfolio
from tests.shared import vectors

ANSWERS = {
    "attribute.json": 446,
    "bounds.json": 206,
    "cases.json": 40,
    "coverage.json": 98,
    "draw.json": 46,
    "draw_properties.json": 28,
    "iaea.json": 353,
    "imperfect.json": 123,
    "portfolio.json": 53,
    "shavit.json": 203,
}
"""Each met in a test of its own that counts what it ran: here (40), and in test_activity (203),
test_approximations (353), test_binomial (17 of the bounds, 97 of coverage), test_draw (46, 28 and the fixed
draws of coverage), test_plan (446, 123, the exact rates of coverage), test_portfolio (53), test_verdict
(189)."""


def cost_text(cost):
    """Exact, with at least two decimals."""
    digits = 2
    while cost * 10**digits % 1:
        digits += 1
    return decimal_text(cost, digits)


def planned(p):
    overlook = 1 - Fraction(p.get("s", "1"))
    plan = presence(p["N"], p["d"], 1 - Fraction(p["confidence"]), p.get("c", 0), overlook)
    if isinstance(plan, Infeasible):
        return {"error": "infeasible"}, None, None
    less = plan.miss_one_less
    told = {
        "n": plan.n,
        "p_miss": scientific_text(plan.miss),
        "p_detect": decimal_text(1 - plan.miss),
        "p_miss_at_n_minus_1": None if less is None else scientific_text(less),
    }
    if "s" not in p:
        told["equality"] = plan.miss == 1 - Fraction(p["confidence"])
    return told, {"sample_size": plan.n, "p_detect": told["p_detect"]}, plan.n


def detected(p):
    miss = miss_probability(p["N"], p["d"], p["n"], 0, 1 - Fraction(p.get("s", "1")))
    told = {"n": p["n"], "p_miss": scientific_text(miss), "p_detect": decimal_text(1 - miss)}
    return told, {"sample_size": p["n"], "p_detect": told["p_detect"]}, p["n"]


def looked_for(p):
    told = test_activity.answer(p)
    if "error" in told:
        return told, None, None
    short = {
        "sample_size": told["s_period_ceil"],
        "per_year": told["s_year_ceil"],
        "p_detect": told["p_detect_at_period_ceil"],
    }
    return told, short, told["s_year_ceil"]


def bounded(p):
    silent, alpha = p.get("r", 0), 1 - Fraction(p["confidence"])
    frame, n, found = p["N"], p["n"], p["x"]
    upper, lower = upper_bound(frame, n, found + silent, alpha), lower_bound(frame, n, found, alpha)
    both = [lower_bound(frame, n, found, alpha / 2), upper_bound(frame, n, found + silent, alpha / 2)]
    if "r" not in p:
        told = {"upper_one_sided": upper, "lower_one_sided": lower, "two_sided": both}
        return told, {"at_most": upper, "at_least": lower}, None
    told = {
        "upper_counted_as_violation": upper,
        "upper_if_wrongly_dropped": upper_bound(frame, n - silent, found, alpha),
        "lower_counted_as_compliant": lower,
        "two_sided_counted_as_violation": both,
    }
    return told, {"at_most": upper}, None


def portioned(p):
    told = test_portfolio.answer(p)
    detect = decimal_text(1 - Fraction(told["worst_mix_p_miss"]))
    short = {"sample_size": told["n_total"], "per_stratum": told["n_h"], "p_detect": detect}
    return told, short, told["n_total"]


PLANNERS = {
    "attribute": planned,
    "imperfect": planned,
    "detect": detected,
    "shavit": looked_for,
    "bound": bounded,
    "nonresponse": bounded,
    "portfolio": portioned,
}


def test_every_question_in_words_gets_its_short_and_its_full_answer():
    ran = dict.fromkeys(PLANNERS, 0)
    for case in json.loads(vectors("sampling", "cases.json").read_text())["cases"]:
        p, expect = case["params"], {k: v for k, v in case["expect"].items() if k != "why"}
        told, short, visits = PLANNERS[case["family"]](p)
        if "error" in told:
            short = {"refused": told["error"]}
        elif visits is not None and "cost_per_inspection" in p:
            told["cost"] = short["cost"] = cost_text(visits * Fraction(p["cost_per_inspection"]))
        assert told == expect, case["id"]
        assert short == case["answer"], case["id"]
        ran[case["family"]] += 1
    assert sum(ran.values()) == 40
    assert all(ran.values())


def test_the_golden_files_hold_as_many_answers_as_are_tested():
    readme = vectors("sampling", "README.md").read_text()
    counted = {name: int(n) for name, n in re.findall(r"^\| `(\w+\.json)` \| \d+ \| (\d+) \|", readme, re.M)}
    assert counted == ANSWERS
    assert sum(ANSWERS.values()) == 1596
