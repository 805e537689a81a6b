"""A signed refusal is judged again at its size; one that was not due is found."""

import pytest

from ledger.audit.auditor import audit
from ledger.audit.refusals import SignedRefusal
from ledger.audit.report import Check
from signing.canonical import decode, encode
from signing.envelope import REFUSAL_TYPE, seal
from tests.audit.build import EXPIRES, LOG_KEY, ORIGIN, AtOnce, chip, signer, statement, traded

SIZE = 9  # the chips are made, none has left


@pytest.fixture(scope="module")
def log():
    return traded()


def refused(story, bundle, statement_id, reason, *, by="log", **more):
    words = {"log": ORIGIN, "statement": statement_id, "reason": reason}
    words |= {
        "refused_at": "2026-11-21T06:45:00Z",
        "at": {"size": SIZE, "root": story.root(SIZE).hex()},
        **more,
    }
    note = encode(seal(signer(by), REFUSAL_TYPE, encode(words)).as_object())
    return SignedRefusal(note, bundle)


def theft(log):
    """Oslo dispatches what acme holds; later, when oslo holds it, that would stand."""
    body = {"shipment": "oslo/x", "to": "lima", "country": "NO", "due_by": "2026-12-20T08:00:00Z"}
    said = log.read(*statement("oslo", "shipment.dispatched", {**body, "title": "kept"}, [chip(1)]), "oslo")
    return said.bundle.raw(), said.statement_id


def theft_with_a_head(log, size, root):
    body = {"shipment": "oslo/x", "to": "lima", "country": "NO", "due_by": "2026-12-20T08:00:00Z"}
    head = {"size": size, "root": root.hex()}
    words = statement("oslo", "shipment.dispatched", {**body, "title": "kept"}, [chip(1)], head=head)
    said = log.read(*words, "oslo")
    return said.bundle.raw(), said.statement_id


def faults(log, *refusals):
    report = audit(log.published(), log_key=LOG_KEY, workers=AtOnce(), refusals=refusals)
    assert {finding.check for finding in report.findings} <= {Check.REFUSALS}
    assert Check.REFUSALS in report.checks_run
    return report


def test_a_refusal_that_was_due_is_clean(log):
    bundle, name = theft(log)
    assert faults(log, refused(log, bundle, name, "not_held")).clean


def test_a_statement_that_names_a_head_is_judged_with_that_head(log):
    bundle, name = theft_with_a_head(log, SIZE, log.root(SIZE))
    assert faults(log, refused(log, bundle, name, "not_held")).clean
    bundle, name = theft_with_a_head(log, SIZE, log.root(SIZE - 1))
    assert faults(log, refused(log, bundle, name, "wrong_log")).clean
    assert not faults(log, refused(log, bundle, name, "not_held")).clean


def test_it_is_judged_in_the_book_of_its_own_size(log):
    bundle, name = theft(log)
    later = {"size": 12, "root": log.root(12).hex()}
    assert not faults(log, refused(log, bundle, name, "not_held", at=later)).clean


def test_an_unreadable_statement_was_rightly_malformed(log):
    payload = statement("oslo", "no.such_kind", {})[0]
    said = log.read(
        *statement("oslo", "site.declared", {"site": "oslo/y", "name": "Y", "country": "NO"}), "oslo"
    )
    envelope = seal(signer("oslo"), said.bundle.envelope.payload_type, payload)
    bundle = encode({"envelope": envelope.as_object()})
    assert faults(log, refused(log, bundle, envelope.id(), "malformed")).clean
    assert not faults(log, refused(log, bundle, envelope.id(), "not_held")).clean


def test_expiry_within_the_second_of_the_refusal_is_due(log):
    site = {"site": "oslo/y", "name": "Y", "country": "NO"}
    said = log.read(*statement("oslo", "site.declared", site), "oslo")
    at_expiry = refused(log, said.bundle.raw(), said.statement_id, "expired", refused_at=EXPIRES)
    assert faults(log, at_expiry).clean
    before = refused(log, said.bundle.raw(), said.statement_id, "expired", refused_at="2027-02-20T07:59:59Z")
    assert not faults(log, before).clean


@pytest.mark.parametrize(
    "more",
    [
        {"by": "stranger"},
        {"reason": "not_owned"},
        {"log": "ledger.example/other"},
        {"at": {"size": SIZE, "root": "00" * 32}},
        {"refused_at": "yesterday"},
        {"statement": "00" * 32},
        {"extra": "word"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_refusal_that_says_something_else_is_found(log, more):
    bundle, name = theft(log)
    fields = {"statement_id": name, "reason": "not_held", **more}
    if "statement" in fields:
        fields["statement_id"] = fields.pop("statement")
    assert faults(log, refused(log, bundle, **fields)).findings_count == 1


def test_a_refusal_in_the_logs_name_by_another_hand_is_found(log):
    bundle, name = theft(log)
    good = decode(refused(log, bundle, name, "not_held").note, "note")
    bad = decode(refused(log, bundle, name, "not_held", by="stranger").note, "note")
    good["signatures"][0]["sig"] = bad["signatures"][0]["sig"]
    assert not faults(log, SignedRefusal(encode(good), bundle)).clean


def test_a_garbled_refusal_is_found(log):
    assert not faults(log, SignedRefusal(b"{}", b"")).clean


def test_what_cannot_be_replayed_is_said_and_its_signature_still_counts(log):
    _, name = theft(log)
    report = faults(log, refused(log, b"", name, "not_held"))
    assert report.clean
    assert any("not judged again" in note for note in report.notes)
    assert not faults(log, refused(log, b"", name, "not_held", by="stranger")).clean
    beyond = faults(log, refused(log, b"", name, "not_held", at={"size": 99, "root": "00" * 32}))
    assert beyond.clean
    assert any("not reached" in note for note in beyond.notes)


def test_a_refusal_of_the_day_is_not_judged(log):
    bundle, name = theft(log)
    assert faults(log, refused(log, bundle, name, "too_fast")).clean
