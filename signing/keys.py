"""Is this a sound Ed25519 public key, and did its holder sign these bytes?

Promises: a key is admitted only as a canonical point of the prime-order group, in one spelling; `verify`
answers yes or no to any bytes whatever and lets other threads run meanwhile. Refuses to know whose key it is
and where its private half is kept: a `Signer` is only described here, so that the law may check signed notes
without reaching the disk.

Both checks are needed: the verifier alone accepts signatures under keys with a small-order component, for
which implementations disagree, and disagreement about one signature is disagreement about the whole log.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import nacl.bindings
import nacl.exceptions

from signing.canonical import Unreadable

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64

HEX_OF_32_BYTES = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key; octets: 32 bytes."""

    octets: bytes

    @property
    def hex(self) -> str:
        """The key as people and statements write it: 64 lower-case hex digits."""
        return self.octets.hex()

    @property
    def key_id(self) -> str:
        """Lower-case hex SHA-256 of the 32 octets: the `keyid` of an envelope."""
        return sha256(self.octets).hexdigest()


class Signer(Protocol):
    """A private key that may live in a file, in memory or in a device."""

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies what `sign` returns."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature, 64 bytes, over `message`. The same message gives the same bytes."""
        ...

    def salt_secret(self) -> bytes:
        """32 bytes: HKDF-SHA-256 (RFC 5869) of the seed, no salt, info `chipledger-salt-v1`."""
        ...


def admit_public_key(hex_text: str, what: str = "public_key") -> PublicKey:
    """The key written as 64 lower-case hex digits; Unreadable (naming `what`) when it is not sound.

    Sound: on the curve, in canonical form, in the subgroup of prime order and not its neutral element.
    """
    if not isinstance(hex_text, str) or not HEX_OF_32_BYTES.fullmatch(hex_text):
        raise Unreadable(what, "not 64 lower-case hex digits")
    octets = bytes.fromhex(hex_text)
    if not is_sound(octets):
        raise Unreadable(what, "not a canonical point of the prime-order group")
    return PublicKey(octets)


def is_sound(octets: bytes) -> bool:
    """Whether these bytes are a public key whose signatures every implementation judges alike."""
    return len(octets) == PUBLIC_KEY_BYTES and nacl.bindings.crypto_core_ed25519_is_valid_point(octets)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` was made by `public_key` (32 bytes). Never raises.

    The key must have been admitted: this looks at the signature, not at the soundness of the key.
    """
    # The C code reads fixed sizes: lengths are settled before it sees a pointer.
    if len(signature) != SIGNATURE_BYTES or len(public_key) != PUBLIC_KEY_BYTES:
        return False
    try:
        nacl.bindings.crypto_sign_open(signature + message, public_key)
    except nacl.exceptions.BadSignatureError:
        return False
    return True


def verify_each(signed: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """`verify` of each (public key, message, signature), in order."""
    return [verify(public_key, message, signature) for public_key, message, signature in signed]
