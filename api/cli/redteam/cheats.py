"""What does a prover do against a plan, and how often does it come through?

Each cheat chooses what is missing before the draw, and adapts afterwards where its trick allows that. For
each the exact chance to come through is worked out, and the cheat is played in every world it is given.
Cheats that a plan never promised to catch are played too, and say so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from api.cli.redteam.measured import LIMIT, PROMISED, Claim
from api.cli.redteam.target import PPM, Target, clean_chance, even_split, without, worst
from api.cli.redteam.worlds import World, chips_of, is_clean, selections
from ledger.book.rules.tallies import CONFIRMED, INCONCLUSIVE, MISMATCH, NOT_FOUND, REFUSED
from ledger.inspection.claims import pools

DIVERSION, RELABELLING, SPLITTING = "diversion", "relabelling", "splitting strata"
MOVING, SHELLS, LOSSES, REFUSING = "moving after the commitment", "shells", "claimed losses", "refusing"

CERTAIN_ONE_IN = 10
Play = Callable[[World, Random], bool]


@dataclass(frozen=True, slots=True)
class Cheat:
    """`play` says of a world whether the cheat comes through clean, as often as claimed.

    Played in one of so many worlds, where a play is slow or its outcome certain.
    """

    claim: Claim
    play: Play
    one_world_in: int = 1


@dataclass(frozen=True, slots=True)
class Crime:
    """The target, its chips, and how the missing ones lie in its strata."""

    target: Target
    chips: Mapping[str, Sequence[str]]
    split: tuple[int, ...]

    def gone(self, chance: Random) -> set[str]:
        """The missing chips of one world, chosen before anybody draws."""
        found: set[str] = set()
        for name, taken in zip(self.target.names, self.split, strict=True):
            found.update(chance.sample(self.chips[name], taken))
        return found

    def clean(self, world: World, gone: set[str], shown: Callable[[str], str]) -> bool:
        """Whether the plan's own draw leads to `clean`."""
        return is_clean(self.target.stages, selections(self.target, world), gone, shown)


def cheats_against(target: Target) -> list[Cheat]:
    """Every cheat that can be played against this plan in its own direction, from the book to the floor."""
    chips, missing = chips_of(target), f"{target.missing:,}"
    spread, crime = Crime(target, chips, even_split(target)), Crime(target, chips, worst(target).split)
    found = [
        _gone(spread, DIVERSION, f"{missing} chips are gone, from all strata alike", NOT_FOUND),
        _stand_ins(
            spread, RELABELLING, "shows a stand-in under each label; the test errs as often as stated"
        ),
        _gone(crime, MOVING, "hands the missing chips to others, by the book, after it", NOT_FOUND),
        _fetching(crime),
        _pooled_shell(crime),
        _shell(crime),
        _loss_before(crime),
        _gone(crime, LOSSES, "writes them all off after the commitment: they stay in the frame", NOT_FOUND),
        _gone(crime, REFUSING, "refuses to show whatever is missing", REFUSED),
        _gone(crime, REFUSING, "lets every test of them end without result", INCONCLUSIVE),
    ]
    if len(target.strata) > 1:
        taken = zip(crime.split, target.names, strict=True)
        where = ", ".join(f"{number:,} from {name}" for number, name in taken if number)
        found.insert(2, _stand_ins(crime, SPLITTING, f"takes them where they are missed most often: {where}"))
    return found


def spare_of(target: Target) -> int:
    """How much longer than planned each stratum is drawn, so that the frames of all cheats are served."""
    return target.missing


def _always(word: str) -> Callable[[str], str]:
    return lambda _: word


def _gone(crime: Crime, attack: str, tried: str, word: str) -> Cheat:
    """Nothing is shown for what is missing: inspectors write `word` for each that is drawn."""
    chance = clean_chance(crime.target, crime.split, tested=False)

    def play(world: World, luck: Random) -> bool:
        return crime.clean(world, crime.gone(luck), _always(word))

    return Cheat(Claim(attack, "prover", tried, PROMISED, chance), play)


def _stand_ins(crime: Crime, attack: str, tried: str) -> Cheat:
    """A stand-in is shown for each, which the test overlooks as often as stated."""
    miss_ppm = crime.target.test_miss_ppm

    def play(world: World, luck: Random) -> bool:
        def shown(_: str) -> str:
            return CONFIRMED if luck.randrange(PPM) < miss_ppm else MISMATCH

        return crime.clean(world, crime.gone(luck), shown)

    return Cheat(Claim(attack, "prover", tried, PROMISED, clean_chance(crime.target, crime.split)), play)


def _fetching(crime: Crime) -> Cheat:
    budget = crime.target.budget
    chance = clean_chance(crime.target, crime.split, tested=False, spare=budget)

    def play(world: World, luck: Random) -> bool:
        fetched: set[str] = set()

        def shown(chip: str) -> str:
            if chip in fetched or len(fetched) < budget:
                fetched.add(chip)
                return CONFIRMED
            return NOT_FOUND

        return crime.clean(world, crime.gone(luck), shown)

    tried = f"sees the draw, and fetches back up to {budget:,} of the chips drawn before they are visited"
    return Cheat(Claim(MOVING, "prover", tried, LIMIT if budget else PROMISED, chance), play)


PROVERS = ("prover", "shell")


def _shell_of(
    crime: Crime, chance: Random, affiliations: Sequence[Sequence[str]]
) -> tuple[set[str], set[str]]:
    """(missing chips, which all stand in the shell's name; those of them outside the prover's frame)."""
    gone = crime.gone(chance)
    pool = next(pool for pool in pools(PROVERS, affiliations) if "prover" in pool)
    return gone, set() if "shell" in pool else gone


def _pooled_shell(crime: Crime) -> Cheat:
    chance = clean_chance(crime.target, crime.split, tested=False)

    def play(world: World, luck: Random) -> bool:
        gone, outside = _shell_of(crime, luck, [PROVERS])
        drawn = selections(crime.target, world, outside)
        return is_clean(crime.target.stages, drawn, gone - outside, _always(NOT_FOUND))

    tried = "a shell has the missing chips in its name, and is pooled with the prover"
    return Cheat(Claim(SHELLS, "prover", tried, PROMISED, chance), play)


def _shell(crime: Crime) -> Cheat:
    def play(world: World, luck: Random) -> bool:
        gone, outside = _shell_of(crime, luck, [])
        drawn = selections(crime.target, world, outside)
        return is_clean(crime.target.stages, drawn, gone - outside, _always(NOT_FOUND))

    tried = "a shell has the missing chips in its name, and nobody noted the affiliation"
    return Cheat(Claim(SHELLS, "prover", tried, LIMIT, Fraction(1)), play, CERTAIN_ONE_IN)


def _loss_before(crime: Crime) -> Cheat:
    """What was written off in time is in no frame; every verdict tells how much it is."""
    target = crime.target
    told, left = [], min(target.budget, target.missing)
    for taken in crime.split:
        told.append(min(left, taken))
        left -= told[-1]
    rest = tuple(taken - off for taken, off in zip(crime.split, told, strict=True))
    smaller = without(target, told)
    chance = clean_chance(smaller, rest, tested=False)

    def play(world: World, luck: Random) -> bool:
        gone, outside = set(), set()
        for name, taken, off in zip(target.names, crime.split, told, strict=True):
            chosen = luck.sample(crime.chips[name], taken)
            outside.update(chosen[:off])
            gone.update(chosen[off:])
        return is_clean(smaller.stages, selections(smaller, world, outside), gone, _always(NOT_FOUND))

    off = sum(told)
    tried = f"wrote {off:,} of them off before the commitment; every verdict tells: known missing {off:,}"
    return Cheat(Claim(LOSSES, "prover", tried, LIMIT if off else PROMISED, chance), play)
