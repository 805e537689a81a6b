"""What of a statement can be worked out before the sequencer hears it?

A draw from millions takes a minute: reading the frame, hashing its root, drawing. All of it depends on a past
book and on the statement alone, so it is done at the door, by whoever brings the statement, while the
sequencer goes on with others. Nothing that is foreseen is believed: the sequencer judges as always, and finds
the frame and what was worked out from it at hand, or works it out again.
"""

from ledger.batch.sitting import Sitting
from ledger.book.registry import Registry
from ledger.book.statement import Entry, Statement
from ledger.storage.store import Store

FORESEEN_KINDS = frozenset({"inspection.drawn"})


def foresee(store: Store, statement: Statement, now: int) -> Registry:
    """Judge it as if it came now, Unix milliseconds, and for nothing.

    Hold what is returned until the statement was heard: the frames in it are kept for as long. Whatever this
    stumbles over, the sequencer meets too, and knows what to do.
    """
    size = store.head().size
    sitting = Sitting(store.load, size)
    sitting.prepare((statement,))
    sitting.hear(Entry(size, now, statement))
    return sitting.registry
