"""`docs/attacks.md` names every attack, every word of the log, every limit, and figures that are so."""

import re

from api.cli.redteam.measured import Measured
from api.cli.redteam.play import ATTEMPTS, measure
from api.cli.redteam.report import NOT_CAUGHT, percent, tables
from tests.docs.papers import ROOT, table_under
from tests.redteam.plans import BASE, WORLDS, report, target

PAGE = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
FIGURES = re.compile(r"(>?[\d.]+ %) / (>?[\d.]+ %)")


def rows(page=PAGE):
    """The table of attacks, by name."""
    return {name: rest for name, *rest in table_under(page, "attack")}


def figures_of(row: Measured):
    """Caught and exact, as the page writes them."""
    return percent(row.caught_share), percent(1 - row.claim.chance)


def figure_gaps(page=PAGE):
    """Attacks whose figures on the page are not those of the worlds, in their order."""
    played = [*report(BASE).rows]
    small = measure(target("small strata"), WORLDS, "1")
    played += [row for row in small if row.claim.attack == "splitting strata"]
    gaps = []
    for attack, cells in rows(page).items():
        there = [figures_of(row) for row in played if row.claim.attack == attack]
        told = FIGURES.findall(cells[-1])
        # What is the same cheat by another name need not be told twice.
        if not set(told) <= set(there) or bool(told) is not bool(there):
            gaps.append(attack)
    return gaps


def test_every_attack_has_a_row_with_every_word_the_log_says():
    told = rows()
    names = {attempt.attack for attempt in ATTEMPTS} | {row.claim.attack for row in report(BASE).rows}
    assert told.keys() == names | {"splitting strata"}
    for attempt in ATTEMPTS:
        assert f"`{attempt.caught_by}`" in " ".join(told[attempt.attack]), attempt.tried


def test_the_figures_are_those_of_the_worlds():
    assert figure_gaps() == []
    spoiled = PAGE.replace("95.45 % / 95.02 %", "95.55 % / 95.02 %")
    assert spoiled != PAGE and figure_gaps(spoiled) == ["diversion"]


def test_the_controls_are_told_with_their_rates():
    there = [list(cells[:3]) for cells in tables(report(BASE))[2][2]]
    assert [list(cells) for cells in table_under(PAGE, "broken on purpose")] == there


def test_the_limits_are_those_of_the_report():
    section = PAGE.split("## What is not caught")[1]
    assert re.findall(r"^- (.*)$", section, re.MULTILINE) == list(NOT_CAUGHT)
