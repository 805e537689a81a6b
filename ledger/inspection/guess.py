"""Near which sizes and totals does the answer lie?

Quick estimates in binary floating point of what `evasion` and `hypergeometric` work out exactly: guides for a
search, whose result is then decided on exact values. Nothing here may decide. None found is accepted; the
parameters were checked. Knows no chip, party or draw.
"""

from collections.abc import Sequence
from math import ceil, exp, floor, inf, lgamma, log, log1p, sqrt

FEW = 40
"""Factors that are multiplied one by one; above, gammas are near enough."""
LEVEL_STEPS_MAX = 80
TERM_MIN = 1e-17


def split_near(shapes: Sequence[tuple[int, int, float]], missing: int) -> list[int]:
    """About the split of `missing` that is missed most often; shapes are (chips, drawn, chance to overlook).

    One common level of the factors by which a chip more lowers a stratum's miss, then the best steps.
    """
    free = [chips if drawn == 0 or t >= 1 else 0 for chips, drawn, t in shapes]
    if sum(free) >= missing:
        split, left = [], missing
        for chips in free:
            split.append(min(chips, left))
            left -= split[-1]
        return split
    left = missing - sum(free)
    bound = [h for h, chips in enumerate(free) if not chips and shapes[h][0]]
    level = _level([shapes[h] for h in bound], left)
    split = list(free)
    for h in bound:
        split[h] = floor(_taken(*shapes[h], level))
    short = missing - sum(split)
    while short:
        more = short > 0
        movable = [h for h in bound if (split[h] < shapes[h][0] if more else split[h] > 0)]
        movable.sort(key=lambda h: factor_near(*shapes[h], split[h] - (not more)), reverse=more)
        # Where many are left the factors do not fall (all is visited, all is lost): in bulk then.
        bulk = len(movable) == 1 or abs(short) > 2 * len(movable)
        for h in movable[: abs(short)]:
            room = shapes[h][0] - split[h] if more else split[h]
            moved = min(abs(short), room if bulk else 1)
            split[h] += moved if more else -moved
            short -= moved if more else -moved
    return split


def _taken(chips: int, drawn: int, t: float, level: float) -> float:
    """About how many chips have a factor above 1 - 1 / level, 1 <= level."""
    find = 1 - t
    slope = find * level - 1
    if slope <= 0:
        return float(chips)
    return min(max((level - 1) * (chips - drawn * find * level) / slope, 0.0), float(chips))


def _level(shapes: Sequence[tuple[int, int, float]], missing: int) -> float:
    """Where the strata together take just about `missing`: the total falls as the level rises."""

    def excess(level: float) -> float:
        return sum([_taken(*shape, level) for shape in shapes]) - missing

    low, high = 1.0, max(chips / (drawn * (1 - t)) for chips, drawn, t in shapes) + 1
    above, below = excess(low), excess(high)
    for step in range(LEVEL_STEPS_MAX):
        if step % 3 == 2 or not above > below:
            middle = sqrt(low * high)
        else:  # between the ends in proportion
            middle = low + (high - low) * above / (above - below)
        if not low < middle < high:
            break
        there = excess(middle)
        if abs(there) < 0.5:
            return middle
        if there > 0:
            low, above = middle, there
        else:
            high, below = middle, there
    return high


def factor_near(chips: int, drawn: int, t: float, taken: int) -> float:
    """About the factor by which one chip more, after `taken`, lowers the miss."""
    left = chips - taken
    middle = left - taken * t - drawn * (1 - t)
    if t == 0:
        return max(0.0, middle / left)
    return min(1.0, (middle + sqrt(middle * middle + 4 * left * taken * t)) / (2 * left))


def log_miss(chips: int, drawn: int, t: float, taken: int) -> float:
    """About the logarithm of the chance that none of the chips taken is found."""
    if drawn == 0 or taken == 0 or t >= 1:
        return 0.0
    if t > 0:
        return _log_overlooked(chips, drawn, t, taken)
    if drawn + taken > chips:
        return -inf
    few, many = min(drawn, taken), max(drawn, taken)
    if few <= FEW:
        return sum([log1p(-many / (chips - i)) if many < chips - i else -inf for i in range(few)])
    gammas = lgamma(chips - taken + 1) + lgamma(chips - drawn + 1)
    return gammas - lgamma(chips - taken - drawn + 1) - lgamma(chips + 1)


def _log_overlooked(chips: int, drawn: int, t: float, taken: int) -> float:
    """Over the number of missing chips that are drawn, summed from the most likely one outwards."""
    spare = chips - drawn - taken
    fewest, most = max(0, -spare), min(drawn, taken)
    b = spare + 2 + t * (drawn + taken)
    c = spare + 1 - t * drawn * taken
    root = -2 * c / (b + sqrt(max(0.0, b * b - 4 * (1 - t) * c))) if c < 0 else 0.0
    peak = min(max(ceil(root), fewest), most)
    total = 1.0
    for step in (1, -1):
        term, x = 1.0, peak
        while term > TERM_MIN * total and (x < most if step > 0 else x > fewest):
            if step > 0:
                term *= (taken - x) * (drawn - x) * t / ((x + 1) * (spare + x + 1))
            else:
                term *= x * (spare + x) / ((taken - x + 1) * (drawn - x + 1) * t)
            total += term
            x += step
    return (
        log(total)
        + peak * log(t)
        + _log_ways(taken, peak)
        + (_log_ways(chips - taken, drawn - peak) - _log_ways(chips, drawn))
    )


def _log_ways(whole: int, part: int) -> float:
    part = min(part, whole - part)
    if part <= FEW:
        return sum([log((whole - i) / (i + 1)) for i in range(part)])
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)


class Guess:
    """What the best split of `missing` is missed with, about, for ever other sizes."""

    def __init__(self, chips: Sequence[int], overlooks: Sequence[float]) -> None:
        self._chips, self._overlooks = chips, overlooks
        self._logs: dict[tuple[int, int, int], float] = {}

    def log_miss(self, sizes: Sequence[int], missing: int) -> float:
        """The logarithm for the split that is about the best."""
        shapes = list(zip(self._chips, sizes, self._overlooks, strict=True))
        total = 0.0
        for h, taken in enumerate(split_near(shapes, missing)):
            if taken and sizes[h]:
                key = h, sizes[h], taken
                if key not in self._logs:
                    self._logs[key] = log_miss(*shapes[h], taken)
                total += self._logs[key]
        return total

    def within(self, sizes: Sequence[int], missing: int, log_beta: float) -> bool:
        """Whether that seems to be at most beta."""
        return self.log_miss(sizes, missing) <= log_beta


def log_of(chance: float) -> float:
    """The logarithm of a chance, of 0 too."""
    return log(chance) if chance > 0 else -inf


def chance_of(logarithm: float) -> float:
    """And back."""
    return exp(logarithm)
