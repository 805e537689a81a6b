"""Chips coming in: `shipment.arrived`, an observation of their receiver."""

from ledger.book.records.form import Body, Form, Identity, Line, Use, seen_keys

SCANNED = "scanned"
AS_DISPATCHED = "as_dispatched"
RECEIVED = "received"
DAMAGED = "damaged"
REFUSED = "refused"
ABSENT = "absent"


class ShipmentArrived(Body, frozen=True):
    """What the receiver found; `as_dispatched` takes sealed cartons unopened and has no lines."""

    shipment: str
    site: str
    evidence: str


class ArrivedLine(Line, frozen=True, gc=False):
    """One chip as it was found."""

    condition: str
    seen: Identity | None = None


FORMS = (Form("shipment.arrived", ShipmentArrived, ArrivedLine, Use.OPTIONAL, True, seen_keys),)
