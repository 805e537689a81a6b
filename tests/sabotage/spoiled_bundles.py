"""Bundles that no door may let in: the brief list of bad input, each with the reason it must be given.

Every one is a good registration, dispatch or draw with one thing wrong, so that the reason given is for that.
"""

import json
from typing import NamedTuple

from signing.canonical import encode
from signing.envelope import KEY_PROOF_TYPE, seal
from tests.cli.stage import day, signer
from tests.sabotage.besieged import (
    HELD,
    MODEL,
    PAST,
    SENT,
    TO_COME,
    bundle,
    dispatch,
    drawing,
    line,
    registration,
    sealed,
    statement,
)
from tests.world_speech import bundle_bytes, claim_of, signer_of

MEBIBYTES = 33
DEPTH = 100_000
LINES = 100_001
CLASSES = frozenset(
    {
        "empty",
        "truncated",
        "33 MiB",
        "100,001 lines",
        "unsorted lines",
        "wrong type",
        "unknown field",
        "NaN",
        "duplicate keys",
        "lone surrogates",
        "nested brackets",
        "wrong key",
        "wrong log",
        "expired",
        "twice",
        "out of order",
    }
)


class Spoiled(NamedTuple):
    """A body, what is wrong with it, the reason the contract has for that."""

    fault: str  # of CLASSES
    where: str
    reason: str
    raw: bytes


def good_registration(**changes):
    """What every door takes when nothing is wrong with it."""
    return bundle(*registration(("N1", "N2", "N3"), **changes))


def spoiled():
    """Every bad bundle."""
    return [Spoiled(*each) for part in (unread, spelled, weighed, judged) for each in part()]


def unread():
    """What is no bundle at all."""
    good = good_registration()
    yield "empty", "body", "malformed", b""
    yield "empty", "object", "malformed", b"{}"
    yield "empty", "payload", "malformed", sealed("acme-semi", b"")
    yield "truncated", "body", "malformed", good[:-1]
    yield "truncated", "half of it", "malformed", good[: len(good) // 2]
    yield "truncated", "payload", "malformed", sealed("acme-semi", encode(registration(["N1"])[0])[:-1])
    yield "wrong type", "body", "malformed", b"[" + good + b"]"
    yield "wrong type", "body is a text", "malformed", encode("bundle")
    yield "wrong type", "envelope", "malformed", b'{"envelope":[]}'
    yield "wrong type", "manifest", "malformed", good.replace(b'"manifest":[', b'"manifest":7,"x":[')
    yield "wrong type", "payload", "malformed", sealed("acme-semi", b'"words"')
    yield "unknown field", "bundle", "malformed", good[:-1] + b',"comment":"please"}'
    yield "unknown field", "envelope", "malformed", good.replace(b'{"payload"', b'{"more":1,"payload"', 1)
    yield "NaN", "bundle", "malformed", good[:-1] + b',"attestations":NaN}'
    yield "duplicate keys", "bundle", "malformed", good[:-1] + b"," + good[1:]
    yield (
        "duplicate keys",
        "envelope",
        "malformed",
        good.replace(b'{"payload"', b'{"payload":"","payload"', 1),
    )
    yield "lone surrogates", "bundle", "malformed", good[:-1] + b',"attestations":{"\\ud800":"AA=="}}'
    yield "lone surrogates", "in UTF-8", "malformed", good.replace(b"acme-semi:N1", b"acme-semi:\xed\xa0\x80")
    yield "nested brackets", "body", "too_large", b"[" * DEPTH
    yield "nested brackets", "and closed", "too_large", b"[" * DEPTH + b"]" * DEPTH
    yield (
        "nested brackets",
        "envelope",
        "malformed",
        b'{"envelope":' + b'{"a":' * DEPTH + b"1" + b"}" * (DEPTH + 1),
    )


def spelled():
    """Payloads and lines under a good signature that have no canonical spelling."""
    said, lines = registration(["N1", "N2"])
    whole = {**said, "manifest": claim_of(lines)}
    text = encode(whole)

    def payload(old, new):
        assert text.count(old) == 1
        return sealed("acme-semi", text.replace(old, new), lines)

    def first_line(new):
        return bundle(said, [new, *lines[1:]])

    site = b'"site":"acme-semi/fab"'
    yield "wrong type", "field", "malformed", payload(site, b'"site":7')
    yield "wrong type", "null", "malformed", payload(site, b'"site":null')
    yield "wrong type", "line", "malformed", first_line(b'"acme-semi:N1"')
    yield "wrong type", "salt", "malformed", first_line(line("acme-semi:N1", model=MODEL, salt=7))
    yield "unknown field", "statement", "malformed", bundle({**said, "urgent": True}, lines)
    yield "unknown field", "statement's body", "malformed", payload(site, site + b',"sitf":"x"')
    yield "unknown field", "line", "malformed", first_line(line("acme-semi:N1", model=MODEL, colour="red"))
    yield "NaN", "payload", "malformed", payload(site, b'"site":NaN')
    yield "NaN", "line", "malformed", first_line(b'{"chip":NaN,"model":"registry/h100"}')
    yield "NaN", "infinite", "malformed", payload(site, b'"site":1e999')
    yield "duplicate keys", "payload", "malformed", payload(site, site + b"," + site)
    twice = lines[0][:-1] + b',"salt":"' + b"5a" * 16 + b'"}'
    yield "duplicate keys", "line", "malformed", first_line(twice)
    yield "lone surrogates", "payload", "malformed", payload(site, b'"site":"\\udfff"')
    yield "lone surrogates", "line", "malformed", first_line(lines[0].replace(b"N1", b"\\ud83d"))
    deep = b"[" * DEPTH + b"]" * DEPTH
    yield "nested brackets", "line", "malformed", first_line(b'{"chip":' + deep + b"}")
    yield "nested brackets", "payload", "too_large", payload(site, b'"site":' + b"[" * 9_000 + b"]" * 9_000)
    yield "nested brackets", "long payload", "too_large", sealed("acme-semi", deep)


def weighed():
    """Too much of it."""
    said, _ = registration(["N1"])
    large = bundle(said, [line("acme-semi:N1", model=MODEL, identity={"label": "x" * MEBIBYTES * 2**20})])
    yield "33 MiB", "one line", "too_large", large
    yield "33 MiB", "blanks", "too_large", b" " * (MEBIBYTES * 2**20)
    many = [line(f"acme-semi:N{number:06}", model=MODEL) for number in range(LINES)]
    yield "100,001 lines", "counted", "too_large", bundle(said, many)
    fewer = {**said, "manifest": {**claim_of(many), "count": LINES - 1}}
    yield "100,001 lines", "said to be fewer", "too_large", sealed("acme-semi", encode(fewer), many)


def judged():
    """What reads well, and is refused for what it says."""
    said, lines = registration(["N1", "N2", "N3"])
    mismatch = "manifest_mismatch"
    yield "unsorted lines", "backwards", mismatch, bundle(said, lines[::-1])
    yield "unsorted lines", "one line twice", mismatch, bundle(said, [lines[0], *lines])
    sorted_root = {**said, "manifest": claim_of(lines)}
    yield (
        "unsorted lines",
        "under the sorted root",
        mismatch,
        sealed("acme-semi", encode(sorted_root), lines[::-1]),
    )
    yield "truncated", "a line left out", mismatch, sealed("acme-semi", encode(sorted_root), lines[:-1])
    yield "truncated", "no lines", mismatch, sealed("acme-semi", encode(sorted_root))
    yield "wrong key", "another party's", "unknown_key", bundle(said, lines, by="north-dc")
    yield "wrong key", "nobody's", "unknown_key", bundle(said, lines, by=signer_of("stranger"))
    good = good_registration()
    other = json.loads(good)
    elsewhere = json.loads(good_registration(reference="other"))
    other["envelope"]["signatures"][0]["sig"] = elsewhere["envelope"]["signatures"][0]["sig"]
    yield "wrong key", "the signature of another statement", "bad_signature", encode(other)
    other["envelope"]["signatures"] = []
    yield "wrong key", "none", "unsigned", encode(other)
    proof = seal(signer("acme-semi"), KEY_PROOF_TYPE, encode(sorted_root))
    yield "wrong key", "for another use", "malformed", bundle_bytes(proof, lines)
    yield "wrong log", "log", "wrong_log", good_registration(log="example.org/other")
    yield "wrong log", "head", "wrong_log", good_registration(head={"size": 3, "root": "00" * 32})
    yield "wrong log", "head to come", "wrong_log", good_registration(head={"size": 9**9, "root": "00" * 32})
    yield "expired", "statement", "expired", good_registration(expires_at=PAST)
    yield (
        "out of order",
        "it expires before it happens",
        "expired",
        good_registration(expires_at=f"{day(-3)}T00:00:00Z"),
    )
    yield "out of order", "tomorrow's news", "bad_time", good_registration(occurred_at=TO_COME)
    yield from too_early()


def too_early():
    """Said before what it stands on, or a second time."""
    yield "twice", "under one reference", "reference_reused", bundle(*registration(["N1"], reference="LOT-1"))
    held = HELD[0].partition(":")[2]
    yield "twice", "the same chip", "chip_exists", bundle(*registration([held]))
    yield "twice", "the same shipment", "id_taken", bundle(*dispatch("acme-semi/s1", HELD))
    yield "twice", "sent again before it came", "in_transit", bundle(*dispatch("acme-semi/s2", SENT[2:]))
    place = statement("north-dc", "chips.placed", {"site": "north-dc/hall"})
    yield (
        "out of order",
        "placed before received",
        "not_held",
        bundle(place, [line(chip) for chip in SENT[2:]]),
    )
    nowhere, lines = registration(["N1"])
    nowhere["body"] = {"site": "acme-semi/annexe"}
    yield "out of order", "a site to come", "unknown_reference", bundle(nowhere, lines)
    yield (
        "out of order",
        "shipped before made",
        "not_held",
        bundle(*dispatch("acme-semi/s2", ["acme-semi:N1"])),
    )
    yield "out of order", "drawn before committed", "unknown_reference", bundle(*drawing(1, "agency/v9"))
    opened = {"log_key": "x", "registrar": {}, "witnesses": [], "quorum": 0}
    yield (
        "out of order",
        "the opening, last",
        "malformed",
        bundle(statement("registry", "log.opened", opened)),
    )
