"""Who says these bytes, and of what kind are they?

DSSE envelopes (github.com/secure-systems-lab/dsse, protocol 1.0.2) with exactly one Ed25519 signature.
Promises: one spelling of every field, so one envelope has one text; `read_envelope_bytes` gives what
`read_envelope` gives, faster. Refuses to know what a payload means, or whether the signature is good:
that needs the key, and the caller finds it by `key_id`.
"""

from binascii import b2a_base64
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec

from signing.canonical import TooLarge, Unreadable, encode, from_base64, read_object, to_base64
from signing.keys import HEX_OF_32_BYTES, SIGNATURE_BYTES, Signer

STATEMENT_TYPE = "application/vnd.chipledger.statement.v1+json"
KEY_PROOF_TYPE = "application/vnd.chipledger.key-proof.v1+json"
TOKEN_REQUEST_TYPE = "application/vnd.chipledger.token-request.v1+json"
REFUSAL_TYPE = "application/vnd.chipledger.refusal.v1+json"

PAYLOAD_BYTES_MAX = 45_000

ENVELOPE_FIELDS = {"payload", "payloadType", "signatures"}
SIGNATURE_FIELDS = {"keyid", "sig"}


class Unsigned(Unreadable):
    """An envelope, well formed otherwise, with an empty list of signatures."""


_TEXT = b'{"payload":"%b","payloadType":%b,"signatures":[{"keyid":"%b","sig":"%b"}]}'


@lru_cache(maxsize=16)  # there are four payload types
def _quoted(payload_type: str) -> bytes:
    return encode(payload_type)


@dataclass(frozen=True, slots=True)
class Envelope:
    """payload: the signed bytes; key_id: 64 lower-case hex digits; signature: 64 bytes, not yet verified."""

    payload_type: str
    payload: bytes
    key_id: str
    signature: bytes

    def pae(self) -> bytes:
        """The bytes the signature is over."""
        return pae(self.payload_type, self.payload)

    def id(self) -> str:
        """Hex SHA-256 of the PAE: what was said, whoever signed it and however often."""
        return sha256(self.pae()).hexdigest()

    def as_object(self) -> dict[str, Any]:
        """The DSSE JSON shape; canonical JSON of it is the one text of this envelope."""
        return {
            "payload": to_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.key_id, "sig": to_base64(self.signature)}],
        }

    def as_bytes(self) -> bytes:
        """Canonical JSON of `as_object`, by filling in its one text: base64 and hex need no escapes."""
        payload, sig = b2a_base64(self.payload, newline=False), b2a_base64(self.signature, newline=False)
        return _TEXT % (payload, _quoted(self.payload_type), self.key_id.encode("ascii"), sig)


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding; lengths count bytes."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(signer: Signer, payload_type: str, payload: bytes) -> Envelope:
    """The envelope in which `signer` says `payload`, at most 45,000 bytes of the given type."""
    assert len(payload) <= PAYLOAD_BYTES_MAX, "the caller splits what is too long to be said at once"
    return Envelope(payload_type, payload, signer.public_key.key_id, signer.sign(pae(payload_type, payload)))


def read_envelope(value: dict[str, Any], payload_type: str) -> Envelope:
    """The envelope in a parsed JSON object, which must carry `payload_type`.

    Raises, in this order of precedence, Unreadable for another shape or spelling, TooLarge for a payload
    over 45,000 bytes, Unsigned where the list of signatures is empty.
    """
    if not isinstance(value, dict) or value.keys() != ENVELOPE_FIELDS:
        raise Unreadable("envelope", "must have payload, payloadType and signatures, nothing else")
    if value["payloadType"] != payload_type:
        raise Unreadable("payloadType", f"must be {payload_type}")
    signatures = value["signatures"]
    if not isinstance(signatures, list) or len(signatures) > 1:
        raise Unreadable("signatures", "must be a list with one signature")
    key_id, signature = _read_signature(signatures[0]) if signatures else ("", b"")
    payload = from_base64(value["payload"], "payload")
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise TooLarge("payload", f"over {PAYLOAD_BYTES_MAX} bytes")
    if not signatures:
        raise Unsigned("signatures", "there is none")
    return Envelope(payload_type, payload, key_id, signature)


def read_envelope_bytes(raw: bytes, payload_type: str) -> Envelope:
    """The envelope in JSON bytes of any spelling; quick for the compact canonical one.

    Raises as `canonical.read_object` and `read_envelope` do.
    """
    envelope = _read_compact(raw, payload_type)
    return envelope if envelope is not None else read_envelope(read_object(raw, "envelope"), payload_type)


def _read_signature(value: Any) -> tuple[str, bytes]:
    if not isinstance(value, dict) or value.keys() != SIGNATURE_FIELDS:
        raise Unreadable("signatures", "a signature must have keyid and sig, nothing else")
    key_id = value["keyid"]
    if not isinstance(key_id, str) or not HEX_OF_32_BYTES.fullmatch(key_id):
        raise Unreadable("keyid", "not 64 lower-case hex digits")
    signature = from_base64(value["sig"], "sig")
    if len(signature) != SIGNATURE_BYTES:
        raise Unreadable("sig", f"not {SIGNATURE_BYTES} bytes")
    return key_id, signature


class _WireSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: bytes


class _Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The DSSE shape with its fields in canonical order; the codec itself reads and writes the base64."""

    payload: bytes
    payloadType: str
    signatures: tuple[_WireSignature]


_WIRE_DECODER = msgspec.json.Decoder(_Wire)
_WIRE_ENCODER = msgspec.json.Encoder()


def _read_compact(raw: bytes, payload_type: str) -> Envelope | None:
    """The envelope whose one canonical text is `raw`; None leaves the judgement to the slow reader."""
    try:
        wire = _WIRE_DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    key_id, signature = wire.signatures[0].keyid, wire.signatures[0].sig
    # Writing it again settles order, spacing, repeated keys, base64 alphabet, padding and spare bits at once.
    if (
        _WIRE_ENCODER.encode(wire) != raw
        or wire.payloadType != payload_type
        or not HEX_OF_32_BYTES.fullmatch(key_id)
        or len(signature) != SIGNATURE_BYTES
        or len(wire.payload) > PAYLOAD_BYTES_MAX
    ):
        return None
    return Envelope(payload_type, wire.payload, key_id, signature)
