"""Chips nobody handed over: `chips.declared`, an observation of their holder."""

from ledger.book.records.form import Body, Form, Identity, Line, Use, seen_keys

INVENTORY = "inventory"
RECOVERED = "recovered"
NO_PAPERWORK = "no_paperwork"


class ChipsDeclared(Body, frozen=True, rename={"from_whom": "from"}):
    """The speaker has these chips, whatever the book says of them."""

    basis: str
    site: str
    from_whom: str | None = None  # written `from`, a word Python keeps for itself


class DeclaredLine(Line, frozen=True, gc=False):
    """One chip as its holder found it."""

    model: str | None = None
    seen: Identity | None = None


FORMS = (Form("chips.declared", ChipsDeclared, DeclaredLine, Use.ALWAYS, True, seen_keys),)
