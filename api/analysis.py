"""Who keeps the warehouse level with the log while the server runs, and how far behind is it?

One thread follows, makes snapshots and segments, and prunes. It makes a snapshot every so often, and one of
exactly the size at which each day ended, before it reads on: that is what is asked for by day. All of it is
derived: whatever befalls it is told and tried again, and stops nothing else.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Event, Thread

import structlog

from analytics.console import Console
from analytics.day_ends import day_ends
from analytics.follower import Follower
from analytics.reading import Inconsistent
from analytics.retention import Retention
from analytics.segments import Foreign, Segments
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse, is_damage, set_aside
from ledger.log.proofs import HashSource, consistency_proof, root_at, verify_consistency
from ledger.sequencer import Published
from ledger.storage.store import Store

LOOK_SECONDS = 0.5  # between looks whether anything is to be done
FOLLOW_SECONDS = 30  # following ends in a scan of the chips, and takes its time from the door: so seldom
FOLLOW_AGAIN_SECONDS_MIN = 1.0  # after a failure: pauses that double
FOLLOW_AGAIN_SECONDS_MAX = 300.0
WAREHOUSE_FILE = "warehouse.duckdb"
SNAPSHOTS_FOLDER = "snapshots"
SEGMENTS_FOLDER = "segments"

log = structlog.get_logger("chipledger.analysis")


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the warehouse is behind the log: entries, and the age of the oldest of them in seconds."""

    entries: int
    seconds: float


class Analysis:
    """A warehouse that follows the log, snapshots of it, and the console that asks them.

    All of it is derived, so nothing that befalls it stops the ledger: it is told in `fault` and tried again.
    `wait` gives whether it was told to end, within so many seconds.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        head: Callable[[], Published],
        snapshot_seconds: int,
        wait: Callable[[float], bool] | None = None,
        *,
        retention: Retention | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._retention = retention or Retention()
        self.snapshots = Snapshots(folder / SNAPSHOTS_FOLDER, self._retention)
        self._segments = Segments(folder / SEGMENTS_FOLDER)
        self.console = Console()
        self._head = head
        self._snapshot_seconds = snapshot_seconds
        self._store = store
        self._path = folder / WAREHOUSE_FILE
        self._warehouse: Warehouse | None = None  # touched by the thread alone
        self._follow_at = self._snapshot_at = 0.0
        self._segments_fit = True
        self._followed = 0  # entries that are in the warehouse; read by other threads
        self._stumbled: Exception | None = None  # what the last turn failed of
        self._ending = Event()
        self._wait = wait or self._ending.wait
        self._asks = Condition()
        self._asked = 0  # how many snapshots were ever asked for
        self._answered = 0  # up to which of them a turn that began later has ended
        self._made = 0  # up to which of them a snapshot was made
        self._thread = Thread(target=self._run, name="follower", daemon=True)
        self.fault: str | None = None

    def start(self) -> None:
        """Follow from now on."""
        self._thread.start()

    def take_snapshot(self, seconds: float) -> bool:
        """Have a snapshot of the newest head made; whether it was, within so many seconds.

        A turn that has begun before does not count: it may have read an older head.
        """
        with self._asks:
            self._asked += 1
            ask = self._asked
            self._asks.wait_for(lambda: self._answered >= ask, seconds)
            return self._made >= ask

    def lag(self, now_ms: int) -> Lag:
        """How far behind the warehouse is. What is there is not known before the thread's first look."""
        followed, size = self._followed, self._head().size
        waiting = self._store.entries(followed, followed + 1) if followed < size else []
        age_ms = max(0, now_ms - waiting[0].admitted_at) if waiting else 0
        return Lag(max(0, size - followed), age_ms / 1000)

    def is_coming(self, size: int) -> bool:
        """Whether the snapshot of this size, at which a day ended, is made within `FOLLOW_SECONDS` or so.

        The follower has not passed it, and stops there. Asked by other threads.
        """
        head = self._head()
        if self._snapshot_seconds <= 0 or self.fault is not None or not self._followed <= size < head.size:
            return False
        ends = day_ends(size, head.size, self._retention.days, self._admitted_at)
        return next(ends, None) == size and not self.snapshots.was_made(
            size, root_at(size, HashSource(self._store.tile))
        )

    def close(self) -> None:
        """Finish the batch that is being taken in, and let go of the warehouse."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        again = FOLLOW_AGAIN_SECONDS_MIN
        pause = 0.0
        while not (self._ending.is_set() or self._wait(pause)):
            try:
                self._take_turn()
                again, pause = FOLLOW_AGAIN_SECONDS_MIN, LOOK_SECONDS
            except Exception as error:  # analysis may fail, the ledger goes on; /readyz tells
                self.fault = f"analysis failed, and is tried again: {type(error).__name__}"
                log.error("the follower failed", again_in_seconds=again, exc_info=error)
                self._stumbled = error
                again, pause = min(2 * again, FOLLOW_AGAIN_SECONDS_MAX), again
        self._let_go()

    def _let_go(self) -> None:
        """Close the warehouse."""
        warehouse, self._warehouse = self._warehouse, None
        if warehouse is not None:
            warehouse.close()

    def _begin_anew(self, stumbled: Exception) -> None:
        """After a failure: with the file as it lies there, or from nothing where that is damaged."""
        self._let_go()
        self._follow_at = 0.0
        if is_damage(stumbled):
            set_aside(self._path, stumbled)
        self._stumbled = None

    def _take_turn(self) -> None:
        """Follow and make a snapshot, as far as either is due."""
        if self._stumbled is not None:
            self._begin_anew(self._stumbled)
        self._warehouse = self._warehouse or Warehouse(self._path)
        self._is_told_to_end(self._warehouse)
        asked = self._asked  # what fails on the way is still asked for in the next turn
        now = time.monotonic()
        due = asked > self._answered or (self._snapshot_seconds > 0 and now >= self._snapshot_at)
        is_level = True
        if due or now >= self._follow_at:
            is_level = self._follow(self._warehouse)
            self._follow_at = now + FOLLOW_SECONDS
        if due and is_level:
            self._publish(self._warehouse)
            self._snapshot_at = now + self._snapshot_seconds
        with self._asks:
            self._answered = asked
            self._made = asked if due and is_level else self._made
            self._asks.notify_all()

    def _publish(self, warehouse: Warehouse) -> None:
        """A snapshot, the one that is there where nothing was added, and segments for other engines."""
        self._snap(warehouse)
        for gone in self.snapshots.prune():
            log.info("a snapshot was pruned", name=gone.name)
        hashes = HashSource(self._store.tile)
        made = self._segments.write(warehouse, lambda size: root_at(size, hashes), self._ending.is_set)
        self._segments_fit = not isinstance(made, Foreign)
        if isinstance(made, Foreign):
            self.fault = f"analysis: {made.detail}"
            log.error("the folder of segments is another log's: put it aside", reason=made.detail)

    def _is_told_to_end(self, warehouse: Warehouse) -> bool:
        """Asked between batches; what is in by then is known to others."""
        self._followed = warehouse.standing().size
        return self._ending.is_set()

    def _follow(self, warehouse: Warehouse) -> bool:
        """Whether the warehouse is level with the head; ends of days on the way have their snapshots."""
        head = self._head()
        if self._snapshot_seconds > 0:
            for size, root in self._ends_to_publish(warehouse.standing().size, head):
                if not self._advance(warehouse, size, root):
                    return False
                self._snap(warehouse)
                log.info("the end of a day was published", size=size)
        return self._advance(warehouse, head.size, head.root)

    def _ends_to_publish(self, start: int, head: Published) -> Iterator[tuple[int, bytes]]:
        """Sizes and roots of ends of days that the policy keeps and that never had their snapshot."""
        hashes = HashSource(self._store.tile)
        for size in day_ends(start, head.size, self._retention.days, self._admitted_at):
            root = root_at(size, hashes)
            # What is under no head that was signed is for the way to that head to tell.
            proof = consistency_proof(size, head.size, hashes)
            if not verify_consistency(size, head.size, proof, root, head.root):
                return
            if not self.snapshots.was_made(size, root):
                yield size, root

    def _admitted_at(self, index: int) -> int:
        return self._store.entries(index, index + 1)[0].admitted_at

    def _snap(self, warehouse: Warehouse) -> None:
        # Its day is that of its last entry, also where that is of an inspection that nobody may see yet.
        size = warehouse.standing().size
        self.snapshots.publish(warehouse, self._admitted_at(size - 1) / 1000 if size else None)

    def _advance(self, warehouse: Warehouse, size: int, root: bytes) -> bool:
        """Whether the warehouse is so far: the log continues what was read, and nobody told it to end."""
        follower = Follower(self._store, warehouse)
        followed = (
            follower.follow(size, root, lambda: self._is_told_to_end(warehouse))
            if follower.lag(size)
            else None
        )
        self._followed = warehouse.standing().size
        if isinstance(followed, Inconsistent):
            self.fault = f"analysis: {followed.detail}"
            log.error("the log does not continue what was read of it", reason=self.fault)
            return False
        if self._segments_fit:
            self.fault = None
        return self._followed >= size
