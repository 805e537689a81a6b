"""Taking back what was said wrongly: `statement.corrected`."""

from ledger.book.records.form import Body, Form


class StatementCorrected(Body, frozen=True):
    """The statement with this id is to be as if it had not been said."""

    corrects: str
    reason: str


FORMS = (Form("statement.corrected", StatementCorrected),)
