"""What would a cheat do against a plan that accepts a few found chips?

The miss is then no product over strata, and the best split may even be to lose all of one stratum and let
what is accepted cover it. Found exactly for one stratum, for two where few are missing or accepted, and
wherever all splits can be tried. Beyond that two figures are given: the miss of the best split that a search
finds, and one that no split exceeds, the smaller of two, so that plans which rely on it are never too small:

- the tail of like trials with the fewest found on average (`ceiling`);
- a cheat who may choose what to take from a stratum after seeing what was found in those before it; where
  many are missing they are taken in blocks, and what does not fill a block is given to the cheat. That is
  worked out where enough blocks are affordable.

Wrong parameters raise ValueError naming the parameter. Knows no chip, party or draw.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from math import isqrt

from ledger.inspection.ceiling import Looked, chance_within, surely_within
from ledger.inspection.evasion import (
    Evasion,
    Stratum,
    check_plan,
    product,
    product_at_most,
    unseen,
    unseen_split,
)
from ledger.inspection.hypergeometric import Sampling, at_most, enclose, probability
from ledger.inspection.plan import ACCEPT_CHIPS_MAX, check_probability, check_whole

SPLITS_TRIED_MAX = 400
ADAPTIVE_STEPS_MAX = 30_000
COARSE_BLOCKS = 64
"""With fewer blocks what they give away is more than the proved tail does."""
FILLED_FIRST_MAX = 8
CLIMB_WORK_MAX = 20_000
"""Products of chances that a search for the best split may take."""
WHOLE = 1 << 192
"""Chances are counted in units of 2^-192, rounded up."""
UNIT_DIGITS = 60
ROWS_KEPT = 8_192


def best_evasion(strata: Sequence[Stratum], sizes: Sequence[int], missing: int, accept: int = 0) -> Evasion:
    """The split of `missing` chips over the strata that is missed most often: at most `accept` found."""
    check_plan(strata, sizes, missing)
    check_whole("accept", accept, 0, ACCEPT_CHIPS_MAX)
    if accept == 0 or missing == 0:
        split = unseen_split(strata, sizes, missing)
        miss = product(unseen(strata, sizes, split))
        return Evasion(split, miss, miss)
    table = _Found(strata, sizes, accept)
    chips = [stratum.chips for stratum in strata]
    splits = list(islice(every_split(chips, missing), SPLITS_TRIED_MAX + 1))
    if len(splits) <= SPLITS_TRIED_MAX:
        best = max(splits, key=table.miss)  # the first of equals, which is the lexicographically smallest
        return Evasion(best, _told(table, best), _told(table, best))
    if len(strata) == 2 and missing * (accept + 1) ** 2 <= CLIMB_WORK_MAX:
        best = max(every_split(chips, missing), key=table.miss)
        return Evasion(best, _told(table, best), _told(table, best))
    split = _climbed(table, strata, unseen_split(strata, sizes, missing))
    miss = Fraction(table.miss(split), WHOLE)
    return Evasion(split, miss, max(miss, _ceiling(table, strata, sizes, missing)))


def split_miss(
    strata: Sequence[Stratum], sizes: Sequence[int], split: Sequence[int], accept: int = 0
) -> Fraction:
    """P(at most `accept` found) if the cheat takes `split`: exact up to 2^-180, rounded up.

    Exact without reserve for a single stratum or with none acceptable, as `plan.miss_probability` is.
    """
    check_plan(strata, sizes, sum(split))
    for stratum, taken in zip(strata, split, strict=True):
        check_whole("split", taken, 0, stratum.chips)
    if accept == 0:
        return product(unseen(strata, sizes, split))
    return _told(_Found(strata, sizes, accept), tuple(split))


def evaded_at_most(
    strata: Sequence[Stratum], sizes: Sequence[int], missing: int, beta: Fraction, accept: int = 0
) -> bool:
    """Whether no split of `missing` chips is missed with more than `beta`.

    Decided exactly with none acceptable or one stratum; otherwise no only where it might be so.
    """
    check_plan(strata, sizes, missing)
    check_probability("beta", beta)
    check_whole("accept", accept, 0, ACCEPT_CHIPS_MAX)
    if accept == 0:
        split = unseen_split(strata, sizes, missing)
        return product_at_most(unseen(strata, sizes, split), beta)
    if len(strata) == 1:
        return at_most(Sampling(strata[0].chips, missing, sizes[0], accept, strata[0].test_miss), beta)
    if missing > accept and beta > 0 and surely_within(looked(strata, sizes), missing, accept, beta):
        return True
    return best_evasion(strata, sizes, missing, accept).at_most <= beta


class _Found:
    """Per stratum and chips taken there: the chances of 0, 1, … accept found, in units, rounded up."""

    def __init__(self, strata: Sequence[Stratum], sizes: Sequence[int], accept: int) -> None:
        self.strata, self.sizes, self.accept = strata, sizes, accept
        self.rows: dict[tuple[int, int], tuple[int, ...]] = {}

    def row(self, h: int, taken: int) -> tuple[int, ...]:
        if (h, taken) not in self.rows:
            stratum = self.strata[h]
            self.rows[h, taken] = found_exactly(
                Sampling(stratum.chips, taken, self.sizes[h], self.accept, stratum.test_miss)
            )
        return self.rows[h, taken]

    def miss(self, split: Sequence[int]) -> int:
        """P(at most accept found in all), in units, never too low."""
        sums = [WHOLE] + [0] * self.accept
        for h, taken in enumerate(split):
            if taken:
                sums = _folded(sums, self.row(h, taken))
        return min(WHOLE, sum(sums))


@lru_cache(ROWS_KEPT)
def found_exactly(sampling: Sampling) -> tuple[int, ...]:
    """The chances that exactly 0, 1, … `accept` of the missing chips are found, in units, rounded up.

    P(x) = C(n, x) C(d, x) / C(N, x) s^x E[t^rest]: x given ones drawn and found, all others unnoticed.
    """
    chips, taken, drawn, test_miss = sampling.frame, sampling.missing, sampling.drawn, sampling.test_miss
    row = []
    given = Fraction(1)
    for x in range(min(sampling.accept, drawn, taken) + 1):
        rest = Sampling(chips - x, taken - x, drawn - x, 0, test_miss)
        row.append(_units(given * _no_less(rest)))
        if x < min(drawn, taken):
            given *= Fraction((drawn - x) * (taken - x), (x + 1) * (chips - x)) * (1 - test_miss)
    return (*row, *[0] * (sampling.accept + 1 - len(row)))


def _no_less(sampling: Sampling) -> Fraction:
    """The miss, rounded up in its 60th digit or below what a unit can tell."""
    if sampling.most == 0 or sampling.test_miss == 1:
        return Fraction(1)
    if sampling.test_miss == 0 and sampling.fewest > 0:
        return Fraction(0)
    return Fraction(enclose(sampling, UNIT_DIGITS, 2 * UNIT_DIGITS)[1])


def _units(chance: Fraction) -> int:
    return min(WHOLE, -(-chance.numerator * WHOLE // chance.denominator))


def _folded(sums: Sequence[int], row: Sequence[int]) -> list[int]:
    return [-(-sum(sums[x - y] * row[y] for y in range(x + 1)) // WHOLE) for x in range(len(sums))]


def _told(table: _Found, split: Sequence[int]) -> Fraction:
    if len(table.strata) == 1:
        stratum = table.strata[0]
        return probability(Sampling(stratum.chips, split[0], table.sizes[0], table.accept, stratum.test_miss))
    return Fraction(table.miss(split), WHOLE)


def looked(strata: Sequence[Stratum], sizes: Sequence[int]) -> list[Looked]:
    """The strata as `ceiling` bounds them."""
    pairs = zip(strata, sizes, strict=True)
    return [Looked(stratum.chips, size, stratum.test_miss) for stratum, size in pairs if stratum.chips]


def every_split(chips: Sequence[int], missing: int) -> Iterator[tuple[int, ...]]:
    """All ways to take `missing` from strata of these sizes, in lexicographic order."""
    if len(chips) == 1:
        if missing <= chips[0]:
            yield (missing,)
        return
    rest = sum(chips[1:])
    for taken in range(max(0, missing - rest), min(chips[0], missing) + 1):
        for others in every_split(chips[1:], missing - taken):
            yield (taken, *others)


def _climbed(table: _Found, strata: Sequence[Stratum], start: Sequence[int]) -> tuple[int, ...]:
    """From the start, and from one or a few strata filled first, moves of halving size while they help."""
    order = sorted(range(len(strata)), key=lambda h: (looked_at(table, h), h))
    firsts = range(len(strata)) if len(strata) <= FILLED_FIRST_MAX else ()
    starts = [list(start)]
    for filled in (order, *([first, *(h for h in order if h != first)] for first in firsts)):
        split, short = [0] * len(strata), sum(start)
        for h in filled:
            split[h] = min(strata[h].chips, short)
            short -= split[h]
        starts.append(split)
    best = max(starts, key=table.miss)
    return _climb(table, strata, best)


def looked_at(table: _Found, h: int) -> Fraction:
    """How likely a chip missing from a stratum is found: a cheat prefers where that is least."""
    stratum = table.strata[h]
    return Fraction(table.sizes[h], max(1, stratum.chips)) * (1 - stratum.test_miss)


def _climb(table: _Found, strata: Sequence[Stratum], split: list[int]) -> tuple[int, ...]:
    """Better splits by moving chips between two strata, as long as the work lasts: a search, no proof."""
    here, move = table.miss(split), 1 << max(split).bit_length()
    pairs = [(a, b) for a in range(len(split)) for b in range(len(split)) if a != b]
    tries = CLIMB_WORK_MAX // ((table.accept + 1) ** 2 * len(strata))
    while move:
        better = False
        for a, b in pairs:
            if tries > 0 and split[a] >= move and split[b] + move <= strata[b].chips:
                tried = list(split)
                tried[a] -= move
                tried[b] += move
                there, tries = table.miss(tried), tries - 1
                if there > here:
                    split, here, better = tried, there, True
        if not better:
            move //= 2
    return tuple(split)


def _ceiling(table: _Found, strata: Sequence[Stratum], sizes: Sequence[int], missing: int) -> Fraction:
    """What no split exceeds: the proved tail, or less where few enough blocks are tried one by one."""
    ceilings = [chance_within(looked(strata, sizes), missing, table.accept)]
    blocks = isqrt(4 * ADAPTIVE_STEPS_MAX // (max(1, len(strata) - 2) * (table.accept + 1) ** 2))
    if blocks >= COARSE_BLOCKS:
        ceilings.append(adaptive_ceiling(strata, sizes, missing, table.accept, -(-missing // blocks)))
    return min(ceilings)


def adaptive_ceiling(
    strata: Sequence[Stratum], sizes: Sequence[int], missing: int, accept: int, block: int
) -> Fraction:
    """The chance of a cheat who chooses stratum by stratum, knowing what was found so far.

    Works in blocks of chips, from the last stratum on. However a cheat splits, each stratum holds less than a
    block over whole ones, so at least `blocks` of them are whole; the others only make finding likelier.
    """
    table, room = _Found(strata, sizes, accept), 0
    blocks = max(0, -(-(missing - len(strata) * (block - 1)) // block))
    best: list[list[int] | None] = [[WHOLE] * (accept + 1)] + [None] * blocks
    for h in reversed(range(len(strata))):
        held = strata[h].chips // block
        room += held
        now: list[list[int] | None] = [None] * (blocks + 1)
        for total in (blocks,) if h == 0 else range(min(blocks, room) + 1):
            top = [0] * (accept + 1)
            for taken in range(min(held, total) + 1):
                later = best[total - taken]
                if later is not None:
                    top = list(map(max, top, _folded(later, table.row(h, taken * block))))
            now[total] = top
        best = now
    last = best[blocks]
    assert last is not None
    return Fraction(min(WHOLE, last[accept]), WHOLE)
