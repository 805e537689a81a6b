"""Do the worlds say what the ledger says?

Whole inspections in a real ledger, from the signed commitment to the admitted verdict, each beside the world
of the same seed: the chips drawn must be the same, and so must the verdict. They join the many worlds, in
which nothing is signed, to the protocol. Knows no chance of detection.
"""

from collections.abc import Collection
from dataclasses import dataclass
from random import Random

from api.cli.redteam import inspector
from api.cli.redteam.arena import PROVER, VERIFIER, Arena
from api.cli.redteam.worlds import verdict
from ledger.book.rows import Inspection
from ledger.book.tables import INSPECTIONS
from ledger.inspection.draw import draw
from ledger.inspection.stages import Stage
from ledger.outcome import Admitted

CHIPS = tuple(f"{PROVER}:R{number:03}" for number in range(120))
GONE, VISITS, FURTHER_VISITS = 6, 20, 30
STAGES = (Stage((VISITS,), 0, 3), Stage((FURTHER_VISITS,), 1, 2))
RESULTS = ("not_found", "refused", "mismatch", "inconclusive")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Of so many inspections `agreed` drew and ended as their worlds did; `verdicts` counts each word."""

    inspections: int
    agreed: int
    verdicts: tuple[tuple[str, int], ...]


def rehearse(count: int, luck: Random) -> Rehearsal:
    """Inspections in up to two stages by one verifier, of one prover who lacks six chips."""
    agreed, said = 0, []
    with Arena() as arena:
        arena.registers(CHIPS)
        for number in range(1, count + 1):
            gone, result = luck.sample(CHIPS, GONE), luck.choice(RESULTS)
            name = f"rehearsal-{number}"
            same, word = _inspection(arena, name, number, frozenset(gone), result)
            agreed += same
            said.append(word)
    return Rehearsal(count, agreed, tuple((word, said.count(word)) for word in sorted(set(said))))


def _inspection(arena: Arena, name: str, number: int, gone: Collection[str], result: str) -> tuple[bool, str]:
    """(whether world and ledger agree, the ledger's verdict)."""
    wanted = inspector.Wanted(
        f"{VERIFIER}/{name}", number, tuple((s.sizes, s.accept, s.reject) for s in STAGES)
    )
    inspector.commits(arena, wanted)
    drawn: list[list[str]] = []
    for _ in STAGES:
        drawing = inspector.drawing(arena, inspector.comes(arena, wanted.name))
        arena.must(drawing)
        selection = [row["chip"] for row in drawing.rows or ()]
        drawn.append(selection)
        amiss = dict.fromkeys(gone, result)
        inspector.finds(arena, wanted.name, selection, amiss)
        word = inspector.verdict_of(arena, wanted.name)
        if word is not None:
            break
    assert word is not None, "the last stage decides"
    closed = isinstance(arena.says(inspector.closing(arena, wanted.name, word)), Admitted)
    same = _drawn_by_seed(arena.get(INSPECTIONS, wanted.name)) == [set(each) for each in drawn]
    unseen: list[list[str]] = [[] for _ in STAGES[len(drawn) :]]
    return closed and same and verdict(STAGES, drawn + unseen, gone, lambda _: result) == word, word


def _drawn_by_seed(inspection: Inspection) -> list[set[str]]:
    """What a world with the inspection's seeds draws."""
    seeds = zip(inspection.seeds.split(), STAGES, strict=False)
    return [{each.chip for each in draw(bytes.fromhex(seed), CHIPS, stage.sizes[0])} for seed, stage in seeds]
