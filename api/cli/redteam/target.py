"""Which plan is attacked, and what does it promise?

A target is a plan as a user has it: strata, the visits of each stage, what is acceptable, how often the test
errs, the missing chips that must not be overlooked and the risk of overlooking them. What it promises against
a cheat is worked out exactly by `ledger.inspection`; nothing is simulated here. Wrong parameters raise
ValueError naming the parameter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ledger.inspection.allowance import best_evasion, split_miss
from ledger.inspection.evasion import Evasion, Stratum, check_plan
from ledger.inspection.plan import check_probability, check_whole
from ledger.inspection.stages import Stage, best_evasion_of_stages, stages_risk, takes_back

ATTACKED_CHIPS_MAX = 200_000
"""Every world draws from the whole frame; more would take hours."""
BUDGET_MAX = 10_000
PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A plan under attack. `budget`: chips a cheat can write off, or fetch back between notice and visit."""

    names: tuple[str, ...]
    strata: tuple[Stratum, ...]
    stages: tuple[Stage, ...]
    missing: int
    beta: Fraction
    budget: int

    @property
    def chips(self) -> int:
        """The whole frame."""
        return sum(stratum.chips for stratum in self.strata)

    @property
    def visits(self) -> int:
        """If every stage is drawn."""
        return sum(sum(stage.sizes) for stage in self.stages)

    @property
    def test_miss_ppm(self) -> int:
        """How often the test overlooks; one test for all strata."""
        return int(self.strata[0].test_miss * PPM)


def check_target(target: Target) -> None:
    """Raises ValueError for a plan that cannot be, or that is too large to be tried often."""
    check_whole("frame", target.chips, 1, ATTACKED_CHIPS_MAX)
    check_whole("missing", target.missing, 1, target.chips)
    check_whole("budget", target.budget, 0, BUDGET_MAX)
    check_probability("beta", target.beta)
    if not target.stages:
        raise ValueError("stages must be one or more")
    for stage in target.stages:
        check_plan(target.strata, stage.sizes, target.missing)
        check_whole("accept", stage.accept, 0, stage.reject - 1)
    if target.stages[-1].reject != target.stages[-1].accept + 1:
        raise ValueError("reject of the last stage must be one above its accept: it decides")
    if takes_back([(stage.accept, stage.reject) for stage in target.stages]):
        raise ValueError("stages must not accept later what they reject earlier")


def single(accept: int, *sizes: int) -> tuple[Stage, ...]:
    """The stages of a plan that has only one."""
    return (Stage(sizes, accept, accept + 1),)


def clean_chance(target: Target, split: Sequence[int], *, tested: bool = True, spare: int = 0) -> Fraction:
    """The chance that the verdict is `clean` where so many chips of each stratum are missing.

    `tested`: stand-ins are shown and the test may overlook them; otherwise there is nothing to test.
    `spare`: so many of those drawn are made good before the visit. Exact for one stage, rounded up by less
    than 2^-170 for several. Who lets every test end without result gains nothing: what a stage would have
    rejected, no later one accepts.
    """
    strata = target.strata if tested else perfect(target.strata)
    if len(target.stages) == 1:
        (stage,) = target.stages
        return split_miss(strata, stage.sizes, split, stage.accept + spare)
    stages = [Stage(stage.sizes, stage.accept + spare, stage.reject + spare) for stage in target.stages]
    return stages_risk(strata, stages, split).clean


def perfect(strata: Sequence[Stratum]) -> tuple[Stratum, ...]:
    """The same strata, nothing overlooked."""
    return tuple(replace(stratum, test_miss=Fraction(0)) for stratum in strata)


def worst(target: Target) -> Evasion:
    """What a cheat who knows the plan does best: the split that is missed most often, and how often."""
    if len(target.stages) == 1:
        (stage,) = target.stages
        return best_evasion(target.strata, stage.sizes, target.missing, stage.accept)
    return best_evasion_of_stages(target.strata, target.stages, target.missing)


def even_split(target: Target) -> tuple[int, ...]:
    """The missing chips over the strata as the chips are, what is over going to the first strata."""
    split = [stratum.chips * target.missing // target.chips for stratum in target.strata]
    for place, stratum in enumerate(target.strata):
        split[place] += min(target.missing - sum(split), stratum.chips - split[place])
    return tuple(split)


def without(target: Target, chips: Sequence[int]) -> Target:
    """The plan as it meets a frame with so many chips less in each stratum."""
    strata = tuple(
        replace(stratum, chips=stratum.chips - gone)
        for stratum, gone in zip(target.strata, chips, strict=True)
    )
    stages = tuple(
        replace(stage, sizes=tuple(min(n, s.chips) for n, s in zip(stage.sizes, strata, strict=True)))
        for stage in target.stages
    )
    return replace(target, strata=strata, stages=stages, missing=target.missing)
