"""Which frames has somebody in this process in hand already?

A frame of a past book never changes, and one of millions takes a minute to read: whoever holds one lets the
next have it. Nothing is held here; a frame goes when the last who holds it lets it go. Safe for threads.
"""

from threading import Lock
from weakref import WeakValueDictionary

from ledger.book.frame import Frame
from ledger.book.registry import FrameKey


class TakenFrames:
    """Frames of past books, as long as somebody holds them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._frames: WeakValueDictionary[FrameKey, Frame] = WeakValueDictionary()

    def get(self, key: FrameKey) -> Frame | None:
        """The frame, if somebody has it."""
        with self._lock:
            return self._frames.get(key)

    def keep(self, key: FrameKey, frame: Frame) -> None:
        """Somebody has it now. It must be of a book that is committed."""
        with self._lock:
            self._frames[key] = frame

    def forget(self) -> None:
        """The book is dropped: what it was is asked anew."""
        with self._lock:
            self._frames.clear()
