"""How does a person see at a glance what an audit found?

One fault has many consequences: every root signed after it is another one. So findings of one kind are
folded: all roots into one row, other checks into their first ones. Nothing is hidden from --json.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ledger.audit.report import FINDINGS_PER_CHECK_MAX, AuditFinding, Check

ROWS_MAX = 10
ROWS_PER_CHECK_MAX = 2  # of a check with more, the first and how many others


class Row(NamedTuple):
    """A line of the table: the check, the entry concerned if it is about one, and what is wrong."""

    check: str
    entry: int | None
    wrong: str


def folded(findings: Sequence[AuditFinding]) -> list[Row]:
    """At most ten rows for the findings of a report, in its order: by entry, what concerns none last."""
    by_check: dict[Check, list[AuditFinding]] = {}
    for finding in findings:
        by_check.setdefault(finding.check, []).append(finding)
    rows = [row for check, found in by_check.items() for row in _rows(check, found)]
    rows.sort(key=lambda row: (row.entry is None, row.entry or 0))
    return rows[:ROWS_MAX]


def _rows(check: Check, found: Sequence[AuditFinding]) -> Iterable[Row]:
    sizes = {finding.size for finding in found if finding.size is not None}
    if check is Check.ROOTS and sizes:
        yield Row(check.value, None, _roots(sizes, cut=len(found) == FINDINGS_PER_CHECK_MAX))
        return
    alone = len(found) <= ROWS_PER_CHECK_MAX
    for finding in found if alone else found[:1]:
        others = "" if alone else f" (and {len(found) - 1:,} more findings of this check)"
        yield Row(check.value, finding.index, finding.detail + others)


def _roots(sizes: set[int], *, cut: bool) -> str:
    """`cut`: the report itself leaves further ones out."""
    if len(sizes) == 1:
        return f"the signed size {min(sizes):,} has another root"
    least = "at least " if cut else ""
    return f"{least}{len(sizes):,} signed sizes from {min(sizes):,} on have another root"
