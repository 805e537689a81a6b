"""What becomes of each statement of a batch, before anything is committed?

Known ones keep what they were told, new ones are judged in order, the same one twice is admitted once.
Works on an open transaction, or, for a dry run, on a store to look at; commits nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ledger.batch.declined import Declined
from ledger.batch.evidence import evidence_of
from ledger.batch.recall import opened_text, recall
from ledger.batch.sitting import Refuse, Sitting, no_refusal
from ledger.book.encoding import ENTRY_BYTES_MAX, entry_bytes
from ledger.book.registry import Changes
from ledger.book.rejection import Reason, Rejection
from ledger.book.statement import Entry, Statement
from ledger.log.merkle import RightEdge, leaf_hash
from ledger.outcome import Admitted, Outcome, Refused, Would
from ledger.storage.store import Batch, Store, StoredEntry, Transaction
from signing.envelope import Envelope

DRY_RUNS_TRIED_MAX = 4  # a commit in between makes what was read of two books


@dataclass(frozen=True, slots=True)
class Heard:
    """Outcomes by place; `known` places with the index each has in the log; what a commit must write.

    `heard` are how many of the statements this is about: one that asks for what the others of its batch only
    do waits until that is committed, and so do all after it.
    """

    outcomes: dict[int, Outcome]
    known: list[tuple[int, int]]
    batch: Batch
    edge: RightEdge
    heard: int


def hear(
    transaction: Transaction, sitting: Sitting, statements: Sequence[Statement], edge: RightEdge, now: int
) -> Heard:
    """Judge a batch, or as much of it as may be judged at once, on the log that ends in `edge`.

    All are admitted at one time, `now` in Unix milliseconds. At least one is heard.
    """
    known = transaction.known([statement.statement_id for statement in statements])
    sitting.prepare([each for each in statements if each.statement_id not in known] if known else statements)
    heard = Heard({}, [], sitting.batch, edge, len(statements))
    new: dict[str, tuple[Admitted, Envelope]] = {}
    for place, statement in enumerate(statements):
        index = known.get(statement.statement_id)
        if index is not None:
            heard.known.append((place, index))
        elif statement.statement_id in new:
            heard.outcomes[place] = _again(*new[statement.statement_id], statement.bundle.envelope)
        elif sitting.must_wait(statement):
            heard = replace(heard, heard=place)
            break
        else:
            # One that was refused is judged anew: the same words may come under a better key.
            outcome = _hear_one(sitting, statement, edge, now)
            heard.outcomes[place] = outcome
            if isinstance(outcome, Admitted):
                new[statement.statement_id] = outcome, statement.bundle.envelope
    if not sitting.batch.entries:
        return heard
    grown = sitting.close(edge, [entry.leaf_hash for entry in sitting.batch.entries])
    return replace(heard, edge=grown)


def _hear_one(sitting: Sitting, statement: Statement, edge: RightEdge, now: int) -> Outcome:
    batch = sitting.batch
    index = edge.size + len(batch.entries)
    envelope = statement.bundle.envelope
    raw = entry_bytes(now, envelope)
    verdict: Changes | Rejection
    if len(raw) > ENTRY_BYTES_MAX:
        verdict = Rejection(Reason.TOO_LARGE, f"entry: {len(raw)} bytes, at most {ENTRY_BYTES_MAX}")
    else:
        if statement.text.head is not None:
            sitting.know_head(statement, edge, [entry.leaf_hash for entry in batch.entries])
        verdict = sitting.hear(Entry(index, now, statement))
    if isinstance(verdict, Rejection):
        return Declined(
            verdict, statement.statement_id, key_id=statement.key_id, at_size=index, judged_at=now
        )
    leaf = leaf_hash(raw)
    text = statement.text
    batch.entries.append(
        StoredEntry(
            index,
            statement.statement_id,
            raw,
            leaf,
            now,
            text.kind,
            text.party,
            statement.key_id,
            statement.occurred_at,
            len(statement.manifest_lines),
            opened_text(verdict.opened),
        )
    )
    if statement.bundle.manifest:
        batch.manifests[index] = statement.bundle.manifest
    if statement.bundle.attestations:
        batch.attestations.update(evidence_of(statement))
    return Admitted(index, statement.statement_id, leaf, now, verdict.opened, known=False)


def _again(first: Admitted, stored: Envelope, sent: Envelope) -> Admitted:
    return replace(first, known=True, envelope=None if stored == sent else stored)


def would(
    store: Store, statement: Statement, clock: Callable[[], int], refuse: Refuse = no_refusal
) -> Would | Refused:
    """What would become of a statement in the book as it stands; nothing is written."""
    for _ in range(DRY_RUNS_TRIED_MAX):
        size = store.head().size
        outcome = _would(store, statement, size, clock(), refuse)
        if store.head().size == size:
            return outcome
    reason = "the book moves too fast to be asked; send the statement itself, or ask again"
    return Refused(Rejection(Reason.UNAVAILABLE, reason), statement.statement_id)


def _would(store: Store, statement: Statement, size: int, now: int, refuse: Refuse) -> Would | Refused:
    known = store.known((statement.statement_id,)).get(statement.statement_id)
    if known is not None:
        (first,) = recall(store, [(known, statement.bundle.envelope)])
        return Would(first.statement, first.index, first.opened)
    sitting = Sitting(store.load, size, refuse)
    sitting.prepare((statement,))
    verdict = sitting.hear(Entry(size, now, statement))
    if isinstance(verdict, Changes):
        return Would(statement.statement_id, size, verdict.opened)
    return Refused(verdict, statement.statement_id)
