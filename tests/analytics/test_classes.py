"""The class of a listed model is the golden one, or undetermined where the ledger does not know enough."""

import csv
from datetime import date
from fractions import Fraction

import pytest

from analytics.export_control.classify import UNDETERMINED
from analytics.export_control.rules import QUOTAS_TPP
from analytics.reporting.classing import (
    against_quotas,
    by_class,
    class_of,
    classed,
    figures_of,
    notes_of,
)
from analytics.reporting.drills import drill_into, read_way
from analytics.snapshots import open_snapshot
from ledger.book.tables import CHIPS
from tests.analytics.trade import Trade
from tests.analytics.wide_reports import snapshot_of, told
from tests.shared import shared

UM2 = 1_000_000
IN_FORCE = date(2025, 3, 1)  # a day of the quotas
BEFORE = date(2026, 1, 14)  # the last day without the policy for China


def listed(row):
    """A model as the ledger would list it: whole numbers, links between chips and no other ports."""

    def whole(name, times=1):
        return int(Fraction(row[name]) * times) if row[name] else None

    return {
        "grouped": "x",
        "model": row["model_id"],
        "chips": 1,
        "tpp": whole("tpp"),
        "abroad_tpp": whole("tpp"),
        "h100e": None,
        "chip_tpp": whole("tpp"),
        "die_area_um2": whole("die_area_mm2", UM2),
        "interconnect_gbps": whole("interconnect_gb_s"),
        "memory_bandwidth_gbps": whole("memory_bandwidth_gb_s"),
        "entry_index": 1,
    }


def rows_of(*parts):
    with shared("data", *parts).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def models():
    return {row["model_id"]: listed(row) for row in rows_of("chips", "chip_models.csv") if row["tpp"]}


@pytest.fixture(scope="module")
def golden():
    return {row["model_id"]: row for row in rows_of("export_control", "golden_classification.csv")}


def test_the_rule_of_2023_gives_the_golden_class(models, golden):
    """Densities of whole TPP and square micrometres: the golden class for all made for data centres."""
    checked, others = 0, 0
    for name, row in models.items():
        found = class_of(row, date(2024, 6, 1), None).listed_as
        if golden[name]["datacenter"] != "yes":
            others += 1  # the report takes every chip as one of data centres, and says so
            continue
        assert found.removeprefix("3A090.") == golden[name]["us-2023-11"].removeprefix("3A090."), name
        checked += 1
    assert (checked, checked + others) == (46, 48)


def test_the_rule_of_2022_is_the_golden_one_and_sharper_where_links_suffice(models, golden):
    opened, settled = set(), set()
    for name, row in models.items():
        found = class_of(row, date(2024, 6, 1), "us-2022-10").listed_as
        links = row["interconnect_gbps"]
        expected = {"3A090:yes": "3A090", "3A090:no": "none"}.get(golden[name]["us-2022-10"], UNDETERMINED)
        if found != expected and expected == UNDETERMINED:
            assert links >= 600 and found == "3A090", "links alone reach the line, whatever else there is"
            settled.add(name)
        elif found != expected:
            assert found == UNDETERMINED and (links is None or 472 <= links < 600), (name, found, expected)
            opened.add(name)
    assert settled == {"google-tpu-v5p", "google-tpu-v6e", "google-tpu-v7"}
    assert opened == set(), "no model of the table has links between 472 and 600 GB/s"


def at(links, tpp=5_000, area=800 * UM2):
    row = {"chip_tpp": tpp, "die_area_um2": area, "interconnect_gbps": links, "memory_bandwidth_gbps": 3_000}
    return class_of(row, date(2022, 12, 1), None)


@pytest.mark.parametrize(
    ("links", "listed_as"),
    [(0, "none"), (471, "none"), (472, UNDETERMINED), (599, UNDETERMINED), (600, "3A090"), (900, "3A090")],
)
def test_the_line_of_links_is_open_by_what_other_ports_may_add(links, listed_as):
    assert at(links).listed_as == listed_as
    assert at(links, tpp=4_799).listed_as == "none", "below the rate nothing else matters"


def test_what_is_unknown_is_named_and_a_die_area_only_where_it_matters():
    found = at(500)
    assert found.unknown == ("io_total_gb_s",) and found.possible == ("3A090", "none")
    row = {"chip_tpp": 2_000, "die_area_um2": None, "interconnect_gbps": 0, "memory_bandwidth_gbps": None}
    later = class_of(row, date(2024, 1, 1), None)
    assert later.listed_as == UNDETERMINED and later.unknown == ("performance_density",)
    assert class_of({**row, "chip_tpp": 4_800}, date(2024, 1, 1), None).listed_as == "3A090.a"
    assert class_of({**row, "chip_tpp": 1_599}, date(2024, 1, 1), None).listed_as == "none"
    assert class_of(row, date(2022, 10, 20), None).listed_as == "no_rule", "the first rule begins a day later"
    blank = {"chip_tpp": None, "die_area_um2": None, "interconnect_gbps": None, "memory_bandwidth_gbps": None}
    assert set(figures_of(blank).values()) == {None}
    assert class_of(blank, date(2024, 1, 1), None).listed_as == UNDETERMINED, "of no listed model"


def test_chips_without_a_model_are_counted_and_listed_with_the_class_that_nobody_can_tell(tmp_path):
    """A label's word names no model; another model's die area is not listed: both are of one class."""
    trade = Trade()
    trade.list_model("mid", {"bf16": 100_000}, tpp=3_000)
    trade.enrol("acme", "maker", "TW")
    trade.make("acme", range(3), model="mid")
    trade.declare("acme", ["acme:X1", "acme:X2"])
    report = told(snapshot_of(trade, tmp_path), "export_class", grouping="custodian")
    (row,) = report["beside"]["by_class"]
    assert (row["listed_as"], row["chips"], row["models"]) == ("undetermined", 5, "registrar/mid -")
    with open_snapshot(tmp_path / str(trade.size) / "s" / report["snapshot"], "500MB", 1) as connection:
        listed = {chip for chip, *_ in connection.execute(row["drill"]).fetchall()}
    assert listed == {chip.chip for chip in trade.rows(CHIPS)} and len(listed) == 5
    way = drill_into("export_class", "by_class", row, "custodian", {})
    assert read_way(way.name, way.said()) == way


def test_what_is_undetermined_stands_apart_and_quotas_hold_whole_chips(models):
    hold = [
        {**models["nvidia-h100-sxm5-80"], "chips": 10, "tpp": 10 * 15_831, "h100e": 10.0,
         "abroad_tpp": 10 * 15_831},
        {**models["nvidia-h100-sxm5-80"], "model": "odd", "chips": 2, "tpp": 4_000, "abroad_tpp": 4_000,
         "chip_tpp": 2_000, "die_area_um2": None},
    ]  # fmt: skip
    rows = classed(hold, date(2024, 6, 1), None)
    found = {row["listed_as"]: row["chips"] for row in by_class(rows)}
    assert found == {"3A090.a": 10, UNDETERMINED: 2}
    of_party = {row["quota"]: row for row in against_quotas(rows, "custodian", IN_FORCE, None)}
    of_country = {row["quota"]: row for row in against_quotas(rows, "country", IN_FORCE, None)}
    assert of_party.keys() == {"consignee_year", "validated_end_user"} and of_country.keys() == {"country"}
    assert of_party.keys() | of_country.keys() == QUOTAS_TPP.keys()
    held = of_party["consignee_year"]
    assert (held["listed_tpp"], held["undetermined_tpp"]) == (158_310, 4_000)
    assert held["share"] == pytest.approx(158_310 / 26_900_000)
    at_home = [{**row, "abroad_tpp": 0} for row in rows]
    assert against_quotas(at_home, "country", IN_FORCE, None) == [], "what was never sent is in no quota"


@pytest.mark.parametrize(
    ("day", "rule", "is_there"),
    [
        (date(2025, 1, 12), None, False),
        (date(2025, 1, 13), None, True),
        (date(2025, 5, 13), None, True),
        (date(2025, 5, 14), None, False),
        (IN_FORCE, "us-2023-11", True),
        (IN_FORCE, "us-2022-10", False),
        (date(2026, 11, 21), "us-2023-11", False),
    ],
)
def test_a_quota_is_told_of_days_on_which_it_was_in_force(models, day, rule, is_there):
    rows = classed([models["nvidia-h100-sxm5-80"]], day, rule)
    assert bool(against_quotas(rows, "country", day, rule)) == is_there
    told = " ".join(notes_of(day, rule))
    assert ("no limit of holdings" in told) == is_there
    assert (f"no quota was in force on {day}" in told) == (not is_there and day != IN_FORCE)


def test_a_policy_is_told_of_from_its_day_on_and_a_day_without_a_list_is_said(models):
    row = models["nvidia-h20-96"] if "nvidia-h20-96" in models else models["nvidia-h100-sxm5-80"]
    reviews = {day: classed([row], day, None)[0]["china_review"] for day in (BEFORE, date(2026, 1, 15))}
    assert reviews[BEFORE] is None and reviews[date(2026, 1, 15)] is not None
    assert "was not in force on 2026-01-14" in " ".join(notes_of(BEFORE, None))
    early = date(2021, 1, 1)
    assert classed([row], early, None)[0]["listed_as"] == "no_rule"
    assert "no list was in force on 2021-01-01: no chip is classed" in notes_of(early, None)
    assert not any("no list" in note for note in (*notes_of(early, "us-2022-10"), *notes_of(BEFORE, None)))
