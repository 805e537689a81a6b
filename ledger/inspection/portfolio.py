"""How many chips of each kind must be visited so that losing a given total weight is rarely missed?

Kinds of chip weigh differently, say by what they compute; a cheat wants at least `goal` in any mix. The
formula of safeguards sizes each kind alone, n = ceil(N (1 - beta^(w / M))), and no mix is missed more often
than beta: 1 - x / y is log-concave, so the factors of a mix multiply to at most beta^(sum of w d / M). The
worst mix is found by a search that a Lagrange multiplier bounds, exact in what it compares. Wrong parameters
raise ValueError naming the parameter. Knows no model, price, party or draw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from ledger.inspection.approximations import size_for_power
from ledger.inspection.evasion import STRATA_MAX, Evasion, product
from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX, Sampling, enclose
from ledger.inspection.plan import Planned, check_exact, check_probability, check_whole, presence

WEIGHT_MAX = Fraction(10**60)
TAKEN_MAX = 100_000
"""Most chips of all kinds together that a mix may have to be made of, one kind at a time."""
NODES_MAX = 200_000
DIGITS = 50
MARGIN = Decimal(1).scaleb(-35)
"""Logarithms closer than this are compared by whole numbers."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`chips` of weight `weight` each."""

    chips: int
    weight: Fraction
    test_miss: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class BelowGoal:
    """All kinds together weigh `total`, less than the goal: there is nothing to detect."""

    total: Fraction


def formula_sizes(
    kinds: Sequence[Kind], goal: Fraction, beta: Fraction, *, capped: bool = False
) -> tuple[int, ...] | BelowGoal:
    """ceil(N (1 - beta^(w / M))) of each kind, which keeps every mix within beta, for perfect tests.

    `capped` takes min(1, w / M): a chip heavier than the goal is then worth no more than the goal.
    """
    _check(kinds, goal, beta)
    if (below := _below(kinds, goal)) is not None:
        return below
    return tuple(
        size_for_power(
            Fraction(kind.chips), beta, min(Fraction(1), kind.weight / goal) if capped else kind.weight / goal
        )
        for kind in kinds
    )


def lone_sizes(kinds: Sequence[Kind], goal: Fraction, beta: Fraction) -> tuple[int | None, ...] | BelowGoal:
    """The exact size of each kind as if all were taken from it; None where it cannot hold the goal.

    Used as a plan this may fail against mixtures: ask `worst_mix`.
    """
    _check(kinds, goal, beta)
    if (below := _below(kinds, goal)) is not None:
        return below
    sizes: list[int | None] = []
    for kind in kinds:
        needed = math.ceil(goal / kind.weight)
        plan = presence(kind.chips, needed, beta, 0, kind.test_miss) if needed <= kind.chips else None
        sizes.append(plan.n if isinstance(plan, Planned) else None)
    return tuple(sizes)


def worst_mix(kinds: Sequence[Kind], sizes: Sequence[int], goal: Fraction) -> Evasion | BelowGoal:
    """The mix of at least the goal that is most often missed; of equal ones the lexicographically smallest.

    `at_most` is above `miss` only where the search had to stop, after 200,000 steps.
    """
    _check(kinds, goal, Fraction(1))
    if len(sizes) != len(kinds):
        raise ValueError("sizes must be one for each kind")
    for kind, size in zip(kinds, sizes, strict=True):
        check_whole("sizes", size, 0, kind.chips)
    if (below := _below(kinds, goal)) is not None:
        return below
    scale = math.lcm(*(kind.weight.denominator for kind in kinds))
    weights = [int(kind.weight * scale) for kind in kinds]
    return _Search(kinds, sizes, weights, math.ceil(goal * scale)).run()


def mix_samplings(kinds: Sequence[Kind], sizes: Sequence[int], taken: Sequence[int]) -> list[Sampling]:
    """Per kind the sampling whose miss is that none of the chips taken is found."""
    return [
        Sampling(kind.chips, each, size, 0, kind.test_miss)
        for kind, size, each in zip(kinds, sizes, taken, strict=True)
        if kind.chips
    ]


class _Search:
    """Depth first over the kinds in order; log(miss) plus multiplier times weight bounds what is to come."""

    def __init__(
        self, kinds: Sequence[Kind], sizes: Sequence[int], weights: Sequence[int], goal: int
    ) -> None:
        self.kinds, self.sizes, self.weights, self.goal = kinds, sizes, weights, goal
        self.caps = [min(self._ever_missed(h), -(-goal // weights[h])) for h in range(len(kinds))]
        self.best: tuple[int, ...] | None = None
        self.best_log = Decimal("-Infinity")
        self.nodes = 0

    def run(self) -> Evasion:
        if self._weight(self.caps) < self.goal:  # every mix draws a missing chip for sure
            return Evasion(self._first([kind.chips for kind in self.kinds]), Fraction(0), Fraction(0))
        free = [
            cap if size == 0 or kind.test_miss == 1 else 0
            for kind, size, cap in zip(self.kinds, self.sizes, self.caps, strict=True)
        ]
        if self._weight(free) >= self.goal:
            return Evasion(self._first(free), Fraction(1), Fraction(1))
        if sum(self.caps) > TAKEN_MAX:
            raise ValueError(f"goal must be within {TAKEN_MAX} chips, each kind taken alone")
        with localcontext(Context(prec=DIGITS)):
            self.logs = [self._log_misses(h) for h in range(len(self.kinds))]
            self.multiplier = self._multiplier()
            tops = [max(self._gain(h, d) for d in range(self.caps[h] + 1)) for h in range(len(self.kinds))]
            self.suffix = [sum(tops[h:], Decimal(0)) for h in range(len(tops) + 1)]
            self._offer(tuple(self._rounded_down_to_goal()))
            self._descend((), Decimal(0), self.goal)
            assert self.best is not None
            miss = product(mix_samplings(self.kinds, self.sizes, self.best))
            if self.nodes < NODES_MAX:
                return Evasion(self.best, miss, miss)
            bound = (self.suffix[0] - self.multiplier * self.goal + MARGIN).exp()
            return Evasion(self.best, miss, max(miss, Fraction(bound)))

    def _ever_missed(self, h: int) -> int:
        kind, size = self.kinds[h], self.sizes[h]
        return kind.chips - size if kind.test_miss == 0 else kind.chips

    def _weight(self, taken: Sequence[int]) -> int:
        return sum(w * d for w, d in zip(self.weights, taken, strict=True))

    def _first(self, caps: Sequence[int]) -> tuple[int, ...]:
        """The lexicographically smallest mix of the goal within these caps."""
        taken: list[int] = []
        for h, weight in enumerate(self.weights):
            later = sum(w * c for w, c in zip(self.weights[h + 1 :], caps[h + 1 :], strict=True))
            short = self.goal - self._weight_so_far(taken) - later
            taken.append(max(0, -(-short // weight)))
        return tuple(taken)

    def _weight_so_far(self, taken: Sequence[int]) -> int:
        return sum(w * d for w, d in zip(self.weights, taken, strict=False))

    def _log_misses(self, h: int) -> list[Decimal]:
        kind, size = self.kinds[h], self.sizes[h]
        if size == 0 or kind.test_miss == 1:
            return [Decimal(0)] * (self.caps[h] + 1)
        if kind.test_miss:
            return [miss.ln() for miss in _weak_misses(kind, size, self.caps[h])]
        misses = [Decimal(1)]
        for d in range(self.caps[h]):
            misses.append(misses[-1] * (kind.chips - size - d) / (kind.chips - d))
        return [miss.ln() for miss in misses]

    def _gain(self, h: int, taken: int) -> Decimal:
        return self.logs[h][taken] + self.multiplier * (self.weights[h] * taken)

    def _multiplier(self) -> Decimal:
        """The price of weight at which the cheat, kind by kind, would just take the goal."""
        low, high = Decimal(0), Decimal(1)
        while self._weight(self._wanted(high)) < self.goal:
            high *= 2
        for _ in range(100):
            middle = (low + high) / 2
            if self._weight(self._wanted(middle)) < self.goal:
                low = middle
            else:
                high = middle
        return high

    def _wanted(self, price: Decimal) -> list[int]:
        wanted = []
        for logs, weight, cap in zip(self.logs, self.weights, self.caps, strict=True):
            low, high = 0, cap  # the steps of the logarithm fall, so the last worthwhile one is bisected
            while low < high:
                middle = (low + high) // 2
                if logs[middle + 1] - logs[middle] + price * weight >= 0:
                    low = middle + 1
                else:
                    high = middle
            wanted.append(low)
        return wanted

    def _rounded_down_to_goal(self) -> list[int]:
        """A good mix to start from: the wanted one, less whatever can be left."""
        taken = self._wanted(self.multiplier)
        order = sorted(range(len(taken)), key=lambda h: -self.weights[h])
        for h in order:
            taken[h] -= min(taken[h], max(0, self._weight(taken) - self.goal) // self.weights[h])
        return taken

    def _descend(self, taken: tuple[int, ...], log: Decimal, short: int) -> None:
        h = len(taken)
        if self.nodes >= NODES_MAX:
            return
        self.nodes += 1
        if short <= 0:
            self._offer(taken + (0,) * (len(self.kinds) - h))
            return
        if h == len(self.kinds):
            return
        if h == len(self.kinds) - 1:
            needed = -(-short // self.weights[h])
            if needed <= self.caps[h]:
                self._offer((*taken, needed))
            return
        last = min(self.caps[h], -(-short // self.weights[h]))
        for each in range(last + 1):
            rest = short - self.weights[h] * each
            bound = log + self.logs[h][each]
            if rest > 0:
                bound += min(Decimal(0), self.suffix[h + 1] - self.multiplier * rest)
            if bound >= self.best_log - MARGIN:
                self._descend((*taken, each), log + self.logs[h][each], rest)

    def _offer(self, taken: tuple[int, ...]) -> None:
        log = sum((self.logs[h][each] for h, each in enumerate(taken)), Decimal(0))
        if (
            self.best is None
            or log > self.best_log + MARGIN
            or (log >= self.best_log - MARGIN and self._beats(taken, self.best))
        ):
            self.best, self.best_log = taken, log

    def _beats(self, taken: tuple[int, ...], best: tuple[int, ...]) -> bool:
        mine, theirs = (mix_samplings(self.kinds, self.sizes, each) for each in (taken, best))
        alike = sorted(map(repr, mine)) == sorted(map(repr, theirs))
        if not alike and (a := product(mine)) != (b := product(theirs)):
            return a > b
        return taken < best


def _weak_misses(kind: Kind, size: int, most: int) -> list[Decimal]:
    """The misses of 0 to `most` missing chips by a test that overlooks some, to nearly DIGITS digits.

    By the three-term recurrence that `evasion` follows too, as long as it only adds; then one by one.
    """
    whole, overlook = kind.test_miss.denominator, kind.test_miss.numerator
    found = size * (whole - overlook)
    misses = [Decimal(1)]
    for d in range(most):
        fewer = (kind.chips - d) * whole - d * overlook - found
        if fewer <= 0:
            sampling = Sampling(kind.chips, d + 1, size, 0, kind.test_miss)
            misses.append(enclose(sampling, DIGITS, 4 * DIGITS)[1])
            continue
        pulled = d * overlook * misses[d - 1] if d else 0
        misses.append((fewer * misses[d] + pulled) / ((kind.chips - d) * whole))
    return misses


def _below(kinds: Sequence[Kind], goal: Fraction) -> BelowGoal | None:
    total = sum((kind.chips * kind.weight for kind in kinds), Fraction(0))
    return BelowGoal(total) if total < goal else None


def _check(kinds: Sequence[Kind], goal: Fraction, beta: Fraction) -> None:
    check_whole("kinds", len(kinds), 1, STRATA_MAX)
    for kind in kinds:
        check_whole("chips", kind.chips, 0, FRAME_CHIPS_MAX)
        check_exact("weight", kind.weight, 1 / WEIGHT_MAX, WEIGHT_MAX)
        check_probability("test_miss", kind.test_miss)
    check_exact("goal", goal, 1 / WEIGHT_MAX, WEIGHT_MAX)
    check_probability("beta", beta)
    if beta == 0:
        raise ValueError("beta must be above 0: the formula has no answer at certainty")
