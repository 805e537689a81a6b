"""How does a log begin? The law of `log.opened`, which is entry 0 and no other."""

from ledger.book.identifiers import is_party, is_sha256
from ledger.book.records.opening import LogOpened
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import LogSettings, Party
from ledger.book.rules.parties import check_keys, key_row
from ledger.book.rules.rule import Rule, Verdict, bad_field, check_country, check_name
from ledger.book.statement import Entry, Statement
from ledger.book.tables import KEYS, LOG, PARTIES
from signing.canonical import Unreadable, encode
from signing.note import COSIGNATURE_V1, ED25519, parse_vkey

RULES_VERSION = 1
WITNESSES_MAX = 64


def check_opening(statement: Statement) -> Rejection | None:
    """What needs only the statement: `bad_field`."""
    body = statement.body
    assert isinstance(body, LogOpened)
    registrar = body.registrar
    if registrar.party != statement.party or not is_party(registrar.party) or registrar.party == "me":
        return bad_field("body.registrar.party is the speaker")
    if not registrar.keys:
        return bad_field("body.registrar.keys: one at least, for it signs this entry")
    if body.rules != RULES_VERSION:
        return bad_field(f"body.rules: these are rules {RULES_VERSION}")
    waits = body.waits
    if waits.beacon_lead_s < 1 or min(waits.timely_lead_s, waits.key_delay_s) < 0:
        # With no lead a commitment and its draw could share a batch, and the frame not be kept yet.
        return bad_field("body.waits are 0 or more seconds, beacon_lead_s 1 or more")
    for root in body.device_roots:
        if not is_sha256(root.spki_sha256):
            return bad_field("body.device_roots: spki_sha256 is no 64 hex digits")
    before = body.continues
    if before is not None and not (before.log and before.size >= 1 and is_sha256(before.root)):
        return bad_field("body.continues is a log, its size of 1 or more and its root of 64 hex digits")
    return earliest(
        *(check_name("body.device_roots: vendor", root.vendor) for root in body.device_roots),
        *(check_name("body.witnesses: operator", witness.operator) for witness in body.witnesses),
        check_name("body.registrar.name", registrar.name),
        check_country("body.registrar.country", registrar.country),
        check_keys(statement.text.log, registrar.party, registrar.keys),
        _check_vkeys(statement.text.log, body),
    )


def _check_vkeys(log: str, body: LogOpened) -> Rejection | None:
    try:
        log_key = parse_vkey(body.log_key)
        witnesses = [parse_vkey(witness.vkey) for witness in body.witnesses]
    except Unreadable as error:
        return bad_field(f"body.log_key or witnesses: {error}")
    if log_key.name != log or log_key.algorithm != ED25519:
        return bad_field("body.log_key is named by the log's origin and is an Ed25519 key (type 01)")
    if len({witness.public_key for witness in witnesses}) != len(witnesses) or len(witnesses) > WITNESSES_MAX:
        return bad_field(f"body.witnesses: at most {WITNESSES_MAX}, each with a key of its own")
    for said, key in zip(body.witnesses, witnesses, strict=True):
        if key.algorithm != COSIGNATURE_V1 or key.name != said.name:
            return bad_field("body.witnesses: a vkey bears its witness's name and type 04")
    if not 0 <= body.quorum <= len(witnesses):
        return bad_field("body.quorum is between 0 and the number of witnesses")
    return None


def needs_opening(statement: Statement) -> Needs:
    """Whether this log has begun."""
    return Needs().rows(LOG, (statement.text.log,))


def judge_opening(registry: Registry, entry: Entry) -> Verdict:
    """The log's settings and its registrar. Whoever signed is one of the registrar's keys."""
    body: LogOpened = entry.body
    log = entry.statement.text.log
    if entry.index != 0 or registry.get(LOG, log) is not None:
        return Rejection(Reason.ID_TAKEN, "the log is open: log.opened is entry 0")
    registrar = body.registrar
    keys = [key_row(registrar.party, proven.public_key, 0, 0) for proven in registrar.keys]
    settings = LogSettings(
        log,
        body.log_key,
        registrar.party,
        body.rules,
        body.quorum,
        body.waits.beacon_lead_s,
        body.waits.timely_lead_s,
        body.waits.key_delay_s,
        encode(body.witnesses).decode(),
        encode(body.device_roots).decode(),
        None if body.continues is None else encode(body.continues).decode(),
        None,
        None,
        0,
        0,
    )
    party = Party(
        registrar.party, registrar.name, "registrar", registrar.country, None, 0, None, "", "", 1, 0, 0
    )
    return Changes().put(LOG, settings).put(PARTIES, party).put(KEYS, *keys)


RULES = (Rule("log.opened", needs_opening, judge_opening, check_opening, roles=frozenset({"registrar"})),)
