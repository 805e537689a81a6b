"""Did the University of Colorado's beacon (CURBy) publish this pulse, and which value is it?

Two of its chains give randomness. CURBy-Q, the quantum one: the pulse of a round's last stage states the
value. CURBy-RNG, the classical one: the value is the pulse's own name, good only if the salt in it is the one
the pulse before was committed to. One RSA key signs several chains, so a beacon is listed with its chain's
CID. Whether the quantum value was extracted honestly (seed, experiment data) is not checked: for that one
trusts the beacon, as with any signature.

Rounds of these chains come when they come. A pulse whose signed time is before the round's due time is
refused, so that a listing with too late a genesis or too long a period cannot pass a known value for a
future one.
"""

from dataclasses import dataclass
from hashlib import sha3_512

from ledger.inspection.dag_cbor import Value
from ledger.inspection.moments import unix_milliseconds
from ledger.inspection.twine import (
    SHA3_512_MULTIHASH,
    TwineObject,
    content_signed_by,
    link_to,
    name_of,
    read_cid,
)

CURBY_Q_SCHEME = "curby-q-rs256"
CURBY_RNG_SCHEME = "curby-rng-rs256"
LAST_STAGE = "randomness"
VALUE_BYTES = 64  # of a quantum round's value, and of a salt, which is mixed with a name of that length


@dataclass(frozen=True, slots=True)
class CurbyPulse:
    """A pulse, and for CURBy-RNG the one before it; `round` is CURBy-Q's round or CURBy-RNG's index."""

    round: int
    pulse: TwineObject
    previous: TwineObject | None


def curby_q_randomness(modulus: bytes, chain: str, due: int, pulse: CurbyPulse) -> bytes | None:
    """The 64 bytes a CURBy-Q round ended with; None where the pulse does not prove them.

    `modulus`: the chain's RSA key; `chain`: its CID; `due`: Unix seconds before which no pulse counts.
    """
    said = _said(modulus, chain, pulse.pulse)
    if said is None or pulse.previous is not None:
        return None
    payload = _payload(said)
    value = payload.get("randomness")
    if not _is_number(payload.get("round"), pulse.round) or payload.get("stage") != LAST_STAGE:
        return None
    if not _not_before(payload, due) or not isinstance(value, bytes) or len(value) != VALUE_BYTES:
        return None
    return value


def curby_rng_randomness(modulus: bytes, chain: str, due: int, pulse: CurbyPulse) -> bytes | None:
    """The 64-byte name of a CURBy-RNG pulse; None where it, or the pulse before, does not prove it."""
    said = _said(modulus, chain, pulse.pulse)
    before = None if pulse.previous is None else _said(modulus, chain, pulse.previous)
    if said is None or before is None or pulse.previous is None:
        return None
    if not _is_number(said.get("index"), pulse.round) or not _is_number(before.get("index"), pulse.round - 1):
        return None
    name, links = name_of(pulse.previous), said.get("links")
    if not isinstance(links, tuple) or links[:1] != (link_to(name),):
        return None
    salt, promised = _payload(said).get("salt"), _payload(before).get("pre")
    if not isinstance(salt, bytes) or len(salt) != VALUE_BYTES or not _not_before(_payload(said), due):
        return None
    mixed = bytes(left ^ right for left, right in zip(salt, name, strict=True))
    return name_of(pulse.pulse) if promised == SHA3_512_MULTIHASH + sha3_512(mixed).digest() else None


def _said(modulus: bytes, chain: str, thing: TwineObject) -> dict[str, Value] | None:
    """The content, if signed and of that chain."""
    name = read_cid(chain)
    said = None if name is None else content_signed_by(modulus, thing)
    if said is None or name is None or said.get("chain") != link_to(name):
        return None
    return said


def _payload(said: dict[str, Value]) -> dict[str, Value]:
    payload = said.get("payload")
    return payload if isinstance(payload, dict) else {}


def _is_number(told: Value, number: int) -> bool:
    """Whether it is that very integer: True is none, and 1.0 is another spelling."""
    return type(told) is int and told == number


def _not_before(payload: dict[str, Value], due: int) -> bool:
    stamp = payload.get("timestamp")
    at = unix_milliseconds(stamp) if isinstance(stamp, str) else None
    return at is not None and at >= 1000 * due
