"""Cheats come through as often as is worked out, and no oftener than promised."""

from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import pytest

from api.cli.redteam.measured import LIMIT, PROMISED, Claim, measured
from api.cli.redteam.play import measure
from api.cli.redteam.target import check_target, worst
from api.cli.redteam.worlds import verdict
from ledger.inspection.evasion import Stratum
from ledger.inspection.stages import Stage
from tests.redteam.plans import BASE, PLANS, WORLDS, report, target

MEASURED = {
    *("diversion", "relabelling", "moving after the commitment", "shells", "claimed losses", "refusing"),
    *("one chip shown twice", "off-book stock", "draw shopping", "withheld beacon"),
}


def check(plan, rows):
    """Every row agrees with its chance; what is promised is within the risk wherever the plan is."""
    assert [row.claim.tried for row in rows if not row.agrees] == []
    promised = [row.claim for row in rows if row.claim.standing == PROMISED]
    if worst(plan).at_most <= plan.beta:
        assert [claim.tried for claim in promised if claim.chance > plan.beta] == []
    attacks = {row.claim.attack for row in rows}
    assert attacks >= MEASURED and ("splitting strata" in attacks) is (len(plan.strata) > 1)
    assert sum(row.worlds >= WORLDS for row in rows) >= 9 and len(rows) >= 20


def test_the_plan_of_the_documents_keeps_every_promise():
    found = report(BASE)
    check(found.target, found.rows)
    assert found.holds and found.keeps_its_risk


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in PLANS if name != BASE])
def test_every_sort_of_plan_is_met_as_often_as_worked_out(name):
    plan = target(name)
    check(plan, measure(plan, WORLDS, f"seed of {name}"))


def test_a_pooled_shell_is_found_as_promised_and_one_that_nobody_noted_never():
    pooled, unpooled = [row for row in report(BASE).rows if row.claim.attack == "shells"]
    assert pooled.claim.standing == PROMISED and pooled.caught_share > Fraction(9, 10)
    assert unpooled.claim.standing == LIMIT and unpooled.caught_share == 0


def test_shopping_wins_what_is_worked_out_and_nothing_once_every_draw_counts():
    nicest, first, every = [row for row in report(BASE).rows if row.claim.attack == "draw shopping"]
    miss = report(BASE).rows[0].claim.chance
    assert abs(nicest.claim.chance - (1 - (1 - miss) ** 5)) < Fraction(1, 10**20)
    assert first.claim.chance == miss and every.claim.chance == miss**5
    assert nicest.clean > 2 * first.clean and every.clean <= first.clean


def test_what_was_written_off_in_time_is_no_promise_but_is_told():
    before, after = [row for row in report(BASE).rows if row.claim.attack == "claimed losses"]
    assert before.claim.standing == LIMIT and "known missing 5" in before.claim.tried
    assert after.claim.standing == PROMISED and after.claim.chance < before.claim.chance


def test_the_same_seed_gives_the_same_counts_and_another_others():
    small = target("nearly all")
    one, again, other = (measure(small, 300, seed) for seed in ("7", "7", "8"))
    assert one == again
    assert [row.clean for row in one] != [row.clean for row in other]


def test_a_count_outside_its_band_is_told():
    claim = Claim("diversion", "prover", "something", PROMISED, Fraction(1, 20))
    inside, above, below = (measured(claim, clean, 2_000) for clean in (100, 200, 20))
    assert inside.agrees and not above.agrees and not below.agrees
    assert inside.low < 100 < inside.high


def test_stalling_would_pay_in_stages_that_accept_later_what_they_reject_earlier_so_there_are_none():
    """Of six chips four are gone; whoever stalls is not stopped at two, and three are accepted in the end."""
    taking_back = (Stage((2,), 0, 2), Stage((2,), 3, 4))
    gone, stalled, refused = set("abcd"), 0, 0
    draws = list(product(*[list(combinations("abcdef", 2))] * 2))
    for drawn in draws:
        stalled += verdict(taking_back, drawn, gone, lambda _: "inconclusive") == "clean"
        refused += verdict(taking_back, drawn, gone, lambda _: "refused") == "clean"
    assert refused < stalled
    plan = replace(target("stages"), stages=taking_back, strata=(Stratum(6),), missing=4)
    for stages, refusal in ((taking_back, True), ((Stage((2,), 0, 4), Stage((2,), 3, 4)), False)):
        with pytest.raises(ValueError, match=r"^stages ") if refusal else nullcontext():
            check_target(replace(plan, stages=stages))
