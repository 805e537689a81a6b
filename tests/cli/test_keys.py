"""Keys are made once, opened with the right password only, and enrolled with their proof."""

import shutil
import stat
import subprocess

import pytest

from api.cli.paperwork.templates import TEMPLATES
from api.cli.screen.advice import ADVICE, advice_for
from ledger.book.encoding import read_bundle
from ledger.book.law import read_statement
from ledger.book.records.parties import ProvenKey
from ledger.book.rejection import Reason
from ledger.book.rules.parties import check_proven_key
from signing.canonical import decode
from signing.signer import key_file_is_encrypted, read_key_file
from tests.cli.stage import LOG, chipledger, speaking

PASSWORD = "correct horse"


def keygen(folder, *more, **environment):
    words = ["keygen", "--party", "new-party", "--log", LOG, "--out", folder]
    return chipledger(*words, *more, **environment)


def sign_with(folder, key, **environment):
    (folder / "chips.csv").write_text(TEMPLATES["chips.placed"].csv)
    words = ["sign", "chips.placed", folder / "chips.csv", "--key", key, "--party", "north-dc", "--log", LOG]
    return chipledger(*words, "--occurred-at", "2026-11-20", "--set", "site=north-dc/hall", **environment)


def test_keygen_makes_an_encrypted_key_and_a_proof_the_law_accepts(tmp_path):
    assert keygen(tmp_path, CHIPLEDGER_KEY_PASSWORD=PASSWORD).exit_code == 0
    key = tmp_path / "new-party.pem"
    assert key_file_is_encrypted(key) and stat.S_IMODE(key.stat().st_mode) == 0o600
    signer = read_key_file(key, PASSWORD.encode())
    proof = decode((tmp_path / "new-party.proof.json").read_bytes().removesuffix(b"\n"), "proof")
    assert proof["party"] == "new-party" and proof["public_key"] == signer.public_key.hex
    proven = ProvenKey(proof["public_key"], proof["proof"])
    assert check_proven_key(LOG, "new-party", proven) is None


def test_keygen_overwrites_nothing(tmp_path):
    assert keygen(tmp_path, "--unencrypted").exit_code == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = keygen(tmp_path, "--unencrypted")
    assert again.exit_code == 1 and "never overwritten" in again.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_keygen_without_a_password_or_anybody_to_ask_is_wrong_usage(tmp_path):
    assert keygen(tmp_path).exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("party", ["A", "x", "Acme", "a/b", "../up", ""])
def test_a_party_id_is_checked_before_any_file_is_made(tmp_path, party):
    result = chipledger("keygen", "--party", party, "--log", LOG, "--out", tmp_path / "k", "--unencrypted")
    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_the_password_opens_and_a_wrong_one_does_not(tmp_path):
    keygen(tmp_path, CHIPLEDGER_KEY_PASSWORD=PASSWORD)
    key = tmp_path / "new-party.pem"
    assert sign_with(tmp_path, key, CHIPLEDGER_KEY_PASSWORD=PASSWORD).exit_code == 0
    wrong = sign_with(tmp_path, key, CHIPLEDGER_KEY_PASSWORD="another")
    assert wrong.exit_code == 1 and "wrong password" in wrong.stderr
    assert sign_with(tmp_path, key).exit_code == 2


def test_a_key_of_openssl_signs(tmp_path):
    if shutil.which("openssl") is None:
        pytest.fail("openssl is needed for this test")
    key = tmp_path / "openssl.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    assert sign_with(tmp_path, key).exit_code == 0


@pytest.mark.parametrize(
    "text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_is_refused(tmp_path, text):
    (tmp_path / "bad.pem").write_text(text)
    result = sign_with(tmp_path, tmp_path / "bad.pem")
    assert result.exit_code == 1 and "PKCS#8" in result.stderr
    assert sign_with(tmp_path, tmp_path / "missing.pem").exit_code == 2


def test_enrol_signs_what_the_law_accepts(tmp_path):
    keygen(tmp_path, "--unencrypted")
    out = tmp_path / "enrolled.json"
    words = ["--name", "New", "--roles", "maker,holder", "--country", "NO", "--out", out]
    who = speaking(tmp_path, "registry")
    assert chipledger("enrol", tmp_path / "new-party.proof.json", *words, *who).exit_code == 0
    statement = read_statement(read_bundle(out.read_bytes()))
    assert statement.fault is None and statement.body.roles == ["holder", "maker"]
    silent = chipledger("enrol", "--as", "old-maker", *words[:-1], tmp_path / "silent.json", *who)
    assert silent.exit_code == 0
    assert read_statement(read_bundle((tmp_path / "silent.json").read_bytes())).body.keys == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--roles", "king", "--country", "NO"], 1),
        (["--roles", "maker", "--country", "XX"], 1),
        (["--roles", "maker", "--country", "NO", "--as", "somebody-else"], 2),
    ],
)
def test_enrol_signs_nothing_wrong(tmp_path, more, code):
    keygen(tmp_path, "--unencrypted")
    out = tmp_path / "enrolled.json"
    words = [tmp_path / "new-party.proof.json", "--name", "New", "--out", out, *more]
    assert chipledger("enrol", *words, *speaking(tmp_path, "registry")).exit_code == code
    assert not out.exists()


def test_enrol_takes_no_proof_of_another_log(tmp_path):
    chipledger(
        "keygen", "--party", "new-party", "--log", "example.org/other", "--out", tmp_path, "--unencrypted"
    )
    out = tmp_path / "enrolled.json"
    words = ["--name", "New", "--roles", "maker", "--country", "NO", "--out", out]
    result = chipledger("enrol", tmp_path / "new-party.proof.json", *words, *speaking(tmp_path, "registry"))
    assert result.exit_code == 1 and "another log" in result.stderr


def test_there_is_advice_for_every_reason():
    assert ADVICE.keys() == set(Reason)
    assert advice_for("not_held") and not advice_for("no such reason")
