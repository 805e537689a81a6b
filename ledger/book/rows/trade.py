"""What is on its way, and whose is it to be?"""

from ledger.book.rows.row import Row


class Shipment(Row, frozen=True):
    """A dispatch and what became of its lines; `unexpected` came along without being in it."""

    shipment: str
    sender: str
    receiver: str
    country: str
    due_by: int
    title: str
    licence: str | None
    end_user: str | None
    sent: int
    received: int
    refused: int
    cancelled: int
    lost: int
    unexpected: int
    state: str
    born: int
    changed: int


class ShipmentLine(Row, frozen=True):
    """One chip of a dispatch; `state` is open, received, refused, cancelled or lost."""

    shipment: str
    chip: str
    state: str
    changed: int


class Transfer(Row, frozen=True):
    """An offer of title over `chips` chips; `state` is open, accepted or withdrawn."""

    transfer: str
    owner: str
    offeree: str
    chips: int
    state: str
    born: int
    changed: int


class TransferLine(Row, frozen=True):
    """One chip of an offer of title."""

    transfer: str
    chip: str
    changed: int


class OfferedChip(Row, frozen=True):
    """Under which open offer of title a chip stands, None once it is over."""

    chip: str
    transfer: str | None
    changed: int
