"""The carried figures are those of the public lists they name, row for row."""

import csv
import re
from decimal import Decimal

import pytest

from api.cli.figures import reader
from tests.shared import shared

COUNTRY_NAMES = {
    "US": "United States of America",
    "NO": "Norway",
    "FI": "Finland",
    "CH": "Switzerland",
}
PARTY = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def rows(*path):
    with shared("data", *path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def whole(text, factor=1):
    """The cell times the factor, rounded down; None for a blank one."""
    return int(Decimal(text) * factor) if text else None


def expected_model(row):
    """A row of the shared list in the units of a statement, written out the long way."""
    rates = {
        "fp64": row["fp64_matrix_tflops"] or row["fp64_tflops"],
        "fp32": row["fp32_tflops"],
        "tf32": row["tf32_tflops"],
        "bf16": row["bf16_fp16_tflops"],
        "fp16": row["bf16_fp16_tflops"],
        "fp8": row["fp8_tflops"],
        "int8": row["int8_tops"],
        "fp4": row["fp4_tflops"],
    }
    return {
        "name": row["model_id"],
        "vendor": row["vendor"],
        "part_numbers": (),
        "memory_gb": whole(row["memory_gb"]),
        "memory_bandwidth_gbps": whole(row["memory_bandwidth_gb_s"]),
        "interconnect_gbps": whole(row["interconnect_gb_s"]),
        "gflops": {rate: whole(cell, 1000) for rate, cell in rates.items() if cell},
        "tpp": whole(row["tpp"]),
        "dies": dies_in(row["die_area_note"]),
        "die_area_um2": whole(row["die_area_mm2"], 10**6),
        "released": row["release_date"] + "T00:00:00Z",
    }


def dies_in(note):
    """The count of dies that a remark of the shared list states in words."""
    if "8 compute dies and 4 IO dies" in note or note == "as MI300X":
        return 12
    if note.startswith("two "):
        return 2
    assert "single die" in note, note
    return 1


def test_every_carried_model_is_the_row_of_the_shared_list():
    source = {row["model_id"]: row for row in rows("chips", "chip_models.csv")}
    carried = reader.models()
    assert len(carried) == 19
    for model in carried:
        for field, value in expected_model(source[model.name]).items():
            found = getattr(model, field)
            assert (dict(found) if field == "gflops" else found) == value, (model.name, field)


def test_model_names_are_fit_for_identifiers_and_listed_once():
    names = [model.name for model in reader.models()]
    assert len(set(names)) == len(names)
    assert all(NAME.fullmatch(name) for name in names)


def test_memory_stacks_are_given_only_where_they_divide_a_plausible_memory():
    """HBM stacks of these generations hold 8 to 36 GB, a part of it switched off on some models."""
    stated = [model for model in reader.models() if model.hbm_stacks is not None]
    assert len(stated) == 11
    assert all(8 <= -(-model.memory_gb // model.hbm_stacks) <= 36 for model in stated)


def test_every_carried_site_is_the_row_of_the_shared_list():
    source = rows("market", "epoch_hubs", "gpu_clusters.csv")
    mapped = {
        int(row["source_row"]): row
        for row in rows("market", "claims.csv")
        if row["source"] == "epoch-gpu-clusters"
    }
    carried = reader.clusters()
    assert len(carried) == 8
    for site in carried:
        row = source[site.source_row - 1]
        assert row["Status"] == "Existing" and row["Certainty"] in {"Confirmed", "Likely"}
        assert not row["Superseded by"] and not row["Possible Duplicate"] and not row["Exclude"]
        assert (site.holder_name, site.site_name) == (row["Owner"], row["Name"])
        assert COUNTRY_NAMES[site.country] == row["Country"]
        assert site.model == mapped[site.source_row]["model_id"]
        assert site.chips == Decimal(row["Chip quantity (primary)"]) and not row["Chip type (secondary)"]
        assert site.power_kw == whole(row["Reported Power Capacity (MW)"], 1000)


def test_the_sites_make_a_world_of_real_proportions():
    sites = reader.clusters()
    assert len({site.holder for site in sites}) == 5
    assert len({site.country for site in sites}) == 4
    assert sum(site.chips for site in sites) == 106_192
    assert len({(site.holder, site.site) for site in sites}) == len(sites)
    assert {site.model for site in sites} <= {model.name for model in reader.models()}
    assert all(PARTY.fullmatch(site.holder) and NAME.fullmatch(site.site) for site in sites)


def test_a_rate_that_is_no_whole_number_of_gflops_is_our_own_mistake():
    with pytest.raises(AssertionError):
        reader._gflops("0.0005")
