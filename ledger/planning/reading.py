"""What does this question ask?

Takes the parameters of a question as texts, as they stand in a URL, and gives the demand they spell. Every
door comes through here, so that a number means the same in a terminal, a form and a query. Raises
`Unreadable` naming the parameter that is unknown, missing, wrong or at odds with another. Never plans.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from ledger.inspection.activity import FLEET_CHIPS_MAX
from ledger.inspection.quantity import significant_quantity
from ledger.planning import texts
from ledger.planning.demand import (
    ACCEPT_IN_STRATA_MAX,
    ACCEPT_MAX,
    ACCEPTED_FRAME_MAX,
    ACCEPTED_MISSING_MAX,
    BOOK_TO_FLOOR,
    CERTAIN_GONE_MAX,
    CHIPS_MAX,
    DIRECTIONS,
    PPM,
    REJECT_HERE_MAX,
    REJECT_IN_STRATA_MAX,
    STAGED_GONE_MAX,
    STAGED_MISSING_MAX,
    STAGES_HERE_MAX,
    STRATA_IN_STAGES_MAX,
    STRATA_MAX,
    STRATA_WITH_ACCEPT_MAX,
    STRATA_WITH_BUDGET_MAX,
    TESTED_ACCEPTED_MISSING_MAX,
    TESTED_FRAME_MAX,
    TESTED_GONE_MAX,
    TESTED_MISSING_MAX,
    TESTED_SUPPORT_MAX,
    TESTED_VISITS_MAX,
    WHOLE_FRAME,
    Activity,
    Demand,
    Part,
    Presence,
    Quantity,
)
from signing.canonical import Unreadable

PRESENCE, ACTIVITY = "presence", "activity"
PLANNERS = (PRESENCE, ACTIVITY)
QUANTITY = ("run_flop", "chip_flop_per_day", "run_days")
ASKED = ("missing", "run_flop", "sizes", "visits", "budget")
PRESENCE_NAMES = (
    "frame",
    "missing",
    *QUANTITY,
    "beta_ppm",
    "accept",
    "test_miss_ppm",
    "strata",
    "provers",
    "visit_cost",
    "budget",
    "visits",
    "sizes",
    "stages",
    "direction",
    "evade",
)
ACTIVITY_NEEDED = ("chips", *QUANTITY, "period_days", "snapshots_per_day", "beta_ppm")
ACTIVITY_NAMES = (*ACTIVITY_NEEDED, "longest_days", "visit_cost")
NAME_TOLD_CHARACTERS = 40

Texts = Mapping[str, str]


def read_demand(planner: str, given: Texts, *, bounded: bool = True) -> Demand:
    """The demand that these parameters spell for this planner; `bounded` where anybody may ask."""
    if planner not in PLANNERS:
        raise Unreadable("planner", " or ".join(PLANNERS))
    known = PRESENCE_NAMES if planner == PRESENCE else ACTIVITY_NAMES
    for name in given:
        if name not in known:
            raise Unreadable(name[:NAME_TOLD_CHARACTERS], f"no parameter of the {planner} planner")
    if planner == ACTIVITY:
        return _activity(given)
    demand = _presence(given)
    _refuse_odds(demand, given)
    if bounded:
        _refuse_labour(demand)
    return demand


def _presence(given: Texts) -> Presence:
    beta = _ppm(given, "beta_ppm")
    test_miss = _ppm(given, "test_miss_ppm") if "test_miss_ppm" in given else Fraction(0)
    rules = texts.rules("stages", given["stages"]) if "stages" in given else ()
    provers = texts.provers("provers", given["provers"]) if "provers" in given else ()
    parts = _parts(given, test_miss, sum(prover.chips for prover in provers))
    frame = sum(part.chips for part in parts)
    quantity, missing = _missing(given, frame)
    direction = given.get("direction", BOOK_TO_FLOOR)
    if direction not in DIRECTIONS:
        raise Unreadable("direction", " or ".join(DIRECTIONS))
    return Presence(
        parts=parts,
        missing=missing,
        beta=beta,
        accept=texts.whole("accept", given.get("accept", "0"), 0, ACCEPT_MAX),
        rules=rules,
        sizes=texts.wholes("sizes", given["sizes"], STRATA_MAX) if "sizes" in given else None,
        visits=texts.whole("visits", given["visits"], 0, frame) if "visits" in given else None,
        budget=texts.cost("budget", given["budget"]) if "budget" in given else None,
        priced=any(part.cost != 1 for part in parts) or "visit_cost" in given,
        provers=provers,
        quantity=quantity,
        direction=direction,
        evade=texts.yes_or_no("evade", given.get("evade", "0")),
    )


def _parts(given: Texts, test_miss: Fraction, pooled: int) -> tuple[Part, ...]:
    """The strata, or the whole frame as one; several ways to say how many chips must agree."""
    price = texts.cost("visit_cost", given["visit_cost"]) if "visit_cost" in given else Fraction(1)
    frame = texts.whole("frame", given["frame"], 1, CHIPS_MAX) if "frame" in given else None
    if "strata" in given:
        if "visit_cost" in given:
            raise Unreadable("visit_cost", "each stratum has its cost where there are strata")
        parts = texts.parts("strata", texts.strata_json("strata", given["strata"]), test_miss)
        said = sum(part.chips for part in parts)
    elif frame is not None or pooled:
        said = pooled if frame is None else frame
        parts = (Part(WHOLE_FRAME, None, said, test_miss, price),)
    else:
        raise Unreadable("frame", "say how many chips there are; strata or provers say it too")
    if not 1 <= said <= CHIPS_MAX:
        raise Unreadable("frame", f"from 1 to {CHIPS_MAX:,} chips in all")
    for name, other in (("frame", frame), ("provers", pooled or None)):
        if other not in (None, said):
            raise Unreadable(name, f"{other:,} chips, and {said:,} elsewhere in the question")
    return parts


def _missing(given: Texts, frame: int) -> tuple[Quantity | None, int | None]:
    """What must not be missed, said in chips or as a significant quantity."""
    said = [name for name in QUANTITY if name in given]
    if said and "missing" in given:
        raise Unreadable("missing", f"either this or {', '.join(QUANTITY)}")
    if said:
        absent = next((name for name in QUANTITY if name not in given), None)
        if absent is not None:
            raise Unreadable(absent, f"must be said too, with {', '.join(said)}")
        quantity = Quantity(*(texts.decimal(name, given[name]) for name in QUANTITY))
        missing = significant_quantity(quantity.run_flop, quantity.chip_flop_per_day, quantity.run_days)
        if missing > frame:
            raise Unreadable("run_flop", f"takes {missing:,} chips, and there are {frame:,}")
        return quantity, missing
    if "missing" in given:
        return None, texts.whole("missing", given["missing"], 0, frame)
    if not any(name in given for name in ASKED):
        raise Unreadable("missing", "say how many chips must not go unseen, or ask what visits would catch")
    return None, None


def _refuse_odds(demand: Presence, given: Texts) -> None:
    """Parameters that are fine by themselves, and not together."""
    turned = [name for name in ("sizes", "visits", "budget") if name in given]
    if len(turned) > 1:
        raise Unreadable(turned[1], f"either this or {turned[0]}")
    if demand.missing is not None and demand.visits is not None:
        raise Unreadable("visits", "asks what so many would catch, so leave out missing; with it, say sizes")
    if demand.sizes is not None:
        if len(demand.sizes) != len(demand.parts):
            raise Unreadable("sizes", "as many as there are strata")
        if any(size > part.chips for size, part in zip(demand.sizes, demand.parts, strict=True)):
            raise Unreadable("sizes", "none is larger than its stratum")
    if demand.rules and (turned or demand.accept or demand.missing is None):
        raise Unreadable("stages", "with missing, and without accept, sizes, visits and budget")


def _refuse_labour(demand: Presence) -> None:
    """What takes longer to plan than a question of anybody's may; on one's own machine it may."""
    split, accept = len(demand.parts), demand.accept
    if len(demand.rules) > STAGES_HERE_MAX:
        raise Unreadable("stages", f"at most {STAGES_HERE_MAX} here")
    if any(rule.reject > REJECT_HERE_MAX for rule in demand.rules):
        raise Unreadable("stages", f"they reject at {REJECT_HERE_MAX} or fewer here")
    if split == 1:
        _refuse_long_test(demand)
        return
    turned = demand.missing is None
    limits: Sequence[tuple[str, bool, int]] = (
        ("accept", accept > 0, STRATA_WITH_ACCEPT_MAX),
        ("stages", bool(demand.rules), STRATA_IN_STAGES_MAX),
        ("strata", turned or demand.budget is not None, STRATA_WITH_BUDGET_MAX),
    )
    for name, holds, most in limits:
        if holds and split > most:
            raise Unreadable(name, f"a question like this is answered here for at most {most} strata")
    if demand.beta == 0 and demand.sizes is None and (turned or demand.budget is not None):
        raise Unreadable("beta_ppm", "above 0 here, where visits or a budget are spread over strata")
    if accept > ACCEPT_IN_STRATA_MAX:
        raise Unreadable("accept", f"over strata at most {ACCEPT_IN_STRATA_MAX} are planned here")
    if any(rule.reject > REJECT_IN_STRATA_MAX for rule in demand.rules):
        raise Unreadable("stages", f"over strata they reject at {REJECT_IN_STRATA_MAX} or fewer here")
    tested = any(0 < part.test_miss < 1 for part in demand.parts)
    chips: Sequence[tuple[bool, int, int]] = (
        (tested, TESTED_MISSING_MAX, TESTED_FRAME_MAX),
        (accept > 0, ACCEPTED_MISSING_MAX, ACCEPTED_FRAME_MAX),
        (tested and accept > 0, TESTED_ACCEPTED_MISSING_MAX, ACCEPTED_FRAME_MAX),
        (bool(demand.rules), STAGED_MISSING_MAX, ACCEPTED_FRAME_MAX),
    )
    for holds, missing_max, frame_max in chips:
        if holds and turned and demand.frame > frame_max:
            raise Unreadable(
                "strata", f"a question like this is answered here for at most {frame_max:,} chips"
            )
        if holds and demand.missing is not None and demand.missing > missing_max:
            raise Unreadable("missing", f"for strata like these at most {missing_max:,} here")


def _refuse_long_test(demand: Presence) -> None:
    """A frame under a test that misses, where what is looked at is not planned but given."""
    if demand.parts[0].test_miss in (0, 1):
        return
    if demand.sizes is not None and demand.missing is not None:
        if min(demand.sizes[0], demand.missing) > TESTED_SUPPORT_MAX:
            raise Unreadable("sizes", f"under such a test at most {TESTED_SUPPORT_MAX:,} are judged here")
        return
    most = CERTAIN_GONE_MAX if demand.beta == 0 else TESTED_GONE_MAX
    most = min(most, STAGED_GONE_MAX) if demand.rules else most
    if demand.missing is not None and demand.missing > most:
        raise Unreadable("missing", f"under such a test at most {most:,} here")
    given = demand.sizes[0] if demand.sizes is not None else demand.visits
    if demand.missing is None:
        looked_at = demand.frame if given is None else given
        if looked_at > TESTED_VISITS_MAX:
            name = (
                "sizes" if demand.sizes is not None else "visits" if demand.visits is not None else "budget"
            )
            raise Unreadable(name, f"under such a test at most {TESTED_VISITS_MAX:,} visits are weighed here")


def _activity(given: Texts) -> Activity:
    for name in ACTIVITY_NEEDED:
        if name not in given:
            raise Unreadable(name, "must be said")
    reads: dict[str, Callable[[str, str], Fraction]] = {"visit_cost": texts.cost}
    numbers = {
        name: reads.get(name, texts.decimal)(name, given[name])
        for name in ACTIVITY_NAMES
        if name in given and name not in ("chips", "beta_ppm")
    }
    beta = _ppm(given, "beta_ppm")
    if beta == 0:
        raise Unreadable("beta_ppm", "above 0: no number of looks makes it certain")
    return Activity(chips=texts.whole("chips", given["chips"], 1, FLEET_CHIPS_MAX), beta=beta, **numbers)


def _ppm(given: Texts, name: str) -> Fraction:
    if name not in given:
        raise Unreadable(name, "must be said")
    return Fraction(texts.whole(name, given[name], 0, PPM), PPM)
