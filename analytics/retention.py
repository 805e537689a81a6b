"""Which snapshots may go, and which names were ever used?

Kept are the newest, the last one of each of the last days, and all that are pinned. Days are those of the
log, not of a clock: a log that rests keeps what it has. What goes leaves its name behind in a file, written
before anything is removed: a name stands for one size and root for ever, there or not.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Retention:
    """`newest`: so many are kept, 0 for all there are. `days`: of so many days the last one is kept."""

    newest: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot as the policy sees it; `day` is that of its last entry."""

    name: str
    size: int
    day: date
    is_pinned: bool


def superfluous(every: Sequence[Candidate], retention: Retention) -> list[str]:
    """The names that may go, smallest size first."""
    if retention.newest == 0:
        return []
    by_size = sorted(every, key=lambda one: one.size)
    kept = {one.name for one in by_size[-retention.newest :]} | {one.name for one in every if one.is_pinned}
    if by_size:
        before = max(one.day for one in every) - timedelta(days=retention.days)
        kept |= set({one.day: one.name for one in by_size if one.day > before}.values())
    return [one.name for one in by_size if one.name not in kept]


class UsedNames:
    """The names of what was removed, a line each, in a file that only grows."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def every(self) -> frozenset[str]:
        """The names. A last line that a kill cut off counts for nothing: nothing was removed on it."""
        if not self._path.exists():
            return frozenset()
        return frozenset(self._whole_lines().decode().splitlines())

    def add(self, names: Iterable[str]) -> None:
        """On return they survive a power cut."""
        before = self._whole_lines() if self._path.exists() else b""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            os.ftruncate(handle, len(before))
            os.lseek(handle, 0, os.SEEK_END)
            os.write(handle, "".join(f"{name}\n" for name in names).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        flush(self._path.parent)

    def _whole_lines(self) -> bytes:
        found = self._path.read_bytes()
        return found[: found.rfind(b"\n") + 1]


def flush(path: Path) -> None:
    """A file's bytes, or a folder's names, survive a power cut from here on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
