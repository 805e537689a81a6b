"""What is in the log, and how is it proved?

Entries, statements, manifests, refusals and proofs, up to the size readers may see. What the viewer may not
see and what is not there come out of the same reads as None. Knows no HTTP.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ledger.book.encoding import read_entry
from ledger.book.registry import Needs, Registry
from ledger.book.tables import (
    DISCREPANCIES,
    INSPECTIONS,
    LOTS,
    PARTIES,
    REFERENCES,
    SHIPMENTS,
    TRANSFERS,
    Table,
)
from ledger.book.times import DAY_SECONDS, format_milliseconds
from ledger.log.proofs import HashSource, consistency_proof, inclusion_proof
from ledger.lookup.answers import Object, Page, entry_object, page, refusal_object
from ledger.lookup.chips import NOBODY
from ledger.storage.store import Store, StoredEntry
from ledger.viewer import (
    OF_A_STATEMENT,
    Concerned,
    Said,
    Viewer,
    may_concern,
    sees_manifest,
    sees_refusal,
    sees_statement,
)

ENTRIES_SCANNED_MAX = 5_000  # for one answer to a viewer who sees few of them
ENTRIES_READ = 1_000  # at once
REFERENCES_FOUND_MAX = 100  # statements of different parties under one reference


Sees = Callable[[Viewer, Said], bool]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries the viewer sees; `next` the last one looked at, None where all have been; `size` of the log."""

    items: list[Object]
    next: int | None
    size: int


class Record:
    """Reads of the log for a viewer. `size` gives the size readers may see, `published` what is published."""

    def __init__(self, store: Store, size: Callable[[], int], published: Callable[[], int]) -> None:
        self._store = store
        self._size = size
        self._published = published
        self._hashes = HashSource(store.tile)

    def entries(self, viewer: Viewer, after: int, limit: int) -> EntryPage:
        """Entries after an index (-1: from the first), at most `limit` of those the viewer sees."""
        size = self._size()
        items: list[Object] = []
        place, stop = after + 1, min(size, after + 1 + max(limit, ENTRIES_SCANNED_MAX))
        while place < stop and len(items) < limit:
            some = self._store.entries(place, min(stop, place + min(ENTRIES_READ, limit - len(items))))
            items += [entry_object(entry, envelope) for entry, envelope in self._seen(viewer, some)]
            place += len(some)
        return EntryPage(items, place - 1 if place < size else None, size)

    def _seen(
        self, viewer: Viewer, entries: Sequence[StoredEntry], sees: Sees = sees_statement
    ) -> list[tuple[StoredEntry, Object]]:
        """Those the viewer sees, each with its envelope. What they are about is loaded for all at once."""
        read: list[tuple[StoredEntry, Object, Object]] = []
        for entry in entries:
            if may_concern(viewer, entry.kind, entry.party):
                envelope = read_entry(entry.raw)[1]
                read.append((entry, envelope.as_object(), msgspec.json.decode(envelope.payload)["body"]))
        if viewer.sees_all:
            return [(entry, envelope) for entry, envelope, _ in read]
        corrected = self._corrected(body for entry, _, body in read if entry.kind == OF_A_STATEMENT)
        about = Registry()
        bodies = [body for _, _, body in read] + [body for _, body in corrected.values()]
        self._store.load(_needs(bodies), about)
        taken_back = {
            name: Said(entry.kind, entry.party, body, _concerned(body, about))
            for name, (entry, body) in corrected.items()
        }
        return [
            (entry, envelope)
            for entry, envelope, body in read
            if sees(viewer, Said(entry.kind, entry.party, body, _concerned(body, about, taken_back)))
        ]

    def _corrected(self, bodies: Iterable[Object]) -> dict[str, tuple[StoredEntry, Object]]:
        """By id, the statements that these corrections take back, each with its body."""
        # Nothing is asked for, too, where there is nothing: who asks cannot tell by the time it takes.
        known = self._store.known([NOBODY, *(body["corrects"] for body in bodies)])
        entries = self._store.entries_at(known.values()).values()
        return {
            entry.statement: (entry, msgspec.json.decode(read_entry(entry.raw)[1].payload)["body"])
            for entry in entries
        }

    def statement(self, viewer: Viewer, statement: str, sees: Sees = sees_statement) -> StoredEntry | None:
        """The entry of a statement."""
        index = self._store.known((statement,)).get(statement)
        # For one that is not there entry 0 is read in its place, so that the answer takes as long.
        read = 0 if index is None or index >= self._size() else index
        seen = self._seen(viewer, self._store.entries(read, read + 1), sees)
        return seen[0][0] if seen and read == index else None

    def envelope(self, entry: StoredEntry) -> Object:
        """The envelope an entry keeps."""
        return read_entry(entry.raw)[1].as_object()

    def with_reference(self, viewer: Viewer, reference: str, at: int) -> list[StoredEntry]:
        """The statements below a size that the viewer sees and whose party gave them this number."""
        used = Registry()
        parties = [row.party for row in self._store.rows(PARTIES)]
        self._store.load(Needs().rows(REFERENCES, [(party, reference) for party in parties]), used)
        known = self._store.known([NOBODY, *(row.statement for row in used.of(REFERENCES).values())])
        entries = self._store.entries_at([index for index in known.values() if index < at])
        seen = self._seen(viewer, [entry for _, entry in sorted(entries.items())])
        return [entry for entry, _ in seen[:REFERENCES_FOUND_MAX]]

    def manifest(self, viewer: Viewer, statement: str) -> tuple[bytes, ...] | None:
        """The lines of a statement, none for one without; None where it is not there to be seen."""
        entry = self.statement(viewer, statement, sees_manifest)
        return None if entry is None else self._store.manifest(entry.index)

    def refusal(self, viewer: Viewer, refusal: str) -> Object | None:
        """A kept refusal."""
        found = self._store.refusal(refusal)
        return refusal_object(found) if found is not None and sees_refusal(viewer, found.party) else None

    def inclusion(self, index: int, size: int) -> list[str] | None:
        """The proof, hex, that an entry is in the tree of a size; None for a size not reached."""
        if not 0 <= index < size <= self._size():
            return None
        return [step.hex() for step in inclusion_proof(index, size, self._hashes)]

    def consistency(self, old: int, new: int) -> list[str] | None:
        """The proof, hex, that the tree of a size begins with that of another; None for sizes not reached."""
        if not 0 <= old <= new <= self._size():
            return None
        return [step.hex() for step in consistency_proof(old, new, self._hashes)]

    def checkpoint(self, size: int) -> str | None:
        """The signed note for a size, where one was signed."""
        return self._store.checkpoint(size) if size <= self._size() else None

    def checkpoint_sizes(self, after: int, limit: int) -> Page:
        """The sizes for which a checkpoint is kept, ascending, after one; none beyond the newest published.

        A size listed before it is published would be a promise that the published log does not keep.
        """
        size = self._published()
        kept = self._store.checkpoint_sizes(after + 1, limit + 1)
        sizes = [each for each in kept if each <= size]
        return page([{"size": each} for each in sizes], list(map(str, sizes)), limit)

    def attestation(self, viewer: Viewer, sha256: str) -> bytes | None:
        """Evidence by its hash, to those who see all."""
        return self._store.attestation(sha256) if viewer.sees_all else None

    def size_on(self, day_end_s: int) -> int:
        """The size after the last entry admitted before a moment, Unix seconds."""
        places = range(self._size())
        return bisect_left(places, day_end_s * 1000, key=self.admitted_at)

    def admitted_at(self, index: int) -> int:
        """When the entry at an index that the log has was admitted, Unix milliseconds."""
        (entry,) = self._store.entries(index, index + 1)
        return entry.admitted_at

    def newest(self, limit: int) -> list[Object]:
        """What everybody may know of the last entries: place, time and leaf hash, newest first."""
        size = self._size()
        return [
            {
                "entry_index": entry.index,
                "admitted_at": format_milliseconds(entry.admitted_at),
                "leaf_hash": entry.leaf_hash.hex(),
            }
            for entry in reversed(self._store.entries(max(0, size - limit), size))
        ]


def end_of_day(start_of_day_s: int) -> int:
    """The moment a day ends, UTC, in Unix seconds."""
    return start_of_day_s + DAY_SECONDS


ABOUT: Mapping[str, Table[Any]] = {
    "shipment": SHIPMENTS,
    "inspection": INSPECTIONS,
    "discrepancy": DISCREPANCIES,
    "transfer": TRANSFERS,
    "lot": LOTS,
}


def _needs(bodies: Iterable[Object]) -> Needs:
    """The rows that statements may be about; of each table at least nothing, so that it costs the same."""
    needs = Needs()
    for table in ABOUT.values():
        needs.rows(table, (NOBODY,))
    for body in bodies:
        for member, table in ABOUT.items():
            name = body.get(member)
            needs.rows(table, (name,) if isinstance(name, str) else ())
    return needs


def _concerned(body: Object, about: Registry, taken_back: Mapping[str, Said] | None = None) -> Concerned:
    return Concerned(
        about.get(SHIPMENTS, body.get("shipment")),
        about.get(INSPECTIONS, body.get("inspection")),
        about.get(DISCREPANCIES, body.get("discrepancy")),
        about.get(TRANSFERS, body.get("transfer")),
        about.get(LOTS, body.get("lot")),
        None if taken_back is None else taken_back.get(body.get("corrects", NOBODY)),
    )
