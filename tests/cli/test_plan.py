"""The planner in a terminal: the worked figures, the plot, and how the command ends."""

import json
import re
from xml.etree import ElementTree

import pytest

from tests.cli.stage import chipledger
from tests.planning.questions import RUN

PLAN = ("inspect", "plan")
STRATA = ("--stratum", "a:6000", "--stratum", "b:3000", "--stratum", "c:900", "--stratum", "d:100")
MISSING = ("--missing", 100)
ACTIVITY = [
    word for name, value in RUN.items() for word in (f"--{name.replace('_', '-')}", value)
] + ["--planner", "activity"]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--frame", 10_000, *MISSING), 0, "Visit 294 of 10,000 chips"),
        (("--frame", 10_000, *MISSING, "--test-miss-ppm", 100_000), 0, "Visit 327 of 10,000"),
        (("--frame", 1_000, "--missing", 5, "--test-miss-ppm", 600_000), 1, "0.077760000000"),
        ((*STRATA, *MISSING), 0, "(176/89/27/3)"),
        ((*STRATA, *MISSING, "--sizes", "177,88,27,3"), 0, "4.96 %"),
        ((*STRATA, *MISSING, "--sizes", "177,88,27,2", "--evade"), 1, "34 from b, 33 from a, 33 from d"),
        (("--frame", 10_000, "--visits", 400), 0, "if 74 or more are gone"),
        (("--frame", 10_000, *MISSING, "--stage", "0:2", "--stage", "1:2"), 0, "in each of 2 stages"),
        (("--prover", "n:6000", "--prover", "s:4000", *MISSING), 0, "Pooled as one frame n and s need 294"),
        (("--frame", 10_000, *MISSING, "--budget", 200, "--visit-cost", "2.5"), 0, "beyond the budget"),
        (ACTIVITY, 0, "(243 a year)"),
    ],
)
def test_the_worked_examples_are_told(words, code, said):
    result = chipledger(*PLAN, *words)
    assert result.exit_code == code, result.output
    assert said in " ".join(result.stdout.split())


def test_json_is_what_the_route_gives():
    facts = json.loads(chipledger(*PLAN, "--frame", 10_000, *MISSING, "--json").stdout)
    assert (facts["status"], facts["n"], facts["miss"]) == ("ok", 294, "0.049827922674")
    assert len(facts["curve"]) == 25


def test_the_plot_is_plain_where_no_terminal_is():
    shown = chipledger(*PLAN, "--frame", 10_000, *MISSING).stdout
    assert "chance of detection, per cent" in shown and "visits" in shown and "O" in shown
    assert "Cost against risk: --plot NAME.cost.svg" in shown
    assert "\x1b" not in shown and not re.search(r" $", shown, re.MULTILINE)


def test_a_picture_is_written_on_request(tmp_path):
    for name, axis in (("plan.svg", "visits"), ("plan.cost.svg", "risk that is left, per cent")):
        assert chipledger(*PLAN, "--frame", 10_000, *MISSING, "--plot", tmp_path / name).exit_code == 0
        texts = [each.text for each in ElementTree.parse(tmp_path / name).iter() if each.text]
        assert axis in texts
    nowhere = chipledger(*PLAN, "--frame", 10, "--missing", 1, "--plot", tmp_path / "none" / "x.svg")
    assert nowhere.exit_code == 1 and "cannot be written" in nowhere.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--frame", 10, "--missing", 11), "missing"),
        (("--missing", 11), "frame"),
        (("--frame", 10), "missing"),
        (("--stratum", "a", "--missing", 1), "strata"),
        (("--stratum", "a:x", "--missing", 1), "strata"),
        (("--frame", 10, "--missing", 1, "--stage", "0"), "stages"),
        (("--frame", 10, "--missing", 1, "--planner", "other"), "planner"),
        (("--frame", 10, "--missing", 1, "--planner", "activity"), "frame"),
        (("--planner", "activity"), "chips"),
        (("--frame", 10, "--missing", 1, "--budget", "much"), "budget"),
    ],
)
def test_what_is_wrong_is_named_and_exits_with_two(words, named):
    result = chipledger(*PLAN, *words)
    assert result.exit_code == 2
    assert f"error: {named}:" in result.stderr.replace("error: activity", "error:")


def test_help_teaches_with_the_worked_figures():
    shown = " ".join(chipledger(*PLAN, "--help").stdout.split())
    for figure in ("294 of 10,000", "327", "0.0778", "177/88/27/3", "5.99 %", "243 looks a year"):
        assert figure in shown


def test_every_example_of_the_help_runs():
    """Each taught line is typed as it stands, and its taught figure comes out."""
    lines = re.sub(r"\\\s*\n\s*", " ", chipledger(*PLAN, "--help").stdout).splitlines()
    examples = [line.split() for line in lines if line.strip().startswith("chipledger inspect plan --")]
    told = [chipledger(*words[1:]) for words in examples]
    assert len(examples) == 7
    assert [result.exit_code for result in told] == [0, 0, 1, 0, 0, 0, 0]
