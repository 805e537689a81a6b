"""How far is a question that is being answered, and how is it ended?

One value that the asker's side and the console share while the answer is on its way. Knows no process.
"""

import time
from threading import Event


class Asking:
    """One question under way. `progress` is in hundredths of all there is to do, None while unknown."""

    def __init__(self, query: str, size: int) -> None:
        self.query = query
        self.size = size
        self.progress: float | None = None
        self._began = time.monotonic()
        self._cancelled = Event()

    def cancel(self) -> None:
        """End it. It may have ended."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody ended it."""
        return self._cancelled.is_set()

    @property
    def seconds(self) -> float:
        """Since it was asked."""
        return time.monotonic() - self._began
