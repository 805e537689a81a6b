"""Chips setting out: `shipment.dispatched`, a claim of their custodian."""

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


FORMS = (Form("shipment.dispatched", ShipmentDispatched, Line, Use.ALWAYS),)
