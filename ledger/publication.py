"""Which files does the world see, and when?

The published form of the log: `public/` for everybody, `private/` for verifiers, plain files that any web
server can serve. Tiles never change and lie there, flushed, before the checkpoint that needs them moves.
Works behind the sequencer in a thread of its own; what a kill interrupts is written again, and of many
commits only the last needs its unfinished tiles. Between two runs it lets the writer have the machine.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Condition
from time import monotonic
from traceback import format_exception

import structlog

from ledger.durability.durable import replace_file
from ledger.durability.shelf import Shelf, flush_shelves
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import parse_checkpoint_text
from ledger.log.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH
from ledger.log.tiles import entries_path, pack_entries, tile_path
from ledger.segments.reading import SEGMENTS_FOLDER
from ledger.segments.writing import SegmentWriter, keep_segments
from ledger.storage.store import Store, StoredEntry
from signing.canonical import Unreadable

CHECKPOINTS_READ = 1_000  # sizes at once
BUNDLES_READ = 4  # at once
ROWS_BEFORE_SETTLING = 50_000  # entries and lines
PAUSE_SECONDS = 0.2  # between runs: a few large ones take less from the writer than many small ones
AGAIN_SECONDS_MIN = 1.0  # after a failure: pauses that double
AGAIN_SECONDS_MAX = 15.0
FLUSH_SECONDS_MAX = 600

EVIDENCE_NAMED = re.compile(rb'"attestation_sha256":"([0-9a-f]{64})"')

log = structlog.get_logger("chipledger.publication")


class Publisher:
    """Publishes a store's log into a folder. One a folder."""

    def __init__(self, store: Store, folder: LedgerFolder, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self.again_seconds = AGAIN_SECONDS_MIN  # the first pause after a failure
        self._store = store
        self._public = folder.public
        self._private = folder.private
        self._worker = ThreadPoolExecutor(1, "publisher")
        self._hand = ThreadPoolExecutor(1, "publication")  # one attempt at a time
        self._changed = Condition()
        self._wanted: tuple[int, str] | None = None
        self._busy = False
        self._pause_seconds = pause_seconds
        self._hurried = 0  # callers that wait
        self._flushes = 0  # callers that ever waited
        self._closing = False
        self._untaken_since: float | None = None  # when the oldest head came that no run has taken up
        self._taken_since: float | None = None  # the same of the run that goes on
        self._size = _published_size(folder.public)
        self._segmented: int | None = None  # entries whose manifests lie there; None: to be looked up
        self._fault: BaseException | None = None
        self._unsettled = 0

    @property
    def size(self) -> int:
        """The size of the checkpoint everybody sees, 0 before the first."""
        return self._size

    @property
    def behind_seconds(self) -> float:
        """How long ago the oldest head came that is not published yet, 0 where there is none."""
        with self._changed:
            since = self._untaken_since if self._taken_since is None else self._taken_since
            return 0.0 if since is None else monotonic() - since

    def publish(self, size: int, note: str) -> None:
        """Publish this head soon, unless a later one comes first. Returns at once."""
        with self._changed:
            if self._untaken_since is None:
                self._untaken_since = monotonic()
            if self._wanted is None or size >= self._wanted[0]:
                self._wanted = (size, note)
            if self._busy:
                return
            self._busy, self._fault = True, None
        self._worker.submit(self._work)

    def flush(self, seconds: float = FLUSH_SECONDS_MAX) -> None:
        """Wait until what was asked for is published; raises what keeps it from being so.

        `TimeoutError` where it takes too long.
        """
        with self._changed:
            if self._busy:
                self._fault = None  # it is tried again now, whatever came of it before
            self._hurried += 1
            self._flushes += 1
            self._changed.notify_all()
            ended = self._changed.wait_for(lambda: not self._busy or self._fault is not None, seconds)
            self._hurried -= 1
            if self._fault is not None:
                raise self._fault
            if not ended:
                raise TimeoutError(f"not published within {seconds} s")

    def close(self) -> None:
        """Finish what was asked for, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._worker.shutdown()
        self._hand.shutdown()

    def _work(self) -> None:
        """Publish until nothing is wanted. What fails is tried again: a quiet log must not stay behind."""
        again = self.again_seconds
        while (wanted := self._next()) is not None:
            fault = self._hand.submit(self._publish, *wanted).exception()
            if fault is None:
                again = self.again_seconds
                self._done(wanted)
            else:  # whatever it was (a full disk), it may have passed by the next time
                told = "".join(format_exception(fault))
                log.error("publication failed", fault=told, again_in_seconds=again)
                self._failed(fault, again)
                again = min(2 * again, AGAIN_SECONDS_MAX)

    def _next(self) -> tuple[int, str] | None:
        """The head to publish; None, and no longer busy, where none is wanted or it failed while closing."""
        with self._changed:
            if self._wanted is None or (self._closing and self._fault is not None):
                self._busy = False
                self._changed.notify_all()
                return None
            if self._taken_since is None:
                self._taken_since = self._untaken_since
            self._untaken_since = None
            return self._wanted

    def _failed(self, fault: BaseException, again_seconds: float) -> None:
        """Tell those who wait, and pause; who comes to wait, or the end of it all, cuts the pause short."""
        with self._changed:
            self._fault, flushes = fault, self._flushes
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closing or self._flushes != flushes, again_seconds)

    def _done(self, wanted: tuple[int, str]) -> None:
        with self._changed:
            self._fault = self._taken_since = None
            if self._wanted == wanted:
                self._wanted = self._untaken_since = None
            self._changed.wait_for(lambda: self._hurried > 0 or self._closing, self._pause_seconds)

    def _publish(self, size: int, note: str) -> None:
        done, public, private = self._size, Shelf(self._public), Shelf(self._private)
        if size > done:
            _hash_tiles(self._store, public, done, size)
        segmented = self._segments_kept()
        if size > min(done, segmented):
            self._segmented = None  # until all of them are there
            self._entries(private, done, segmented, size)
        flush_shelves(public, private)
        # Whoever finds a note finds its entries: after them, the farthest first, for all are in its tiles.
        notes = Shelf(self._public)
        for at in reversed(list(_sizes(self._store, done + 1, size))):
            notes.put(f"checkpoints/{at}", (self._store.checkpoint(at) or "").encode())
        flush_shelves(notes)
        if size >= done:
            # Last: whoever sees this size must find every tile below it.
            replace_file(self._public / "checkpoint", note.encode())
            self._size = size
            self._segmented = max(size, segmented)
            _forget_unfinished(public, private, done, size)
        if self._unsettled >= ROWS_BEFORE_SETTLING:
            self._unsettled = 0
            self._store.settle()

    def _segments_kept(self) -> int:
        """How many entries' manifests lie there; what a kill or a fault left beyond them is removed."""
        if self._segmented is None:
            self._segmented = keep_segments(self._private / SEGMENTS_FOLDER, self._size)
        return self._segmented

    def _entries(self, shelf: Shelf, done: int, segmented: int, size: int) -> None:
        """Put the bundles grown since `done`, and the manifests and evidence from `segmented` on."""
        writer = SegmentWriter(shelf.root / SEGMENTS_FOLDER, segmented)
        named: set[bytes] = set()
        try:
            for entries in _bundles(self._store, shelf, done, min(done, segmented), size):
                fresh = [entry for entry in entries if entry.index >= segmented]
                self._unsettled += len(fresh) + sum(entry.lines for entry in fresh)
                for lines in writer.take(self._store, fresh):
                    named.update(EVIDENCE_NAMED.findall(lines))
            writer.close()
        finally:
            writer.abandon()
        shelf.files += writer.done
        _evidence(self._store, shelf, named)


def _published_size(public: Path) -> int:
    """The size of the checkpoint that stands there; 0 where none does, so that all is written again."""
    try:
        text = (public / "checkpoint").read_text("utf-8")
        return parse_checkpoint_text(text.partition("\n\n")[0] + "\n").size
    except (FileNotFoundError, UnicodeDecodeError, Unreadable):
        return 0


def _hash_tiles(store: Store, shelf: Shelf, done: int, size: int) -> None:
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        for number, width in _grown(done >> (TILE_HEIGHT * level), hashes):
            stored = store.tile(level, number)[: width * HASH_BYTES]
            assert len(stored) == width * HASH_BYTES, "what is signed has its tiles"
            shelf.put(tile_path(level, number, width), stored)
        level += 1


def _bundles(store: Store, shelf: Shelf, done: int, start: int, size: int) -> Iterator[Sequence[StoredEntry]]:
    """All entries from the bundle of `start` on; every bundle that has grown since `done` is put."""
    first = start - start % TILE_WIDTH
    for at in range(first, size, BUNDLES_READ * TILE_WIDTH):
        stop = min(at + BUNDLES_READ * TILE_WIDTH, size)
        entries = store.entries(at, stop)
        assert len(entries) == stop - at
        for place in range(0, len(entries), TILE_WIDTH):
            bundle = entries[place : place + TILE_WIDTH]
            if bundle[-1].index >= done:
                name = entries_path((at + place) // TILE_WIDTH, len(bundle))
                shelf.put(name, pack_entries([entry.raw for entry in bundle]))
        yield entries


def _grown(before: int, after: int) -> Iterator[tuple[int, int]]:
    """Number and width of each tile of a row that grew from `before` to `after` hashes."""
    if before == after:
        return
    for number in range(before // TILE_WIDTH, -(-after // TILE_WIDTH)):
        yield number, min(TILE_WIDTH, after - number * TILE_WIDTH)


def _evidence(store: Store, shelf: Shelf, named: Iterable[bytes]) -> None:
    """Put the evidence that lines name, as far as it was handed in."""
    for name in sorted(name.decode() for name in named):
        evidence = store.attestation(name)
        if evidence is not None:
            shelf.put(f"attestations/{name[:2]}/{name}", evidence)


def _sizes(store: Store, start: int, stop: int) -> Iterator[int]:
    """Sizes with a checkpoint, start <= size <= stop."""
    while sizes := store.checkpoint_sizes(start, CHECKPOINTS_READ):
        yield from (size for size in sizes if size <= stop)
        if sizes[-1] >= stop:
            return
        start = sizes[-1] + 1


def _forget_unfinished(public: Shelf, private: Shelf, done: int, size: int) -> None:
    """Remove the unfinished forms of tiles that are whole now: whoever wants one may take the whole."""
    for number in range(done // TILE_WIDTH, size // TILE_WIDTH):
        _remove(private, entries_path(number))
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        for number in range((done >> (TILE_HEIGHT * level)) // TILE_WIDTH, hashes // TILE_WIDTH):
            _remove(public, tile_path(level, number))
        level += 1


def _remove(shelf: Shelf, tile: str) -> None:
    shutil.rmtree(shelf.root / f"{tile}.p", ignore_errors=True)
