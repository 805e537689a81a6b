"""What has the log said since we last looked?

Reads entries, versions of rows, and lines that moved nothing, once, in order, up to a head the caller has
seen published, and never past one that does not continue what was read before. Every batch is one
transaction with the size and root it ends at: killed anywhere, it goes on where the last whole batch ended.
One batch is read while the one before is written.

An inspection that has not been drawn is passed over until a later entry draws it, and then its entries are
fetched. So a file holds nothing that would have to be hidden, and what it holds depends on the size alone,
not on when it was read. That an index is missing shows that something was admitted there, as the log's public
size does.

Knows no clock: whoever calls decides when.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from analytics.feeds import ENTRY_TABLE, entry_rows
from analytics.inspection_feed import DRAWN_TABLE, drawn_rows
from analytics.kinship import fold_kin
from analytics.reading import Batch, Inconsistent, Source, read_batch
from analytics.warehouse import Standing, Warehouse
from ledger.book.rows import SampledChip
from ledger.book.tables import INSPECTIONS, LOG, SAMPLED
from ledger.log.proofs import HashSource, root_at
from signing.canonical import Unreadable

UNSETTLED_ROWS_MAX = 8_000_000  # what is looked through at once to know how chips stood when spoken of


class Follower:
    """Keeps a warehouse level with a log. Used from one thread at a time."""

    def __init__(self, source: Source, warehouse: Warehouse) -> None:
        self._source = source
        self._warehouse = warehouse

    def lag(self, size: int) -> int:
        """Entries of a log of `size` that are not here yet."""
        return max(0, size - self._warehouse.standing().size)

    def follow(
        self, size: int, root: bytes, stop: Callable[[], bool] = lambda: False
    ) -> Standing | Inconsistent:
        """Take all up to a published head, or a part where `stop` says so between batches."""
        standing = self._warehouse.standing()
        fault = self._refuse(standing, size, root)
        if fault is None and standing.size < size:
            fault = self._take_all(standing.size, size, stop)
        self._warehouse.settle()
        return self._warehouse.standing() if fault is None else fault

    def _refuse(self, standing: Standing, size: int, root: bytes) -> Inconsistent | None:
        if size < standing.size:
            return Inconsistent(f"the head has {size} entries, {standing.size} were read before")
        hashes = HashSource(self._source.tile)  # anew: a store that was exchanged must show
        try:
            before, now = root_at(standing.size, hashes), root_at(size, hashes)
        except Unreadable as error:
            return Inconsistent(f"the tree cannot be read: {error}")
        if before != standing.root:
            return Inconsistent(
                f"at size {standing.size} the root is {before.hex()}, it was {standing.root.hex()}"
            )
        if now != root:
            return Inconsistent(f"at size {size} the root is {now.hex()}, the head says {root.hex()}")
        return None

    def _take_all(self, start: int, size: int, stop: Callable[[], bool]) -> Inconsistent | None:
        with ThreadPoolExecutor(1, "follower-ahead") as ahead:
            coming = ahead.submit(read_batch, self._source, start, size)
            while start < size and not stop():
                batch = coming.result()
                if isinstance(batch, Inconsistent):
                    return batch
                start = batch.after
                if start < size:
                    coming = ahead.submit(read_batch, self._source, start, size)
                self._take(batch)
        return None

    def _take(self, batch: Batch) -> None:
        """One batch, whole or not at all."""
        warehouse, standing = self._warehouse, self._warehouse.standing()
        if warehouse.unsettled() > UNSETTLED_ROWS_MAX:
            warehouse.settle()
        with warehouse.transaction():
            for table, rows in (*batch.appends, *batch.observed.tables().items()):
                warehouse.append(table, rows)
            self._fetch_committed(batch)
            self._take_draws(batch)
            fold_kin(self._source, warehouse, batch.start, batch.after)
            warehouse.stand(standing.log or self._origin(batch), batch.after, batch.root)

    def _origin(self, batch: Batch) -> str | None:
        return next((row.origin for row in self._source.versions(LOG, batch.start, batch.after)), None)

    def _fetch_committed(self, batch: Batch) -> None:
        """What was said of each inspection before its first draw, which this batch has."""
        drawn = [row for row in batch.inspections if row.stages_drawn]
        for row in {row.inspection: row for row in reversed(drawn)}.values():  # the first version of each
            if self._warehouse.ask("SELECT 1 FROM record.entry WHERE entry_index = ?", [row.born]):
                continue
            earlier = self._source.versions(INSPECTIONS, row.born, row.changed)
            for index in sorted(each.changed for each in earlier if each.inspection == row.inspection):
                self._warehouse.append(ENTRY_TABLE, entry_rows(self._source.entries(index, index + 1)))

    def _take_draws(self, batch: Batch) -> None:
        """What each draw selected, with tickets and ranks as anybody can recompute them."""
        if not batch.inspections:
            return
        drawn: dict[int, list[SampledChip]] = {}
        for row in self._source.versions(SAMPLED, batch.start, batch.after):
            if row.stages:
                drawn.setdefault(row.changed, []).append(row)
        for inspection in batch.inspections:
            # A later version of an inspection is its closing, which writes none of these rows.
            if inspection.changed in drawn:
                stage = str(inspection.stages_drawn)
                some = [row for row in drawn[inspection.changed] if stage in row.stages.split()]
                self._warehouse.append(DRAWN_TABLE, drawn_rows(inspection, some))
