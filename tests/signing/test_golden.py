"""The signed bytes of one fixed key do not change from version to version."""

from pathlib import Path

import pytest

from signing.canonical import Unreadable, decode, encode
from signing.envelope import (
    REFUSAL_TYPE,
    STATEMENT_TYPE,
    TOKEN_REQUEST_TYPE,
    Envelope,
    read_envelope_bytes,
    seal,
)
from signing.keys import verify
from signing.note import (
    COSIGNATURE_V1,
    ED25519,
    append_signature,
    cosign,
    make_vkey,
    open_note,
    parse_vkey,
    sign_note,
)
from signing.signer import SeedSigner

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "signing"

SIGNER, WITNESS = SeedSigner(bytes(range(32))), SeedSigner(bytes(range(32, 64)))
ORIGIN, WITNESS_NAME = "ledger.example/golden", "witness.example/golden"
TIME = 1_795_243_440  # 2026-11-21T06:44:00Z
STATEMENT = {
    "log": ORIGIN,
    "kind": "party.noted",
    "party": "fab-18",
    "occurred_at": "2026-11-21T06:44:00Z",
    "body": {"text": 'é \U0001f600 \x7f "\\\n', "count": 2**53 - 1, "signed": True, "list": [1, -2, "3"]},
}
REFUSAL = {
    "log": ORIGIN,
    "statement": "5d" * 32,
    "reason": "not_held",
    "refused_at": "2026-11-21T06:45:00Z",
    "at": {"size": 3, "root": "0ac5189a018f1a8e1d90c80852caa6fd76da8e3ee1f8160cd8c0378f68f1ab62"},
}
TOKEN_REQUEST = {"audience": ORIGIN, "nonce": "0f" * 32, "party": "fab-18"}
ENVELOPES = {
    "envelope": (STATEMENT_TYPE, STATEMENT),
    "refusal": (REFUSAL_TYPE, REFUSAL),
    "token_request": (TOKEN_REQUEST_TYPE, TOKEN_REQUEST),
}
TEXT = f"{ORIGIN}\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def envelope(name: str) -> Envelope:
    payload_type, words = ENVELOPES[name]
    return seal(SIGNER, payload_type, encode(words))


def produced() -> dict[str, bytes]:
    log_key = make_vkey(ORIGIN, ED25519, SIGNER.public_key.octets)
    witness_key = make_vkey(WITNESS_NAME, COSIGNATURE_V1, WITNESS.public_key.octets)
    signed = sign_note(TEXT, SIGNER, ORIGIN)
    cosigned = append_signature(signed, cosign(TEXT, WITNESS, WITNESS_NAME, TIME))
    return {
        "payload.json": encode(STATEMENT),
        **{f"{name}.json": encode(envelope(name).as_object()) for name in ENVELOPES},
        **{f"{name}.pae": envelope(name).pae() for name in ENVELOPES},
        **{f"{name}.id": envelope(name).id().encode() + b"\n" for name in ENVELOPES},
        "salt_secret.hex": SIGNER.salt_secret().hex().encode() + b"\n",
        "log.vkey": log_key.text().encode() + b"\n",
        "witness.vkey": witness_key.text().encode() + b"\n",
        "note": cosigned.encode(),
    }


@pytest.mark.parametrize("name", produced())
def test_signed_bytes_stay_as_they_were(name, rewrite_golden):
    if rewrite_golden:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_bytes(produced()[name])
    assert (FOLDER / name).read_bytes() == produced()[name]


def test_no_golden_file_stands_unwatched():
    assert {path.name for path in FOLDER.iterdir()} == set(produced())


@pytest.mark.parametrize("name", ENVELOPES)
def test_the_golden_envelopes_verify_under_their_own_type_alone(name):
    payload_type, words = ENVELOPES[name]
    raw = (FOLDER / f"{name}.json").read_bytes()
    read = read_envelope_bytes(raw, payload_type)
    assert verify(SIGNER.public_key.octets, (FOLDER / f"{name}.pae").read_bytes(), read.signature)
    assert decode(read.payload, "payload") == words
    for other in {each for each, _ in ENVELOPES.values()} - {payload_type}:
        with pytest.raises(Unreadable):
            read_envelope_bytes(raw, other)


def test_the_golden_note_verifies():
    keys = [
        parse_vkey((FOLDER / name).read_text("ascii").rstrip("\n")) for name in ("log.vkey", "witness.vkey")
    ]
    assert [each.time for each in open_note((FOLDER / "note").read_bytes(), keys).signatures] == [None, TIME]
