"""Does what was counted in many worlds agree with what was promised?

A count of clean verdicts is held against the exact binomial band of the promised chance. The band is so wide
that an honest promise falls outside it less than once in a million rows at either end, so that a row outside
is a finding and not bad luck. Knows no attack and no world.
"""

from dataclasses import dataclass
from fractions import Fraction

from ledger.inspection.binomial import count_band

TAIL = Fraction(1, 1_000_000)
"""Chance that a true promise falls outside its band at one end."""

PROMISED = "promised"
LIMIT = "not promised"


@dataclass(frozen=True, slots=True)
class Claim:
    """What is held against the count: who tries what, and the exact chance of its coming through clean."""

    attack: str
    who: str
    tried: str
    standing: str
    chance: Fraction


@dataclass(frozen=True, slots=True)
class Measured:
    """One cheat in many worlds: `clean` came through; `low` to `high` would agree with the claim."""

    claim: Claim
    clean: int
    worlds: int
    low: int
    high: int

    @property
    def agrees(self) -> bool:
        """Whether the count lies in the band."""
        return self.low <= self.clean <= self.high

    @property
    def caught_share(self) -> Fraction:
        """The measured detection rate."""
        return 1 - Fraction(self.clean, self.worlds)


def measured(claim: Claim, clean: int, worlds: int) -> Measured:
    """The row, with its band."""
    low, high = count_band(worlds, _bounded(claim.chance), TAIL)
    return Measured(claim, clean, worlds, low, high)


def _bounded(chance: Fraction) -> Fraction:
    """Chances that were rounded up may stand a hair above 1; long fractions are cut at 60 bits' worth.

    A change of 2^-60 moves no count's probability by a part in a billion, for any number of worlds we try.
    """
    if chance <= 0 or chance >= 1:
        return min(max(chance, Fraction(0)), Fraction(1))
    return Fraction(round(chance * (1 << 60)), 1 << 60)
