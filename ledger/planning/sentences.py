"""How is a plan said in words?

Sentences a person can read aloud and hold a verifier to: how many, of what, against what, at which risk, and
what a cheat would do. Numbers come from the plan alone. Knows no planner.
"""

from collections.abc import Iterator

from ledger.inspection.plan import Infeasible, Planned, sentence
from ledger.planning.demand import FLOOR_TO_BOOK, Activity, Presence
from ledger.planning.hidden import HiddenPlan
from ledger.planning.numbers import days, money, percent, plainly, significant
from ledger.planning.presence import INFEASIBLE, PresencePlan, cost_of

REAL_DIGITS = 6
SPLIT_TOLD_MAX = 6


def presence_sentence(demand: Presence, plan: PresencePlan) -> str:
    """The answer in one sentence."""
    if not plan.within and demand.missing is not None and demand.missing <= _allowed(demand):
        return _none_can_do(demand, demand.missing)
    plain = not demand.rules and len(demand.parts) == 1 and demand.sizes is None
    if plain and demand.missing is not None and demand.direction != FLOOR_TO_BOOK:
        found: Planned | Infeasible = Infeasible(plan.miss)
        if plan.sizes is not None:
            found = Planned(plan.sizes[0], plan.miss, plan.miss_one_less)
        test, frame = demand.parts[0].test_miss, demand.frame
        return sentence(frame, demand.missing, demand.beta, found, accept=demand.accept, test_miss=test)
    limit = f"(wanted: at most {plainly(demand.beta)})"
    if plan.status == INFEASIBLE and plan.missing is None:
        return (
            f"Nothing is caught: even if every one of {_frame(demand)} were {_gone(demand)}, these visits "
            f"would find {_found(demand)} with a chance of {percent(plan.miss)} {limit}."
        )
    if plan.status == INFEASIBLE:
        return (
            f"No sample is enough: even if {_frame(demand)} are all visited, the chance that "
            f"{_found(demand)} is found of {plan.missing:,} {_gone(demand)} is {percent(plan.miss)} {limit}."
        )
    visit = f"Visit {_sizes(demand, plan)}"
    if demand.rules:
        visit += f", in each of {len(demand.rules)} stages drawn anew"
    if demand.missing is None:
        return (
            f"{visit}: if {plan.missing:,} or more are {_gone(demand)}, the chance that {_found(demand)} is "
            f"found is {percent(plan.miss)} {limit}; of fewer that cannot be said."
        )
    worst = " wherever they are taken from" if len(demand.parts) > 1 else ""
    verdict = "" if plan.within else " That is not enough."
    end = "the inspection ends clean" if demand.rules else f"{_found(demand)} is found"
    most = "at most " if len(demand.parts) > 1 else ""
    return (
        f"{visit}: if {plan.missing:,} or more are {_gone(demand)},{worst} the chance that {end} is "
        f"{most}{percent(plan.miss)} {limit}.{verdict}"
    )


def _allowed(demand: Presence) -> int:
    """How many found gone are still acceptable in the end."""
    return demand.rules[-1].accept if demand.rules else demand.accept


def _none_can_do(demand: Presence, missing: int) -> str:
    """Where all that is gone may be found, and nothing is rejected: which parameter is wrong."""
    if missing == 0:
        return "No sample is enough: missing is 0, so there is nothing to find. Say missing as 1 or more."
    name, says = ("stages", "accept") if demand.rules else ("accept", "is")
    return (
        f"No sample is enough: {name} {says} {_allowed(demand):,}, and missing is {missing:,}: even all of "
        f"them, found, are acceptable. Say less for {name}, or more for missing."
    )


def presence_notes(demand: Presence, plan: PresencePlan) -> Iterator[str]:
    """What else is to be said of the plan, a sentence each."""
    if demand.quantity is not None:
        told = demand.quantity
        yield (
            f"{significant(told.run_flop)} FLOP in {days(told.run_days)} take {plan.missing:,} "
            f"chips of {significant(told.chip_flop_per_day)} FLOP a day: that is what must not be missed."
        )
    if plan.evasion is not None and (demand.evade or len(demand.parts) > 1):
        yield _evasion(demand, plan)
    if plan.staged is not None:
        reached = ", ".join(percent(chance) for chance in plan.staged.reached)
        yield (
            f"Where nothing is missing the stages are drawn with a chance of {reached}, and "
            f"{significant(plan.staged.honest_visits, 4)} visits are to be expected."
        )
    if demand.provers and plan.visits is not None and plan.apart:
        yield _pooled(demand, plan)
    if demand.budget is not None and not demand.priced:
        yield "No cost of a visit was given: each counts as 1."
    if demand.priced and plan.sizes is not None:
        yield f"The visits cost {money(cost_of(demand.parts, plan.sizes))}."
    if plan.affordable is True:
        yield "That is within the budget."
    if plan.affordable is False:
        least = "nothing" if plan.catches is None else f"only {plan.catches:,} or more"
        yield f"That is beyond the budget: its visits would catch {least} {_gone(demand)}, at this risk."


def activity_sentence(demand: Activity, found: HiddenPlan) -> str:
    """The answer in one sentence."""
    run = f"a run of {significant(demand.run_flop)} FLOP over {days(demand.run_days)}"
    needed = significant(found.chips_needed, REAL_DIGITS)
    if found.plan is None:
        return f"No such run: {run} would take {needed} chips, and there are {demand.chips:,}."
    period = "day" if demand.period_days == 1 else days(demand.period_days)
    return (
        f"Look at {found.plan.period:,} chips each {period} "
        f"({found.plan.year:,} a year): {run}, on {needed} of {demand.chips:,} chips, is then missed "
        f"with a chance of at most {plainly(demand.beta)}."
    )


def activity_notes(demand: Activity, found: HiddenPlan) -> Iterator[str]:
    """What else is to be said of the plan, a sentence each."""
    if found.plan is not None and found.plan.exceeds_frame:
        yield "That is more than there are: the formula takes a fleet for endless, so look at every chip."
    if found.worst is not None:
        longest = "any length"
        if found.worst.longest_days is not None:
            longest = f"any length up to {days(found.worst.longest_days)}"
        yield (
            f"The run's length is the cheat's choice: for {longest} (the shortest possible is "
            f"{days(found.worst.shortest_days)}) {found.worst.period:,} a period suffice, "
            f"{found.worst.year:,} a year."
        )
    if demand.visit_cost is not None and found.plan is not None:
        yield f"A year of looks costs {money(demand.visit_cost * found.plan.year)}."
    yield (
        "The counts are exact for these inputs, which are themselves estimates: rates and FLOP known to two "
        "or three digits give no more than two or three. The paper prints three."
    )


def _evasion(demand: Presence, plan: PresencePlan) -> str:
    assert plan.evasion is not None
    split = [(part.name, n) for part, n in zip(demand.parts, plan.evasion.split, strict=True) if n]
    split.sort(key=lambda each: -each[1])
    where = " from {}" if demand.is_split else ", no matter which"
    taken = ", ".join(f"{n:,}{where.format(name)}" for name, n in split[:SPLIT_TOLD_MAX])
    more = len(split) - SPLIT_TOLD_MAX
    taken += f" and from {more} more strata" if more > 0 else ""
    known = plan.evasion.at_most == plan.evasion.miss
    bound = "" if known else f"; no split is missed more often than {percent(plan.evasion.at_most)}"
    better = "best" if known else "best that was found"
    return (
        f"A cheat's {better} is to take {taken or 'nothing'}, and comes through with a chance of "
        f"{percent(plan.evasion.miss)}{bound}."
    )


def _pooled(demand: Presence, plan: PresencePlan) -> str:
    alone = [n for _, n in plan.apart]
    names = " and ".join(prover.name for prover in demand.provers)
    if any(n is None for n in alone):
        return (
            f"Pooled as one frame {names} need {plan.visits:,} visits; apart, not all of them can be planned."
        )
    total = sum(n for n in alone if n is not None)
    return (
        f"Pooled as one frame {names} need {plan.visits:,} visits; each alone, against as many missing of "
        f"its own, {total:,} together, which says nothing of thefts spread over them."
    )


def _frame(demand: Presence) -> str:
    return f"{demand.frame:,} {'positions' if demand.direction == FLOOR_TO_BOOK else 'chips'}"


def _gone(demand: Presence) -> str:
    return "not on the book" if demand.direction == FLOOR_TO_BOOK else "gone"


def _found(demand: Presence) -> str:
    return "none of them" if demand.accept == 0 else f"at most {demand.accept:,} of them"


def _sizes(demand: Presence, plan: PresencePlan) -> str:
    assert plan.sizes is not None and plan.visits is not None
    told = f"{plan.visits:,} of {_frame(demand)}"
    if len(plan.sizes) > 1:
        told += f" ({'/'.join(f'{size:,}' for size in plan.sizes)})"
    return told
