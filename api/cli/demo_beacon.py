"""How does a demo get a beacon round that is due in a minute?

A beacon in drand's unchained scheme with a key of one's own, for demo and test logs, which list it in the
log and say so: whoever holds its secret can compute every round in advance, so it proves nothing to anybody
else. Its pulses verify under the same code as drand's. The secret comes from the caller; knows no clock,
network or file.
"""

from hashlib import sha256

from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from ledger.inspection.beacon import G1_HASH_DOMAIN, QUICKNET_SCHEME, ROUND_MAX

GROUP_ORDER = int("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)
SCALAR_BYTES = 32


class DemoBeaconSigner:
    """Signs rounds of scheme `bls-unchained-g1-rfc9380`: signatures of 48 bytes in G1, a key of 96 in G2."""

    scheme = QUICKNET_SCHEME

    def __init__(self, secret: int) -> None:
        """`secret` is from 1 to the group order less one; ValueError otherwise."""
        if not 1 <= secret < GROUP_ORDER:
            raise ValueError("secret must lie between 1 and the group order less one")
        self._secret = Scalar.from_be_bytes(secret.to_bytes(SCALAR_BYTES, "big"))
        self.public_key: bytes = bytes((G2Point() * self._secret).to_compressed_bytes())

    def pulse(self, round_number: int) -> bytes:
        """The signature of the round; its SHA-256 is the round's randomness."""
        if not 1 <= round_number <= ROUND_MAX:
            raise ValueError(f"round_number must lie between 1 and {ROUND_MAX}")
        message = sha256(round_number.to_bytes(8, "big")).digest()
        return bytes((G1Point.hash_to_curve(message, G1_HASH_DOMAIN) * self._secret).to_compressed_bytes())
