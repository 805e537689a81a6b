"""How is a whole plan attacked, from the first world to the last attempt?

Plays every cheat in as many worlds as are asked for, makes every attempt on the log, rehearses whole
inspections, and sees that the controls, whose promise is broken on purpose, are noticed. The same target,
number of worlds and seed give the same report. Knows no terminal: it tells a watcher how far it is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from api.cli.redteam import attempts, operator_attempts, prover_attempts, verifier_attempts
from api.cli.redteam.attempts import Outcome
from api.cli.redteam.cheats import Cheat, cheats_against, spare_of
from api.cli.redteam.floors import floor_cheats, floor_of, floor_worlds
from api.cli.redteam.hall_visits import HallVisits
from api.cli.redteam.measured import PROMISED, Measured, measured
from api.cli.redteam.rehearsal import Rehearsal, rehearse
from api.cli.redteam.sabotage import CONTROLS, Control, controls
from api.cli.redteam.shopping import Draw, shopped
from api.cli.redteam.target import Target, worst
from api.cli.redteam.worlds import World, worlds

WORLDS_MIN, WORLDS_MAX = 100, 1_000_000
CONTROL_WORLDS = 2_000
REHEARSALS = 20
ATTEMPTS = (*prover_attempts.ATTEMPTS, *verifier_attempts.ATTEMPTS, *operator_attempts.ATTEMPTS)

Watcher = Callable[[int, int, str], None]
"""Told (done, of how many, at what)."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was tried, and what came of it. `miss` is what the best split has to be overlooked."""

    target: Target
    worlds: int
    seed: str
    miss: Fraction
    rows: tuple[Measured, ...]
    outcomes: tuple[Outcome, ...]
    controls: tuple[Control, ...]
    rehearsal: Rehearsal

    @property
    def keeps_its_risk(self) -> bool:
        """Whether the plan overlooks the missing chips as seldom as it is to, by exact count."""
        return self.miss <= self.target.beta

    @property
    def strayed(self) -> list[Measured]:
        """Rows whose count disagrees with their exact chance."""
        return [row for row in self.rows if not row.agrees]

    @property
    def unpromised(self) -> list[Measured]:
        """Rows said to be promised whose exact chance is above the risk."""
        promised = (row for row in self.rows if row.claim.standing == PROMISED)
        return [row for row in promised if row.claim.chance > self.target.beta]

    @property
    def let_through(self) -> list[Outcome]:
        """Attempts that the log did not stop or show as promised."""
        return [outcome for outcome in self.outcomes if not outcome.caught]

    @property
    def unnoticed(self) -> list[Control]:
        """Broken promises that the measurements did not notice."""
        return [control for control in self.controls if not control.noticed]

    @property
    def holds(self) -> bool:
        """Whether every promise was kept, and every broken one noticed."""
        amiss = (self.strayed, self.unpromised, self.let_through, self.unnoticed)
        agreed = self.rehearsal.agreed == self.rehearsal.inspections
        return self.keeps_its_risk and agreed and not any(amiss)


def attack(target: Target, count: int, seed: str, watch: Watcher = lambda *_: None) -> Report:
    """The plan attacked in `count` worlds; `seed` is any text. The target was checked."""
    assert WORLDS_MIN <= count <= WORLDS_MAX
    steps = 2 * count + len(ATTEMPTS) + len(CONTROLS) + 1
    rows = measure(target, count, seed, lambda done, _, what: watch(done, steps, what))
    outcomes, done = [], 2 * count
    for number, attempt in enumerate(ATTEMPTS):
        watch(done + number, steps, attempt.attack)
        outcomes.append(attempts.make(attempt))
    done += len(ATTEMPTS)
    noticed = []
    for number, control in enumerate(controls(CONTROL_WORLDS, seed)):
        watch(done + number, steps, "controls")
        noticed.append(control)
    rehearsed = rehearse(REHEARSALS, Random(f"{seed} rehearsal"))
    watch(steps, steps, "done")
    miss = worst(target).at_most
    return Report(target, count, seed, miss, tuple(rows), tuple(outcomes), tuple(noticed), rehearsed)


def measure(target: Target, count: int, seed: str, watch: Watcher = lambda *_: None) -> list[Measured]:
    """Every cheat in `count` worlds, or in the share of them that it takes part in."""
    rows = _book_rows(target, count, seed, lambda done: watch(done, 2 * count, "worlds"))
    floor = floor_of(target)
    drawn = floor_worlds(floor, count, Random(f"{seed} floors"))
    cheats = floor_cheats(floor, HallVisits())
    return rows + _rows(cheats, drawn, seed, lambda done: watch(count + done, 2 * count, "floors"))


def _book_rows(target: Target, count: int, seed: str, watch: Callable[[int], None]) -> list[Measured]:
    """The cheats of the plan's own direction, and what shopping among their draws would win."""
    drawn: list[Draw] = []
    cheats = cheats_against(target)
    made = worlds(target, count, Random(f"{seed} worlds"), spare_of(target))
    rows = _rows(cheats, made, seed, watch, drawn)
    return rows + shopped(drawn, cheats[0].claim.chance)


def _rows(
    cheats: Sequence[Cheat],
    made: Iterable[World],
    seed: str,
    watch: Callable[[int], None],
    drawn: list[Draw] | None = None,
) -> list[Measured]:
    """Every cheat in every world it takes part in; `drawn` gathers how the first of them fared."""
    clean, played = [0] * len(cheats), [0] * len(cheats)
    luck = [Random(f"{seed} {cheat.claim.attack} {cheat.claim.tried}") for cheat in cheats]
    for number, world in enumerate(made):
        watch(number)
        for place, cheat in enumerate(cheats):
            if number % cheat.one_world_in == 0:
                came_through = cheat.play(world, luck[place])
                clean[place] += came_through
                played[place] += 1
                if place == 0 and drawn is not None:
                    drawn.append(Draw(came_through, world.randomness))
    return [measured(cheat.claim, clean[n], played[n]) for n, cheat in enumerate(cheats)]
