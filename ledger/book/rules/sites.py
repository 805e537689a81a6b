"""Which places are there? The law of `site.declared`."""

from ledger.book.records.sites import SiteDeclared
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Site
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_country,
    check_counts,
    check_name,
    check_own_id,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import SITES

LATITUDE_UDEG_MAX = 90_000_000
LONGITUDE_UDEG_MAX = 180_000_000


def check_site(statement: Statement) -> Rejection | None:
    """What needs only the statement: `bad_field`."""
    body = statement.body
    assert isinstance(body, SiteDeclared)
    if (body.latitude_udeg is None) != (body.longitude_udeg is None):
        return bad_field("body: latitude and longitude come together")
    if abs(body.latitude_udeg or 0) > LATITUDE_UDEG_MAX or abs(body.longitude_udeg or 0) > LONGITUDE_UDEG_MAX:
        return bad_field("body: no such latitude or longitude, in millionths of a degree")
    return earliest(
        check_own_id(statement, "site", body.site),
        check_name("body.name", body.name),
        check_country("body.country", body.country),
        check_counts(power_kw=body.power_kw, positions=body.positions),
    )


def needs_site(statement: Statement) -> Needs:
    """Whether the id is free."""
    body = statement.body
    assert isinstance(body, SiteDeclared)
    return Needs().rows(SITES, (body.site,))


def judge_site(registry: Registry, entry: Entry) -> Verdict:
    """A new site of the speaker's."""
    body: SiteDeclared = entry.body
    if registry.get(SITES, body.site) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.site: {body.site} is declared already")
    site = Site(
        body.site,
        entry.party,
        body.name,
        body.country,
        body.latitude_udeg,
        body.longitude_udeg,
        body.power_kw,
        body.positions,
        entry.index,
        entry.index,
    )
    return Changes().put(SITES, site)


RULES = (Rule("site.declared", needs_site, judge_site, check_site),)
