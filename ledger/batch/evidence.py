"""Which of the evidence that came with a statement is kept with it?

What its lines name by hash, and nothing else: whatever is kept is kept for ever, so nobody may leave
things that no line commits to. The law refuses what brings anything else.
"""

from ledger.book.rules import evidence
from ledger.book.statement import Statement


def evidence_of(statement: Statement) -> dict[str, bytes]:
    """Evidence the statement's lines name and its bundle brought, by hex SHA-256 of itself."""
    named = evidence.named_evidence(statement.form, statement.lines)
    return evidence.brought_evidence(named, statement.bundle.attestations)
