"""RSA keys of the tests' own, made once a run: no beacon's private key is to be had."""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key


@lru_cache
def rsa_key(number):
    """The private key of that number, 2048 bits."""
    assert number >= 0
    return generate_private_key(public_exponent=65537, key_size=2048)


def modulus_of(key):
    """The public key as a beacon's listing spells it."""
    n = key.public_key().public_numbers().n
    return n.to_bytes((n.bit_length() + 7) // 8, "big")
