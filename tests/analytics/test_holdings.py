"""What inspections accuse, whom it is charged to, what was seen, and what there may be: counted by hand."""

from datetime import UTC, datetime

import pytest

from analytics.snapshots import open_snapshot
from ledger.book.tables import CHIPS
from tests.analytics import slow_accounts as slow
from tests.analytics.slow_reports import figures, h100e, slow_unaccounted
from tests.analytics.wide_reports import told


def test_what_inspections_accuse_and_nobody_clears_is_unaccounted_for(wide):
    world, snapshot = wide
    accused = slow.slow_accused(world)
    rows = {row["chip"]: row for row in told(snapshot, "unaccounted")["rows"]}
    found = {chip: row["since_index"] for chip, row in rows.items() if row["evidence"] == "I"}
    present = {row.chip for row in world.rows(CHIPS)}
    assert found == {chip: index for chip, index in accused.items() if chip in present}
    assert len(found) >= 2, "some were accused"
    assert {chip for *_, chip, result, _ in world.findings if result == "confirmed"} - found.keys()
    assert all("I" not in (row["also"] or "") for row in rows.values()), "it comes first"


@pytest.mark.parametrize("basis", ["registered", "suspected"])
def test_chips_are_charged_to_whoever_stands_above_all(wide, basis):
    world, snapshot = wide
    head = slow.heads(world, basis)
    report = told(snapshot, "unaccounted", grouping="ultimate_parent", basis=basis)
    assert report["rows"] and all(row["grouped"] == head[row["liable"]] for row in report["rows"])
    expected = {}
    for row in world.rows(CHIPS):
        if row.status in slow.PRESENT:
            expected[head[row.custodian]] = expected.get(head[row.custodian], 0) + 1
    capacity = told(snapshot, "capacity", grouping="ultimate_parent", basis=basis)
    assert {total["grouped"]: total["chips"] for total in capacity["totals"]} == expected
    by_owner = told(snapshot, "capacity", grouping="owner_parent", basis=basis)
    assert sum(total["chips"] for total in by_owner["totals"]) == sum(expected.values())
    assert head["lima"] == "group" if basis == "registered" else head["lima"] == head["doha"] == head["kyiv"]


@pytest.mark.parametrize("window", [1, 3, 400])
def test_what_is_there_is_unaccounted_for_unverified_or_confirmed(wide, window):
    world, snapshot = wide
    report = told(snapshot, "unaccounted", window_days=window)
    rows = {row["chip"] for row in report["rows"]}
    until = datetime.fromisoformat(report["as_of"])
    with open_snapshot(snapshot.path, "500MB", 1) as connection:
        seen = dict(connection.execute("SELECT chip, last_confirmed_at FROM chip").fetchall())
    expected = {}
    confirmed = 0
    for chip in world.rows(CHIPS):
        when = seen[chip.chip]
        fresh = when is not None and (until - when.replace(tzinfo=UTC)).total_seconds() <= window * 86_400
        confirmed += fresh and chip.status in slow.PRESENT and chip.chip not in rows
        if chip.status in slow.PRESENT and chip.chip not in rows and not fresh:
            expected[chip.liable, chip.model] = expected.get((chip.liable, chip.model), 0) + 1
    found = {(row["grouped"], row["model"]): row["chips"] for row in report["beside"]["unverified"]}
    assert found == expected
    bounds = told(snapshot, "capacity", window_days=window)["beside"]["bounds"]
    assert sum(row["low_chips"] for row in bounds) == confirmed
    assert confirmed > 0 or window < 400


@pytest.mark.parametrize("grouping", ["custodian", "owner", "model"])
def test_high_is_the_book_with_what_left_it_and_what_claims_say_beyond(wide, grouping):
    world, snapshot = wide
    listed = figures(world)
    expected = {}

    def add(group, bound, chip):
        of = expected.setdefault(group, {"book": [], "gone": []})
        of[bound].append(h100e(listed.get(chip.model)) or 0.0)

    gone = {row["chip"] for row in slow_unaccounted(world, 0, "liable")}
    for chip in world.rows(CHIPS):
        liable = chip.liable or chip.last_liable
        group = {"custodian": chip.custodian or liable, "owner": chip.owner or liable, "model": chip.model}[
            grouping
        ]
        if chip.status in slow.PRESENT:
            add(group, "book", chip)
        elif chip.chip in gone and chip.status in {"missing", "destroyed"}:
            add(group, "gone", chip)
    rows = {row["grouped"]: row for row in told(snapshot, "capacity", grouping=grouping)["beside"]["bounds"]}
    assert rows.keys() >= expected.keys()
    for group, of in expected.items():
        row = rows[group]
        assert row["book_chips"] == len(of["book"]) and row["unaccounted_chips"] == len(of["gone"])
        assert row["book_h100e"] == pytest.approx(sum(of["book"]))
        more = row["claim_excess_chips"] or 0, row["claim_excess_h100e"] or 0.0
        assert row["high_chips"] == len(of["book"]) + len(of["gone"]) + more[0]
        assert row["high_h100e"] == pytest.approx(sum(of["book"]) + sum(of["gone"]) + more[1])
    if grouping != "custodian":
        assert {row["claim_excess_chips"] for row in rows.values()} == {None}
        return
    held = slow_held(world, "doha")
    assert rows["doha"]["claim_excess_chips"] == 900 - held, "the largest claim that exists, and no sum"
    assert rows["lima"]["claim_excess_h100e"] > 3_900


def slow_held(world, party):
    return sum(row.custodian == party for row in world.rows(CHIPS))


def test_what_it_could_run_follows_from_the_rate_and_the_utilisation(wide):
    _, snapshot = wide
    forty = told(snapshot, "capacity", grouping="model", utilisation_percent=40)["beside"]["bounds"]
    eighty = told(snapshot, "capacity", grouping="model", utilisation_percent=80)["beside"]["bounds"]
    row = next(row for row in forty if row["grouped"] == "registrar/duo")
    rate = row["book_chips"] * 2_500_000e9 * 0.4
    assert row["book_days_to_1e25_flop"] == pytest.approx(1e25 / rate / 86_400)
    assert row["book_days_to_1e26_flop"] == pytest.approx(1e26 / rate / 86_400)
    assert row["book_fp16_parameters"] == row["book_chips"] * 80 * 10**9 // 2
    twice = next(row for row in eighty if row["grouped"] == "registrar/duo")
    assert twice["book_days_to_1e25_flop"] == pytest.approx(row["book_days_to_1e25_flop"] / 2)


def test_holdings_by_class_are_counted_chip_by_chip(wide):
    world, snapshot = wide
    report = told(snapshot, "export_class", grouping="custodian", on="2022-12-01")
    classes = {row["model"]: row["listed_as"] for row in report["rows"]}
    assert classes["registrar/duo"] == classes["registrar/h100"] == "3A090"
    assert classes["registrar/slow"] == "none", "its rate is below the line whatever its ports"
    expected = {}
    for chip in world.rows(CHIPS):
        if chip.status in slow.PRESENT:
            key = chip.custodian, classes[chip.model]
            expected[key] = expected.get(key, 0) + 1
    found = {(row["grouped"], row["listed_as"]): row["chips"] for row in report["beside"]["by_class"]}
    assert found == expected
    later = told(snapshot, "export_class", rule="us-2023-11")
    by_model = {row["model"]: row for row in later["rows"]}
    assert by_model["registrar/slow"]["listed_as"] == "3A090.b", "3,200 on 800 mm2"
    assert any("128 GB/s" in note for note in later["notes"])
