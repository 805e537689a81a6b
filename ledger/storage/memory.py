"""Where are the record and its book, when nothing has to last?

`MemoryStore` keeps the promises of `Store` as long as the process lives, and is no kinder than a
database: it fences, doubts, rolls back, and shows others a batch only once it is committed. For tests,
and for folds that are thrown away.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock, RLock
from typing import Any, ClassVar, TypeVar

import pyarrow as pa  # type: ignore[import-untyped]

from ledger.book.chip_columns import columns_of_chips
from ledger.book.frame import Frame
from ledger.book.registry import FrameKey, Needs, Registry, RowKey, Written
from ledger.book.rows import Chip, Row
from ledger.book.tables import CHIPS, Table
from ledger.log.merkle import EMPTY_ROOT, edge_from
from ledger.storage.memory_book import MemoryBook
from ledger.storage.store import (
    DAY_MILLISECONDS,
    REFUSALS_PER_PARTY_REASON_DAY_MAX,
    Batch,
    Doubt,
    Fenced,
    Head,
    Standing,
    StoredEntry,
    StoredRefusal,
    Transaction,
    TwoCheckpoints,
    check_place,
)

R = TypeVar("R", bound=Row)

BUSY_SECONDS = 10


class MemoryTransaction:
    """One transaction; what it writes is kept aside until the end."""

    def __init__(self, store: "MemoryStore", head: Head) -> None:
        self._store = store
        self._head = head
        self.batch: Batch | None = None
        self.refold = False

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put every needed row that exists into the registry."""
        self._store.load(needs, registry)

    def known(self, statements: Sequence[str]) -> Mapping[str, int]:
        """Of these statement ids, the index of each that is in the log."""
        return self._store.known(statements)

    def write(self, batch: Batch, *, refold: bool = False) -> None:
        """`Doubt` where the batch does not fit."""
        assert self.batch is None, "a transaction writes once"
        self.check(batch, refold)
        self.batch, self.refold = batch, refold

    def check(self, batch: Batch, refold: bool) -> None:
        """All that a database would count."""
        self._store.check(self._head, batch, refold)


class MemoryStore:
    """A `Store` in dicts."""

    transaction: ClassVar[type[MemoryTransaction]] = MemoryTransaction

    def __init__(self) -> None:
        self._writer = Lock()  # held by one transaction from its begin to its end
        self._lock = RLock()  # held for a moment, to look or to take a commit in
        self._head = Head(0, EMPTY_ROOT, 0)
        self._entries: list[StoredEntry] = []
        self._known: dict[str, int] = {}
        self._manifests: dict[int, tuple[bytes, ...]] = {}
        self._attestations: dict[str, bytes] = {}
        self._checkpoints: dict[int, str] = {}
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._refusals: dict[str, StoredRefusal] = {}
        self._book = MemoryBook()

    def claim(self) -> Head:
        """Raise the epoch by one."""
        with self._writing():
            self._head = replace(self._head, epoch=self._head.epoch + 1)
            return self._head

    def head(self) -> Head:
        """The log row."""
        return self._head

    @contextmanager
    def writing(self, head: Head) -> Iterator[Transaction]:
        """A transaction on a log whose row equals `head`; committed at the end."""
        with self._writing():
            if self._head != head:
                raise Fenced(f"the log row is {self._head}, not {head}")
            transaction = self.transaction(self, head)
            yield transaction
            if transaction.batch is not None:
                self._commit(transaction.batch, transaction.refold)

    def check(self, head: Head, batch: Batch, refold: bool) -> None:
        """`Doubt` where a batch does not fit what is there."""
        with self._lock:
            check_place(head, batch, len(self._entries), refold)
            if not refold:
                new = {entry.statement for entry in batch.entries}
                taken = new & self._known.keys() or batch.manifests.keys() & self._manifests.keys()
                if taken or len(new) != len(batch.entries) or head.size != len(self._entries):
                    raise Doubt("entries inserted: one is there")
            for place, hashes in batch.tiles.items():
                if not hashes.startswith(self._tiles.get(place, b"")):
                    raise Doubt(f"tiles grown: {place} would change")
            self._book.check(batch)

    def _commit(self, batch: Batch, refold: bool) -> None:
        with self._lock:
            if not refold:
                self._entries.extend(batch.entries)
                self._known.update((entry.statement, entry.index) for entry in batch.entries)
                self._manifests.update(batch.manifests)
                self._attestations = batch.attestations | self._attestations
            self._book.apply(batch)
            self._tiles.update(batch.tiles)
            self._head = replace(self._head, size=batch.size, root=batch.root)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise TimeoutError("another transaction is open")
        try:
            yield
        finally:
            self._writer.release()

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put every needed row that exists into the registry."""
        with self._lock:
            self._book.load(needs, registry)
            for frame in needs.frames:
                registry.frames[frame] = self._book.frame(frame)
            for statement in needs.statements:
                index = self._known.get(statement)
                if index is not None and index < self._head.size:
                    entry, versions = self._entries[index], self._book.written(index)
                    registry.written[statement] = Written(index, entry.kind, entry.party, versions)
            for size in needs.roots:
                if 0 <= size <= self._head.size:
                    registry.roots[size] = edge_from(size, self.tile).root()

    def known(self, statements: Sequence[str]) -> Mapping[str, int]:
        """Of these statement ids, the index of each that is in the log."""
        with self._lock:
            return {statement: self._known[statement] for statement in statements if statement in self._known}

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop."""
        with self._lock:
            return self._entries[max(start, 0) : max(stop, 0)]

    def entries_at(self, indices: Collection[int]) -> dict[int, StoredEntry]:
        """Those of these entries that are there."""
        with self._lock:
            return {index: self._entries[index] for index in indices if 0 <= index < len(self._entries)}

    def manifest(self, index: int) -> tuple[bytes, ...]:
        """The lines of the entry at an index."""
        return self._manifests.get(index, ())

    def manifests(self, start: int, stop: int) -> dict[int, bytes]:
        """Of the entries start <= index < stop that have one, the joined lines."""
        with self._lock:
            places = [
                index for index in range(start, min(stop, len(self._entries))) if index in self._manifests
            ]
            return {index: b"\n".join(lines) for index in places if (lines := self._manifests[index])}

    def attestation(self, sha256: str) -> bytes | None:
        """Evidence by its hash."""
        return self._attestations.get(sha256)

    def tile(self, level: int, number: int) -> bytes:
        """The hashes stored of a hash tile."""
        return self._tiles.get((level, number), b"")

    def checkpoint(self, size: int) -> str | None:
        """The signed note stored for a size."""
        return self._checkpoints.get(size)

    def put_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed note."""
        with self._writing(), self._lock:
            if self._checkpoints.setdefault(size, note) != note:
                raise TwoCheckpoints(f"size {size} has another note")

    def checkpoint_sizes(self, start: int, limit: int) -> list[int]:
        """Sizes of stored checkpoints >= start."""
        with self._lock:
            return sorted(size for size in self._checkpoints if size >= start)[:limit]

    def frame(self, key: FrameKey) -> Frame:
        """The frame, by chip."""
        with self._lock:
            return self._book.frame(key)

    def rows(self, table: Table[R]) -> Iterator[R]:
        """Every present row by key."""
        with self._lock:
            return iter(self._book.rows(table))

    def find(
        self, table: Table[R], where: Mapping[str, Any], at: int, after: RowKey | None, limit: int
    ) -> list[R]:
        """Rows whose fields equal `where` in the book of size `at`."""
        with self._lock:
            return self._book.find(table, where, at if at < self._head.size else None, after, limit)

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop."""
        with self._lock:
            return iter(self._book.versions(table, start, stop))

    def chip_columns(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """The versions of chips, as columns."""
        rows = list(self.versions(CHIPS, start, stop))
        return iter([columns_of_chips(rows)] if rows else [])

    def history(self, table: Table[R], key: RowKey) -> list[R]:
        """Every version of one row."""
        with self._lock:
            return self._book.history(table, key)

    def standings(self, chips: Collection[str]) -> dict[str, Standing]:
        """Of these chips those that were ever there."""
        with self._lock:
            return self._book.standings(chips)

    def chips_as_of(self, chips: Collection[str], at: int) -> dict[str, Chip]:
        """Of these chips those in the book of size `at`."""
        with self._lock:
            standing = self._book.as_of(CHIPS, min(at, self._head.size))
            return {chip: standing[chip] for chip in chips if chip in standing}

    def bearers(self, identity: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Chips that bear an identity or bore it."""
        with self._lock:
            return self._book.bearers(identity, after)[:limit]

    def held(self, custodian: str, at: int, after: int, limit: int) -> list[Chip]:
        """Chips a party had in the book of size `at`."""
        with self._lock:
            rows = self._book.as_of(CHIPS, min(at, self._head.size)).values()
            found = [row for row in rows if row.custodian == custodian and row.number > after]
            return sorted(found, key=lambda row: row.number)[:limit]

    def drop_book(self) -> None:
        """Forget what can be folded again."""
        with self._writing(), self._lock:
            self._book = MemoryBook()
            self._tiles.clear()
            self._head = Head(0, EMPTY_ROOT, self._head.epoch)

    def refuse(self, refusal: StoredRefusal) -> None:
        """Keep a signed refusal while there is room for it."""
        with self._writing(), self._lock:
            share = [_share(kept) for kept in self._refusals.values()].count(_share(refusal))
            if share < REFUSALS_PER_PARTY_REASON_DAY_MAX:
                self._refusals.setdefault(refusal.refusal, refusal)

    def refusal(self, refusal_id: str) -> StoredRefusal | None:
        """A kept refusal."""
        return self._refusals.get(refusal_id)

    def refusals(self, after: int, limit: int) -> list[StoredRefusal]:
        """Kept refusals by the size they were given at, then as they came."""
        with self._lock:
            return sorted(self._refusals.values(), key=lambda kept: kept.at_size)[after : after + limit]

    def settle(self) -> None:
        """Nothing is left behind."""

    def close(self) -> None:
        """Nothing is held."""


def _share(refusal: StoredRefusal) -> tuple[str, str, int]:
    return refusal.party, refusal.reason, refusal.refused_at // DAY_MILLISECONDS
