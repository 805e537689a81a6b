"""What does the book look like after these entries, from nothing?

A `Fold` judges entry after entry over a registry that holds everything. It needs no store: it is
what an auditor runs. A frame is taken when its inspection is committed, because the fold keeps
no past, and let go once nothing can be drawn from it any more: of millions it is large.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import msgspec

from ledger.book import law
from ledger.book.frame import Frame
from ledger.book.framing import chips_in, positions_in
from ledger.book.registry import FLOOR_PART, Changes, FrameKey, Registry, RowKey, Version, Written
from ledger.book.rejection import Rejection
from ledger.book.rows import Row
from ledger.book.rules.corrections import CORRECTABLE
from ledger.book.rules.directions import frame_key, missing_key
from ledger.book.rules.draws import is_drawn_out
from ledger.book.rules.rule import Verdict
from ledger.book.statement import Entry
from ledger.book.tables import CHIPS, INSPECTIONS, SITES, TABLES, Table

DIGEST_ROWS = 10_000  # rows encoded at once

_encoder = msgspec.json.Encoder()  # a row is an array: there are no keys to sort


class Fold:
    """The book in memory, entry by entry."""

    def __init__(self) -> None:
        self.registry = Registry()

    def admit(self, entry: Entry) -> Verdict:
        """Judge the entry and, where it may stand, apply it."""
        verdict = law.judge(self.registry, entry)
        if isinstance(verdict, Rejection):
            return verdict
        self.registry.written[entry.statement.statement_id] = self._written(entry, verdict)
        for row in verdict.rows.get(INSPECTIONS, ()):
            if row.changed == entry.index and row.born == entry.index:  # type: ignore[attr-defined]
                for key in (frame_key(row), missing_key(row)):  # type: ignore[arg-type]
                    self.registry.frames[key] = frame_of(self.registry, key)
            if is_drawn_out(row):  # type: ignore[arg-type]
                for key in (frame_key(row), missing_key(row)):  # type: ignore[arg-type]
                    self.registry.frames.pop(key, None)
        self.registry.apply(verdict)
        return verdict

    def _written(self, entry: Entry, changes: Changes) -> Written:
        """What the entry is about to do, kept because a correction may ask to undo it."""
        registry, kind = self.registry, entry.statement.kind
        if kind not in CORRECTABLE:
            return Written(entry.index, kind, entry.party, {})
        versions = {
            table: tuple(
                Version(row, registry.get(table, key) or _unmade(registry, table, key))
                for row, key in zip(rows, map(table.key_of, rows), strict=True)
            )
            for table, rows in changes.rows.items()
            if table.history
        }
        return Written(entry.index, kind, entry.party, versions)

    def digest(self) -> str:
        """The digest of the book as it stands."""
        return book_digest(lambda table: sorted_rows(self.registry, table))


def _unmade(registry: Registry, table: Table[Any], key: RowKey) -> Row | None:
    return registry.unmade(table, key) if table.corrected else None


def frame_of(registry: Registry, key: FrameKey) -> Frame:
    """The frame of a whole book as it stands, which must be at the frame's index."""
    if key.part == FLOOR_PART:
        return positions_in(registry.of(SITES).values(), key)
    return chips_in(registry.of(CHIPS).values(), key)


def sorted_rows(registry: Registry, table: Table[Any]) -> list[Row]:
    """All rows of a table by ascending key. Ids are ASCII: texts compare as their bytes do."""
    return [row for _, row in sorted(registry.of(table).items(), key=lambda item: item[0])]


def book_digest(rows_of: Callable[[Table[Any]], Iterable[Row]]) -> str:
    """Hex SHA-256 over every table's name and its rows, by key, one canonical line each.

    `rows_of` gives a table's present rows by ascending key bytes. None is written as null: a digest
    is no signed form.
    """
    hasher = sha256()
    for table in TABLES:
        hasher.update(b"#" + table.name.encode() + b"\n")
        block: list[Row] = []
        for row in rows_of(table):
            block.append(row)
            if len(block) == DIGEST_ROWS:
                hasher.update(_encoder.encode_lines(block))
                block = []
        hasher.update(_encoder.encode_lines(block))
    return hasher.hexdigest()
