"""How many chips must be visited so that what is demanded is not missed?

Exact, offline, from whole numbers alone. Knows no ledger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from api.cli.screen.terminal import wrong_usage
from ledger.inspection.plan import Infeasible, Planned, miss_probability, presence, sentence

PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Demand:
    """What a sample must not miss (`missing` chips gone), how surely, and how many it may accept."""

    missing: int
    beta_ppm: int
    accept: int
    test_miss_ppm: int

    @property
    def beta(self) -> Fraction:
        """The risk of missing it."""
        return Fraction(self.beta_ppm, PPM)

    @property
    def test_miss(self) -> Fraction:
        """How often the test overlooks a missing chip."""
        return Fraction(self.test_miss_ppm, PPM)


def planned(frame: int, demand: Demand) -> tuple[Planned | Infeasible, str]:
    """The presence planner's plan for `frame` chips, and its sentence; `Ended` for impossible numbers."""
    try:
        result = presence(frame, demand.missing, demand.beta, demand.accept, demand.test_miss)
    except ValueError as fault:
        raise wrong_usage(str(fault)) from None
    said = sentence(
        frame, demand.missing, demand.beta, result, accept=demand.accept, test_miss=demand.test_miss
    )
    return result, said


def risks_around(frame: int, demand: Demand, n: int) -> Iterator[tuple[int, Fraction]]:
    """The chance to miss for one visit less than `n`, for `n`, for twice as many, and for all."""
    for visits in sorted({max(n - 1, 0), n, min(2 * n, frame), frame}):
        yield visits, miss_probability(frame, demand.missing, visits, demand.accept, demand.test_miss)
