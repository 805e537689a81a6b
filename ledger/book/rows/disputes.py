"""What is disputed, counted, taken back or claimed from outside?"""

from ledger.book.rows.row import Row


class Discrepancy(Row, frozen=True):
    """A disagreement: `observer` against `counterparty` (None: nobody). `chips` is a number.

    `lines_open` are those of its lines nobody has settled yet; `outcome` is the resolution's, or which side
    conceded.
    """

    discrepancy: str
    kind: str
    observer: str
    counterparty: str | None
    chips: int
    lines_open: int
    shipment: str | None
    site: str | None
    state: str
    outcome: str | None
    closed: int | None
    born: int
    changed: int


class DiscrepancyChip(Row, frozen=True):
    """One line of a discrepancy. `seen` is canonical or "", `closed` the entry that settled it.

    `has` is 1 where the observer said that it has the chip, 0 where it only saw or missed it.
    """

    discrepancy: str
    chip: str
    seen: str
    has: int
    closed: int | None
    changed: int


class Absence(Row, frozen=True):
    """Under which discrepancies a chip is said to be absent; `closed` the entry after which it is not."""

    chip: str
    discrepancy: str
    seen: str
    closed: int | None
    changed: int


class Stocktake(Row, frozen=True):
    """A count of what a party has; `site` None for all sites. `parts_in` is `<part>@<entry>`, by part.

    `state` is open while parts are missing, then judged; `began` is when the first part was admitted,
    `counted` the chips it named, `expected` those the book had there, `absent` those of them not named.
    """

    stocktake: str
    party: str
    site: str | None
    scope: str
    parts: int
    parts_in: str
    state: str
    began: int
    counted: int
    expected: int
    absent: int
    born: int
    changed: int


class StocktakeLine(Row, frozen=True):
    """One line of a stocktake in parts, kept till its last part is in; good while `changed` is its part's."""

    stocktake: str
    part: int
    chip: str
    seen: str
    changed: int


class Correction(Row, frozen=True):
    """Which statement took back the statement that names the row."""

    corrects: str
    statement: str
    party: str
    reason: str
    born: int
    changed: int


class Claim(Row, frozen=True):
    """Somebody else's estimate, named by the statement that noted it; `low` to `high` in `unit`."""

    statement: str
    analyst: str
    subject: str
    model: str | None
    family: str | None
    unit: str
    measure: str
    from_time: int | None
    as_of: int
    status: str
    low: int
    high: int
    source_sha256: str
    born: int
    changed: int


class Seal(Row, frozen=True):
    """The registrar's word for the book of a size: how many chips, and the root over their lines."""

    statement: str
    at_size: int
    count: int
    root: str
    born: int
    changed: int
