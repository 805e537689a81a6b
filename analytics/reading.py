"""What do the next entries of a log say, as columns?

Reads a batch whole: entries, every version they wrote, and the lines that moved nothing. The entries must
hash to the root that the tree has after them, so each figure traces to a checkpoint. Needs nothing of what
was read before but where it ended, so that one batch can be read while another is written.

An inspection that has not been drawn does not exist here: neither its rows nor the entry that committed
to it are given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from analytics.feeds import CHIP_TABLE, ENTRY_TABLE, FEEDS, chip_rows, entry_rows
from analytics.inspection_feed import INSPECTION_FEED, SAMPLED_FEED
from analytics.observations import JUDGED, Observed, may_speak_of_others, parts_of
from ledger.book.rows import Inspection, Row
from ledger.book.tables import INSPECTIONS, STOCKTAKES, Table
from ledger.log.merkle import RightEdge, edge_from, grow, leaf_hashes
from ledger.log.proofs import HashSource, root_at
from ledger.storage.store import StoredEntry

R = TypeVar("R", bound=Row)

ENTRIES_PER_BATCH_MAX = 8_192
LINES_PER_BATCH_MAX = 400_000  # a batch ends before the entry that would pass this
ROWS_PER_APPEND_MAX = 50_000


class Source(Protocol):
    """What is read of a `Store`."""

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop, by index."""

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop, by index."""

    def chip_columns(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """What `versions` gives of chips, as `ledger.book.chip_columns`, some at a time."""

    def manifest(self, index: int) -> tuple[bytes, ...]:
        """The lines of the entry at an index, empty where it has none."""

    def tile(self, level: int, number: int) -> bytes:
        """The hashes stored of a hash tile, as wide as it has grown."""


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """The head offered does not continue what was read. Nothing was taken; a person must look."""

    detail: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries start <= index < after, and the root of the log of size `after`.

    `appends` are rows, each with the table of the warehouse they go to; `inspections` every version of an
    inspection, of those not drawn too; `observed` what was said of chips that did not move.
    """

    start: int
    after: int
    root: bytes
    appends: list[tuple[str, pa.Table]]
    inspections: list[Inspection]
    observed: Observed


def read_batch(source: Source, start: int, size: int) -> Batch | Inconsistent:
    """What comes next in a log of `size` entries, at least one."""
    entries = _some(source.entries(start, min(size, start + ENTRIES_PER_BATCH_MAX)))
    after = start + len(entries)
    if [entry.index for entry in entries] != list(range(start, after)) or after == start:
        return Inconsistent(f"entries from {start} on are not all there")
    root = _grown(edge_from(start, source.tile), entries)
    if root != root_at(after, HashSource(source.tile)):
        return Inconsistent(f"entries {start} to {after - 1} are not those of the tree")
    inspections = list(source.versions(INSPECTIONS, start, after))
    hidden = {row.changed for row in inspections if not row.stages_drawn}
    shown = [entry for entry in entries if entry.index not in hidden]
    chips = list(source.chip_columns(start, after))
    appends = [(ENTRY_TABLE, entry_rows(shown))]
    appends += ((CHIP_TABLE, chip_rows(columns)) for columns in chips)
    for feed in (*FEEDS, SAMPLED_FEED):
        for rows in _chunks(source.versions(feed.table, start, after)):
            appends.append((feed.into, feed.arrow(rows)))
    drawn = [row for row in inspections if row.stages_drawn]
    appends.append((INSPECTION_FEED.into, INSPECTION_FEED.arrow(drawn)))
    return Batch(start, after, root, appends, inspections, _observed(source, entries, chips))


def _some(entries: Sequence[StoredEntry]) -> list[StoredEntry]:
    """As many of the first entries as a batch may hold, at least one."""
    taken: list[StoredEntry] = []
    lines = 0
    for entry in entries:
        lines += entry.lines
        if taken and lines > LINES_PER_BATCH_MAX:
            break
        taken.append(entry)
    return taken


def _observed(source: Source, entries: Sequence[StoredEntry], chips: Sequence[pa.RecordBatch]) -> Observed:
    moved: dict[int, int] = {}
    for columns in chips:
        for counted in pc.value_counts(columns.column("changed")).to_pylist():
            moved[counted["values"]] = moved.get(counted["values"], 0) + counted["counts"]
    observed = Observed()
    for entry in entries:
        if may_speak_of_others(entry, moved.get(entry.index, 0)):
            observed.hear(entry, source.manifest(entry.index))
    for row in source.versions(STOCKTAKES, entries[0].index, entries[-1].index + 1):
        if row.state == JUDGED and row.born >= 0:
            parts = (index for index in parts_of(row) if index != row.changed)
            observed.count(row, (source.manifest(index) for index in parts))
    return observed


def _grown(edge: RightEdge, entries: Sequence[StoredEntry]) -> bytes:
    return grow(edge, leaf_hashes([entry.raw for entry in entries])).edge.root()


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, ROWS_PER_APPEND_MAX)):
        yield chunk
