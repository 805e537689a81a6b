"""What did an audit look at, and what is wrong?

`Check` names every question an audit asks; a `Finding` is one answer that is not as it must be. Findings
are gathered in `Findings`, which keeps a bounded number, counts all, and always knows the first bad entry.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.audit.conservation import Balance

FINDINGS_PER_CHECK_MAX: Final = 250  # one bad key can spoil every entry after it

Progress = Callable[[str, int, int], None]
"""Told the name of a stage, how much of it is done, and how much there is."""


class Check(StrEnum):
    """The questions, in the order a report lists them."""

    CHECKPOINTS = "checkpoints"  # every note well formed and signed by the log's key
    ROOTS = "roots"  # the tree's root at every signed size is the one signed
    WITNESSES = "witnesses"  # every cosignature good, by a listed witness, at a time that can be
    TILES = "tiles"  # every hash tile as the leaves make it
    ENTRIES = "entries"  # every entry there, and spelled the one way
    ORDER = "order"  # admitted_at never decreases
    REPEATS = "repeats"  # no statement stands twice
    SIGNATURES = "signatures"  # every envelope signed by the key it names
    MANIFESTS = "manifests"  # lines exactly where claimed, and exactly those
    ATTESTATIONS = "attestations"  # all evidence that lines name is there, and is what its name says
    JUDGMENT = "judgment"  # every admission judged again
    REFUSALS = "refusals"  # every signed refusal was due
    CLASSES = "classes"  # every chip said to have proved its identity did, with the evidence kept
    SEALS = "seals"  # every book the registrar sealed is the one these entries make
    CONSERVATION = "conservation"  # no chip appears or vanishes unaccounted for
    DIGEST = "digest"  # the book folded afresh is the book stored


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is wrong. index: the first entry concerned, None where it is about no entry.

    size: the signed size of the log whose root is another one, None where it is about something else.
    """

    check: Check
    index: int | None
    detail: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was checked, and with what result.

    size: of the audited checkpoint; entries_read: how many of its entries could be read; findings: by entry,
    at most 250 a check of the `findings_count` there are; limited: entries and manifests were not shown,
    so only hashes and checkpoints were checked; log_key: vkey text; log_key_given False: it was taken
    from entry 0, so the log vouches for itself; notes: what could not be checked, in sentences;
    balances: each account's terms between the sizes asked for; beyond: the greatest size kept beyond the
    audited one whose entries are there and make its root, 0 for none.
    """

    size: int
    entries_read: int
    findings: tuple[AuditFinding, ...]
    findings_count: int
    first_bad_entry: int | None
    checks_run: tuple[Check, ...]
    limited: bool
    log_key: str | None
    log_key_given: bool
    notes: tuple[str, ...]
    balances: tuple[Balance, ...]
    beyond: int = 0

    @property
    def clean(self) -> bool:
        """Nothing is wrong with what was checked."""
        return self.findings_count == 0


class Findings:
    """Gathers findings. `leave_out` exists so that tests can see each check matter."""

    def __init__(self, leave_out: frozenset[Check]) -> None:
        self.leave_out = leave_out
        self.first_bad_entry: int | None = None
        self._kept: list[AuditFinding] = []
        self._found: Counter[Check] = Counter()

    @property
    def count(self) -> int:
        """How many there are, kept or not."""
        return self._found.total()

    def add(self, check: Check, index: int | None, detail: str, size: int | None = None) -> None:
        """Something is wrong."""
        if check in self.leave_out:
            return
        if index is not None:
            first = self.first_bad_entry
            self.first_bad_entry = index if first is None else min(index, first)
        self._found[check] += 1
        if self._found[check] <= FINDINGS_PER_CHECK_MAX:
            self._kept.append(AuditFinding(check, index, detail, size))

    def by_entry(self) -> tuple[AuditFinding, ...]:
        """What is kept, by entry, that which concerns none last."""
        return tuple(sorted(self._kept, key=lambda finding: (finding.index is None, finding.index or 0)))
