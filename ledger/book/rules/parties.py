"""Who may take part, and with which keys? The law of `party.enrolled`."""

from collections.abc import Sequence

from ledger.book.identifiers import is_party
from ledger.book.records.parties import PartyEnrolled, ProvenKey
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Key, Party
from ledger.book.rules.rule import (
    ROLES,
    Rule,
    Verdict,
    bad_field,
    check_country,
    check_name,
    check_words,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import KEYS, PARTIES
from signing.canonical import Unreadable, encode
from signing.envelope import KEY_PROOF_TYPE, read_envelope
from signing.keys import PublicKey, admit_public_key, verify


def check_proven_key(log: str, party: str, proven: ProvenKey) -> Rejection | None:
    """The key is a sound point, and its holder signed that it is this party's in this log."""
    try:
        key = admit_public_key(proven.public_key, "public_key")
        proof = read_envelope(proven.proof, KEY_PROOF_TYPE)
    except Unreadable as error:
        return bad_field(f"keys: {error}")
    expected = encode({"log": log, "party": party, "public_key": proven.public_key})
    if proof.payload != expected or proof.key_id != key.key_id:
        return bad_field("keys: the proof is for another log, party or key")
    if not verify(key.octets, proof.pae(), proof.signature):
        return bad_field("keys: the proof's signature is bad")
    return None


def check_keys(log: str, party: str, keys: Sequence[ProvenKey]) -> Rejection | None:
    """Every key proven, none twice."""
    if len({proven.public_key for proven in keys}) != len(keys):
        return bad_field("keys: one key twice")
    return earliest(*(check_proven_key(log, party, proven) for proven in keys))


def key_id_of(public_key: str) -> str:
    """The key id of a public key in hex that `check` found sound."""
    return PublicKey(bytes.fromhex(public_key)).key_id


def key_row(party: str, public_key: str, from_index: int, index: int) -> Key:
    """A key of a party, for every kind and site, valid from an index on."""
    return Key(
        key_id_of(public_key), party, public_key, from_index, None, None, None, None, None, index, index
    )


def check_party(statement: Statement) -> Rejection | None:
    """What needs only the statement: `bad_field`."""
    body = statement.body
    assert isinstance(body, PartyEnrolled)
    if not is_party(body.party) or body.party == "me":
        return bad_field("body.party is no party id")
    if not body.roles or not ROLES.issuperset(body.roles):
        return bad_field(f"body.roles are one or more of {', '.join(sorted(ROLES))}")
    return earliest(
        check_words("body.roles", body.roles),
        check_name("body.name", body.name),
        check_country("body.country", body.country),
        check_keys(statement.text.log, body.party, body.keys),
    )


def needs_party(statement: Statement) -> Needs:
    """The party, its parent, and whoever has its keys."""
    body = statement.body
    assert isinstance(body, PartyEnrolled)
    keys = [key_id_of(proven.public_key) for proven in body.keys]
    return Needs().rows(PARTIES, (body.party, body.parent)).rows(KEYS, keys)


def judge_party(registry: Registry, entry: Entry) -> Verdict:
    """A new party with its keys, valid from its own entry on."""
    body: PartyEnrolled = entry.body
    if registry.get(PARTIES, body.party) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.party: {body.party} is enrolled already")
    if body.parent is not None and registry.get(PARTIES, body.parent) is None:
        return unknown("body.parent", body.parent)
    keys = [key_row(body.party, proven.public_key, entry.index, entry.index) for proven in body.keys]
    taken = [key.key_id for key in keys if registry.get(KEYS, key.key_id) is not None]
    if taken:
        return Rejection(Reason.IDENTITY_TAKEN, f"body.keys: {taken[0]} belongs to another party for ever")
    party = Party(
        body.party,
        body.name,
        " ".join(body.roles),
        body.country,
        body.parent,
        0,
        None,
        "",
        "",
        1 if keys else 0,
        entry.index,
        entry.index,
    )
    return Changes().put(PARTIES, party).put(KEYS, *keys)


RULES = (Rule("party.enrolled", needs_party, judge_party, check_party, roles=frozenset({"registrar"})),)
