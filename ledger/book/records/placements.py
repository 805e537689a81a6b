"""Chips in their racks: `chips.placed`."""

from ledger.book.records.form import Body, Form, Line, Use


class ChipsPlaced(Body, frozen=True):
    """The custodian says where its chips stand."""

    site: str


class PlacedLine(Line, frozen=True, gc=False):
    """System and slot within the site; a slot needs its system."""

    system: str | None = None
    slot: str | None = None


FORMS = (Form("chips.placed", ChipsPlaced, PlacedLine, Use.ALWAYS),)
