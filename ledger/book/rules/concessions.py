"""What becomes of the chips of a disagreement when the other side's version is adopted?

The table of details.md, 5: by kind of discrepancy, the same whether a side concedes or somebody decides that
the observation stands. Moves custody, place or identity; never title. Knows not who may say so.
"""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from ledger.book.records.form import Identity
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import ENDED, Chip, Discrepancy, DiscrepancyChip, IdentityRow
from ledger.book.rules import findings
from ledger.book.rules.chips import identities_borne, unique_identities
from ledger.book.rules.custody import close_lines, gone_missing, leave_slots, leaving, passed
from ledger.book.rules.findings import (
    ABSENT,
    AFTER_END,
    DUPLICATE,
    EXTRA,
    IDENTITY_DIFFERS,
    WRONG_PLACE,
    answerable,
)
from ledger.book.rules.mentions import mention, needs_mentions, of_site
from ledger.book.rules.rule import bad_field, may_hold, refuse_chips
from ledger.book.tables import (
    ABSENCES,
    CHIPS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    IDENTITIES,
    PARTIES,
    SITES,
)

_DISCREPANCY = re.compile(r"(?:0|[1-9][0-9]{0,15})\.(?:0|[1-9][0-9]{0,15})")
TAKEN_BY_OBSERVER = frozenset({EXTRA, DUPLICATE, AFTER_END})

_identities = msgspec.json.Decoder(Identity)


def check_discrepancy(discrepancy: str) -> Rejection | None:
    """`<entry>.<ordinal>`."""
    if _DISCREPANCY.fullmatch(discrepancy) is None:
        return bad_field("body.discrepancy is no <entry>.<ordinal>")
    return None


def lines_of(registry: Registry, discrepancy: str, chips: Set[str] | None = None) -> list[DiscrepancyChip]:
    """The lines of a discrepancy, or those about some chips, by chip; its group was asked for."""
    rows = registry.group(DISCREPANCY_CHIPS, discrepancy).values()
    wanted = rows if chips is None else (line for line in rows if line.chip in chips)
    return sorted(wanted, key=lambda line: (line.chip, line.seen))


def seen_identity(line: DiscrepancyChip) -> Identity | None:
    """What the observer saw on the chip."""
    return _identities.decode(line.seen) if line.seen else None


def needs_effect(row: Discrepancy, lines: Iterable[DiscrepancyChip]) -> Needs:
    """For `follow`: chips, observer, site, absences that end, and who bears the identities that were seen."""
    lines = list(lines)
    needs = Needs().rows(CHIPS, {line.chip for line in lines}).rows(PARTIES, (row.observer,))
    needs.rows(ABSENCES, _absences_of(row, lines))
    if row.site is not None:
        needs_mentions(needs.rows(SITES, (row.site,)), (of_site(row.site),))
    if row.kind == IDENTITY_DIFFERS:
        seen = map(seen_identity, lines)
        needs.rows(IDENTITIES, [name for identity in seen for name in unique_identities(identity)])
    return needs


def reach_effect(registry: Registry, lines: Iterable[DiscrepancyChip]) -> Needs:
    """For `reach`: what the chips leave, and who bears what they bore."""
    return leaving(registry, {line.chip for line in lines})


def changed_since(registry: Registry, row: Discrepancy, lines: Iterable[DiscrepancyChip]) -> list[str]:
    """Chips whose row is no longer the one the observation disagreed with."""
    chips = registry.of(CHIPS)
    named = sorted({line.chip for line in lines})
    return [chip for chip in named if chip not in chips or chips[chip].changed > row.born]


class Settlement(NamedTuple):
    """How lines came to be settled: by which entry, and what state and outcome that gives."""

    entry: int
    state: str
    outcome: str


def settle(
    registry: Registry,
    changes: Changes,
    row: Discrepancy,
    lines: Sequence[DiscrepancyChip],
    settlement: Settlement,
) -> None:
    """These lines are settled; so is the discrepancy if they were the last, else it is answered."""
    index = settlement.entry
    after = findings.settled(row, len(lines), index, settlement.state, settlement.outcome)
    if after.closed is None:
        after = replace(after, state=findings.ANSWERED)
    changes.put(DISCREPANCIES, after)
    changes.put(DISCREPANCY_CHIPS, *(replace(line, closed=index, changed=index) for line in lines))
    over = [registry.get(ABSENCES, key) for key in _absences_of(row, lines)]
    changes.put(ABSENCES, *(replace(each, closed=index, changed=index) for each in over if each is not None))


def _absences_of(row: Discrepancy, lines: Iterable[DiscrepancyChip]) -> list[tuple[str, str]]:
    """Keys of `Absence` rows."""
    return [(line.chip, row.discrepancy) for line in lines] if row.kind == ABSENT else []


@dataclass(slots=True)
class _Effect:
    """What is done to chips, gathered before it is written."""

    registry: Registry
    row: Discrepancy
    index: int
    site: str | None
    taken: frozenset[str]  # chips the observer has, and may


def adopt(
    registry: Registry, changes: Changes, row: Discrepancy, lines: Sequence[DiscrepancyChip], index: int
) -> Rejection | None:
    """Make the observation of these lines the book; `identity_taken` where another living chip bears one."""
    site = row.site if row.site is not None and registry.get(SITES, row.site) is not None else None
    effect = _Effect(registry, row, index, site, _taken_over(registry, row, lines))
    first = {line.chip: line for line in reversed(lines)}  # of several lines of one chip the first
    pairs = [(registry.of(CHIPS)[chip], line) for chip, line in sorted(first.items())]
    became = [(before, _effect_of(effect, before, line)) for before, line in pairs]
    moved = [(before, after) for before, after in became if after != replace(before, changed=index)]
    fault = _claim_identities(registry, changes, moved, index)
    if fault is not None:
        return fault
    left = [before for before, after in moved if (before.site, before.slot) != (after.site, after.slot)]
    leave_slots(changes, left, index)
    close_lines(registry, changes, (before for before, after in moved if after.shipment is None), index)
    changes.put(CHIPS, *(after for _, after in moved))
    if site is not None and any(after.site == site for _, after in moved):
        mention(registry, changes, (of_site(site),), index)
    return None


def _taken_over(registry: Registry, row: Discrepancy, lines: Iterable[DiscrepancyChip]) -> frozenset[str]:
    """The chips the observer said it has, if it may hold any.

    Nobody is made a holder, and liable, by having looked: a witness would be charged with what it reports.
    """
    holds = may_hold(registry, row.observer)
    return frozenset(line.chip for line in lines if line.has) if holds else frozenset()


def _effect_of(effect: _Effect, chip: Chip, line: DiscrepancyChip) -> Chip:
    row, index = effect.row, effect.index
    if row.kind in TAKEN_BY_OBSERVER:
        if chip.chip in effect.taken:
            return passed(chip, row.observer, effect.site, index)
        return gone_missing(chip, row.counterparty or answerable(chip), index)
    if row.kind == ABSENT:
        return gone_missing(chip, row.counterparty, index)
    if row.kind == WRONG_PLACE:
        if chip.site == effect.site:
            return replace(chip, changed=index)
        return replace(chip, site=effect.site, system=None, slot=None, changed=index)
    if row.kind == IDENTITY_DIFFERS:
        seen = seen_identity(line)
        return replace(chip, identity=None if seen is None else seen.text(), cls="C", changed=index)
    return replace(chip, changed=index)  # an unknown chip: there is nothing to move


def _claim_identities(
    registry: Registry, changes: Changes, moved: Sequence[tuple[Chip, Chip]], index: int
) -> Rejection | None:
    """Chips that live again or were found to be others bear what they now bear, if nobody else does."""
    bearers = registry.of(IDENTITIES)
    given_up = {
        name: before.chip
        for before, after in moved
        for name in identities_borne(before) - identities_borne(after)
        if name in bearers and bearers[name].chip == before.chip
    }
    claimed: dict[str, str] = {}
    taken = []
    for before, after in moved:
        for name in sorted(identities_borne(after) - identities_borne(before)):
            bearer = bearers.get(name)
            free = bearer is None or bearer.chip in (None, after.chip) or name in given_up
            if not free or name in claimed:
                taken.append(after.chip)
            claimed[name] = after.chip
    if taken:
        return refuse_chips(
            Reason.IDENTITY_TAKEN, "of an identity that another living chip bears", sorted(set(taken))
        )
    written: dict[str, str | None] = {name: None for name in given_up}
    written.update(claimed)
    changes.put(IDENTITIES, *(IdentityRow(name, chip, index) for name, chip in sorted(written.items())))
    return None


def charge(
    registry: Registry, changes: Changes, row: Discrepancy, lines: Sequence[DiscrepancyChip], index: int
) -> None:
    """For chips that moved on since: only who answers for them is decided. Chips that ended have nobody."""
    if row.kind not in TAKEN_BY_OBSERVER and row.kind != ABSENT:
        return  # a place or an identity that is no longer the book's concerns nobody's liability
    taken = _taken_over(registry, row, lines) if row.kind in TAKEN_BY_OBSERVER else frozenset()
    rows = registry.of(CHIPS)
    found = [rows[chip] for chip in sorted({line.chip for line in lines}) if chip in rows]
    pairs = [(chip, row.observer if chip.chip in taken else row.counterparty) for chip in found]
    changes.put(
        CHIPS,
        *(
            replace(chip, liable=answers, changed=index)
            for chip, answers in pairs
            if chip.status not in ENDED and chip.liable != answers
        ),
    )
