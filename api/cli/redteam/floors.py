"""What is found when the floor is drawn and held against the book?

Positions of two halls are drawn instead of chips. Off-book stock is found only so; and so is what one hall
lends another, where the ledger's own rule of findings sees one chip at two sites within six hours. Both are
played on a floor of as many positions as the plan has chips, or on a smaller one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, comb
from random import Random

from api.cli.redteam.cheats import CERTAIN_ONE_IN, Cheat
from api.cli.redteam.hall_visits import HallVisits
from api.cli.redteam.measured import LIMIT, PROMISED, Claim
from api.cli.redteam.target import Target, single
from api.cli.redteam.worlds import World, is_clean, random_seed
from ledger.book.rules.tallies import UNLISTED
from ledger.inspection.draw import draw
from ledger.inspection.plan import miss_probability

POSITIONS_MAX = 2_000
JUDGED_ONE_IN = 5  # the rule of findings takes milliseconds a world
TWICE, OFF_BOOK = "one chip shown twice", "off-book stock"
FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Floor:
    """Two halls of `half` positions each, of which `n` are drawn; `amiss` are empty, or hold dark chips."""

    half: int
    n: int
    accept: int
    amiss: int
    beta: Fraction

    @property
    def positions(self) -> int:
        """Of both halls."""
        return 2 * self.half


def floor_of(target: Target) -> Floor:
    """The plan turned round: all its visits in one stage, on two halls of equal size.

    A floor smaller than the frame is visited as densely, with as many positions amiss: those are missed at
    most as often.
    """
    half = max(1, min(target.chips, POSITIONS_MAX) // 2)
    n = min(2 * half, ceil(Fraction(target.visits * 2 * half, target.chips)))
    return Floor(half, n, target.stages[-1].accept, min(half, target.missing), target.beta)


def position_names(floor: Floor) -> tuple[list[str], list[str]]:
    """(those of the hall, those of the annex), place by place."""
    halls = [f"{site}#{place}" for site in HallVisits.sites for place in range(1, floor.half + 1)]
    return halls[: floor.half], halls[floor.half :]


def floor_worlds(floor: Floor, count: int, chance: Random) -> Iterator[World]:
    """So many draws of positions."""
    hall, annex = position_names(floor)
    frame = sorted(hall + annex)
    for _ in range(count):
        seed, randomness = random_seed(chance)
        drawn = tuple(each.chip for each in draw(seed, frame, floor.n))
        yield World(randomness, ({FLOOR: drawn},))


def floor_cheats(floor: Floor, visits: HallVisits) -> list[Cheat]:
    """What can be tried where positions are drawn."""
    return [_dark(floor), _never_there(floor), _lent(floor, visits), _lent_by_draw(floor, visits)]


def _dark(floor: Floor) -> Cheat:
    hall, annex = position_names(floor)
    stages = single(floor.accept, floor.n)
    chance = miss_probability(floor.positions, floor.amiss, floor.n, floor.accept)

    def play(world: World, luck: Random) -> bool:
        dark = set(luck.sample(hall + annex, floor.amiss))
        return is_clean(stages, [world.draws[0][FLOOR]], dark, lambda _: UNLISTED)

    where = f"{floor.amiss:,} of {floor.positions:,} positions"
    tried = f"chips nobody declared stand in {where}, of which {floor.n:,} are drawn"
    standing = PROMISED if chance <= floor.beta else LIMIT  # a floor may need a plan of its own
    return Cheat(Claim(OFF_BOOK, "prover", tried, standing, chance), play)


def _never_there(floor: Floor) -> Cheat:
    stages = single(floor.accept, floor.n)

    def play(world: World, _: Random) -> bool:
        nowhere: set[str] = set()
        return is_clean(stages, [world.draws[0][FLOOR]], nowhere, lambda _: UNLISTED)

    tried = "chips nobody declared stand at no site that anybody declared"
    return Cheat(Claim(OFF_BOOK, "prover", tried, LIMIT, Fraction(1)), play, CERTAIN_ONE_IN)


def lending_chance(floor: Floor) -> Fraction:
    """P(at most `accept` pairs are drawn whole): `amiss` pairs of a lender's place and the place it fills.

    Of comb(2 half, n) samples those with f whole pairs and j with one of two:
    comb(d, f) comb(d - f, j) 2^j comb(2 half - 2 d, n - 2 f - j).
    """
    pairs, others, n = floor.amiss, floor.positions - 2 * floor.amiss, floor.n
    ways = sum(
        comb(pairs, whole) * comb(pairs - whole, one) * 2**one * comb(others, n - 2 * whole - one)
        for whole in range(min(floor.accept, pairs) + 1)
        for one in range(min(pairs - whole, n - 2 * whole) + 1)
    )
    return Fraction(ways, comb(floor.positions, n))


def _stands(hall: Sequence[str], annex: Sequence[str]) -> dict[str, str]:
    """The chip at home in each position."""
    return {place: HallVisits.chip(number) for number, place in enumerate([*hall, *annex])}


def _lent(floor: Floor, visits: HallVisits) -> Cheat:
    hall, annex = position_names(floor)
    home = _stands(hall, annex)

    def play(world: World, luck: Random) -> bool:
        lenders, empty = luck.sample(hall, floor.amiss), luck.sample(annex, floor.amiss)
        there = home | {place: home[lender] for lender, place in zip(lenders, empty, strict=True)}
        return visits.is_clean(world.draws[0][FLOOR], there, floor.accept)

    tried = f"fills {floor.amiss:,} empty positions with chips of the other hall, lent before the draw"
    return Cheat(Claim(TWICE, "prover", tried, LIMIT, lending_chance(floor)), play, JUDGED_ONE_IN)


def _lent_by_draw(floor: Floor, visits: HallVisits) -> Cheat:
    hall, annex = position_names(floor)
    home = _stands(hall, annex)

    def play(world: World, luck: Random) -> bool:
        drawn = world.draws[0][FLOOR]
        known = set(drawn)
        empty = [place for place in luck.sample(annex, floor.amiss) if place in known]
        spare = [place for place in hall if place not in known]
        lent = {place: home[lender] for place, lender in zip(empty, spare, strict=False)}
        there = home | lent | {place: "" for place in empty[len(spare) :]}
        return visits.is_clean(drawn, there, floor.accept)

    tried = "sees the draw, and lends what was not drawn: every such chip is a `wrong_place`"
    return Cheat(Claim(TWICE, "prover", tried, LIMIT, Fraction(1)), play, CERTAIN_ONE_IN)
