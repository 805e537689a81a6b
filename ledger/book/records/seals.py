"""The book of a size under one hash: `book.sealed`."""

from ledger.book.records.form import Body, Form


class BookSealed(Body, frozen=True):
    """How many chips the book of a size has, and the root over their lines, by chip."""

    at_size: int
    count: int
    root: str


FORMS = (Form("book.sealed", BookSealed, observation=True),)
