"""What does a line of an observation say against the book, whoever speaks and wherever it stands?

The kinds that need only the chip and the eye, in their order of precedence; what depends on who looks and
where belongs to the family. Asked by sightings and stocktakes. Refuses nothing of what was seen.
"""

from collections.abc import Sequence
from typing import Any

from ledger.book.records.form import Identity
from ledger.book.rejection import Rejection
from ledger.book.rows import AT_HAND, Chip
from ledger.book.rules import findings
from ledger.book.rules.chips import check_identity


def check_seen(lines: Sequence[Any]) -> Rejection | None:
    """`bad_field` for the first line whose `seen` is no identity."""
    for number, line in enumerate(lines, start=1):
        if line.seen is not None:
            fault = check_identity(f"manifest line {number}: seen", line.seen)
            if fault is not None:
                return fault
    return None


def contradiction(chip: Chip | None, seen: Identity | None, *, repeated: bool) -> str | None:
    """The first of `unknown_chip`, `after_end`, `duplicate`, `identity_differs` that applies, if any does."""
    if chip is None:
        return findings.UNKNOWN_CHIP
    if chip.status not in AT_HAND:
        return findings.AFTER_END
    if repeated:
        return findings.DUPLICATE
    return findings.IDENTITY_DIFFERS if findings.differs(chip, seen) else None


def is_elsewhere(chip: Chip, site: str | None) -> bool:
    """Whether the book has a chip at rest somewhere else than at the site named, or at none."""
    return site is not None and chip.shipment is None and chip.site != site
