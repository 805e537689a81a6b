"""A chip's birth and its place: `chips.registered`, `chips.placed`."""

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


class ChipsPlaced(Body, frozen=True):
    """The custodian says where its chips stand."""

    site: str


class PlacedLine(Line, frozen=True, gc=False):
    """System and slot within the site; a slot needs its system."""

    system: str | None = None
    slot: str | None = None


FORMS = (
    Form("chips.registered", ChipsRegistered, RegisteredLine, Use.ALWAYS),
    Form("chips.placed", ChipsPlaced, PlacedLine, Use.ALWAYS),
)
