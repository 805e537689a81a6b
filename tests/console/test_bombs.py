"""What would take all there is goes off in a process of its own; small, each of these is a plain question."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from analytics.console import Console, SqlAnswer
from analytics.question import REASONS, SqlRefused
from tests.console.bombs import BOMBS, CUT
from tests.console.room import LIMITS, PATIENT, answers_plainly

NAMES = [bomb.name for bomb in BOMBS]
PATIENCE_SECONDS = 600
PLAIN_EVERY = 4  # bombs


@pytest.fixture(scope="module")
def exploded(room):
    """Each bomb, small and great, two at a time on one console, with plain questions among them."""
    console, patient = (Console(limits, 2, PATIENCE_SECONDS) for limits in (LIMITS, PATIENT))

    def light(numbered):
        number, bomb = numbered
        small = patient.run(room.snapshot, bomb.at(bomb.small))
        great = (console if "too_slow" in bomb.ends else patient).run(room.snapshot, bomb.at(bomb.great))
        return small, great, number % PLAIN_EVERY != 0 or answers_plainly(patient, room)

    before = room.state()
    with ThreadPoolExecutor(2) as both:
        ends = dict(zip(NAMES, both.map(light, enumerate(BOMBS)), strict=True))
    assert room.state() == before
    return ends


def test_there_are_as_many_as_promised():
    assert len(set(NAMES)) == len(BOMBS) >= 35


@pytest.mark.parametrize("bomb", BOMBS, ids=NAMES)
def test_a_bomb_ends_alone_and_in_words(bomb, exploded):
    small, great, plain = exploded[bomb.name]
    assert isinstance(small, SqlAnswer), ("the control: a plain question when small", small)
    assert isinstance(great, SqlRefused), great
    assert great.reason in bomb.ends and great.reason in REASONS, great
    assert great.detail and plain


@pytest.mark.parametrize("flood", CUT)
def test_what_is_too_much_is_cut_and_says_so(flood, room):
    answer = Console(PATIENT).run(room.snapshot, CUT[flood])
    assert isinstance(answer, SqlAnswer) and answer.truncated, answer
    assert 0 < answer.rows <= LIMITS.rows_max and len(answer.body) <= LIMITS.output_bytes_max
    assert len(json.loads(answer.body)) == answer.rows


def test_what_is_just_enough_is_whole(room):
    whole = Console(PATIENT).run(room.snapshot, f"SELECT * FROM range({LIMITS.rows_max})")
    assert whole.rows == LIMITS.rows_max and not whole.truncated
