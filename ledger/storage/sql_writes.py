"""How does one batch reach the database, all of it or nothing?

`SqlTransaction` sends one statement a table and kind, however many rows there are, and counts what came
of each: every insert must be new, every update must find its row. It neither begins nor commits.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from ledger.book.registry import Needs, Registry
from ledger.book.rows import Chip
from ledger.book.tables import CHIPS, TABLES
from ledger.storage.layout import Access, Phrase, layout_of, values
from ledger.storage.sql_chip_writes import write_chips
from ledger.storage.sql_chips import CHIP, MARK, PACK
from ledger.storage.sql_reads import ENTRY, ENTRY_COLUMNS, LOG, LOG_NUMBER, REFUSAL, TILE, Look
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
from ledger.storage.tables import METADATA

MANIFEST, CHECKPOINT = METADATA.tables["manifest"], METADATA.tables["checkpoint"]
MOVE_LOG = (
    update(LOG)
    .where(LOG.c.log == LOG_NUMBER)
    .where(LOG.c.epoch == bindparam("of_epoch"), LOG.c.size == bindparam("of_size"))
    .where(LOG.c.root == bindparam("of_root"))
    .values(size=bindparam("to_size"), root=bindparam("to_root"))
)
# A tile only ever grows to the right; one that would change what is in it updates nothing.
GROW_TILE = text(
    "INSERT INTO tile (level, number, hashes) VALUES (:level, :number, :hashes)"
    " ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"
    " WHERE substr(excluded.hashes, 1, length(tile.hashes)) = tile.hashes"
)
# Evidence is kept under its own hash, so what is there already is the same.
KEEP_ATTESTATION = text(
    "INSERT INTO attestation (sha256, evidence) VALUES (:sha256, :evidence) ON CONFLICT (sha256) DO NOTHING"
)


class SqlTransaction:
    """One transaction, begun, with the log row locked and equal to `head`."""

    def __init__(self, access: Access, head: Head) -> None:
        self._access = access
        self._connection = access.connection
        self._phrases = access.phrases
        self._head = head
        self._look = Look(access)
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
            tiles = [(*place, hashes) for place, hashes in batch.tiles.items()]
            self._write_many(self._phrases.made("grow", lambda: GROW_TILE), tiles, "tiles grown")
        before = {"of_epoch": self._head.epoch, "of_size": self._head.size, "of_root": self._head.root}
        after = {"to_size": batch.size, "to_root": batch.root}
        phrase = self._phrases.made("move", lambda: MOVE_LOG)
        moved = self._connection.exec_driver_sql(phrase.text, phrase.once(before | after)).rowcount
        if moved != 1:
            raise Fenced(f"the log row is no longer {self._head}")

    def _write_entries(self, batch: Batch) -> None:
        phrase = self._phrases.insert(ENTRY, ENTRY_COLUMNS)
        self._write_many(phrase, phrase.parameters(batch.entries), "entries inserted")
        phrase = self._phrases.insert(MANIFEST, ("index", "lines"))
        manifests = [(index, joined(lines)) for index, lines in batch.manifests.items()]
        self._write_many(phrase, manifests, "manifests inserted")
        if batch.attestations:
            keep = self._phrases.made("keep", lambda: KEEP_ATTESTATION).text
            self._connection.exec_driver_sql(keep, list(batch.attestations.items()))

    def _write_book(self, batch: Batch) -> None:
        touched = batch.inserts.keys() | batch.updates.keys() | batch.versions.keys()
        if CHIPS in touched:
            kinds = (batch.inserts, batch.updates, batch.versions)
            inserts, updates, versions = (cast(list[Chip], kind.get(CHIPS, [])) for kind in kinds)
            write_chips(self._access, inserts, updates, versions, self._write_many)
        for table in (table for table in TABLES if table in touched and table.name != CHIPS.name):
            layout, columns = layout_of(table), table.row.__struct_fields__
            if rows := batch.inserts.get(table):
                phrase = self._phrases.insert(layout.now, columns)
                self._write_many(phrase, values(rows), f"{table.name} inserted")
            if rows := batch.updates.get(table):
                phrase = self._phrases.update(layout)
                self._write_many(phrase, phrase.parameters(rows), f"{table.name} updated")
            if rows := batch.versions.get(table):
                assert layout.versions is not None
                phrase = self._phrases.insert(layout.versions, columns)
                self._write_many(phrase, values(rows), f"{table.name} versions inserted")

    def _write_many(self, phrase: Phrase, rows: list[tuple[Any, ...]], what: str) -> None:
        if rows:
            found = self._connection.exec_driver_sql(phrase.text, rows).rowcount
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


def put_checkpoint(access: Access, size: int, note: str) -> None:
    """Keep a note; `TwoCheckpoints` where another is kept for its size."""
    query = select(CHECKPOINT.c.note).where(CHECKPOINT.c.size == size)
    kept = access.one(query)
    if kept is None:
        access.connection.execute(insert(CHECKPOINT).values(size=size, note=note))
    elif kept[0] != note:
        raise TwoCheckpoints(f"size {size} has another note")


def put_refusal(access: Access, refusal: StoredRefusal) -> None:
    """Keep a refusal while there is room for it."""
    look = Look(access)
    day = refusal.refused_at // DAY_MILLISECONDS
    share = select(func.count()).where(
        REFUSAL.c.party == refusal.party, REFUSAL.c.reason == refusal.reason, REFUSAL.c.day == day
    )
    if access.one(share)[0] >= REFUSALS_PER_PARTY_REASON_DAY_MAX:
        return
    if look.refusal(refusal.refusal) is None:
        access.connection.execute(insert(REFUSAL).values(**asdict(refusal), day=day))


def drop_book(access: Access, empty_root: bytes) -> None:
    """Empty every table of the book and the tiles, and set the log row to size 0."""
    layouts = [layout_of(table) for table in TABLES if table.name != CHIPS.name]
    places = [place for layout in layouts for place in (layout.now, layout.versions) if place is not None]
    for place in (*places, CHIP, PACK, MARK, TILE):
        access.connection.execute(delete(place))
    access.connection.execute(update(LOG).values(size=0, root=empty_root))
    assert access.recent is not None
    access.recent.forget()
