"""One envelope has one text, one signature and one id."""

import base64
import copy
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.canonical import TooLarge, Unreadable, encode, read_object
from signing.envelope import (
    PAYLOAD_BYTES_MAX,
    REFUSAL_TYPE,
    STATEMENT_TYPE,
    Unsigned,
    pae,
    read_envelope,
    read_envelope_bytes,
    seal,
)
from signing.keys import verify
from signing.signer import SeedSigner

SIGNER = SeedSigner(b"\5" * 32)
PAYLOAD = b'{"kind":"party.enrolled"}'  # its base64 ends in padding
GOOD = seal(SIGNER, STATEMENT_TYPE, PAYLOAD)
RAW = encode(GOOD.as_object())


def slow_read(raw):
    return read_envelope(read_object(raw, "envelope"), STATEMENT_TYPE)


def outcome(read, raw):
    try:
        return read(raw)
    except Unreadable as refusal:
        return type(refusal), refusal.field, refusal.detail


def quick_read(raw):
    return read_envelope_bytes(raw, STATEMENT_TYPE)


@given(st.binary(max_size=300))
def test_what_is_sealed_is_read_back(payload):
    sealed = seal(SIGNER, STATEMENT_TYPE, payload)
    raw = encode(sealed.as_object())
    assert sealed.as_bytes() == raw
    assert quick_read(raw) == slow_read(raw) == sealed
    assert verify(SIGNER.public_key.octets, sealed.pae(), sealed.signature)
    assert sealed.key_id == SIGNER.public_key.key_id
    assert sealed.id() == sha256(pae(STATEMENT_TYPE, payload)).hexdigest()


def test_another_library_may_space_and_order_it_freely():
    shuffled = json.dumps(dict(reversed(GOOD.as_object().items())), indent=2).encode()
    assert quick_read(shuffled) == GOOD


@given(
    st.integers(0, len(RAW)),
    st.binary(max_size=2) | st.sampled_from([b" ", b'"', b"=", b"\\", b"\n"]),
    st.integers(0, 3),
)
def test_the_quick_reader_says_what_the_slow_one_says(at, put, gone):
    raw = RAW[:at] + put + RAW[at + gone :]
    assert outcome(quick_read, raw) == outcome(slow_read, raw)


def changed(*path, to):
    value = copy.deepcopy(GOOD.as_object())
    place = value
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return value


def without(name):
    value = GOOD.as_object()
    del value[name]
    return value


SIGNATURE = GOOD.as_object()["signatures"][0]
MALFORMED = {
    "no payload": without("payload"),
    "no type": without("payloadType"),
    "no list of signatures": without("signatures"),
    "one field more": GOOD.as_object() | {"note": "x"},
    "another type": changed("payloadType", to=REFUSAL_TYPE),
    "a type that is no text": changed("payloadType", to=1),
    "two signatures": changed("signatures", to=[SIGNATURE, SIGNATURE]),
    "signatures as an object": changed("signatures", to={"0": SIGNATURE}),
    "a signature that is text": changed("signatures", 0, to="x"),
    "a signature without keyid": changed("signatures", 0, to={"sig": SIGNATURE["sig"]}),
    "a signature with a certificate": changed("signatures", 0, to=SIGNATURE | {"cert": "x"}),
    "keyid in capitals": changed("signatures", 0, "keyid", to=GOOD.key_id.upper()),
    "keyid too short": changed("signatures", 0, "keyid", to=GOOD.key_id[:-1]),
    "keyid with a newline": changed("signatures", 0, "keyid", to=GOOD.key_id + "\n"),
    "keyid a number": changed("signatures", 0, "keyid", to=7),
    "signature of 63 bytes": changed("signatures", 0, "sig", to=base64.b64encode(bytes(63)).decode()),
    "signature of 65 bytes": changed("signatures", 0, "sig", to=base64.b64encode(bytes(65)).decode()),
    "payload without padding": changed("payload", to=GOOD.as_object()["payload"].rstrip("=")),
    "payload in the other alphabet": changed(
        "payload", to=base64.urlsafe_b64encode(b"\xff\xfe\xfd" * 9).decode()
    ),
    "payload with spare bits": changed("payload", to="QR=="),
    "payload with a line end": changed("payload", to="QQ==\n"),
    "payload beyond ASCII": changed("payload", to="é"),
    "payload a list": changed("payload", to=[]),
    "empty signatures and a bad payload": changed("payload", to="QR==") | {"signatures": []},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_another_shape_or_spelling_is_malformed(case):
    value = MALFORMED[case]
    for read in (lambda: read_envelope(value, STATEMENT_TYPE), lambda: quick_read(encode(value))):
        with pytest.raises(Unreadable) as caught:
            read()
        assert type(caught.value) is Unreadable


@pytest.mark.parametrize("value", [None, [], "x", 7, {}])
def test_what_is_no_envelope_is_malformed(value):
    with pytest.raises(Unreadable):
        read_envelope(value, STATEMENT_TYPE)


def test_an_envelope_without_signatures_is_unsigned_and_not_malformed():
    with pytest.raises(Unsigned):
        quick_read(encode(changed("signatures", to=[])))


def test_a_payload_may_have_45000_bytes_and_not_one_more():
    edge = seal(SIGNER, STATEMENT_TYPE, b"x" * PAYLOAD_BYTES_MAX)
    assert quick_read(encode(edge.as_object())) == edge
    over = changed("payload", to=base64.b64encode(b"x" * (PAYLOAD_BYTES_MAX + 1)).decode())
    for signatures in (over["signatures"], []):  # too large is said before unsigned
        with pytest.raises(TooLarge):
            quick_read(encode(over | {"signatures": signatures}))
    with pytest.raises(AssertionError):
        seal(SIGNER, STATEMENT_TYPE, b"x" * (PAYLOAD_BYTES_MAX + 1))


def test_a_lenient_base64_reader_would_give_one_payload_many_texts():
    """Negative control: the standard decoder takes the spellings that are refused above."""
    for text in ("QR==", "QQ==\n", " QQ==", "QQ=="):
        assert base64.b64decode(text) == b"A"


def test_the_type_is_part_of_what_is_signed():
    other = seal(SIGNER, REFUSAL_TYPE, PAYLOAD)
    assert not verify(SIGNER.public_key.octets, GOOD.pae(), other.signature)
    assert other.id() != GOOD.id()
