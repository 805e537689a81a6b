"""The class of a listed model is the golden one, or undetermined where the ledger does not know enough."""

import csv
from datetime import date
from fractions import Fraction

import pytest

from analytics.export_control.classify import UNDETERMINED
from analytics.export_control.rules import QUOTAS_TPP
from analytics.reporting.classing import against_quotas, by_class, class_of, classed, figures_of
from tests.shared import shared

UM2 = 1_000_000


def listed(row):
    """A model as the ledger would list it: whole numbers, links between chips and no other ports."""

    def whole(name, times=1):
        return int(Fraction(row[name]) * times) if row[name] else None

    return {
        "grouped": "x",
        "model": row["model_id"],
        "chips": 1,
        "tpp": whole("tpp"),
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


def test_what_is_undetermined_stands_apart_and_quotas_hold_whole_chips(models):
    hold = [
        {**models["nvidia-h100-sxm5-80"], "chips": 10, "tpp": 10 * 15_831, "h100e": 10.0},
        {**models["nvidia-h100-sxm5-80"], "model": "odd", "chips": 2, "tpp": 4_000, "chip_tpp": 2_000,
         "die_area_um2": None},
    ]  # fmt: skip
    rows = classed(hold, date(2024, 6, 1), None)
    found = {row["listed_as"]: row["chips"] for row in by_class(rows)}
    assert found == {"3A090.a": 10, UNDETERMINED: 2}
    quotas = {row["quota"]: row for row in against_quotas(rows)}
    assert quotas.keys() == QUOTAS_TPP.keys()
    held = quotas["consignee_year"]
    assert (held["listed_tpp"], held["undetermined_tpp"]) == (158_310, 4_000)
    assert held["share"] == pytest.approx(158_310 / 26_900_000)
