"""Which of the evidence that came with a statement is kept with it?

What its lines name by hash, and nothing else: whatever is kept is kept for ever, so nobody may leave
things that no line commits to.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from ledger.book.records.form import Line
from ledger.book.statement import Statement
from signing.canonical import Unreadable, from_base64

_BEARERS = ("identity", "seen")


def named_evidence(lines: Sequence[Line]) -> Iterable[str]:
    """Hex SHA-256 of every piece of evidence the lines name, in their order, each once."""
    found: dict[str, None] = {}
    for line in lines:
        for bearer in _BEARERS:
            named = getattr(getattr(line, bearer, None), "attestation_sha256", None)
            if named is not None:
                found[named] = None
    return found


def evidence_of(statement: Statement) -> dict[str, bytes]:
    """Evidence the statement's lines name and its bundle brought, by hex SHA-256 of itself."""
    brought = statement.bundle.attestations
    if not brought:
        return {}
    kept: dict[str, bytes] = {}
    for name in named_evidence(statement.lines):
        octets = _octets(brought.get(name))
        if octets is not None and sha256(octets).hexdigest() == name:
            kept[name] = octets
    return kept


def _octets(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return from_base64(text, "attestations")
    except Unreadable:
        return None
