"""When does what somebody saw become a disagreement with a number, and when does an absence end by itself?

One discrepancy for each statement, kind and counterparty; its id is the entry's index and an
ordinal in the order (kind by precedence, counterparty by bytes, nobody first), so that the entry
alone determines it. Opening one moves nothing. Asked by every family of observations.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from ledger.book.records.form import Identity
from ledger.book.registry import Changes, Needs, Opened, Registry
from ledger.book.rows import Absence, Chip, Discrepancy, DiscrepancyChip
from ledger.book.rules.chips import identity_of
from ledger.book.statement import Entry
from ledger.book.tables import ABSENCES, DISCREPANCIES, DISCREPANCY_CHIPS

UNKNOWN_CHIP = "unknown_chip"
AFTER_END = "after_end"
DUPLICATE = "duplicate"
IDENTITY_DIFFERS = "identity_differs"
EXTRA = "extra"
ABSENT = "absent"
WRONG_PLACE = "wrong_place"
KINDS = (UNKNOWN_CHIP, AFTER_END, DUPLICATE, IDENTITY_DIFFERS, EXTRA, ABSENT, WRONG_PLACE)

OPEN = "open"
ANSWERED = "answered"
CONCEDED = "conceded"
RESOLVED = "resolved"
WITHDRAWN = "withdrawn"
STANDING = frozenset({OPEN, ANSWERED})  # states of a discrepancy that is not settled

COMPARED_IDENTITIES = ("ik_sha256", "pdi", "uuid", "label")

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


class Finding(NamedTuple):
    """One line that disagrees with the book; `counterparty` is the other side, None for nobody.

    `has`: the observer says that it has the chip. Who only saw it, or sent it back, gets none by being right.
    """

    kind: str
    counterparty: str | None
    chip: str
    seen: str = ""
    has: bool = False


def answerable(chip: Chip) -> str | None:
    """Who is the book's side of a disagreement about a chip: who has it, or answers or answered for it."""
    return chip.custodian or chip.liable or chip.last_liable


def repeated_chips(lines: Sequence[Any]) -> set[str]:
    """Chips that stand in more than one line of an observation."""
    return {chip for chip, count in Counter(line.chip for line in lines).items() if count > 1}


def differs(chip: Chip, seen: Identity | None) -> bool:
    """Whether a field that both the book and the eye name has another value."""
    registered = None if seen is None else identity_of(chip)
    if registered is None:
        return False
    for name in COMPARED_IDENTITIES:
        said, saw = getattr(registered, name), getattr(seen, name)
        if said is not None and saw is not None and said != saw:
            return True
    return False


def seen_text(seen: Identity | None) -> str:
    """The canonical spelling of what was seen, "" where nothing was."""
    return "" if seen is None else seen.text()


def open_discrepancies(
    changes: Changes, entry: Entry, findings: Iterable[Finding], *, shipment: str | None, site: str | None
) -> Changes:
    """Add to an observation's changes the discrepancies its findings make."""
    apart: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        apart[(_RANK[finding.kind], finding.counterparty or "")].append(finding)
    opened = []
    for ordinal, (_, group) in enumerate(sorted(apart.items())):
        name, index = f"{entry.index}.{ordinal}", entry.index
        kind, against = group[0].kind, group[0].counterparty
        lines = {(found.chip, found.seen): found for found in group}  # parts of a stocktake may repeat one
        chips = len({finding.chip for finding in group})
        row = Discrepancy(
            name,
            kind,
            entry.party,
            against,
            chips,
            len(lines),
            shipment,
            site,
            OPEN,
            None,
            None,
            index,
            index,
        )
        changes.put(DISCREPANCIES, row)
        changes.put(
            DISCREPANCY_CHIPS,
            *(DiscrepancyChip(name, *line, int(found.has), None, index) for line, found in lines.items()),
        )
        if kind == ABSENT:
            changes.put(ABSENCES, *(Absence(chip, name, seen, None, index) for chip, seen in lines))
        opened.append(Opened(name, kind, against, chips))
    changes.opened = tuple(opened)
    return changes


def open_absences(registry: Registry, chips: Iterable[str]) -> list[Absence]:
    """The absences of these chips that are not over; their groups of `ABSENCES` were asked for."""
    return [row for chip in chips for row in registry.group(ABSENCES, chip).values() if row.closed is None]


def discrepancies_of(absences: Iterable[Absence]) -> Needs:
    """The discrepancies, with the very lines, that these absences are part of."""
    needs = Needs()
    for row in absences:
        needs.keys[DISCREPANCIES].add(row.discrepancy)
        needs.keys[DISCREPANCY_CHIPS].add((row.discrepancy, row.chip, row.seen))
    return needs


def close_absences(registry: Registry, changes: Changes, chips: Iterable[str], index: int) -> None:
    """Chips that were received are absent no more; a discrepancy with no line left is withdrawn."""
    absences = open_absences(registry, chips)
    if not absences:
        return
    changes.put(ABSENCES, *(replace(row, closed=index, changed=index) for row in absences))
    lines = [registry.of(DISCREPANCY_CHIPS)[row.discrepancy, row.chip, row.seen] for row in absences]
    changes.put(DISCREPANCY_CHIPS, *(replace(line, closed=index, changed=index) for line in lines))
    closing = Counter(row.discrepancy for row in absences)
    changes.put(
        DISCREPANCIES,
        *(
            settled(registry.of(DISCREPANCIES)[name], count, index, WITHDRAWN)
            for name, count in sorted(closing.items())
        ),
    )


def settled(row: Discrepancy, lines: int, index: int, state: str, outcome: str | None = None) -> Discrepancy:
    """A discrepancy of which some lines are settled; in this `state` and over once it was the last ones."""
    left = row.lines_open - lines
    assert left >= 0
    if left:
        return replace(row, lines_open=left, changed=index)
    return replace(row, lines_open=0, state=state, outcome=outcome, closed=index, changed=index)
