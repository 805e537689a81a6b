"""How does a log begin, and how does it change? The law of `log.opened` and `log.changed`.

The first is entry 0 and no other. What changes is what entry 0 said, and from the changing entry on.
"""

from msgspec.structs import replace

from ledger.book.identifiers import is_party, is_sha256
from ledger.book.records.opening import LogChanged, LogOpened, Waits, Witness
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import LogSettings, Party
from ledger.book.rules.parties import check_keys, key_row
from ledger.book.rules.rule import Rule, Verdict, bad_field, check_country, check_name
from ledger.book.statement import Entry, Statement
from ledger.book.tables import KEYS, LOG, PARTIES
from signing.canonical import Unreadable, decode, encode
from signing.note import COSIGNATURE_V1, ED25519, parse_vkey

RULES_VERSION = 1
WITNESSES_MAX = 64
REGISTRAR = frozenset({"registrar"})


def check_opening(statement: Statement) -> Rejection | None:
    """What needs only the statement: `bad_field`."""
    body = statement.body
    assert isinstance(body, LogOpened)
    registrar = body.registrar
    if registrar.party != statement.party or not is_party(registrar.party) or registrar.party == "me":
        return bad_field("body.registrar.party is the speaker")
    if not registrar.keys:
        return bad_field("body.registrar.keys: one at least, for it signs this entry")
    return earliest(
        check_name("body.registrar.name", registrar.name),
        check_country("body.registrar.country", registrar.country),
        check_keys(statement.text.log, registrar.party, registrar.keys),
        _check_settings(statement.text.log, body),
        _check_quorum(body.quorum, len(body.witnesses)),
    )


def check_change(statement: Statement) -> Rejection | None:
    """What needs only the statement; a quorum or witnesses that come alone are held against the book."""
    body = statement.body
    assert isinstance(body, LogChanged)
    if all(getattr(body, name) is None for name in body.__struct_fields__):
        return bad_field("body: nothing changes")
    return _check_settings(statement.text.log, body)


def _check_settings(log: str, body: LogOpened | LogChanged) -> Rejection | None:
    """Every setting by itself, where it is named."""
    roots = body.device_roots or ()
    if body.rules is not None and body.rules != RULES_VERSION:
        return bad_field(f"body.rules: these are rules {RULES_VERSION}")
    if not all(is_sha256(root.spki_sha256) for root in roots):
        return bad_field("body.device_roots: spki_sha256 is no 64 hex digits")
    before = body.continues
    if before is not None and not (before.log and before.size >= 1 and is_sha256(before.root)):
        return bad_field("body.continues is a log, its size of 1 or more and its root of 64 hex digits")
    return earliest(
        *(check_name("body.device_roots: vendor", root.vendor) for root in roots),
        None if body.waits is None else _check_waits(body.waits),
        None if body.log_key is None else _check_log_key(log, body.log_key),
        None if body.witnesses is None else _check_witnesses(body.witnesses),
    )


def _check_waits(waits: Waits) -> Rejection | None:
    if waits.beacon_lead_s < 1 or min(waits.timely_lead_s, waits.key_delay_s) < 0:
        # With no lead a commitment and its draw could share a batch, and the frame not be kept yet.
        return bad_field("body.waits are 0 or more seconds, beacon_lead_s 1 or more")
    return None


def _check_log_key(log: str, vkey: str) -> Rejection | None:
    try:
        key = parse_vkey(vkey)
    except Unreadable as error:
        return bad_field(f"body.log_key: {error}")
    if key.name != log or key.algorithm != ED25519:
        return bad_field("body.log_key is named by the log's origin and is an Ed25519 key (type 01)")
    return None


def _check_witnesses(said: list[Witness]) -> Rejection | None:
    try:
        keys = [parse_vkey(witness.vkey) for witness in said]
    except Unreadable as error:
        return bad_field(f"body.witnesses: {error}")
    if len({key.public_key for key in keys}) != len(keys) or len(keys) > WITNESSES_MAX:
        return bad_field(f"body.witnesses: at most {WITNESSES_MAX}, each with a key of its own")
    for witness, key in zip(said, keys, strict=True):
        if key.algorithm != COSIGNATURE_V1 or key.name != witness.name:
            return bad_field("body.witnesses: a vkey bears its witness's name and type 04")
    return earliest(*(check_name("body.witnesses: operator", witness.operator) for witness in said))


def _check_quorum(quorum: int, witnesses: int) -> Rejection | None:
    """A quorum nobody can reach would leave every checkpoint unwitnessed."""
    if 0 <= quorum <= witnesses:
        return None
    return bad_field("body.quorum is between 0 and the number of witnesses")


def needs_settings(statement: Statement) -> Needs:
    """Whether this log has begun, and with which settings."""
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


def early_change(registry: Registry, entry: Entry) -> Rejection | None:
    """A key that is the log's already, a wait cut short, a quorum that the witnesses to be cannot reach."""
    body: LogChanged = entry.body
    settings = registry.of(LOG)[entry.statement.text.log]
    if body.log_key == settings.log_key:
        return bad_field("body.log_key is the log's key already")
    if body.waits is not None and body.waits.key_delay_s < settings.key_delay_s:
        # Who was promised time to object keeps it: else a registrar could speak for anybody at once.
        return bad_field("body.waits.key_delay_s is never shortened")
    witnesses = decode(settings.witnesses.encode(), "witnesses") if body.witnesses is None else body.witnesses
    return _check_quorum(settings.quorum if body.quorum is None else body.quorum, len(witnesses))


def judge_change(registry: Registry, entry: Entry) -> Verdict:
    """The settings from this entry on. What is not named stays."""
    fault = early_change(registry, entry)
    if fault is not None:
        return fault
    body: LogChanged = entry.body
    before = registry.of(LOG)[entry.statement.text.log]
    after = replace(before, changed=entry.index)
    if body.log_key is not None:
        rekeyed = entry.index
        after = replace(after, log_key=body.log_key, former_log_key=before.log_key, rekeyed=rekeyed)
    if body.waits is not None:
        waits = body.waits
        after = replace(
            after,
            beacon_lead_s=waits.beacon_lead_s,
            timely_lead_s=waits.timely_lead_s,
            key_delay_s=waits.key_delay_s,
        )
    for name in ("rules", "quorum"):
        if getattr(body, name) is not None:
            after = replace(after, **{name: getattr(body, name)})
    for name in ("witnesses", "device_roots", "continues"):
        if getattr(body, name) is not None:
            after = replace(after, **{name: encode(getattr(body, name)).decode()})
    return Changes().put(LOG, after)


RULES = (
    Rule("log.opened", needs_settings, judge_opening, check_opening, roles=REGISTRAR),
    Rule("log.changed", needs_settings, judge_change, check_change, roles=REGISTRAR, early=early_change),
)
