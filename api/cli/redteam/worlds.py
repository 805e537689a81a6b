"""What does one draw show, in a world made for it?

A world is a draw by the very mechanism of the ledger: a seed from a beacon's randomness, a commitment and a
secret for each stage, tickets, the smallest of each stratum. What inspectors meet is tallied, and the verdict
found, by the rules that judge closings. Chance comes from a generator with a seed, so that every world can be
had again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random

from api.cli.redteam.target import Target
from ledger.book.records.inspections import Stage as StageText
from ledger.book.rows import SampledChip
from ledger.book.rules.tallies import CLEAN, CONFIRMED, outcome, tally_of, worse
from ledger.inspection.draw import draw_seed, draw_strata
from ledger.inspection.stages import Stage

BEACON_NAME = "redteam/worlds"
ANY_TIME = "2026-01-01T00:00:00Z"

Selections = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class World:
    """The draws of one inspection: per stage and stratum the chips by ticket, longer than the plan asks for.

    `randomness` is the beacon's, of the first stage. A longer draw begins with the shorter one, and what is
    no part of a frame can be passed over: so one draw serves every frame that lacks a few of these chips.
    """

    randomness: bytes
    draws: tuple[dict[str, tuple[str, ...]], ...]


def chip_names(strata: Sequence[tuple[str, int]], maker: str = "prover") -> dict[str, tuple[str, ...]]:
    """Chips for each stratum, by its name; ids ascend over all."""
    named, number = {}, 0
    for name, chips in strata:
        named[name] = tuple(f"{maker}:S{place:07}" for place in range(number, number + chips))
        number += chips
    return named


def chips_of(target: Target) -> dict[str, tuple[str, ...]]:
    """The chips of the target's frame."""
    sizes = zip(target.names, target.strata, strict=True)
    return chip_names([(name, stratum.chips) for name, stratum in sizes])


def random_seed(chance: Random) -> tuple[bytes, bytes]:
    """(a draw's seed, the beacon's randomness): everything in it is as nobody could have known it."""
    randomness, commitment, secret = chance.randbytes(32), chance.randbytes(32), chance.randbytes(32)
    number = chance.randrange(1, 2**53)
    return draw_seed(BEACON_NAME, number, randomness, commitment, secret), randomness


def worlds(target: Target, count: int, chance: Random, spare: int) -> Iterator[World]:
    """So many worlds; each stratum is drawn `spare` chips longer than planned."""
    frame = [(chip, name) for name, chips in chips_of(target).items() for chip in chips]
    longer = [
        {name: size + spare for name, size in zip(target.names, stage.sizes, strict=True)}
        for stage in target.stages
    ]
    for _ in range(count):
        first, draws = b"", []
        for sizes in longer:
            seed, randomness = random_seed(chance)
            drawn = draw_strata(seed, frame, sizes)
            draws.append({name: tuple(each.chip for each in found) for name, found in drawn.items()})
            first = first or randomness
        yield World(first, tuple(draws))


def selections(target: Target, world: World, outside: AbstractSet[str] = frozenset()) -> list[list[str]]:
    """What each stage draws where the frame lacks the chips `outside`."""
    found = []
    for stage, drawn in zip(target.stages, world.draws, strict=True):
        selection: list[str] = []
        for name, size in zip(target.names, stage.sizes, strict=True):
            there = drawn[name]
            selection += [chip for chip in there if chip not in outside][:size] if outside else there[:size]
        found.append(selection)
    return found


def verdict(
    stages: Sequence[Stage], drawn: Selections, gone: Collection[str], shown: Callable[[str], str]
) -> str:
    """What the inspection comes to, stage by stage, under the ledger's own rules.

    Every chip is confirmed but those `gone`, of which `shown` says at each visit what the inspectors write;
    of several visits the worst counts.
    """
    results: dict[str, str] = {}
    seen: set[str] = set()
    for place, (stage, selection) in enumerate(zip(stages, drawn, strict=True), start=1):
        seen.update(selection)
        for chip in selection:
            if chip in gone:
                results[chip] = worse(results.get(chip), shown(chip))
        rows = [ROWS[CONFIRMED]] * (len(seen) - len(results)) + [row_of(word) for word in results.values()]
        said = outcome(tally_of(rows), _stage_text(stage), last=place == len(stages))
        if said is not None:
            return said
    raise AssertionError("the last stage decides")


def is_clean(
    stages: Sequence[Stage], drawn: Selections, gone: Collection[str], shown: Callable[[str], str]
) -> bool:
    """Whether the cheat comes through."""
    return verdict(stages, drawn, gone, shown) == CLEAN


def row_of(result: str) -> SampledChip:
    """Something that was drawn and found so; a tally asks for no more."""
    if result not in ROWS:
        ROWS[result] = SampledChip(
            inspection="", item="", stages="1", stratum="", result=result, shown="", found_at=None,
            evidence_sha256=None, changed=0,
        )  # fmt: skip
    return ROWS[result]


def _stage_text(stage: Stage) -> StageText:
    """The stopping rule as a commitment says it."""
    return StageText(1, "", list(stage.sizes), ANY_TIME, ANY_TIME, stage.accept, stage.reject)


ROWS: dict[str, SampledChip] = {}
row_of(CONFIRMED)
