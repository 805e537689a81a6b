"""How many looks find a large run, whatever its length?

Asks Eq. 1 for the length that was told, and for the worst of all lengths the fleet is capable of. Knows no
words.
"""

from dataclasses import dataclass
from fractions import Fraction

from ledger.inspection.activity import ActivityPlan, HiddenRun, RunImpossible, WorstRun, activity, worst_run
from ledger.planning.demand import Activity

OK, RUN_IMPOSSIBLE = "ok", "run_impossible"


@dataclass(frozen=True, slots=True)
class HiddenPlan:
    """Eq. 1 for the told length, None where the fleet cannot do the run in it, and for the worst length."""

    status: str
    chips_needed: Fraction
    plan: ActivityPlan | None
    worst: WorstRun | None


def plan_activity(demand: Activity) -> HiddenPlan:
    """The looks to take a period and a year."""
    run = HiddenRun(
        chips=demand.chips,
        run_flop=demand.run_flop,
        chip_flop_per_day=demand.chip_flop_per_day,
        run_days=demand.run_days,
        period_days=demand.period_days,
        snapshots_per_day=demand.snapshots_per_day,
        detect=1 - demand.beta,
    )
    found = activity(run)
    worst = worst_run(run, demand.longest_days)
    plan = found if isinstance(found, ActivityPlan) else None
    return HiddenPlan(
        RUN_IMPOSSIBLE if isinstance(found, RunImpossible) else OK,
        found.chips_needed,
        plan,
        worst if isinstance(worst, WorstRun) else None,
    )
