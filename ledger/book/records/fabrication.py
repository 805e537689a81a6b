"""Dies before they are chips: `lot.produced`, `lot.used`. Counts only; units are good dies."""

from ledger.book.records.form import Body, Form

LOST = "lost"
BANKED = "banked"
OTHER_PRODUCT = "other_product"


class LotProduced(Body, frozen=True):
    """A fab counts what a lot gave."""

    lot: str
    product: str
    wafers: int
    gross_units: int
    good_units: int
    for_party: str


class LotUsed(Body, frozen=True):
    """What became of some of a lot, other than registered chips."""

    lot: str
    outcome: str
    count: int


FORMS = (Form("lot.produced", LotProduced), Form("lot.used", LotUsed))
