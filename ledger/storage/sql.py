"""Where are the record and its book, when they are in a database?

`SqlStore` keeps the promises of `Store` on whatever `Database` it is given: one writing transaction at a
time, fenced by the log row, and readers on connections of their own. Whether a commit that failed half
way has happened is `Doubt`, never guessed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import pyarrow as pa  # type: ignore[import-untyped]
from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from ledger.book.frame import Frame
from ledger.book.registry import FrameKey, Needs, Registry, RowKey
from ledger.book.rows import Chip, Row
from ledger.book.tables import Table
from ledger.log.merkle import EMPTY_ROOT
from ledger.storage.database import Database, UnfitDatabase
from ledger.storage.layout import Access, Phrasebook
from ledger.storage.recent import RecentChips
from ledger.storage.sql_reads import LOG, LOG_NUMBER, TILE, Look
from ledger.storage.sql_writes import (
    CHECKPOINT,
    MANIFEST,
    SqlTransaction,
    drop_book,
    put_checkpoint,
    put_refusal,
)
from ledger.storage.store import (
    Doubt,
    Fenced,
    Head,
    Standing,
    StoredEntry,
    StoredRefusal,
    Transaction,
)
from ledger.storage.tables import METADATA
from ledger.storage.taken import TakenFrames

R = TypeVar("R", bound=Row)

SCHEMA_VERSION = 8
SCHEMA, ATTESTATION = METADATA.tables["schema"], METADATA.tables["attestation"]


class SqlStore:
    """A `Store` in a database, whose tables are made when there are none."""

    transaction: ClassVar[type[SqlTransaction]] = SqlTransaction
    recent_chips: ClassVar[type[RecentChips]] = RecentChips

    def __init__(self, database: Database) -> None:
        self.database = database
        self._phrases = Phrasebook(database.writer.dialect)
        self._recent = self.recent_chips()
        self._frames = TakenFrames()
        with self._writing() as access:
            _prepare(access.connection)

    def claim(self) -> Head:
        """Raise the epoch by one, durably."""
        with self._writing() as access:
            access.connection.execute(update(LOG).values(epoch=LOG.c.epoch + 1))
            self._recent.forget()  # another may have written since
            head = Look(access).head()
        return head

    def head(self) -> Head:
        """The log row."""
        with self._looking() as look:
            return look.head()

    @contextmanager
    def writing(self, head: Head) -> Iterator[Transaction]:
        """A transaction on a log whose row equals `head`; committed at the end."""
        with self._writing() as access:
            found = Look(access).head()
            if found != head:
                raise Fenced(f"the log row is {found}, not {head}")
            yield self.transaction(access, head)

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put every needed row that exists into the registry."""
        with self._looking() as look:
            look.load(needs, registry)

    def known(self, statements: Sequence[str]) -> Mapping[str, int]:
        """Of these statement ids, the index of each that is in the log."""
        with self._looking() as look:
            return look.known(statements)

    def entries(self, start: int, stop: int) -> list[StoredEntry]:
        """Entries with start <= index < stop."""
        with self._looking() as look:
            return look.entries(start, stop)

    def entries_at(self, indices: Collection[int]) -> dict[int, StoredEntry]:
        """Those of these entries that are there, by index."""
        with self._looking() as look:
            return look.entries_at(indices)

    def manifest(self, index: int) -> tuple[bytes, ...]:
        """The lines of the entry at an index."""
        with self._reading() as access:
            row = access.one(select(MANIFEST.c.lines).where(MANIFEST.c.index == index))
        return tuple(row[0].split(b"\n")) if row and row[0] else ()

    def manifests(self, start: int, stop: int) -> dict[int, bytes]:
        """Of the entries start <= index < stop that have one, the joined lines."""
        query = select(MANIFEST.c.index, MANIFEST.c.lines)
        with self._reading() as access:
            rows = access.all(query.where(MANIFEST.c.index >= start, MANIFEST.c.index < stop))
        return {index: lines for index, lines in rows if lines}

    def attestation(self, sha256: str) -> bytes | None:
        """Evidence by its hash."""
        with self._reading() as access:
            row = access.one(select(ATTESTATION.c.evidence).where(ATTESTATION.c.sha256 == sha256))
        return None if row is None else row[0]

    def tile(self, level: int, number: int) -> bytes:
        """The hashes stored of a hash tile."""
        with self._reading() as access:
            row = access.one(select(TILE.c.hashes).where(TILE.c.level == level, TILE.c.number == number))
        return b"" if row is None else row[0]

    def checkpoint(self, size: int) -> str | None:
        """The signed note stored for a size."""
        with self._reading() as access:
            row = access.one(select(CHECKPOINT.c.note).where(CHECKPOINT.c.size == size))
        return None if row is None else row[0]

    def put_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed note."""
        with self._writing() as access:
            put_checkpoint(access, size, note)

    def checkpoint_sizes(self, start: int, limit: int) -> list[int]:
        """Sizes of stored checkpoints >= start."""
        query = select(CHECKPOINT.c.size).where(CHECKPOINT.c.size >= start)
        with self._reading() as access:
            return [size for (size,) in access.all(query.order_by(CHECKPOINT.c.size).limit(limit))]

    def frame(self, key: FrameKey) -> Frame:
        """The frame, by chip."""
        with self._looking() as look:
            return look.frame(key)

    def rows(self, table: Table[R]) -> Iterator[R]:
        """Every present row by key."""
        with self._looking() as look:
            yield from look.rows(table)

    def find(
        self, table: Table[R], where: Mapping[str, Any], at: int, after: RowKey | None, limit: int
    ) -> list[R]:
        """Rows whose fields equal `where` in the book of size `at`."""
        with self._looking() as look:
            return look.find(table, where, at, after, limit)

    def versions(self, table: Table[R], start: int, stop: int) -> Iterator[R]:
        """Every version written by entries start <= index < stop."""
        with self._looking() as look:
            yield from look.versions(table, start, stop)

    def chip_columns(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """The versions of chips, as columns."""
        with self._looking() as look:
            yield from look.chip_columns(start, stop)

    def history(self, table: Table[R], key: RowKey) -> list[R]:
        """Every version of one row."""
        with self._looking() as look:
            return look.history(table, key)

    def standings(self, chips: Collection[str]) -> dict[str, Standing]:
        """Of these chips those that were ever there."""
        with self._looking() as look:
            return look.standings(chips)

    def chips_as_of(self, chips: Collection[str], at: int) -> dict[str, Chip]:
        """Of these chips those in the book of size `at`."""
        with self._looking() as look:
            return look.chips_as_of(chips, at)

    def bearers(self, identity: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Chips that bear an identity or bore it."""
        with self._looking() as look:
            return look.bearers(identity, after, limit)

    def held(self, custodian: str, at: int, after: int, limit: int) -> list[Chip]:
        """Chips a party had in the book of size `at`."""
        with self._looking() as look:
            return look.held(custodian, at, after, limit)

    def drop_book(self) -> None:
        """Forget what can be folded again."""
        with self._writing() as access:
            drop_book(access, EMPTY_ROOT)
            self._frames.forget()

    def refuse(self, refusal: StoredRefusal) -> None:
        """Keep a signed refusal while there is room for it."""
        with self._writing() as access:
            put_refusal(access, refusal)

    def refusal(self, refusal_id: str) -> StoredRefusal | None:
        """A kept refusal."""
        with self._looking() as look:
            return look.refusal(refusal_id)

    def refusals(self, after: int, limit: int) -> list[StoredRefusal]:
        """Kept refusals by the size they were given at."""
        with self._looking() as look:
            return look.refusals(after, limit)

    def settle(self) -> None:
        """Move what commits left in the write-ahead log, where there is one."""
        self.database.settle()

    def close(self) -> None:
        """Let go of every connection."""
        self.database.writer.dispose()
        self.database.reader.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Access]:
        with self.database.reader.connect() as connection:
            self.database.begin_read(connection)
            yield Access(connection, self.database, self._phrases, self._frames, None)

    @contextmanager
    def _looking(self) -> Iterator[Look]:
        with self._reading() as access:
            yield Look(access)

    @contextmanager
    def _writing(self) -> Iterator[Access]:
        # Leaving the `with` without a commit rolls back: no exception has to be caught for it.
        with self.database.writer.connect() as connection:
            self.database.begin_write(connection)
            committed = False
            try:
                yield Access(connection, self.database, self._phrases, self._frames, self._recent)
                _commit(connection)
                committed = True
            finally:
                if not committed:
                    self._recent.forget()


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except SQLAlchemyError as error:
        connection.invalidate()
        raise Doubt("COMMIT failed; it may have happened all the same") from error


def _prepare(connection: Connection) -> None:
    """Make the tables where there are none; `UnfitDatabase` where they are of another layout."""
    if not inspect(connection).has_table(SCHEMA.name):
        METADATA.create_all(connection)
        connection.execute(insert(SCHEMA).values(version=SCHEMA_VERSION))
        connection.execute(insert(LOG).values(log=LOG_NUMBER, size=0, root=EMPTY_ROOT, epoch=0))
    found = connection.execute(select(SCHEMA.c.version)).scalar_one()
    if found != SCHEMA_VERSION:
        raise UnfitDatabase(
            f"the database has layout {found}, this program knows {SCHEMA_VERSION}: use the one that made it"
        )
