"""Counting what is there: `stocktake.declared`, an observation of the custodian."""

from ledger.book.records.form import Body, Form, Identity, Line, Use, seen_keys

FULL = "full"
PARTIAL = "partial"


class StocktakeDeclared(Body, frozen=True):
    """What was found at a site, or at all sites; a long one comes as `part` of `parts`."""

    stocktake: str
    scope: str
    site: str | None = None
    part: int | None = None
    parts: int | None = None


class CountedLine(Line, frozen=True, gc=False):
    """One chip as it was found."""

    seen: Identity | None = None


FORMS = (Form("stocktake.declared", StocktakeDeclared, CountedLine, Use.OPTIONAL, True, seen_keys),)
