"""Faults that a statement of any kind can have: its envelope, times, log, reference, head, manifest."""

import re
from dataclasses import replace

from ledger.book.rejection import Reason
from signing.canonical import encode
from tests.book.faults import Fault, outer

ALWAYS_LINES = {"chips.registered", "chips.placed", "chips.declared", "chips.retired", "shipment.dispatched"}
WITH_LINES = {*ALWAYS_LINES, "shipment.arrived", "inspection.drawn"}
WITHOUT_LINES = {
    "log.opened", "party.enrolled", "model.listed", "beacon.listed", "site.declared", "inspection.committed",
    "log.changed", "party.changed", "key.added", "key.revoked", "affiliation.noted", "lot.produced",
    "lot.used", "claim.noted", "book.sealed",
}  # fmt: skip
AFTER_OPENING = (WITH_LINES | WITHOUT_LINES) - {"log.opened"}
ROOT = "ab" * 32
SALT = re.compile(rb'"salt":"[0-9a-f]{32}')
STRAY = encode({"chip": "acme:S1", "salt": "0" * 32})
CLAIM = {"count": 1, "root": ROOT}


def _any(name, reason, touches, kinds=(), **stages):
    return Fault(name, reason, frozenset(touches), frozenset(kinds), **stages)


def _payload(name, reason, **fields):
    return _any(name, reason, fields, payload=lambda said: said | fields)


def _claim(name, reason, kinds=WITH_LINES, **fields):
    return _any(
        name,
        reason,
        {"lines"},
        kinds,
        payload=lambda said: {**said, "manifest": {**said.get("manifest", CLAIM), **fields}},
    )


def _without(said, name):
    return {key: value for key, value in said.items() if key != name}


def _each(raws, change):
    return tuple(map(change, raws))


MALFORMED = (
    _payload("an unknown field", Reason.MALFORMED, extra=1),
    _payload("an unknown kind", Reason.MALFORMED, kind="chips.melted"),
    _any("no party", Reason.MALFORMED, {"party"}, payload=lambda said: _without(said, "party")),
    _any("a space", Reason.MALFORMED, {"space"}, spelling=lambda text: text.replace(b":", b": ", 1)),
    _any("null", Reason.MALFORMED, {"head"}, spelling=lambda text: text[:-1] + b',"zz":null}'),
    _any("a fraction", Reason.MALFORMED, {"more"}, spelling=lambda text: text[:-1] + b',"zz":1.5}'),
    _any("a key twice", Reason.MALFORMED, {"twice"}, spelling=lambda text: text[:-1] + b',"party":"x"}'),
    _any("no JSON", Reason.MALFORMED, {"json"}, spelling=lambda text: text[:-1]),
    _any("lone surrogate", Reason.MALFORMED, {"u"}, spelling=lambda t: t[:-1] + b',"z":"\\ud800"}'),
    _any("no UTF-8", Reason.MALFORMED, {"u"}, spelling=lambda t: t[:-1] + b',"z":"\xff"}'),
    _any(
        "another payload type",
        Reason.MALFORMED,
        {"type"},
        envelope=lambda said: said | {"payloadType": "application/json"},
    ),
    _any(
        "two signatures",
        Reason.MALFORMED,
        {"signatures"},
        envelope=lambda said: said | {"signatures": said["signatures"] * 2},
    ),
    _any(
        "a space in a line",
        Reason.MALFORMED,
        {"lines"},
        WITH_LINES,
        raws=lambda raws: (raws[0].replace(b":", b": ", 1), *raws[1:]),
    ),
    _any(
        "a line of a list",
        Reason.MALFORMED,
        {"lines"},
        WITH_LINES,
        raws=lambda raws: (b"[]", *raws[1:]),
    ),
    _any(
        "a line without salt",
        Reason.MALFORMED,
        {"lines"},
        WITH_LINES,
        raws=lambda raws: _each(raws, lambda raw: raw[: raw.index(b',"salt"')] + b"}"),
    ),
)

TOO_LARGE = (
    _payload("a long text", Reason.TOO_LARGE, reference="r" * 1025),
    _any(
        "a long line",
        Reason.TOO_LARGE,
        {"lines"},
        WITH_LINES,
        raws=lambda raws: (raws[0].replace(b'"chip":"', b'"chip":"' + b"A" * 1100), *raws[1:]),
    ),
)

DOOR = (
    _any("no signature", Reason.UNSIGNED, {"signatures"}, envelope=lambda said: said | {"signatures": []}),
    outer(Reason.UNKNOWN_KEY, "a stranger's key", by="stranger"),
    outer(Reason.UNKNOWN_KEY, "a maker's key", AFTER_OPENING - ALWAYS_LINES, by="bolt"),
    _any(
        "another signature",
        Reason.BAD_SIGNATURE,
        {"signatures"},
        envelope=lambda said: said | {"signatures": [{**said["signatures"][0], "sig": "A" * 86 + "=="}]},
    ),
)

PLACE_AND_TIME = (
    outer(Reason.WRONG_LOG, "another log", AFTER_OPENING - {"party.enrolled"}, log="ledger.example/other"),
    _payload("another head", Reason.WRONG_LOG, head={"size": 1, "root": ROOT}),
    _payload("a head to come", Reason.WRONG_LOG, head={"size": 2**53 - 1, "root": ROOT}),
    outer(Reason.EXPIRED, expires_at="2026-11-21T06:44:00Z"),
    outer(Reason.BAD_TIME, expires_at="2027-12-31T00:00:00Z"),
    outer(Reason.BAD_TIME, occurred_at="2026-11-21T08:00:00Z"),
    outer(Reason.BAD_FIELD, occurred_at="2026-11-21"),
    outer(Reason.BAD_FIELD, expires_at="2026-02-30T00:00:00Z"),
    _payload("an empty reference", Reason.BAD_FIELD, reference=""),
    _payload("65 characters of reference", Reason.BAD_FIELD, reference="r" * 65),
    _payload("a head of nothing", Reason.BAD_FIELD, head={"size": 0, "root": ROOT}),
    _payload("no root", Reason.BAD_FIELD, head={"size": 1, "root": "AB" * 32}),
)

MANIFEST = (
    _any(
        "a superfluous manifest",
        Reason.MANIFEST_MISMATCH,
        {"lines"},
        WITHOUT_LINES,
        raws=lambda _: (STRAY,),
        payload=lambda said: {**said, "manifest": CLAIM},
    ),
    _any("lines nobody claims", Reason.MANIFEST_MISMATCH, {"lines"}, WITHOUT_LINES, raws=lambda _: (STRAY,)),
    _any("an empty list", Reason.MANIFEST_MISMATCH, {"lines"}, WITHOUT_LINES, raws=lambda _: ()),
    _any(
        "no manifest at all",
        Reason.MANIFEST_MISMATCH,
        {"lines"},
        WITH_LINES - {"inspection.drawn"},  # it may have selected nothing
        draft=lambda draft: replace(draft, lines=None),
    ),
    _any("lines left at home", Reason.MANIFEST_MISMATCH, {"lines"}, WITH_LINES, raws=lambda _: None),
    _any(
        "no claim",
        Reason.MANIFEST_MISMATCH,
        {"lines"},
        WITH_LINES,
        payload=lambda said: _without(said, "manifest"),
    ),
    _any(
        "unsorted",
        Reason.MANIFEST_MISMATCH,
        {"lines"},
        WITH_LINES - {"shipment.arrived"},
        raws=lambda raws: raws[::-1],
    ),
    _any("repeated", Reason.MANIFEST_MISMATCH, {"lines"}, WITH_LINES, raws=lambda raws: (*raws, raws[-1])),
    _any("one left out", Reason.MANIFEST_MISMATCH, {"lines"}, WITH_LINES, raws=lambda raws: raws[1:]),
    _claim("another count", Reason.MANIFEST_MISMATCH, count=7),
    _claim("a count of none", Reason.MANIFEST_MISMATCH, count=0),
    _claim("another root", Reason.MANIFEST_MISMATCH, root=ROOT),
    _claim("a root that is none", Reason.BAD_FIELD, WITH_LINES | WITHOUT_LINES, root="AB" * 32),
    _claim("a root and a count", Reason.BAD_FIELD, root="", count=9),
    _any(
        "a salt in capitals",
        Reason.BAD_FIELD,
        {"lines"},
        WITH_LINES,
        raws=lambda raws: _each(raws, lambda raw: SALT.sub(b'"salt":"' + b"AB" * 16, raw)),
    ),
)

OUTER = (*MALFORMED, *TOO_LARGE, *DOOR, *PLACE_AND_TIME, *MANIFEST)
