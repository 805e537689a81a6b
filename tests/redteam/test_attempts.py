"""Every attempt on the log comes to the word that stops or shows it, and honesty is let through."""

from dataclasses import replace

import pytest

from api.cli.redteam import inspector
from api.cli.redteam.arena import PROVER, Arena
from api.cli.redteam.attempts import Attempt, Outcome, Tried, beside, in_vain, make, only_verdict
from api.cli.redteam.play import ATTEMPTS
from ledger.book.rejection import Reason
from ledger.book.rules.closings import VERDICTS

ATTACKS = {
    *("diversion", "relabelling", "moving after the commitment", "shells", "claimed losses", "refusing"),
    *("one chip shown twice", "off-book stock", "draw shopping", "backdating operator", "doctored frame"),
    *("withheld draw", "withheld beacon", "invented findings"),
}
VISIT = inspector.visiting("visit", 1, 10)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: f"{attempt.attack}: {attempt.tried}")
def test_the_log_stops_or_shows_it(attempt):
    outcome = make(attempt)
    assert outcome.told == attempt.caught_by
    assert outcome.honest, "the honest twin was refused: nothing is shown by that"
    assert outcome.caught


def test_every_attack_is_tried_and_comes_to_a_word_of_the_law():
    assert {attempt.attack for attempt in ATTEMPTS} == ATTACKS
    assert len({(attempt.attack, attempt.tried) for attempt in ATTEMPTS}) == len(ATTEMPTS) >= 40
    words = {reason.value for reason in Reason} | {*VERDICTS, "unwitnessed"}
    assert {attempt.caught_by for attempt in ATTEMPTS} <= words
    named = {"wrong_selection", "bad_number", "open_commitment", "too_early", "void", "withheld"}
    assert named <= {attempt.caught_by for attempt in ATTEMPTS}


def _honest_closing(arena):
    inspector.commits(arena, VISIT)
    inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name), {})
    return inspector.closing(arena, VISIT.name, "clean")


def _nothing_wrong(arena):
    honest = _honest_closing(arena)
    return beside(arena, honest, honest)


def _everybody_refused(arena):
    honest = _honest_closing(arena)
    wrong = replace(honest, party=PROVER)
    return in_vain(arena, [wrong], wrong)


def _clean_all_the_same(arena):
    _honest_closing(arena)
    return only_verdict(arena, VISIT.name)


@pytest.mark.parametrize(
    ("word", "tried"),
    [
        ("bad_field", _nothing_wrong),
        ("wrong_role", _everybody_refused),
        ("violations", _clean_all_the_same),
        ("bad_field", lambda _: Tried("bad_field", honest=False)),
    ],
)
def test_an_attempt_that_comes_through_is_not_called_caught(word, tried):
    outcome = make(Attempt("control", "nobody", "nothing", word, tried))
    assert isinstance(outcome, Outcome) and not outcome.caught


def test_an_arena_is_the_real_door():
    with Arena() as arena:
        before = arena.store.head().size
        arena.registers([f"{PROVER}:ONE"])
        assert arena.store.head().size == before + 1
        assert arena.store.checkpoint(before + 1) is not None
