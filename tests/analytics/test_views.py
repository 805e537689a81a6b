"""The views are the ones promised, say what they mean, and are written for more databases than one."""

import re
from itertools import pairwise

import pytest
import sqlglot
from sqlglot import exp

from analytics.follower import Follower
from analytics.warehouse import VIEWS, Warehouse
from tests.analytics.trade import H100_GFLOPS, small_world

# Copied by hand from the specification's table; `entry_index` is in every view that has it for no key.
COLUMNS = {
    "snapshot": "log, log_size, root, admitted_until, views_version",
    "entry": "entry_index, statement, kind, party, key_id, occurred_at, admitted_at, lag_s, lines, "
    "corrected_by",
    "party_span": "party, from_index, to_index, name, country, roles, parent, suspended, succeeded_by",
    "party_ancestor": "party, ancestor, basis, from_index, to_index, depth, is_ultimate",
    "chip_event": "chip, entry_index, kind, party, counterparty, occurred_at, admitted_at",
    "stocktake": "entry_index, model, party, site, scope, book, counted, absent, surplus, in_motion",
    "model": "model, vendor, fp64_gflops, fp32_gflops, tf32_gflops, bf16_gflops, fp16_gflops, fp8_gflops, "
    "int8_gflops, fp4_gflops, memory_gb, memory_bandwidth_gbps, interconnect_gbps, tpp, dies, die_area_um2, "
    "hbm_stacks, h100e",
    "site": "site, operator, country, power_kw, positions",
    "chip": "chip, maker, model, lot, class, custodian, owner, liable, site, system, slot, status, "
    "birth_index, last_confirmed_at",
    "chip_span": "chip, from_index, to_index, custodian, owner, liable, model, class, site, system, status, "
    "from_admitted_at, from_occurred_at",
    "shipment": "shipment, sender, receiver, country, due_by, sent, received, short, unexpected, state",
    "discrepancy": "discrepancy, kind, party_a, party_b, chips, opened_index, closed_index, state, outcome",
    "discrepancy_chip": "discrepancy, chip, closed_index, seen_site, seen_ik_sha256, seen_label",
    "lot": "lot, fab, product, for_party, wafers, gross_units, good_units, lost, banked, other_product, "
    "registered_units",
    "inspection": "inspection, series, number, verifier, planner, direction, at_index, n_frame, n_sample, d, "
    "beta_ppm, beacon, round, timely, state, upper_bound, verdict",
    "inspection_item": "inspection, chip, stratum, ticket, rank, stage, result, found_at, evidence_sha256",
    "claim": "entry_index, subject, model, family, unit, measure, from, as_of, status, low, high, "
    "source_sha256",
}
KEYS = {
    "snapshot": "log", "entry": "entry_index", "party_span": "party, from_index", "model": "model",
    "site": "site", "chip": "chip", "chip_span": "chip, from_index", "shipment": "shipment",
    "discrepancy": "discrepancy", "discrepancy_chip": "discrepancy, chip", "lot": "lot",
    "claim": "entry_index", "inspection": "inspection", "inspection_item": "inspection, chip",
    "party_ancestor": "party, ancestor, basis, from_index", "chip_event": "chip, entry_index",
    "stocktake": "entry_index, model",
}  # fmt: skip
AWAY = "acme:S00024"
UNTAILED = {"snapshot", "entry", "claim", "chip_event", "stocktake"}
TYPES = {"VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP"}


@pytest.fixture(scope="module")
def trade():
    return small_world()


@pytest.fixture(scope="module")
def warehouse(trade, tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("views") / "w")
    Follower(trade.store, made).follow(trade.size, trade.root)
    made.sum_up()
    yield made
    made.close()


def described(warehouse):
    return warehouse.ask(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns()"
        " WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index",
        [],
    )


def test_every_view_has_the_columns_promised_and_no_other(warehouse):
    found = {}
    for view, column, _, _ in described(warehouse):
        found.setdefault(view, []).append(column)
    assert found.keys() == COLUMNS.keys() == VIEWS.keys()
    for view, columns in COLUMNS.items():
        tail = [] if view in UNTAILED else ["entry_index"]
        assert found[view] == [*columns.split(", "), *tail], view


def test_every_column_has_a_type_that_travels_and_a_comment_with_its_unit(warehouse):
    rows = described(warehouse)
    assert len(rows) == sum(len(columns.split(", ")) for columns in COLUMNS.values()) + len(
        COLUMNS.keys() - UNTAILED
    )
    for view, column, kind, comment in rows:
        assert kind in TYPES, (view, column, kind)
        assert comment is not None and re.fullmatch(r"[^;]+; [^;]+", comment), (view, column, comment)


def test_every_key_names_one_row(warehouse):
    for view, key in KEYS.items():
        rows = warehouse.ask(f"SELECT {key} FROM {view}", [])
        assert len(set(rows)) == len(rows) > 0, view


def test_the_text_is_portable():
    """Other dialects' parsers read the same text, and what is named as unportable is not used."""
    for view, text in VIEWS.items():
        assert text.startswith("-- ") and text.splitlines()[0].endswith("?"), view
        assert re.search(rf"CREATE OR REPLACE VIEW {view} AS\n", text)
        assert not re.search(r"\b(ASOF|RECURSIVE|QUALIFY|EXCLUDE|ILIKE|LATERAL)\b|::", text, re.IGNORECASE)
        names = COLUMNS[view].split(", ") + ([] if view in UNTAILED else ["entry_index"])
        for dialect in ("duckdb", "postgres", "spark"):
            read = sqlglot.parse_one(text, read=dialect)
            assert isinstance(read, exp.Create) and read.expression.named_selects == names, (view, dialect)


def test_the_spans_of_a_chip_follow_each_other(warehouse):
    spans = warehouse.ask(
        "SELECT chip, from_index, to_index, status FROM chip_span ORDER BY chip, from_index", []
    )
    assert len(spans) > len({span[0] for span in spans}) > 0
    away = [span for span in spans if span[0] == AWAY]
    assert len(away) == 1 and away[0][2] == away[0][1] + 1, "it was corrected away by the next entry"
    spans.remove(away[0])
    for before, after in pairwise(spans):
        assert before[2] == (after[1] if before[0] == after[0] else None)
    assert spans[-1][2] is None


def test_the_figures_of_a_model_are_those_listed(warehouse):
    row = warehouse.ask(
        "SELECT fp64_gflops, bf16_gflops, fp32_gflops, memory_gb, h100e, entry_index FROM model", []
    )
    assert row == [(H100_GFLOPS["fp64"], 989_400, None, 80, 1.0, 1)]


def test_a_file_of_another_shape_is_begun_anew(trade, tmp_path):
    made = Warehouse(tmp_path / "w")
    Follower(trade.store, made).follow(trade.size, trade.root)
    made.ask("UPDATE record.standing SET views_sha256 = 'older'", [])
    made.close()
    kept = Warehouse(tmp_path / "w")
    assert kept.standing().size == trade.size, "views are replaced in place"
    kept.ask("UPDATE record.standing SET schema_sha256 = 'older'", [])
    kept.close()
    anew = Warehouse(tmp_path / "w")
    assert anew.standing().size == 0
    anew.close()


def test_what_was_corrected_away_is_in_no_view_of_the_present(warehouse):
    assert warehouse.ask("SELECT chip FROM chip WHERE chip = ?", [AWAY]) == []
    assert warehouse.ask("SELECT lot, banked, registered_units FROM lot", []) == [("foundry/l1", 3, 4)]
    assert warehouse.ask('SELECT low, "from" IS NULL FROM claim', []) == [(900, False)]
    corrected = warehouse.ask("SELECT kind FROM entry WHERE corrected_by IS NOT NULL ORDER BY kind", [])
    assert [row[0] for row in corrected] == [
        "chips.registered", "claim.noted", "lot.produced", "stocktake.declared",
    ]  # fmt: skip


def test_the_lines_of_a_discrepancy_say_what_was_seen(warehouse):
    rows = warehouse.ask(
        "SELECT d.kind, l.chip, l.closed_index IS NULL, l.seen_site FROM discrepancy_chip AS l"
        " INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy ORDER BY d.opened_index, l.chip",
        [],
    )
    assert ("wrong_place", "acme:S00020", True, "oslo/hall") in rows
    assert ("absent", "acme:S00001", True, None) in rows
    assert ("absent", "acme:S00000", False, "oslo/hall") in rows, "of a count that was corrected"
