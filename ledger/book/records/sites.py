"""Where chips can be: `site.declared`. Coordinates in millionths of a degree, power in kW."""

from ledger.book.records.form import Body, Form


class SiteDeclared(Body, frozen=True):
    """A party names a place of its own."""

    site: str
    name: str
    country: str
    latitude_udeg: int | None = None
    longitude_udeg: int | None = None
    power_kw: int | None = None
    positions: int | None = None


FORMS = (Form("site.declared", SiteDeclared),)
