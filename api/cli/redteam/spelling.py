"""Which plan is meant by what was typed?

Strata are typed NAME:CHIPS:VISITS, stages VISITS:ACCEPTED:REJECTED, where the VISITS of several strata are
joined by `+`. Raises ValueError saying what is wrong, in the words of the options.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from api.cli.redteam.target import Target, check_target, single
from ledger.inspection.evasion import Stratum
from ledger.inspection.plan import Infeasible, check_whole, presence
from ledger.inspection.stages import Stage

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
WHOLE = "all"


def target_of(
    *,
    frame: int | None,
    visits: int | None,
    strata: Sequence[str],
    stages: Sequence[str],
    missing: int,
    beta: Fraction,
    accept: int,
    test_miss: Fraction,
    budget: int,
) -> Target:
    """The plan under attack, checked."""
    names, chips, sizes = _strata(frame, strata, staged=bool(stages))
    if stages and (visits is not None or accept):
        raise ValueError("--stage says visits and accept of each stage: leave --visits and --accept out")
    if stages:
        rules = tuple(_stage(text, len(names)) for text in stages)
    elif strata:
        if visits is not None:
            raise ValueError("--stratum says its visits: leave --visits out")
        rules = single(accept, *sizes)
    else:
        n = _planned(chips[0], missing, beta, accept, test_miss) if visits is None else visits
        rules = single(accept, n)
    made = tuple(Stratum(number, test_miss) for number in chips)
    target = Target(names, made, rules, missing, beta, budget)
    check_target(target)
    return target


def _strata(
    frame: int | None, texts: Sequence[str], *, staged: bool
) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
    """(names, chips, visits) of each; no visits where stages say them."""
    if (frame is None) == (not texts):
        raise ValueError("say --frame, or --stratum once for each stratum: one of the two")
    if frame is not None:
        return (WHOLE,), (frame,), ()
    members = 2 if staged else 3
    parts = [text.split(":") for text in texts]
    for text, part in zip(texts, parts, strict=True):
        spelled = len(part) == members and NAME.fullmatch(part[0]) and all(map(NUMBER.fullmatch, part[1:]))
        if not spelled:
            raise ValueError(
                f"--stratum {text[:80]!r} is no {':'.join(('NAME', 'CHIPS', 'VISITS')[:members])}"
            )
    names = tuple(part[0] for part in parts)
    if len(set(names)) != len(names):
        raise ValueError("--stratum: one name twice")
    visits = tuple(int(part[2]) for part in parts) if not staged else ()
    return names, tuple(int(part[1]) for part in parts), visits


def _stage(text: str, strata: int) -> Stage:
    parts = text.split(":")
    sizes = parts[0].split("+")
    if len(parts) != 3 or not all(map(NUMBER.fullmatch, [*sizes, *parts[1:]])):
        raise ValueError(f"--stage {text[:80]!r} is no VISITS:ACCEPTED:REJECTED")
    if len(sizes) != strata:
        raise ValueError(f"--stage {text[:80]!r}: {strata} strata need as many visits, joined by +")
    return Stage(tuple(map(int, sizes)), int(parts[1]), int(parts[2]))


def _planned(frame: int, missing: int, beta: Fraction, accept: int, test_miss: Fraction) -> int:
    check_whole("missing", missing, 1, frame)
    plan = presence(frame, missing, beta, accept, test_miss)
    if isinstance(plan, Infeasible):
        raise ValueError("no number of visits is enough for that: say --visits to attack one all the same")
    return plan.n
