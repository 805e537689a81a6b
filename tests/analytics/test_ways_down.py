"""Every row leads to its chips; a report without one of its conditions is another; what cannot be asked."""

import pytest

from analytics.guard import refuse_statement
from analytics.report import REPORTS, ReportRefused, run_report
from analytics.reporting.drills import drill_into
from analytics.reporting.parameters import TERMS
from analytics.snapshots import open_snapshot
from tests.analytics.wide_reports import NEEDED, told, with_text

STANDING = ("opening", "closing")


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
        case "losses":
            return row["destroyed"] + row["missing"] + row["conceded"]
        case "undeclared":
            return row["seen"]
    return None


def of_term(rows, grouping, values):
    """The rows of an account with their ways down as of other values, without the report made anew."""
    for row in rows:
        way = drill_into("balance", "balance", row, grouping, values)
        bare = {name: row[name] for name in row if name != "drill"}
        yield bare if way is None else {**bare, "drill": way.text}


@pytest.mark.parametrize("grouping", REPORTS["balance"].groupings)
def test_every_figure_of_an_account_leads_to_its_chips_and_what_put_them_there(wide, grouping):
    """Of each term as many chips as the account says, each by an entry of the span; none of another term."""
    world, snapshot = wide
    half = sorted(world.past)[len(world.past) // 2]
    ways, seen = [], set()
    for from_size, to_size in ((0, world.size), (half, world.size)):
        given = {"from_size": from_size, "to_size": to_size, "beside": "none", "grouping": grouping}
        rows = told(snapshot, "balance", **given)["rows"]
        ways += [(row, "moves", from_size) for row in rows]
        terms = sorted({term for row in rows for term in TERMS if row[term]})
        by_term = {term: list(of_term(rows, grouping, {**given, "term": term})) for term in terms}
        # The report of one of them says the same: each makes its ways of its rows and of what was asked.
        asked = told(snapshot, "balance", term=terms[-1], **given)["rows"]
        assert [(row["grouped"], row.get("drill")) for row in asked] == [
            (row["grouped"], row.get("drill")) for row in by_term[terms[-1]]
        ]
        for term, rows in by_term.items():
            assert all(("drill" in row) == bool(row[term]) for row in rows)
            ways += [(row, term, from_size) for row in rows if row[term]]
    with open_snapshot(snapshot.path, "500MB", 1) as connection:
        for row, term, from_size in ways:
            found = connection.execute(row["drill"]).fetchall()
            if term == "moves":
                moved = sum(row[name] for name in TERMS if name not in STANDING)
                assert len(found) == (moved or row["closing"]), row
                continue
            seen.add(term)
            assert {each[0] for each in found} == {term} and len(found) == row[term], (term, row)
            assert len({each[1] for each in found}) == len(found) or term not in STANDING
            assert term in STANDING or min(each[-1] for each in found) >= from_size
            assert {world.entries[each[-1]].kind for each in found} == {each[2] for each in found}
    assert {"opening", "closing", "missing", "destroyed", "registered"} <= seen and len(seen) > 8


@pytest.mark.parametrize("name", REPORTS)
def test_every_row_leads_to_its_chips_and_entries(wide, name):
    _, snapshot = wide
    seen = 0
    for grouping in REPORTS[name].groupings:
        report = told(snapshot, name, grouping=grouping, **NEEDED.get(name, {}))
        if name in {"unaccounted", "changes"}:
            assert all(row["chip"] and row["entry_index"] is not None for row in report["rows"])
            seen += len(report["rows"])
        with open_snapshot(snapshot.path, "500MB", 1) as connection:
            for part, row, sql in list(drills(report))[:60]:
                cursor = connection.execute(sql)
                assert "entry_index" in [column[0] for column in cursor.description]
                rows = cursor.fetchall()
                wanted = counted(part, row)
                assert rows if wanted is None else len(rows) == wanted, (part, row)
                seen += 1
    assert seen > 0


@pytest.mark.parametrize("grouping", REPORTS["balance"].groupings)
def test_a_trend_leads_to_the_counts_and_shipments_of_its_span_alone(wide, grouping):
    world, snapshot = wide
    half = sorted(world.past)[len(world.past) // 2]
    ways = []
    for from_size, to_size in ((0, half), (half, world.size), (0, world.size)):
        report = told(snapshot, "balance", from_size=from_size, to_size=to_size, grouping=grouping)
        ways += [(row, sql, from_size, to_size) for part, row, sql in drills(report) if part == "trend"]
    with open_snapshot(snapshot.path, "500MB", 1) as connection:
        for row, sql, from_size, to_size in ways:
            cursor = connection.execute(sql)
            place = [column[0] for column in cursor.description].index("entry_index")
            entries = {found[place] for found in cursor.fetchall()}
            assert all(from_size <= entry < to_size for entry in entries), row
            # A shipment of which nothing has come, nor is said not to have, is no point yet.
            assert len(entries) == row["points"] or (row["of"] == "srd" and len(entries) > row["points"])
    assert any(to_size - from_size < world.size for *_, from_size, to_size in ways)


def test_the_console_lets_a_way_down_pass(wide):
    _, snapshot = wide
    for name in REPORTS.keys() - {"changes"}:
        report = told(snapshot, name, **NEEDED.get(name, {}))
        refused = [refuse_statement(sql) for _, _, sql in drills(report)]
        assert refused and set(refused) == {None}


NOT_NULL = "AND m.custodian IS NOT NULL AND m.was_custodian IS NOT NULL"
MOVED = "\n                THEN CASE $grouping WHEN 'site' THEN 'moved_in'"
SABOTAGE = {
    "a recovery": ("balance", "m.kind = 'chips.declared' AND NOT m.is_made", "1 = 0"),
    "what was moved within": ("balance", NOT_NULL + MOVED, "AND 1 = 0" + MOVED),
    "replaced modules": ("fabrication", "    WHERE NOT c.is_replaced\n", ""),
    "lots in common": ("fabrication", "WHEN s.lots_named <= s.dies THEN s.lots_here", "WHEN 1 = 0 THEN 0"),
    "what is settled": ("receipts", "        AND l.closed IS NULL\n", ""),
    "what was written off": ("counts", "AND s.status IN ('missing', 'destroyed')", "AND 1 = 0"),
}


@pytest.mark.parametrize("spoiled", SABOTAGE)
def test_a_report_without_one_of_its_conditions_is_another(wide, spoiled):
    """The control: each world has a case for each."""
    world, snapshot = wide
    name, before, after = SABOTAGE[spoiled]
    differs = False
    for grouping in ("party", "site") if name != "fabrication" else ("lot",):
        values = {"from_size": 0, "to_size": world.size, "grouping": grouping}
        sound = with_text(snapshot, name, values)
        differs = differs or with_text(snapshot, name, values, before, after) != sound
    assert differs


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
def test_what_cannot_be_asked_is_refused_by_name(wide, name, given, detail):
    _, snapshot = wide
    refused = run_report(snapshot, name, given=given)
    assert (
        isinstance(refused, ReportRefused) and refused.reason == "bad_parameter" and detail in refused.detail
    )
