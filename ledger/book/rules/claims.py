"""What do others say there is? The law of `claim.noted`: estimates from outside, kept beside the book."""

from ledger.book.identifiers import is_named, is_sha256
from ledger.book.records.claims import MEASURES, UNITS, ClaimNoted
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection, earliest
from ledger.book.rows import Claim
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_counts,
    check_text,
    check_word,
    time_or_fault,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CLAIMS, MODELS
from ledger.book.times import parse_seconds


def check_claim(statement: Statement) -> Rejection | None:
    """What needs only the statement: words, texts, times, and a range that is one."""
    body = statement.body
    assert isinstance(body, ClaimNoted)
    times = [time_or_fault("body.as_of", body.as_of)]
    if body.from_time is not None:
        times.append(time_or_fault("body.from", body.from_time))
    return earliest(
        check_text("body.subject", body.subject),
        check_text("body.status", body.status),
        check_text("body.family", body.family),
        check_word("body.unit", body.unit, UNITS),
        check_word("body.measure", body.measure, MEASURES),
        check_counts(low=body.low, high=body.high),
        None if body.low <= body.high else bad_field("body.low is over high"),
        None if is_sha256(body.source_sha256) else bad_field("body.source_sha256 is no 64 hex digits"),
        None if body.model is None or is_named(body.model) else bad_field("body.model is no <party>/<name>"),
        *(moment for moment in times if isinstance(moment, Rejection)),
    )


def needs_claim(statement: Statement) -> Needs:
    """The model, where one is named."""
    body = statement.body
    assert isinstance(body, ClaimNoted)
    return Needs().rows(MODELS, (body.model,))


def judge_claim(registry: Registry, entry: Entry) -> Verdict:
    """An estimate with its source."""
    body: ClaimNoted = entry.body
    if body.model is not None and registry.get(MODELS, body.model) is None:
        return unknown("body.model", body.model)
    claim = Claim(
        entry.statement.statement_id,
        entry.party,
        body.subject,
        body.model,
        body.family,
        body.unit,
        body.measure,
        None if body.from_time is None else parse_seconds(body.from_time, "body.from"),
        parse_seconds(body.as_of, "body.as_of"),
        body.status,
        body.low,
        body.high,
        body.source_sha256,
        entry.index,
        entry.index,
    )
    return Changes().put(CLAIMS, claim)


RULES = (
    Rule("claim.noted", needs_claim, judge_claim, check_claim, roles=frozenset({"analyst", "verifier"})),
)
