"""What does a verifier try who would like another sample, or another verdict?

It shops for a draw, doctors frame and selection, forgets a bad draw, or writes what nobody found.
"""

from dataclasses import replace
from typing import Any

from api.cli.demo_beacon import DemoBeaconSigner
from api.cli.redteam import inspector
from api.cli.redteam.arena import BEACON_LEAD_S, OTHER_BEACON, PERIOD_S, Arena, Said
from api.cli.redteam.attempts import ADMITTED, CHIPS, Attempt, Tried, beside, in_vain, only_verdict, told_to
from ledger.book.rows import Inspection
from ledger.book.rules.directions import frame_key
from ledger.book.rules.inspections import commitment_of

FIRST, SECOND = inspector.visiting("first", 1, 10), inspector.visiting("second", 2, 10)
SHOPPING, DOCTORED, WITHHELD = "draw shopping", "doctored frame", "withheld draw"
WRITING = "invented findings"


def _changed(said: Said, **body: Any) -> Said:
    return replace(said, body={**said.body, **body})


def _draw_again(arena: Arena) -> Tried:
    """It knows its sample, dislikes it, and commits anew at once."""
    inspector.commits(arena, FIRST)
    inspection = inspector.comes(arena, FIRST.name)
    return beside(arena, inspector.committing(arena, SECOND), inspector.drawing(arena, inspection))


def _number_skipped(arena: Arena) -> Tried:
    inspector.commits(arena, FIRST)
    inspector.draws(arena, FIRST.name)
    honest = inspector.committing(arena, SECOND)
    return in_vain(arena, [_changed(honest, number=number) for number in (1, 3)], honest)


def _known_round(arena: Arena) -> Tried:
    """A round that is out already, and one due within the lead."""
    honest = inspector.committing(arena, FIRST)
    (stage,) = honest.body["stages"]
    soon = arena.round_at(arena.now_s + BEACON_LEAD_S - PERIOD_S)
    rounds = (arena.round_at(arena.now_s - 3_600), soon)
    cheats = [_changed(honest, stages=[{**stage, "round": number}]) for number in rounds]
    return in_vain(arena, cheats, honest)


def _before_its_round(arena: Arena) -> Tried:
    """A friend at the beacon tells the round early."""
    inspection = inspector.commits(arena, FIRST)
    told = told_to(arena, inspector.drawing(arena, inspection))
    inspector.comes(arena, FIRST.name)
    return Tried(told, told_to(arena, inspector.drawing(arena, inspection)) == ADMITTED)


def _other_chips(arena: Arena) -> Tried:
    """A friend's chip is left out, a foe's put in, both, or one exchanged."""
    inspector.commits(arena, FIRST)
    honest = inspector.drawing(arena, inspector.comes(arena, FIRST.name))
    rows = list(honest.rows or ())
    there = {row["chip"] for row in rows}
    other = {"chip": next(chip for chip in CHIPS if chip not in there)}
    selections = (rows[1:], [*rows, other], [*rows[1:], other])
    return in_vain(arena, [replace(honest, rows=selection) for selection in selections], honest)


def _other_frame(arena: Arena) -> Tried:
    """The chips that are gone are left out of the frame, and the draw is made afresh from the rest."""
    inspector.commits(arena, FIRST)
    inspection = inspector.comes(arena, FIRST.name)
    frame = arena.store.frame(frame_key(inspection))
    cheats = [inspector.drawing(arena, inspection, frame=frame[gone:]) for gone in (1, 10)]
    cheats.append(inspector.drawing(arena, inspection, frame=frame[:-1]))
    return in_vain(arena, cheats, inspector.drawing(arena, inspection))


def _other_seed(arena: Arena) -> Tried:
    """Another secret, another round, another beacon with the same key."""
    inspector.commits(arena, FIRST)
    inspection = inspector.comes(arena, FIRST.name)
    honest, number = inspector.drawing(arena, inspection), _round(inspection) - 1
    pulse = {"round": number, "signature": arena.dice.pulse(number).hex()}
    cheats = [
        _changed(honest, secret=inspector.secret_of("a nicer one").hex()),
        _changed(honest, round=number, pulse=pulse),
        _changed(honest, beacon=OTHER_BEACON),
    ]
    return in_vain(arena, cheats, honest)


def _round(inspection: Inspection) -> int:
    return commitment_of(inspection).stages[0].round


def _made_up_pulse(arena: Arena) -> Tried:
    inspector.commits(arena, FIRST)
    inspection = inspector.comes(arena, FIRST.name)
    honest, number = inspector.drawing(arena, inspection), _round(inspection)
    forged = DemoBeaconSigner(8).pulse(number).hex()
    return beside(arena, _changed(honest, pulse={"round": number, "signature": forged}), honest)


def _never_drawn(arena: Arena) -> Tried:
    """The sample was not nice: its day goes by, it is drawn late all the same, and called clean."""
    inspector.commits(arena, FIRST)
    inspector.comes(arena, FIRST.name)
    arena.waits(inspector.NOTICE_S + PERIOD_S)
    inspector.finds(arena, FIRST.name, inspector.draws(arena, FIRST.name), {})
    return only_verdict(arena, FIRST.name)


def _forgotten(arena: Arena) -> Tried:
    """The first of two draws was withheld; the second is told as the only one there was."""
    inspector.commits(arena, FIRST)
    inspector.comes(arena, FIRST.name)
    arena.waits(inspector.NOTICE_S + PERIOD_S)
    inspector.commits(arena, SECOND)
    inspector.finds(arena, SECOND.name, inspector.draws(arena, SECOND.name), {})
    cheats = [
        inspector.closing(arena, SECOND.name, "clean", draw=draw)
        for draw in ({"k": 1, "m": 1}, {"k": 2, "m": 3})
    ]
    return in_vain(arena, cheats, inspector.closing(arena, SECOND.name, "clean"))


def _visited(arena: Arena, amiss: int, result: str = "not_found", skipped: int = 0) -> str:
    """The first inspection, drawn and visited."""
    inspector.commits(arena, FIRST)
    drawn = inspector.draws(arena, FIRST.name)
    inspector.finds(arena, FIRST.name, drawn[skipped:], dict.fromkeys(drawn[skipped:][:amiss], result))
    return FIRST.name


def _kinder_verdict(arena: Arena) -> Tried:
    return only_verdict(arena, _visited(arena, 1))


def _kinder_second_visit(arena: Arena) -> Tried:
    """What was not found is found on a second visit: the worse of two counts."""
    name = _visited(arena, 1)
    inspector.finds(arena, name, inspector.sample(arena, name), {})
    return only_verdict(arena, name)


def _skipped(arena: Arena) -> Tried:
    """One chip was never visited."""
    return only_verdict(arena, _visited(arena, 0, skipped=1))


def _kinder_numbers(arena: Arena) -> Tried:
    """Counts, a bound and known losses that look better than they are."""
    name = _visited(arena, 1)
    honest = inspector.closing(arena, name, "violations")
    counts = {**honest.body["counts"], "confirmed": 10, "not_found": 0}
    cheats = [_changed(honest, counts=counts), _changed(honest, upper_bound=1)]
    return in_vain(arena, [*cheats, _changed(honest, off_book=1)], honest)


def _anothers_inspection(arena: Arena) -> Tried:
    """The prover speaks for the inspectors."""
    inspector.commits(arena, FIRST)
    drawn = inspector.draws(arena, FIRST.name)
    honest = inspector.finding(arena, FIRST.name, dict.fromkeys(drawn, "confirmed"))
    return beside(arena, replace(honest, party="prover"), honest)


_OF_VERIFIERS = tuple(
    Attempt(attack, "verifier", tried, word, make)
    for attack, tried, word, make in (
        (SHOPPING, "commits again while a draw it dislikes is open", "open_commitment", _draw_again),
        (SHOPPING, "uses a number again, or leaves one out", "bad_number", _number_skipped),
        (SHOPPING, "names a round that is out, or due too soon", "too_early", _known_round),
        (SHOPPING, "draws before the round is due", "too_early", _before_its_round),
        (SHOPPING, "draws with another secret, round or beacon", "wrong_selection", _other_seed),
        (SHOPPING, "draws with a pulse of its own", "bad_field", _made_up_pulse),
        (SHOPPING, "tells the second draw as the only one", "bad_field", _forgotten),
        (DOCTORED, "leaves chips out of the frame", "wrong_selection", _other_frame),
        (DOCTORED, "leaves a chip out of the selection, or puts one in", "wrong_selection", _other_chips),
        (WITHHELD, "lets the day of notice pass, draws late and says clean", "withheld", _never_drawn),
        (WRITING, "says clean over a chip not found", "violations", _kinder_verdict),
        (WRITING, "visits again until it is found", "violations", _kinder_second_visit),
        (WRITING, "says clean with a chip not visited", "inconclusive", _skipped),
        (WRITING, "tells kinder counts or a lower bound", "bad_field", _kinder_numbers),
    )
)
ATTEMPTS = (
    *_OF_VERIFIERS,
    Attempt(WRITING, "prover", "writes findings itself", "wrong_role", _anothers_inspection),
)
