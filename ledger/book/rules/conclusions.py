"""What does an inspection come to so far?

Counts, the upper bound and the only verdict there can be, from the inspection's row and those of what it
drew. The judge of `inspection.closed` asks here, and so does whoever would close it, or read how it stands:
there is one computation, on whole numbers alone. Knows no statement, no clock and no store.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ledger.book.records.inspections import Counts
from ledger.book.rows import Inspection, SampledChip
from ledger.book.rules.inspections import NOTICE_BY, commitment_of, day_of
from ledger.book.rules.planned import PPM, test_misses
from ledger.book.rules.tallies import NOT_VISITED, WITHHELD, Tally, drawn_by_stratum, outcome, tally_of
from ledger.book.rules.timeliness import UNTIMELY
from ledger.inspection.beacon import Beacon, due_at
from ledger.inspection.verdict import upper_bound_of

VOID = "void"
SILENT_SECONDS_MIN = 48 * 3600  # from when a round was due


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`verdict` is None while a stage is to be drawn, `upper_bound` before any was.

    `drawn` and `visited` count what was drawn, each once. `known_missing` and `off_book` stand apart: no
    draw could have shown them.
    """

    verdict: str | None
    counts: Counts
    upper_bound: int | None
    known_missing: int
    off_book: int
    drawn: int
    visited: int


def conclude(inspection: Inspection, rows: Iterable[SampledChip]) -> Conclusion:
    """All that a closing says, where the rows are those of this inspection."""
    tally = tally_of(rows)
    return Conclusion(
        settled(inspection, tally),
        counts_of(tally),
        bound_of(inspection, tally),
        inspection.known_missing or 0,
        tally.off_book,
        tally.drawn,
        tally.drawn - tally.counts[NOT_VISITED],
    )


def counts_of(tally: Tally) -> Counts:
    """As a closing spells them, every word told."""
    return Counts(**{name: tally.counts[name] for name in Counts.__struct_fields__})


def bound_of(inspection: Inspection, tally: Tally) -> int | None:
    """The largest missing total that what was confirmed leaves possible; None before a draw."""
    if inspection.strata_counts is None:
        return None
    commitment = commitment_of(inspection)
    strata = drawn_by_stratum(tally, commitment.strata, inspection.strata_counts)
    alpha = Fraction(commitment.beta_ppm, PPM)
    return upper_bound_of(strata, tally.assurance, alpha, test_misses(commitment))


def settled(inspection: Inspection, tally: Tally) -> str | None:
    """The only verdict there can be; None while a stage is to be drawn."""
    stages, drawn = commitment_of(inspection).stages, inspection.stages_drawn
    if drawn == 0:
        return None
    if inspection.timely in UNTIMELY:
        return VOID
    if inspection.withheld:
        return WITHHELD
    return outcome(tally, stages[drawn - 1], last=drawn == len(stages))


def sample_size(inspection: Inspection) -> int:
    """How many were drawn, each once a stage; before any stage how many the first asks for."""
    stages = commitment_of(inspection).stages
    if inspection.strata_counts is None:
        return sum(stages[0].sizes)
    there = [int(count) for count in inspection.strata_counts.split()]
    return sum(
        min(size, count)
        for stage in stages[: inspection.stages_drawn]
        for size, count in zip(stage.sizes, there, strict=True)
    )


def withheld_after(inspection: Inspection) -> int:
    """Until when the next stage may be drawn in time, in Unix seconds; it may be given up from then on."""
    return day_of(commitment_of(inspection).stages[inspection.stages_drawn], NOTICE_BY)


def silent_from(inspection: Inspection, beacon: Beacon) -> int:
    """From when the next stage's beacon may be called silent, in Unix seconds."""
    return (
        due_at(beacon, commitment_of(inspection).stages[inspection.stages_drawn].round) + SILENT_SECONDS_MIN
    )
