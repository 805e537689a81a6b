"""How does a chip come to rest, go missing or end, and what does it leave behind? Asked by many families.

Whoever moves a chip leaves its slot, its line in a shipment and, at its end, its identities: `leaving`
names the rows that needs, the rest writes them.
"""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rows import DESTROYED, HELD, MISSING, REPLACED, Chip, IdentityRow, Shipment, ShipmentLine
from ledger.book.rules.chips import identity_of, leave_slot, slots_to_leave, unique_identities
from ledger.book.tables import CHIPS, IDENTITIES, LINES, SHIPMENTS, SLOTS

# States of a shipment, and of its lines.
OPEN = "open"
CLOSED = "closed"
CANCELLED = "cancelled"
RECEIVED = "received"
REFUSED = "refused"
LOST = "lost"

_COUNTED = {RECEIVED: "received", REFUSED: "refused", CANCELLED: "cancelled", LOST: "lost"}


def leaving(registry: Registry, chips: Iterable[str]) -> Needs:
    """Slots, shipments with the very lines, and identities of these chips: for `follow` or `reach`."""
    chips = list(chips)
    needs, rows = slots_to_leave(registry, chips), registry.of(CHIPS)
    found = [rows[chip] for chip in chips if chip in rows]
    needs.rows(SHIPMENTS, {chip.shipment for chip in found})
    needs.rows(LINES, [(chip.shipment, chip.chip) for chip in found if chip.shipment is not None])
    return needs.rows(IDENTITIES, [name for chip in found for name in unique_identities(identity_of(chip))])


def passed(chip: Chip, custodian: str, site: str | None, index: int) -> Chip:
    """At rest with somebody who now answers for it, in no slot. Owner, class and identity stay."""
    return replace(
        chip,
        custodian=custodian,
        liable=custodian,
        last_liable=None,
        site=site,
        system=None,
        slot=None,
        status=HELD,
        shipment=None,
        changed=index,
    )


def gone_missing(chip: Chip, liable: str | None, index: int) -> Chip:
    """Nobody has it; somebody answers for it. Its owner stays, its place does not."""
    return _gone(chip, MISSING, liable, None, index)


def destroyed(chip: Chip, index: int) -> Chip:
    """Nobody has it and nobody answers for it any more."""
    return _gone(chip, DESTROYED, None, chip.custodian or chip.liable, index)


def replaced(chip: Chip, index: int) -> Chip:
    """A module given a new face: nobody answers for the old one."""
    return _gone(chip, REPLACED, None, chip.custodian or chip.liable, index)


def _gone(chip: Chip, status: str, liable: str | None, last_liable: str | None, index: int) -> Chip:
    return replace(
        chip,
        custodian=None,
        liable=liable,
        last_liable=last_liable,
        site=None,
        system=None,
        slot=None,
        status=status,
        shipment=None,
        changed=index,
    )


def leave_slots(changes: Changes, chips: Iterable[Chip], index: int) -> None:
    """The slots these chips stand in, empty."""
    changes.put(SLOTS, *(row for chip in chips for row in leave_slot(chip, index)))


def give_up_identities(registry: Registry, changes: Changes, chips: Iterable[Chip], index: int) -> None:
    """What these chips bore is free for others: only a living chip bears a unique identity."""
    borne = ((name, chip.chip) for chip in chips for name in unique_identities(identity_of(chip)))
    rows = registry.of(IDENTITIES)
    free = [name for name, chip in borne if name in rows and rows[name].chip == chip]
    changes.put(IDENTITIES, *(IdentityRow(name, None, index) for name in free))


def close_lines(registry: Registry, changes: Changes, chips: Iterable[Chip], index: int) -> None:
    """Of these chips, those in transit are so no more, without having arrived: their lines are lost."""
    moving: dict[str, list[str]] = defaultdict(list)
    for chip in chips:
        if chip.shipment is not None:
            moving[chip.shipment].append(chip.chip)
    for shipment, gone in sorted(moving.items()):
        settle_lines(changes, registry.of(SHIPMENTS)[shipment], gone, LOST, index)


def settle_lines(changes: Changes, shipment: Shipment, chips: Iterable[str], state: str, index: int) -> None:
    """Lines of a shipment that are open no more, and the shipment after them."""
    chips = list(chips)
    changes.put(LINES, *(ShipmentLine(shipment.shipment, chip, state, index) for chip in chips))
    changes.put(SHIPMENTS, progressed(shipment, {state: len(chips)}, index))


def progressed(shipment: Shipment, lines: dict[str, int], index: int, unexpected: int = 0) -> Shipment:
    """A shipment after so many lines of each state were settled; its state follows from its counts."""
    counts = {_COUNTED[state]: getattr(shipment, _COUNTED[state]) + count for state, count in lines.items()}
    after = replace(shipment, **counts, unexpected=shipment.unexpected + unexpected, changed=index)
    if after.sent > after.received + after.refused + after.cancelled + after.lost:
        return after
    return replace(after, state=CANCELLED if after.cancelled == after.sent else CLOSED)
