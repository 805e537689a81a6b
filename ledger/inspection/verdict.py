"""What does a finished sample say about how many chips are gone in the whole frame?

Exact bounds by inverting the hypergeometric law: a total is ruled out when what was observed, or anything
more extreme, has probability alpha or less under it, however a cheat split it over the strata. So a sample
planned for d missing chips that finds none bounds the total below d. Whoever states an upper bound asks
`upper_bound_of`, planner and judge alike. Its work is bounded and counted, never timed. Wrong parameters
raise ValueError naming the parameter. Knows no findings, chips or plans.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt

from ledger.inspection.ceiling import Looked, ceiling
from ledger.inspection.evasion import STRATA_MAX, Stratum, product_at_most, unseen, unseen_split
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX, Sampling, at_most
from ledger.inspection.plan import check_probability, check_whole
from ledger.inspection.splits import EverySplit

FOUND_BY_WEAK_TESTS_MAX = 20_000
"""Above this, what a test that misses found is bounded from above only; a perfect test is always exact."""
SUPPORT_MAX = 8_000
"""Up to so many values of the missing among the drawn, in all strata with weak tests, splits are sought."""


def upper_bound_of(
    strata: Sequence[tuple[int, int]],
    observed: int,
    alpha: Fraction,
    test_miss: Fraction | Sequence[Fraction] = Fraction(0),
) -> int:
    """The largest missing total some split of which keeps P(at most `observed` found) > alpha.

    `strata` are (frame, n) pairs, none where there is no frame; `observed` were found among all that were
    drawn, each missing one overlooked with `test_miss`, one for all strata or one for each. Never too low.
    Exact for one stratum, where nothing was observed, and where few enough splits are to be tried; else the
    ceiling of `ceiling`, a few percent above at most. Weak tests that found over 20,000, or leave a support
    of over 8,000 values, have the ceiling too.
    """
    looked = _checked(strata, observed, alpha, test_miss)
    unseen_chips = sum(stratum.chips for stratum in looked if stratum.rate == 0)
    seen = [stratum for stratum in looked if stratum.rate]
    if not seen:
        return unseen_chips
    top = ceiling(seen, observed, alpha)
    if len(seen) == 1:
        return unseen_chips + _of_one(seen[0], observed, alpha, top)
    if observed == 0:
        return unseen_chips + _of_none(seen, alpha, top)
    every = EverySplit(seen, observed)
    if every.is_affordable:
        top = _largest(lambda total: every.exceeds(total, alpha), top)
    return unseen_chips + top


def upper_bound(frame: int, n: int, observed: int, alpha: Fraction) -> int:
    """The largest missing total D with P(X <= observed | D) > alpha, `observed` being missing among `n`."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    return upper_bound_of([(frame, n)], observed, alpha)


def lower_bound(frame: int, n: int, observed: int, alpha: Fraction) -> int:
    """The smallest missing total D with P(X >= observed | D) > alpha."""
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("n", n, 0, frame)
    check_whole("observed", observed, 0, n)
    # The same bound, seen from the chips that are present.
    return frame - upper_bound(frame, n, n - observed, alpha)


def _checked(
    strata: Sequence[tuple[int, int]],
    observed: int,
    alpha: Fraction,
    test_miss: Fraction | Sequence[Fraction],
) -> list[Looked]:
    check_whole("strata", len(strata), 0, STRATA_MAX)
    for frame, n in strata:
        check_whole("frame", frame, 0, FRAME_CHIPS_MAX)
        check_whole("n", n, 0, frame)
    check_whole("frame", sum(frame for frame, _ in strata), 0, FRAME_CHIPS_MAX)
    check_whole("observed", observed, 0, sum(n for _, n in strata))
    check_probability("alpha", alpha)
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie strictly between 0 and 1")
    misses = list(test_miss) if isinstance(test_miss, Sequence) else [test_miss] * len(strata)
    if len(misses) != len(strata):
        raise ValueError("test_miss must be one for all strata or one for each")
    for miss in misses:
        check_probability("test_miss", miss)
    return [Looked(frame, n, miss) for (frame, n), miss in zip(strata, misses, strict=True) if frame]


def _of_one(stratum: Looked, observed: int, alpha: Fraction, top: int) -> int:
    chips, drawn, test_miss = stratum
    if test_miss and observed > FOUND_BY_WEAK_TESTS_MAX:
        return top

    def is_possible(total: int) -> bool:
        return not at_most(Sampling(chips, total, drawn, observed, test_miss), alpha)

    return _largest(is_possible, min(top, chips if test_miss else chips - drawn + observed))


def _of_none(looked: Sequence[Looked], alpha: Fraction, top: int) -> int:
    """The total whose best split leaves none found: log-concave factors, so that split is known."""
    if sum(_support(stratum, top) for stratum in looked if stratum.test_miss) > SUPPORT_MAX:
        return top
    strata = [Stratum(stratum.chips, stratum.test_miss) for stratum in looked]
    sizes = [stratum.drawn for stratum in looked]

    def is_possible(total: int) -> bool:
        split = unseen_split(strata, sizes, total)
        return not product_at_most(unseen(strata, sizes, split), alpha)

    return _largest(is_possible, top)


def _support(stratum: Looked, missing: int) -> int:
    """About how many numbers of missing chips among the drawn are likely, at most."""
    expected = stratum.drawn * min(stratum.chips, missing) // stratum.chips
    return min(stratum.drawn, missing, 24 * (isqrt(expected) + 1))


def _largest(is_possible: Callable[[int], bool], top: int) -> int:
    """The largest possible total up to `top`, near which it lies; none is possible above one that is not."""
    ruled_out, step = top + 1, 1
    while ruled_out - step > 0 and not is_possible(ruled_out - step):
        ruled_out -= step
        step *= 2
    possible = max(0, ruled_out - step)
    while ruled_out - possible > 1:
        total = (possible + ruled_out) // 2
        if is_possible(total):
            possible = total
        else:
            ruled_out = total
    return possible
