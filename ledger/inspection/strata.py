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

from ledger.inspection.allowance import best_evasion, evaded_at_most, looked
from ledger.inspection.ceiling import surely_within
from ledger.inspection.evasion import Evasion, Stratum, check_plan, check_strata
from ledger.inspection.guess import Guess, log_of
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX
from ledger.inspection.plan import (
    ACCEPT_CHIPS_MAX,
    Infeasible,
    check_probability,
    check_whole,
    suffices,
)
from ledger.inspection.sizes import Sizes, cost, even, raised, reduced, without_one
from ledger.inspection.verdict import upper_bound_of

STARTS_MAX = 2
ROUGH_STRATA_MIN = 8
"""For a budget over more strata than this one common rate is sought, not the cheapest sizes."""
SMALL_CHIPS_MAX = 2_000
"""Frames up to this size are planned on exact values throughout, from several starts."""


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
    surely = _decision(strata, missing, beta, accept)
    everything = tuple(stratum.chips for stratum in strata)
    if not surely(everything):
        return Infeasible(best_evasion(strata, everything, missing, accept).miss)
    sizes = _planned(strata, missing, beta, accept)
    if not surely(sizes):
        sizes = raised(strata, sizes, surely)
    if accept == 0:
        sizes = reduced(strata, sizes, surely)
    return told(strata, sizes, missing, accept)


def _decision(
    strata: Sequence[Stratum], missing: int, beta: Fraction, accept: int
) -> Callable[[Sizes], bool]:
    """Whether sizes are enough: exactly so for none acceptable or one stratum, else as proved quickly."""
    if accept == 0 or len(strata) == 1 or sum(stratum.chips for stratum in strata) <= SMALL_CHIPS_MAX:
        return lambda sizes: evaded_at_most(strata, sizes, missing, beta, accept)
    return lambda sizes: missing > accept and surely_within(looked(strata, sizes), missing, accept, beta)


def _planned(
    strata: Sequence[Stratum], missing: int, beta: Fraction, accept: int, *, is_rough: bool = False
) -> Sizes:
    """Sizes near the plan: in large frames with none acceptable by an estimate, which decides nothing."""
    seems = _decision(strata, missing, beta, accept)
    chips = [stratum.chips for stratum in strata]
    is_small = sum(chips) <= SMALL_CHIPS_MAX
    if accept == 0 and beta > 0 and not is_small:
        guess = Guess(chips, [float(stratum.test_miss) for stratum in strata])
        log_beta = log_of(float(beta))
        seems = lambda sizes: guess.within(sizes, missing, log_beta)  # noqa: E731
    start = even(strata, seems) or tuple(chips)
    if is_rough:
        return start
    starts = {start, *without_one(strata, missing, seems)}
    if accept == 0 and is_small:
        starts = {reduced(strata, sizes, seems) for sizes in starts}
    if accept == 0 and not is_small:
        cheapest = sorted(starts, key=lambda each: (cost(strata, each), sum(each), each))
        starts = {reduced(strata, sizes, seems) for sizes in cheapest[:STARTS_MAX]}
    return min(starts, key=lambda each: (cost(strata, each), sum(each), each))


def told(strata: Sequence[Stratum], sizes: Sizes, missing: int, accept: int = 0) -> StrataPlan:
    """A plan of these sizes, with what it costs and what a cheat would do against it."""
    evasion = best_evasion(strata, sizes, missing, accept)
    return StrataPlan(tuple(sizes), sum(sizes), cost(strata, sizes), evasion)


def smallest_caught(
    frame: int, n: int, beta: Fraction, accept: int = 0, test_miss: Fraction = Fraction(0)
) -> Coverage | NothingCaught:
    """With n visits to a frame, the fewest missing chips that are missed with at most beta."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("n", n, 0, frame)
    check_probability("test_miss", test_miss)
    check_probability("beta", beta)
    check_whole("accept", accept, 0, ACCEPT_CHIPS_MAX)

    def caught(missing: int) -> bool:
        return suffices(frame, missing, n, beta, accept, test_miss=test_miss)

    near = None
    if 0 < beta < 1 and accept <= n:
        near = min(frame, upper_bound_of([(frame, n)], accept, beta, test_miss) + 1)
    return _covered([Stratum(frame, test_miss)], (n,), accept, caught, near)


def smallest_caught_in_strata(
    strata: Sequence[Stratum], sizes: Sizes, beta: Fraction, accept: int = 0
) -> Coverage | NothingCaught:
    """With these sizes, the fewest missing chips no split of which is missed with more than beta."""
    _check(strata, beta, accept)
    check_plan(strata, sizes, 0)
    near = None
    chips = [stratum.chips for stratum in strata]
    if accept == 0 and beta > 0:
        guess = Guess(chips, [float(stratum.test_miss) for stratum in strata])
        log_beta = log_of(float(beta))
        near = _fewest(lambda d: guess.within(sizes, d, log_beta), sum(chips))
    if accept == 0 or len(strata) == 1 or sum(chips) <= SMALL_CHIPS_MAX:
        return _covered(strata, sizes, accept, lambda d: evaded_at_most(strata, sizes, d, beta, accept), near)
    there = looked(strata, sizes)

    def caught(missing: int) -> bool:
        return missing > accept and surely_within(there, missing, accept, beta)

    return _covered(strata, sizes, accept, caught)


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
        sizes = _affordable(strata, missing, budget, beta, accept)
        if sizes is None:
            lost = missing
        else:
            caught, kept = missing, sizes
    coverage = smallest_caught_in_strata(strata, kept, beta, accept)
    if isinstance(coverage, NothingCaught):
        return coverage
    return coverage, told(strata, kept, coverage.missing, accept)


def _affordable(
    strata: Sequence[Stratum], missing: int, budget: Fraction, beta: Fraction, accept: int
) -> Sizes | None:
    """Sizes that seem to catch so many missing and fit the budget; what they do catch is asked of them."""
    sizes = _planned(strata, missing, beta, accept, is_rough=len(strata) > ROUGH_STRATA_MIN)
    return sizes if cost(strata, sizes) <= budget else None


def _covered(
    strata: Sequence[Stratum],
    sizes: Sizes,
    accept: int,
    caught: Callable[[int], bool],
    near: int | None = None,
) -> Coverage | NothingCaught:
    """Whoever takes one chip more is missed no more often; `near` is where the answer is thought to lie."""
    frame = sum(stratum.chips for stratum in strata)
    if near is None or not caught(near):
        if not caught(frame):
            return NothingCaught(best_evasion(strata, sizes, frame, accept).miss)
        low, near = -1 if near is None else near, frame
    else:
        low, step = near - 1, 1
        while low >= 0 and caught(low):
            near, step = low, step * 2
            low = max(-1, low - step)
    while near - low > 1:
        missing = (low + near) // 2
        if caught(missing):
            near = missing
        else:
            low = missing
    return Coverage(near, best_evasion(strata, sizes, near, accept))


def _fewest(caught: Callable[[int], bool], frame: int) -> int:
    """The fewest that seem to be caught, `frame` where none do."""
    low, enough = -1, frame
    while enough - low > 1:
        missing = (low + enough) // 2
        if caught(missing):
            enough = missing
        else:
            low = missing
    return enough


def _check(strata: Sequence[Stratum], beta: Fraction, accept: int) -> None:
    check_strata(strata)
    check_probability("beta", beta)
    check_whole("accept", accept, 0, ACCEPT_CHIPS_MAX)
