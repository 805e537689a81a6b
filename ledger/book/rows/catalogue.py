"""Which models, sites, beacons and lots are there, and how many statements build on them?"""

from ledger.book.rows.row import Row


class Model(Row, frozen=True):
    """A chip model; `figures` is the body of its listing."""

    model: str
    vendor: str
    figures: str
    born: int
    changed: int


class Site(Row, frozen=True):
    """A place; power in kW, positions counted for `floor_to_book`."""

    site: str
    operator: str
    name: str
    country: str
    latitude_udeg: int | None
    longitude_udeg: int | None
    power_kw: int | None
    positions: int | None
    born: int
    changed: int


class BeaconRow(Row, frozen=True):
    """A listed source of randomness; `genesis` in Unix seconds, `public_key` hex, `chain` "" for none."""

    beacon: str
    scheme: str
    public_key: str
    genesis: int
    period_s: int
    source: str
    chain: str
    born: int
    changed: int


class Lot(Row, frozen=True):
    """A lot of dies as its fab counts them; `lost`, `banked`, `other_product` are what became of some."""

    lot: str
    fab: str
    product: str
    for_party: str
    wafers: int
    gross_units: int
    good_units: int
    lost: int
    banked: int
    other_product: int
    born: int
    changed: int


class Mention(Row, frozen=True):
    """How many standing statements built on a thing: `site:<id>`, `model:<id>` or `lot:<id>`."""

    thing: str
    statements: int
    changed: int
