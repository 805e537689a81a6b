"""A report calls broken whatever is, one thing at a time, and says which."""

from dataclasses import replace
from random import Random

import pytest

from api.cli.redteam.rehearsal import Rehearsal, rehearse
from api.cli.redteam.report import faults, sentence
from tests.redteam.plans import BASE, report


def _strayed(found):
    return replace(found, rows=(replace(found.rows[0], clean=300), *found.rows[1:]))


def _above_the_risk(found):
    claim = replace(found.rows[0].claim, chance=found.target.beta * 2)
    row = replace(found.rows[0], claim=claim, low=0, high=2_000)
    return replace(found, rows=(row, *found.rows[1:]))


def _too_small(found):
    return replace(found, miss=found.target.beta + 1)


def _let_through(found):
    return replace(found, outcomes=(replace(found.outcomes[0], told="clean"), *found.outcomes[1:]))


def _honesty_refused(found):
    return replace(found, outcomes=(*found.outcomes[:-1], replace(found.outcomes[-1], honest=False)))


def _unnoticed(found):
    control = found.controls[0]
    kept = replace(control, row=replace(control.row, clean=control.row.high))
    return replace(found, controls=(kept, *found.controls[1:]))


def _disagreed(found):
    return replace(found, rehearsal=Rehearsal(20, 19, (("clean", 20),)))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_strayed, "Counted otherwise than promised: diversion"),
        (_above_the_risk, "Above the risk: diversion"),
        (_too_small, "The plan is too small"),
        (_let_through, "The log said 'clean', not 'violations'"),
        (_honesty_refused, "The honest twin was refused too"),
        (_unnoticed, "Not noticed: the seed is known"),
        (_disagreed, "disagree in 1 inspections"),
    ],
)
def test_one_thing_amiss_is_enough(spoil, said):
    found = report(BASE)
    assert found.holds and faults(found) == []
    spoiled = spoil(found)
    assert not spoiled.holds
    assert said in faults(spoiled)[0] and len(faults(spoiled)) == 1
    assert "a promise is broken" in sentence(spoiled)


def test_worlds_and_ledger_agree_in_whole_inspections_of_every_ending():
    rehearsed = rehearse(30, Random("rehearsals"))
    assert rehearsed.agreed == rehearsed.inspections == 30
    assert {word for word, _ in rehearsed.verdicts} == {"clean", "violations", "inconclusive"}
    assert sum(number for _, number in rehearsed.verdicts) == 30
