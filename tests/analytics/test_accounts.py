"""Balances, counts, receipts, lots, claims and changes of worlds nobody wrote them for, counted by hand."""

from collections import defaultdict

import pytest

from analytics.report import ReportRefused
from analytics.reporting.balances import Stated, muf_rows
from ledger.audit.conservation import Accounts
from ledger.book.registry import Changes
from ledger.book.tables import CHIPS
from tests.analytics import slow_accounts as slow
from tests.analytics.wide_reports import told


@pytest.mark.parametrize("axis", ["party", "site", "model"])
def test_every_term_of_every_account_is_the_auditors(wide, axis):
    world, snapshot = wide
    half = sorted(world.past)[len(world.past) // 2]
    spans = {(0, world.size), (half, world.size), (0, half), (half // 2, half)}
    for from_size, to_size in spans:
        balances = balances_of(world, from_size, to_size)
        rows = told(snapshot, "balance", grouping=axis, from_size=from_size, to_size=to_size, beside="none")[
            "rows"
        ]
        bare = [{name: value for name, value in row.items() if name != "drill"} for row in rows]
        expected = [
            row for row in slow.slow_balance(balances, axis) if any(map(bool, list(row.values())[1:]))
        ]
        assert sorted(bare, key=lambda row: row["grouped"]) == [
            {name: row[name] for name in bare[0]} for row in expected
        ]
        assert {row["residual"] for row in rows} == {0}


def balances_of(world, from_size, to_size):
    """The auditor's accounts over one span, kept anew from the versions of the chips, entry by entry."""
    by_entry = defaultdict(list)
    for chip in slow.every_chip(world):
        for version in world.store.history(CHIPS, chip):
            by_entry[version.changed].append(version)
    accounts, book = Accounts(), {}
    for size in range(to_size):
        if size == from_size:
            accounts.strike(living(book), size)
        book.update({row.chip: row for row in by_entry[size]})
        assert accounts.enter(world.entries[size].kind, Changes().put(CHIPS, *by_entry[size])) is None
    return accounts.strike(living(book), to_size)


def living(book):
    return [row for row in book.values() if row.born >= 0]


def test_counts_and_receipts_are_those_counted_by_hand(wide):
    world, snapshot = wide
    beside = told(snapshot, "balance", grouping="party")["beside"]
    found = {(row["party"], row["site"], row["entry_index"]): row for row in beside["muf"]}
    expected = {key: value for key, value in slow.slow_counts(world).items() if value[0] or key in found}
    assert {key: (row["book"], row["found"], row["written_off"]) for key, row in found.items()} == expected
    assert len(found) > 3
    series = {}
    for (party, site, _), row in sorted(found.items(), key=lambda item: item[0][2]):
        cumulated = row["book"] - row["found"] + row["written_off"]
        assert row["cumulated_muf"] == cumulated
        assert row["muf"] == cumulated - series.get((party, site), 0)
        series[party, site] = cumulated
    received = {row["shipment"]: (row["shipped"], row["received"]) for row in beside["srd"]}
    assert received == slow.slow_receipts(world)
    assert any(shipped > came for shipped, came in received.values())
    exact = {(row["of"], row["party"], row["with"]): row for row in beside["trend"]}
    assert all(row["is_alarm"] == (row["statistic"] >= row["critical"]) for row in exact.values())
    loose = told(snapshot, "balance", grouping="party", miss_ppm=200_000)["beside"]["trend"]
    assert sum(row["is_alarm"] for row in loose) < sum(row["is_alarm"] for row in exact.values())


def test_errors_beyond_reckoning_are_a_refusal_that_names_them():
    count = {"grouped": "a", "party": "a", "site": None, "book": 900_000, "found": 900_000, "written_off": 0}
    refused = muf_rows([{**count, "entry_index": 1}], Stated.of(200_000, 0, 50_000))
    assert isinstance(refused, ReportRefused) and refused.reason == "bad_parameter"
    assert not isinstance(muf_rows([{**count, "entry_index": 1}], Stated.of(0, 0, 50_000)), ReportRefused)


@pytest.mark.parametrize("grouping", ["lot", "fab", "for_party", "product"])
def test_dies_are_in_the_range_of_every_way_they_can_have_come(wide, grouping):
    world, snapshot = wide
    rows = told(snapshot, "fabrication", grouping=grouping)["rows"]
    expected = slow.slow_fabrication(world, grouping)
    assert {row["grouped"] for row in rows} == expected.keys()
    for row in rows:
        of = expected[row["grouped"]]
        left = of["good_units"] - of["used"]
        assert (row["lots"], row["good_units"], row["registered_chips"]) == (
            of["lots"],
            of["good_units"],
            of["chips"],
        )
        assert (row["registered_dies_low"], row["registered_dies_high"]) == (of["low"], of["high"])
        assert (row["class_d_dies_low"], row["class_d_dies_high"]) == (left - of["high"], left - of["low"])
        assert row["shared_chips"] == of["shared"]
    shared = sum(row["shared_chips"] for row in rows)
    assert shared > 0 if grouping == "lot" else shared == 0, "fabs and customers share no chip here"


def test_the_ledger_beside_a_claim_is_of_its_time_and_scope(wide):
    world, snapshot = wide
    rows = {row["entry_index"]: row for row in told(snapshot, "claims")["beside"]["claim_lines"]}
    expected = slow.slow_claims(world)
    assert rows.keys() == expected.keys() and len(rows) == 14
    for index, ledger in expected.items():
        row = rows[index]
        if ledger is None:
            assert row["ledger_chips"] is None, row
        else:
            assert (row["ledger_chips"], row["ledger_h100e"]) == (ledger[0], pytest.approx(ledger[1])), row
    assert sum(ledger is None for ledger in expected.values()) >= 5
    assert sum(ledger is not None and ledger[0] > 0 for ledger in expected.values()) >= 5


def test_claims_of_one_cell_are_enveloped_and_what_is_planned_stays_apart(wide):
    _, snapshot = wide
    cells = [row for row in told(snapshot, "claims")["rows"] if row["grouped"] == "doha"]
    there, planned = sorted(cells, key=lambda row: not row["exists"])
    assert (there["claims"], there["low"], there["high"], there["agree"]) == (3, 500, 900, True)
    assert there["duplicates"] == 1 and there["short_high"] == 900 - there["ledger"]
    assert (planned["exists"], planned["ledger"], planned["short_high"]) == (False, None, None)


def test_changes_are_the_difference_of_two_books(wide):
    world, snapshot = wide
    sizes = sorted(world.past)
    for from_size, to_size in ((sizes[0], sizes[-1]), (sizes[10], sizes[40]), (sizes[-30], sizes[-1])):
        rows = told(snapshot, "changes", from_size=from_size, to_size=to_size)["rows"]
        found = {row["chip"]: (row["changed"], row["entry_index"], row["entries"]) for row in rows}
        assert found == slow.slow_changes(world, from_size, to_size)
        assert len(found) == len(rows) > 0
    assert told(snapshot, "changes", from_size=world.size)["rows"] == []
