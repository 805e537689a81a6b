"""When does what somebody saw become a disagreement with a number?

One discrepancy for each statement, kind and counterparty; its id is the entry's index and an
ordinal in the order (kind by precedence, counterparty by bytes, nobody first), so that the entry
alone determines it. Opening one moves nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ledger.book.registry import Changes, Opened
from ledger.book.rows import Discrepancy, DiscrepancyChip
from ledger.book.statement import Entry
from ledger.book.tables import DISCREPANCIES, DISCREPANCY_CHIPS

UNKNOWN_CHIP = "unknown_chip"
AFTER_END = "after_end"
DUPLICATE = "duplicate"
IDENTITY_DIFFERS = "identity_differs"
EXTRA = "extra"
ABSENT = "absent"
WRONG_PLACE = "wrong_place"
KINDS = (UNKNOWN_CHIP, AFTER_END, DUPLICATE, IDENTITY_DIFFERS, EXTRA, ABSENT, WRONG_PLACE)

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


class Finding(NamedTuple):
    """One line that disagrees with the book. `book_changed` is the chip row's version it disagrees with."""

    kind: str
    counterparty: str | None
    chip: str
    seen: str = ""
    book_changed: int | None = None


def open_discrepancies(
    changes: Changes, entry: Entry, findings: Iterable[Finding], *, shipment: str | None, site: str | None
) -> Changes:
    """Add to an observation's changes the discrepancies its findings make."""
    apart: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        apart[(_RANK[finding.kind], finding.counterparty or "")].append(finding)
    opened = []
    for ordinal, (_, group) in enumerate(sorted(apart.items())):
        name = f"{entry.index}.{ordinal}"
        first = group[0]
        chips = len({finding.chip for finding in group})
        row = Discrepancy(
            name,
            first.kind,
            entry.party,
            first.counterparty,
            chips,
            shipment,
            site,
            "open",
            None,
            None,
            entry.index,
            entry.index,
        )
        changes.put(DISCREPANCIES, row)
        changes.put(
            DISCREPANCY_CHIPS,
            *(
                DiscrepancyChip(name, found.chip, found.seen, found.book_changed, None, entry.index)
                for found in group
            ),
        )
        opened.append(Opened(name, first.kind, first.counterparty, chips))
    changes.opened = tuple(opened)
    return changes
