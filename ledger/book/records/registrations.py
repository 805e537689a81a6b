"""Chips at birth: `chips.registered`."""

from ledger.book.records.form import Body, Form, Identity, Line, Use


class ChipsRegistered(Body, frozen=True):
    """The maker says what it made and where it lies."""

    site: str


class RegisteredLine(Line, frozen=True, gc=False):
    """One chip at birth; `replaces` names the module it is the new face of."""

    model: str
    lots: list[str] | None = None
    identity: Identity | None = None
    replaces: str | None = None


FORMS = (Form("chips.registered", ChipsRegistered, RegisteredLine, Use.ALWAYS),)
