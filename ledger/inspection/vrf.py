"""Did the holder of this key derive this value from this input, without any choice in it?

ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381: a value that only the key's holder can compute, that everybody can
check, and of which there is one for each input. For a verifier that cannot wait for a public beacon; what it
draws so is drawn by its own key, and is labelled `own_vrf`. The input is bound to the leaf of the
commitment's entry, in which the log wrote when it admitted it, to the millisecond. That is all the holder of
the key does not choose: who guesses the moment to w milliseconds can try secrets until a sample pleases at
each (one that pleases once in 20 takes some 20^w tries), and who also runs the log can choose freely.

Stricter than the RFC in one point: keys and proofs whose points lie outside the prime-order group, which no
honest prover makes, are refused. Points are libsodium's, by PyNaCl. Knows no log, clock or source of chance.
"""

from dataclasses import dataclass
from hashlib import sha256, sha512

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_core_ed25519_sub,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

VRF_SCHEME = "ecvrf-edwards25519-sha512-tai"
OWN_VRF = "own_vrf"  # how everything drawn so is labelled
INPUT_CONTEXT = b"chipledger-vrf-v1"

POINT_BYTES = 32
CHALLENGE_BYTES = 16
SCALAR_BYTES = 32
PROOF_BYTES = POINT_BYTES + CHALLENGE_BYTES + SCALAR_BYTES
SEED_BYTES = 32
LEAF_BYTES = 32
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
COFACTOR_DOUBLINGS = 3  # the cofactor is 8

SUITE = b"\x03"
TO_CURVE, CHALLENGE, TO_HASH, BACK = b"\x01", b"\x02", b"\x03", b"\x00"
COUNTER_MAX = 255  # each try fails half the time

IDENTITY = b"\x01" + bytes(POINT_BYTES - 1)
ZERO = bytes(SCALAR_BYTES)


@dataclass(frozen=True, slots=True)
class VrfPulse:
    """The proof of 80 bytes for a round, and the 32-byte leaf hash of the commitment's entry."""

    round: int
    proof: bytes
    leaf: bytes


def vrf_input(beacon: str, round_number: int, leaf: bytes) -> bytes:
    """The 32 bytes that are proved about: SHA-256 over the framed parts, each behind its u32 length."""
    parts = (INPUT_CONTEXT, beacon.encode(), str(round_number).encode(), leaf)
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def vrf_randomness(public_key: bytes, beacon: str, pulse: VrfPulse) -> bytes | None:
    """The 64 bytes of that round of that commitment; None where the proof does not prove them."""
    if len(pulse.leaf) != LEAF_BYTES:
        return None
    return verify(public_key, vrf_input(beacon, pulse.round, pulse.leaf), pulse.proof)


def is_key(public_key: bytes) -> bool:
    """A point of the prime-order group in its one encoding, and not the identity."""
    return len(public_key) == POINT_BYTES and bool(crypto_core_ed25519_is_valid_point(public_key))


def verify(public_key: bytes, alpha: bytes, proof: bytes) -> bytes | None:
    """The 64-byte output `beta` for the input `alpha`; None where the proof is not one under the key."""
    if not is_key(public_key) or len(proof) != PROOF_BYTES:
        return None
    gamma, tail = proof[:POINT_BYTES], proof[POINT_BYTES:]
    challenge, s = tail[:CHALLENGE_BYTES], tail[CHALLENGE_BYTES:]
    hashed = _to_curve(public_key, alpha)
    if not is_key(gamma) or hashed is None or int.from_bytes(s, "little") >= GROUP_ORDER:
        return None
    c = challenge + bytes(SCALAR_BYTES - CHALLENGE_BYTES)
    u = crypto_core_ed25519_sub(_times_base(s), _times(c, public_key))
    v = crypto_core_ed25519_sub(_times(s, hashed), _times(c, gamma))
    return _output(gamma) if _challenge(public_key, hashed, gamma, u, v) == challenge else None


def prove(seed: bytes, alpha: bytes) -> bytes:
    """The 80-byte proof for the input under an Ed25519 seed; its output is what `verify` gives for it."""
    if len(seed) != SEED_BYTES:
        raise ValueError(f"seed must be {SEED_BYTES} bytes")
    x, prefix = _secret_scalar(seed)
    public_key = _times_base(x)
    hashed = _to_curve(public_key, alpha)
    assert hashed is not None, "256 tries fail with a probability of 2^-256"
    gamma = _times(x, hashed)
    nonce = crypto_core_ed25519_scalar_reduce(sha512(prefix + hashed).digest())
    challenge = _challenge(public_key, hashed, gamma, _times_base(nonce), _times(nonce, hashed))
    c = challenge + bytes(SCALAR_BYTES - CHALLENGE_BYTES)
    s = crypto_core_ed25519_scalar_add(nonce, crypto_core_ed25519_scalar_mul(c, x))
    return gamma + challenge + s


def public_key_of(seed: bytes) -> bytes:
    """The key that proofs by this seed verify under, which is the seed's Ed25519 key."""
    return _times_base(_secret_scalar(seed)[0])


def _secret_scalar(seed: bytes) -> tuple[bytes, bytes]:
    """The scalar of RFC 8032, reduced, and the half of the hash that nonces come from."""
    digest = sha512(seed).digest()
    scalar = bytearray(digest[:SCALAR_BYTES])
    scalar[0] &= 0b1111_1000
    scalar[-1] = scalar[-1] & 0b0111_1111 | 0b0100_0000
    return crypto_core_ed25519_scalar_reduce(bytes(scalar) + ZERO), digest[SCALAR_BYTES:]


def _to_curve(public_key: bytes, alpha: bytes) -> bytes | None:
    """Section 5.4.1.1: the first hash that encodes a point, times the cofactor."""
    for counter in range(COUNTER_MAX + 1):
        tried = sha512(SUITE + TO_CURVE + public_key + alpha + bytes([counter]) + BACK).digest()
        point = _point(tried[:POINT_BYTES])
        if point is not None:
            point = _cleared(point)
            if point != IDENTITY:
                return point
    return None


def _point(encoded: bytes) -> bytes | None:
    """The point of the curve, of any order, that these bytes are the one encoding of."""
    try:
        added = crypto_core_ed25519_add(encoded, IDENTITY)
    except RuntimeError:  # not on the curve
        return None
    return encoded if added == encoded else None  # what comes back is always spelled the one way


def _cleared(point: bytes) -> bytes:
    """Eight times the point, by additions: the library multiplies points of the prime-order group only."""
    for _ in range(COFACTOR_DOUBLINGS):
        point = crypto_core_ed25519_add(point, point)
    return point


def _times(scalar: bytes, point: bytes) -> bytes:
    """The multiple; the library refuses to give the identity, which is no failure here."""
    return IDENTITY if scalar == ZERO else crypto_scalarmult_ed25519_noclamp(scalar, point)


def _times_base(scalar: bytes) -> bytes:
    return IDENTITY if scalar == ZERO else crypto_scalarmult_ed25519_base_noclamp(scalar)


def _challenge(*points: bytes) -> bytes:
    return sha512(SUITE + CHALLENGE + b"".join(points) + BACK).digest()[:CHALLENGE_BYTES]


def _output(gamma: bytes) -> bytes:
    return sha512(SUITE + TO_HASH + _cleared(gamma) + BACK).digest()
