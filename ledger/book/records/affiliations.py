"""Who may belong to whom: `affiliation.noted`."""

from ledger.book.records.form import Body, Form


class AffiliationNoted(Body, frozen=True):
    """A verifier has evidence that these parties belong together."""

    parties: list[str]
    evidence_sha256: str


FORMS = (Form("affiliation.noted", AffiliationNoted, observation=True),)
