"""What is the answer, all of it, in every form in which it is given?

One value for the three doors: an object with the contract's fields and more, a sentence with its notes, a
table, and the points of a curve. Same demand, same answer. Knows no colour, page or terminal.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.inspection.plan import decimal_text
from ledger.planning import sentences
from ledger.planning.curves import Point, activity_curve, presence_curve
from ledger.planning.demand import Activity, Demand, Presence
from ledger.planning.hidden import HiddenPlan, plan_activity
from ledger.planning.numbers import counted, days, exactly, money, percent, significant
from ledger.planning.presence import PresencePlan, cost_of, plan_presence

REAL_DIGITS = 12
EXACT_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """`facts` for programs, `sentence`, `notes` and `table` for people, `points` for a picture.

    `good` is whether the demand is met; `size` is what a picture's horizontal axis counts.
    """

    good: bool
    facts: dict[str, Any]
    sentence: str
    notes: tuple[str, ...]
    table: Table
    points: tuple[Point, ...]
    size: str


def tell(demand: Demand, *, curve: bool = True) -> Told:
    """The answer; ValueError where a planner finds a parameter out of its range."""
    if isinstance(demand, Activity):
        return _activity(demand, plan_activity(demand), curve=curve)
    return _presence(demand, plan_presence(demand), curve=curve)


def _presence(demand: Presence, plan: PresencePlan, *, curve: bool) -> Told:
    less = plan.miss_one_less
    said = sentences.presence_sentence(demand, plan)
    notes = tuple(sentences.presence_notes(demand, plan))
    points = presence_curve(demand, plan) if curve else ()
    facts: dict[str, Any] = {
        "status": plan.status,
        "n": plan.visits,
        "miss": decimal_text(plan.miss),
        "miss_one_less": None if less is None else decimal_text(less),
        "sentence": said,
        "notes": list(notes),
        "miss_digits": exactly(plan.miss),
        "frame": demand.frame,
        "missing": plan.missing,
        "within_risk": plan.within,
    }
    if demand.priced and plan.sizes is not None:
        facts["cost"] = money(cost_of(demand.parts, plan.sizes))
    if plan.sizes is not None and demand.is_split:
        facts["strata"] = _strata(demand, plan)
        facts["sites"] = _sites(demand, plan)
    if plan.evasion is not None and (demand.evade or demand.is_split):
        facts["evasion"] = {
            "split": list(plan.evasion.split),
            "miss": decimal_text(plan.evasion.miss),
            "at_most": decimal_text(plan.evasion.at_most),
        }
    if plan.staged is not None:
        facts["stages"] = {
            "sizes": list(plan.sizes or ()),
            "reached_honestly": [decimal_text(chance) for chance in plan.staged.reached],
            "visits_expected_honestly": decimal_text(plan.staged.honest_visits, 3),
        }
    if plan.apart:
        facts["apart"] = [{"prover": prover, "n": n} for prover, n in plan.apart]
    if plan.affordable is not None:
        facts |= {"within_budget": plan.affordable, "budget_catches": plan.catches}
    if curve:
        facts["curve"] = _points(points)
    noun = "visits" if not demand.rules else "visits a stage"
    return Told(plan.within, facts, said, notes, _presence_table(demand, plan), points, noun)


def _strata(demand: Presence, plan: PresencePlan) -> list[dict[str, Any]]:
    assert plan.sizes is not None
    taken = (None,) * len(plan.sizes) if plan.evasion is None else plan.evasion.split
    return [
        {
            "name": part.name,
            "site": part.site,
            "chips": part.chips,
            "n": size,
            "cost": money(part.cost * size),
            "evasion": gone,
        }
        for part, size, gone in zip(demand.parts, plan.sizes, taken, strict=True)
    ]


def _sites(demand: Presence, plan: PresencePlan) -> list[dict[str, Any]]:
    """Visits per site, in the order in which sites were first named; None is that of strata without one."""
    visits: dict[str | None, int] = {}
    for part, size in zip(demand.parts, plan.sizes or (), strict=True):
        visits[part.site] = visits.get(part.site, 0) + size
    return [{"site": site, "n": n} for site, n in visits.items()]


def _points(points: tuple[Point, ...]) -> list[dict[str, Any]]:
    return [
        {"n": point.visits, "cost": money(point.cost), "detection": decimal_text(point.detection)}
        for point in points
    ]


def _presence_table(demand: Presence, plan: PresencePlan) -> Table:
    if plan.sizes is not None and demand.is_split:
        split = (0,) * len(plan.sizes) if plan.evasion is None else plan.evasion.split
        split_rows = [
            (part.name, part.site or "", f"{part.chips:,}", f"{size:,}", f"{gone:,}", money(part.cost * size))
            for part, size, gone in zip(demand.parts, plan.sizes, split, strict=True)
        ]
        whole = cost_of(demand.parts, plan.sizes)
        total = ("all", "", f"{demand.frame:,}", f"{plan.visits:,}", f"{sum(split):,}", money(whole))
        columns = ("stratum", "site", "chips", "visits", "a cheat takes", "cost")
        shown = len(columns) if demand.priced else len(columns) - 1
        return Table(columns[:shown], tuple(row[:shown] for row in (*split_rows, total)))
    visits = plan.visits
    plain_columns = ("visits", "chance to miss", "with more digits", "")
    if visits is None:
        told = (f"{demand.frame:,}", percent(plan.miss), _certainly(plan.miss), "every one: not enough")
        return Table(plain_columns, (told,))
    rows = [(f"{visits:,}", percent(plan.miss), _certainly(plan.miss), "planned")]
    if plan.miss_one_less is not None:
        less = plan.miss_one_less
        rows.insert(0, (f"{visits - 1:,}", percent(less), _certainly(less), "not enough"))
    return Table(plain_columns, tuple(rows))


def _certainly(value: Fraction) -> str:
    """Twelve decimals, and no zero that is not one."""
    text = decimal_text(value, EXACT_DECIMALS)
    if value and not Fraction(text):
        return "below 0.000000000001"
    return text


def _activity(demand: Activity, found: HiddenPlan, *, curve: bool) -> Told:
    said = sentences.activity_sentence(demand, found)
    notes = tuple(sentences.activity_notes(demand, found))
    points = activity_curve(demand, found) if curve else ()
    plan, worst = found.plan, found.worst
    facts: dict[str, Any] = {
        "status": found.status,
        "per_period": None if plan is None else counted(plan.period),
        "per_year": None if plan is None else counted(plan.year),
        "per_year_of_whole_periods": None if plan is None else counted(plan.year_of_whole_periods),
        "exceeds_frame": None if plan is None else plan.exceeds_frame,
        "sentence": said,
        "notes": list(notes),
        "chips_needed": significant(found.chips_needed, REAL_DIGITS).replace(",", ""),
        "worst": None,
    }
    if plan is not None:
        facts["per_period_exact"] = significant(plan.per_period, REAL_DIGITS).replace(",", "")
        facts["per_year_exact"] = significant(plan.per_year, REAL_DIGITS).replace(",", "")
        facts["detect"] = decimal_text(plan.detect_at_period)
        if demand.visit_cost is not None:
            facts["cost"] = money(demand.visit_cost * plan.year)
    if worst is not None:
        facts["worst"] = {
            "shortest_days": significant(worst.shortest_days, REAL_DIGITS).replace(",", ""),
            "per_period": counted(worst.period),
            "per_year": counted(worst.year),
            "exceeds_frame": worst.exceeds_frame,
        }
    if curve:
        facts["curve"] = _points(points)
    return Told(
        plan is not None, facts, said, notes, _activity_table(demand, found), points, "looks a period"
    )


def _activity_table(demand: Activity, found: HiddenPlan) -> Table:
    columns = ("the run's length", "looks a period", "a year", "a year of whole periods")
    rows = []
    told = days(demand.run_days)
    if found.plan is None:
        rows.append((told, "impossible", "impossible", "impossible"))
    else:
        plan = found.plan
        rows.append((told, f"{plan.period:,}", f"{plan.year:,}", f"{plan.year_of_whole_periods:,}"))
    if found.worst is not None:
        longest = found.worst.longest_days
        upto = "any" if longest is None else f"up to {days(longest)}"
        rows.append((f"{upto}, the worst for us", f"{found.worst.period:,}", f"{found.worst.year:,}", ""))
    return Table(columns, tuple(rows))
