"""Which sizes are just enough, where only a yes or no can be asked?

Searches for sizes over strata by a question that more visits never turn from yes to no: the lowest common
rate, the same without a stratum, lowered one by one, raised together. Knows nothing of what is asked.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from ledger.inspection.evasion import Stratum

Sizes = tuple[int, ...]
LEFT_OUT_MAX = 3


def even(strata: Sequence[Stratum], enough: Callable[[Sizes], bool], skip: int = -1) -> Sizes | None:
    """The lowest common rate, of finding a missing chip that is there, that is enough; None where none is."""
    steps = max(stratum.chips for stratum in strata)

    def at(step: int) -> Sizes:
        return tuple(
            0
            if h == skip or stratum.test_miss == 1
            else min(stratum.chips, ceil(stratum.chips * step / (1 - stratum.test_miss) / steps))
            for h, stratum in enumerate(strata)
        )

    too_few, most = -1, steps  # at a rate of 1 every chip is visited
    if not enough(at(most)):
        return None
    while most - too_few > 1:
        step = (too_few + most) // 2
        if enough(at(step)):
            most = step
        else:
            too_few = step
    return at(most)


def without_one(strata: Sequence[Stratum], missing: int, enough: Callable[[Sizes], bool]) -> list[Sizes]:
    """Starts that leave a small stratum out, which cannot hold all that is missing, and make up for it."""
    small = [h for h in range(len(strata)) if strata[h].chips < missing]
    few = sorted(small, key=lambda h: (strata[h].chips, h))[:LEFT_OUT_MAX]
    starts = [even(strata, enough, skip=h) for h in few] if len(strata) > 1 else []
    return [sizes for sizes in starts if sizes is not None]


def reduced(strata: Sequence[Stratum], sizes: Sizes, enough: Callable[[Sizes], bool]) -> Sizes:
    """Each stratum, dearest first, lowered as far as it can be; once is enough, as others only fall."""
    now = list(sizes)

    def is_enough(h: int, size: int) -> bool:
        return size >= 0 and enough((*now[:h], size, *now[h + 1 :]))

    for h in sorted(range(len(strata)), key=lambda h: (-strata[h].cost, -strata[h].chips, h)):
        most, step = now[h], 1
        while is_enough(h, most - step):  # most often not even one less is
            most -= step
            step *= 2
        too_few = max(-1, most - step)
        while most - too_few > 1:
            middle = (too_few + most) // 2
            if is_enough(h, middle):
                most = middle
            else:
                too_few = middle
        now[h] = most
    return tuple(now)


def raised(strata: Sequence[Stratum], sizes: Sizes, enough: Callable[[Sizes], bool]) -> Sizes:
    """Larger by a common share, as little as a few tries find, until no split is missed too often."""
    low, high = sizes, sizes
    share = 256
    while not enough(high):
        low, share = high, max(1, share // 2)
        high = tuple(
            min(stratum.chips, each + max(1, each // share))
            for stratum, each in zip(strata, high, strict=True)
        )
    while low != high:
        middle = tuple((a + b) // 2 for a, b in zip(low, high, strict=True))
        if middle == low:
            break
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def cost(strata: Sequence[Stratum], sizes: Sizes) -> Fraction:
    """What visits of these sizes cost, each at its stratum's price."""
    return sum((s.cost * size for s, size in zip(strata, sizes, strict=True)), Fraction(0))
