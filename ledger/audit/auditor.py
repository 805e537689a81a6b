"""Is this log, from its first entry to its newest checkpoint, what it claims to be?

`audit` re-checks everything from published bytes alone: it grows the tree anew, reads every entry and
manifest, verifies every signature, judges every admission again, keeps the accounts, and compares what
comes out with every checkpoint, tile and digest. It goes on after a fault where what follows still means
something, and names the first entry that is bad. It writes nothing and trusts nobody.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from ledger.audit.checkpoints import CheckpointDesk, claimed_checkpoint, witness_keys
from ledger.audit.log_keys import LogKeys
from ledger.audit.published import Published
from ledger.audit.reading import Reading
from ledger.audit.refusals import RefusalDesk, SignedRefusal
from ledger.audit.report import AuditReport, Check, Findings, Progress
from ledger.audit.seals import SealDesk, sealed_sizes
from ledger.audit.signatures import Verifiers
from ledger.audit.tree import compare_tiles, leaves_from_tiles, read_on
from ledger.book.fold import Fold
from signing.canonical import Unreadable
from signing.note import VerifierKey

VERIFYING_THREADS: Final = 2
CHECKPOINTS_PER_REPORT: Final = 256  # between two words of progress
HEAD: Final = "checkpoint"  # the newest note, by the name it is published under

FROM_HASHES_ALONE: Final = frozenset({Check.CHECKPOINTS, Check.ROOTS, Check.TILES})


def silent(stage: str, done: int, total: int) -> None:
    """Progress for nobody."""


def audit(
    published: Published,
    *,
    log_key: VerifierKey | None = None,
    stored_digest: str | None = None,
    refusals: Sequence[SignedRefusal] | None = None,
    balances_at: Sequence[int] = (),
    progress: Progress = silent,
    workers: Executor | None = None,
    fold: Fold | None = None,
    leave_out: frozenset[Check] = frozenset(),
) -> AuditReport:
    """Check a published log up to its newest checkpoint.

    log_key: the key the caller knows the log by; without one entry 0's is taken, and the report says so.
    stored_digest: `book_digest` of the book the operator serves. refusals: those to be judged again; None
    where none were shown, which is another thing than none.
    balances_at: sizes besides 0 and the end at which accounts are struck. workers: where signatures are
    verified, two threads if not given; a pool of processes leaves this process to the judge. fold (empty)
    and leave_out are for tests. Raises only what `published` does when a disk or network fails.
    """
    with ExitStack() as stack:
        pool = workers or stack.enter_context(ThreadPoolExecutor(VERIFYING_THREADS, "audit-verify"))
        findings = Findings(leave_out)
        desk = RefusalDesk(refusals or (), findings)
        # Sizes before the checkpoint: a log that grows meanwhile moves the checkpoint past them.
        sizes = published.checkpoint_sizes()
        newest = published.checkpoint()
        size = _size_claimed(published, newest, sizes, findings)
        reading = Reading(
            published,
            findings,
            fold=fold or Fold(),
            verifiers=Verifiers(pool, _unsigned(findings), at_once=workers is None),
            refusals=desk,
            seals=SealDesk(_sealed(published, size, findings), findings),
            balances_at=balances_at,
        )
        if published.shows_entries:
            reading.read(size, progress)
        else:
            _read_hashes(published, size, reading, findings)
        _compare_tiles(published, size, reading, findings, progress)
        entries_read = reading.tree.size if published.shows_entries else 0
        keys = LogKeys(reading.settings_said, log_key)
        key = _log_key(keys, findings)
        notes = _checkpoint_desk(reading, keys, findings)
        if key is not None:
            if newest is not None:
                notes.check(HEAD, newest, None)
            _check_kept(published, sizes, size, notes=notes, progress=progress)
        stored_digest = None if reading.evidence_unseen else stored_digest
        if published.shows_entries and stored_digest is not None:
            _compare_digests(reading.fold, stored_digest, findings)
        left = leave_out | _not_run(published, reading, key, stored_digest, refusals)
    return AuditReport(
        size,
        entries_read,
        findings.by_entry(),
        findings.count,
        findings.first_bad_entry,
        tuple(check for check in Check if check not in left),
        not published.shows_entries,
        None if key is None else key.text(),
        log_key is not None,
        _notes(published, sizes, desk, notes, key_taken=log_key is None and key is not None),
        tuple(reading.balances),
        notes.beyond.kept,
    )


def _unsigned(findings: Findings) -> Callable[[int], None]:
    return lambda index: findings.add(Check.SIGNATURES, index, "bad signature")


def _size_claimed(
    published: Published, newest: bytes | None, sizes: Sequence[int], findings: Findings
) -> int:
    """The size the newest note claims; where it cannot be read, that of the newest kept one that can."""
    try:
        if newest is None:
            raise Unreadable("checkpoint", "is missing")
        return claimed_checkpoint(newest).size
    except Unreadable as error:
        findings.add(Check.CHECKPOINTS, None, f"{HEAD}: {error}")
    for size in reversed(sizes):
        kept = published.stored_checkpoint(size)
        try:
            if kept is not None and claimed_checkpoint(kept).size == size:
                return size
        except Unreadable:
            continue  # reported when the kept ones are checked
    return 0


def _read_hashes(published: Published, size: int, reading: Reading, findings: Findings) -> None:
    fault = leaves_from_tiles(published, size, reading.tree)
    if fault is not None:
        findings.add(Check.TILES, reading.tree.size, fault)


def _compare_tiles(
    published: Published, size: int, reading: Reading, findings: Findings, progress: Progress
) -> None:
    def bad(index: int | None, detail: str) -> None:
        findings.add(Check.TILES, index, detail)

    if Check.TILES not in findings.leave_out:
        compare_tiles(
            published, size, reading.tree, bad, lambda done, all_: progress(Check.TILES.value, done, all_)
        )


def _sealed(published: Published, size: int, findings: Findings) -> frozenset[int]:
    """The sizes at which the book must be summed up."""
    if Check.SEALS in findings.leave_out or not published.shows_entries:
        return frozenset()
    return sealed_sizes(published, size)


def _log_key(keys: LogKeys, findings: Findings) -> VerifierKey | None:
    """The key the log is known by: the caller's, else the one entry 0 names."""
    if keys.first is None:
        findings.add(Check.CHECKPOINTS, None, "no key of the log was given, and entry 0 names none")
    elif not keys.is_known:
        findings.add(Check.CHECKPOINTS, 0, "entry 0 names another key of the log than the one given")
    return keys.first


def _checkpoint_desk(reading: Reading, keys: LogKeys, findings: Findings) -> CheckpointDesk:
    """With every witness the log ever named: one named since may have seen an older size again."""
    said = reading.settings_said
    found = {key.text(): key for settings in said for key in witness_keys(settings)}
    witnesses = list(found.values()) if said else None
    return CheckpointDesk(findings, reading.tree, keys, witnesses, reading.admitted_at)


def _check_kept(
    published: Published,
    sizes: Sequence[int],
    size: int,
    *,
    notes: CheckpointDesk,
    progress: Progress,
) -> None:
    """Every older note; one beyond the newest is a promise: hidden, unless its entries are there."""
    reached = size
    if sizes and sizes[-1] > size:  # unless the log has grown since the newest was read
        reached = _size_reached(published, size)
        if sizes[-1] > reached and notes.tree.size == size:
            # The sizes again: the farthest is put first, and its entries lie there in one piece.
            read_on(published, max(sizes[-1], *published.checkpoint_sizes()), notes.tree)
    for done, kept in enumerate(sizes, start=1):
        name = f"checkpoints/{kept}"
        if kept > reached:
            notes.check_beyond(name, published.stored_checkpoint(kept), kept, reached)
        else:
            notes.check(name, published.stored_checkpoint(kept), kept)
        if done % CHECKPOINTS_PER_REPORT == 0 or done == len(sizes):
            progress(Check.CHECKPOINTS.value, done, len(sizes))


def _size_reached(published: Published, size: int) -> int:
    """What the newest checkpoint has come to since it was read to be of a size."""
    note = published.checkpoint()
    try:
        return size if note is None else max(size, claimed_checkpoint(note).size)
    except Unreadable:
        return size


def _compare_digests(fold: Fold, stored: str, findings: Findings) -> None:
    folded = fold.digest()
    if folded != stored:
        findings.add(
            Check.DIGEST, None, f"the book folded from these entries is {folded}, stored is {stored}"
        )


def _not_run(
    published: Published,
    reading: Reading,
    key: VerifierKey | None,
    stored_digest: str | None,
    refusals: Sequence[SignedRefusal] | None,
) -> set[Check]:
    """The checks for which something was not shown."""
    left: set[Check] = set()
    if not published.shows_entries:
        left |= set(Check) - FROM_HASHES_ALONE
    if key is None:
        left |= {Check.CHECKPOINTS, Check.ROOTS, Check.WITNESSES}
    if stored_digest is None:
        left.add(Check.DIGEST)
    if refusals is None:
        left.add(Check.REFUSALS)
    if not published.shows_attestations:
        left |= {Check.ATTESTATIONS, Check.CLASSES}
    if reading.evidence_unseen:
        left.add(Check.SEALS)  # who proved what is not known here, and the book is another without it
    return left


def _notes(
    published: Published, sizes: Sequence[int], desk: RefusalDesk, notes: CheckpointDesk, *, key_taken: bool
) -> tuple[str, ...]:
    """What was not, or not fully, checked, in sentences."""
    told = []
    if not published.shows_entries:
        told.append("entries and manifests are not shown: only hash tiles and checkpoints were checked")
    elif not published.shows_attestations:
        told.append("evidence is not shown: no attestation was checked, nor what chips proved by one")
    if key_taken:
        told.append("the log's key was taken from its own entry 0: compare it with one you know")
    if notes.by_other_keys:
        told.append(
            f"{notes.by_other_keys} older checkpoints are not by this key: only entries tell a former one"
        )
    if not sizes:
        told.append("no older checkpoints are listed: only the newest was checked")
    told += notes.beyond.sentences()
    if desk.not_kept:
        told.append(f"{desk.not_kept} refusals without their bundle were not judged again")
    if desk.beyond():
        told.append(f"{desk.beyond()} refusals at sizes that were not reached")
    return tuple(told)
