"""Bad bodies for the routes that take a small one: challenges, tokens, lists of chips."""

from signing.canonical import encode
from signing.envelope import TOKEN_REQUEST_TYPE, seal
from tests.cli.stage import signer
from tests.sabotage.besieged import HELD, LOG, SIZE_AT_REST, answered, sealed

DEPTH = 100_000
LINES = 100_001
SIZE = 33 << 20
NEVER_GIVEN = "00" * 32


def anywhere(good):
    """What no small body may be, whatever it is for: (fault, reason, body)."""
    yield "empty", "malformed", b""
    yield "empty", "malformed", b"{}"
    yield "truncated", "malformed", good[:-1]
    yield "33 MiB", "too_large", b" " * SIZE
    yield "100,001 lines", "too_large", (good + b"\n") * LINES
    yield "wrong type", "malformed", b"[" + good + b"]"
    yield "wrong type", "malformed", b"7"
    yield "unknown field", "malformed", good[:-1] + b',"colour":"red"}'
    yield "NaN", "malformed", good[:-1] + b',"colour":NaN}'
    yield "duplicate keys", "malformed", good[:-1] + b"," + good[1:]
    yield "lone surrogates", "malformed", good[:-1] + b',"\\ud800":1}'
    yield "lone surrogates", "malformed", good.replace(b'"', b'"\xed\xa0\x80', 1)
    yield "nested brackets", "too_large", b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    yield "nested brackets", "too_large", b"[" * DEPTH


def bad_challenges():
    """For POST /tokens/challenge."""
    good = encode({"party": "north-dc", "keyid": signer("north-dc").public_key.key_id})
    yield from anywhere(good)
    yield "wrong type", "malformed", encode({"party": 7, "keyid": "00" * 32})
    yield "wrong type", "bad_field", encode({"party": "North DC", "keyid": "00" * 32})
    yield "wrong key", "bad_field", encode({"party": "north-dc", "keyid": "00" * 31})


def bad_answers(ledger):
    """For POST /tokens; some want a challenge that was really given."""

    def nonce():
        return ledger.challenge("north-dc")["nonce"]

    yield from anywhere(answered("north-dc", nonce()))
    said = {"audience": LOG, "nonce": nonce(), "party": "north-dc"}

    def request(payload):
        return encode(seal(signer("north-dc"), TOKEN_REQUEST_TYPE, payload).as_object())

    yield "empty", "malformed", request(b"")
    yield "truncated", "malformed", request(encode(said)[:-1])
    yield "wrong type", "malformed", request(encode({**said, "nonce": 7}))
    yield "unknown field", "malformed", request(encode({**said, "role": "verifier"}))
    yield "NaN", "malformed", request(b'{"audience":NaN}')
    yield "duplicate keys", "malformed", request(encode(said)[:-1] + b',"party":"agency"}')
    yield "lone surrogates", "malformed", request(b'{"audience":"\\ud800"}')
    yield "wrong key", "bad_signature", answered("north-dc", nonce(), by="acme-semi")
    yield "wrong key", "bad_signature", answered("agency", nonce(), by="north-dc")
    yield "wrong key", "malformed", sealed("north-dc", encode(said))[len(b'{"envelope":') : -1]
    yield "wrong log", "bad_signature", answered("north-dc", nonce(), audience="example.org/other")
    yield "out of order", "bad_signature", answered("north-dc", NEVER_GIVEN)
    once = answered("north-dc", nonce())
    assert ledger.post(once, path="/tokens").status_code == 200
    yield "twice", "bad_signature", once


def bad_lookups():
    """For POST /chips/lookup."""
    yield from anywhere(encode({"chips": HELD}))
    yield "wrong type", "malformed", encode({"chips": "acme-semi:H000"})
    yield "wrong type", "malformed", encode({"chips": [7]})
    yield "wrong type", "bad_field", encode({"chips": ["no chip"]})
    yield "100,001 lines", "too_large", encode({"chips": [f"a:{number}" for number in range(LINES)]})
    yield "100,001 lines", "too_large", encode({"chips": HELD * 251})


BAD_LOOKUP_QUERIES = ("?at=NaN", f"?at={SIZE_AT_REST + 1}", "?at=1&at=1", "?colour=red", "?date=2026-02-30")
