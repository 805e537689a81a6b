"""Golden answers of dated rules: 49 models, 25 cases on the lines, memory, quotas, days."""

import csv
import json
from datetime import date
from fractions import Fraction

import pytest

from analytics.export_control import classify as classes
from analytics.export_control.classify import (
    UNDETERMINED,
    china_review,
    classify,
    classify_at,
    exception_open,
    memory_listed,
    quota_chips,
)
from analytics.export_control.rules import CHIPS_RULE, FIRST_RULE, METRICS, RULES, in_force, rule_named
from tests.shared import shared


def rows(name):
    with shared("data", "export_control", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figures_of(row):
    return {name: Fraction(row[name]) if row[name] else None for name in METRICS}


@pytest.mark.parametrize(("name", "count"), [("golden_classification.csv", 49), ("golden_boundary.csv", 25)])
def test_every_golden_chip_has_its_class_exception_and_review(name, count):
    checked = 0
    for row in rows(name):
        figures, centre = figures_of(row), row["datacenter"] == "yes"
        first = classify(rule_named(FIRST_RULE), figures).listed_as
        said = {"3A090": "3A090:yes", "none": "3A090:no"}.get(first, first)
        assert said == row["us-2022-10"], row
        now = classify(rule_named(CHIPS_RULE), figures, for_data_centres=centre)
        assert now.listed_as == row["us-2023-11"], row
        reason = row["us-2023-11_reason"]
        if now.listed_as == UNDETERMINED:
            assert "|".join(now.possible) == reason.partition("possible: ")[2] and now.unknown
        else:
            assert now.paragraph == reason.partition(" ")[0] * (now.listed_as != "none"), row
        assert exception_open(now, for_data_centres=centre) == row["us-2023-11_nac"], row
        assert china_review(now, figures) == row["us-2026-01_china_review"], row
        checked += 1
    assert checked == count


def test_memory_is_listed_above_two_and_excepted_below_three_point_three():
    for row in rows("golden_hbm.csv"):
        listed, excepted = memory_listed(Fraction(row["bandwidth_gb_s"]), Fraction(row["area_mm2"]))
        assert listed is (row["us-2024-12_3A090.c"] == "yes"), row
        if listed:
            assert excepted is (row["hbm_exception_density_ok"] == "yes"), row
    assert len(rows("golden_hbm.csv")) == 10


def test_quotas_hold_whole_chips():
    told = rows("golden_quota.csv")
    for row in told:
        named = (row["lpp_max_chips"], row["country_max_chips"], row["nveu_max_chips"])
        assert tuple(map(str, quota_chips(Fraction(row["tpp"])).values())) == named, row
    assert len(told) == 48
    with pytest.raises(ValueError, match="tpp"):
        quota_chips(Fraction(0))


def test_rules_apply_from_the_day_they_take_effect_to_their_last():
    said = json.loads(shared("data", "export_control", "golden_rules_at_date.json").read_text())["at"]
    for day, names in said.items():
        assert [rule.rule for rule in in_force(date.fromisoformat(day))] == names, day
    assert len(said) == 16


def test_what_is_in_the_page_is_in_the_code():
    """The citations and days are those of the shared summary."""
    page = {
        each["rule_id"]: each
        for each in json.loads(shared("data", "export_control", "rules.json").read_text())["rules"]
    }
    assert set(page) == {rule.rule for rule in RULES}
    for rule in RULES:
        assert rule.effective_from.isoformat() == page[rule.rule]["effective_from"]
        told = page[rule.rule]["effective_to"]
        assert told == (None if rule.effective_to is None else rule.effective_to.isoformat())
        assert rule.citation[:9] == page[rule.rule]["citation"][:9]


def test_before_the_first_rule_nothing_is_listed_and_a_rule_without_a_list_classifies_nothing():
    h100 = {"tpp": Fraction(15_824), "performance_density": Fraction(19), "io_total_gb_s": Fraction(1_028)}
    assert classify_at(date(2022, 10, 20), h100).listed_as == "no_rule"
    assert classify_at(date(2022, 10, 21), h100).listed_as == "3A090"
    assert classify_at(date(2026, 1, 1), h100).listed_as == "3A090.a"
    with pytest.raises(ValueError, match="lists no chips"):
        classify(rule_named("us-2024-12"), h100)


def test_an_unknown_that_changes_nothing_leaves_the_class(monkeypatch):
    """And were an unknown taken for nought, the golden answers would notice."""
    strong = {"tpp": Fraction(5_000)}
    assert classify(rule_named(CHIPS_RULE), strong).listed_as == "3A090.a"
    weak = {"tpp": Fraction(2_000)}
    assert classify(rule_named(CHIPS_RULE), weak).possible == ("3A090.a", "3A090.b", "none")
    monkeypatch.setattr(classes, "_values", lambda *asked: [asked[2] or Fraction(0)])
    assert classify(rule_named(CHIPS_RULE), weak).listed_as == "none"
    with pytest.raises(AssertionError):
        test_every_golden_chip_has_its_class_exception_and_review("golden_classification.csv", 49)
