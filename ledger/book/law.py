"""May this statement stand, and what follows from it?

The dispatch over all kinds, and the questions asked of every statement whatever its kind. Promises
the law of replay: a judgment depends on the registry and the entry alone. Of several faults the
one that stands first in the list of reasons is given.
"""

from dataclasses import replace

import msgspec

from ledger.book.encoding import Bundle, HeadText, read_statement_text, refuse_large_statement
from ledger.book.identifiers import REFERENCE_CHARACTERS_MAX, is_sha256
from ledger.book.kinds import FORMS
from ledger.book.manifest import check_values, check_whole, read_lines, refuse_large_manifest
from ledger.book.registry import Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Key, Reference
from ledger.book.rules import (
    affiliations,
    answers,
    arrivals,
    beacons,
    claims,
    corrections,
    declarations,
    evidence,
    fabrication,
    keys,
    models,
    opening,
    parties,
    placements,
    protocol,
    registrations,
    resolutions,
    retirements,
    seals,
    shipments,
    sightings,
    sites,
    stocktakes,
    titles,
)
from ledger.book.rules.rule import (
    NOTHING,
    Rule,
    Verdict,
    bad_field,
    is_asked,
    is_followed,
    no_rows,
    roles_of,
    time_or_fault,
)
from ledger.book.statement import UNREADABLE_TIME, Entry, Statement
from ledger.book.tables import IDENTITIES, KEYS, LOG, PARTIES, REFERENCES
from ledger.book.times import DAY_SECONDS
from signing.canonical import STRING_CHARACTERS_MAX, Unreadable

RULES: dict[str, Rule] = {
    rule.kind: rule
    for family in (
        opening,
        parties,
        models,
        sites,
        registrations,
        placements,
        declarations,
        retirements,
        shipments,
        arrivals,
        beacons,
        protocol,
        answers,
        resolutions,
        corrections,
        stocktakes,
        sightings,
        affiliations,
        keys,
        fabrication,
        claims,
        seals,
        titles,
    )
    for rule in family.RULES
}
assert RULES.keys() <= FORMS.keys()

OPENING = "log.opened"
CLOCK_AHEAD_SECONDS_MAX = 600
EXPIRY_DAYS_MAX = 400
_NOT_HEARD = frozenset({Reason.SUSPENDED, Reason.WRONG_ROLE})


def read_statement(bundle: Bundle, *, evidence_shown: bool = True) -> Statement:
    """The statement a bundle carries. `Unreadable` or `TooLarge`; every other fault is held in it.

    `evidence_shown` False: to somebody who may not see evidence, missing evidence is no fault.
    """
    envelope = bundle.envelope
    text = read_statement_text(envelope.payload)
    form = FORMS.get(text.kind)
    if form is None:
        raise Unreadable("kind", f"unknown kind {text.kind[:40]!r}")
    try:
        body = msgspec.convert(text.body, form.body)
    except msgspec.ValidationError as error:
        raise Unreadable("body", str(error)) from error
    lines = read_lines(bundle.manifest or (), form)
    if len(envelope.payload) > STRING_CHARACTERS_MAX:
        refuse_large_statement(text)
    refuse_large_manifest(bundle.manifest or (), lines)
    occurred_at = time_or_fault("occurred_at", text.occurred_at)
    expires_at = time_or_fault("expires_at", text.expires_at)
    statement = Statement(
        envelope.id(),
        envelope.key_id,
        form,
        text,
        body,
        lines,
        UNREADABLE_TIME if isinstance(occurred_at, Rejection) else occurred_at,
        UNREADABLE_TIME if isinstance(expires_at, Rejection) else expires_at,
        earliest(*(fault for fault in (occurred_at, expires_at) if isinstance(fault, Rejection))),
        bundle,
    )
    # A time that is none is one fault among others: `bad_time` elsewhere would stand before it.
    fault = earliest(check(statement), statement.fault)
    brought, amiss = evidence.read_evidence(statement)
    fault = earliest(fault, amiss if evidence_shown else None)
    attested = evidence.examined(brought) if brought and fault is None else {}
    return replace(statement, fault=fault, attested=attested) if attested or fault else statement


def check(statement: Statement) -> Rejection | None:
    """The earliest fault that needs no book to see."""
    form, text = statement.form, statement.text
    return earliest(
        _check_outer(statement),
        check_values(statement.lines),
        RULES[form.kind].check(statement),
        check_whole(text.manifest, statement.bundle.manifest, statement.lines, form),
    )


def _check_outer(statement: Statement) -> Rejection | None:
    text = statement.text
    if text.reference is not None and not 1 <= len(text.reference) <= REFERENCE_CHARACTERS_MAX:
        return bad_field(f"reference has 1 to {REFERENCE_CHARACTERS_MAX} characters")
    if text.head is not None and not _is_head(text.head):
        return bad_field("head has a size of 1 or more and a root of 64 hex digits")
    if text.manifest is not None and not is_sha256(text.manifest.root):
        return bad_field("manifest.root is no 64 hex digits")
    return None


def _is_head(head: HeadText) -> bool:
    return head.size >= 1 and is_sha256(head.root)


def needs(statement: Statement) -> Needs:
    """The rows to load before `follow` and `judge` may be asked."""
    text, rule = statement.text, RULES[statement.kind]
    asked = rule.needs(statement) if is_asked(rule, statement) else Needs()
    asked.rows(KEYS, (statement.key_id,)).rows(LOG, (text.log,)).rows(PARTIES, (text.party,))
    if statement.fault is None and statement.attested:
        asked.rows(IDENTITIES, evidence.identities_proved(statement))
    if text.reference is not None:
        asked.rows(REFERENCES, ((text.party, text.reference),))
    if text.head is not None and _is_head(text.head):
        asked.roots.add(text.head.size)
    return asked


def follow(statement: Statement, registry: Registry) -> Needs:
    """Rows whose names only the first ones tell."""
    rule = RULES[statement.kind]
    return rule.follow(statement, registry) if is_followed(rule, statement, registry) else NOTHING


def reach(statement: Statement, registry: Registry) -> Needs:
    """Rows whose names only those tell. There is no fourth round."""
    rule = RULES[statement.kind]
    is_over = statement.fault is not None or rule.reach is no_rows
    return (
        NOTHING if is_over or not is_followed(rule, statement, registry) else rule.reach(statement, registry)
    )


def judge(registry: Registry, entry: Entry) -> Verdict:
    """The changes an entry makes, or the earliest reason why it may not stand."""
    statement = entry.statement
    fault = _refuse_key(registry, entry)
    if fault is not None:
        return fault
    rule = RULES[statement.kind]
    fault = earliest(_refuse_outer(registry, entry), statement.fault)
    if fault is not None:
        is_late = fault.reason is Reason.MANIFEST_MISMATCH
        return earliest(rule.early(registry, entry), fault) or fault if is_late else fault
    fault = _refuse_speaker(registry, entry, rule)
    if fault is not None and fault.reason in _NOT_HEARD and not rule.heard_out:
        # Nobody works through a book for whoever may not say it; only a bad value stands before that.
        return earliest(rule.early(registry, entry), fault) or fault
    verdict = rule.judge(registry, entry)
    if isinstance(verdict, Rejection) or fault is not None:
        # A rule may find a fault that stands before a reference's: the order of the list decides.
        found = earliest(fault, verdict if isinstance(verdict, Rejection) else None)
        assert found is not None
        return found
    evidence.raise_class(registry, entry, verdict)
    text = statement.text
    if text.reference is not None:
        verdict.put(REFERENCES, Reference(text.party, text.reference, statement.statement_id, entry.index))
    return verdict


def _refuse_key(registry: Registry, entry: Entry) -> Rejection | None:
    """A statement is judged by the keys at its own index: another party's, or none, is `unknown_key`."""
    statement = entry.statement
    if _begins_log(entry):
        spelled = [key.public_key for key in entry.body.registrar.keys if is_sha256(key.public_key)]
        known = statement.key_id in map(parties.key_id_of, spelled)
        return None if known else _unknown_key("is not among the registrar's keys")
    key = registry.get(KEYS, statement.key_id)
    if key is None or key.party != statement.party:
        return _unknown_key(f"is no key of {statement.party[:63]}")
    if not key.from_index <= entry.index < (entry.index + 1 if key.to_index is None else key.to_index):
        return _unknown_key("is not valid at this place in the log")
    admitted_s = entry.admitted_at // 1000
    if (key.not_before or 0) > admitted_s or admitted_s >= (
        admitted_s + 1 if key.until is None else key.until
    ):
        return _unknown_key("is not valid at this time")
    if not _is_wide_enough(key, statement):
        return _unknown_key(f"may not say {statement.kind} here")
    return None


def _is_wide_enough(key: Key, statement: Statement) -> bool:
    """A key for some sites says only what names one of them; one that ends makes none that does not."""
    if key.until is not None and statement.kind == "key.added":
        return False
    if key.kinds is not None and statement.kind not in key.kinds.split():
        return False
    return key.sites is None or getattr(statement.body, "site", None) in key.sites.split()


def _begins_log(entry: Entry) -> bool:
    """Entry 0 takes keys, log and speaker from its own body; a later log.opened is like any other."""
    return entry.index == 0 and entry.statement.kind == OPENING


def _unknown_key(why: str) -> Rejection:
    return Rejection(Reason.UNKNOWN_KEY, f"keyid: {why}")


def _refuse_outer(registry: Registry, entry: Entry) -> Rejection | None:
    """`wrong_log`, `expired`, `bad_time`."""
    statement, admitted_s = entry.statement, entry.admitted_at // 1000
    text = statement.text
    if registry.get(LOG, text.log) is None and not _begins_log(entry):
        return Rejection(Reason.WRONG_LOG, "log: the statement was signed for another log")
    if text.head is not None and _is_head(text.head):
        root = registry.roots.get(text.head.size)
        if root is None or root.hex() != text.head.root or text.head.size > entry.index:
            return Rejection(Reason.WRONG_LOG, "head: this log never had that size and root")
    if statement.expires_at != UNREADABLE_TIME:
        if entry.admitted_at > statement.expires_at * 1000:
            return Rejection(Reason.EXPIRED, f"expires_at: {text.expires_at} is past")
        if statement.expires_at > admitted_s + EXPIRY_DAYS_MAX * DAY_SECONDS:
            return Rejection(Reason.BAD_TIME, f"expires_at is more than {EXPIRY_DAYS_MAX} days ahead")
    if statement.occurred_at > admitted_s + CLOCK_AHEAD_SECONDS_MAX:
        return Rejection(Reason.BAD_TIME, f"occurred_at is over {CLOCK_AHEAD_SECONDS_MAX} s ahead")
    return None


def _refuse_speaker(registry: Registry, entry: Entry, rule: Rule) -> Rejection | None:
    """`suspended`, `wrong_role`, `reference_reused`."""
    statement = entry.statement
    if _begins_log(entry):
        return None
    party = registry.of(PARTIES)[statement.party]
    heard = statement.form.observation or statement.form.while_suspended
    if party.suspended and not heard:
        return Rejection(Reason.SUSPENDED, f"party: {statement.party} is suspended")
    if rule.roles and rule.roles.isdisjoint(roles_of(party)):
        return Rejection(
            Reason.WRONG_ROLE, f"party: {statement.kind} is for {' or '.join(sorted(rule.roles))}"
        )
    reference = statement.text.reference
    before = None if reference is None else registry.get(REFERENCES, (statement.party, reference))
    if before is not None:
        return Rejection(Reason.REFERENCE_REUSED, f"reference: {reference} is statement {before.statement}")
    return None
