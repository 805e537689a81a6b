"""What does somebody hold in hand who said something to the log?

A receipt: the place of the statement, and the proof that it is in the tree of a checkpoint the log signed.
No promise to include it later: it is in. Reads tiles and the signed head; writes nothing.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ledger.batch.recall import admitted_of
from ledger.book.registry import Opened
from ledger.book.times import format_milliseconds
from ledger.entrance.refusals import problem_object
from ledger.log.proofs import HashSource, inclusion_proof
from ledger.outcome import Admitted
from ledger.sequencer import Published, Sequencer
from ledger.storage.store import Store

__all__ = ["DISCREPANCIES_SHOWN_MAX", "Receipts", "problem_object"]

DISCREPANCIES_SHOWN_MAX = 20
SIGNED = "signed"  # the operator is committed; "witnessed" says that everyone sees it

_format_milliseconds = lru_cache(maxsize=1024)(format_milliseconds)  # a batch has one time of admission


class Receipts:
    """Makes receipts under the head readers may see."""

    def __init__(self, store: Store, sequencer: Sequencer) -> None:
        self._store = store
        self._sequencer = sequencer
        self._hashes = HashSource(store.tile)

    def objects(self, admitted: Sequence[Admitted]) -> list[dict[str, Any]]:
        """The contract's receipt of each."""
        if not admitted:
            return []
        head = self._sequencer.head()
        return [self._object(outcome, head) for outcome in admitted]

    def of(self, index: int) -> dict[str, Any] | None:
        """The receipt of the entry at an index, None beyond the head."""
        head = self._sequencer.head()
        if not 0 <= index < head.size:
            return None
        (entry,) = self._store.entries(index, index + 1)
        return self._object(admitted_of(entry), head)

    def _object(self, admitted: Admitted, head: Published) -> dict[str, Any]:
        receipt: dict[str, Any] = {
            "index": admitted.index,
            "statement": admitted.statement,
            "leaf_hash": admitted.leaf_hash.hex(),
            "admitted_at": _format_milliseconds(admitted.admitted_at),
            "proof": [step.hex() for step in inclusion_proof(admitted.index, head.size, self._hashes)],
            "checkpoint": head.note,
            "status": SIGNED,
            "discrepancies": discrepancies_object(admitted.opened),
        }
        if admitted.envelope is not None:
            receipt["envelope"] = admitted.envelope.as_object()
        return receipt


def discrepancies_object(opened: Sequence[Opened]) -> dict[str, Any]:
    """How many discrepancies an entry opened, and the first of them."""
    first = [
        {
            "discrepancy": each.discrepancy,
            "kind": each.kind,
            "counterparty": each.counterparty,
            "chips": each.chips,
        }
        for each in opened[:DISCREPANCIES_SHOWN_MAX]
    ]
    return {"count": len(opened), "first": first}
