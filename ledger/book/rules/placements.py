"""Where does a chip stand? The law of `chips.placed`.

Its holder places it; a border is crossed by shipment, never by placing; a newcomer displaces the
chip in its slot, which keeps the site and loses the slot.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.book.identifiers import PLACE, is_named
from ledger.book.records.placements import ChipsPlaced, PlacedLine
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import SlotRow
from ledger.book.rules.chips import leave_slot, slots_to_leave
from ledger.book.rules.mentions import mention, needs_mentions, of_site
from ledger.book.rules.rule import Rule, Verdict, bad_field, held_chips, refuse_chips, unknown
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, SITES, SLOTS


def check_placement(statement: Statement) -> Rejection | None:
    """What needs only the statement: a slot has a system and takes one chip."""
    body = statement.body
    assert isinstance(body, ChipsPlaced)
    if not is_named(body.site):
        return bad_field("body.site is no <party>/<name>")
    taken = set()
    lines: Sequence[PlacedLine] = statement.lines  # type: ignore[assignment]
    for number, line in enumerate(lines, start=1):
        if line.system is not None and PLACE.fullmatch(line.system) is None:
            return bad_field(f"manifest line {number}: system is 1 to 64 of A-Z a-z 0-9 . _ : / -")
        if line.slot is None:
            continue
        if line.system is None or PLACE.fullmatch(line.slot) is None:
            return bad_field(
                f"manifest line {number}: a slot is 1 to 64 of A-Z a-z 0-9 . _ : / - in a system"
            )
        if (line.system, line.slot) in taken:
            return bad_field(f"manifest line {number}: slot {line.slot} of {line.system} stands in two lines")
        taken.add((line.system, line.slot))
    return None


def needs_placement(statement: Statement) -> Needs:
    """The site, the chips, who is in the slots."""
    body = statement.body
    assert isinstance(body, ChipsPlaced)
    lines: Sequence[PlacedLine] = statement.lines  # type: ignore[assignment]
    slots = [(body.site, line.system, line.slot) for line in lines if line.slot is not None]
    needs = Needs().rows(SITES, (body.site,)).rows(CHIPS, [line.chip for line in lines])
    return needs_mentions(needs.rows(SLOTS, slots), (of_site(body.site),))


def follow_placement(statement: Statement, registry: Registry) -> Needs:
    """The sites and slots the chips come from, and the chips that stand in the slots they go to."""
    body = statement.body
    assert isinstance(body, ChipsPlaced)
    lines: Sequence[PlacedLine] = statement.lines  # type: ignore[assignment]
    chips, slots = registry.of(CHIPS), registry.of(SLOTS)
    found = [chips[line.chip] for line in lines if line.chip in chips]
    taken = [slots.get((body.site, line.system, line.slot)) for line in lines if line.slot is not None]
    needs = slots_to_leave(registry, [chip.chip for chip in found])
    needs.rows(SITES, {chip.site for chip in found})
    return needs.rows(CHIPS, [slot.chip for slot in taken if slot is not None])


def judge_placement(registry: Registry, entry: Entry) -> Verdict:
    """The chips at their new places; who stood in a slot keeps the site and loses the slot."""
    body: ChipsPlaced = entry.body
    lines: Sequence[PlacedLine] = entry.lines
    site = registry.get(SITES, body.site)
    if site is None:
        return unknown("body.site", body.site)
    held = held_chips(registry, entry.party, [line.chip for line in lines])
    if isinstance(held, Rejection):
        return held
    sites = registry.of(SITES)
    abroad = [row.chip for row in held if row.site is not None and sites[row.site].country != site.country]
    if abroad:
        return refuse_chips(
            Reason.NEEDS_SHIPMENT, f"not in {site.country}: a border needs a shipment", abroad
        )
    index = entry.index
    moved = {
        row.chip: replace(row, site=body.site, system=line.system, slot=line.slot, changed=index)
        for row, line in zip(held, lines, strict=True)
    }
    slots = {(slot.site, slot.system, slot.slot): slot for row in held for slot in leave_slot(row, index)}
    for line in lines:
        if line.slot is None or line.system is None:
            continue
        key = (body.site, line.system, line.slot)
        before = registry.get(SLOTS, key)
        if before is not None and before.chip is not None and before.chip not in moved:
            out = registry.of(CHIPS)[before.chip]
            moved[out.chip] = replace(out, system=None, slot=None, changed=index)
        slots[key] = SlotRow(body.site, line.system, line.slot, line.chip, index)
    changes = Changes().put(CHIPS, *moved.values()).put(SLOTS, *slots.values())
    mention(registry, changes, (of_site(body.site),), index)
    return changes


RULES = (Rule("chips.placed", needs_placement, judge_placement, check_placement, follow_placement),)
