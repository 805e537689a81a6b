"""What does a finished sample say about how many chips are gone in the whole frame?

Exact bounds by inverting the hypergeometric law: a total is ruled out when what was observed, or anything
more extreme, has probability alpha or less under it. So a sample planned for d missing chips that finds
none bounds the total below d. Wrong parameters raise ValueError naming the parameter. Knows no findings,
chips or plans.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import comb

from ledger.inspection.allowance import evaded_at_most
from ledger.inspection.evasion import Stratum, check_plan
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX, Sampling, at_most
from ledger.inspection.plan import check_probability, check_whole

FIXED_POINT_BITS = 512
"""With these a split of one in 10^150 is still told from an impossible one."""


def upper_bound(frame: int, n: int, observed: int, alpha: Fraction) -> int:
    """The largest missing total D with P(X <= observed | D) > alpha, `observed` being missing among `n`."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("n", n, 0, frame)
    check_whole("observed", observed, 0, n)
    check_probability("alpha", alpha)
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie strictly between 0 and 1")
    possible = observed
    ruled_out = frame - n + observed + 1
    while ruled_out - possible > 1:  # the probability never grows with D
        total = (possible + ruled_out) // 2
        if at_most(Sampling(frame, total, n, observed, Fraction(0)), alpha):
            ruled_out = total
        else:
            possible = total
    return possible


def upper_bound_in_strata(
    strata: Sequence[Stratum], sizes: Sequence[int], observed: int, alpha: Fraction
) -> int:
    """The largest missing total some split of which keeps P(X <= observed) > alpha, X over all strata.

    Exact for one stratum or where none was observed; otherwise never too low. A test that misses counts as
    planned: what was observed is what was found.
    """
    frame = sum(stratum.chips for stratum in strata)
    check_plan(strata, sizes, 0)
    check_whole("observed", observed, 0, sum(sizes))
    check_probability("alpha", alpha)
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie strictly between 0 and 1")
    possible, ruled_out = observed, frame + 1
    while ruled_out - possible > 1:  # one chip more in any split never makes finding few likelier
        total = (possible + ruled_out) // 2
        if evaded_at_most(strata, sizes, total, alpha, observed):
            ruled_out = total
        else:
            possible = total
    return possible


def lower_bound(frame: int, n: int, observed: int, alpha: Fraction) -> int:
    """The smallest missing total D with P(X >= observed | D) > alpha."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("n", n, 0, frame)
    check_whole("observed", observed, 0, n)
    # The same bound, seen from the chips that are present.
    return frame - upper_bound(frame, n, n - observed, alpha)


def worst_upper_bound(strata: Sequence[tuple[int, int]], observed: int, alpha: Fraction) -> int:
    """The largest missing total whose worst split over the strata has P(X <= observed) > alpha.

    `strata` are (frame, n) pairs, `observed` is missing among all that were drawn. 0 where there is no frame.
    The worst split is sought by moving ever fewer chips between strata until no single one helps: for
    nothing observed that is the worst there is, because each factor is log-concave. Every probability that
    decides is a ratio of whole numbers.
    """
    for frame, n in strata:
        check_whole("frame", frame, 0, FRAME_CHIPS_MAX)
        check_whole("n", n, 0, frame)
    check_whole("observed", observed, 0, sum(n for _, n in strata))
    check_probability("alpha", alpha)
    unseen = sum(frame for frame, n in strata if n == 0)
    seen = [(frame, n) for frame, n in strata if n > 0]
    if len(seen) <= 1:
        return unseen + (upper_bound(*seen[0], observed, alpha) if seen else 0)
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie strictly between 0 and 1")
    splits = _Splits(tuple(seen), observed)
    most = sum(frame - n for frame, n in seen) + observed
    split, possible, step, growing = splits.first(), observed, 1, True
    while step:  # first ever longer steps, so that nothing far beyond the bound is counted
        wider = splits.worst(split, step) if possible + step <= most else None
        if wider is not None and splits.exceeds(wider, alpha):
            split, possible = wider, possible + step
        else:
            growing = False
        step = step * 2 if growing else step // 2
    return unseen + possible


class _Splits:
    """How likely are splits of missing chips over strata to show at most `observed`?

    Splits are compared by fixed-point probabilities, rounded down alike everywhere; a threshold is decided
    on the exact ratio.
    """

    def __init__(self, strata: tuple[tuple[int, int], ...], observed: int) -> None:
        self._strata = strata
        self._observed = observed
        self._rounded: dict[tuple[int, int], list[int]] = {}

    def first(self) -> list[int]:
        """As many missing as were observed: they show at most that many wherever they are."""
        split, left = [], self._observed
        for frame, _ in self._strata:
            split.append(min(frame, left))
            left -= split[-1]
        return split

    def worst(self, split: Sequence[int], more: int) -> list[int]:
        """Of the ways to add `more` missing chips to a split the likeliest to pass, and bettered by moves."""
        starts = [self._spread(split, more)]
        starts += [
            [missing + more * (place == here) for here, missing in enumerate(split)]
            for place, (frame, _) in enumerate(self._strata)
            if split[place] + more <= frame
        ]
        best = max(starts, key=self.weight)
        step = 1 << max(more.bit_length(), 1)
        while step:
            moved = self._moved(best, step)
            if moved is None:
                step >>= 1
            else:
                best = moved
        return best

    def exceeds(self, split: Sequence[int], alpha: Fraction) -> bool:
        """Whether the split shows at most `observed` with a probability above alpha, exactly."""
        ways, whole = [1], 1
        for (frame, n), missing in zip(self._strata, split, strict=True):
            ways = self._joined(ways, _ways(frame, n, missing, self._observed))
            whole *= comb(frame, min(n, missing))
        return sum(ways) * alpha.denominator > alpha.numerator * whole

    def weight(self, split: Sequence[int]) -> int:
        """P(X <= observed) in fixed point."""
        ways = [1 << FIXED_POINT_BITS]
        for place, missing in enumerate(split):
            joined = self._joined(ways, self._likely(place, missing))
            ways = [each >> FIXED_POINT_BITS for each in joined]
        return sum(ways)

    def _moved(self, split: list[int], step: int) -> list[int] | None:
        """Of the splits that differ by `step` chips in two strata the likeliest, if it is likelier."""
        best, weight = None, self.weight(split)
        for giver in range(len(split)):
            for taker in range(len(split)):
                if giver == taker or split[giver] < step:
                    continue
                if split[taker] + step > self._strata[taker][0]:
                    continue
                other = list(split)
                other[giver] -= step
                other[taker] += step
                found = self.weight(other)
                if found > weight:
                    best, weight = other, found
        return best

    def _spread(self, split: Sequence[int], more: int) -> list[int]:
        """Added in proportion to what was not drawn."""
        spread = list(split)
        rooms = [frame - n for frame, n in self._strata]
        for place, room in enumerate(rooms):
            spread[place] += min(more * room // max(1, sum(rooms)), self._strata[place][0] - spread[place])
        left = sum(split) + more - sum(spread)
        for place, (frame, _) in enumerate(self._strata):
            some = min(left, frame - spread[place])
            spread[place] += some
            left -= some
        return spread

    def _likely(self, place: int, missing: int) -> list[int]:
        """P(X = x) of one stratum for x from 0 to `observed`, in fixed point."""
        key = place, missing
        if key not in self._rounded:
            frame, n = self._strata[place]
            whole = comb(frame, min(n, missing))
            ways = _ways(frame, n, missing, self._observed)
            self._rounded[key] = [(each << FIXED_POINT_BITS) // whole for each in ways]
        return self._rounded[key]

    def _joined(self, left: Sequence[int], right: Sequence[int]) -> list[int]:
        """The counts of a sum, as far as `observed`."""
        joined = [0] * (self._observed + 1)
        for x, some in enumerate(left):
            if some:
                for y in range(self._observed + 1 - x):
                    if y < len(right):
                        joined[x + y] += some * right[y]
        return joined


def _ways(frame: int, n: int, missing: int, observed: int) -> list[int]:
    """For x from 0 to `observed`: of the comb(frame, min(n, missing)) ways those that show x missing.

    The smaller of the two sets is placed against the other.
    """
    size, picked = min(n, missing), max(n, missing)
    fewest, most = max(0, size + picked - frame), min(size, observed)
    ways = [0] * (observed + 1)
    if fewest > most:
        return ways
    some = comb(picked, fewest) * comb(frame - picked, size - fewest)
    for x in range(fewest, most + 1):
        ways[x] = some
        some = some * (picked - x) * (size - x) // ((x + 1) * (frame - picked - size + x + 1))
    return ways
