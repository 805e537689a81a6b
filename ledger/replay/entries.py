"""Are these the log's entries, and who signed them?

The checkpoint under the log's key, every entry in the checkpoint's tree, every statement in the law's own
form with its lines, every signature under a key that an earlier entry brought in. What an entry says of the
log's settings and its beacons is taken in by the law's own judges. Knows no draw.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.book.encoding import Bundle, entry_bytes
from ledger.book.law import read_statement
from ledger.book.registry import Registry
from ledger.book.rejection import Rejection
from ledger.book.rows import BeaconRow, LogSettings
from ledger.book.rules import beacons, opening
from ledger.book.statement import Entry
from ledger.book.tables import BEACONS, LOG
from ledger.book.times import parse_milliseconds
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import verify_inclusion
from ledger.replay.flaws import PROVED, TOLD, Broken, Flaw, Step, Told
from ledger.replay.form import EntryText, Header, is_hash
from signing.canonical import Unreadable, decode
from signing.envelope import STATEMENT_TYPE, read_envelope
from signing.keys import admit_public_key, verify
from signing.note import VerifierKey, parse_vkey

OPENED, CHANGED, LISTED = "log.opened", "log.changed", "beacon.listed"
ENROLLED, KEY_ADDED = "party.enrolled", "key.added"
COMMITTED, DRAWN = "inspection.committed", "inspection.drawn"
FOUND, CLOSED = "inspection.found", "inspection.closed"
OF_AN_INSPECTION = (COMMITTED, DRAWN, FOUND, CLOSED)
KINDS = frozenset({OPENED, CHANGED, LISTED, ENROLLED, KEY_ADDED, *OF_AN_INSPECTION})
KEY_DIGITS_SHOWN = 16


@dataclass(slots=True)
class Known:
    """What was established so far. `leaves`: hex leaf hash by index; `settings`: (entry, settings) in order;
    `unknown`: by index of a finding's entry the chips the book did not know."""

    head: Checkpoint | None = None
    entries: list[Entry] = field(default_factory=list)
    leaves: dict[int, str] = field(default_factory=dict)
    unknown: dict[int, frozenset[str]] = field(default_factory=dict)
    settings: list[tuple[int, LogSettings]] = field(default_factory=list)
    listed: dict[str, BeaconRow] = field(default_factory=dict)

    def of(self, kind: str) -> list[Entry]:
        """The entries of a kind, in order."""
        return [entry for entry in self.entries if entry.statement.kind == kind]

    def settings_at(self, index: int) -> LogSettings:
        """As they stood at an entry."""
        return [settings for since, settings in self.settings if since < index or since == 0][-1]


def check_entries(header: Header, known: Known, log_key: VerifierKey | None) -> Iterator[Told]:
    """Fills `known` with what holds."""
    yield from _checkpoint(header, known, log_key)
    yield from _inclusion(header, known)
    yield from _signatures(known)
    yield from _settings(header, known)


def _checkpoint(header: Header, known: Known, log_key: VerifierKey | None) -> Iterator[Told]:
    name = "checkpoint"
    try:
        claimed = parse_vkey(header.log_key)
    except Unreadable as fault:
        yield Broken(name, Flaw.UNREADABLE, f"log_key: {fault}")
        return
    key = log_key or claimed
    if key.name != header.log:
        yield Broken(name, Flaw.ANOTHER_LOG, f"the file is of {header.log}, the key of {key.name}")
        return
    try:
        head = open_checkpoint(header.checkpoint.encode("utf-8", "replace"), key, header.log)
    except Unreadable as fault:
        yield Broken(name, Flaw.BAD_CHECKPOINT, f"under {key.text()}: {fault}")
        return
    known.head = head
    said = f"The log {head.origin} signed its first {head.size:,} entries"
    if log_key is None:
        yield Step(
            name,
            TOLD,
            f"{said}, by the key the file itself names: {key.text()}. Compare it with one you know.",
        )
    else:
        yield Step(name, PROVED, f"{said}, by the key you gave.")


def _inclusion(header: Header, known: Known) -> Iterator[Told]:
    name, head = "entries", known.head
    assert head is not None
    before, admitted_before = -1, -1
    for text in header.entries:
        if text.index <= before:
            yield Broken(name, Flaw.UNREADABLE, f"entry {text.index} after entry {before}")
            return
        before = text.index
        read = _read(text)
        if isinstance(read, Broken):
            yield read
            return
        entry, leaf = read
        proof = [bytes.fromhex(step) for step in text.proof]
        if not verify_inclusion(leaf, entry.index, head.size, proof, head.root):
            yield Broken(
                name, Flaw.NOT_IN_LOG, f"entry {entry.index} has no proof in the tree of {head.size:,}"
            )
            return
        if entry.admitted_at < admitted_before or entry.statement.text.log != head.origin:
            yield Broken(
                name, Flaw.BAD_STATEMENT, f"entry {entry.index} is of another log, or out of its time"
            )
            return
        fault = entry.statement.fault
        if fault is not None:
            yield Broken(
                name, Flaw.BAD_STATEMENT, f"entry {entry.index}: {fault.reason.value}: {fault.detail}"
            )
            return
        admitted_before = entry.admitted_at
        known.entries.append(entry)
        known.leaves[entry.index] = leaf.hex()
        known.unknown[entry.index] = frozenset(text.unknown or ())
    yield Step(name, PROVED, f"All {len(known.entries):,} entries of the file are among those.")


def _read(text: EntryText) -> tuple[Entry, bytes] | Broken:
    """The entry and its leaf hash."""
    try:
        envelope = read_envelope(decode(bytes(text.envelope), "envelope"), STATEMENT_TYPE)
        lines = None if text.manifest is None else tuple(map(bytes, text.manifest))
        statement = read_statement(Bundle(envelope, lines, None), evidence_shown=False)
        admitted_at = parse_milliseconds(text.admitted_at, "admitted_at")
    except Unreadable as fault:
        return Broken("entries", Flaw.UNREADABLE, f"entry {text.index}: {fault}")
    if not all(map(is_hash, text.proof)):
        return Broken("entries", Flaw.UNREADABLE, f"entry {text.index}: a proof is hashes of 64 hex digits")
    leaf = leaf_hash(entry_bytes(admitted_at, envelope))
    return Entry(text.index, admitted_at, statement), leaf


@dataclass(frozen=True, slots=True)
class _Key:
    public_key: bytes
    party: str
    since: int


def _signatures(known: Known) -> Iterator[Told]:
    """Every signature, under a key brought in by an entry before; the chain ends at entry 0."""
    name = "signatures"
    keys: dict[str, _Key] = {}
    used: dict[str, str] = {}
    registrars: set[str] = set()
    for entry in known.entries:
        statement = entry.statement
        kind, key_id, begins = statement.kind, statement.key_id, entry.index == 0
        if kind not in KINDS or begins is not (kind == OPENED):
            yield Broken(name, Flaw.WRONG_STATEMENT, f"entry {entry.index}: no place here for {kind}")
            return
        if begins:
            registrars.add(statement.party)
            keys |= _brought(entry)
        key = keys.get(key_id)
        envelope = statement.bundle.envelope
        if key is None or key.party != statement.party or not (key.since < entry.index or begins):
            yield Broken(
                name,
                Flaw.BAD_SIGNATURE,
                f"entry {entry.index}: {key_id} is no key shown of {statement.party}",
            )
            return
        if not verify(key.public_key, envelope.pae(), envelope.signature):
            yield Broken(name, Flaw.BAD_SIGNATURE, f"entry {entry.index}: the signature does not fit")
            return
        if kind in (CHANGED, LISTED, ENROLLED) and statement.party not in registrars:
            yield Broken(name, Flaw.WRONG_STATEMENT, f"entry {entry.index}: {kind} is a registrar's to say")
            return
        if kind == ENROLLED and "registrar" in entry.body.roles:
            registrars.add(entry.body.party)
        keys |= {each: key for each, key in _brought(entry).items() if each not in keys}
        if kind in OF_AN_INSPECTION:
            used[key_id] = (
                f"{key.party}'s key {key_id[:KEY_DIGITS_SHOWN]}… came into the log with entry {key.since}"
            )
    chain = "; ".join(used.values())
    yield Step(
        name,
        PROVED,
        f"Every statement is signed. {chain}. Each key was brought in by an entry here, back to entry 0.",
    )
    yield Step(
        "keys",
        TOLD,
        "That no key had been revoked this file cannot show: an audit of the log does (`chipledger audit`).",
    )


def _brought(entry: Entry) -> dict[str, _Key]:
    """The keys an entry brings in, by id."""
    kind, body = entry.statement.kind, entry.body
    told: Sequence[tuple[str, Any]] = ()
    if kind == OPENED:
        told = [(body.registrar.party, proven) for proven in body.registrar.keys]
    elif kind == ENROLLED:
        told = [(body.party, proven) for proven in body.keys]
    elif kind == KEY_ADDED:
        told = [(body.party, body)]
    found = [(party, admit_public_key(proven.public_key)) for party, proven in told]
    return {key.key_id: _Key(key.octets, party, entry.index) for party, key in found}


def _settings(header: Header, known: Known) -> Iterator[Told]:
    """Waits, witnesses and beacons, as the law's own judges take them in."""
    registry = Registry()
    judges = {OPENED: opening.judge_opening, CHANGED: opening.judge_change, LISTED: beacons.judge_beacon}
    if not known.of(OPENED):
        yield Broken("settings", Flaw.WRONG_STATEMENT, "entry 0, log.opened, is missing")
        return
    for entry in known.entries:
        kind = entry.statement.kind
        if kind not in judges:
            continue
        verdict = judges[kind](registry, entry)
        if isinstance(verdict, Rejection):
            yield Broken("settings", Flaw.WRONG_STATEMENT, f"entry {entry.index}: {verdict.detail}")
            return
        registry.apply(verdict)
        if kind != LISTED:
            known.settings.append((entry.index, registry.of(LOG)[header.log]))
    known.listed = dict(registry.of(BEACONS))
    now = known.settings[-1][1]
    witnesses = (
        f"{now.quorum} of its witnesses must have seen it {now.timely_lead_s:,} s before"
        if now.quorum
        else "no witness is asked for"
    )
    said = (
        f"The log's rules: a round is due {now.beacon_lead_s:,} s after its commitment or later; {witnesses}."
    )
    yield Step("settings", PROVED, said)
