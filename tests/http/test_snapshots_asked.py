"""Whoever asks for a snapshot gets one of what the log had when it was asked, though others ask as well."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from threading import Event

import pytest

from analytics.snapshots import Neighbours
from ledger.book.times import format_seconds
from tests.http.trading import CLOCK, DAY_S, REGISTRAR, enrolment

SECONDS = 300


class Held:
    """Following is held up once it has read the head, the first time."""

    def __init__(self, analysis):
        self.read, self.go = Event(), Event()
        self._advance = analysis._advance
        analysis._advance = self

    def __call__(self, warehouse, size, root):
        if not self.read.is_set():
            self.read.set()
            assert self.go.wait(SECONDS)
        return self._advance(warehouse, size, root)


def answer_whoever_asks(analysis):
    """Sabotage: the end of any turn is the answer to all who asked by then."""
    take_turn = analysis._take_turn

    def careless():
        take_turn()
        with analysis._asks:
            analysis._answered = analysis._made = analysis._asked
            analysis._asks.notify_all()

    analysis._take_turn = careless


@pytest.mark.parametrize("is_careless", [False, True])
def test_a_turn_that_began_before_it_was_asked_is_no_answer(bench, is_careless):
    analysis = bench.ledger.analysis
    assert analysis.take_snapshot(SECONDS)  # the turn at the start is over
    if is_careless:
        answer_whoever_asks(analysis)
    held = Held(analysis)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(analysis.take_snapshot, SECONDS)
        assert held.read.wait(SECONDS)
        before = bench.ledger.head().size
        assert bench.send(enrolment("maker", "maker")).status_code == 201
        asked = analysis._asked
        second = pool.submit(analysis.take_snapshot, SECONDS)
        while analysis._asked == asked:
            held.go.wait(0.01)
        held.go.set()
        assert first.result() and second.result()
    sizes = [each.size for each in analysis.snapshots.every()]
    assert (before + 1 in sizes) is not is_careless, "the control is answered by what was read too early"


@pytest.mark.parametrize("is_level", [True, False])
def test_no_snapshot_is_told_where_none_was_made(bench, is_level):
    analysis = bench.ledger.analysis
    if not is_level:
        analysis._advance = lambda *_: False  # as where the log does not continue what was read of it
    assert analysis.take_snapshot(SECONDS) is is_level


@pytest.mark.parametrize("looks_in_vain", [1, 2])
def test_the_end_of_a_day_that_was_published_between_two_looks_is_there(bench, monkeypatch, looks_in_vain):
    """The second look finds it; the control: where it does not either, it is missing."""
    monkeypatch.setattr(CLOCK, "ahead_ms", CLOCK.ahead_ms)
    analysis = bench.ledger.analysis
    day = format_seconds(CLOCK.now_s)[:10]
    assert analysis.take_snapshot(SECONDS)
    CLOCK.forward(2 * DAY_S)
    assert bench.send(enrolment("maker", "maker")).status_code == 201
    assert analysis.take_snapshot(SECONDS)
    at = analysis.snapshots.at
    assert not isinstance(at(1), Neighbours)
    blind = chain(repeat(True, looks_in_vain), repeat(False))
    nothing = Neighbours(None, None)
    monkeypatch.setattr(analysis.snapshots, "at", lambda size: nothing if next(blind) else at(size))
    answer = bench.ask(REGISTRAR, f"/reports/capacity?date={day}")
    assert answer.status_code == (200 if looks_in_vain == 1 else 404), answer.text
    if looks_in_vain == 1:
        assert answer.json()["size"] == 1
