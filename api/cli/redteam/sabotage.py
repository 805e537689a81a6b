"""Would a broken promise be noticed?

Small worlds in which one mechanism is taken away on purpose: each must come out far worse than promised, or a
report that finds nothing amiss would mean nothing. Their frames are their own, so that what is noticed here
does not hang on the plan under attack. Nothing else uses these mechanisms.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from random import Random

from api.cli.redteam.cheats import Crime
from api.cli.redteam.floors import floor_cheats, floor_of, floor_worlds
from api.cli.redteam.hall_visits import HallVisits
from api.cli.redteam.measured import PROMISED, Claim, Measured, measured
from api.cli.redteam.target import PPM, Target, clean_chance, single, worst
from api.cli.redteam.worlds import World, chips_of, is_clean, random_seed, selections, worlds
from ledger.book.rules.tallies import CONFIRMED, MISMATCH, NOT_FOUND
from ledger.inspection.evasion import Stratum
from ledger.inspection.plan import Planned, presence
from ledger.inspection.stages import Stage

BETA = Fraction(1, 20)
SKIPPED_ONE_IN = 3
STATED_MISS_PPM, REAL_MISS_PPM = 100_000, 400_000
CONTROL = "control"
JUDGED_ONE_IN = 10

Play = Callable[[World, Random], bool]


@dataclass(frozen=True, slots=True)
class Control:
    """A world whose promise is broken on purpose, and how often the cheat came through."""

    broken: str
    row: Measured

    @property
    def noticed(self) -> bool:
        """Whether more came through than any band of the promise allows."""
        return self.row.clean > self.row.high


def controls(count: int, seed: str) -> Iterator[Control]:
    """Every control, in `count` worlds of its own or a tenth of them where plays are slow."""
    for number, make in enumerate(CONTROLS):
        yield make(count, Random(f"{seed} control {number}"))


def _whole(missing: int, n: int, *, chips: int = 100, miss_ppm: int = 0) -> Target:
    strata = (Stratum(chips, Fraction(miss_ppm, PPM)),)
    return Target(("all",), strata, single(0, n), missing, BETA, 0)


def _planned(missing: int, *, chips: int = 100, miss_ppm: int = 0) -> Target:
    """A plan of one stratum as the planner gives it."""
    plan = presence(chips, missing, BETA, 0, Fraction(miss_ppm, PPM))
    assert isinstance(plan, Planned)
    return _whole(missing, plan.n, chips=chips, miss_ppm=miss_ppm)


def _control(
    broken: str, target: Target, count: int, luck: Random, play: Play, *, promise: Fraction | None = None
) -> Control:
    """Played in worlds of the target, against what it would promise if nothing were broken."""
    chance = clean_chance(target, worst(target).split) if promise is None else promise
    came_through = sum(play(world, luck) for world in worlds(target, count, luck, target.missing))
    return Control(broken, measured(Claim(CONTROL, "", broken, PROMISED, chance), came_through, count))


def _crime(target: Target) -> Crime:
    return Crime(target, chips_of(target), worst(target).split)


def _known_seed(count: int, luck: Random) -> Control:
    target = _planned(10)
    chips = chips_of(target)["all"]

    def play(world: World, chance: Random) -> bool:
        drawn = selections(target, world)
        safe = sorted(set(chips) - set(drawn[0]))
        return is_clean(target.stages, drawn, set(chance.sample(safe, 10)), lambda _: NOT_FOUND)

    broken = "the seed is known before the commitment: the cheat takes what is not drawn"
    return _control(broken, target, count, luck, play)


def _tickets_by_place(count: int, luck: Random) -> Control:
    """A ticket from a chip's place in the list, which the cheat may put in another order once it knows."""
    target = _planned(10)
    (size,) = target.stages[0].sizes
    chips = list(chips_of(target)["all"])

    def play(_: World, chance: Random) -> bool:
        gone, (seed, _randomness) = set(chance.sample(chips, 10)), random_seed(chance)
        places = sorted(range(len(chips)), key=lambda place: sha256(seed + str(place).encode()).digest())
        order = sorted(chips, key=gone.__contains__)  # the missing last, onto the places drawn last
        listed = dict(zip(places, order, strict=True))
        drawn = [[listed[place] for place in places[:size]]]
        return is_clean(target.stages, drawn, gone, lambda _: NOT_FOUND)

    broken = "tickets hang on a chip's place in the list, not on its id: the cheat puts the list in order"
    return _control(broken, target, count, luck, play)


def _frame_of_the_draw(count: int, luck: Random) -> Control:
    target = _planned(10)
    crime = _crime(target)

    def play(world: World, chance: Random) -> bool:
        gone = crime.gone(chance)
        drawn = selections(target, world, gone)  # handed over since: by the book they are another's
        return is_clean(target.stages, drawn, gone, lambda _: NOT_FOUND)

    broken = "the frame is taken on the day of the draw: the cheat moves chips out after the commitment"
    return _control(broken, target, count, luck, play)


def _one_too_few(count: int, luck: Random) -> Control:
    planned = _planned(10, chips=20)
    target = _whole(10, planned.stages[0].sizes[0] - 1, chips=20)
    crime = _crime(target)

    def play(world: World, chance: Random) -> bool:
        return crime.clean(world, crime.gone(chance), lambda _: NOT_FOUND)

    return _control("the plan is one visit too small", target, count, luck, play, promise=BETA)


def _proportional(count: int, luck: Random) -> Control:
    """31 visits are enough for 100 chips as one; spread in proportion, small strata hide too much."""
    strata = tuple(Stratum(chips) for chips in (85, 5, 5, 5))
    target = Target(("a", "b", "c", "d"), strata, single(0, 26, 1, 1, 1), 8, BETA, 0)
    crime = _crime(target)

    def play(world: World, chance: Random) -> bool:
        return crime.clean(world, crime.gone(chance), lambda _: NOT_FOUND)

    broken = "strata are planned in proportion, not against the worst split"
    return _control(broken, target, count, luck, play, promise=BETA)


def _skipping(count: int, luck: Random) -> Control:
    target = _planned(10)
    crime = _crime(target)

    def play(world: World, chance: Random) -> bool:
        def shown(_: str) -> str:
            return NOT_FOUND if chance.randrange(SKIPPED_ONE_IN) else CONFIRMED

        return crime.clean(world, crime.gone(chance), shown)

    broken = f"inspectors skip one visit in {SKIPPED_ONE_IN} and write `confirmed`"
    return _control(broken, target, count, luck, play)


def _worse_test(count: int, luck: Random) -> Control:
    target = _planned(10, miss_ppm=STATED_MISS_PPM)
    crime = _crime(target)

    def play(world: World, chance: Random) -> bool:
        def shown(_: str) -> str:
            return CONFIRMED if chance.randrange(PPM) < REAL_MISS_PPM else MISMATCH

        return crime.clean(world, crime.gone(chance), shown)

    stated, real = STATED_MISS_PPM * 100 // PPM, REAL_MISS_PPM * 100 // PPM
    broken = f"the test overlooks {real} % of stand-ins where {stated} % were stated"
    return _control(broken, target, count, luck, play)


def _one_seed_for_two_stages(count: int, luck: Random) -> Control:
    """The second stage draws what the first drew: it can find nothing new."""
    stages = (Stage((30,), 0, 3), Stage((30,), 1, 2))
    target = Target(("all",), (Stratum(100),), stages, 10, BETA, 0)
    crime = _crime(target)

    def play(world: World, chance: Random) -> bool:
        drawn = selections(target, world)
        return is_clean(target.stages, [drawn[0], drawn[0]], crime.gone(chance), lambda _: NOT_FOUND)

    return _control("both stages share one seed", target, count, luck, play)


def _duplicates_allowed(count: int, luck: Random) -> Control:
    """The control of the rule itself: the same lending, with `duplicate` counted as confirmed."""
    floor = floor_of(Target(("all",), (Stratum(60),), single(0, 30), 10, BETA, 0))
    lent = floor_cheats(floor, HallVisits(sabotaged=True))[2]
    count = max(1, count // JUDGED_ONE_IN)
    clean = sum(lent.play(world, luck) for world in floor_worlds(floor, count, luck))
    broken = "a chip shown at two sites within six hours counts as confirmed"
    return Control(broken, measured(Claim(CONTROL, "", broken, PROMISED, lent.claim.chance), clean, count))


def _best_of_visits(count: int, luck: Random) -> Control:
    """What was not found is looked for again, and a stand-in is overlooked the second time or the third."""
    target = _planned(10, miss_ppm=STATED_MISS_PPM)
    crime, visits = _crime(target), 8

    def play(world: World, chance: Random) -> bool:
        def shown(_: str) -> str:
            tries = [chance.randrange(PPM) < STATED_MISS_PPM for _ in range(visits)]
            return CONFIRMED if any(tries) else MISMATCH

        return crime.clean(world, crime.gone(chance), shown)

    return _control(f"of {visits} visits the best counts, not the worst", target, count, luck, play)


CONTROLS = (
    _known_seed,
    _tickets_by_place,
    _frame_of_the_draw,
    _one_too_few,
    _proportional,
    _skipping,
    _worse_test,
    _one_seed_for_two_stages,
    _duplicates_allowed,
    _best_of_visits,
)
