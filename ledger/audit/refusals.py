"""Was every signed refusal due?

A refusal says: this statement, at this size of the log, for this reason. Given the bundle it refused,
the same judge over the same book must refuse it for the same reason. `too_fast` and `unavailable` are
about the operator's day, not the book, and only their signature is checked. Knows no journal.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from ledger.audit.report import Check, Findings
from ledger.audit.tree import Regrown
from ledger.book import law
from ledger.book.encoding import HeadText, read_bundle
from ledger.book.registry import Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.statement import Entry
from ledger.book.times import parse_seconds
from signing.canonical import TooLarge, Unreadable, decode
from signing.envelope import REFUSAL_TYPE, Envelope, read_envelope_bytes
from signing.keys import verify
from signing.note import parse_vkey

NOT_OF_THE_BOOK: Final = frozenset({Reason.TOO_FAST.value, Reason.UNAVAILABLE.value})
LAST_MILLISECOND: Final = 999  # a refusal tells whole seconds, the judge was asked at a millisecond


@dataclass(frozen=True, slots=True)
class SignedRefusal:
    """note: the DSSE a refusal was signed in; bundle: what was refused, empty where it was not kept."""

    note: bytes
    bundle: bytes


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    """The signed words."""

    log: str
    statement: str
    reason: str
    refused_at: str
    at: HeadText


@dataclass(frozen=True, slots=True)
class _Pending:
    name: str
    said: _Said
    envelope: Envelope
    bundle: bytes


class RefusalDesk:
    """Keeps each refusal until the book has reached its size, then judges again."""

    def __init__(self, refusals: Sequence[SignedRefusal], findings: Findings) -> None:
        self._findings = findings
        self._by_size: dict[int, list[_Pending]] = defaultdict(list)
        self.not_kept = 0
        for place, refusal in enumerate(refusals):
            name = f"refusal {place}"
            try:
                envelope = read_envelope_bytes(refusal.note, REFUSAL_TYPE)
                said = msgspec.convert(decode(envelope.payload, "refusal"), _Said)
            except (Unreadable, msgspec.ValidationError) as error:
                findings.add(Check.REFUSALS, None, f"{name}: {error}")
            else:
                self._by_size[said.at.size].append(_Pending(name, said, envelope, refusal.bundle))

    def replay(self, size: int, registry: Registry, tree: Regrown, origin: str, log_key: str) -> None:
        """Every refusal given when the book had this size; the registry is that book."""
        for pending in self._by_size.pop(size, ()):
            fault = _fault(pending, registry, tree, origin, log_key)
            if fault is not None:
                self._findings.add(Check.REFUSALS, None, f"{pending.name} at size {size}: {fault}")
            elif not pending.bundle:
                self.not_kept += 1

    def beyond(self) -> int:
        """How many were given at sizes that were never reached."""
        return sum(map(len, self._by_size.values()))


def _fault(pending: _Pending, registry: Registry, tree: Regrown, origin: str, log_key: str) -> str | None:
    said, envelope = pending.said, pending.envelope
    key = parse_vkey(log_key).public_key
    by_log = envelope.key_id == sha256(key).hexdigest()
    if not by_log or not verify(key, envelope.pae(), envelope.signature):
        return "not signed by the log's key"
    if said.log != origin:
        return "for another log"
    if tree.root_at(said.at.size).hex() != said.at.root:
        return "the log never had that size and root"
    if said.reason in NOT_OF_THE_BOOK or not pending.bundle:
        return None
    try:
        refused_at = parse_seconds(said.refused_at, "refused_at") * 1000
    except Unreadable as error:
        return str(error)
    found = {_reason(pending, registry, tree, refused_at + late) for late in (0, LAST_MILLISECOND)}
    if said.reason in found:
        return None
    instead = sorted(reason or "admitted" for reason in found)
    return f"refused as {said.reason}, judged again: {' or '.join(instead)}"


def _reason(pending: _Pending, registry: Registry, tree: Regrown, at: int) -> str | None:
    """Why the bundle may not stand in the book at a time of Unix milliseconds; None where it may."""
    try:
        bundle = read_bundle(pending.bundle)
        if bundle.envelope.id() != pending.said.statement:
            return "another statement than the one named"
        statement = law.read_statement(bundle)
    except TooLarge:
        return Reason.TOO_LARGE.value
    except Unreadable:
        return Reason.MALFORMED.value
    size, head = pending.said.at.size, statement.text.head
    if head is not None and 1 <= head.size <= size:
        registry.roots[head.size] = tree.root_at(head.size)
    verdict = law.judge(registry, Entry(size, at, statement))
    return verdict.reason.value if isinstance(verdict, Rejection) else None
