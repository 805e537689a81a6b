"""A key file rests where only its owner reads it, and openssl understands it."""

import hashlib
import hmac
import os
import shutil
import stat
import subprocess

import pytest

from signing.canonical import TooLarge, Unreadable
from signing.keys import verify
from signing.signer import (
    KEY_FILE_BYTES_MAX,
    SeedSigner,
    Signer,
    key_file_is_encrypted,
    new_seed,
    read_key_file,
    write_key_file,
)

SEED = bytes(range(32))
PASSWORD = "correct horse £".encode()


def openssl(*arguments):
    program = shutil.which("openssl")
    if program is None:
        pytest.fail("the openssl program is missing, and key files are promised to work with it")
    return subprocess.run([program, *map(str, arguments)], check=True, capture_output=True).stdout


def public_hex(der):
    return der[-32:].hex()


def test_what_we_write_we_read(tmp_path):
    for name, password in (("plain", None), ("locked", PASSWORD)):
        write_key_file(tmp_path / name, SEED, password)
        assert key_file_is_encrypted(tmp_path / name) is (password is not None)
        assert read_key_file(tmp_path / name, password).public_key == SeedSigner(SEED).public_key


def test_a_password_for_a_file_that_needs_none_is_ignored(tmp_path):
    write_key_file(tmp_path / "plain", SEED, None)
    assert read_key_file(str(tmp_path / "plain"), PASSWORD).public_key == SeedSigner(SEED).public_key


def test_openssl_reads_what_we_write(tmp_path):
    write_key_file(tmp_path / "plain", SEED, None)
    write_key_file(tmp_path / "locked", SEED, PASSWORD)
    (tmp_path / "password").write_bytes(PASSWORD)
    message = tmp_path / "message"
    message.write_bytes(b"signed twice")
    expected = SeedSigner(SEED)
    for name, unlock in (("plain", ()), ("locked", ("-passin", f"file:{tmp_path / 'password'}"))):
        der = openssl("pkey", "-in", tmp_path / name, *unlock, "-pubout", "-outform", "DER")
        assert public_hex(der) == expected.public_key.hex
        signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", tmp_path / name, *unlock, "-in", message)
        assert signature == expected.sign(b"signed twice")


def test_we_read_what_openssl_writes(tmp_path):
    plain, locked = tmp_path / "plain", tmp_path / "locked"
    openssl("genpkey", "-algorithm", "ed25519", "-out", plain)
    openssl("pkey", "-in", plain, "-aes-256-cbc", "-passout", "pass:secret", "-out", locked)
    expected = public_hex(openssl("pkey", "-in", plain, "-pubout", "-outform", "DER"))
    assert not key_file_is_encrypted(plain)
    assert key_file_is_encrypted(locked)
    assert read_key_file(plain, None).public_key.hex == expected
    assert read_key_file(locked, b"secret").public_key.hex == expected


def test_a_wrong_or_missing_password_is_unreadable(tmp_path):
    write_key_file(tmp_path / "locked", SEED, PASSWORD)
    assert read_key_file(tmp_path / "locked", PASSWORD)
    for missing in (None, b""):
        with pytest.raises(Unreadable) as caught:
            read_key_file(tmp_path / "locked", missing)
        assert caught.value.field == "password"
    for wrong in (b"wrong", PASSWORD + b" ", b"x" * 5000):
        with pytest.raises(Unreadable):
            read_key_file(tmp_path / "locked", wrong)


@pytest.mark.parametrize("password", [b"", b"x" * 1024])
def test_a_password_that_cannot_protect_writes_no_file(tmp_path, password):
    with pytest.raises(Unreadable):
        write_key_file(tmp_path / "key", SEED, password)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "kind",
    [
        ("x25519",),
        ("ed448",),
        ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        ("RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
    ],
    ids=lambda kind: kind[0],
)
def test_other_kinds_of_key_are_unreadable(tmp_path, kind):
    openssl("genpkey", "-algorithm", *kind, "-out", tmp_path / "key")
    with pytest.raises(Unreadable):
        read_key_file(tmp_path / "key", None)


@pytest.mark.parametrize(
    "spoil", [lambda _: b"", lambda pem: pem[40:], lambda pem: pem.replace(b"MC4", b"MC5")]
)
def test_a_damaged_file_is_unreadable(tmp_path, spoil):
    write_key_file(tmp_path / "good", SEED, None)
    (tmp_path / "bad").write_bytes(spoil((tmp_path / "good").read_bytes()))
    assert read_key_file(tmp_path / "good", None)
    with pytest.raises(Unreadable):
        read_key_file(tmp_path / "bad", None)


def test_a_file_too_large_to_be_a_key_is_not_read(tmp_path):
    (tmp_path / "huge").write_bytes(b"-" * (KEY_FILE_BYTES_MAX + 1))
    with pytest.raises(TooLarge):
        key_file_is_encrypted(tmp_path / "huge")


def test_a_missing_file_stays_an_error_of_the_disk(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_key_file(tmp_path / "none", None)


def test_a_key_file_is_private_and_never_replaces_another(tmp_path):
    before = os.umask(0)
    try:
        write_key_file(tmp_path / "key", SEED, None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    kept = (tmp_path / "key").read_bytes()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for taken in ("key", "link"):
        with pytest.raises(FileExistsError):
            write_key_file(tmp_path / taken, b"\1" * 32, None)
    assert (tmp_path / "key").read_bytes() == kept
    assert not (tmp_path / "elsewhere").exists()


def test_the_salt_secret_is_hkdf_of_the_seed():
    """Against RFC 5869 spelled out with two hashes; another seed gives another secret."""
    extracted = hmac.digest(bytes(32), SEED, "sha256")
    expected = hmac.digest(extracted, b"chipledger-salt-v1\x01", hashlib.sha256)
    assert SeedSigner(SEED).salt_secret() == expected
    assert SeedSigner(b"\1" * 32).salt_secret() != expected


def test_a_signer_shows_no_secret():
    signer: Signer = SeedSigner(SEED)
    shown = repr(signer)
    assert signer.public_key.hex in shown
    assert SEED.hex() not in shown
    assert verify(signer.public_key.octets, b"m", signer.sign(b"m"))


def test_seeds_are_new_each_time():
    seeds = {new_seed() for _ in range(10)}
    assert len(seeds) == 10
    assert {len(seed) for seed in seeds} == {32}
