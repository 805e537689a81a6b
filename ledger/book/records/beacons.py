"""Sources of public randomness: `beacon.listed`."""

from ledger.book.records.form import Body, Form


class BeaconListed(Body, frozen=True):
    """A public source of randomness; `genesis` is the time of round 1, `period_s` seconds a round."""

    beacon: str
    scheme: str
    public_key: str
    genesis: str
    period_s: int
    source: str


FORMS = (Form("beacon.listed", BeaconListed),)
