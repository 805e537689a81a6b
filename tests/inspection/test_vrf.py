"""Who holds the key can compute one value for each input; everybody can check it, and nothing else passes."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.inspection import vrf
from ledger.inspection.beacon import Beacon, is_sound, verify_pulse
from ledger.inspection.vrf import (
    GROUP_ORDER,
    PROOF_BYTES,
    VRF_SCHEME,
    VrfPulse,
    is_key,
    prove,
    public_key_of,
    verify,
    vrf_input,
)
from tests.shared import vectors

SEED = bytes(range(32))
FIELD_PRIME = 2**255 - 19
KEY = public_key_of(SEED)


def cases(which):
    told = json.loads(vectors("randomness", "ecvrf_edwards25519_sha512_tai.json").read_text())[which]
    return [
        {
            name: bytes.fromhex(text)
            for name, text in case.items()
            if name in ("sk", "pk", "alpha", "pi", "beta")
        }
        for case in told
    ]


def test_the_examples_of_the_rfc_are_proved_and_verified_byte_for_byte():
    ran = 0
    for case in cases("accept"):
        assert public_key_of(case["sk"]) == case["pk"]
        assert prove(case["sk"], case["alpha"]) == case["pi"]
        assert verify(case["pk"], case["alpha"], case["pi"]) == case["beta"]
        ran += 1
    assert ran == 3


def test_every_proof_to_refuse_is_refused():
    refused = [verify(case["pk"], case["alpha"], case["pi"]) for case in cases("reject")]
    assert refused == [None] * 15


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 8 * PROOF_BYTES - 1))
def test_what_is_proved_verifies_and_no_bit_of_it_can_be_another(seed, alpha, bit):
    key, proof = public_key_of(seed), prove(seed, alpha)
    assert len(verify(key, alpha, proof)) == 64
    spoiled = (int.from_bytes(proof, "big") ^ 1 << bit).to_bytes(PROOF_BYTES, "big")
    assert verify(key, alpha, spoiled) is None
    assert verify(key, alpha + b"\0", proof) is None
    assert verify(public_key_of(bytes(reversed(seed))), alpha, proof) is None or seed == seed[::-1]


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_point_of_small_order_is_no_key_and_proves_nothing(point):
    octets = bytes.fromhex(point)
    assert not is_key(octets)
    proof = prove(SEED, b"x")
    assert verify(octets, b"x", proof) is None
    assert verify(KEY, b"x", octets + proof[32:]) is None


def test_a_point_of_mixed_order_is_no_key():
    """An honest key plus a point of order 8: on the curve, and not of the group."""
    mixed = vrf.crypto_core_ed25519_add(KEY, bytes.fromhex(SMALL_ORDER[-1]))
    assert is_key(KEY) and not is_key(mixed)


def test_a_point_has_one_encoding():
    """y and y plus the field's prime name the same point where both have room; only the first is read."""
    ran = 0
    for y in range(19):
        low, high = (number.to_bytes(32, "little") for number in (y, y + FIELD_PRIME))
        assert vrf._point(high) is None and not is_key(high)
        ran += vrf._point(low) is not None
    assert ran > 5
    assert vrf._point((1 | 1 << 255).to_bytes(32, "little")) is None  # a zero x has no sign


def test_the_answer_is_below_the_group_order():
    proof = prove(SEED, b"x")
    s = int.from_bytes(proof[48:], "little")
    again = proof[:48] + (s + GROUP_ORDER).to_bytes(32, "little")
    assert verify(KEY, b"x", proof) is not None and verify(KEY, b"x", again) is None


@pytest.mark.parametrize("length", [0, 31, 32, 79, 81, 160])
def test_another_length_is_no_proof_and_no_key(length):
    assert verify(KEY, b"x", bytes(length)) is None
    assert length == 32 or not is_key(bytes(length))


def test_the_input_is_bound_to_beacon_round_and_leaf():
    inputs = {
        vrf_input(*parts)
        for parts in (
            ("r/k", 7, b"l" * 32),
            ("r/k", 8, b"l" * 32),
            ("r/k1", 7, b"l" * 32),
            ("r/k", 71, b"l" * 32),
            ("r/k", 7, b"m" * 32),
        )
    }
    assert len(inputs) == 5
    assert vrf_input("r/k", 7, bytes(32)).hex() == (
        "e6cc3651882e671b9b8405db9f188faec3f6e440e49b5f8f7714f6b4e9062539"
    )


def test_a_pulse_verifies_under_its_own_beacon_round_and_leaf_only():
    beacon = Beacon("r/k", VRF_SCHEME, KEY, 0, 1)
    assert is_sound(beacon)
    proof = prove(SEED, vrf_input("r/k", 7, bytes(32)))
    assert verify_pulse(beacon, VrfPulse(7, proof, bytes(32))) is not None
    wrong = [VrfPulse(8, proof, bytes(32)), VrfPulse(7, proof, b"\1" * 32), VrfPulse(7, proof, b"")]
    assert [verify_pulse(beacon, pulse) for pulse in wrong] == [None] * 3
    assert verify_pulse(Beacon("r/l", VRF_SCHEME, KEY, 0, 1), VrfPulse(7, proof, bytes(32))) is None
    assert verify_pulse(Beacon("r/k", VRF_SCHEME, KEY, 0, 1, "1"), VrfPulse(7, proof, bytes(32))) is None


def test_values_of_inputs_in_a_row_have_nothing_in_common():
    values = [verify(KEY, bytes([n]), prove(SEED, bytes([n]))) for n in range(16)]
    assert all(bin(int.from_bytes(a) ^ int.from_bytes(b)).count("1") > 180 for a, b in pairwise(values))


def test_a_seed_of_another_length_is_our_callers_mistake():
    with pytest.raises(ValueError, match="32 bytes"):
        prove(b"x", b"")
