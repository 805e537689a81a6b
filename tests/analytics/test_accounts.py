"""Balances, lots, claims, changes, classes and bounds on worlds nobody wrote them for, counted by hand."""

import json
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from analytics.follower import Follower
from analytics.guard import refuse_statement
from analytics.report import REPORTS, ReportRefused, run_report
from analytics.reporting.balances import Stated, muf_rows
from analytics.snapshots import Snapshots, open_snapshot
from analytics.warehouse import Warehouse
from ledger.audit.conservation import Accounts
from ledger.book.registry import Changes
from ledger.book.tables import CHIPS
from tests.analytics import slow_accounts as slow
from tests.analytics.slow_reports import figures, h100e, slow_unaccounted
from tests.analytics.wider_world import WiderWorld

SEEDS = (7, 31)


@pytest.fixture(scope="module", params=SEEDS)
def asked(request, tmp_path_factory):
    """A world and its snapshot."""
    world = WiderWorld(request.param)
    assert world.faults == []
    folder = tmp_path_factory.mktemp("wider")
    warehouse = Warehouse(folder / "w")
    Follower(world.store, warehouse).follow(world.size, world.root)
    snapshot = Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()
    return world, snapshot


def told(snapshot, name, **given):
    """A report as JSON has it."""
    grouping = given.pop("grouping", None)
    report = run_report(snapshot, name, grouping=grouping, given=given)
    assert not isinstance(report, ReportRefused), report
    return json.loads(json.dumps(report.as_object()))


def with_text(snapshot, name, values, before=None, after=None):
    """The rows of one file of `reports/`, as it is or spoiled in one place."""
    text = REPORTS["balance"].text(name)
    if before is not None:
        assert text.count(before) == 1, (name, text.count(before))
        text = text.replace(before, after)
    named = {key: value for key, value in values.items() if f"${key}" in text}
    with open_snapshot(snapshot.path, "500MB", 1) as connection:
        return connection.execute(text, named).fetchall()


# -- inspections and families


def test_what_inspections_accuse_and_nobody_clears_is_unaccounted_for(asked):
    world, snapshot = asked
    accused = slow.slow_accused(world)
    rows = {row["chip"]: row for row in told(snapshot, "unaccounted")["rows"]}
    found = {chip: row["since_index"] for chip, row in rows.items() if row["evidence"] == "I"}
    present = {row.chip for row in world.rows(CHIPS)}
    assert found == {chip: index for chip, index in accused.items() if chip in present}
    assert len(found) >= 2, "some were accused"
    assert {chip for *_, chip, result, _ in world.findings if result == "confirmed"} - found.keys()
    assert all("I" not in (row["also"] or "") for row in rows.values()), "it comes first"


@pytest.mark.parametrize("basis", ["registered", "suspected"])
def test_chips_are_charged_to_whoever_stands_above_all(asked, basis):
    world, snapshot = asked
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


# -- what is only long unseen, and bounds


@pytest.mark.parametrize("window", [1, 3, 400])
def test_what_is_there_is_unaccounted_for_unverified_or_confirmed(asked, window):
    world, snapshot = asked
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
        confirmed += fresh and chip.status in slow.PRESENT
        if chip.status in slow.PRESENT and chip.chip not in rows and not fresh:
            expected[chip.liable, chip.model] = expected.get((chip.liable, chip.model), 0) + 1
    found = {(row["grouped"], row["model"]): row["chips"] for row in report["beside"]["unverified"]}
    assert found == expected
    bounds = told(snapshot, "capacity", window_days=window)["beside"]["bounds"]
    assert sum(row["low_chips"] for row in bounds) == confirmed
    assert confirmed > 0 or window < 400


@pytest.mark.parametrize("grouping", ["custodian", "owner", "model"])
def test_high_is_the_book_with_what_left_it_and_what_claims_say_beyond(asked, grouping):
    world, snapshot = asked
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


def test_what_it_could_run_follows_from_the_rate_and_the_utilisation(asked):
    _, snapshot = asked
    forty = told(snapshot, "capacity", grouping="model", utilisation_percent=40)["beside"]["bounds"]
    eighty = told(snapshot, "capacity", grouping="model", utilisation_percent=80)["beside"]["bounds"]
    row = next(row for row in forty if row["grouped"] == "registrar/duo")
    rate = row["book_chips"] * 2_500_000e9 * 0.4
    assert row["book_days_to_1e25_flop"] == pytest.approx(1e25 / rate / 86_400)
    assert row["book_days_to_1e26_flop"] == pytest.approx(1e26 / rate / 86_400)
    assert row["book_fp16_parameters"] == row["book_chips"] * 80 * 10**9 // 2
    twice = next(row for row in eighty if row["grouped"] == "registrar/duo")
    assert twice["book_days_to_1e25_flop"] == pytest.approx(row["book_days_to_1e25_flop"] / 2)


# -- balances


@pytest.mark.parametrize("axis", ["party", "site", "model"])
def test_every_term_of_every_account_is_the_auditors(asked, axis):
    world, snapshot = asked
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


def test_counts_and_receipts_are_those_counted_by_hand(asked):
    world, snapshot = asked
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


# -- lots


@pytest.mark.parametrize("grouping", ["lot", "fab", "for_party", "product"])
def test_dies_are_in_the_range_of_every_way_they_can_have_come(asked, grouping):
    world, snapshot = asked
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


# -- claims


def test_the_ledger_beside_a_claim_is_of_its_time_and_scope(asked):
    world, snapshot = asked
    rows = {row["entry_index"]: row for row in told(snapshot, "claims")["beside"]["claims"]}
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


def test_claims_of_one_cell_are_enveloped_and_what_is_planned_stays_apart(asked):
    _, snapshot = asked
    cells = [row for row in told(snapshot, "claims")["rows"] if row["grouped"] == "doha"]
    there, planned = sorted(cells, key=lambda row: not row["exists"])
    assert (there["claims"], there["low"], there["high"], there["agree"]) == (3, 500, 900, True)
    assert there["duplicates"] == 1 and there["short_high"] == 900 - there["ledger"]
    assert (planned["exists"], planned["ledger"], planned["short_high"]) == (False, None, None)


# -- changes


def test_changes_are_the_difference_of_two_books(asked):
    world, snapshot = asked
    sizes = sorted(world.past)
    for from_size, to_size in ((sizes[0], sizes[-1]), (sizes[10], sizes[40]), (sizes[-30], sizes[-1])):
        rows = told(snapshot, "changes", from_size=from_size, to_size=to_size)["rows"]
        found = {row["chip"]: (row["changed"], row["entry_index"], row["entries"]) for row in rows}
        assert found == slow.slow_changes(world, from_size, to_size)
        assert len(found) == len(rows) > 0
    assert told(snapshot, "changes", from_size=world.size)["rows"] == []


# -- classes


def test_holdings_by_class_are_counted_chip_by_chip(asked):
    world, snapshot = asked
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


# -- the way down


def drills(report):
    """(part, row, SQL) of every row that has a way down."""
    for part, rows in ((report["report"], report["rows"]), *report["beside"].items()):
        yield from ((part, row, row["drill"]) for row in rows if "drill" in row)


def counted(part, row):
    """How many rows the way down must have, None where it lists entries and not chips."""
    match part:
        case "capacity" | "unverified" | "export_class" | "by_class" | "overdue":
            return row["chips"]
        case "bounds":
            return row["book_chips"]
        case "fabrication":
            return row["registered_chips"]
        case "muf":
            return row["book"] - row["found"]
    return None


@pytest.mark.parametrize("name", REPORTS)
def test_every_row_leads_to_its_chips_and_entries(asked, name):
    _, snapshot = asked
    seen = 0
    for grouping in REPORTS[name].groupings:
        given = {"from_size": 40} if name == "changes" else {}
        report = told(snapshot, name, grouping=grouping, **given)
        if name in {"unaccounted", "changes"}:
            assert all(row["chip"] and row["entry_index"] is not None for row in report["rows"])
            seen += len(report["rows"])
        with open_snapshot(snapshot.path, "500MB", 1) as connection:
            for part, row, sql in list(drills(report))[:60]:
                cursor = connection.execute(sql)
                assert "entry_index" in [column[0] for column in cursor.description]
                rows = cursor.fetchall()
                if part == "muf" and grouping == "model":
                    continue  # the count's own, of all models
                wanted = counted(part, row)
                assert rows if wanted is None else len(rows) == wanted, (part, row)
                seen += 1
    assert seen > 0


def test_the_console_lets_a_way_down_pass(asked):
    _, snapshot = asked
    for name in ("unaccounted", "capacity", "balance", "fabrication", "claims", "export_class", "overdue"):
        report = told(snapshot, name)
        refused = [refuse_statement(sql) for _, _, sql in drills(report)]
        assert refused and set(refused) == {None}


# -- controls


NOT_NULL = "AND m.custodian IS NOT NULL AND m.old_custodian IS NOT NULL"
MOVED = "\n                THEN CASE $grouping WHEN 'site' THEN 'moved_in'"
SABOTAGE = {
    "a recovery": ("balance", "m.kind = 'chips.declared' AND m.is_born = 0", "1 = 0"),
    "what was moved within": ("balance", NOT_NULL + MOVED, "AND 1 = 0" + MOVED),
    "replaced modules": ("fabrication", " AND c.status <> 'replaced'", ""),
    "lots in common": ("fabrication", "WHEN s.lots_named <= s.dies THEN s.lots_here", "WHEN 1 = 0 THEN 0"),
    "what is settled": ("receipts", "        AND l.closed_index IS NULL\n", ""),
    "what was written off": ("counts", "AND s.status IN ('missing', 'destroyed')", "AND 1 = 0"),
}


@pytest.mark.parametrize("spoiled", SABOTAGE)
def test_a_report_without_one_of_its_conditions_is_another(asked, spoiled):
    """The control: each world has a case for each."""
    world, snapshot = asked
    name, before, after = SABOTAGE[spoiled]
    differs = False
    for grouping in ("party", "site") if name != "fabrication" else ("lot",):
        values = {"from_size": 0, "to_size": world.size, "grouping": grouping}
        sound = with_text(snapshot, name, values)
        differs = differs or with_text(snapshot, name, values, before, after) != sound
    assert differs


# -- what cannot be asked


@pytest.mark.parametrize(
    ("name", "given", "detail"),
    [
        ("unaccounted", {"window_days": "0"}, "window_days is a whole number from 1"),
        (
            "unaccounted",
            {"rule": "us-2022-10"},
            "rule is no parameter of this report; it has: basis",
        ),
        ("unaccounted", {"basis": "guessed"}, "basis is one of registered, suspected"),
        ("changes", {}, "from_size must be said"),
        ("changes", {"from_size": "9", "to_size": "3"}, "from_size is at most to_size"),
        ("balance", {"to_size": "999999"}, "that at most"),
        ("export_class", {"on": "2022-13-01"}, "on is a day"),
        ("export_class", {"rule": "us-2024-12"}, "rule is one of us-2022-10, us-2023-11"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(asked, name, given, detail):
    _, snapshot = asked
    refused = run_report(snapshot, name, given=given)
    assert (
        isinstance(refused, ReportRefused) and refused.reason == "bad_parameter" and detail in refused.detail
    )
