"""What was a sample planned from? The closed list of what `parameters` of a commitment may say.

Nothing in it moves a draw; one of it moves the verdict: a test that misses leaves more possible. Sizes that
a person chose otherwise than the book gave are named in `overridden`, for all to read. Unknown names are
refused, since a reader could not tell what they meant.
"""

import re
from collections.abc import Callable, Set
from fractions import Fraction
from typing import Any, NamedTuple

from ledger.book.identifiers import is_named
from ledger.book.records.inspections import InspectionCommitted
from ledger.book.rejection import Rejection
from ledger.book.rules.rule import bad_field
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX
from ledger.inspection.plan import ACCEPT_CHIPS_MAX

PPM = 1_000_000
CHIP_CLASSES = ("A", "B", "C")  # D is known only in counts, and nobody can draw from those
PRESENCE, ACTIVITY = "presence", "activity"
PLANNERS = (PRESENCE, ACTIVITY)
FLEET_CHIPS_MAX = 10**15
DECIMAL_CHARACTERS_MAX = 64
DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]{1,2})?", re.ASCII)
REAL_MAX, REAL_MIN = Fraction(10**60), Fraction(1, 10**60)
OVERRIDDEN = "overridden"

Check = Callable[[Any], bool]


class Known(NamedTuple):
    """A parameter: which values are its, and how a refusal says that."""

    fits: Check
    told: str


def check_parameters(body: InspectionCommitted) -> Rejection | None:
    """`bad_field` for a name the planner does not know, or a value that is none of its."""
    known = _known(body)
    for name, value in sorted(body.parameters.items()):
        if name not in known:
            return bad_field(f"body.parameters: {name[:40]} is no parameter of {body.planner}")
        if not known[name].fits(value):
            return bad_field(f"body.parameters.{name} is {known[name].told}")
    return None


def test_misses(body: InspectionCommitted) -> tuple[Fraction, ...]:
    """How often the test overlooks a missing chip, for each stratum; where classes mix, the weakest named."""
    said = body.parameters.get("test_miss_ppm", 0)
    if not isinstance(said, dict):
        return (Fraction(said, PPM),) * len(body.strata)
    weakest = max(said.values())
    return tuple(
        Fraction(weakest if stratum.chip_class is None else said.get(stratum.chip_class, 0), PPM)
        for stratum in body.strata
    )


def _known(body: InspectionCommitted) -> dict[str, Known]:
    """What this commitment's planner knows; some of it fits the strata, the risk or what stands beside it."""
    strata, beside = len(body.strata), set(body.parameters) - {OVERRIDDEN}
    each_whole = _list_of(_whole(0, FRAME_CHIPS_MAX).fits, strata)
    known = {
        "beta_ppm": Known(lambda value: type(value) is int and value == body.beta_ppm, "body.beta_ppm"),
        "test_miss_ppm": Known(_is_test_miss, f"0 to {PPM:,}, for all or by class {', '.join(CHIP_CLASSES)}"),
        "model": Known(lambda value: isinstance(value, str) and is_named(value), "<party>/<name>"),
        OVERRIDDEN: Known(lambda value: _are_names(value, beside), "a list of names that stand beside it"),
    }
    if body.planner == ACTIVITY:
        return known | dict.fromkeys(RUN, POSITIVE) | {"chips": _whole(1, FLEET_CHIPS_MAX)}
    return known | {
        "frame": _whole(0, FRAME_CHIPS_MAX),
        "chips": Known(each_whole, "a list of whole numbers, one for each stratum"),
        "missing": _whole(0, FRAME_CHIPS_MAX),
        "accept": _whole(0, ACCEPT_CHIPS_MAX),
        "sizes": Known(lambda value: _are_sizes(value, body), "the sizes of every stage, chosen by a person"),
        "costs": Known(_list_of(_is_amount, strata), "a list of decimals from 0, one for each stratum"),
        "budget": Known(_is_amount, "a decimal from 0"),
        "run_flop": POSITIVE,
        "chip_flop_per_day": POSITIVE,
        "days": POSITIVE,
    }


def _whole(lowest: int, highest: int) -> Known:
    return Known(
        lambda value: type(value) is int and lowest <= value <= highest,
        f"a whole number from {lowest:,} to {highest:,}",
    )


def _is_amount(value: Any) -> bool:
    if isinstance(value, str) and len(value) <= DECIMAL_CHARACTERS_MAX and DECIMAL.fullmatch(value):
        return Fraction(value) <= REAL_MAX
    return type(value) is int and 0 <= value <= REAL_MAX


def _is_positive(value: Any) -> bool:
    return _is_amount(value) and Fraction(value) >= REAL_MIN


def _are_sizes(value: Any, body: InspectionCommitted) -> bool:
    whole = isinstance(value, list) and all(type(size) is int for size in value)
    return whole and all(stage.sizes == value for stage in body.stages)


def _is_test_miss(value: Any) -> bool:
    rates = list(value.values()) if isinstance(value, dict) else [value]
    classes = set(value) if isinstance(value, dict) else set()
    return bool(rates) and classes <= set(CHIP_CLASSES) and all(map(_whole(0, PPM).fits, rates))


def _list_of(fits: Check, length: int) -> Check:
    return lambda value: isinstance(value, list) and len(value) == length and all(map(fits, value))


def _are_names(value: Any, beside: Set[str]) -> bool:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return False
    return len(set(value)) == len(value) and set(value) <= beside


POSITIVE = Known(_is_positive, "a decimal above 0: digits, a point, e and a power of ten")
RUN = ("run_flop", "chip_flop_per_day", "run_days", "period_days", "snapshots_per_day", "longest_days")
