"""Did every chip of class A prove who it is?

Whenever an entry leaves a chip in class A that was in another, a line of that very entry must name evidence
that holds: examined again from its bytes, under a root the log pins, by the key the line names, answering the
nonce of this statement. Only what was taken back may bring a chip back to the class without. Judges nothing
else of a chip.
"""

from typing import Any

from ledger.book.registry import Changes, Registry
from ledger.book.rows import Chip
from ledger.book.rules.evidence import BEARERS, CLASS_A, is_attested
from ledger.book.statement import Entry
from ledger.book.tables import CHIPS

CORRECTING = "statement.corrected"  # gives a chip back the class it had proved


class Classes:
    """The chips that are in class A so far."""

    def __init__(self) -> None:
        self._proved: set[str] = set()

    def enter(self, entry: Entry, changes: Changes, registry: Registry) -> str | None:
        """A sentence where what an entry changed put a chip into class A that proved nothing in it."""
        rows: list[Chip] = changes.rows.get(CHIPS, [])  # type: ignore[assignment]
        proved = self._proved
        raised = [row.chip for row in rows if row.cls == CLASS_A and row.chip not in proved]
        if proved:
            proved.difference_update(row.chip for row in rows if row.cls != CLASS_A)
        proved.update(raised)
        if not raised or entry.statement.kind == CORRECTING:
            return None
        attested = {line.chip for line in entry.lines if self._is_proof(registry, entry, line)}
        unproved = sorted(set(raised) - attested)
        if not unproved:
            return None
        return f"{len(unproved)} chips are in class A without evidence that holds, first {unproved[0]}"

    @staticmethod
    def _is_proof(registry: Registry, entry: Entry, line: Any) -> bool:
        borne = (getattr(line, bearer, None) for bearer in BEARERS)
        return any(is_attested(registry, entry, line.chip, identity) for identity in borne)
