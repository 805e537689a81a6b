"""Promises broken on purpose are noticed, whatever the seed; unbroken ones are not."""

from random import Random

import pytest

from api.cli.redteam.cheats import cheats_against
from api.cli.redteam.floors import Floor, floor_cheats, floor_worlds
from api.cli.redteam.hall_visits import HallVisits
from api.cli.redteam.measured import measured
from api.cli.redteam.play import CONTROL_WORLDS
from api.cli.redteam.sabotage import BETA, CONTROLS, Control
from api.cli.redteam.worlds import worlds
from tests.redteam.plans import BASE, WORLDS, report, target


@pytest.mark.parametrize("make", CONTROLS, ids=lambda make: make.__name__.strip("_"))
def test_a_broken_promise_is_noticed(make):
    control = make(CONTROL_WORLDS, Random(make.__name__))
    assert control.noticed, (control.broken, control.row)
    assert not control.row.agrees


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("make", CONTROLS, ids=lambda make: make.__name__.strip("_"))
def test_a_broken_promise_is_noticed_with_any_seed(make, seed):
    assert make(CONTROL_WORLDS, Random(seed)).noticed


def test_every_control_stands_in_the_report_with_its_rate():
    found = report(BASE)
    assert len(found.controls) == len(CONTROLS) >= 10
    assert all(control.noticed for control in found.controls)
    worst = min(control.row.clean for control in found.controls if control.row.worlds == CONTROL_WORLDS)
    assert worst > CONTROL_WORLDS // 20


def test_an_unbroken_promise_is_not_called_broken():
    plan = target("nearly all")
    cheat = cheats_against(plan)[0]
    luck = Random("unbroken")
    clean = sum(cheat.play(world, luck) for world in worlds(plan, WORLDS, luck, plan.missing))
    assert not Control("nothing", measured(cheat.claim, clean, WORLDS)).noticed


@pytest.mark.parametrize("sabotaged", [False, True])
def test_the_rule_of_six_hours_is_what_catches_lent_chips(sabotaged):
    floor = Floor(half=30, n=30, accept=0, amiss=8, beta=BETA)
    lent = floor_cheats(floor, HallVisits(sabotaged=sabotaged))[2]
    luck = Random("halls")
    clean = sum(lent.play(world, luck) for world in floor_worlds(floor, WORLDS, luck))
    row = measured(lent.claim, clean, WORLDS)
    assert row.agrees is not sabotaged and (clean == WORLDS) is sabotaged
