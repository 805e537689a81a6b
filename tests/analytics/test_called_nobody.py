"""A party may be called nobody; it is not taken for what is nobody's, in rows, on pages or on a screen."""

import json
from html import unescape

import pytest

from analytics.follower import Follower
from analytics.report import NOBODY, run_report
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from api.cli.screen.report_tables import show_report
from api.web.reports.page import Visit, report_page
from ledger.book.identifiers import is_named, is_party
from tests.analytics.trade import H100_GFLOPS, Trade
from tests.pages.reading import read

HELD, LOST = 7, 3  # by the party that is called nobody; and of what it had
ASKED = {"grouping": "new_custodian", "given": {"from_size": 1}}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Of a world in which nobody has chips, and some are nobody's."""
    folder = tmp_path_factory.mktemp("nobody")
    trade = Trade()
    trade.list_model("h100", H100_GFLOPS)
    trade.enrol("acme", "maker", "TW")
    trade.enrol("nobody", "holder", "NO")
    chips = trade.make("acme", range(HELD + LOST))
    trade.receive("nobody", trade.send("acme", "s1", chips, "nobody", country="NO", due=10))
    trade.retire("nobody", "lost", chips[:LOST])
    warehouse = Warehouse(folder / "w")
    Follower(trade.store, warehouse).follow(trade.size, trade.root)
    yield Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()


def of(snapshot, group):
    return run_report(snapshot, "changes", group=group, **ASKED)


def test_either_group_has_its_own_rows_and_no_others(snapshot):
    assert not is_party(NOBODY) and not is_named(NOBODY) and NOBODY.isascii() and NOBODY.isprintable()
    whole = run_report(snapshot, "changes", **ASKED)
    assert {total.grouped: total.chips for total in whole.totals} == {"nobody": HELD, None: LOST}
    for group, grouped, count in (("nobody", "nobody", HELD), (NOBODY, None, LOST)):
        alone = of(snapshot, group)
        assert alone.row_count == alone.rows.num_rows == count and alone.totals == whole.totals
        assert set(alone.rows.column("grouped").to_pylist()) == {grouped}
        assert {row["grouped"] for row in alone.as_object()["rows"]} == {grouped}


@pytest.mark.parametrize(
    ("group", "words", "count"), [("nobody", "nobody", HELD), (NOBODY, "(nobody)", LOST)]
)
def test_a_page_tells_them_apart_and_leads_to_either(snapshot, group, words, count):
    asked = {"grouping": "new_custodian", "from_size": "1"}
    whole = run_report(snapshot, "changes", **ASKED)
    visit = Visit("ledger.example", "quill", "changes", {**asked, "group": group}, [snapshot])
    alone = read(report_page(visit, whole))
    assert f"The tables show only {words}." in alone.text
    chips = {each.text for each in alone.every("a") if each.text.startswith("acme:")}
    assert len(chips) == count
    chosen = [each for each in alone.every("option") if "selected" in each.attributes]
    assert (words, group) in {(each.text, each.get("value")) for each in chosen}
    page = read(report_page(Visit("ledger.example", "quill", "changes", asked, [snapshot]), whole))
    offered = {(each.text, each.get("value")) for each in page.every("option")}
    assert (words, group) in offered
    headings = {each.text for each in page.every("th")}
    assert {"nobody", "(nobody)"} <= headings
    ways = {unescape(each.get("href")) for each in page.every("a") if each.text == f"only this of {words}"}
    assert [f"group={group}" in way.partition("?")[2].split("&") for way in ways] == [True]


def test_a_screen_tells_them_apart(snapshot, capsys):
    report = run_report(snapshot, "changes", **ASKED)
    show_report("changes", json.loads(json.dumps(report.as_object())), all_columns=False)
    words = capsys.readouterr().out.split()
    assert "nobody" in words and "(nobody)" in words


def test_a_way_down_leads_to_the_one_that_is_meant(snapshot):
    """Its values name nobody's by nothing at all."""
    report = run_report(snapshot, "capacity", grouping="custodian")
    said = [way.values["grouped"] for way in map(lambda row: report.drill("capacity", row), rows(report))]
    assert set(said) == {"nobody"}
    free = report.drill("capacity", {"grouped": None, "standing": "stored"})
    assert free.values["grouped"] == ""


def rows(report):
    return report.rows.to_pylist()
