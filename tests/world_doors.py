"""Where does a world's log live?

`FoldDoor` is the door of the contract written plainly over a fold in memory, for tests of the book alone.
`StoreDoor` is the real admission over a store. Both take bytes and give outcomes and show
what they keep: the book's rows, entries, manifests, notes and tiles.
"""

import json
from collections import defaultdict
from hashlib import sha256

from ledger.admission import Admission
from ledger.batch.evidence import evidence_of
from ledger.book import law
from ledger.book.encoding import entry_bytes, read_bundle
from ledger.book.fold import Fold, book_digest, sorted_rows
from ledger.book.registry import Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.statement import Entry
from ledger.book.tables import KEYS
from ledger.durability.floor import MemoryFloor
from ledger.entrance.door import rejection_of
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import TILE_WIDTH, leaf_hash, leaf_hashes, root_of
from ledger.opening import NotOpened, admit_opening
from ledger.outcome import Admitted, Refused, Would
from ledger.sequencer import Sequencer
from ledger.storage.memory import MemoryStore
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from signing.canonical import Unreadable
from signing.keys import verify
from tests.world_speech import ORIGIN, signer_of


class FoldDoor:
    """Steps 1 to 6 of the door, one statement at a time, no thread, no disk."""

    def __init__(self, clock):
        self.clock = clock
        self.fold = Fold()
        self.raws = []  # entries
        self.shown = defaultdict(lambda: None)  # statement id -> manifest file
        self.evidence = {}
        self.known = {}

    def admit(self, raw):
        """One outcome."""
        entry = self.look(raw)
        if not isinstance(entry, Entry):
            return entry
        verdict = self.fold.admit(entry)
        if isinstance(verdict, Rejection):
            return Refused(verdict, entry.statement.statement_id)
        return self._append(entry, verdict)

    def _append(self, entry, verdict):
        statement = entry.statement
        raw = entry_bytes(entry.admitted_at, statement.bundle.envelope)
        self.raws.append(raw)
        if statement.bundle.manifest:
            self.shown[statement.statement_id] = b"".join(line + b"\n" for line in statement.bundle.manifest)
        self.evidence |= evidence_of(statement)
        admitted = Admitted(
            entry.index, statement.statement_id, leaf_hash(raw), entry.admitted_at, verdict.opened, False
        )
        self.known[statement.statement_id] = admitted
        return admitted

    def would(self, raw):
        """What would become of it; the book stays as it is."""
        entry = self.look(raw)
        if not isinstance(entry, Entry):
            return entry
        verdict = law.judge(self.fold.registry, entry)
        if isinstance(verdict, Rejection):
            return Refused(verdict, entry.statement.statement_id)
        return Would(entry.statement.statement_id, entry.index, verdict.opened)

    def look(self, raw):
        """The entry a bundle would become, or the outcome where it gets no further than the door."""
        try:
            return self._entry(raw, self.clock())
        except Unreadable as fault:
            return Refused(rejection_of(fault))

    @property
    def registry(self):
        """The whole book."""
        return self.fold.registry

    def _entry(self, raw, now):
        bundle = read_bundle(raw)
        envelope = bundle.envelope
        if not self.raws:
            law.read_statement(bundle)  # nobody knows its keys before it can be read
        public_key = self._key(bundle)
        if public_key is None:
            return Refused(Rejection(Reason.UNKNOWN_KEY, "keyid: no such key"), envelope.id())
        if not verify(public_key, envelope.pae(), envelope.signature):
            return Refused(Rejection(Reason.BAD_SIGNATURE, "sig"), envelope.id())
        if envelope.id() in self.known:
            first = self.known[envelope.id()]
            return Admitted(
                first.index, first.statement, first.leaf_hash, first.admitted_at, first.opened, True
            )
        statement = law.read_statement(bundle)
        head = statement.text.head
        if head is not None and 1 <= head.size <= len(self.raws):
            self.fold.registry.roots[head.size] = self.root(head.size)
        return Entry(len(self.raws), now, statement)

    def _key(self, bundle):
        row = self.fold.registry.get(KEYS, bundle.envelope.key_id)
        if row is not None:
            return bytes.fromhex(row.public_key)
        return None if self.raws else _key_in_opening(bundle.envelope)

    def root(self, size):
        """The root of the first entries, by definition."""
        return root_of(leaf_hashes(self.raws[:size]))

    def get(self, table, key):
        """A row of the book."""
        return self.fold.registry.get(table, key)

    def rows(self, table):
        """Every row of a table, by key."""
        return sorted_rows(self.fold.registry, table)

    def digest(self):
        """The digest of the book."""
        return self.fold.digest()

    def size(self):
        """How many entries."""
        return len(self.raws)

    def note(self, size):
        """A checkpoint."""
        return sign_checkpoint(Checkpoint(ORIGIN, size, self.root(size)), signer_of("log")).encode()

    def tile(self, level, number):
        """A hash tile, as wide as it is."""
        under, leaves = TILE_WIDTH**level, leaf_hashes(self.raws)
        nodes = [leaves[at : at + under] for at in range(0, len(leaves) - under + 1, under)]
        first = number * TILE_WIDTH
        return b"".join(map(root_of, nodes[first : first + TILE_WIDTH]))

    def close(self):
        """Nothing is held."""


def _key_in_opening(envelope):
    """Entry 0 brings its own keys."""
    try:
        spelled = [key["public_key"] for key in json.loads(envelope.payload)["body"]["registrar"]["keys"]]
        keys = [bytes.fromhex(text) for text in spelled]
    except (ValueError, KeyError, TypeError):
        return None
    return next((key for key in keys if sha256(key).hexdigest() == envelope.key_id), None)


class StoreDoor:
    """The real door, sequencer and store."""

    def __init__(self, clock, store):
        self.clock = clock
        self.store = store
        self.sequencer = Sequencer(store, signer_of("log"), MemoryFloor(), clock)
        self.sequencer.start()
        self.admission = Admission(store, self.sequencer)

    def admit(self, raw):
        """One outcome."""
        return self.admit_all([raw])[0]

    def admit_all(self, raws):
        """One outcome each, in order, in as few commits as the sequencer likes."""
        if self.size():
            return self.admission.admit(raws)
        (raw,) = raws
        try:
            return [admit_opening(self.sequencer, read_bundle(raw))]
        except NotOpened as fault:
            return [fault.refused]
        except Unreadable as fault:
            return [Refused(rejection_of(fault))]

    def would(self, raw):
        """A dry run."""
        return self.admission.dry_run(raw)

    def get(self, table, key):
        """A row of the book."""
        registry = Registry()
        self.store.load(Needs().rows(table, (key,)), registry)
        return registry.get(table, key)

    def rows(self, table):
        """Every row of a table, by key."""
        return list(self.store.rows(table))

    def digest(self):
        """The digest of the book as it is kept."""
        return book_digest(self.store.rows)

    def size(self):
        """How many entries."""
        return self.store.head().size

    def root(self, size):
        """The root of the first entries."""
        return root_of([entry.leaf_hash for entry in self.store.entries(0, size)])

    @property
    def raws(self):
        """Entries."""
        return [entry.raw for entry in self.store.entries(0, self.size())]

    @property
    def shown(self):
        """Statement id to manifest file."""
        found = defaultdict(lambda: None)
        for entry in self.store.entries(0, self.size()):
            lines = self.store.manifest(entry.index)
            if lines:
                found[entry.statement] = b"".join(line + b"\n" for line in lines)
        return found

    @property
    def evidence(self):
        """Looks evidence up, as a mapping would."""
        store = self.store

        class _Kept:
            get = staticmethod(store.attestation)

        return _Kept()

    def note(self, size):
        """The checkpoint kept."""
        return self.store.checkpoint(size).encode()

    def tile(self, level, number):
        """A hash tile as kept."""
        return self.store.tile(level, number)

    def close(self):
        """Let threads and connections go."""
        self.admission.close()
        self.sequencer.stop()
        self.store.close()


def memory_door(clock):
    """Admission over a memory store."""
    return StoreDoor(clock, MemoryStore())


def sqlite_door(folder):
    """Makes doors over a SQLite file in a folder."""
    return lambda clock: StoreDoor(clock, SqlStore(Sqlite(folder / "world.db")))
