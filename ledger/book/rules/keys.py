"""With which keys does a party speak? The law of `key.added` and `key.revoked`.

A registrar may help a party that lost its keys, but not speak for it: the key it adds waits, and the party
may revoke it meanwhile. A key for some kinds or sites never adds keys. Whether a key is valid and wide enough
for a statement is `law`'s to ask.
"""

from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_party, is_sha256
from ledger.book.kinds import FORMS
from ledger.book.records.keys import KeyAdded, KeyRevoked
from ledger.book.records.parties import ProvenKey
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Key, Party
from ledger.book.rules.parties import check_proven_key, key_id_of
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_text,
    check_words,
    roles_of,
    time_or_fault,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import KEYS, LOG, PARTIES, SITES
from ledger.book.times import parse_seconds

ADDING = "key.added"


def check_addition(statement: Statement) -> Rejection | None:
    """What needs only the statement: a sound and proven key, and bounds that are some."""
    body = statement.body
    assert isinstance(body, KeyAdded)
    proven = ProvenKey(body.public_key, body.proof)
    until = None if body.until is None else time_or_fault("body.until", body.until)
    return earliest(
        None if is_party(body.party) else bad_field("body.party is no party id"),
        check_proven_key(statement.text.log, body.party, proven),
        None if body.kinds is None else _check_kinds(body.kinds),
        None if body.sites is None else _check_sites(body.sites),
        until if isinstance(until, Rejection) else None,
    )


def _check_kinds(kinds: list[str]) -> Rejection | None:
    if not kinds or not FORMS.keys() >= set(kinds):
        return bad_field("body.kinds are one or more kinds of statement")
    if ADDING in kinds:
        return bad_field(f"body.kinds: a key that is bounded may not say {ADDING}, and add one that is not")
    return check_words("body.kinds", kinds)


def _check_sites(sites: list[str]) -> Rejection | None:
    if not sites or not all(map(is_named, sites)):
        return bad_field("body.sites are one or more <party>/<name>")
    return check_words("body.sites", sites)


def needs_addition(statement: Statement) -> Needs:
    """The party, whoever has the key, the sites; how long a registrar's key waits."""
    body = statement.body
    assert isinstance(body, KeyAdded)
    needs = Needs().rows(PARTIES, (body.party,)).rows(KEYS, (key_id_of(body.public_key),))
    return needs.rows(SITES, body.sites or ()).rows(LOG, (statement.text.log,))


def judge_addition(registry: Registry, entry: Entry) -> Verdict:
    """One more key of a party, and, where it is the first, that the party has had one."""
    body: KeyAdded = entry.body
    fault = _refuse_stranger(registry, entry, body.party)
    if fault is not None:
        return fault
    party = registry.get(PARTIES, body.party)
    if party is None:
        return unknown("body.party", body.party)
    for site in body.sites or ():
        if registry.get(SITES, site) is None:
            return unknown("body.sites", site)
    key_id = key_id_of(body.public_key)
    if registry.get(KEYS, key_id) is not None:
        return Rejection(Reason.IDENTITY_TAKEN, f"body.public_key: {key_id} belongs to a party for ever")
    row = Key(
        key_id,
        body.party,
        body.public_key,
        entry.index,
        None,
        None if body.kinds is None else " ".join(body.kinds),
        None if body.sites is None else " ".join(body.sites),
        _not_before(registry, entry, party),
        None if body.until is None else parse_seconds(body.until, "body.until"),
        entry.index,
        entry.index,
    )
    changes = Changes().put(KEYS, row)
    return changes if party.keyed else changes.put(PARTIES, replace(party, keyed=1, changed=entry.index))


def _not_before(registry: Registry, entry: Entry, party: Party) -> int | None:
    """Unix seconds before which the key does not count; None for one's own, and for the first ever."""
    if entry.party == party.party or not party.keyed:
        return None
    return entry.admitted_at // 1000 + registry.of(LOG)[entry.statement.text.log].key_delay_s


def _refuse_stranger(registry: Registry, entry: Entry, party: str) -> Rejection | None:
    """Whose keys these are is for the party and for registrars to say."""
    if entry.party == party or "registrar" in roles_of(registry.of(PARTIES)[entry.party]):
        return None
    return Rejection(
        Reason.WRONG_ROLE, f"body.party: the keys of {party} are its own and a registrar's to change"
    )


def check_revocation(statement: Statement) -> Rejection | None:
    """What needs only the statement: spellings."""
    body = statement.body
    assert isinstance(body, KeyRevoked)
    return earliest(
        None if is_party(body.party) else bad_field("body.party is no party id"),
        None if is_sha256(body.public_key) else bad_field("body.public_key is no 64 hex digits"),
        check_text("body.reason", body.reason),
    )


def needs_revocation(statement: Statement) -> Needs:
    """The key."""
    body = statement.body
    assert isinstance(body, KeyRevoked)
    return Needs().rows(KEYS, (key_id_of(body.public_key),))


def judge_revocation(registry: Registry, entry: Entry) -> Verdict:
    """A key that counts up to this entry, not including it; also one that does not count yet."""
    body: KeyRevoked = entry.body
    fault = _refuse_stranger(registry, entry, body.party)
    if fault is not None:
        return fault
    key = registry.get(KEYS, key_id_of(body.public_key))
    if key is None or key.party != body.party or key.to_index is not None:
        return unknown("body.public_key", f"key {body.public_key} of {body.party}")
    return Changes().put(KEYS, replace(key, to_index=entry.index, changed=entry.index))


RULES = (
    Rule(ADDING, needs_addition, judge_addition, check_addition),
    Rule("key.revoked", needs_revocation, judge_revocation, check_revocation),
)
