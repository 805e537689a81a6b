"""Whoever is told of signed heads may fail: statements are admitted all the same."""

from concurrent.futures import TimeoutError as TooLong
from threading import Event

import pytest
from structlog.testing import capture_logs

from ledger.outcome import Admitted
from ledger.sequencer import Sequencer
from ledger.storage.memory import MemoryStore
from tests.sequencer import trade


class Deaf:
    """Takes no head while it is broken."""

    def __init__(self):
        self.broken = False
        self.heads = []

    def __call__(self, size, _):
        if self.broken:
            raise RuntimeError("cannot schedule new futures after shutdown")
        self.heads.append(size)


class Unguarded(Sequencer):
    """Tells without a guard."""

    died = None

    def _tell(self):
        if self._published is not None:
            self._publish(self._published.size, self._published.note)

    def _run(self):
        try:
            super()._run()
        except RuntimeError:
            self.died.set()


def test_a_head_that_nobody_takes_stops_no_statement():
    deaf = Deaf()
    desk = trade.Desk(MemoryStore(), publish=deaf).open()
    deaf.broken = True
    with capture_logs() as told:
        outcomes = [desk.sends(trade.site("maker", name))[0] for name in ("a", "b")]
        deaf.broken = False
        outcomes += desk.sends(trade.site("maker", "c"))
        desk.close()
    assert [type(outcome) for outcome in outcomes] == [Admitted] * 3
    assert desk.sequencer.stopped == "stopped"
    assert deaf.heads[-1] == outcomes[-1].index + 1
    assert [line["event"] for line in told] == ["nobody took the signed head"] * 2


def test_without_the_guard_whoever_comes_next_would_wait_for_ever():
    deaf = Deaf()
    Unguarded.died = Event()
    desk = trade.Desk(MemoryStore(), sequencer=Unguarded, publish=deaf).open()
    deaf.broken = True
    desk.sends(trade.site("maker", "a"))
    assert Unguarded.died.wait(120)
    waiting = desk.sequencer.sequence([trade.site("maker", "b", make=trade.statement)])
    with pytest.raises(TooLong):
        waiting.result(0.2)
    assert desk.sequencer.stopped is None
    desk.close()
