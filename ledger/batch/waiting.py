"""Which statements wait for the sequencer, and which of them go into its next batch?

Whoever knocks hands over a list and gets a future of as many outcomes. A batch is whatever has come while
the last one was committed, up to limits: nobody waits for a batch to fill. Order is kept.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition

from ledger.book.statement import Statement
from ledger.outcome import Outcome

BATCH_ENTRIES_MAX = 1_024
BATCH_LINES_MAX = 100_000  # manifest lines of a batch together; one statement alone may have as many

Outcomes = Future[list[Outcome]]


@dataclass(slots=True)
class Knock:
    """Statements that came together. Those before `taken` have gone into batches."""

    statements: Sequence[Statement]
    future: Outcomes = field(default_factory=Future)
    outcomes: list[Outcome] = field(default_factory=list)
    taken: int = 0

    def answer(self, outcomes: Sequence[Outcome]) -> None:
        """The next outcomes; the future is released once all are there."""
        self.outcomes.extend(outcomes)
        if len(self.outcomes) == len(self.statements):
            self.future.set_result(self.outcomes)


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a knock that goes into one batch."""

    knock: Knock
    statements: Sequence[Statement]


class WaitingRoom:
    """A queue many put into and one takes from. `turned_away` answers those who come after it was closed."""

    def __init__(self, turned_away: Callable[[Statement], Outcome]) -> None:
        self._turned_away = turned_away
        self._arrived = Condition()
        self._knocks: deque[Knock] = deque()
        self._open = True

    def put(self, statements: Sequence[Statement]) -> Outcomes:
        """Wait for these to be sequenced, in this order and after all that wait already."""
        knock = Knock(statements)
        knock.future.set_running_or_notify_cancel()  # what waits here cannot be taken back
        with self._arrived:
            if self._open and statements:
                self._knocks.append(knock)
                self._arrived.notify()
                return knock.future
        self._turn_away(knock)
        return knock.future

    def take(self) -> list[Share]:
        """The next batch, waiting for one; empty once the room is closed and nobody is left in it."""
        with self._arrived:
            while self._open and not self._knocks:
                self._arrived.wait()
            shares: list[Share] = []
            entries = lines = 0
            while self._knocks:
                knock = self._knocks[0]
                start = stop = knock.taken
                for statement in knock.statements[start:]:
                    lines += len(statement.lines)
                    if entries == BATCH_ENTRIES_MAX or (entries and lines > BATCH_LINES_MAX):
                        break
                    entries += 1
                    stop += 1
                if stop > start:
                    shares.append(Share(knock, knock.statements[start:stop]))
                    knock.taken = stop
                if stop < len(knock.statements):
                    break
                self._knocks.popleft()
            return shares

    def close(self) -> None:
        """Let nobody in any more; who is in will be served."""
        with self._arrived:
            self._open = False
            self._arrived.notify()

    def clear(self) -> None:
        """Send everybody away unserved."""
        self.close()
        with self._arrived:
            knocks, self._knocks = list(self._knocks), deque()
        for knock in knocks:
            self._turn_away(knock)

    def _turn_away(self, knock: Knock) -> None:
        missing = knock.statements[len(knock.outcomes) :]
        knock.answer([self._turned_away(statement) for statement in missing])
