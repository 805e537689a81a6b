"""Who holds a private key, and where does it rest?

Promises: whoever signs shows only a public key, signatures and the secret that salts are derived from; a key
file is PKCS#8 PEM that `openssl` reads and writes, is created readable by its owner alone and never replaces
another file. Refuses to know what is signed, and where passwords come from.
"""

import os
from pathlib import Path

import nacl.bindings
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signing.canonical import TooLarge, Unreadable
from signing.keys import SIGNATURE_BYTES, PublicKey, Signer

__all__ = [
    "SeedSigner",
    "Signer",
    "key_file_is_encrypted",
    "new_seed",
    "read_key_file",
    "read_seed",
    "write_key_file",
]

SEED_BYTES = 32
SALT_SECRET_BYTES = 32
SALT_SECRET_INFO = b"chipledger-salt-v1"
KEY_FILE_BYTES_MAX = 16 * 1024
PASSWORD_BYTES_MAX = 1023  # what the PEM encryption of OpenSSL takes
KEY_FILE_MODE = 0o600

PLAIN_LABEL = b"-----BEGIN PRIVATE KEY-----"
ENCRYPTED_LABEL = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


class SeedSigner:
    """Signs with an Ed25519 seed held in memory."""

    __slots__ = ("_public_key", "_secret_key", "_seed")

    def __init__(self, seed: bytes) -> None:
        assert len(seed) == SEED_BYTES, "an Ed25519 seed has 32 bytes"
        octets, self._secret_key = nacl.bindings.crypto_sign_seed_keypair(seed)
        self._public_key = PublicKey(octets)
        self._seed = seed

    def __repr__(self) -> str:
        return f"SeedSigner({self._public_key.hex})"

    @property
    def public_key(self) -> PublicKey:
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        return nacl.bindings.crypto_sign(message, self._secret_key)[:SIGNATURE_BYTES]

    def salt_secret(self) -> bytes:
        derivation = HKDF(algorithm=SHA256(), length=SALT_SECRET_BYTES, salt=None, info=SALT_SECRET_INFO)
        return derivation.derive(self._seed)


def new_seed() -> bytes:
    """32 bytes from the operating system: the one place where chance enters this package."""
    return os.urandom(SEED_BYTES)


def write_key_file(path: str | os.PathLike[str], seed: bytes, password: bytes | None) -> None:
    """Write the seed as PKCS#8 PEM, mode 0600, encrypted unless `password` is None.

    FileExistsError if anything is there: a key is never overwritten. Unreadable for a password that is
    empty or over 1,023 bytes. On return the file and its name have been flushed to the disk.
    """
    if password is not None and not 0 < len(password) <= PASSWORD_BYTES_MAX:
        raise Unreadable("password", f"must have 1 to {PASSWORD_BYTES_MAX} bytes")
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        protection = serialization.BestAvailableEncryption(password)
    pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )
    # Exclusive creation with the final mode: at no moment can others read it, or a link redirect it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(Path(path).absolute().parent)


def read_key_file(path: str | os.PathLike[str], password: bytes | None) -> SeedSigner:
    """The signer of a PKCS#8 PEM file; faults and `password` as in `read_seed`."""
    return SeedSigner(read_seed(path, password))


def read_seed(path: str | os.PathLike[str], password: bytes | None) -> bytes:
    """The seed in a PKCS#8 PEM file, for proofs that are no signatures.

    `password` is ignored where the file is not encrypted. Unreadable for a missing or wrong password, another
    kind of key, or no key; OSError passes untouched.
    """
    pem = _read_pem(path)
    encrypted = _is_encrypted(pem)
    if encrypted and not password:
        raise Unreadable("password", "the key file is encrypted and needs one")
    try:
        key = serialization.load_pem_private_key(pem, password if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        detail = "wrong password, or a damaged file" if encrypted else "a damaged or foreign key"
        raise Unreadable("key_file", detail) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unreadable("key_file", "not an Ed25519 key")
    return key.private_bytes_raw()


def key_file_is_encrypted(path: str | os.PathLike[str]) -> bool:
    """Whether reading this key file takes a password; Unreadable when it holds no PKCS#8 private key."""
    return _is_encrypted(_read_pem(path))


def _is_encrypted(pem: bytes) -> bool:
    if ENCRYPTED_LABEL in pem:
        return True
    if PLAIN_LABEL in pem:
        return False
    raise Unreadable("key_file", "no PKCS#8 private key in PEM")


def _read_pem(path: str | os.PathLike[str]) -> bytes:
    with open(path, "rb") as file:
        pem = file.read(KEY_FILE_BYTES_MAX + 1)
    if len(pem) > KEY_FILE_BYTES_MAX:
        raise TooLarge("key_file", f"over {KEY_FILE_BYTES_MAX} bytes")
    return pem


def _flush_folder(folder: Path) -> None:
    """A new name survives a power cut only once its folder has been flushed too."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
