"""What does an operator try, alone or with a beacon, who would help a prover?

It backdates a commitment until the draw is known, vouches for itself, or says that the beacon was silent.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.cli.redteam import inspector
from api.cli.redteam.arena import OTHER_BEACON, REGISTRAR, TIMELY_LEAD_S, Arena, Said
from api.cli.redteam.attempts import ADMITTED, Attempt, Tried, beside, only_verdict, told_to
from ledger.book.rules.conclusions import SILENT_SECONDS_MIN
from ledger.book.rules.inspections import commitment_of
from ledger.book.tables import INSPECTIONS

VISIT, NEXT = inspector.visiting("visit", 1, 10), inspector.visiting("next", 2, 10)
BACKDATING, WITHHELD_BEACON = "backdating operator", "withheld beacon"
WITNESSES = ("north", "south")
HOUR_S = 3_600


def _shown(arena: Arena, late_s: int, *names: str) -> Tried:
    """Clean findings after a commitment that witnesses saw `late_s` after the last moment in time."""
    inspection = inspector.commits(arena, VISIT)
    due = arena.due_at(commitment_of(inspection).stages[0].round)
    times = {name: due - TIMELY_LEAD_S + late_s for name in names}
    timely = {"timely": inspector.witnessed(arena, VISIT.name, times)} if names else {}
    inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name, **timely), {})
    return only_verdict(arena, VISIT.name)


def _would_stand(late_s: int, *names: str) -> Any:
    """The attempt; honest is that the same with witnesses in time is clean."""

    def tried(arena: Arena) -> Tried:
        found = _shown(arena, late_s, *names)
        with Arena(WITNESSES) as other:
            other.registers([f"prover:S{number:03}" for number in range(40)])
            inspection = inspector.commits(other, VISIT)
            due = other.due_at(commitment_of(inspection).stages[0].round)
            seen = inspector.witnessed(other, VISIT.name, dict.fromkeys(WITNESSES, due - TIMELY_LEAD_S))
            drawn = inspector.draws(other, VISIT.name, timely=seen)
            inspector.finds(other, VISIT.name, drawn, {})
            stands = told_to(other, inspector.closing(other, VISIT.name, "clean")) == ADMITTED
        return Tried(found.told, found.honest and stands)

    return tried


def _forged_witness(arena: Arena) -> Tried:
    """A witness's line with another time in it than the witness signed."""
    inspection = inspector.commits(arena, VISIT)
    due = arena.due_at(commitment_of(inspection).stages[0].round)
    honest = inspector.witnessed(arena, VISIT.name, dict.fromkeys(WITNESSES, due - TIMELY_LEAD_S))
    late = inspector.witnessed(arena, VISIT.name, {"north": due + HOUR_S, "south": due + HOUR_S})
    spliced = _with_names_of(honest, late)
    drawn = inspector.comes(arena, VISIT.name)
    cheat = inspector.drawing(arena, drawn, timely=spliced)
    return beside(arena, cheat, inspector.drawing(arena, drawn, timely=honest))


def _quorum_lowered(arena: Arena) -> Tried:
    """Both witnesses are asked for at the commitment, none at the draw."""
    inspector.commits(arena, VISIT)
    arena.must(Said(REGISTRAR, "log.changed", {"quorum": 0}))
    inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name), {})
    return only_verdict(arena, VISIT.name)


def _with_names_of(early: Mapping[str, Any], late: Mapping[str, Any]) -> dict[str, Any]:
    """The late checkpoint with the first characters of the early lines' signatures: the times they say."""
    ours, theirs = early["checkpoint"].split("\n"), late["checkpoint"].split("\n")
    prefix = 16  # of base64: 12 octets, the key's short name and the time
    lines = []
    for mine, other in zip(ours, theirs, strict=True):
        if mine == other:
            lines.append(mine)
        else:
            lines.append(
                mine.rsplit(" ", 1)[0] + " " + mine.split(" ")[-1][:prefix] + other.split(" ")[-1][prefix:]
            )
    return {**late, "checkpoint": "\n".join(lines)}


def _silent_too_soon(arena: Arena) -> Tried:
    """The round was out; the beacon is called silent before two days are over."""
    inspector.commits(arena, VISIT)
    inspection = inspector.comes(arena, VISIT.name)
    arena.waits(SILENT_SECONDS_MIN - HOUR_S)
    cheat = inspector.closing(arena, VISIT.name, "void_beacon")
    return beside(arena, cheat, inspector.drawing(arena, inspection))


def _silent_again(arena: Arena) -> Tried:
    """The same beacon, which its keeper silences at will, is named for the next number too."""
    inspector.commits(arena, VISIT)
    inspector.comes(arena, VISIT.name)
    arena.waits(SILENT_SECONDS_MIN)
    assert told_to(arena, inspector.closing(arena, VISIT.name, "void_beacon")) == ADMITTED
    honest = inspector.committing(arena, replace(NEXT, beacon=OTHER_BEACON))
    return beside(arena, inspector.committing(arena, NEXT), honest)


def _silence_of_old(arena: Arena) -> Tried:
    """A beacon kept silent is void, and its round appears later: the sample is still due, and counts."""
    inspector.commits(arena, VISIT)
    inspector.comes(arena, VISIT.name)
    arena.waits(SILENT_SECONDS_MIN)
    assert told_to(arena, inspector.closing(arena, VISIT.name, "void_beacon")) == ADMITTED
    inspector.commits(arena, replace(NEXT, beacon=OTHER_BEACON))
    inspector.finds(arena, NEXT.name, inspector.draws(arena, NEXT.name), {})
    honest = told_to(arena, inspector.closing(arena, NEXT.name, "clean")) == ADMITTED
    drawn = inspector.draws(arena, VISIT.name)
    inspector.finds(arena, VISIT.name, drawn, {drawn[0]: "not_found"})
    assert told_to(arena, inspector.closing(arena, VISIT.name, "void_beacon")) == "bad_field"
    again = only_verdict(arena, VISIT.name)
    return Tried(again.told, again.honest and honest)


def _unwitnessed(arena: Arena) -> Tried:
    """Where no witness is asked for, nobody can say when the commitment was there: the draw says so."""
    inspector.commits(arena, VISIT)
    inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name), {})
    told = arena.get(INSPECTIONS, VISIT.name).timely or ""
    return Tried(told, told_to(arena, inspector.closing(arena, VISIT.name, "clean")) == ADMITTED)


_WITNESSED = (
    (
        "admits, as if in time, what no witness saw until the round was out",
        "void",
        _would_stand(HOUR_S, *WITNESSES),
    ),
    ("asks for fewer witnesses once it is committed", "void", _quorum_lowered),
    ("shows a witness too few", "void", _would_stand(0, "north")),
    ("vouches for itself under names nobody listed", "void", _would_stand(0, "operator", "friend")),
    ("shows no witness at all", "void", _would_stand(0)),
    ("changes the time in a witness's line", "bad_field", _forged_witness),
)
ATTEMPTS = (
    *(Attempt(BACKDATING, "operator", tried, word, make, WITNESSES) for tried, word, make in _WITNESSED),
    Attempt(BACKDATING, "operator", "runs a log without witnesses", "unwitnessed", _unwitnessed),
    Attempt(WITHHELD_BEACON, "beacon", "is called silent before its time", "too_early", _silent_too_soon),
    Attempt(WITHHELD_BEACON, "beacon", "is named again after its silence", "bad_field", _silent_again),
    Attempt(
        WITHHELD_BEACON, "beacon", "is silent until a later draw was nice", "violations", _silence_of_old
    ),
)
