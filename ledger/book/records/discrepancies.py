"""Settling disagreements: `discrepancy.answered`, `discrepancy.resolved`."""

from ledger.book.records.form import Body, Form, Line, Use

BOOK_STANDS = "book_stands"
OBSERVATION_STANDS = "observation_stands"
SECOND_CHIP = "second_chip"


class DiscrepancyAnswered(Body, frozen=True):
    """A side speaks; it concedes the lines named, or all, or none."""

    discrepancy: str
    text: str
    concedes: bool
    evidence_sha256: str | None = None


class DiscrepancyResolved(Body, frozen=True):
    """A verifier or registrar decides; `new_chip` names the second body under one serial."""

    discrepancy: str
    outcome: str
    new_chip: str | None = None


FORMS = (
    Form("discrepancy.answered", DiscrepancyAnswered, Line, Use.OPTIONAL, while_suspended=True),
    Form("discrepancy.resolved", DiscrepancyResolved),
)
