"""A CURBy of one's own for tests: signs Twine objects with a test key, the way the real chains are signed."""

import base64
from hashlib import sha3_512

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.inspection.dag_cbor import Link, decode, encode
from ledger.inspection.twine import TwineObject, cid_text, name_of
from tests.inspection.own_keys import rsa_key

CHAIN = bytes(range(64))
CHAIN_CID = cid_text(CHAIN)
HEADER = b'{"alg":"RS256"}'


def b64url(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def link(name):
    return Link(b"\x01\x71\x14\x40" + name)


def sign_octets(content, header=HEADER, number=0):
    signing = b64url(header) + "." + b64url(b"\x14\x40" + sha3_512(content).digest())
    signature = rsa_key(number).sign(signing.encode(), PKCS1v15(), SHA256())
    return TwineObject(content, signing + "." + b64url(signature))


def sign(value, **more):
    return sign_octets(encode(value), **more)


def published_of(thing):
    """An object as the servers send it: its name, and its content in DAG-JSON."""
    content = dag_json(decode(thing.content)[0])
    return {
        "cid": {"/": cid_text(name_of(thing))},
        "data": {"content": content, "signature": thing.signature},
    }


def dag_json(value):
    match value:
        case Link():
            return {"/": cid_text(value.octets[4:])}
        case bytes():
            return {"/": {"bytes": base64.b64encode(value).decode().rstrip("=")}}
        case dict():
            return {key: dag_json(item) for key, item in value.items()}
        case tuple():
            return [dag_json(item) for item in value]
    return value


def quantum(round_number=42, time="2024-01-01T00:00:00.000Z", value=b"q" * 64, stage="randomness", **more):
    payload = {"round": round_number, "stage": stage, "timestamp": time, "randomness": value, **more}
    return sign({"chain": link(CHAIN), "index": 128, "links": (), "payload": payload})


def classical_pair(index=7, time="2024-01-01T00:00:00.000Z", salt=bytes(64), first_salt=None, linked=None):
    """Two pulses in a row; the first is committed to the second's salt, which needs the first's own name.

    The promise hides salt XOR name, and the name covers the promise: a beacon chooses what is hidden first
    and derives the salt from it.
    """
    hidden = sha3_512(b"hidden" + salt).digest()
    promise = b"\x14\x40" + sha3_512(hidden).digest()
    first = sign(
        {
            "chain": link(CHAIN),
            "index": index - 1,
            "links": (),
            "payload": {"pre": promise, "salt": bytes(64), "timestamp": time},
        }
    )
    real = bytes(a ^ b for a, b in zip(hidden, name_of(first), strict=True))
    second = sign(
        {
            "chain": link(CHAIN),
            "index": index,
            "links": (link(linked or name_of(first)),),
            "payload": {"pre": promise, "salt": first_salt or real, "timestamp": time},
        }
    )
    return first, second
