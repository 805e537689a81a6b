"""Is this Twine object signed by that key, and what is its name?

Twine, the format of CURBy's chains: `content` is DAG-CBOR; `signature` a compact JWS (RFC 7515, RS256) over
the multihash of the content; an object's name, its CID, is the SHA3-512 of the DAG-CBOR of both. Since names
serve as randomness, a second spelling of a signature would be a second value to choose from: base64 and
base32 with stray bits, another JWS header and content not in its one spelling are refused. Knows no chain's
rules, only objects.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha3_512
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256

from ledger.inspection.dag_cbor import Link, Value, decode, encode
from ledger.inspection.rsa import verifies

CONTENT_BYTES_MAX = 16 * 1024
SIGNATURE_CHARACTERS_MAX = 1024
SHA3_512_MULTIHASH = b"\x14\x40"  # the code of SHA3-512, 64 bytes
CID_PREFIX = b"\x01\x71" + SHA3_512_MULTIHASH  # version 1, DAG-CBOR
DIGEST_BYTES = 64
PAIR_HEAD = b"\xa2"  # a map of two, the shorter key first
STANDARD_TO_URL = str.maketrans("+/", "-_")  # DAG-JSON writes octets in the standard alphabet
JWS_HEADER = "eyJhbGciOiJSUzI1NiJ9"  # {"alg":"RS256"}


@dataclass(frozen=True, slots=True)
class TwineObject:
    """An object as signed: `content` in DAG-CBOR, `signature` a compact JWS."""

    content: bytes
    signature: str


def name_of(thing: TwineObject) -> bytes:
    """The 64-byte digest of the object, which its CID spells; `thing.signature` is ASCII."""
    spelled = [encode(text) for text in ("content", "signature", thing.signature)]
    assert None not in spelled, "ASCII has a spelling"
    content_key, signature_key, signature = (text or b"" for text in spelled)
    return sha3_512(PAIR_HEAD + content_key + thing.content + signature_key + signature).digest()


def content_signed_by(modulus: bytes, thing: TwineObject) -> dict[str, Value] | None:
    """What the object says, if the RSA key of that modulus signed it; None otherwise."""
    if len(thing.content) > CONTENT_BYTES_MAX or len(thing.signature) > SIGNATURE_CHARACTERS_MAX:
        return None
    header, _, rest = thing.signature.partition(".")
    payload, _, tail = rest.partition(".")
    expected = SHA3_512_MULTIHASH + sha3_512(thing.content).digest()
    signature = from_base64url(tail)
    if header != JWS_HEADER or from_base64url(payload) != expected or signature is None:
        return None
    if not verifies(modulus, signature, f"{header}.{payload}".encode("ascii"), SHA256()):
        return None
    held = decode(thing.content)
    return held[0] if held is not None and isinstance(held[0], dict) else None


def link_to(name: bytes) -> Link:
    """The link by which other objects name the one of that digest."""
    return Link(CID_PREFIX + name)


def cid_text(name: bytes) -> str:
    """A digest as a CID is written: multibase `b`, base32 in lower case without padding."""
    return "b" + base64.b32encode(CID_PREFIX + name).decode().rstrip("=").lower()


def read_cid(text: str) -> bytes | None:
    """The digest in a CID's text; None for another kind of CID and for any spelling but `cid_text`'s."""
    if not text.isascii() or text[:1] != "b" or text != text.lower():
        return None
    try:
        octets = base64.b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    except binascii.Error:
        return None
    name = octets[len(CID_PREFIX) :]
    return name if len(name) == DIGEST_BYTES and cid_text(name) == text else None


def from_base64url(text: str) -> bytes | None:
    """The octets of unpadded base64url (RFC 7515); None for stray characters, padding or stray bits."""
    if not text.isascii():
        return None
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return octets if base64.urlsafe_b64encode(octets).decode().rstrip("=") == text else None


def read_published(told: Mapping[str, Any]) -> TwineObject | None:
    """An object from JSON as it is published, `{cid, data: {content, signature}}` in DAG-JSON.

    None where it is not of that form, and where `cid` is not its name.
    """
    data, cid = told.get("data"), told.get("cid")
    if not isinstance(data, dict) or not isinstance(cid, dict) or not isinstance(data.get("signature"), str):
        return None
    try:
        content = encode(_from_dag_json(data.get("content")))
    except (_Foreign, RecursionError):
        return None
    if content is None or not data["signature"].isascii():
        return None
    thing = TwineObject(content, data["signature"])
    return thing if cid == {"/": cid_text(name_of(thing))} else None


def published_of(thing: TwineObject) -> dict[str, Any]:
    """The object as it is published; `read_published` reads it back. Its content must be DAG-CBOR."""
    held = decode(thing.content)
    assert held is not None, "an object that verifies can be read"
    data = {"content": _to_dag_json(held[0]), "signature": thing.signature}
    return {"cid": {"/": cid_text(name_of(thing))}, "data": data}


def _to_dag_json(value: Value) -> Any:
    match value:
        case Link(octets):
            return {"/": cid_text(octets[len(CID_PREFIX) :])}
        case bytes():
            return {"/": {"bytes": base64.b64encode(value).decode().rstrip("=")}}
        case dict():
            return {key: _to_dag_json(item) for key, item in value.items()}
        case tuple():
            return [_to_dag_json(item) for item in value]
    return value


class _Foreign(Exception):
    """No value of DAG-JSON; never leaves this module."""


def _from_dag_json(told: Any) -> Value:
    match told:
        case {"/": str() as text, **others} if not others:
            name = read_cid(text)
            if name is None:
                raise _Foreign
            return link_to(name)
        case {"/": {"bytes": str() as text, **more}, **others} if not others and not more:
            if not text.isascii():
                raise _Foreign
            octets = from_base64url(text.translate(STANDARD_TO_URL)) if not set(text) & set("-_") else None
            if octets is None:
                raise _Foreign
            return octets
        case {"/": _}:
            raise _Foreign
        case dict():
            if not all(isinstance(key, str) for key in told):
                raise _Foreign
            return {key: _from_dag_json(item) for key, item in told.items()}
        case list():
            return tuple(_from_dag_json(item) for item in told)
        case None | bool() | int() | float() | str():
            return told
    raise _Foreign
