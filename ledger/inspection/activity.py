"""How many chips must be looked at to find a large training run that was hidden among them?

Planner A of the inspections, after Y. Shavit, "What does it take to catch a Chinchilla?" (arXiv:2303.11341,
2023), Eq. 1. Chips log snapshots of what they compute; a look at a chip that took part in a run of H FLOP
gives the run away. With C chips, a FLOP per chip and day, run length T, monitoring period Tm, f snapshots
per chip and day and probability p of finding it,

    s >= ln(1 - p) / ln(1 - H / (a T C) (1 - e^(-f Tm))) Tm / T      chips a period, 365 s / Tm a year.

Careful is a, C and T high, H and f low. Real answers are rounded half to even to 30 significant digits, whole
ones are exact. Wrong parameters raise ValueError naming the parameter. Knows no models, parties or draws.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from ledger.inspection.plan import check_exact, check_probability, check_whole
from ledger.inspection.reals import (
    Between,
    Rounding,
    exponential,
    log,
    minus,
    negative,
    of,
    over,
    plus,
    settled,
    significant,
    times,
)

YEAR_DAYS = 365
REAL_DIGITS = 30
DETECT_DECIMALS = 12
FLEET_CHIPS_MAX = 10**15
REAL_MAX = Fraction(10**60)
"""No FLOP, day or rate is above this or below one over it."""

SECONDS_PER_DAY = 86_400
PAPER_RUNS_FLOP = tuple(
    Fraction(run) for run in ("3.14e23", "5.76e23", "2.56e24", "9.9e24", "1.27e26", "1.3e28")
)
PAPER_FLEETS_CHIPS = (1_000, 100_000, 10_000_000)
PAPER_CHIP_FLOP_PER_DAY = Fraction(10**15 * SECONDS_PER_DAY)


@dataclass(frozen=True, slots=True)
class HiddenRun:
    """The run to be found and the fleet it may hide in: FLOP, days, snapshots per day, probability."""

    chips: int
    run_flop: Fraction
    chip_flop_per_day: Fraction
    run_days: Fraction
    period_days: Fraction
    snapshots_per_day: Fraction
    detect: Fraction

    @property
    def chips_needed(self) -> Fraction:
        """Chips that the run occupies for all of its length."""
        return self.run_flop / (self.chip_flop_per_day * self.run_days)

    @property
    def shortest_days(self) -> Fraction:
        """The run's length on every chip of the fleet: it cannot be shorter."""
        return self.run_flop / (self.chip_flop_per_day * self.chips)


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """Chips to look at. `year` is the paper's figure, rounded up once; `year_of_whole_periods` is what a
    programme needs that draws whole chips each period. `detect_at_period` is what `period` chips achieve.

    `exceeds_frame`: the formula, which ignores that a fleet is finite, asks for more chips than there are.
    """

    chips_needed: Fraction
    per_period: Fraction
    period: int
    per_year: Fraction
    year: int
    year_of_whole_periods: int
    detect_at_period: Fraction
    exceeds_frame: bool


@dataclass(frozen=True, slots=True)
class RunImpossible:
    """The fleet cannot do the run in that time: it would take `chips_needed` chips."""

    chips_needed: Fraction


@dataclass(frozen=True, slots=True)
class WorstRun:
    """The most that any run length from `shortest_days` on asks for.

    The longer and thinner a run, the more must be looked at. Without a longest length the figures are the
    limit, which no length reaches and which therefore is enough for all: `longest_days` is then None.
    """

    shortest_days: Fraction
    longest_days: Fraction | None
    per_period: Fraction
    period: int
    per_year: Fraction
    year: int
    exceeds_frame: bool


def activity(run: HiddenRun) -> ActivityPlan | RunImpossible:
    """The chips to look at a period and a year; a fleet just large enough for the run is possible."""
    _check(run)
    if run.chips_needed > run.chips:
        return RunImpossible(run.chips_needed)
    yearly = Fraction(YEAR_DAYS) / run.period_days

    def per_period(r: Rounding) -> Between | None:
        share = _caught_share(run, r)
        each = None if share is None else over(_wanted(run, r), share, r)
        return None if each is None else times(each, of(run.period_days / run.run_days, r), r)

    per, period, year, whole = _sizes(run, per_period, yearly)

    def missed(r: Rounding) -> Between | None:
        share = _caught_share(run, r)
        tries = period * run.run_days / run.period_days
        return None if share is None else exponential(negative(times(share, of(tries, r), r)), r)

    detect = settled(missed, lambda value: round(1 - value, DETECT_DECIMALS)) if period else Fraction(0)
    return ActivityPlan(
        run.chips_needed,
        per,
        period,
        whole,
        year,
        math.ceil(period * yearly),
        detect,
        period > run.chips,
    )


def worst_run(run: HiddenRun, longest_days: Fraction | None = None) -> WorstRun | RunImpossible:
    """What suffices for every length the run may have, up to `longest_days`; `run.run_days` plays no part.

    -T ln(1 - k / T) = k + k^2 / 2T + k^3 / 3T^2 + … falls towards k as T grows, and s is one over it: so s
    grows with T, towards -ln(1 - p) Tm / k, where k = H (1 - e^(-f Tm)) / (a C).
    """
    _check(run)
    shortest = run.shortest_days
    if longest_days is not None:
        longest = replace(run, run_days=longest_days)
        plan = activity(longest)
        if isinstance(plan, RunImpossible):
            return plan
        sizes = (plan.per_period, plan.period, plan.per_year, plan.year)
    else:

        def limit(r: Rounding) -> Between | None:
            each = over(_wanted(run, r), times(of(shortest, r), _logged(run, r), r), r)
            return None if each is None else times(each, of(run.period_days, r), r)

        per, period, year, whole = _sizes(run, limit, Fraction(YEAR_DAYS) / run.period_days)
        sizes = (per, period, whole, year)
    return WorstRun(shortest, longest_days, *sizes, exceeds_frame=sizes[1] > run.chips)


def paper_table() -> tuple[tuple[int, Fraction, int | None], ...]:
    """Table 1 of the paper: (chips owned, FLOP of the run, chips a year or None where it is impossible).

    10^15 FLOP/s a chip, a year's run, a month's period, a snapshot in ten days, 90 %.
    """
    rows = []
    for run_flop in PAPER_RUNS_FLOP:
        for chips in PAPER_FLEETS_CHIPS:
            plan = activity(
                HiddenRun(
                    chips=chips,
                    run_flop=run_flop,
                    chip_flop_per_day=PAPER_CHIP_FLOP_PER_DAY,
                    run_days=Fraction(YEAR_DAYS),
                    period_days=Fraction(30),
                    snapshots_per_day=Fraction(1, 10),
                    detect=Fraction(9, 10),
                )
            )
            rows.append((chips, run_flop, plan.year if isinstance(plan, ActivityPlan) else None))
    return tuple(rows)


def _sizes(
    run: HiddenRun, per_period: Callable[[Rounding], Between | None], yearly: Fraction
) -> tuple[Fraction, int, int, Fraction]:
    """(per period, rounded up, per year rounded up, per year)."""
    if run.detect == 0:
        return Fraction(0), 0, 0, Fraction(0)

    def per_year(r: Rounding) -> Between | None:
        per = per_period(r)
        return None if per is None else times(per, of(yearly, r), r)

    # For a rational p > 0 neither is rational (Lindemann), so ceilings and roundings never tie.
    return (
        settled(per_period, _rounded),
        settled(per_period, math.ceil),
        settled(per_year, math.ceil),
        settled(per_year, _rounded),
    )


def _rounded(value: Fraction) -> Fraction:
    return significant(value, REAL_DIGITS)


def _wanted(run: HiddenRun, r: Rounding) -> Between:
    """-ln(1 - p)."""
    logarithm = log(of(1 - run.detect, r), r)
    assert logarithm is not None
    return negative(logarithm)


def _logged(run: HiddenRun, r: Rounding) -> Between:
    """1 - e^(-f Tm), the chance that a chip in the run logged it within the period."""
    one = Between(Decimal(1), Decimal(1))
    silent = exponential(of(-run.snapshots_per_day * run.period_days, r), r)
    logged = minus(one, silent, r)
    return Between(max(logged.low, Decimal(0)), logged.high)


def _caught_share(run: HiddenRun, r: Rounding) -> Between | None:
    """-ln(1 - q), q the chance that one look meets the run; None where this precision cannot tell."""
    share = run.chips_needed / run.chips
    if share == 1:
        return of(run.snapshots_per_day * run.period_days, r)
    silent = exponential(of(-run.snapshots_per_day * run.period_days, r), r)
    # 1 - q as a sum of what is not negative: nothing cancels however rare or frequent the snapshots.
    unseen = plus(of(1 - share, r), times(of(share, r), silent, r), r)
    logarithm = log(unseen, r)
    if logarithm is None or logarithm.high >= 0:
        return None
    return negative(logarithm)


def _check(run: HiddenRun) -> None:
    check_whole("chips", run.chips, 1, FLEET_CHIPS_MAX)
    for name in ("run_flop", "chip_flop_per_day", "run_days", "period_days", "snapshots_per_day"):
        check_exact(name, getattr(run, name), 1 / REAL_MAX, REAL_MAX)
    check_probability("detect", run.detect)
    if run.detect == 1:
        raise ValueError("detect must be below 1: no number of looks makes it certain")
