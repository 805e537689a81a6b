"""Which immutable files are there to ask, and which one answers for a size or a day?

A snapshot is a warehouse as it stood, named `<size>-<first 16 hex of the root>.duckdb`: one read-only
file, base tables, views and all. It appears whole under its name or not at all, is never written again but by
a program of other tables, from the same log, and a name is never used for anything else, nor again once it
was pruned; it was modified when its last entry was admitted. Which sizes get one is the caller's
choice; a size without one has neighbours. One process publishes and prunes: the one that has the warehouse.
Knows no clock.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from analytics import contained
from analytics.retention import BUILDING_SUFFIX, Candidate, KeptLines, Retention, flush, superfluous
from analytics.warehouse import SCHEMA_SHA256, Standing, Warehouse, standing_of

NAME = re.compile(r"(?P<size>0|[1-9][0-9]{0,18})-(?P<root>[0-9a-f]{16})\.duckdb", re.ASCII)
ROOT_HEX_IN_NAME = 16
PINNED_SUFFIX = ".pinned"  # an empty file beside the snapshot
PRUNED_FILE = "pruned"
SHAPES_FILE = "shapes"  # a name that is there and the fingerprint of its tables; a name's last line counts
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

    def __init__(self, folder: Path, retention: Retention | None = None) -> None:
        self._folder = folder
        self._retention = retention or Retention()
        folder.mkdir(parents=True, exist_ok=True)
        self._pruned = KeptLines(folder / PRUNED_FILE)
        self._shapes = KeptLines(folder / SHAPES_FILE)

    def was_made(self, size: int, root: bytes) -> bool:
        """Whether the snapshot of this tree was ever published: it is there, or it was pruned."""
        name = _name(size, root)
        return self.called(name) is not None or name in self._pruned.every()

    def publish(self, warehouse: Warehouse, admitted_until: float | None = None) -> Snapshot | None:
        """The snapshot of the warehouse as it stands, made unless it is there; None where it was pruned.

        `admitted_until`: when its last entry was admitted, in Unix seconds; else the last that it shows.
        """
        warehouse.settle()
        self._tidy()
        standing = warehouse.standing()
        snapshot = self._named(_name(standing.size, standing.root))
        assert snapshot is not None
        is_there, is_ours = snapshot.path.exists(), self._shape_of(snapshot) == SCHEMA_SHA256
        if is_there and is_ours:
            return snapshot
        if snapshot.name in self._pruned.every():
            return None
        warehouse.sum_up()
        building = snapshot.path.with_suffix(BUILDING_SUFFIX)
        warehouse.copy_to(building)
        assert _standing_in(building) == warehouse.standing(), "the copy is not what was copied"
        last = warehouse.admitted_until() if admitted_until is None else admitted_until
        if last is not None:
            os.utime(building, (last, last))  # its day, which pruning asks for without opening it
        os.chmod(building, READ_ONLY_MODE)
        flush(building)
        if is_there:
            # Its tables are of another program: reports of ours cannot ask it. Killed here, it is nobody's.
            self._shapes.add([f"{snapshot.name} "])
            building.replace(snapshot.path)
        else:
            os.link(building, snapshot.path)  # unlike a rename it takes no name that is taken
            building.unlink()
        flush(self._folder)
        self._shapes.add([f"{snapshot.name} {SCHEMA_SHA256}"])
        return snapshot

    def _shape_of(self, snapshot: Snapshot) -> str:
        """The fingerprint of the tables that a snapshot was made with; none if a program said none."""
        said = dict(line.split(" ", 1) for line in self._shapes.every())
        return said.get(snapshot.name, "")

    def prune(self) -> list[Snapshot]:
        """Remove what the policy does not keep; gives what went. Whoever has one open can read on."""
        self._tidy()
        every = {snapshot.name: snapshot for snapshot in self.every()}
        named = superfluous([self._candidate(snapshot) for snapshot in every.values()], self._retention)
        gone = [every[name] for name in named]
        if gone:
            self._pruned.add(named)
            self._remove(gone)
            self._forget_shapes()
        return gone

    def pin(self, name: str) -> bool:
        """Keep a snapshot whatever the policy says; whether it is there."""
        snapshot = self.called(name)
        if snapshot is None:
            return False
        self._pin_of(snapshot).touch()
        flush(self._folder)
        return self.called(name) is not None

    def unpin(self, name: str) -> None:
        """Leave a snapshot to the policy again."""
        snapshot = self._named(name)
        if snapshot is not None:
            self._pin_of(snapshot).unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Finish what a kill broke off: half a copy never had a name, and what was pruned has to go."""
        for left in self._folder.glob(f"*{BUILDING_SUFFIX}"):
            left.unlink()
        self._remove([s for name in sorted(self._pruned.every()) if (s := self.called(name)) is not None])
        self._forget_shapes()

    def _forget_shapes(self) -> None:
        """Of what is gone nobody asks which tables it had: its name is never used again."""
        there = {snapshot.name for snapshot in self.every()}
        self._shapes.drop(lambda line: line.partition(" ")[0] not in there)

    def _remove(self, gone: list[Snapshot]) -> None:
        for snapshot in gone:
            snapshot.path.unlink()
            self._pin_of(snapshot).unlink(missing_ok=True)
        if gone:
            flush(self._folder)

    def _candidate(self, snapshot: Snapshot) -> Candidate:
        day = datetime.fromtimestamp(snapshot.path.stat().st_mtime, UTC).date()
        return Candidate(snapshot.name, snapshot.size, day, self._pin_of(snapshot).exists())

    def _pin_of(self, snapshot: Snapshot) -> Path:
        return snapshot.path.with_name(snapshot.name + PINNED_SUFFIX)

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


def _name(size: int, root: bytes) -> str:
    return f"{size}-{root.hex()[:ROOT_HEX_IN_NAME]}.duckdb"


def _standing_in(path: Path) -> Standing:
    with duckdb.connect(str(path), read_only=True) as connection:
        return standing_of(connection)
