"""Did the holder of this RSA key sign these bytes?

RSASSA-PKCS1-v1_5 (RFC 8017) by the cryptography package, for beacons that sign so. A key is its modulus,
big-endian without leading zeros, and the exponent is always 65537: one spelling a key. The scheme is
deterministic and a signature is as long as the modulus and below it, so a message has one signature. Knows
no certificate and no validity period: which key a beacon has, its listing says.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

MODULUS_BITS_MIN = 2048
MODULUS_BITS_MAX = 4096
EXPONENT = 65537


def read_key(modulus: bytes) -> RSAPublicKey | None:
    """The key of that modulus: 2048 to 4096 bits in whole bytes, odd, no leading zero; None otherwise."""
    bits = 8 * len(modulus)
    if not MODULUS_BITS_MIN <= bits <= MODULUS_BITS_MAX or not modulus[0] & 0x80 or not modulus[-1] & 1:
        return None
    try:
        return RSAPublicNumbers(EXPONENT, int.from_bytes(modulus, "big")).public_key()
    except ValueError:
        return None


def verifies(modulus: bytes, signature: bytes, message: bytes, digest: SHA256 | SHA512) -> bool:
    """Whether it is the signature of the message under the key, hashed with `digest`; never raises."""
    key = read_key(modulus)
    if key is None or len(signature) != len(modulus):
        return False
    try:
        key.verify(signature, message, PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True
