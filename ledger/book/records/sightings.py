"""Chips somebody came upon: `chips.sighted`, an observation of anybody enrolled."""

from ledger.book.records.form import Body, Form, Identity, Line, Use, seen_keys


class ChipsSighted(Body, frozen=True):
    """Where they were seen, in words, and the declared site if it is one."""

    place: str
    site: str | None = None
    evidence_sha256: str | None = None


class SightedLine(Line, frozen=True, gc=False):
    """One chip as it was seen."""

    seen: Identity | None = None


FORMS = (Form("chips.sighted", ChipsSighted, SightedLine, Use.ALWAYS, True, seen_keys),)
