"""How many chips of each stratum must be visited, whatever split of the missing ones a cheat chooses?

Planner B over strata: sizes such that even the best evasion (`evasion`, `allowance`) of `missing` chips is
missed with at most `beta`. The plan never misses more than that. With none acceptable it is irreducible: no
stratum's size can be lowered by one chip alone. That it is the cheapest of all is not promised, though on
small frames it nearly always is. Wrong parameters raise ValueError naming the parameter. Knows no chip,
party or draw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ledger.inspection.allowance import best_evasion, evaded_at_most, searched_evasion, split_miss
from ledger.inspection.evasion import Evasion, Stratum, check_strata
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX
from ledger.inspection.plan import (
    ACCEPT_CHIPS_MAX,
    Infeasible,
    check_probability,
    check_whole,
    suffices,
)

Sizes = tuple[int, ...]
LEFT_OUT_MAX = 3
WITNESSES_MAX = 5


@dataclass(frozen=True, slots=True)
class StrataPlan:
    """`sizes` to visit per stratum, in all `visits` at `cost`, and what a cheat would do against them."""

    sizes: Sizes
    visits: int
    cost: Fraction
    evasion: Evasion


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a sample would catch: `missing` or more are missed with at most beta, `missing` - 1 are not."""

    missing: int
    evasion: Evasion


@dataclass(frozen=True, slots=True)
class NothingCaught:
    """Even if every chip were missing, the sample would miss that with probability `best_miss`."""

    best_miss: Fraction


def plan_strata(
    strata: Sequence[Stratum], missing: int, beta: Fraction, accept: int = 0
) -> StrataPlan | Infeasible:
    """Sizes that keep the best evasion within beta, cheap by the strata's costs."""
    _check(strata, beta, accept)
    check_whole("missing", missing, 0, sum(stratum.chips for stratum in strata))

    witnesses: list[Sizes] = []

    def seems(sizes: Sizes) -> bool:
        """Against the best split that is found quickly: exact where none is acceptable."""
        if accept == 0:
            return evaded_at_most(strata, sizes, missing, beta)
        if any(split_miss(strata, sizes, split, accept) > beta for split in witnesses[-WITNESSES_MAX:]):
            return False
        evasion = searched_evasion(strata, sizes, missing, accept)
        if evasion.miss > beta:
            witnesses.append(evasion.split)
        return evasion.miss <= beta

    def surely(sizes: Sizes) -> bool:
        return evaded_at_most(strata, sizes, missing, beta, accept)

    everything = tuple(stratum.chips for stratum in strata)
    if not surely(everything):
        return Infeasible(best_evasion(strata, everything, missing, accept).miss)
    start = _even(strata, seems) or everything
    plans = {start, *_without_one(strata, missing, seems)}
    if accept == 0:
        plans = {_reduced(strata, sizes, seems) for sizes in plans}
    sizes = min(plans, key=lambda each: (_cost(strata, each), sum(each), each))
    if accept:
        sizes = _raised(strata, sizes, surely)
    return told(strata, sizes, missing, accept)


def told(strata: Sequence[Stratum], sizes: Sizes, missing: int, accept: int = 0) -> StrataPlan:
    """A plan of these sizes, with what it costs and what a cheat would do against it."""
    evasion = best_evasion(strata, sizes, missing, accept)
    return StrataPlan(tuple(sizes), sum(sizes), _cost(strata, sizes), evasion)


def smallest_caught(
    frame: int, n: int, beta: Fraction, accept: int = 0, test_miss: Fraction = Fraction(0)
) -> Coverage | NothingCaught:
    """With n visits to a frame, the fewest missing chips that are missed with at most beta."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("n", n, 0, frame)
    check_probability("test_miss", test_miss)

    def caught(missing: int) -> bool:
        return suffices(frame, missing, n, beta, accept, test_miss=test_miss)

    return _covered([Stratum(frame, test_miss)], (n,), accept, caught)


def smallest_caught_in_strata(
    strata: Sequence[Stratum], sizes: Sizes, beta: Fraction, accept: int = 0
) -> Coverage | NothingCaught:
    """With these sizes, the fewest missing chips no split of which is missed with more than beta."""
    _check(strata, beta, accept)
    return _covered(strata, sizes, accept, lambda d: evaded_at_most(strata, sizes, d, beta, accept))


def within_budget(
    strata: Sequence[Stratum], budget: Fraction, beta: Fraction, accept: int = 0
) -> tuple[Coverage, StrataPlan] | NothingCaught:
    """The plan that costs at most `budget` and catches the fewest missing chips, and how few it catches.

    With costs of 1 the budget is a number of visits. Planned by halving the missing number, so that the plan
    kept is one whose cost was found to fit.
    """
    _check(strata, beta, accept)
    if not isinstance(budget, Fraction) or budget < 0:
        raise ValueError("budget must be an exact fraction from 0")
    lost, caught = 0, sum(stratum.chips for stratum in strata)
    kept = _affordable(strata, caught, budget, beta, accept)
    if kept is None:
        nobody = tuple(0 for _ in strata)
        return NothingCaught(best_evasion(strata, nobody, caught, accept).miss)
    while caught - lost > 1:
        missing = (lost + caught) // 2
        plan = _affordable(strata, missing, budget, beta, accept)
        if plan is None:
            lost = missing
        else:
            caught, kept = missing, plan
    coverage = smallest_caught_in_strata(strata, kept.sizes, beta, accept)
    assert isinstance(coverage, Coverage)
    return coverage, told(strata, kept.sizes, coverage.missing, accept)


def _affordable(
    strata: Sequence[Stratum], missing: int, budget: Fraction, beta: Fraction, accept: int
) -> StrataPlan | None:
    plan = plan_strata(strata, missing, beta, accept)
    return plan if isinstance(plan, StrataPlan) and plan.cost <= budget else None


def _covered(
    strata: Sequence[Stratum], sizes: Sizes, accept: int, caught: Callable[[int], bool]
) -> Coverage | NothingCaught:
    frame = sum(stratum.chips for stratum in strata)
    if not caught(frame):
        return NothingCaught(best_evasion(strata, sizes, frame, accept).miss)
    lost, enough = -1, frame
    while enough - lost > 1:  # whoever takes one chip more is missed no more often
        missing = (lost + enough) // 2
        if caught(missing):
            enough = missing
        else:
            lost = missing
    return Coverage(enough, best_evasion(strata, sizes, enough, accept))


def _even(strata: Sequence[Stratum], enough: Callable[[Sizes], bool], skip: int = -1) -> Sizes | None:
    """The lowest common rate, of finding a missing chip that is there, that is enough; None where none is."""
    steps = max(stratum.chips for stratum in strata)

    def at(step: int) -> Sizes:
        return tuple(
            0
            if h == skip or stratum.test_miss == 1
            else min(stratum.chips, ceil(stratum.chips * step / (1 - stratum.test_miss) / steps))
            for h, stratum in enumerate(strata)
        )

    too_few, most = -1, steps  # at a rate of 1 every chip is visited
    if not enough(at(most)):
        return None
    while most - too_few > 1:
        step = (too_few + most) // 2
        if enough(at(step)):
            most = step
        else:
            too_few = step
    return at(most)


def _without_one(strata: Sequence[Stratum], missing: int, enough: Callable[[Sizes], bool]) -> list[Sizes]:
    """Starts that leave a small stratum out, which cannot hold all that is missing, and make up for it."""
    small = [h for h in range(len(strata)) if strata[h].chips < missing]
    few = sorted(small, key=lambda h: (strata[h].chips, h))[:LEFT_OUT_MAX]
    starts = [_even(strata, enough, skip=h) for h in few] if len(strata) > 1 else []
    return [sizes for sizes in starts if sizes is not None]


def _reduced(strata: Sequence[Stratum], sizes: Sizes, enough: Callable[[Sizes], bool]) -> Sizes:
    """Each stratum, dearest first, lowered as far as it can be; once is enough, as others only fall."""
    now = list(sizes)
    for h in sorted(range(len(strata)), key=lambda h: (-strata[h].cost, -strata[h].chips, h)):
        too_few, most = -1, now[h]
        while most - too_few > 1:
            now[h] = (too_few + most) // 2
            if enough(tuple(now)):
                most = now[h]
            else:
                too_few = now[h]
        now[h] = most
    return tuple(now)


def _raised(strata: Sequence[Stratum], sizes: Sizes, enough: Callable[[Sizes], bool]) -> Sizes:
    """Larger by a common share, as little as a few tries find, until no split is missed too often."""
    low, high = sizes, sizes
    share = 256
    while not enough(high):
        low, share = high, max(1, share // 2)
        high = tuple(
            min(stratum.chips, each + max(1, each // share))
            for stratum, each in zip(strata, high, strict=True)
        )
    while low != high:
        middle = tuple((a + b) // 2 for a, b in zip(low, high, strict=True))
        if middle == low:
            break
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def _cost(strata: Sequence[Stratum], sizes: Sizes) -> Fraction:
    return sum((s.cost * size for s, size in zip(strata, sizes, strict=True)), Fraction(0))


def _check(strata: Sequence[Stratum], beta: Fraction, accept: int) -> None:
    check_strata(strata)
    check_probability("beta", beta)
    check_whole("accept", accept, 0, ACCEPT_CHIPS_MAX)
