"""Who owns chips: `title.offered`, `title.accepted`, `title.withdrawn`."""

from ledger.book.records.form import Body, Form, Line, Use


class TitleOffered(Body, frozen=True):
    """The owner offers the title of chips to a party, wherever they are."""

    transfer: str
    to: str


class TitleAccepted(Body, frozen=True):
    """The offeree takes it, all of it."""

    transfer: str


class TitleWithdrawn(Body, frozen=True):
    """The owner takes the offer back."""

    transfer: str


FORMS = (
    Form("title.offered", TitleOffered, Line, Use.ALWAYS),
    Form("title.accepted", TitleAccepted),
    Form("title.withdrawn", TitleWithdrawn),
)
