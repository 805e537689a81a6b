"""Losses and undeclared chips as a report tells them: counted by hand, tested by the pure statistics."""

import shutil
from dataclasses import replace
from datetime import datetime
from fractions import Fraction as F

import duckdb
import pytest

from analytics.report import REPORTS
from analytics.reporting import mortality, recapture
from analytics.statistics.losses import excess_losses
from analytics.statistics.two_lists import ASSUMPTIONS, two_lists
from tests.analytics.slow_expectations import slow_lists, slow_losses
from tests.analytics.wide_reports import NEEDED, told, with_text

YEAR_S = 31_557_600
DAY_S = 86_400


def as_of_s(report):
    return -(-datetime.fromisoformat(report["as_of"]).timestamp() // 1)


@pytest.mark.parametrize("basis", ["registered", "suspected"])
@pytest.mark.parametrize("grouping", REPORTS["losses"].groupings)
def test_losses_and_chip_years_are_those_counted_by_hand(wide, grouping, basis):
    world, snapshot = wide
    for days in (36_500, 2):
        report = told(
            snapshot, "losses", grouping=grouping, basis=basis, window_days=days, **NEEDED["losses"]
        )
        until = as_of_s(report)
        since = until - days * DAY_S
        expected = slow_losses(world, grouping, basis, since, until)
        rows = {row["grouped"]: row for row in report["rows"]}
        assert rows.keys() == expected.keys() and len(rows) >= 3
        for group, (seconds, destroyed, missing, conceded, by_entry) in expected.items():
            row = rows[group]
            assert row["chip_years"] == pytest.approx(seconds / YEAR_S, rel=1e-12)
            assert (row["destroyed"], row["missing"], row["conceded"]) == (destroyed, missing, conceded)
            assert row["reported"] == destroyed + missing
            assert (row["reports"], row["largest"]) == (len(by_entry), max(by_entry.values(), default=0))
        if days > 2:
            assert sum(row["reported"] for row in rows.values()) > 5
            assert sum(row["conceded"] for row in rows.values()) > 0


def test_each_group_is_tested_against_the_mortality_that_was_stated(wide):
    _, snapshot = wide
    report = told(snapshot, "losses", grouping="maker", mortality_ppm=900_000, alpha_ppm=10_000, losses="all")
    assert len(report["rows"]) > 3
    for row in report["rows"]:
        losses = row["destroyed"] + row["missing"] + row["conceded"]
        years = F(round(row["chip_years"] * YEAR_S), YEAR_S)
        expected = excess_losses(losses, years, F(9, 10), alpha=F(1, 100)).as_object()
        for name in ("reported", "expected", "excess", "at_least", "critical", "p", "is_significant"):
            assert row[name] == pytest.approx(expected[name]), name
    some = told(snapshot, "losses", grouping="maker", losses="missing", **NEEDED["losses"])["rows"]
    assert [row["reported"] for row in some] == [row["missing"] for row in some]
    none = told(snapshot, "losses", grouping="maker", mortality_ppm=0)["rows"]
    assert all(row["is_significant"] == (row["reported"] > 0) for row in none), "nothing may die of itself"


def test_of_many_groups_the_head_says_how_many_false_alarms_there_may_be(wide):
    _, snapshot = wide
    report = told(snapshot, "losses", grouping="site", alpha_ppm=100_000, **NEEDED["losses"])
    groups, alarms = len(report["rows"]), sum(row["is_significant"] for row in report["rows"])
    note = next(note for note in report["notes"] if "by chance alone" in note)
    assert f"{groups} groups are tested at 0.1 each" in note and f"up to {groups / 10:.4g} of them" in note
    assert f"{alarms} are. Of p_together" in note
    for row in report["rows"]:
        assert row["p_together"] >= row["p"]
        assert row["is_significant_together"] == (row["p_together"] <= 0.1)


def test_holms_chances_are_those_of_the_definition():
    given = [F(1, 100), F(4, 100), F(3, 100), F(1, 200), F(1)]
    assert list(mortality.holm(given)) == [F(4, 100), F(9, 100), F(9, 100), F(5, 200), F(1)]
    assert list(mortality.holm([])) == [] and list(mortality.holm([F(1, 2)])) == [F(1, 2)]


def test_groups_beyond_those_that_are_tested_say_so():
    row = {"destroyed": 0, "missing": 0, "conceded": 0, "reports": 0, "largest": 0, "entry_index": None}
    rows = [{**row, "grouped": f"g{n:05}", "chip_seconds": YEAR_S} for n in range(mortality.TESTED_MAX + 2)]
    rows[-1] |= {"destroyed": 3, "reports": 1, "largest": 3}
    found = mortality.tested(rows, mortality.Stated.of(1_000, 50_000, "reported"))
    assert found[-1]["is_significant"] and [r["p"] is None for r in found].count(True) == 2
    assert found[-2]["told"].startswith("not tested: only the 2,000 groups")
    lists = {"seen_elsewhere": 0, "seen_after_end": 0, "seen_unknown": 0, "entry_index": 1}
    many = [
        {**lists, "grouped": str(n), "declared": 5, "seen": 2 + (n == 0), "both_lists": 2}
        for n in range(recapture.ESTIMATED_MAX + 1)
    ]
    told_of = recapture.estimated(many, recapture.Stated.of(50_000, 200))
    assert told_of[0]["estimate"] is not None and told_of[-1]["told"] == recapture.TOO_MANY
    long = {**lists, "grouped": "a", "declared": 10_000_001, "seen": 5, "both_lists": 5}
    (told_of,) = recapture.estimated([long], recapture.Stated.of(50_000, 200))
    assert told_of["estimate"] is None and told_of["told"].startswith("no estimate: first must")


@pytest.mark.parametrize("basis", ["registered", "suspected"])
@pytest.mark.parametrize("grouping", REPORTS["undeclared"].groupings)
def test_both_lists_are_those_counted_by_hand(wide, grouping, basis):
    world, snapshot = wide
    for window in (36_500, 1):
        report = told(snapshot, "undeclared", grouping=grouping, basis=basis, window_days=window)
        since = datetime.fromisoformat(report["as_of"]).timestamp() - window * DAY_S
        expected = slow_lists(world, grouping, basis, since)
        names = ("declared", "seen", "both_lists", "seen_elsewhere", "seen_after_end", "seen_unknown")
        found = {row["grouped"]: tuple(row[name] for name in names) for row in report["rows"]}
        assert found == expected
        assert window == 1 or sum(row[1] for row in found.values()) >= 8


def test_the_estimate_is_that_of_two_lists_and_an_empty_list_gives_none(wide):
    _, snapshot = wide
    report = told(snapshot, "undeclared", grouping="operator", alpha_ppm=100_000, odds_percent=300)
    seen = 0
    for row in report["rows"]:
        if not row["declared"] or not row["seen"]:
            assert row["estimate"] is row["undeclared"] is row["undeclared_low"] is None
            assert row["told"] in (recapture.NO_BOOK, recapture.NOT_SEEN)
            continue
        seen += 1
        made = two_lists(row["declared"], row["seen"], row["both_lists"], alpha=F(1, 10))
        estimate, low, high = made.undeclared
        assert (row["undeclared"], row["undeclared_low"], row["undeclared_high"]) == (estimate, low, high)
        assert (row["estimate"], row["low"], row["high"]) == (float(made.estimate), made.low, made.high)
        only, first = row["seen"] - row["both_lists"], row["declared"] - row["both_lists"]
        if row["both_lists"]:
            assert row["undeclared_dependent"] == pytest.approx(only + 3 * only * first / row["both_lists"])
        else:
            assert row["undeclared_dependent"] is None
    assert seen >= 2 and seen < len(report["rows"])
    assert set(ASSUMPTIONS) <= set(report["notes"]), "what it stands on goes with it"
    assert any("multiplies the odds of being on the other by 3" in note for note in report["notes"])


SABOTAGE = {
    "who has the chip": ("undeclared", "WHERE x.side IS NULL AND y.side IS NULL", "WHERE x.side IS NULL"),
    "what was decided against": ("undeclared", "WHERE COALESCE(d.is_wrong, 0) = 0", ""),
    "the book when it was seen": (
        "undeclared",
        "m.status,",
        "(SELECT c.status FROM record.chip_state AS c WHERE c.number = m.number) AS status,",
    ),
    "declared after it was seen": ("undeclared", "SUM(t.on_book - t.again + t.on_both)", "SUM(t.on_book)"),
    "what was found again": ("losses", " AND c.status IN ('missing', 'destroyed')", ""),
    "chips that were never there": (
        "losses",
        "CASE WHEN v.custodian IS NOT NULL THEN 1 ELSE 0 END AS is_there",
        "1 AS is_there",
    ),
}


@pytest.mark.parametrize("spoiled", SABOTAGE)
def test_a_report_without_one_of_its_conditions_is_another(wide, spoiled):
    """The control: the worlds have a case for each."""
    _, snapshot = wide
    name, before, after = SABOTAGE[spoiled]
    differs = False
    for grouping in ("site", "operator") if name == "undeclared" else ("custodian",):
        values = {"grouping": grouping, "basis": "registered", "confirmed_since": "2026-01-01"}
        values |= {"seen_by": "all", "since_s": 0, "as_of_s": 1_900_000_000}
        sound = with_text(snapshot, name, values)
        differs = differs or with_text(snapshot, name, values, before, after) != sound
    assert differs


def test_a_chip_that_the_book_knew_only_at_some_of_the_times_is_one_chip(wide, tmp_path):
    """What was said of chips said once more as if the book had not known them: nothing new is seen."""
    _, snapshot = wide
    other = replace(snapshot, path=tmp_path / snapshot.path.name)
    shutil.copyfile(snapshot.path, other.path)
    other.path.chmod(0o600)
    with duckdb.connect(str(other.path)) as connection:
        connection.execute(
            "INSERT INTO record.chip_mention (chip, entry_index, holder, site)"
            " SELECT chip, entry_index, holder, site FROM record.chip_mention WHERE status = 'held'"
        )
    values = {"grouping": "book", "basis": "registered", "confirmed_since": "2026-01-01", "seen_by": "all"}
    sound = with_text(snapshot, "undeclared", values)
    assert with_text(other, "undeclared", values) == sound
    split = with_text(other, "undeclared", values, "COALESCE(s.number, k.number)", "s.number")
    assert split[0][2] > sound[0][2], "the control"
