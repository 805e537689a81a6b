"""Which snapshots may go, and which names were ever used?

Kept are the newest, what stood at the end of each of the last days, and all that are pinned. Days are the
log's, not a clock's: a log that rests keeps what it has. What goes leaves its name behind in a file, written
before anything is removed: a name stands for one size and root for ever, there or not.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

BUILDING_SUFFIX = ".building"  # of what has no name yet; what a kill leaves of it is swept


@dataclass(frozen=True, slots=True)
class Retention:
    """`newest`: so many are kept, 0 for all there are.

    `days`: of so many days before the log's last, what stood at each one's end is kept; ends of earlier days
    are not made either, whatever `newest` is.
    """

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
    if by_size and retention.days > 0:
        last = max(one.day for one in every)
        first = last - timedelta(days=min(retention.days, (last - date.min).days))
        # A day without entries ended with the last snapshot before it, so the first needs one as well.
        kept |= {one.name for one in [one for one in by_size if one.day <= first][-1:]}
        kept |= set({one.day: one.name for one in by_size if one.day > first}.values())
    return [one.name for one in by_size if one.name not in kept]


class KeptLines:
    """Lines in a file, such as the names of what was removed; it grows until lines are dropped."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def every(self) -> tuple[str, ...]:
        """The lines in their order. A last one that a kill cut off counts for nothing."""
        return tuple(self._whole_lines().decode().splitlines()) if self._path.exists() else ()

    def add(self, lines: Iterable[str]) -> None:
        """On return they survive a power cut."""
        before = self._whole_lines() if self._path.exists() else b""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            os.ftruncate(handle, len(before))
            os.lseek(handle, 0, os.SEEK_END)
            os.write(handle, "".join(f"{line}\n" for line in lines).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        flush(self._path.parent)

    def drop(self, is_needless: Callable[[str], bool]) -> None:
        """Keep the other lines, in their order. A kill leaves all there were, or those kept."""
        every = self.every()
        kept = [line for line in every if not is_needless(line)]
        if len(kept) == len(every):
            return
        building = self._path.with_name(self._path.name + BUILDING_SUFFIX)
        building.write_bytes("".join(f"{line}\n" for line in kept).encode())
        flush(building)
        building.replace(self._path)
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
