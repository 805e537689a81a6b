"""Only sound keys are admitted, and only good signatures verify."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from signing.canonical import Unreadable
from signing.keys import PublicKey, admit_public_key, is_sound, verify
from signing.signer import SeedSigner
from tests.shared import vectors

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


def read(name):
    return json.loads(vectors("ed25519", name).read_text("utf-8"))


def cctv():
    for case in read("cctv_ed25519vectors.json"):
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        yield case, key, case["msg"].encode(), signature


def by_cryptography(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def admitted(key_hex):
    try:
        admit_public_key(key_hex)
    except Unreadable:
        return False
    return True


def test_of_914_edge_cases_one_is_accepted():
    """Number 305, the only one without a flag: an ordinary key and signature."""
    cases = list(cctv())
    accepted = [
        case["number"]
        for case, key, message, signature in cases
        if admitted(case["key"]) and verify(key, message, signature)
    ]
    assert len(cases) == 914
    assert accepted == [305]
    assert not cases[305][0]["flags"]


def test_without_admission_or_with_another_library_more_would_pass():
    """Negative control: 43 by the verifier alone, 208 by `cryptography`, as the vectors' own table says."""
    counted = Counter()
    expected = {number: (ours, theirs) for number, ours, theirs in read("cctv_results.json")["rows"]}
    for case, key, message, signature in cctv():
        alone, other = verify(key, message, signature), by_cryptography(key, message, signature)
        assert (alone, other) == tuple(map(bool, expected[case["number"]]))
        counted["alone"] += alone
        counted["other"] += other
        counted["other, admitted"] += other and admitted(case["key"])
    assert counted["alone"] == 43
    assert counted["other"] == 208
    assert counted["other, admitted"] >= 1


def test_wycheproof_agrees_in_all_101_cases():
    counted = Counter()
    for line in vectors("ed25519", "wycheproof_ed25519.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        key, message, signature = (bytes.fromhex(case[name]) for name in ("pk", "msg", "sig"))
        assert admitted(case["pk"]), case["tcId"]
        assert verify(key, message, signature) == (case["result"] == "valid"), case["tcId"]
        counted[case["result"]] += 1
    assert counted == {"valid": 58, "invalid": 43}


def test_rfc_8032_answers_are_ours():
    cases = read("rfc8032.json")
    for case in cases:
        signer = SeedSigner(bytes.fromhex(case["sk"]))
        message = bytes.fromhex(case["msg"])
        assert signer.public_key.hex == case["pk"]
        assert signer.sign(message).hex() == case["sig"]
        assert verify(admit_public_key(case["pk"]).octets, message, bytes.fromhex(case["sig"]))
    assert len(cases) == 4


@pytest.mark.parametrize(
    "text", ["", "00" * 32, "01" + "00" * 31, "ff" * 32, "ed" + "ff" * 30 + "7f", "ab", None, 5]
)
def test_unsound_or_misspelled_keys_are_not_admitted(text):
    with pytest.raises(Unreadable) as caught:
        admit_public_key(text, "log_key")
    assert caught.value.field == "log_key"


def test_a_key_has_one_spelling():
    good = SeedSigner(bytes(32)).public_key.hex
    assert admit_public_key(good) == PublicKey(bytes.fromhex(good))
    for other in (good.upper(), " " + good, good + "\n", good[:-1], "0x" + good, good[:-1] + "\u0664"):
        with pytest.raises(Unreadable):
            admit_public_key(other)


def test_a_key_id_is_the_hash_of_the_octets():
    key = SeedSigner(bytes(32)).public_key
    assert key.key_id == "139e3940e64b5491722088d9a0d741628fc826e09475d341a780acde3c4b8070"
    assert is_sound(key.octets)
    assert not is_sound(key.octets + b"\0")


@given(st.binary(max_size=70), st.binary(max_size=70), st.binary(max_size=70))
def test_verify_answers_no_to_any_bytes(key, message, signature):
    assert verify(key, message, signature) is False
    assert verify((key + bytes(32))[:32], message, (signature + bytes(64))[:64]) in (True, False)


def test_one_changed_bit_or_a_signature_plus_the_group_order_is_refused():
    signer = SeedSigner(b"\7" * 32)
    key, message, signature = signer.public_key.octets, b"a statement", signer.sign(b"a statement")
    assert verify(key, message, signature)
    for at in range(0, 512, 7):
        spoiled = bytearray(signature)
        spoiled[at // 8] ^= 1 << at % 8
        assert not verify(key, message, bytes(spoiled))
    scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    assert not verify(key, message, signature[:32] + scalar.to_bytes(32, "little"))
    assert not verify(key, message + b" ", signature)
    assert not verify(key[:31], message, signature)
    assert not verify(key, message, signature + b"\0")


def test_bytes_cannot_move_between_signature_and_message():
    signer = SeedSigner(b"\7" * 32)
    key, message, signature = signer.public_key.octets, b"a statement", signer.sign(b"a statement")
    joined = signature + message
    assert [at for at in range(len(joined)) if verify(key, joined[at:], joined[:at])] == [64]


def test_threads_may_verify_side_by_side():
    signer = SeedSigner(b"\7" * 32)
    jobs = [(b"%d" % number, signer.sign(b"%d" % (number - number % 5 // 4))) for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda job: verify(signer.public_key.octets, *job), jobs))
    assert answers == [number % 5 != 4 for number in range(200)]
