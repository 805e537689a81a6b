"""Chips that leave: `chips.retired`."""

from ledger.book.records.form import Body, Form, Line, Use

DESTROYED = "destroyed"
LOST = "lost"
STOLEN = "stolen"
RELEASED = "released"


class ChipsRetired(Body, frozen=True):
    """Why they are gone; `to_name` and `country` say to whom they were released outside the registry."""

    reason: str
    evidence_sha256: str | None = None
    to_name: str | None = None
    country: str | None = None


FORMS = (Form("chips.retired", ChipsRetired, Line, Use.ALWAYS),)
