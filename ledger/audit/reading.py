"""Does every entry say something true, signed, and allowed where it stands?

The one pass over all entries: leaf hashes for the tree, spelling, order of time, repeats, signatures,
manifests, evidence, the judgment, the accounts. An entry that cannot be read or may not stand changes
nothing in the book that is folded here, and the pass goes on. Knows no checkpoint and no tile.
"""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from ledger.audit.classes import Classes
from ledger.audit.conservation import Accounts, Balance
from ledger.audit.entries import Chunk, EntryRead, evidence_named, manifest_lines, read_chunks
from ledger.audit.published import Published
from ledger.audit.refusals import RefusalDesk
from ledger.audit.report import Check, Findings, Progress
from ledger.audit.seals import SEALED, SealDesk
from ledger.audit.signatures import Signed, Verifiers
from ledger.audit.tree import Regrown
from ledger.book import law
from ledger.book.encoding import Bundle
from ledger.book.fold import Fold
from ledger.book.registry import Changes
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import LogSettings
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, KEYS, LOG
from ledger.log.merkle import leaf_hashes, root_of
from signing.canonical import Unreadable, to_base64

_MISMATCH = Reason.MANIFEST_MISMATCH


class Reading:
    """What the pass over the entries makes: a tree, a book, accounts, times of admission."""

    def __init__(
        self,
        published: Published,
        findings: Findings,
        *,
        fold: Fold,
        verifiers: Verifiers,
        refusals: RefusalDesk,
        seals: SealDesk,
        balances_at: Sequence[int],
    ) -> None:
        self.tree = Regrown()
        self.fold = fold
        self.admitted_at = array("q")  # Unix milliseconds of each entry; of one unreadable, the last known
        self.balances: list[Balance] = []
        self.settings_said: list[LogSettings] = []  # by entry: what the log said of itself
        self.evidence_unseen = False  # whether lines name evidence that is not shown here
        self._published = published
        self._findings = findings
        self._verifiers = verifiers
        self._refusals = refusals
        self._seals = seals
        self._balances_at = frozenset(balances_at)
        self._accounts = Accounts()
        self._classes = Classes()
        self._statements: dict[bytes, int] = {}

    def settings(self) -> LogSettings | None:
        """What entry 0 says of the log, once it has been read and may stand."""
        return next(iter(self.fold.registry.of(LOG).values()), None)

    def read(self, size: int, progress: Progress) -> None:
        """Read the log up to a size, or to the first bundle that is not whole."""
        for chunk in read_chunks(self._published, size):
            self._take(chunk)
            progress(Check.ENTRIES.value, self.tree.size, size)
            if chunk.fault is not None:
                self._bad(Check.ENTRIES, self.tree.size, chunk.fault)
        self._arrive(self.tree.size, last=True)
        self._verifiers.finish()
        progress(Check.SIGNATURES.value, self.tree.size, size)

    def _take(self, chunk: Chunk) -> None:
        # The leaves first: a statement may name a root at any size before its own.
        self.tree.add(leaf_hashes(chunk.raws))
        batch: list[Signed] = []
        for index, entry in enumerate(chunk.entries, start=chunk.first):
            self._arrive(index)
            if isinstance(entry, Unreadable):
                self._bad(Check.ENTRIES, index, str(entry))
                self.admitted_at.append(self.admitted_at[-1] if index else 0)
                continue
            self._look_at_time(index, entry)
            self._look_for_repeat(index, entry)
            statement = self._statement(index, entry, chunk.manifests.get(entry.statement))
            if statement is not None:
                self._judge(Entry(index, entry.admitted_at, statement))
            # After the judgment, because entry 0 is signed by a key that it brings itself.
            key = self.fold.registry.get(KEYS, entry.envelope.key_id)
            if key is None:
                self._bad(Check.SIGNATURES, index, "signed by a key that is nobody's here")
            else:
                octets = bytes.fromhex(key.public_key)
                batch.append(Signed(index, octets, entry.pae, entry.envelope.signature))
        if Check.SIGNATURES not in self._findings.leave_out:
            self._verifiers.submit(batch)

    def _arrive(self, size: int, *, last: bool = False) -> None:
        """What is asked of the book at a size, before the next entry changes it."""
        settings = self.settings()
        if settings is not None:
            self._refusals.replay(size, self.fold.registry, self.tree, settings.origin, settings.log_key)
        self._seals.arrive(size, self.fold.registry.of(CHIPS).values())
        if size in self._balances_at or last:
            chips = self.fold.registry.of(CHIPS).values()
            struck = self._accounts.strike(chips, size)
            self.balances += struck
            for balance in struck:
                if balance.residual:
                    account = f"{balance.axis} {balance.name} from {balance.from_size} to {balance.to_size}"
                    self._bad(
                        Check.CONSERVATION, None, f"{account}: {balance.residual} chips unaccounted for"
                    )

    def _look_at_time(self, index: int, entry: EntryRead) -> None:
        latest = self.admitted_at[-1] if index else entry.admitted_at
        if entry.admitted_at < latest:
            self._bad(
                Check.ORDER, index, f"admitted {latest - entry.admitted_at} ms before the entry before it"
            )
        self.admitted_at.append(entry.admitted_at)

    def _look_for_repeat(self, index: int, entry: EntryRead) -> None:
        first = self._statements.setdefault(bytes.fromhex(entry.statement), index)
        if first != index:
            self._bad(Check.REPEATS, index, f"the statement stands at {first} already")

    def _statement(self, index: int, entry: EntryRead, manifest: bytes | None) -> Statement | None:
        """The statement with its lines; None, and a finding, where it cannot be judged."""
        lines, attestations = None, None
        try:
            if entry.manifest is not None:
                if manifest is None:
                    raise Unreadable("manifest", "is missing")
                lines = manifest_lines(manifest)
                attestations = self._evidence(index, manifest)
            bundle = Bundle(entry.envelope, None if lines is None else tuple(lines), attestations)
            statement = law.read_statement(bundle, evidence_shown=False)  # `_evidence` has said what is amiss
        except Unreadable as error:
            own = error.field.startswith("manifest") or self._swapped(entry, lines)
            self._bad(Check.MANIFESTS if own else Check.JUDGMENT, index, str(error))
            return None
        if statement.fault is not None:
            # A fault that needs no book to see is one in every book: the judge need not be asked.
            swapped = self._swapped(entry, lines)
            self._refused(index, replace(statement.fault, reason=_MISMATCH) if swapped else statement.fault)
            return None
        if statement.text.head is not None and statement.text.head.size <= index:
            size = statement.text.head.size
            if size > 0:
                self.fold.registry.roots[size] = self.tree.root_at(size)
        return statement

    @staticmethod
    def _swapped(entry: EntryRead, lines: Sequence[bytes] | None) -> bool:
        """Whether other lines than those signed lie in the manifest's place."""
        claim = entry.manifest
        if claim is None or lines is None:
            return False
        return claim.count != len(lines) or claim.root != root_of(leaf_hashes(lines)).hex()

    def _evidence(self, index: int, manifest: bytes) -> dict[str, str] | None:
        """The evidence a manifest refers to, by hash, as a bundle carries it."""
        found = {}
        named = evidence_named(manifest)
        if not self._published.shows_attestations:
            self.evidence_unseen |= bool(named)
            return None
        for name in named:
            octets = self._published.attestation(name)
            if octets is None:
                self._bad(Check.ATTESTATIONS, index, f"evidence {name} is missing")
            elif sha256(octets).hexdigest() != name:
                self._bad(Check.ATTESTATIONS, index, f"evidence {name} has other bytes than its name says")
            else:
                found[name] = to_base64(octets)
        return found or None

    def _judge(self, entry: Entry) -> None:
        verdict = self.fold.admit(entry)
        if not isinstance(verdict, Changes):
            self._refused(entry.index, verdict)
            return
        fault = self._accounts.enter(entry.statement.kind, verdict)
        if fault is not None:
            self._bad(Check.CONSERVATION, entry.index, fault)
        fault = self._classes.enter(entry, verdict, self.fold.registry)
        if fault is not None:
            self._bad(Check.CLASSES, entry.index, fault)
        if entry.statement.kind == SEALED and not self.evidence_unseen:
            self._seals.check(entry)
        self.settings_said += verdict.rows.get(LOG, ())  # type: ignore[arg-type]

    def _refused(self, index: int, rejection: Rejection) -> None:
        check = Check.MANIFESTS if rejection.reason is _MISMATCH else Check.JUDGMENT
        self._bad(check, index, f"may not stand: {rejection.reason.value}, {rejection.detail}")

    def _bad(self, check: Check, index: int | None, detail: str) -> None:
        self._findings.add(check, index, detail)
