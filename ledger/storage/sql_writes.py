"""How does one batch reach the database, all of it or nothing?

`SqlTransaction` sends one statement a table and kind, however many rows there are, and counts what came
of each: every insert must be new, every update must find its row. It neither begins nor commits.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from ledger.book.registry import Needs, Registry
from ledger.book.rows import TABLES
from ledger.storage.database import Database
from ledger.storage.layout import insert, layout_of, values
from ledger.storage.sql_reads import ENTRY_COLUMNS, LOG_NUMBER, REFUSAL_COLUMNS, Look
from ledger.storage.store import (
    DAY_MILLISECONDS,
    REFUSALS_PER_PARTY_REASON_DAY_MAX,
    Batch,
    Doubt,
    Fenced,
    Head,
    StoredRefusal,
    TwoCheckpoints,
    check_place,
)

MOVE_LOG = (
    'UPDATE "log" SET "size" = ?, "root" = ? WHERE "log" = ? AND "epoch" = ? AND "size" = ? AND "root" = ?'
)
# A tile only ever grows to the right; one that would change what is in it updates nothing.
GROW_TILE = (
    'INSERT INTO "tile" ("level", "number", "hashes") VALUES (?, ?, ?)'
    ' ON CONFLICT ("level", "number") DO UPDATE SET "hashes" = excluded."hashes"'
    ' WHERE substr(excluded."hashes", 1, length("tile"."hashes")) = "tile"."hashes"'
)
# Evidence is kept under its own hash, so what is there already is the same.
KEEP_ATTESTATION = (
    'INSERT INTO "attestation" ("sha256", "evidence") VALUES (?, ?) ON CONFLICT ("sha256") DO NOTHING'
)


class SqlTransaction:
    """One transaction, begun, with the log row locked and equal to `head`."""

    def __init__(self, connection: Connection, database: Database, head: Head) -> None:
        self._connection = connection
        self._database = database
        self._head = head
        self._look = Look(connection, database)
        self._written = False

    def load(self, needs: Needs, registry: Registry) -> None:
        """Put every needed row that exists into the registry."""
        self._look.load(needs, registry)

    def known(self, statements: Sequence[str]) -> Mapping[str, int]:
        """Of these statement ids, the index of each that is in the log."""
        return self._look.known(statements)

    def write(self, batch: Batch, *, refold: bool = False) -> None:
        """All the batch has, then the log row; `Doubt` where a count is off, `Fenced` where that moved."""
        assert not self._written, "a transaction writes once"
        self._written = True
        check_place(self._head, batch, self._look.entries_stored(), refold)
        with _conflict_is_doubt():
            if not refold:
                self._write_entries(batch)
            self._write_book(batch)
            self._write_many(
                GROW_TILE, [(*place, hashes) for place, hashes in batch.tiles.items()], "tiles grown"
            )
        move = (batch.size, batch.root, LOG_NUMBER, self._head.epoch, self._head.size, self._head.root)
        moved = self._connection.exec_driver_sql(self._database.marked(MOVE_LOG), move).rowcount
        if moved != 1:
            raise Fenced(f"the log row is no longer {self._head}")

    def _write_entries(self, batch: Batch) -> None:
        entries = list(map(attrgetter(*ENTRY_COLUMNS), batch.entries))
        self._write_many(insert("entry", ENTRY_COLUMNS), entries, "entries inserted")
        manifests = [(index, joined(lines)) for index, lines in batch.manifests.items()]
        self._write_many(insert("manifest", ("index", "lines")), manifests, "manifests inserted")
        if batch.attestations:
            self._connection.exec_driver_sql(
                self._database.marked(KEEP_ATTESTATION), list(batch.attestations.items())
            )

    def _write_book(self, batch: Batch) -> None:
        for table in TABLES:
            layout = layout_of(table)
            if rows := batch.inserts.get(table):
                self._write_many(insert(layout.name, layout.columns), values(rows), f"{layout.name} inserted")
            if rows := batch.updates.get(table):
                self._write_many(layout.update(), layout.update_parameters(rows), f"{layout.name} updated")
            if rows := batch.versions.get(table):
                assert table.history
                self._write_many(
                    insert(layout.versions, layout.columns), values(rows), f"{layout.versions} inserted"
                )

    def _write_many(self, sql: str, rows: list[tuple[Any, ...]], what: str) -> None:
        if rows:
            found = self._connection.exec_driver_sql(self._database.marked(sql), rows).rowcount
            self.expect(found, len(rows), what)

    def expect(self, found: int, foreseen: int, what: str) -> None:
        """`Doubt` unless as many rows were touched as judge foresaw."""
        if found != foreseen:
            raise Doubt(f"{what}: {found}, foreseen {foreseen}")


@contextmanager
def _conflict_is_doubt() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise Doubt(f"the book is not what judge saw: {error.orig}") from error


def joined(lines: tuple[bytes, ...]) -> bytes:
    """A manifest's lines in one piece; no line has a line break in it."""
    whole = b"\n".join(lines)
    assert all(lines) and whole.count(b"\n") == max(len(lines) - 1, 0)
    return whole


def put_checkpoint(connection: Connection, database: Database, size: int, note: str) -> None:
    """Keep a note; `TwoCheckpoints` where another is kept for its size."""
    kept = Look(connection, database).one('SELECT "note" FROM "checkpoint" WHERE "size" = ?', (size,))
    if kept is None:
        sql = insert("checkpoint", ("size", "note"))
        connection.exec_driver_sql(database.marked(sql), (size, note))
    elif kept[0] != note:
        raise TwoCheckpoints(f"size {size} has another note")


def put_refusal(connection: Connection, database: Database, refusal: StoredRefusal) -> None:
    """Keep a refusal while there is room for it."""
    look = Look(connection, database)
    day = refusal.refused_at // DAY_MILLISECONDS
    sql = 'SELECT count(*) FROM "refusal" WHERE "party" = ? AND "reason" = ? AND "day" = ?'
    if look.one(sql, (refusal.party, refusal.reason, day))[0] >= REFUSALS_PER_PARTY_REASON_DAY_MAX:
        return
    if look.refusal(refusal.refusal) is None:
        sql = insert("refusal", (*REFUSAL_COLUMNS, "day"))
        connection.exec_driver_sql(database.marked(sql), (*astuple(refusal), day))


def drop_book(connection: Connection, empty_root: bytes, database: Database) -> None:
    """Empty every table of the book and the tiles, and set the log row to size 0."""
    names = [name for table in TABLES for name in _tables_of(table.name, table.history)]
    for name in (*names, "tile"):
        connection.exec_driver_sql(f'DELETE FROM "{name}"')
    sql = 'UPDATE "log" SET "size" = 0, "root" = ? WHERE "log" = ?'
    connection.exec_driver_sql(database.marked(sql), (empty_root, LOG_NUMBER))


def _tables_of(name: str, history: bool) -> tuple[str, ...]:
    return (name, f"{name}_version") if history else (name,)
