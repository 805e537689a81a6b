"""Who may take part, and what is known of them? The law of `party.enrolled` and `party.changed`.

A party that took over another acts for it and for all that one had taken over; both ends of every such
chain are kept in the rows of the parties, so that no judgment has to walk it.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.book.identifiers import is_party, is_sha256
from ledger.book.records.parties import PartyChanged, PartyEnrolled, ProvenKey
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
from ledger.book.tables import KEYS, LOG, PARTIES
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
    return earliest(
        _check_roles(body.roles),
        check_name("body.name", body.name),
        check_country("body.country", body.country),
        check_keys(statement.text.log, body.party, body.keys),
    )


def _check_roles(roles: Sequence[str]) -> Rejection | None:
    if not roles or not ROLES.issuperset(roles):
        return bad_field(f"body.roles are one or more of {', '.join(sorted(ROLES))}")
    return check_words("body.roles", roles)


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


def check_party_change(statement: Statement) -> Rejection | None:
    """What needs only the statement: something changes, and nobody is above or after itself."""
    body = statement.body
    assert isinstance(body, PartyChanged)
    if all(getattr(body, name) is None for name in body.__struct_fields__ if name != "party"):
        return bad_field("body: nothing changes")
    for what, party in (("parent", body.parent), ("succeeded_by", body.succeeded_by)):
        if party is not None and (not is_party(party) or party == body.party):
            return bad_field(f"body.{what} is no other party's id")
    if body.evidence_sha256 is not None and not is_sha256(body.evidence_sha256):
        return bad_field("body.evidence_sha256 is no 64 hex digits")
    return earliest(
        None if is_party(body.party) else bad_field("body.party is no party id"),
        None if body.roles is None else _check_roles(body.roles),
        None if body.name is None else check_name("body.name", body.name),
        None if body.country is None else check_country("body.country", body.country),
    )


def needs_party_change(statement: Statement) -> Needs:
    """The party, its parent, its successor; who the log's registrar is."""
    body = statement.body
    assert isinstance(body, PartyChanged)
    needs = Needs().rows(PARTIES, (body.party, body.parent, body.succeeded_by))
    return needs.rows(LOG, (statement.text.log,))


def follow_party_change(statement: Statement, registry: Registry) -> Needs:
    """The rest of the chain that a succession joins."""
    body = statement.body
    assert isinstance(body, PartyChanged)
    row = registry.get(PARTIES, body.party)
    heir = None if body.succeeded_by is None else registry.get(PARTIES, body.succeeded_by)
    if row is None or heir is None:
        return Needs()
    return Needs().rows(PARTIES, (*row.predecessors.split(), *heir.successors.split()))


def early_party_change(registry: Registry, entry: Entry) -> Rejection | None:
    """The log's registrar stays one, and is heard; nobody succeeds in the end to itself."""
    body: PartyChanged = entry.body
    if body.party == registry.of(LOG)[entry.statement.text.log].registrar:
        if body.roles is not None and "registrar" not in body.roles:
            return bad_field("body.roles: the log's registrar stays registrar")
        if body.suspended:
            return bad_field("body.suspended: nobody could lift it from the log's registrar")
    row = registry.get(PARTIES, body.party)
    if row is not None and body.succeeded_by in row.predecessors.split():
        return bad_field(f"body.succeeded_by: {body.party} succeeded {body.succeeded_by}")
    return None


def judge_party_change(registry: Registry, entry: Entry) -> Verdict:
    """The party as it is from now on, and who acts for whom."""
    body: PartyChanged = entry.body
    fault = early_party_change(registry, entry)
    if fault is not None:
        return fault
    row = registry.get(PARTIES, body.party)
    if row is None:
        return unknown("body.party", body.party)
    if body.parent is not None and registry.get(PARTIES, body.parent) is None:
        return unknown("body.parent", body.parent)
    heir = None if body.succeeded_by is None else registry.get(PARTIES, body.succeeded_by)
    if body.succeeded_by is not None and heir is None:
        return unknown("body.succeeded_by", body.succeeded_by)
    if heir is not None and row.succeeded_by not in (None, heir.party):
        return Rejection(Reason.ENDED, f"body.party: {row.succeeded_by} succeeded {body.party} already")
    after = replace(
        row,
        name=row.name if body.name is None else body.name,
        roles=row.roles if body.roles is None else " ".join(body.roles),
        country=row.country if body.country is None else body.country,
        parent=row.parent if body.parent is None else body.parent,
        suspended=row.suspended if body.suspended is None else int(body.suspended),
        changed=entry.index,
    )
    if heir is None:
        return Changes().put(PARTIES, after)
    return Changes().put(PARTIES, *_succeeded(registry, after, heir, entry.index))


def _succeeded(registry: Registry, row: Party, heir: Party, index: int) -> list[Party]:
    """The rows of a whole chain, once `heir` comes after `row`; those it changes nothing for are left out.

    The two ends have nobody in common: whoever is on both would succeed to itself.
    """
    parties = registry.of(PARTIES)
    before = [row, *(parties[party] for party in row.predecessors.split())]
    behind = [heir, *(parties[party] for party in heir.successors.split())]
    forebears, heirs = {party.party for party in before}, {party.party for party in behind}
    rows = [replace(row, succeeded_by=heir.party, successors=_joined(row.successors, heirs))]
    for party in before[1:]:
        rows.append(replace(party, successors=_joined(party.successors, heirs), changed=index))
    for party in behind:
        rows.append(replace(party, predecessors=_joined(party.predecessors, forebears), changed=index))
    return [rows[0], *(after for after in rows[1:] if _chain_of(after) != _chain_of(parties[after.party]))]


def _joined(known: str, more: set[str]) -> str:
    return " ".join(sorted({*known.split(), *more}))


def _chain_of(party: Party) -> tuple[str, str]:
    return party.successors, party.predecessors


RULES = (
    Rule("party.enrolled", needs_party, judge_party, check_party, roles=frozenset({"registrar"})),
    Rule(
        "party.changed",
        needs_party_change,
        judge_party_change,
        check_party_change,
        follow_party_change,
        roles=frozenset({"registrar"}),
        early=early_party_change,
    ),
)
