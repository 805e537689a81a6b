"""Where is each chip, who has it, and what tells it from others?"""

from enum import StrEnum
from typing import Final

from ledger.book.rows.row import Row

# A chip's number is (entry of birth << 17 | place in its manifest); 100,000 < 2**17.
CHIP_NUMBER_SHIFT = 17


class Status(StrEnum):
    """Where a chip is in its life."""

    HELD = "held"
    IN_TRANSIT = "in_transit"
    MISSING = "missing"
    DESTROYED = "destroyed"
    REPLACED = "replaced"


# The words themselves, as rows hold them: asking an enumeration for its value costs more than a comparison.
HELD: Final = Status.HELD.value
IN_TRANSIT: Final = Status.IN_TRANSIT.value
MISSING: Final = Status.MISSING.value
DESTROYED: Final = Status.DESTROYED.value
REPLACED: Final = Status.REPLACED.value
AT_HAND: Final = frozenset({HELD, IN_TRANSIT})  # somebody has it
ENDED: Final = frozenset({DESTROYED, REPLACED})  # it is no more, and bears no unique identity


class Chip(Row, frozen=True):
    """One chip. `number` is its integer for life; `shipment` is set while in transit.

    `identity` is the canonical identity of its registration, `cls` A, B or C. `last_liable` is who answered
    for a chip that is destroyed or replaced, until it was.
    """

    chip: str
    number: int
    model: str | None
    cls: str
    custodian: str | None
    owner: str | None
    liable: str | None
    site: str | None
    system: str | None
    slot: str | None
    status: str
    shipment: str | None
    lots: str | None
    identity: str | None
    last_liable: str | None
    born: int
    changed: int


class IdentityRow(Row, frozen=True):
    """Which living chip bears a unique identity; `identity` is `<ik|pdi|uuid>:<value>`."""

    identity: str
    chip: str | None
    changed: int


class SlotRow(Row, frozen=True):
    """Which chip stands in a slot, None once it has left."""

    site: str
    system: str
    slot: str
    chip: str | None
    changed: int
