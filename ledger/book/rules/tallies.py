"""What do the findings come to so far?

A `Tally` counts what was drawn by its result. Assurance takes all but `confirmed` for missing, accusation
only what an inspector found amiss. Asked before a further stage is drawn and when an inspection is closed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.book.records.inspections import Stage, Stratum
from ledger.book.rows import SampledChip

CONFIRMED, INCONCLUSIVE, DUPLICATE, UNLISTED = "confirmed", "inconclusive", "duplicate", "unlisted"
NOT_FOUND, REFUSED, MISMATCH, TAMPERED = "not_found", "refused", "mismatch", "tampered"
NOT_VISITED = "not_visited"
RESULTS = (CONFIRMED, NOT_FOUND, REFUSED, MISMATCH, TAMPERED, INCONCLUSIVE, UNLISTED)
ACCUSING = (NOT_FOUND, REFUSED, MISMATCH, TAMPERED)
BY_BADNESS = (CONFIRMED, INCONCLUSIVE, DUPLICATE, UNLISTED, *ACCUSING)

CLEAN, VIOLATIONS, INCONCLUSIVE_VERDICT = "clean", "violations", "inconclusive"
WITHHELD, VOID_BEACON = "withheld", "void_beacon"


def worse(one: str | None, other: str) -> str:
    """Of two results of one chip the worse, which counts."""
    return other if one is None else max(one, other, key=BY_BADNESS.index)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the drawn have each result, `by_stratum` how many were drawn of each stratum.

    `off_book` counts everything that was found and is not on the book, drawn or not.
    """

    counts: Counter[str]
    by_stratum: Counter[str]
    off_book: int

    @property
    def drawn(self) -> int:
        """How many were drawn, each once."""
        return self.counts.total()

    @property
    def assurance(self) -> int:
        """Missing, if whatever was not confirmed is."""
        return self.drawn - self.counts[CONFIRMED]

    @property
    def accusations(self) -> int:
        """Missing, if only what was found amiss is."""
        return sum(self.counts[result] for result in ACCUSING)

    @property
    def complete(self) -> bool:
        """Whether everything drawn was visited."""
        return self.counts[NOT_VISITED] == 0


def tally_of(rows: Iterable[SampledChip]) -> Tally:
    """The rows of one inspection, counted."""
    counts: Counter[str] = Counter()
    by_stratum: Counter[str] = Counter()
    off_book = 0
    for row in rows:
        off_book += row.result == UNLISTED
        if row.stages:
            counts[row.result or NOT_VISITED] += 1
            by_stratum[row.stratum] += 1
    return Tally(counts, by_stratum, off_book)


def outcome(tally: Tally, stage: Stage, *, last: bool) -> str | None:
    """The verdict the stages so far lead to; None where the next one is due."""
    accused = tally.accusations
    if accused > stage.accept if last else accused >= stage.reject:
        return VIOLATIONS
    if tally.assurance <= stage.accept:
        return CLEAN
    return INCONCLUSIVE_VERDICT if last else None


def drawn_by_stratum(tally: Tally, strata: Iterable[Stratum], counts: str) -> list[tuple[int, int]]:
    """(how many there are, how many were drawn) of each stratum."""
    there = map(int, counts.split())
    return [(frame, tally.by_stratum[stratum.name]) for stratum, frame in zip(strata, there, strict=True)]
