"""Did this beacon really publish that value for that round, and when was the round due?

Verifies drand's two schemes here, BLS signatures on BLS12-381: unchained with signatures in G1 (quicknet) and
chained with signatures in G2 (the default chain); NIST's format and CURBy's in `nist` and `curby`, a
verifier's own key, which stands in for a beacon at short notice, in `vrf`. Randomness
is always derived from what is signed, never taken on trust, so a second encoding of the same signature would
be a second value to choose from: every encoding but the one is refused. Knows no clock, network, list of
beacons or secret.

Formulas: draft-irtf-cfrg-bls-signature (minimal signature and minimal key size), RFC 9380 for hashing to the
curve, drand's specification for the message of each scheme.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias, TypeVar

from py_arkworks_bls12381 import GT, G1Point, G2Point

from ledger.inspection.curby import (
    CURBY_Q_SCHEME,
    CURBY_RNG_SCHEME,
    CurbyPulse,
    curby_q_randomness,
    curby_rng_randomness,
)
from ledger.inspection.nist import NIST_SCHEME, NistPulse, nist_randomness
from ledger.inspection.rsa import read_key
from ledger.inspection.twine import read_cid
from ledger.inspection.vrf import VRF_SCHEME, VrfPulse, is_key, vrf_randomness

Point = TypeVar("Point", G1Point, G2Point)

QUICKNET_SCHEME = "bls-unchained-g1-rfc9380"
CHAINED_SCHEME = "pedersen-bls-chained"
SCHEMES = (QUICKNET_SCHEME, CHAINED_SCHEME, NIST_SCHEME, CURBY_Q_SCHEME, CURBY_RNG_SCHEME, VRF_SCHEME)

G1_BYTES = 48
G2_BYTES = 96
GROUP_HASH_BYTES = 32
ROUND_MAX = 2**64 - 1

G1_HASH_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
G2_HASH_DOMAIN = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_"

CHAIN_INDEX = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)

# Of a point's first byte, the compressed form uses three bits: compressed, infinity, larger of the two y.
COMPRESSED_BIT = 0x80
INFINITY_BIT = 0x40
COORDINATE_BITS = 0x1F
COORDINATE_BYTES = 48
FIELD_PRIME = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)


@dataclass(frozen=True, slots=True)
class Beacon:
    """A beacon as listed: `genesis` (Unix seconds) is when round 1 was due; one follows every `period_s`.

    `public_key`: drand's point, compressed; for RSA schemes the modulus, big-endian. `chain`: which of the
    chains that share the key: NIST's chain index in decimal, CURBy's CID; empty for drand and for a
    verifier's own key, where each chain has its own.
    """

    name: str
    scheme: str
    public_key: bytes
    genesis: int
    period_s: int
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What drand published for a round; `previous_signature` belongs to the chained scheme only."""

    round: int
    signature: bytes
    previous_signature: bytes | None


AnyPulse: TypeAlias = Pulse | NistPulse | CurbyPulse | VrfPulse


def due_at(beacon: Beacon, round_number: int) -> int:
    """Unix seconds at which the round, counted from 1, is due."""
    return beacon.genesis + (round_number - 1) * beacon.period_s


def round_due_after(beacon: Beacon, unix_seconds: int) -> int:
    """The first round due at that second or later."""
    elapsed = max(0, unix_seconds - beacon.genesis)
    return -(-elapsed // beacon.period_s) + 1


def verify_pulse(beacon: Beacon, pulse: AnyPulse) -> bytes | None:
    """What the beacon gave for the round; None where the pulse does not prove it.

    drand: 32 bytes, SHA-256 of the signature. NIST: 64 bytes, SHA-512 of the pulse and its signature. CURBy:
    the 64 bytes of a quantum round, or the 64-byte name of a classical pulse. A verifier's own key: the 64
    bytes it gives for the round and the commitment's leaf. None too for a pulse of another scheme, an unknown
    scheme, an unusable key and a chain that is not named as it must be.
    """
    key, due = beacon.public_key, due_at(beacon, pulse.round)
    match pulse, beacon.scheme:
        case Pulse(), _ if not beacon.chain:
            return _verify_drand(beacon, pulse)
        case NistPulse(), scheme if scheme == NIST_SCHEME:
            return nist_randomness(key, beacon.chain, due, beacon.period_s, pulse)
        case CurbyPulse(), scheme if scheme == CURBY_Q_SCHEME:
            return curby_q_randomness(key, beacon.chain, due, pulse)
        case CurbyPulse(), scheme if scheme == CURBY_RNG_SCHEME:
            return curby_rng_randomness(key, beacon.chain, due, pulse)
        case VrfPulse(), scheme if scheme == VRF_SCHEME and not beacon.chain:
            return vrf_randomness(key, beacon.name, pulse)
    return None


def is_own(scheme: str) -> bool:
    """Whether the value is a verifier's own, by its key, and not a public beacon's."""
    return scheme == VRF_SCHEME


def is_sound(beacon: Beacon) -> bool:
    """Whether any pulse could verify: a known scheme, a key in its one spelling, a chain where one is due."""
    match beacon.scheme:
        case scheme if scheme == QUICKNET_SCHEME:
            return not beacon.chain and read_g2(beacon.public_key) is not None
        case scheme if scheme == CHAINED_SCHEME:
            return not beacon.chain and read_g1(beacon.public_key) is not None
        case scheme if scheme == NIST_SCHEME:
            return CHAIN_INDEX.fullmatch(beacon.chain) is not None and read_key(beacon.public_key) is not None
        case scheme if scheme in (CURBY_Q_SCHEME, CURBY_RNG_SCHEME):
            return read_cid(beacon.chain) is not None and read_key(beacon.public_key) is not None
        case scheme if scheme == VRF_SCHEME:
            return not beacon.chain and is_key(beacon.public_key)
    return False


def _verify_drand(beacon: Beacon, pulse: Pulse) -> bytes | None:
    """SHA-256 of a signature that verifies.

    None for one that does not, a point off the curve, outside its subgroup or at infinity, any encoding but
    the canonical one, a wrong length, a round out of range, a previous signature that is missing or one too
    many, an unusable public key and an unknown scheme.
    """
    message = round_message(beacon.scheme, pulse)
    if message is None:
        return None
    if beacon.scheme == QUICKNET_SCHEME:
        signature_1, key_2 = read_g1(pulse.signature), read_g2(beacon.public_key)
        if signature_1 is None or key_2 is None:
            return None
        hashed_1 = G1Point.hash_to_curve(message, G1_HASH_DOMAIN)
        genuine = GT.pairing_check([signature_1, -hashed_1], [G2Point(), key_2])
    else:
        key_1, signature_2 = read_g1(beacon.public_key), read_g2(pulse.signature)
        if key_1 is None or signature_2 is None:
            return None
        hashed_2 = G2Point.hash_to_curve(message, G2_HASH_DOMAIN)
        genuine = GT.pairing_check([-G1Point(), key_1], [signature_2, hashed_2])
    return sha256(pulse.signature).digest() if genuine else None


def round_message(scheme: str, pulse: Pulse) -> bytes | None:
    """What the beacon signs: SHA-256 of the round's number, in a chain after the signature before it."""
    if not 1 <= pulse.round <= ROUND_MAX:
        return None
    number = pulse.round.to_bytes(8, "big")
    previous = pulse.previous_signature
    if scheme == QUICKNET_SCHEME and previous is None:
        return sha256(number).digest()
    # Before round 1 there is no signature; the chain starts from the hash of its group.
    expected_bytes = GROUP_HASH_BYTES if pulse.round == 1 else G2_BYTES
    if scheme == CHAINED_SCHEME and previous is not None and len(previous) == expected_bytes:
        return sha256(previous + number).digest()
    return None


def read_g1(encoded: bytes) -> G1Point | None:
    """A finite point of the prime-order subgroup of G1 in its one compressed encoding."""
    return _read(encoded, G1_BYTES, G1Point.from_compressed_bytes)


def read_g2(encoded: bytes) -> G2Point | None:
    """A finite point of the prime-order subgroup of G2 in its one compressed encoding."""
    return _read(encoded, G2_BYTES, G2Point.from_compressed_bytes)


def _read(encoded: bytes, size: int, decode: Callable[[bytes], Point]) -> Point | None:
    if len(encoded) != size or not is_canonical(encoded):
        return None
    try:
        point = decode(encoded)  # checks curve and subgroup
    except ValueError:
        return None
    return point if bytes(point.to_compressed_bytes()) == encoded else None


def is_canonical(encoded: bytes) -> bool:
    """Compressed, finite, and every coordinate below the field prime.

    Checked here and not left to the decoder: one that reduced modulo the prime would let a twin of a genuine
    signature through, and with it another randomness.
    """
    if not encoded[0] & COMPRESSED_BIT or encoded[0] & INFINITY_BIT:
        return False
    bare = bytes([encoded[0] & COORDINATE_BITS]) + encoded[1:]
    coordinates = (bare[at : at + COORDINATE_BYTES] for at in range(0, len(bare), COORDINATE_BYTES))
    return all(int.from_bytes(coordinate, "big") < FIELD_PRIME for coordinate in coordinates)
