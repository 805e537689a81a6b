"""What others say there is: `claim.noted`, estimates from outside the registry."""

from ledger.book.records.form import Body, Form

UNITS = ("chips", "h100e")
MEASURES = ("installed", "acquired", "sold")


class ClaimNoted(Body, frozen=True, rename={"from_time": "from"}):
    """Somebody's estimate of `subject`, from `low` to `high`, at `as_of` or since `from`."""

    subject: str
    unit: str
    measure: str
    status: str
    low: int
    high: int
    as_of: str
    source_sha256: str
    model: str | None = None
    family: str | None = None
    from_time: str | None = None  # written `from`, a word Python keeps for itself


FORMS = (Form("claim.noted", ClaimNoted, observation=True),)
