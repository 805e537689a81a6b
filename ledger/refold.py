"""How is the book made again from the log alone?

Every table but the sacred ones is a fold of them. Reads entry after entry, with its lines and evidence, and
lets the law judge it again at its own place and time. Checks no signature: that was done at the door, and
is an auditor's to do again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger.batch.sitting import Sitting
from ledger.book.encoding import Bundle, read_entry
from ledger.book.law import read_statement
from ledger.book.rejection import Rejection
from ledger.book.rules.evidence import named_evidence
from ledger.book.statement import Entry, Statement
from ledger.log.merkle import RightEdge
from ledger.storage.store import Head, Store, StoredEntry
from signing.canonical import to_base64

BATCH_ENTRIES_MAX = 1_024
BATCH_LINES_MAX = 100_000
ENTRIES_READ = 1_024


class Unfoldable(Exception):
    """An entry of the log that the law does not let stand where it is."""

    def __init__(self, index: int, rejection: Rejection) -> None:
        super().__init__(f"entry {index}: {rejection.reason.value}: {rejection.detail}")
        self.index = index
        self.rejection = rejection


@dataclass(frozen=True, slots=True)
class _Old:
    """An entry of the log, read again."""

    stored: StoredEntry
    statement: Statement


def refold(store: Store, progress: Callable[[int], None] = lambda _: None) -> int:
    """Drop the book and fold it anew; the size it has then. `progress` hears of each size reached.

    Claims the log, so no sequencer may run; killed, it is to be run again. `Unfoldable` where the law
    refuses what the log holds.
    """
    store.claim()
    store.drop_book()
    head, edge = store.head(), RightEdge.empty()
    entries = _entries(store)
    waiting: list[_Old] = []
    while True:
        waiting = _gather(waiting, entries)
        if not waiting:
            return head.size
        heard, edge = _fold(store, head, edge, waiting)
        waiting = waiting[heard:]
        head = Head(edge.size, edge.root(), head.epoch)
        progress(head.size)


def _entries(store: Store) -> Iterator[_Old]:
    start = 0
    while some := store.entries(start, start + ENTRIES_READ):
        for stored in some:
            yield _Old(stored, _statement(store, stored))
        start += len(some)


def _statement(store: Store, stored: StoredEntry) -> Statement:
    _, envelope = read_entry(stored.raw)
    lines = store.manifest(stored.index) if stored.lines else None
    statement = read_statement(Bundle(envelope, lines, None))
    evidence = {name: store.attestation(name) for name in named_evidence(statement.form, statement.lines)}
    if not evidence:
        return statement
    brought = {name: to_base64(octets) for name, octets in evidence.items() if octets is not None}
    return read_statement(Bundle(envelope, lines, brought))


def _gather(left: list[_Old], entries: Iterator[_Old]) -> list[_Old]:
    """The next batch: what the last one left, then more, up to the limits."""
    batch, lines = list(left), sum(old.stored.lines for old in left)
    while len(batch) < BATCH_ENTRIES_MAX and lines < BATCH_LINES_MAX:
        old = next(entries, None)
        if old is None:
            break
        batch.append(old)
        lines += old.stored.lines
    return batch


def _fold(store: Store, head: Head, edge: RightEdge, olds: list[_Old]) -> tuple[int, RightEdge]:
    """Judge a batch and write its book; how many were heard, and the tree's edge after them.

    Stops before one that asks for a frame of the book this very batch makes.
    """
    leaves = [old.stored.leaf_hash for old in olds]
    with store.writing(head) as transaction:
        sitting = Sitting(transaction.load, head.size)
        sitting.prepare([old.statement for old in olds])
        heard = 0
        for old in olds:
            if sitting.must_wait(old.statement):
                break
            sitting.know_head(old.statement, edge, leaves)
            verdict = sitting.hear(Entry(old.stored.index, old.stored.admitted_at, old.statement))
            if isinstance(verdict, Rejection):
                raise Unfoldable(old.stored.index, verdict)
            heard += 1
        after = sitting.close(edge, leaves[:heard])
        transaction.write(sitting.batch, refold=True)
    return heard, after
