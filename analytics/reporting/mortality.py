"""Are more chips reported lost than the mortality somebody states would take?

Wires the counts of losses and chip-seconds of each group to `analytics.statistics.losses`. The mortality is
whoever asks's: none is known here. Each row is tested at alpha by itself; beside its p stands Holm's, which
holds for all rows together (S. Holm, A simple sequentially rejective multiple test procedure, 1979: of m
rows in the order of their p the i-th has (m - i + 1) p, and no less than the one before). Knows no snapshot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analytics.reporting.parameters import PPM
from analytics.statistics.losses import Excess, excess_losses

YEAR_SECONDS = 31_557_600  # a Julian year: 365.25 days
TESTED_MAX = 2_000
"""Groups tested, those with the most losses: a test takes from a millisecond to a quarter second."""
REPORTED, DESTROYED, MISSING, ALL = "reported", "destroyed", "missing", "all"
COUNTED = {
    REPORTED: ("destroyed", "missing"),
    DESTROYED: ("destroyed",),
    MISSING: ("missing",),
    ALL: ("destroyed", "missing", "conceded"),
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stated:
    """What was asked: deaths a chip-year, the level of each test, and which losses count."""

    mortality: Fraction
    alpha: Fraction
    counted: str

    @classmethod
    def of(cls, mortality_ppm: int, alpha_ppm: int, counted: str) -> "Stated":
        """From millionths."""
        return cls(Fraction(mortality_ppm, PPM), Fraction(alpha_ppm, PPM), counted)


def tested(rows: Sequence[Row], stated: Stated) -> list[Row]:
    """Each group with its expected losses, the excess and the test; in the order given."""
    counted = [sum(row[name] for name in COUNTED[stated.counted]) for row in rows]
    order = sorted(range(len(rows)), key=lambda place: (-counted[place], place))
    chosen = set(order[:TESTED_MAX])
    results = [
        _tested(counted[place], row["chip_seconds"], stated)
        if place in chosen
        else f"not tested: only the {TESTED_MAX:,} groups with the most losses are"
        for place, row in enumerate(rows)
    ]
    together = holm([each.p for each in results if isinstance(each, Excess)])
    told = []
    for row, reported, result in zip(rows, counted, results, strict=True):
        p = next(together) if isinstance(result, Excess) else None
        told.append(_told(row, reported, result, p, stated.alpha))
    return told


def holm(chances: Sequence[Fraction]) -> Iterator[Fraction]:
    """Of several tests each one's p for all of them together, in the order given."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    found = list(chances)
    least = Fraction(0)
    for rank, place in enumerate(order):
        least = max(least, min(Fraction(1), (len(chances) - rank) * chances[place]))
        found[place] = least
    return iter(found)


def notes_of(rows: Sequence[Row], stated: Stated) -> tuple[str, ...]:
    """What several tests at once mean."""
    tests = sum(row["p"] is not None for row in rows)
    alarms = sum(bool(row["is_significant"]) for row in rows)
    together = sum(bool(row["is_significant_together"]) for row in rows)
    expected = float(tests * stated.alpha)
    level = f"{float(stated.alpha):g}"
    return (
        f"{tests:,} groups are tested at {level} each: with no loss but by the mortality stated up to "
        f"{expected:,.4g} of them would be significant by chance alone; {alarms:,} are. Of p_together "
        f"(Holm's) {together:,} are: there the chance of any false alarm among all groups is at most {level}",
    )


def _tested(reported: int, chip_seconds: int, stated: Stated) -> Excess | str:
    chip_years = Fraction(chip_seconds, YEAR_SECONDS)
    try:
        return excess_losses(reported, chip_years, stated.mortality, alpha=stated.alpha)
    except ValueError as fault:  # more losses or chip-years than can be reckoned with
        return f"not tested: {fault}"


def _told(row: Row, reported: int, result: Excess | str, together: Fraction | None, alpha: Fraction) -> Row:
    facts: Row = {
        "grouped": row["grouped"],
        "reported": reported,
        "chip_years": row["chip_seconds"] / YEAR_SECONDS,
    }
    counts = {name: row[name] for name in ("destroyed", "missing", "conceded", "reports", "largest")}
    rest = {**counts, "entry_index": row["entry_index"]}
    if isinstance(result, str) or together is None:
        names = ("expected", "excess", "at_least", "critical", "p", "is_significant")
        nothing = dict.fromkeys((*names, "p_together", "is_significant_together"))
        return {**facts, **nothing, **rest, "told": str(result)}
    test = {name: value for name, value in result.as_object().items() if name not in ("reported", "alpha")}
    both = {"p_together": float(together), "is_significant_together": together <= alpha}
    return {**facts, **test, **both, **rest, "told": None}
