"""How likely does a cheat come through an inspection in stages, and how many visits does it take?

Each stage draws afresh from the whole frame, with tickets nobody could know before. The missing chips found
so far, each counted once, decide: at most `accept` stops clean, at least `reject` stops with violations, else
the next stage follows. All rules are fixed before the first draw, so the risk over all stages is worked out
exactly, as a walk over what was found; stopping early is paid for. Rules that accept later what they reject
earlier are refused: a prover who lets tests end without result is not stopped, and would pass by them oftener
than the walk says. Chances are counted in units of 2^-192
and rounded up where a cheat gains. Wrong parameters raise ValueError naming the parameter. Knows no chips.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from ledger.inspection.allowance import (
    SPLITS_TRIED_MAX,
    WHOLE,
    best_evasion,
    every_split,
    found_exactly,
)
from ledger.inspection.evasion import Evasion, Stratum, check_plan
from ledger.inspection.hypergeometric import Sampling
from ledger.inspection.plan import Infeasible, check_probability, check_whole

STAGES_MAX = 10
REJECT_CHIPS_MAX = 200
PATHS_MAX = 5_000
"""Ways the found chips may lie in the strata that a walk keeps apart."""

Found = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """`sizes` drawn per stratum; then found so far <= accept stops clean, >= reject with violations."""

    sizes: tuple[int, ...]
    accept: int
    reject: int


@dataclass(frozen=True, slots=True)
class StagesRisk:
    """What becomes of an inspection where a split is missing: `clean` is the risk, `violations` the rest.

    `reached` is the chance that each stage is drawn at all, `visits` are those to be expected: with 0 missing
    the burden of an honest inspection.
    """

    clean: Fraction
    violations: Fraction
    reached: tuple[Fraction, ...]
    visits: Fraction


@dataclass(frozen=True, slots=True)
class StagesPlan:
    """`n` visits a stage suffice and n - 1 do not; the risk against the missing chips, and honest visits."""

    n: int
    risk: StagesRisk
    honest_visits: Fraction


def takes_back(rules: Sequence[tuple[int, int]]) -> bool:
    """Whether a later stage accepts as many as an earlier one rejects; rules are (accept, reject)."""
    fewest_rejected = None
    for accept, reject in rules:
        if fewest_rejected is not None and accept >= fewest_rejected:
            return True
        fewest_rejected = reject if fewest_rejected is None else min(fewest_rejected, reject)
    return False


def stages_risk(strata: Sequence[Stratum], stages: Sequence[Stage], split: Sequence[int]) -> StagesRisk:
    """The risk where these many chips of each stratum are missing; clean rounded up by less than 2^-170."""
    _check(strata, stages, sum(split))
    if len(split) != len(strata):
        raise ValueError("split must be one for each stratum")
    for stratum, taken in zip(strata, split, strict=True):
        check_whole("split", taken, 0, stratum.chips)
    walk: dict[Found, int] = {tuple(0 for _ in strata): WHOLE}
    clean, reached, visits = 0, [], Fraction(0)
    for stage in stages:
        drawn = Fraction(min(WHOLE, sum(walk.values())), WHOLE)
        reached.append(drawn)
        visits += drawn * sum(stage.sizes)
        walk = _walked(strata, stage, split, walk)
        clean += sum(chance for found, chance in walk.items() if sum(found) <= stage.accept)
        walk = {found: chance for found, chance in walk.items() if sum(found) > stage.accept}
    assert not walk  # the last stage decides
    told = Fraction(min(WHOLE, clean), WHOLE)
    return StagesRisk(told, 1 - told, tuple(reached), visits)


def best_evasion_of_stages(strata: Sequence[Stratum], stages: Sequence[Stage], missing: int) -> Evasion:
    """The split most likely to come through clean: of all splits where they are few, else of a good guess.

    Where not all are tried, `at_most` is the chance of passing the first stage, which no split exceeds.
    """
    _check(strata, stages, missing)
    chips = [stratum.chips for stratum in strata]
    splits = list(islice(every_split(chips, missing), SPLITS_TRIED_MAX + 1))
    if len(splits) <= SPLITS_TRIED_MAX:
        risks = {split: stages_risk(strata, stages, split).clean for split in splits}
        best = max(splits, key=risks.__getitem__)
        return Evasion(best, risks[best], risks[best])
    first = stages[0]
    passed = best_evasion(strata, first.sizes, missing, first.reject - 1)
    guesses = {passed.split} | {
        best_evasion(strata, stage.sizes, missing, stage.accept).split for stage in stages
    }
    best = max(sorted(guesses), key=lambda split: stages_risk(strata, stages, split).clean)
    miss = stages_risk(strata, stages, best).clean
    return Evasion(best, miss, max(miss, passed.at_most))


def plan_stages(
    frame: int,
    missing: int,
    beta: Fraction,
    rules: Sequence[tuple[int, int]],
    test_miss: Fraction = Fraction(0),
) -> StagesPlan | Infeasible:
    """The smallest n, the same in each stage, whose risk over all stages is at most beta.

    `rules` are (accept, reject) of each stage. One chip more drawn in any stage never finds fewer.
    """
    check_probability("beta", beta)
    strata = [Stratum(frame, test_miss)]

    def risk(n: int, gone: int) -> StagesRisk:
        return stages_risk(strata, [Stage((n,), accept, reject) for accept, reject in rules], (gone,))

    check_plan(strata, (0,), missing)
    if risk(frame, missing).clean > beta:
        return Infeasible(risk(frame, missing).clean)
    too_few, enough = -1, 1
    while enough < frame and risk(enough, missing).clean > beta:  # small samples are quickly judged
        too_few, enough = enough, min(frame, 2 * enough)
    while enough - too_few > 1:
        n = (too_few + enough) // 2
        if risk(n, missing).clean <= beta:
            enough = n
        else:
            too_few = n
    return StagesPlan(enough, risk(enough, missing), risk(enough, 0).visits)


def _walked(
    strata: Sequence[Stratum], stage: Stage, split: Sequence[int], walk: dict[Found, int]
) -> dict[Found, int]:
    """Where the walk stands after the stage, without what reached `reject`; each step rounded up."""
    for h, stratum in enumerate(strata):
        after: dict[Found, int] = {}
        rows: dict[int, tuple[int, ...]] = {}
        for found, chance in walk.items():
            left = split[h] - found[h]
            if left not in rows:
                sampling = Sampling(stratum.chips, left, stage.sizes[h], stage.reject - 1, stratum.test_miss)
                rows[left] = found_exactly(sampling)
            room = stage.reject - sum(found)
            for more, each in enumerate(rows[left][: max(0, room)]):
                if each:
                    there = (*found[:h], found[h] + more, *found[h + 1 :])
                    after[there] = after.get(there, 0) - (-chance * each // WHOLE)
        if len(after) > PATHS_MAX:
            raise ValueError(f"stages must be few and rejecting early enough to walk {PATHS_MAX} paths")
        walk = after
    return walk


def _check(strata: Sequence[Stratum], stages: Sequence[Stage], missing: int) -> None:
    check_whole("stages", len(stages), 1, STAGES_MAX)
    for stage in stages:
        check_plan(strata, stage.sizes, missing)
        check_whole("reject", stage.reject, 1, REJECT_CHIPS_MAX)
        check_whole("accept", stage.accept, -1, stage.reject - 1)  # -1: this stage never stops clean
    if stages[-1].accept != stages[-1].reject - 1:
        raise ValueError("accept of the last stage must be one below its reject: it decides")
    if takes_back([(stage.accept, stage.reject) for stage in stages]):
        raise ValueError("stages must not accept later what they reject earlier")
