"""How do manifests get into published segments, and from where on are they missing?

The other side of `reading`. A segment is written beside its place, in large pieces, then renamed; it is
durable once whoever asked for it has flushed its file and folder. Knows no checkpoint.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ledger.durability.durable import TEMPORARY
from ledger.segments.reading import (
    SEGMENT_BYTES_MAX,
    SEGMENT_ENTRIES_MAX,
    manifest_header,
    parse_segment_name,
    segment_name,
)
from ledger.storage.store import Store, StoredEntry

LINES_AT_ONCE = 20_000  # of manifests read together, if one alone has not more
WRITTEN_BYTES_AT_ONCE = 1024 * 1024


def keep_segments(folder: Path, durable: int) -> int:
    """Remove all but the segments that cover the first entries, up to `durable`; how far those go.

    What lies beyond was cut off before its checkpoint, or does not follow on what is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    reach = 0
    for name in names:
        span = parse_segment_name(name)
        if span is not None and span.start == reach and span.stop <= durable:
            reach = span.stop
        elif span is not None or name.endswith(TEMPORARY):
            (folder / name).unlink()
    return reach


class SegmentWriter:
    """Writes the segments of one run, from entry `first` on; `done` are those in their place."""

    def __init__(
        self,
        folder: Path,
        first: int,
        *,
        bytes_max: int = SEGMENT_BYTES_MAX,
        entries_max: int = SEGMENT_ENTRIES_MAX,
    ) -> None:
        self.done: list[Path] = []
        self._bytes_max = bytes_max
        self._entries_max = entries_max
        self._folder = folder
        self._first = self._next = first
        self._descriptor: int | None = None
        self._parts: list[bytes] = []
        self._waiting_bytes = self._bytes = 0

    def take(self, store: Store, entries: Sequence[StoredEntry]) -> Iterator[bytes]:
        """Put in the manifests of the entries that follow; gives the bytes of each, in pieces of lines."""
        for some in _runs(entries):
            lined = any(entry.lines for entry in some)
            manifests = store.manifests(some[0].index, some[-1].index + 1) if lined else {}
            for entry in some:
                assert entry.index == self._next
                self._begin(entry, len(manifests.get(entry.index, b"")))
                self._next += 1
                if entry.lines:
                    manifest = manifests[entry.index]
                    self._put(manifest_header(entry.index, entry.statement, entry.lines), manifest, b"\n")
            yield from manifests.values()

    def close(self) -> None:
        """Put the last segment in its place, if there is one."""
        if self._descriptor is None:
            return
        self._write()
        os.close(self._descriptor)
        self._descriptor = None
        place = self._folder / segment_name(self._first, self._next)
        self._temporary().rename(place)
        self.done.append(place)
        self._first, self._bytes = self._next, 0

    def abandon(self) -> None:
        """Let go of a segment that was cut off; `keep_segments` removes what there is of it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _begin(self, entry: StoredEntry, manifest_bytes: int) -> None:
        """A new segment, where there is none or the one there is has no room for this entry."""
        header_bytes = len(manifest_header(entry.index, entry.statement, entry.lines)) + 1
        full = self._bytes + header_bytes + manifest_bytes > self._bytes_max
        if full or self._next - self._first == self._entries_max:
            self.close()
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            self._descriptor = os.open(self._temporary(), flags, 0o644)

    def _put(self, *parts: bytes) -> None:
        self._parts += parts
        size = sum(map(len, parts))
        self._bytes += size
        self._waiting_bytes += size
        if self._waiting_bytes >= WRITTEN_BYTES_AT_ONCE:
            self._write()

    def _write(self) -> None:
        assert self._descriptor is not None
        view = memoryview(b"".join(self._parts))
        while view:
            view = view[os.write(self._descriptor, view) :]
        self._parts, self._waiting_bytes = [], 0

    def _temporary(self) -> Path:
        return self._folder / (segment_name(self._first, self._first + 1) + TEMPORARY)


def _runs(entries: Sequence[StoredEntry]) -> Iterator[Sequence[StoredEntry]]:
    """The entries in runs of few lines, or of one entry."""
    start = lines = 0
    for place, entry in enumerate(entries):
        if place > start and lines + entry.lines > LINES_AT_ONCE:
            yield entries[start:place]
            start, lines = place, 0
        lines += entry.lines
    if start < len(entries):
        yield entries[start:]
