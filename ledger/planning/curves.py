"""How does detection grow with size, and cost with the risk that is left?

A few points of one curve: a plan's sizes shrunk and grown in their own proportions, each with its visits, its
cost, and the chance that the best evasion of it is missed. Both pictures of a plan are drawn from them.
Detection never falls from point to point. Knows no picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from ledger.inspection.allowance import best_evasion
from ledger.inspection.plan import miss_probability
from ledger.inspection.stages import Stage, stages_risk
from ledger.planning.demand import Activity, Presence
from ledger.planning.hidden import HiddenPlan
from ledger.planning.presence import PresencePlan, cost_of

STEPS_TO_PLAN = 12
STEPS = 24  # as far beyond the plan as it is from nothing
STEPS_IN_STRATA = 6
STRATA_MAX = 8
"""Of strata in a plan of which a curve is drawn: each point is a best evasion of its own."""

SPLIT_WORK_MAX = 40_000
"""Of points over strata where some found chips are acceptable: splits tried, times what each takes."""

SUPPORT_MAX = 20_000
"""Chips, the fewer of drawn and missing, up to which a point is worked out."""


@dataclass(frozen=True, slots=True)
class Point:
    """So many visits at so much `cost` miss what was asked with probability `miss`."""

    visits: int
    cost: Fraction
    miss: Fraction

    @property
    def detection(self) -> Fraction:
        """The chance that it is not missed."""
        return 1 - self.miss


def presence_curve(demand: Presence, plan: PresencePlan) -> tuple[Point, ...]:
    """Points by visits; none where nothing can be planned, or where they would take long."""
    if plan.missing is None or len(demand.parts) > STRATA_MAX or (demand.rules and len(demand.parts) > 1):
        return ()
    if len(demand.parts) > 1 and _takes_long(demand, plan, plan.missing):
        return ()
    points = {}
    for sizes in _scaled(demand, plan):
        point = Point(sum(sizes), cost_of(demand.parts, sizes), _miss(demand, sizes, plan.missing))
        points[point.visits] = point
    if plan.sizes is not None:  # the plan's own point says what the plan says
        points[sum(plan.sizes)] = Point(sum(plan.sizes), cost_of(demand.parts, plan.sizes), plan.miss)
    return _never_falling([points[visits] for visits in sorted(points)])


def activity_curve(demand: Activity, found: HiddenPlan) -> tuple[Point, ...]:
    """Looks a period against detection, 1 - (1 - p)^(k / s), in binary floating point: it is a picture."""
    if found.plan is None or found.plan.period == 0 or demand.beta == 1:
        return ()
    price = Fraction(1) if demand.visit_cost is None else demand.visit_cost
    points = {}
    for step in range(STEPS + 1):
        looks = found.plan.period * step // STEPS_TO_PLAN
        miss = Fraction(float(demand.beta) ** float(looks / found.plan.per_period))
        points[looks] = Point(looks, price * looks, min(Fraction(1), miss))
    return _never_falling([points[looks] for looks in sorted(points)])


def _scaled(demand: Presence, plan: PresencePlan) -> Iterator[tuple[int, ...]]:
    split = len(demand.parts) > 1
    steps = STEPS_IN_STRATA if split or demand.rules else STEPS_TO_PLAN
    whole = plan.sizes or tuple(part.chips for part in demand.parts)
    if plan.sizes is None:
        steps *= 2
    if plan.missing is not None and not split and plan.missing > SUPPORT_MAX:
        whole = (min(whole[0], SUPPORT_MAX),)
    for step in range(2 * steps + 1 if plan.sizes else steps + 1):
        yield tuple(
            min(part.chips, -(-size * step // steps)) for part, size in zip(demand.parts, whole, strict=True)
        )


def _takes_long(demand: Presence, plan: PresencePlan, missing: int) -> bool:
    """Whether a point over strata is more work than a question of anybody's may be."""
    largest = max(plan.sizes or (part.chips for part in demand.parts))
    support = min(missing, 2 * largest)
    if demand.accept == 0:
        return support > SUPPORT_MAX
    return missing * support * (demand.accept + 1) > SPLIT_WORK_MAX  # every split is weighed


def _miss(demand: Presence, sizes: tuple[int, ...], missing: int) -> Fraction:
    part = demand.parts[0]
    if demand.rules:
        stages = [Stage(sizes, rule.accept, rule.reject) for rule in demand.rules]
        return stages_risk(demand.strata, stages, (missing,)).clean
    if len(demand.parts) == 1:
        return miss_probability(part.chips, missing, sizes[0], demand.accept, part.test_miss)
    return best_evasion(demand.strata, sizes, missing, demand.accept).at_most


def _never_falling(points: list[Point]) -> tuple[Point, ...]:
    """A search for the worst split may do better on a larger sample than on a smaller: the worse is told."""
    told = list(reversed(points))
    for place, (later, earlier) in enumerate(pairwise(told)):
        if earlier.miss < later.miss:
            told[place + 1] = Point(earlier.visits, earlier.cost, later.miss)
    return tuple(reversed(told))
