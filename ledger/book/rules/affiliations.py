"""Who is suspected of belonging together? The law of `affiliation.noted`, which moves nothing."""

from ledger.book.identifiers import is_party, is_sha256
from ledger.book.records.affiliations import AffiliationNoted
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection
from ledger.book.rows import Affiliation
from ledger.book.rules.rule import Rule, Verdict, bad_field, check_words, unknown
from ledger.book.statement import Entry, Statement
from ledger.book.tables import AFFILIATIONS, PARTIES

PARTIES_MIN = 2


def check_affiliation(statement: Statement) -> Rejection | None:
    """What needs only the statement: two parties or more, each once, and evidence under its hash."""
    body = statement.body
    assert isinstance(body, AffiliationNoted)
    if len(body.parties) < PARTIES_MIN or not all(map(is_party, body.parties)):
        return bad_field(f"body.parties are {PARTIES_MIN} or more party ids")
    if not is_sha256(body.evidence_sha256):
        return bad_field("body.evidence_sha256 is no 64 hex digits")
    return check_words("body.parties", body.parties)


def needs_affiliation(statement: Statement) -> Needs:
    """The parties."""
    body = statement.body
    assert isinstance(body, AffiliationNoted)
    return Needs().rows(PARTIES, body.parties)


def judge_affiliation(registry: Registry, entry: Entry) -> Verdict:
    """A suspicion with a date and a name under it."""
    body: AffiliationNoted = entry.body
    for party in body.parties:
        if registry.get(PARTIES, party) is None:
            return unknown("body.parties", party)
    row = Affiliation(
        entry.statement.statement_id,
        entry.party,
        " ".join(body.parties),
        body.evidence_sha256,
        entry.index,
        entry.index,
    )
    return Changes().put(AFFILIATIONS, row)


RULES = (
    Rule(
        "affiliation.noted",
        needs_affiliation,
        judge_affiliation,
        check_affiliation,
        roles=frozenset({"verifier"}),
    ),
)
