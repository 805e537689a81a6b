"""Does the log stop, or show, what it says it does, when somebody really tries?

Every attempt is made against a ledger of its own, with real statements and signatures, beside the honest way:
an attempt counts as caught only where the honest twin would have been admitted at the same moment, so that a
ledger that refuses everybody catches nobody. Knows no probability: those are for `cheats`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from api.cli.redteam import inspector
from api.cli.redteam.arena import PROVER, Arena, Said
from ledger.book.rejection import Reason
from ledger.outcome import Refused

ADMITTED = "admitted"
CHIPS = tuple(f"{PROVER}:S{number:03}" for number in range(40))


@dataclass(frozen=True, slots=True)
class Tried:
    """What the cheat was told or shown, and whether the honest twin would have been admitted."""

    told: str
    honest: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attack on the log: by whom, what, and the word that must come of it."""

    attack: str
    who: str
    tried: str
    caught_by: str
    make: Callable[[Arena], Tried]
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. `caught`: the word was the promised one, and honesty was let through."""

    attack: str
    who: str
    tried: str
    caught_by: str
    told: str
    honest: bool

    @property
    def caught(self) -> bool:
        """Whether it came as promised."""
        return self.told == self.caught_by and self.honest


def make(attempt: Attempt) -> Outcome:
    """The attempt, in a ledger of its own with 40 chips."""
    with Arena(attempt.witnesses) as arena:
        arena.registers(CHIPS)
        tried = attempt.make(arena)
    return Outcome(attempt.attack, attempt.who, attempt.tried, attempt.caught_by, tried.told, tried.honest)


def beside(arena: Arena, cheat: Said, honest: Said) -> Tried:
    """The cheat's statement sent, the honest one tried dry at the same moment."""
    twin = not isinstance(arena.would(honest), Refused)
    return Tried(told_to(arena, cheat), twin)


def told_to(arena: Arena, said: Said) -> str:
    """The reason of the refusal, or that there was none."""
    outcome = arena.says(said)
    return outcome.rejection.reason.value if isinstance(outcome, Refused) else ADMITTED


def in_vain(arena: Arena, cheats: Iterable[Said], honest: Said) -> Tried:
    """Several cheats sent one by one: the word they were all told, or all their words."""
    twin = not isinstance(arena.would(honest), Refused)
    words = sorted({told_to(arena, cheat) for cheat in cheats})
    return Tried(", ".join(words), twin)


def only_verdict(arena: Arena, name: str) -> Tried:
    """`clean` is tried and must be refused; the word is the verdict that may be said instead."""
    verdict = inspector.verdict_of(arena, name) or ""
    refused = told_to(arena, inspector.closing(arena, name, "clean"))
    admitted = told_to(arena, inspector.closing(arena, name, verdict)) == ADMITTED
    return Tried(verdict if refused == Reason.BAD_FIELD.value else refused, admitted)
