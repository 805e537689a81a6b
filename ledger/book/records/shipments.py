"""Chips setting out: `shipment.dispatched`, `shipment.cancelled`, claims of their custodian."""

from ledger.book.records.form import Body, Form, Line, Use

TITLE_KEPT = "kept"
TITLE_PASSES = "passes_on_arrival"


class ShipmentDispatched(Body, frozen=True):
    """The custodian sends chips to a party and a country, due by a time."""

    shipment: str
    to: str
    country: str
    due_by: str
    title: str
    licence: str | None = None
    end_user: str | None = None


class ShipmentCancelled(Body, frozen=True):
    """The sender calls back what has not arrived: the lines named, or all."""

    shipment: str
    reason: str


FORMS = (
    Form("shipment.dispatched", ShipmentDispatched, Line, Use.ALWAYS),
    Form("shipment.cancelled", ShipmentCancelled, Line, Use.OPTIONAL),
)
