"""Sources of public randomness: `beacon.listed`."""

from ledger.book.records.form import Body, Form


class BeaconListed(Body, frozen=True):
    """A source of randomness; `genesis` is the time of round 1, `period_s` seconds a round.

    `chain` is which of the chains that share a key: NIST's index in decimal, CURBy's CID.
    """

    beacon: str
    scheme: str
    public_key: str
    genesis: str
    period_s: int
    source: str
    chain: str | None = None


FORMS = (Form("beacon.listed", BeaconListed),)
