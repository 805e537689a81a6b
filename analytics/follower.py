"""What has the log said since we last looked?

Reads entries, versions of rows, and lines that moved nothing, once, in order, up to a head the caller has
seen published, and never past one that does not continue what was read before. Every batch is one
transaction with the size and root it ends at: killed anywhere, it goes on where the last whole batch ended.
The entries read must hash to that root, so each figure traces to a checkpoint.

An inspection that has not been drawn does not exist here: neither its rows nor the entry that committed
to it are taken until a later entry draws it, and then the entry is fetched. So a file holds nothing that
would have to be hidden, and what it holds depends on the size alone, not on when it was read. That an
index is missing shows that something was admitted there, as the log's public size does.

Knows no clock: whoever calls decides when.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

from analytics.feeds import ENTRY_INSERT, FEEDS, entry_rows
from analytics.folding import fold_batch, fold_kin
from analytics.inspection_feed import DRAWN_INSERT, INSPECTION_FEED, SAMPLED_FEED, drawn_rows
from analytics.observations import speaks_of_the_past
from analytics.warehouse import Standing, Warehouse
from ledger.book.rows import Inspection, Row, SampledChip
from ledger.book.tables import INSPECTIONS, LOG, SAMPLED, Table
from ledger.log.merkle import RightEdge, edge_from, grow, leaf_hashes
from ledger.log.proofs import HashSource, root_at
from ledger.storage.store import StoredEntry
from signing.canonical import Unreadable

R = TypeVar("R", bound=Row)

ENTRIES_PER_BATCH_MAX = 8_192
LINES_PER_BATCH_MAX = 400_000  # a batch ends before the entry that would pass this
ROWS_PER_APPEND_MAX = 50_000
UNSETTLED_ROWS_MAX = 4_000_000  # what may have to be looked through to know how a chip stood


class Source(Protocol):
    """What is read of a `Store`."""

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop, by index."""

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop, by index."""

    def manifest(self, index: int) -> tuple[bytes, ...]:
        """The lines of the entry at an index, empty where it has none."""

    def tile(self, level: int, number: int) -> bytes:
        """The hashes stored of a hash tile, as wide as it has grown."""


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """The head offered does not continue what was read. Nothing was taken; a person must look."""

    detail: str


class Follower:
    """Keeps a warehouse level with a log. Used from one thread at a time."""

    def __init__(self, source: Source, warehouse: Warehouse) -> None:
        self._source = source
        self._warehouse = warehouse
        self._hashes = HashSource(source.tile)

    def lag(self, size: int) -> int:
        """Entries of a log of `size` that are not here yet."""
        return max(0, size - self._warehouse.standing().size)

    def follow(
        self, size: int, root: bytes, stop: Callable[[], bool] = lambda: False
    ) -> Standing | Inconsistent:
        """Take all up to a published head, or a part where `stop` says so between batches."""
        self._hashes = HashSource(self._source.tile)  # anew: a store that was exchanged must show
        fault = self._refuse(self._warehouse.standing(), size, root)
        while fault is None and self._warehouse.standing().size < size and not stop():
            fault = self._take(self._warehouse.standing(), size)
        self._warehouse.settle()
        return self._warehouse.standing() if fault is None else fault

    def _refuse(self, standing: Standing, size: int, root: bytes) -> Inconsistent | None:
        if size < standing.size:
            return Inconsistent(f"the head has {size} entries, {standing.size} were read before")
        try:
            before, now = root_at(standing.size, self._hashes), root_at(size, self._hashes)
        except Unreadable as error:
            return Inconsistent(f"the tree cannot be read: {error}")
        if before != standing.root:
            return Inconsistent(
                f"at size {standing.size} the root is {before.hex()}, it was {standing.root.hex()}"
            )
        if now != root:
            return Inconsistent(f"at size {size} the root is {now.hex()}, the head says {root.hex()}")
        return None

    def _take(self, standing: Standing, size: int) -> Inconsistent | None:
        """One batch, whole or not at all."""
        start = standing.size
        entries = _batch(self._source.entries(start, min(size, start + ENTRIES_PER_BATCH_MAX)))
        after = start + len(entries)
        if [entry.index for entry in entries] != list(range(start, after)) or after == start:
            return Inconsistent(f"entries from {start} on are not all there")
        root = _grown(edge_from(start, self._source.tile), entries)
        if root != root_at(after, self._hashes):
            return Inconsistent(f"entries {start} to {after - 1} are not those of the tree")
        if speaks_of_the_past(entries) and self._warehouse.unsettled() > UNSETTLED_ROWS_MAX:
            self._warehouse.settle()
        with self._warehouse.transaction():
            hidden = {row.changed for row in self._inspections(start, after) if not row.stages_drawn}
            self._append_entries([entry for entry in entries if entry.index not in hidden])
            for feed in (*FEEDS, SAMPLED_FEED):
                for rows in _chunks(self._source.versions(feed.table, start, after)):
                    self._warehouse.append(feed.insert, feed.arrow(rows))
            self._take_inspections(start, after)
            self._take_draws(start, after)
            fold_kin(self._source, self._warehouse, start, after)
            fold_batch(self._source, self._warehouse, start, entries)
            self._warehouse.stand(standing.log or self._origin(start, after), after, root)
        return None

    def _append_entries(self, entries: Sequence[StoredEntry]) -> None:
        self._warehouse.append(ENTRY_INSERT, entry_rows(entries))

    def _origin(self, start: int, after: int) -> str | None:
        return next((row.origin for row in self._source.versions(LOG, start, after)), None)

    def _inspections(self, start: int, after: int) -> list[Inspection]:
        return list(self._source.versions(INSPECTIONS, start, after))

    def _take_inspections(self, start: int, after: int) -> None:
        """Versions of inspections already drawn, and what was said of each before its first draw."""
        rows = [row for row in self._inspections(start, after) if row.stages_drawn]
        self._warehouse.append(INSPECTION_FEED.insert, INSPECTION_FEED.arrow(rows))
        for row in {row.inspection: row for row in reversed(rows)}.values():  # the first version of each
            if self._warehouse.ask("SELECT 1 FROM record.entry WHERE entry_index = ?", [row.born]):
                continue
            earlier = self._inspections(row.born, row.changed)
            for index in sorted(each.changed for each in earlier if each.inspection == row.inspection):
                self._append_entries(self._source.entries(index, index + 1))

    def _take_draws(self, start: int, after: int) -> None:
        """What each draw selected, with tickets and ranks as anybody can recompute them."""
        drawn: dict[int, list[SampledChip]] = {}
        for row in self._source.versions(SAMPLED, start, after):
            if row.stages:
                drawn.setdefault(row.changed, []).append(row)
        for inspection in self._inspections(start, after):
            # A later version of an inspection is its closing, which writes none of these rows.
            if inspection.changed in drawn:
                stage = str(inspection.stages_drawn)
                some = [row for row in drawn[inspection.changed] if stage in row.stages.split()]
                self._warehouse.append(DRAWN_INSERT, drawn_rows(inspection, some))


def _batch(entries: Sequence[StoredEntry]) -> list[StoredEntry]:
    """As many of the first entries as a batch may hold, at least one."""
    taken: list[StoredEntry] = []
    lines = 0
    for entry in entries:
        lines += entry.lines
        if taken and lines > LINES_PER_BATCH_MAX:
            break
        taken.append(entry)
    return taken


def _grown(edge: RightEdge, entries: Sequence[StoredEntry]) -> bytes:
    return grow(edge, leaf_hashes([entry.raw for entry in entries])).edge.root()


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, ROWS_PER_APPEND_MAX)):
        yield chunk
