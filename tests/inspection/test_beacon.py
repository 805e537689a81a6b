"""Real rounds verify; altered ones, and second encodings of genuine ones, do not."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from py_arkworks_bls12381 import GT, G1Point, G2Point

from api.cli.demo_beacon import GROUP_ORDER, DemoBeaconSigner
from ledger.inspection.beacon import (
    CHAINED_SCHEME,
    FIELD_PRIME,
    G1_HASH_DOMAIN,
    G2_HASH_DOMAIN,
    QUICKNET_SCHEME,
    Beacon,
    Pulse,
    due_at,
    is_canonical,
    round_due_after,
    round_message,
    verify_pulse,
)
from tests.shared import vectors


def beacons():
    chains = json.loads(vectors("randomness", "drand_chains.json").read_text())
    return {
        c["chain"]: Beacon(
            c["chain"], c["scheme"], bytes.fromhex(c["public_key"]), c["genesis_time"], c["period"]
        )
        for c in chains
    }


def rounds(name):
    return [json.loads(line) for line in vectors("randomness", name).read_text().splitlines()]


def pulse_of(case):
    previous = case["previous_signature"]
    return Pulse(
        case["round"], bytes.fromhex(case["signature"]), None if previous is None else bytes.fromhex(previous)
    )


def beacon_of(case):
    beacon = beacons()[case["chain"]]
    return replace(beacon, public_key=bytes.fromhex(case["public_key"])) if "public_key" in case else beacon


def test_every_real_round_verifies_and_was_due_when_the_table_says():
    ran = {}
    for case in rounds("drand_rounds.jsonl"):
        beacon = beacon_of(case)
        assert verify_pulse(beacon, pulse_of(case)).hex() == case["randomness"], case
        assert due_at(beacon, case["round"]) == case["time"]
        assert round_due_after(beacon, case["time"]) == case["round"]
        assert round_due_after(beacon, case["time"] + 1) == case["round"] + 1
        ran[case["chain"]] = ran.get(case["chain"], 0) + 1
    assert ran == {"quicknet": 7, "default": 5, "testnet-default": 1}


def test_every_altered_round_is_refused():
    ran = 0
    for case in rounds("drand_rejected.jsonl"):
        assert verify_pulse(beacon_of(case), pulse_of(case)) is None, case["desc"]
        ran += 1
    assert ran == 29


def canonical_coordinates(encoded):
    """What a decoder makes of it that reduces every coordinate modulo the prime instead of refusing."""
    bare = bytes([encoded[0] & 0x1F]) + encoded[1:]
    parts = [int.from_bytes(bare[at : at + 48], "big") % FIELD_PRIME for at in range(0, len(bare), 48)]
    reduced = b"".join(part.to_bytes(48, "big") for part in parts)
    return bytes([reduced[0] | encoded[0] & 0xE0]) + reduced[1:]


def sloppy_verify(beacon, pulse):
    """The same pairing without the check for the one encoding; randomness from the bytes as they came."""
    message = round_message(beacon.scheme, pulse)
    signature = canonical_coordinates(pulse.signature)
    if beacon.scheme == QUICKNET_SCHEME:
        g1 = [G1Point.from_compressed_bytes(signature), -G1Point.hash_to_curve(message, G1_HASH_DOMAIN)]
        g2 = [G2Point(), G2Point.from_compressed_bytes(beacon.public_key)]
    else:
        g1 = [-G1Point(), G1Point.from_compressed_bytes(beacon.public_key)]
        g2 = [G2Point.from_compressed_bytes(signature), G2Point.hash_to_curve(message, G2_HASH_DOMAIN)]
    return sha256(pulse.signature).digest() if GT.pairing_check(g1, g2) else None


def test_without_the_canonical_check_a_twin_would_give_a_second_randomness():
    """The negative control: a reducing decoder accepts all seven twins, each with a value of its own."""
    genuine = {(c["chain"], c["round"]): c["randomness"] for c in rounds("drand_rounds.jsonl")}
    twins = [c for c in rounds("drand_rejected.jsonl") if c["desc"].startswith("non-canonical alias")]
    for case in twins:
        beacon, pulse = beacon_of(case), pulse_of(case)
        second = sloppy_verify(beacon, pulse)
        assert second is not None
        assert second.hex() != genuine[case["chain"], case["round"]]
        assert not is_canonical(pulse.signature)
        assert verify_pulse(beacon, pulse) is None
        honest = replace(pulse, signature=canonical_coordinates(pulse.signature))
        assert verify_pulse(beacon, honest).hex() == genuine[case["chain"], case["round"]]
    assert len(twins) == 7


def demo():
    signer = DemoBeaconSigner(123_456_789)
    beacon = Beacon("demo", signer.scheme, signer.public_key, 1_000, 5)
    return signer, beacon


def test_the_demo_beacon_verifies_under_drands_scheme():
    signer, beacon = demo()
    seen = set()
    for number in (1, 2, 2**40, 2**64 - 1):
        signature = signer.pulse(number)
        assert verify_pulse(beacon, Pulse(number, signature, None)) == sha256(signature).digest()
        assert verify_pulse(beacon, Pulse(number - 1 or 9, signature, None)) is None
        seen.add(signature)
    assert len(seen) == 4


def test_a_pulse_under_another_key_or_with_one_bit_changed_is_refused():
    signer, beacon = demo()
    pulse = Pulse(7, signer.pulse(7), None)
    assert verify_pulse(beacon, pulse) is not None
    other = DemoBeaconSigner(987_654_321)
    assert verify_pulse(replace(beacon, public_key=other.public_key), pulse) is None
    for bit in range(0, 48 * 8, 7):
        spoiled = bytearray(pulse.signature)
        spoiled[bit // 8] ^= 1 << bit % 8
        assert verify_pulse(beacon, replace(pulse, signature=bytes(spoiled))) is None, bit


def infinity(size):
    return bytes([0xC0]) + bytes(size - 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b, p: (replace(b, public_key=infinity(96)), replace(p, signature=infinity(48))),
        lambda b, p: (replace(b, public_key=b.public_key[:48]), p),
        lambda b, p: (replace(b, public_key=b""), p),
        lambda b, p: (replace(b, scheme="bls-unchained-on-g1"), p),
        lambda b, p: (replace(b, scheme=CHAINED_SCHEME), p),
        lambda b, p: (replace(b, chain="2"), p),
        lambda b, p: (b, replace(p, signature=b"")),
        lambda b, p: (b, replace(p, previous_signature=b"")),
        lambda b, p: (b, replace(p, previous_signature=p.signature)),
        lambda b, p: (b, replace(p, round=0)),
        lambda b, p: (b, replace(p, round=2**64)),
        lambda b, p: (b, replace(p, round=-1)),
    ],
)
def test_anything_out_of_place_is_refused_and_raises_nothing(spoil):
    signer, beacon = demo()
    pulse = Pulse(7, signer.pulse(7), None)
    assert verify_pulse(beacon, pulse) is not None
    assert verify_pulse(*spoil(beacon, pulse)) is None


def test_a_chained_pulse_needs_a_previous_signature_of_the_right_length():
    case = next(c for c in rounds("drand_rounds.jsonl") if c["chain"] == "default" and c["round"] > 1)
    beacon, pulse = beacon_of(case), pulse_of(case)
    assert verify_pulse(beacon, pulse) is not None
    for previous in (None, b"", pulse.previous_signature[:-1], pulse.previous_signature[:32]):
        assert verify_pulse(beacon, replace(pulse, previous_signature=previous)) is None
        assert round_message(CHAINED_SCHEME, replace(pulse, previous_signature=previous)) is None


def test_rounds_are_due_one_period_apart_from_genesis_on():
    _, beacon = demo()
    assert [due_at(beacon, r) for r in (1, 2, 100)] == [1_000, 1_005, 1_495]
    times = (0, 1_000, 1_001, 1_005, 1_006)
    assert [round_due_after(beacon, second) for second in times] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("secret", [0, -1, GROUP_ORDER])
def test_a_demo_secret_outside_the_group_is_refused(secret):
    with pytest.raises(ValueError, match="secret"):
        DemoBeaconSigner(secret)


def test_a_demo_round_outside_its_range_is_refused():
    for number in (0, 2**64):
        with pytest.raises(ValueError, match="round_number"):
            DemoBeaconSigner(5).pulse(number)
