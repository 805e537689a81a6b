"""Witnesses are counted once each, at the time they signed, over this log's checkpoint only."""

import json
from base64 import b64decode, b64encode

import pytest

from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.cosignature import witness_times
from signing.canonical import Unreadable
from signing.note import (
    COSIGNATURE_V1,
    ED25519,
    BadSignature,
    append_signature,
    cosign,
    make_vkey,
    parse_vkey,
)
from signing.signer import SeedSigner
from tests.shared import vectors

ORIGIN = "log.example/chips"
LOG = SeedSigner(b"\x01" * 32)
HEAD = Checkpoint(ORIGIN, 5, b"\x05" * 32)
SIGNED = sign_checkpoint(HEAD, LOG)
SIGNERS = {f"w{number}.example": SeedSigner(bytes([number]) * 32) for number in range(2, 6)}
W2, W3, W4, W5 = [
    make_vkey(name, COSIGNATURE_V1, signer.public_key.octets) for name, signer in SIGNERS.items()
]
WITNESSES = [W2, W3, W4, W5]


def cosigned(*stamps, note=SIGNED, text=None):
    """The note with a line for each (witness, time)."""
    for witness, time in stamps:
        signer = next(s for s in SIGNERS.values() if s.public_key.octets == witness.public_key)
        note = append_signature(note, cosign(text or HEAD.text(), signer, witness.name, time))
    return note.encode()


def test_each_witness_that_signed_is_counted_with_its_time():
    note = cosigned((W2, 1_700_000_000), (W4, 1_700_000_009))
    assert witness_times(note, ORIGIN, WITNESSES) == {
        "w2.example": 1_700_000_000,
        "w4.example": 1_700_000_009,
    }
    assert witness_times(note, ORIGIN, [W4, W5]) == {"w4.example": 1_700_000_009}


def test_a_note_without_witnesses_has_none():
    assert witness_times(SIGNED.encode(), ORIGIN, WITNESSES) == {}
    assert witness_times(cosigned((W2, 9)), ORIGIN, []) == {}


def test_a_witness_that_signs_twice_counts_once():
    note = cosigned((W2, 20), (W2, 10), (W2, 20))
    assert len(note.splitlines()) == 8
    assert list(witness_times(note, ORIGIN, WITNESSES)) == ["w2.example"]
    assert list(witness_times(note, ORIGIN, [W2, W2])) == ["w2.example"]


def test_one_key_under_two_names_counts_once():
    alias = make_vkey("alias.example", COSIGNATURE_V1, W2.public_key)
    note = cosigned((alias, 10), (W2, 20), (W3, 30))
    assert witness_times(note, ORIGIN, [W2, alias, W3]) == {"w2.example": 10, "w3.example": 30}
    assert witness_times(cosigned((alias, 10)), ORIGIN, [W2, alias]) == {"w2.example": 10}


def test_two_keys_under_one_name_count_once():
    second = make_vkey(W2.name, COSIGNATURE_V1, W3.public_key)
    assert witness_times(cosigned((W2, 20), (second, 10)), ORIGIN, [W2, second]) == {"w2.example": 10}


def test_counting_lines_instead_of_witnesses_would_be_noticed():
    alias = make_vkey("alias.example", COSIGNATURE_V1, W2.public_key)
    note = cosigned((W2, 10), (W2, 11), (alias, 12))
    known = {key.name for key in (W2, alias)}
    by_line = [
        line for line in note.decode().split("\n") if line.split(" ")[1:2] and line.split()[1] in known
    ]
    assert len(by_line) == 3
    assert len({line.split()[1] for line in by_line}) == 2
    assert len(witness_times(note, ORIGIN, [W2, alias])) == 1


def test_the_log_does_not_witness_itself():
    log_key = make_vkey(ORIGIN, ED25519, LOG.public_key.octets)
    assert witness_times(cosigned((W2, 10)), ORIGIN, [log_key, W2]) == {"w2.example": 10}


def test_a_cosignature_of_another_checkpoint_or_time_is_bad():
    later = Checkpoint(ORIGIN, 6, b"\x06" * 32)
    with pytest.raises(BadSignature):
        witness_times(cosigned((W2, 10), text=later.text()), ORIGIN, WITNESSES)
    head, _, line = cosigned((W2, 10)).decode().rpartition("\n— ")
    name, octets = line.split(" ")
    raw = bytearray(b64decode(octets))
    raw[11] ^= 1  # the last byte of the time
    spoiled = append_signature(head + "\n", f"— {name} {b64encode(raw).decode()}\n")
    with pytest.raises(BadSignature):
        witness_times(spoiled.encode(), ORIGIN, WITNESSES)


def test_the_checkpoint_of_another_log_is_refused():
    note = cosigned((W2, 10))
    assert witness_times(note, ORIGIN, WITNESSES)
    with pytest.raises(Unreadable):
        witness_times(note, "log.example/other", WITNESSES)


def test_real_cosignatures_are_counted():
    counted = []
    for line in vectors("note", "verified_notes.jsonl").read_text().splitlines():
        case = json.loads(line)
        witnesses = [key for key in map(parse_vkey, case["vkeys"]) if key.algorithm == COSIGNATURE_V1]
        if case["is_checkpoint"] and witnesses:
            times = witness_times(case["note"].encode(), case["origin"], witnesses)
            assert set(times) == {key.name for key in witnesses}
            assert all(1_600_000_000 < time < 2_000_000_000 for time in times.values())
            counted.append(len(times))
    assert (len(counted), sum(counted)) == (5, 7)
