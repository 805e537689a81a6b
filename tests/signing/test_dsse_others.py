"""Other people's DSSE: the published encodings are ours, and securesystemslib and we verify each other."""

import base64
import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from signing.canonical import Unreadable, encode
from signing.envelope import STATEMENT_TYPE, pae, read_envelope, read_envelope_bytes, seal
from signing.keys import verify
from signing.signer import SeedSigner
from tests.shared import vectors

SEED = b"\x09" * 32
PAYLOAD = '{"kind":"note","text":"é"}'.encode()


def published():
    return json.loads(vectors("dsse", "pae.json").read_text("utf-8"))


def their_key():
    key = SeedSigner(SEED).public_key
    return SSlibKey(key.key_id, "ed25519", "ed25519", {"public": key.hex})


def test_nine_published_encodings_are_ours():
    cases = published()["pae"]
    for case in cases:
        kind, payload = base64.b64decode(case["type_b64"]).decode(), base64.b64decode(case["payload_b64"])
        assert pae(kind, payload) == base64.b64decode(case["pae_b64"]), case["desc"]
        assert sha256(pae(kind, payload)).hexdigest() == case["pae_sha256"]
    assert len(cases) == 9


def test_the_example_of_the_protocol_is_signed_over_our_encoding():
    example = published()["upstream_envelope"]
    envelope, signature = example["envelope"], base64.b64decode(example["envelope"]["signatures"][0]["sig"])
    numbers = ec.EllipticCurvePublicNumbers(
        int(example["key"]["x"]), int(example["key"]["y"]), ec.SECP256R1()
    )
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    message = pae(envelope["payloadType"], base64.b64decode(envelope["payload"]))
    numbers.public_key().verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


def test_twelve_published_envelopes_verify_as_expected():
    cases = published()["envelopes"]
    for case in cases:
        envelope = case["envelope"]
        message = pae(envelope["payloadType"], base64.b64decode(envelope["payload"]))
        keys = [bytes.fromhex(key) for key in case["public_keys_hex"]]
        signatures = [base64.b64decode(each["sig"]) for each in envelope["signatures"]]
        good = {key for key in keys for signature in signatures if verify(key, message, signature)}
        assert len(good) >= 1 or case["expect"] == "reject", case["desc"]
        assert not good or case["expect"] != "reject", case["desc"]
        assert len(good) < 2 or case["expect"] == "accept", case["desc"]
        # Our own reader asks for more than the protocol does: its keyid is a hash, and signatures number one.
        with pytest.raises(Unreadable):
            read_envelope(envelope, "application/vnd.in-toto+json")
    assert len(cases) == 12


def test_securesystemslib_verifies_what_we_seal():
    ours = seal(SeedSigner(SEED), STATEMENT_TYPE, PAYLOAD)
    theirs = TheirEnvelope.from_dict(json.loads(encode(ours.as_object())))
    assert theirs.payload == PAYLOAD
    assert theirs.pae() == ours.pae()
    assert list(theirs.verify([their_key()], 1)) == [ours.key_id]


def test_securesystemslib_refuses_what_is_changed_after_sealing():
    """Negative control of the test above."""
    spoiled = seal(SeedSigner(SEED), STATEMENT_TYPE, PAYLOAD).as_object() | {"payload": "e30="}
    with pytest.raises(VerificationError):
        TheirEnvelope.from_dict(spoiled).verify([their_key()], 1)


def test_we_verify_what_securesystemslib_signs():
    theirs = TheirEnvelope(PAYLOAD, STATEMENT_TYPE, {})
    theirs.sign(CryptoSigner(Ed25519PrivateKey.from_private_bytes(SEED), their_key()))
    ours = read_envelope_bytes(json.dumps(theirs.to_dict(), indent=1).encode(), STATEMENT_TYPE)
    assert ours == seal(SeedSigner(SEED), STATEMENT_TYPE, PAYLOAD)
    assert verify(SeedSigner(SEED).public_key.octets, ours.pae(), ours.signature)
