"""Does any split of the missing chips over small strata leave what was observed likely enough?

Tries every split and counts in whole numbers: exact, and only where that is little work. Knows no findings,
plans or parties; larger strata have their bound in `ceiling`.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import comb, prod

from ledger.inspection.ceiling import Looked

WORK_MAX = 30_000
"""Products of counts for one total; a bound asks of a dozen totals."""
COUNT_BITS_MAX = 6_000


class EverySplit:
    """All splits over strata, with how many ways each shows at most `observed`."""

    def __init__(self, strata: Sequence[Looked], observed: int) -> None:
        self._strata = sorted(strata)  # the largest last: its share follows from the others'
        self._observed = observed
        self._rows: dict[tuple[int, int], list[int]] = {}
        self._whole = 0

    @property
    def is_affordable(self) -> bool:
        """Whether trying them all is within WORK_MAX."""
        shown = self._observed + 1
        splits = prod(stratum.chips + 1 for stratum in self._strata[:-1])
        deepest = max((s.drawn + 1 if s.test_miss else 1) for s in self._strata)
        rows = sum(stratum.chips + 1 for stratum in self._strata) * deepest * shown
        bits = sum(s.chips + s.drawn * s.test_miss.denominator.bit_length() for s in self._strata)
        return max(splits * shown * shown, rows) <= WORK_MAX and bits <= COUNT_BITS_MAX

    def exceeds(self, total: int, alpha: Fraction) -> bool:
        """Whether some split of `total` shows at most `observed` with a probability above alpha."""
        self._whole = prod(comb(s.chips, s.drawn) * s.test_miss.denominator**s.drawn for s in self._strata)
        enough = alpha.numerator * self._whole // alpha.denominator
        return self._any(0, total, [1] + [0] * self._observed, enough)

    def _any(self, place: int, left: int, ways: list[int], enough: int) -> bool:
        """Whether the strata from `place` on can take what is left and pass more often than `enough`."""
        if place == len(self._strata) - 1:
            row = self._row(place, left)
            return sum(some * sum(row[: self._observed + 1 - x]) for x, some in enumerate(ways)) > enough
        room = sum(stratum.chips for stratum in self._strata[place + 1 :])
        for taken in range(max(0, left - room), min(self._strata[place].chips, left) + 1):
            joined = _joined(ways, self._row(place, taken))
            if self._any(place + 1, left - taken, joined, enough):
                return True
        return False

    def _row(self, place: int, taken: int) -> list[int]:
        if (place, taken) not in self._rows:
            self._rows[place, taken] = _found(self._strata[place], taken, self._observed)
        return self._rows[place, taken]


def _found(stratum: Looked, missing: int, observed: int) -> list[int]:
    """For 0 to `observed`: in how many of comb(chips, drawn) * denominator^drawn ways so many are found."""
    chips, drawn, overlook = stratum.chips, stratum.drawn, stratum.test_miss.numerator
    whole = stratum.test_miss.denominator
    fewest, most = max(0, drawn + missing - chips), min(drawn, missing)
    found = [0] * (observed + 1)
    for x in range(fewest, most + 1):
        if overlook == 0 and x > observed:
            break
        ways = comb(missing, x) * comb(chips - missing, drawn - x) * whole ** (drawn - x)
        for y in range(x if overlook == 0 else 0, min(x, observed) + 1):
            found[y] += ways * comb(x, y) * (whole - overlook) ** y * overlook ** (x - y)
    return found


def _joined(ways: Sequence[int], row: Sequence[int]) -> list[int]:
    return [sum(ways[x - y] * row[y] for y in range(x + 1)) for x in range(len(ways))]
