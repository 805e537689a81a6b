"""How many chips must be visited, or what would so many visits catch?

Asks the exact planner that fits the demand: one frame or strata, one draw or stages, forwards from what must
not be missed or backwards from visits, a budget or sizes. Every probability is exact or never too small where
the planner says so. Knows no words.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from math import ceil

from ledger.inspection.allowance import SPLITS_TRIED_MAX, best_evasion, evaded_at_most, every_split
from ledger.inspection.evasion import Evasion, unseen_split
from ledger.inspection.plan import Infeasible, Planned, presence
from ledger.inspection.stages import Stage, best_evasion_of_stages, plan_stages, stages_risk
from ledger.inspection.strata import (
    Coverage,
    NothingCaught,
    plan_strata,
    smallest_caught,
    smallest_caught_in_strata,
    within_budget,
)
from ledger.planning.demand import Part, Presence

OK, INFEASIBLE = "ok", "infeasible"


@dataclass(frozen=True, slots=True)
class Staged:
    """What stages cost: chance that each is drawn where nothing is missing, and the visits to be expected."""

    reached: tuple[Fraction, ...]
    honest_visits: Fraction


@dataclass(frozen=True, slots=True)
class PresencePlan:
    """The answer: `sizes` to visit per stratum (each stage anew), and the risk `miss` against `missing`.

    The risk is never told too small. `missing` is what was asked, or in the other direction the fewest that
    are caught. `within` tells whether the risk is met; `evasion` is the cheat's best split. `miss_one_less`
    belongs to one frame. `apart` are the sizes for pooled provers if each were inspected alone for the same
    missing chips, None where that is not enough. `catches` is what the budget catches where it does not pay.
    """

    status: str
    sizes: tuple[int, ...] | None
    missing: int | None
    miss: Fraction
    miss_one_less: Fraction | None
    evasion: Evasion | None
    within: bool
    staged: Staged | None = None
    apart: tuple[tuple[str, int | None], ...] = ()
    affordable: bool | None = None
    catches: int | None = None

    @property
    def visits(self) -> int | None:
        """Chips to visit in all, in one draw of each stage."""
        return None if self.sizes is None else sum(self.sizes)


def plan_presence(demand: Presence) -> PresencePlan:
    """The plan. ValueError names a parameter that a planner finds out of range."""
    if demand.rules:
        plan = _in_stages(demand)
    elif demand.sizes is not None:
        plan = _judged(demand, demand.sizes)
    elif demand.missing is None:
        plan = _caught(demand)
    elif len(demand.parts) == 1:
        plan = _of_one_frame(demand, demand.missing)
    else:
        plan = _of_strata(demand, demand.missing)
    if demand.budget is not None and demand.missing is not None:
        plan = _held_to_budget(demand, plan, demand.budget)
    if demand.provers and demand.missing is not None and not demand.rules:
        plan = replace(plan, apart=_apart(demand, demand.missing))
    return plan


def cost_of(parts: tuple[Part, ...], sizes: tuple[int, ...]) -> Fraction:
    """What the visits cost."""
    return sum((part.cost * size for part, size in zip(parts, sizes, strict=True)), Fraction(0))


def _of_one_frame(demand: Presence, missing: int) -> PresencePlan:
    part = demand.parts[0]
    match presence(part.chips, missing, demand.beta, demand.accept, part.test_miss):
        case Planned(n, miss, one_less):
            evasion = Evasion((missing,), miss, miss)
            return PresencePlan(OK, (n,), missing, miss, one_less, evasion, within=True)
        case Infeasible(miss):
            return _no_sample(missing, miss)


def _of_strata(demand: Presence, missing: int) -> PresencePlan:
    plan = plan_strata(demand.strata, missing, demand.beta, demand.accept)
    if isinstance(plan, Infeasible):
        return _no_sample(missing, plan.best_miss)
    return PresencePlan(OK, plan.sizes, missing, plan.evasion.at_most, None, plan.evasion, within=True)


def _no_sample(missing: int | None, miss: Fraction) -> PresencePlan:
    return PresencePlan(INFEASIBLE, None, missing, miss, None, None, within=False)


def _judged(demand: Presence, sizes: tuple[int, ...]) -> PresencePlan:
    """What these sizes do."""
    if demand.missing is None:
        return _covering(sizes, smallest_caught_in_strata(demand.strata, sizes, demand.beta, demand.accept))
    evasion = best_evasion(demand.strata, sizes, demand.missing, demand.accept)
    within = evaded_at_most(demand.strata, sizes, demand.missing, demand.beta, demand.accept)
    return PresencePlan(OK, sizes, demand.missing, evasion.at_most, None, evasion, within=within)


def _covering(sizes: tuple[int, ...], found: Coverage | NothingCaught) -> PresencePlan:
    match found:
        case Coverage(missing, evasion):
            return PresencePlan(OK, sizes, missing, evasion.at_most, None, evasion, within=True)
        case NothingCaught(miss):
            return _no_sample(None, miss)


def _caught(demand: Presence) -> PresencePlan:
    """The fewest missing chips that so many visits, or so much money, would not miss."""
    strata = demand.strata
    if len(strata) == 1:
        visits = demand.visits
        if visits is None:
            assert demand.budget is not None
            price = strata[0].cost
            visits = demand.frame if price == 0 else min(demand.frame, int(demand.budget / price))
        found = smallest_caught(demand.frame, visits, demand.beta, demand.accept, strata[0].test_miss)
        return _covering((visits,), found)
    budget = demand.budget
    if budget is None:
        assert demand.visits is not None
        budget = Fraction(demand.visits)
        strata = tuple(replace(stratum, cost=Fraction(1)) for stratum in strata)
    spread = within_budget(strata, budget, demand.beta, demand.accept)
    if isinstance(spread, NothingCaught):
        return _no_sample(None, spread.best_miss)
    coverage, plan = spread
    return _covering(plan.sizes, coverage)


def _held_to_budget(demand: Presence, plan: PresencePlan, budget: Fraction) -> PresencePlan:
    if plan.sizes is not None and cost_of(demand.parts, plan.sizes) <= budget:
        return replace(plan, affordable=True)
    return replace(plan, affordable=False, catches=_caught(replace(demand, missing=None)).missing)


def _apart(demand: Presence, missing: int) -> tuple[tuple[str, int | None], ...]:
    """What each prover alone would need: the missing chips may all be one prover's."""
    told: list[tuple[str, int | None]] = []
    for prover in demand.provers:
        gone = min(missing, prover.chips)
        found = None
        if prover.chips:
            test = max(part.test_miss for part in demand.parts)
            found = presence(prover.chips, gone, demand.beta, demand.accept, test)
        told.append((prover.name, found.n if isinstance(found, Planned) else None))
    return tuple(told)


def _in_stages(demand: Presence) -> PresencePlan:
    assert demand.missing is not None
    rules = [(rule.accept, rule.reject) for rule in demand.rules]
    if len(demand.parts) == 1:
        part = demand.parts[0]
        found = plan_stages(part.chips, demand.missing, demand.beta, rules, part.test_miss)
        if isinstance(found, Infeasible):
            return _no_sample(demand.missing, found.best_miss)
        return _told_in_stages(demand, (found.n,))
    low, high = -1, max(part.chips for part in demand.parts)
    everything = _shared(demand, high, high)
    if not _stages_suffice(demand, everything):
        evaded = best_evasion_of_stages(demand.strata, _drawn(demand, everything), demand.missing)
        return _no_sample(demand.missing, evaded.at_most)
    whole = high
    while high - low > 1:
        share = (low + high) // 2
        if _stages_suffice(demand, _shared(demand, share, whole)):
            high = share
        else:
            low = share
    return _told_in_stages(demand, _shared(demand, high, whole))


def _shared(demand: Presence, share: int, whole: int) -> tuple[int, ...]:
    """The same share of each stratum, rounded up, more where the test misses."""
    return tuple(
        0
        if part.test_miss == 1
        else min(part.chips, ceil(Fraction(part.chips * share, whole) / (1 - part.test_miss)))
        for part in demand.parts
    )


def _drawn(demand: Presence, sizes: tuple[int, ...]) -> list[Stage]:
    return [Stage(sizes, rule.accept, rule.reject) for rule in demand.rules]


def _stages_suffice(demand: Presence, sizes: tuple[int, ...]) -> bool:
    """Whether no split comes through: by what passes the first stage, or where splits are few by them all."""
    assert demand.missing is not None
    likely = unseen_split(demand.strata, sizes, demand.missing)
    if stages_risk(demand.strata, _drawn(demand, sizes), likely).clean > demand.beta:
        return False  # most sizes that are too small are so against this split
    if evaded_at_most(demand.strata, sizes, demand.missing, demand.beta, demand.rules[0].reject - 1):
        return True
    splits = every_split([part.chips for part in demand.parts], demand.missing)
    if next(islice(splits, SPLITS_TRIED_MAX, None), None) is not None:
        return False
    found = best_evasion_of_stages(demand.strata, _drawn(demand, sizes), demand.missing)
    return found.at_most <= demand.beta


def _told_in_stages(demand: Presence, sizes: tuple[int, ...]) -> PresencePlan:
    assert demand.missing is not None
    stages = _drawn(demand, sizes)
    evasion = best_evasion_of_stages(demand.strata, stages, demand.missing)
    honest = stages_risk(demand.strata, stages, [0] * len(demand.parts))
    staged = Staged(honest.reached, honest.visits)
    return PresencePlan(OK, sizes, demand.missing, evasion.at_most, None, evasion, within=True, staged=staged)
