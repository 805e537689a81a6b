"""How large is the sample that a verifier is about to commit to?

Counts the strata in the log, takes from the log what a chip computes, asks the planner, and writes down all
it planned from as the `parameters` of the commitment; what a person said otherwise than the book is named
there. Sizes are those of a recent book: what the frame really was, the draw tells. Knows no secret and no
round.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from api.cli.draws.models import listed_rate
from api.cli.draws.planning import planned
from api.cli.draws.strata import Counted, count_strata, read_misses, read_strata
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import Ended, wrong_usage
from ledger.planning.demand import FLOOR_TO_BOOK, PPM
from ledger.planning.reading import ACTIVITY, PRESENCE
from ledger.planning.telling import Told
from ledger.planning.texts import StratumText, written_strata

RUN = ("run_flop", "run_days", "period_days", "snapshots_per_day", "longest_days")
RATE = "chip_flop_per_day"
NO_CHIPS = "is it the right party? chipledger report capacity says who has chips"
NO_POSITIONS = "positions are said in site.declared; --direction book_to_floor draws chips"

Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Intent:
    """Which inspection is meant, of whom, by which beacon, and the planner's inputs as they were typed.

    Names are whole. `number` is None where the series gives it. `strata`, `class_misses` and `stages` are
    lines as typed; `inputs` the other options of the planner, None where they were not given.
    """

    inspection: str
    series: str
    number: int | None
    provers: tuple[str, ...]
    beacon: str
    direction: str
    planner: str
    beta_ppm: int
    strata: tuple[str, ...]
    class_misses: tuple[str, ...]
    stages: tuple[str, ...]
    inputs: Options


@dataclass(frozen=True, slots=True)
class Sized:
    """Sizes per stratum, the same in each stage; (accept, reject) of each; what was planned from."""

    strata: tuple[Counted, ...]
    sizes: tuple[int, ...]
    rules: tuple[tuple[int, int], ...]
    parameters: dict[str, Any]
    told: Told
    overridden: tuple[str, ...]


def plan_sample(client: LedgerClient, intent: Intent) -> Sized:
    """The sample for the book as it is; `Ended` where none is enough, or the budget does not pay for it."""
    strata = tuple(count_strata(client, intent.provers, read_strata(intent.strata), intent.direction))
    if intent.planner == ACTIVITY:
        return _of_activity(client, intent, strata)
    if intent.planner != PRESENCE:
        raise wrong_usage(f"--planner is {PRESENCE} or {ACTIVITY}")
    return _of_presence(client, intent, strata)


def _of_presence(client: LedgerClient, intent: Intent, strata: tuple[Counted, ...]) -> Sized:
    given = _given(intent)
    frame, overridden = sum(each.count for each in strata), []
    if "frame" in given and len(strata) == 1 and given["frame"] != frame:
        frame, overridden = given["frame"], ["frame"]
    elif "frame" in given and given["frame"] != frame:
        raise wrong_usage("--frame is for a frame without strata", "the log counts each stratum")
    if frame == 0:
        raise _nothing_there(intent)
    rate: dict[str, str] = {}
    if "run_flop" in given:
        rate, said = _rate(client, intent)
        overridden += said
    misses = read_misses(intent.class_misses)
    asked: dict[str, object] = {
        "beta_ppm": intent.beta_ppm,
        "stages": ",".join(intent.stages),
        "direction": intent.direction,
        **{
            name: given.get(name) for name in ("missing", "run_flop", "run_days", "budget", "sizes", "accept")
        },
        RATE: rate.get(RATE),
    }
    if len(strata) == 1:
        cost = strata[0].cost
        asked |= {"frame": frame, "test_miss_ppm": _miss(strata[0], misses, given)}
        asked |= {"visit_cost": cost} if cost != "1" else {}
    else:
        asked["strata"] = _written(strata, misses, given)
    told = planned(PRESENCE, asked)
    _refuse_unmet(told, sized="sizes" in given)
    missing, sizes = told.facts["missing"], _sizes_told(told, len(strata))
    overridden += ["sizes"] if "sizes" in given else []
    parameters = {
        "frame": frame,
        "missing": missing,
        "accept": given.get("accept") or 0,
        "test_miss_ppm": misses or given.get("test_miss_ppm") or 0,
        **({"chips": [each.count for each in strata]} if len(strata) > 1 else {}),
        **({"costs": [each.cost for each in strata]} if any(each.cost != "1" for each in strata) else {}),
        **({"budget": str(given["budget"])} if "budget" in given else {}),
        **({"run_flop": given["run_flop"], "days": given["run_days"], **rate} if rate else {}),
        **({"sizes": list(sizes)} if "sizes" in given else {}),
        **({"overridden": overridden} if overridden else {}),
    }
    rules = _rules(intent, given.get("accept") or 0)
    return Sized(strata, sizes, rules, parameters, told, tuple(overridden))


def _of_activity(client: LedgerClient, intent: Intent, strata: tuple[Counted, ...]) -> Sized:
    given = _given(intent)
    frame = sum(each.count for each in strata)
    chips = given.get("chips", frame)
    if chips == 0:
        raise _nothing_there(intent)
    overridden = ["chips"] if chips != frame else []
    rate, said = _rate(client, intent)
    run = {name: given[name] for name in RUN if name in given}
    told = planned(ACTIVITY, {"chips": chips, "beta_ppm": intent.beta_ppm, RATE: rate[RATE], **run})
    if not told.good or told.facts["worst"] is None:
        raise Ended(told.sentence, "such a run cannot be hidden among these chips: ask of a smaller one")
    overridden += said
    parameters = {
        "chips": chips,
        **run,
        **rate,
        **({"overridden": overridden} if overridden else {}),
    }
    # The run's length is the cheat's choice: the sample is that of the worst of all lengths.
    looks = min(frame, int(told.facts["worst"]["per_period"]))
    sizes = tuple(-(-looks * each.count // max(1, frame)) for each in strata)
    return Sized(strata, sizes, _rules(intent, 0), parameters, told, tuple(overridden))


def _nothing_there(intent: Intent) -> Ended:
    """The last stratum takes the rest, so that an empty frame is the provers' and not the strata's."""
    who = ", ".join(intent.provers)
    if intent.direction == FLOOR_TO_BOOK:
        return Ended(f"there is nothing to draw from: no site of {who} declares positions", NO_POSITIONS)
    return Ended(f"there is nothing to draw from: no chip is in the custody of {who}", NO_CHIPS)


def _rate(client: LedgerClient, intent: Intent) -> tuple[dict[str, str], list[str]]:
    """FLOP per chip and day: the log's own, unless a person says another, which is then named."""
    said, model = intent.inputs.get(RATE), intent.inputs.get("model")
    said = None if said is None else str(said).lower().replace("+", "")
    if said is not None and model is None:
        return {RATE: said}, [RATE]
    listed = listed_rate(client, model)
    by_book = str(int(listed.flop_per_day))
    if said is not None:
        differs = _as_number(said) != listed.flop_per_day
        return {RATE: said, "model": listed.model}, [RATE] if differs else []
    return {RATE: by_book, "model": listed.model}, []


def _given(intent: Intent) -> dict[str, Any]:
    """The inputs that were given; numbers in words of the contract: a small e, no plus."""
    return {
        name: value.lower().replace("+", "") if isinstance(value, str) and name in (*RUN, "budget") else value
        for name, value in intent.inputs.items()
        if value is not None
    }


def _as_number(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None  # no number at all: the planner will say so


def _miss(stratum: Counted, misses: Mapping[str, int] | None, given: Options) -> int:
    """As the verdict will reckon it: by class, and where classes mix by the weakest test that is named."""
    if misses is None:
        return int(given.get("test_miss_ppm") or 0)
    named = stratum.said.get("class")
    return max(misses.values()) if named is None else misses.get(named, 0)


def _written(strata: tuple[Counted, ...], misses: Mapping[str, int] | None, given: Options) -> str:
    texts = [
        StratumText(
            each.name, each.count, each.said.get("site"), min(_miss(each, misses, given), PPM), each.cost
        )
        for each in strata
    ]
    return written_strata(texts)


def _refuse_unmet(told: Told, *, sized: bool) -> None:
    if told.facts["n"] is None:
        raise Ended(told.sentence, "ask for less: more chips missing, a higher risk, or a better test")
    if told.facts.get("within_budget") is False:
        raise Ended(" ".join((told.sentence, *told.notes)), "ask for less, or find more money")
    if not told.good and not sized:
        raise Ended(told.sentence, "ask for less: more chips missing, a higher risk, or a better test")


def _sizes_told(told: Told, strata: int) -> tuple[int, ...]:
    if strata == 1:
        return (told.facts["n"],)
    return tuple(each["n"] for each in told.facts["strata"])


def _rules(intent: Intent, accept: int) -> tuple[tuple[int, int], ...]:
    """(accept, reject) of each stage; the planner has read them before."""
    if not intent.stages:
        return ((accept, accept + 1),)
    return tuple((int(a), int(r)) for a, _, r in (line.partition(":") for line in intent.stages))
