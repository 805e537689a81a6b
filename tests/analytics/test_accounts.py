"""Balances, counts, receipts, lots, claims and changes of worlds nobody wrote them for, counted by hand."""

from collections import defaultdict

import pytest

from analytics.follower import Follower
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from ledger.audit.conservation import Accounts
from ledger.book.registry import Changes
from ledger.book.tables import CHIPS, PARTIES
from ledger.book.times import format_seconds
from ledger.log.proofs import HashSource, root_at
from tests.analytics import slow_accounts as slow
from tests.analytics.slow_expectations import slow_receipts_by
from tests.analytics.trade import BEGIN_S, DAY_S
from tests.analytics.wide_reports import published, told
from tests.analytics.wider_world import WiderWorld


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


@pytest.fixture(scope="module")
def halfway(tmp_path_factory):
    """A wider world, its snapshot, and that of the size at which half of it was said, of a follower's own."""
    world = WiderWorld(7)
    half = sorted(world.past)[len(world.past) // 2]
    snapshots = []
    for size in (half, world.size):
        folder = tmp_path_factory.mktemp("halfway")
        warehouse = Warehouse(folder / "w")
        Follower(world.store, warehouse).follow(size, root_at(size, HashSource(world.store.tile)))
        snapshots.append(Snapshots(folder / "snapshots").publish(warehouse))
        warehouse.close()
    return world, half, *snapshots


@pytest.mark.parametrize("grouping", ["party", "site", "model"])
def test_counts_and_receipts_of_a_span_are_those_of_its_end_and_begin_with_it(halfway, grouping):
    world, half, then, now = halfway
    of_then = told(then, "balance", grouping=grouping)
    of_now = told(now, "balance", grouping=grouping, to_size=half)
    assert bare(of_now) == bare(of_then)
    whole = told(now, "balance", grouping=grouping)["beside"]
    parts = of_now["beside"].keys()
    assert parts == {"muf", "srd", "trend"} and all(whole[part] != of_now["beside"][part] for part in parts)
    later = told(now, "balance", grouping=grouping, from_size=half)["beside"]
    for part in ("muf", "srd"):
        assert ids(later[part]) == {key for key in ids(whole[part]) if key[0] >= half}, part
        assert later[part] and min(row["entry_index"] for row in later[part]) >= half
        steps = {}
        for row in sorted(later[part], key=lambda row: row["entry_index"]):
            key = (
                row["grouped"],
                row["party" if part == "muf" else "sender"],
                row.get("site"),
                row.get("receiver"),
            )
            steps[key] = steps.get(key, 0) + row[part]
            assert row[f"cumulated_{part}"] == steps[key], "a series of the span begins with it"
    if grouping == "party":
        off = {key: told[2] for key, told in slow.slow_counts(world, half).items()}
        assert {(r["party"], r["site"], r["entry_index"]): r["written_off"] for r in later["muf"]} == off
    assert told(now, "balance", grouping=grouping, from_size=half, to_size=half)["beside"] == {
        part: [] for part in parts
    }


def bare(report):
    return {
        part: [{name: value for name, value in row.items() if name != "drill"} for row in rows]
        for part, rows in (("balance", report["rows"]), *report["beside"].items())
    }


def ids(rows):
    return {(row["entry_index"], row.get("shipment"), row["grouped"]) for row in rows}


@pytest.mark.parametrize("grouping", ["site", "model"])
def test_what_was_shipped_and_came_is_told_by_site_and_model_too(wide, grouping):
    world, snapshot = wide
    rows = told(snapshot, "balance", grouping=grouping)["beside"]["srd"]
    found = {(row["shipment"], row["grouped"]): (row["shipped"], row["received"]) for row in rows}
    assert found == slow_receipts_by(world, grouping)
    whole = {}
    for (shipment, _), (shipped, came) in found.items():
        before = whole.get(shipment, (0, 0))
        whole[shipment] = before[0] + shipped, before[1] + came
    assert whole == slow.slow_receipts(world) and len(found) > 20


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
    listed = slow.figures(world)
    dies = [
        listed[chip.model]["dies"] for chip in world.rows(CHIPS) if chip.lots and chip.status != "replaced"
    ]
    low, high = (sum(row[f"registered_dies_{end}"] for row in rows) for end in ("low", "high"))
    assert low < sum(dies) < high if grouping == "lot" else low == sum(dies) == high, "each die once"


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


class Grouped(WiderWorld):
    """A world with claims about those who stand above others."""

    def claim_some(self):
        super().claim_some()
        now, ago = format_seconds(self.now), format_seconds(BEGIN_S + DAY_S)
        for measure in ("installed", "acquired", "sold"):
            span = {} if measure == "installed" else {"from": ago}
            for subject in ("group", "branch", "kyiv", "fab-west"):
                self.claim("quill", subject, 1, 9_999, as_of=now, measure=measure, **span)


@pytest.fixture(scope="module")
def grouped(tmp_path_factory):
    return published(7, tmp_path_factory.mktemp("grouped"), Grouped)


@pytest.mark.parametrize("basis", ["registered", "suspected"])
def test_a_claim_about_a_parent_is_set_beside_all_that_are_beneath_it(grouped, basis):
    world, snapshot = grouped
    alone = told(snapshot, "claims", basis=basis)["beside"]["claim_lines"]
    assert {r["entry_index"]: r["ledger_chips"] for r in alone} == chips_of(slow.slow_claims(world))
    rows = told(snapshot, "claims", grouping="ultimate_parent", basis=basis)["beside"]["claim_lines"]
    families = beneath(world, basis)
    assert {r["entry_index"]: r["ledger_chips"] for r in rows} == chips_of(slow.slow_claims(world, families))
    more = {r["subject"]: r["ledger_chips"] for r in rows if r["measure"] == "installed"}
    own = {r["subject"]: r["ledger_chips"] for r in alone if r["measure"] == "installed"}
    assert more["group"] > own["group"] == 0 and more["branch"] >= own["branch"]
    bounds = told(snapshot, "capacity", grouping="ultimate_parent", basis=basis)["beside"]["bounds"]
    excess = {row["grouped"]: row["claim_excess_chips"] for row in bounds}
    head = slow.heads(world, basis)["group"]
    family = [s for s in ("group", "branch", "kyiv", "fab-west") if slow.heads(world, basis)[s] == head]
    assert excess[head] == 9_999 - min(more[s] for s in family) and len(family) >= 3


def chips_of(ledger):
    return {index: None if told is None else told[0] for index, told in ledger.items()}


def beneath(world, basis):
    """By party: itself and all beneath it; on suspicion, by head, all its family."""
    parent = {row.party: row.parent for row in world.rows(PARTIES)}
    families = {party: {party} for party in parent}
    for party in families:
        above = parent.get(party)
        while above:
            families[above].add(party)
            above = parent[above]
    if basis == "suspected":
        for party, head in slow.heads(world, basis).items():
            families[head].add(party)
    return families


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
