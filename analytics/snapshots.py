"""Which immutable files are there to ask, and which one answers for a size or a day?

A snapshot is a warehouse as it stood, named `<size>-<first 16 hex of the root>.duckdb`: one read-only
file, base tables, views and all. It appears whole under its name or not at all, is never written again,
and a name is never used for anything else. Which sizes get one is the caller's choice; a size without one
has neighbours. Knows no clock.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from analytics import contained
from analytics.warehouse import Standing, Warehouse, standing_of
from ledger.storage.store import StoredEntry

NAME = re.compile(r"(?P<size>0|[1-9][0-9]{0,18})-(?P<root>[0-9a-f]{16})\.duckdb", re.ASCII)
ROOT_HEX_IN_NAME = 16
READ_ONLY_MODE = 0o444  # readable by the unprivileged user that queries run as; the folder guards it

open_snapshot = contained.open_snapshot


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One file; `root` is the first 16 hex digits of the root."""

    name: str
    size: int
    root: str
    path: Path


@dataclass(frozen=True, slots=True)
class Neighbours:
    """No snapshot of the size asked for: the nearest ones, None where there is none."""

    below: Snapshot | None
    above: Snapshot | None


class Snapshots:
    """The folder of snapshots."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.building"):
            left.unlink()  # of a publication that was killed; it never had a name

    def publish(self, warehouse: Warehouse) -> Snapshot:
        """The snapshot of the warehouse as it stands, made unless it is there."""
        warehouse.settle()
        standing = warehouse.standing()
        snapshot = self._named(f"{standing.size}-{standing.root.hex()[:ROOT_HEX_IN_NAME]}.duckdb")
        assert snapshot is not None
        if snapshot.path.exists():
            return snapshot
        building = snapshot.path.with_suffix(".building")
        warehouse.copy_to(building)
        assert _standing_in(building) == standing, "the copy is not what was copied"
        os.chmod(building, READ_ONLY_MODE)
        _flush(building)
        os.link(building, snapshot.path)  # unlike a rename it takes no name that is taken
        building.unlink()
        _flush(self._folder)
        return snapshot

    def every(self) -> list[Snapshot]:
        """All snapshots by size."""
        found = [self._named(path.name) for path in self._folder.iterdir()]
        return sorted((s for s in found if s is not None), key=lambda s: (s.size, s.root))

    def latest(self) -> Snapshot | None:
        """The one of the greatest size."""
        return max(self.every(), key=lambda s: s.size, default=None)

    def called(self, name: str) -> Snapshot | None:
        """The snapshot of this name."""
        snapshot = self._named(name)
        return snapshot if snapshot is not None and snapshot.path.is_file() else None

    def at(self, size: int) -> Snapshot | Neighbours:
        """The snapshot of exactly this size, or those next to it."""
        every = self.every()
        for snapshot in every:
            if snapshot.size == size:
                return snapshot
        below = [s for s in every if s.size < size]
        above = [s for s in every if s.size > size]
        return Neighbours(below[-1] if below else None, above[0] if above else None)

    def _named(self, name: str) -> Snapshot | None:
        match = NAME.fullmatch(name)
        if match is None:
            return None
        return Snapshot(name, int(match["size"]), match["root"], self._folder / name)


def size_on(day: date, size: int, entries: Callable[[int, int], list[StoredEntry]]) -> int:
    """The size after the last entry admitted before the end of a day, UTC, in a log of `size` entries.

    Admissions never decrease, so a few entries are looked at, whatever the size.
    """
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    end_ms = int(end.timestamp()) * 1000
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if entries(middle, middle + 1)[0].admitted_at < end_ms:
            low = middle + 1
        else:
            high = middle
    return low


def _standing_in(path: Path) -> Standing:
    with duckdb.connect(str(path), read_only=True) as connection:
        return standing_of(connection)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
