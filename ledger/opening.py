"""How does a ledger begin?

With entry 0, `log.opened`, which names the log's key and its registrar, signed by one of the registrar's
keys. It enters by the same sequencer as every other; only its key cannot be known before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from errno import EEXIST
from typing import Any

from ledger.batch.hearing import would
from ledger.book.encoding import Bundle
from ledger.book.law import OPENING, read_statement
from ledger.book.records.opening import DeviceRoot, LogOpened, RegistrarOpening, Waits, Witness
from ledger.book.records.parties import ProvenKey
from ledger.book.rejection import Reason, Rejection
from ledger.book.rules.opening import RULES_VERSION
from ledger.book.rules.parties import key_id_of
from ledger.book.statement import Statement
from ledger.durability.floor import FileFloor, WriterLock
from ledger.folder import LedgerFolder
from ledger.outcome import Admitted, Refused
from ledger.publication import Publisher
from ledger.sequencer import Sequencer
from ledger.storage.memory import MemoryStore
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from ledger.storage.store import Store
from signing.canonical import encode
from signing.envelope import KEY_PROOF_TYPE, STATEMENT_TYPE, seal
from signing.keys import verify
from signing.note import ED25519, make_vkey
from signing.signer import SeedSigner, Signer, write_key_file

BEACON_LEAD_SECONDS = 600
TIMELY_LEAD_SECONDS = 60
KEY_DELAY_SECONDS = 604_800


@dataclass(frozen=True, slots=True)
class Registrar:
    """Who enrols: party id, name, country (ISO 3166-1 alpha-2), and the key that signs entry 0."""

    party: str
    name: str
    country: str
    signer: Signer


@dataclass(frozen=True, slots=True)
class Terms:
    """What a log is opened under, besides its registrar. Waits are in seconds."""

    waits: Waits = field(
        default_factory=lambda: Waits(BEACON_LEAD_SECONDS, TIMELY_LEAD_SECONDS, KEY_DELAY_SECONDS)
    )
    quorum: int = 0
    witnesses: Sequence[Witness] = ()
    device_roots: Sequence[DeviceRoot] = ()


class NotOpened(Exception):
    """Entry 0 was refused; nothing was made. `refused` says why."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.rejection.reason.value}: {refused.rejection.detail}")
        self.refused = refused


def opening_bundle(
    origin: str,
    registrar: Registrar,
    log_signer: Signer,
    terms: Terms,
    *,
    occurred_at: str,
    expires_at: str,
) -> Bundle:
    """The signed `log.opened`; times are spelled as statements spell them."""
    key = registrar.signer.public_key
    proof = {"log": origin, "party": registrar.party, "public_key": key.hex}
    proven = ProvenKey(key.hex, seal(registrar.signer, KEY_PROOF_TYPE, encode(proof)).as_object())
    body = LogOpened(
        make_vkey(origin, ED25519, log_signer.public_key.octets).text(),
        RegistrarOpening(registrar.party, registrar.name, registrar.country, [proven]),
        list(terms.witnesses),
        terms.quorum,
        RULES_VERSION,
        terms.waits,
        list(terms.device_roots),
    )
    said: Mapping[str, Any] = {
        "log": origin,
        "kind": OPENING,
        "party": registrar.party,
        "occurred_at": occurred_at,
        "expires_at": expires_at,
        "body": body,
    }
    return Bundle(seal(registrar.signer, STATEMENT_TYPE, encode(said)), None, None)


def admit_opening(sequencer: Sequencer, bundle: Bundle) -> Admitted:
    """Put entry 0 into an empty log whose sequencer has started; `NotOpened` where it is refused.

    `Unreadable` for a statement that is not well formed.
    """
    statement = _checked(bundle)
    (outcome,) = sequencer.sequence([statement]).result()
    if isinstance(outcome, Refused):
        raise NotOpened(outcome)
    return outcome


def open_ledger(
    folder: LedgerFolder,
    *,
    origin: str,
    registrar: Registrar,
    log_seed: bytes,
    log_key_password: bytes | None,
    terms: Terms,
    occurred_at: str,
    expires_at: str,
    clock: Callable[[], int],
    store: Store | None = None,
) -> Admitted:
    """Make a ledger: log key, record with entry 0, floor, publication.

    The record is SQLite in the folder unless a `store` is given, which must be empty and is not closed.
    FileExistsError where a ledger is; `NotOpened`, and nothing made, where entry 0 cannot stand.
    """
    signer = SeedSigner(log_seed)
    bundle = opening_bundle(origin, registrar, signer, terms, occurred_at=occurred_at, expires_at=expires_at)
    trial = would(MemoryStore(), _checked(bundle), clock)
    if isinstance(trial, Refused):
        raise NotOpened(trial)
    folder.path.mkdir(parents=True, exist_ok=True)
    for path in (folder.database, folder.floor, folder.public, folder.private):
        if path.exists():
            raise FileExistsError(EEXIST, "there is a ledger already", str(path))
    write_key_file(folder.log_key, log_seed, log_key_password)
    kept: Store = SqlStore(Sqlite(folder.database)) if store is None else store
    publisher = Publisher(kept, folder)
    lock, floor = WriterLock(folder.lock), FileFloor(folder.floor)
    sequencer = Sequencer(kept, signer, floor, clock, publisher.publish, lock=lock)
    try:
        sequencer.start()
        admitted = admit_opening(sequencer, bundle)
        sequencer.stop()
        publisher.flush()
    finally:
        sequencer.stop()
        publisher.close()
        if store is None:
            kept.close()
    return admitted


def _checked(bundle: Bundle) -> Statement:
    """The statement, once its signature is good under a key that its own body names."""
    statement = read_statement(bundle)
    envelope, keys = bundle.envelope, {}
    if statement.fault is None and isinstance(statement.body, LogOpened):
        # Sound and proven, or the law had found a fault. Whoever is not among them is refused by the judge.
        keys = {key_id_of(key.public_key): key.public_key for key in statement.body.registrar.keys}
    named = keys.get(envelope.key_id)
    if named is not None and not verify(bytes.fromhex(named), envelope.pae(), envelope.signature):
        fault = Rejection(Reason.BAD_SIGNATURE, "sig does not fit payload and key")
        raise NotOpened(Refused(fault, statement.statement_id))
    return statement
