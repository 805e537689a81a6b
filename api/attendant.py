"""Who starts the sequencer again when it has stopped?

Whatever stopped it (a full disk, a clock set back, a commit in doubt) may have passed, and a start from what
is on the disk is always safe: a log that must not grow refuses. So it is tried at once and then in pauses
that grow, for ever; each time the operator's log is told why. Knows no statement.
"""

from collections.abc import Callable
from threading import Event, Thread
from typing import Protocol

import structlog

LOOK_SECONDS = 0.5  # between looks whether it still runs
PAUSE_SECONDS_MIN = 1.0
PAUSE_SECONDS_MAX = 60.0

log = structlog.get_logger("chipledger.attendant")


class Attended(Protocol):
    """What is looked after: `stopped` says why it takes nothing, None while it runs."""

    @property
    def stopped(self) -> str | None:
        """Why it has stopped."""

    def start(self) -> None:
        """Take up again, or raise."""


class Attendant:
    """Looks after one sequencer in a thread. `close` before that is stopped on purpose.

    `wait` gives whether it was told to end, within so many seconds.
    """

    def __init__(self, attended: Attended, wait: Callable[[float], bool] | None = None) -> None:
        self._attended = attended
        self._ending = Event()
        self._wait = wait or self._ending.wait
        self._thread = Thread(target=self.attend, name="attendant", daemon=True)

    def start(self) -> None:
        """Look after it from now on."""
        self._thread.start()

    def close(self) -> None:
        """Let it be. A start that is being made is waited for."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def attend(self) -> None:
        """Start it whenever it has stopped, until told to end."""
        pause = sound = 0.0
        while not self._wait(LOOK_SECONDS if (runs := self._attended.stopped is None) else pause):
            why = self._attended.stopped
            if runs or why is None:
                sound += LOOK_SECONDS
                # What runs for a moment and stops again has not recovered: its pauses go on growing.
                pause = 0.0 if sound >= PAUSE_SECONDS_MAX else pause
                continue
            sound, pause = 0.0, min(max(2 * pause, PAUSE_SECONDS_MIN), PAUSE_SECONDS_MAX)
            self._start(why, pause)

    def _start(self, why: str, pause: float) -> None:
        try:
            self._attended.start()
        except Exception as fault:  # whatever it is, it may have passed by the next time
            reason = f"{type(fault).__name__}: {fault}"
            log.error("the log takes no statements", reason=reason, again_in_seconds=pause)
        else:
            log.warning("the log takes statements again", stopped_by=why)
