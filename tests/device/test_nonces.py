"""A nonce binds what it was made for: the framing by hand, golden, and every part counted."""

from hashlib import sha256

import pytest

from ledger.device.nonces import inspection_nonce, registration_nonce
from ledger.inspection.draw import ticket

HEAD = {"log": "ledger.example/chips", "size": 4_217, "root": bytes(range(32))}
ASKED = {**HEAD, "chip": "acme:H100-0001", "kind": "chips.registered"}
GOLDEN_REGISTRATION = "03efc370478291aa63cc64fe6216062030aaa43dae6966cfac89651ed41bfb3b"
GOLDEN_INSPECTION = "fc194f5a1314466c1f9148757ce61b701ccb9038ded050815fffaf401966866b"


def test_the_framing_is_a_length_before_each_part():
    written = (
        b"\x00\x00\x00\x13chipledger-nonce-v1"
        b"\x00\x00\x00\x14ledger.example/chips"
        b"\x00\x00\x00\x044217"
        b"\x00\x00\x00\x20" + bytes(range(32)) + b"\x00\x00\x00\x0eacme:H100-0001"
        b"\x00\x00\x00\x10chips.registered"
    )
    assert registration_nonce(**ASKED) == sha256(written).digest()


def test_golden():
    assert registration_nonce(**ASKED).hex() == GOLDEN_REGISTRATION
    assert inspection_nonce(b"\x07" * 32, "acme:H100-0001").hex() == GOLDEN_INSPECTION


@pytest.mark.parametrize(
    "other",
    [
        {"log": "ledger.example/chip"},
        {"size": 4_218},
        {"root": bytes(32)},
        {"chip": "acme:H100-0002"},
        {"kind": "chips.sighted"},
        {"chip": "acme:H100-0001c", "kind": "hips.registered"},
    ],
    ids=",".join,
)
def test_what_was_made_for_one_thing_answers_no_other(other):
    assert registration_nonce(**{**ASKED, **other}) != registration_nonce(**ASKED)


def test_an_inspections_nonce_is_the_ticket_the_chip_was_drawn_by():
    seed = sha256(b"seed").digest()
    assert inspection_nonce(seed, "acme:H100-0001") == ticket(seed, "acme:H100-0001")
    assert inspection_nonce(seed, "acme:H100-0001") != inspection_nonce(seed, "acme:H100-0002")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("log", ""),
        ("log", "é"),
        ("chip", ""),
        ("kind", ""),
        ("size", -1),
        ("size", True),
        ("size", 2**63),
        ("root", b"short"),
    ],
)
def test_a_wrong_part_is_named(name, wrong):
    with pytest.raises(ValueError, match=name):
        registration_nonce(**{**ASKED, name: wrong})


def test_a_wrong_seed_or_chip_is_named():
    with pytest.raises(ValueError, match="seed"):
        inspection_nonce(bytes(31), "acme:1")
    with pytest.raises(ValueError, match="chip"):
        inspection_nonce(bytes(32), "")
