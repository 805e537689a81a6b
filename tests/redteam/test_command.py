"""`chipledger redteam`: what is typed, what is told, and how it ends."""

import json

import pytest

from api.cli.redteam.report import NOT_CAUGHT, as_html, as_markdown, as_object, faults, sentence, tables
from tests.cli.stage import chipledger
from tests.redteam.plans import BASE, WORLDS, report

FRAME = ("--frame", 60, "--missing", 12)
QUICK = ("--worlds", 100, "--json")


def test_a_plan_that_holds_ends_well_and_twice_the_same_is_the_same_report(tmp_path):
    page = tmp_path / "attack.md"
    words = ("--frame", 1_000, "--visits", 258, "--missing", 10, "--worlds", WORLDS, "--report", page)
    told = chipledger("redteam", *words, "--json")
    assert told.exit_code == 0, told.stdout
    assert json.loads(told.stdout) == as_object(report(BASE))  # made elsewhere in this run
    assert page.read_text(encoding="utf-8") == as_markdown(report(BASE))


def test_a_plan_that_is_too_small_ends_with_one_and_says_so(tmp_path):
    page = tmp_path / "attack.html"
    told = chipledger("redteam", *FRAME, "--visits", 3, "--worlds", 100, "--report", page)
    assert told.exit_code == 1
    words = " ".join(told.stdout.split())
    assert "a promise is broken" in words and "The plan is too small: it overlooks 50.54 %." in words
    assert "Seed: 1." in words and all(limit in words for limit in NOT_CAUGHT)
    shown = page.read_text(encoding="utf-8")
    assert "too small" in shown and "<script" not in shown and "http" not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (FRAME[2:], "--frame, or --stratum"),
        ((*FRAME, "--stratum", "a:10:2"), "one of the two"),
        ((*FRAME, "--visits", 61), "sizes"),
        (("--frame", 5, "--missing", 6), "missing"),
        (("--frame", 5, "--missing", 0), "missing"),
        (("--missing", 2, "--stratum", "a:10"), "NAME:CHIPS:VISITS"),
        (("--missing", 2, "--stratum", "a:10:2", "--stratum", "a:5:1"), "one name twice"),
        (("--missing", 2, "--stratum", "a:10:2", "--visits", 3), "leave --visits out"),
        ((*FRAME, "--stage", "5:0"), "VISITS:ACCEPTED:REJECTED"),
        ((*FRAME, "--stage", "5+5:0:1"), "1 strata need"),
        ((*FRAME, "--stage", "5:0:2"), "it decides"),
        ((*FRAME, "--stage", "5:0:1", "--visits", 4), "leave --visits"),
        ((*FRAME, "--report", "attack.pdf"), ".md or .html"),
        ((*FRAME, "--seed", ""), "--seed"),
        (("--frame", 300_000, "--missing", 10), "frame"),
        (("--frame", 1_000, "--missing", 5, "--test-miss-ppm", 600_000), "no number of visits"),
    ],
)
def test_wrong_words_are_told_and_end_with_two(words, said):
    told = chipledger("redteam", *words)
    assert told.exit_code == 2
    assert said in " ".join(told.stderr.split())


def test_the_report_says_everything_to_people_and_to_programs():
    found = report(BASE)
    told, page, text = as_object(found), as_html(found), as_markdown(found)
    assert told["holds"] is True and told["faults"] == faults(found) == []
    assert len(told["measured"]) == len(found.rows) and len(told["attempts"]) == len(found.outcomes)
    assert told["plan"]["miss"].startswith("0.0497958") and told["seed"] == "1"
    for row in found.rows:
        assert row.claim.tried in text
    measured = next(cells for _, _, cells in tables(found))
    outcomes = {(cells[3], cells[-1]) for cells in measured}
    assert outcomes == {("promised", "ok"), ("not promised", "as told")}
    assert all(all(columns) for _, columns, _ in tables(found)), "no column without a heading"
    for outcome in found.outcomes:
        assert f"| {outcome.tried} | {outcome.told} | ok |" in text
    assert sentence(found) in text and page.count("<tr>") >= text.count("\n|") - 6
    assert "every promise was kept" in sentence(found)
