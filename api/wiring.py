"""Which parts make a running ledger, and in which order do they start and end?

`Ledger.open` takes a ledger folder and settings and gives the parts wired together, with every thread they
need; `close` ends them in the order in which they feed each other: first the door, last the store. A log that
must not grow is still read from. Clocks and chance enter here.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import structlog

from analytics.retention import Retention
from api.analysis import Analysis
from api.attendant import Attendant
from api.collector import calm_collector, release_collector
from api.settings import Settings
from ledger.admission import Admission
from ledger.batch.flood import Flood
from ledger.durability.floor import FileFloor, KeyMissing, ReadOnly, WriterElsewhere, WriterLock
from ledger.entrance.verifiers import OtherProcess
from ledger.folder import LedgerFolder
from ledger.log_key_files import read_log_keys
from ledger.lookup import Lookup
from ledger.publication import Publisher
from ledger.receipts import Receipts
from ledger.sequencer import Published, Sequencer
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from ledger.storage.store import Store
from signing.note import ED25519, make_vkey

log = structlog.get_logger("chipledger.wiring")


def system_clock() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Ledger:
    """A ledger that runs. Made by `open`, ended by `close`."""

    folder: LedgerFolder
    settings: Settings
    clock: Callable[[], int]  # Unix milliseconds
    store: Store
    sequencer: Sequencer
    attendant: Attendant
    verifiers: OtherProcess
    admission: Admission
    receipts: Receipts
    publisher: Publisher
    lookup: Lookup
    analysis: Analysis

    @classmethod
    def open(
        cls, folder: LedgerFolder, settings: Settings | None = None, clock: Callable[[], int] = system_clock
    ) -> "Ledger":
        """The ledger of a folder that `open_ledger` made. Where its log must not grow it is only read from.

        `ReadOnly` where another process writes to it, or where there is nothing to read under this key.
        """
        settings = settings or Settings()
        password = settings.key_password.get_secret_value().encode() if settings.key_password else None
        signers = read_log_keys(folder, password)
        store = SqlStore(Sqlite(folder.database))
        with ExitStack() as undo:  # whatever was opened is closed again where a later part fails
            undo.callback(store.close)
            publisher = Publisher(store, folder)
            undo.callback(publisher.close)
            sequencer = Sequencer(
                store,
                signers,
                FileFloor(folder.floor),
                clock,
                publisher.publish,
                lock=WriterLock(folder.lock),
                flood=Flood(settings.discrepancies_per_party_day),
            )
            undo.callback(sequencer.stop)
            _start(sequencer)  # which publishes: a kill may have come between the last commit and that
            verifiers = OtherProcess()
            undo.callback(verifiers.close)
            admission = Admission(store, sequencer, verifiers)
            undo.callback(admission.close)
            receipts = Receipts(store, sequencer)
            lookup = Lookup(store, lambda: sequencer.head().size, lambda: publisher.size)
            retention = Retention(settings.snapshots_kept, settings.snapshot_days_kept)
            analysis = Analysis(
                folder.warehouse, store, sequencer.head, settings.snapshot_seconds, retention=retention
            )
            analysis.start()
            attendant = Attendant(sequencer)
            attendant.start()
            undo.pop_all()
        calm_collector()
        parts = (sequencer, attendant, verifiers, admission, receipts, publisher, lookup, analysis)
        return cls(folder, settings, clock, store, *parts)

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.sequencer.origin

    def log_key(self) -> str:
        """The vkey under which the log signs."""
        return make_vkey(self.origin, ED25519, self.sequencer.signer().public_key.octets).text()

    def head(self) -> Published:
        """What readers may see."""
        return self.sequencer.head()

    def public_key(self, key_id: str) -> bytes | None:
        """The key of this id, of all that were ever enrolled."""
        return self.sequencer.keys.get(key_id)

    def faults(self) -> list[str]:
        """Why the ledger cannot be relied on just now; none where it can."""
        found: list[str] = []
        if self.sequencer.stopped is not None:
            found.append("statements are not admitted; the operator has been told why")
        head = self.head().size
        if self.publisher.behind_seconds > self.settings.publication_seconds:
            found.append(f"the published checkpoint is of size {self.publisher.size}, the log has {head}")
        if self.analysis.fault is not None:
            found.append(self.analysis.fault)
        return found

    def close(self) -> None:
        """End every part, each after those that feed it."""
        self.attendant.close()
        self.admission.close()
        self.verifiers.close()
        self.sequencer.stop()
        self.publisher.close()
        self.analysis.close()
        self.store.close()
        release_collector()


def _start(sequencer: Sequencer) -> None:
    """Take statements, or at least serve what was signed before."""
    try:
        sequencer.start()
    except (WriterElsewhere, KeyMissing):  # whoever read from here would be told another key than the log's
        raise
    except ReadOnly as fault:
        if not sequencer.origin:  # never opened, or not with this key
            raise
        sequencer.head()  # `ReadOnly` too where nothing was ever signed
        log.error("the log must not grow: it is only read from, until somebody has acted", reason=str(fault))
