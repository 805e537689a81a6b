"""NIST's pulses hash as published; signed with a key of our own they verify, and nothing altered does."""

from dataclasses import fields, replace
from hashlib import sha512

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.inspection.beacon import Pulse, due_at, is_sound, verify_pulse
from ledger.inspection.moments import unix_milliseconds
from ledger.inspection.nist import NistPulse, follows, output_value, read_published, serialised
from tests.inspection.own_nist import own_pulse, published, signed


def test_every_real_pulse_is_serialised_and_hashed_as_published():
    ran = 0
    for case in published():
        pulse = read_published(1, case["pulse"])
        assert serialised(pulse).hex() == case["serialisation_hex"]
        assert output_value(pulse).hex() == case["pulse"]["outputValue"].lower()
        ran += 1
    assert ran == 2


@pytest.mark.parametrize("which", [0, 1])
def test_a_pulse_under_the_listed_key_gives_the_hash_of_all_it_says(which):
    beacon, pulse = own_pulse(which)
    assert is_sound(beacon)
    assert verify_pulse(beacon, pulse) == sha512(serialised(pulse) + pulse.signature).digest()
    # The real signature is of a key that is not listed here: the certificates are in no public repository.
    real = read_published(pulse.round, published()[which]["pulse"])
    assert verify_pulse(beacon, real) is None


def changed(value):
    """The same field saying something else, still of the format."""
    match value:
        case bytes():
            return bytes([value[0] ^ 1]) + value[1:]
        case int():
            return value + 1
        case str():
            return "2.0" if value == "Version 2.0" else "Version 2.0" if value == "2.0" else value + "0"
        case tuple():
            return (*value[:4], changed(value[4]))


def test_any_changed_field_is_refused():
    beacon, pulse = own_pulse()
    assert verify_pulse(beacon, pulse) is not None
    ran = 0
    for field in fields(NistPulse):
        spoiled = replace(pulse, **{field.name: changed(getattr(pulse, field.name))})
        assert verify_pulse(beacon, spoiled) is None, field.name
        ran += 1
    assert ran == 16


def moved(text):
    return lambda beacon, pulse: (beacon, signed(replace(pulse, time_stamp=text)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b, p: (b, signed(p, number=1)),
        lambda b, p: (b, signed(p, digest=SHA256())),
        lambda b, p: (replace(b, chain="1"), p),
        lambda b, p: (replace(b, chain=""), p),
        lambda b, p: (replace(b, chain="02"), p),
        lambda b, p: (replace(b, public_key=b"\0" + b.public_key), p),
        lambda b, p: (replace(b, public_key=b.public_key[1:]), p),
        lambda b, p: (replace(b, public_key=b""), p),
        lambda b, p: (replace(b, scheme="nist-beacon-2.0"), p),
        lambda b, p: (replace(b, genesis=b.genesis + 1), p),
        lambda b, p: (b, replace(p, round=p.round - 1)),
        lambda b, p: (b, signed(replace(p, period_ms=30_000))),
        lambda b, p: (b, replace(p, signature=b"\0" + p.signature)),
        lambda b, p: (b, replace(p, signature=b"")),
        lambda b, p: (b, Pulse(p.round, p.signature, None)),
        moved("2026-09-11T01:50:00.001Z"),
        moved("2026-09-11T01:50:00Z"),
        moved("2026-09-11T03:50:00.000+02:00"),
    ],
)
def test_another_key_chain_time_or_spelling_is_refused(spoil):
    beacon, pulse = own_pulse()
    assert verify_pulse(beacon, pulse) is not None
    assert verify_pulse(*spoil(beacon, pulse)) is None


def test_a_second_number_with_the_same_remainder_is_no_second_signature():
    """The twin that a verifier reducing modulo the key would let through: longer, or above the modulus."""
    beacon, pulse = own_pulse()
    modulus = int.from_bytes(beacon.public_key, "big")
    twin = int.from_bytes(pulse.signature, "big") + modulus
    size = max(len(pulse.signature), (twin.bit_length() + 7) // 8)
    sloppy = pow(twin, 65537, modulus) == pow(int.from_bytes(pulse.signature, "big"), 65537, modulus)
    assert sloppy, "the control: arithmetic alone cannot tell them apart"
    spoiled = replace(pulse, signature=twin.to_bytes(size, "big"))
    assert output_value(spoiled) != output_value(pulse), "and it would be another value"
    assert verify_pulse(beacon, spoiled) is None


def test_two_pulses_in_a_row_are_linked_both_ways():
    _, first = own_pulse()
    secret = b"s" * 64
    first = signed(replace(first, precommitment_value=sha512(secret).digest()))
    second = signed(
        replace(
            first,
            pulse_index=first.pulse_index + 1,
            local_random_value=secret,
            list_values=(output_value(first), *first.list_values[1:]),
        )
    )
    assert follows(first, second)
    assert not follows(second, first)
    assert not follows(first, replace(second, pulse_index=second.pulse_index + 1))
    assert not follows(first, replace(second, local_random_value=b"t" * 64))
    assert not follows(first, replace(second, list_values=first.list_values))
    assert not follows(signed(first, number=1), second), "the value covers the signature"


def test_rounds_are_the_minutes_since_the_listed_genesis():
    beacon, pulse = own_pulse()
    assert due_at(beacon, pulse.round) * 1000 == unix_milliseconds(pulse.time_stamp)
    assert pulse.round != pulse.pulse_index


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told.pop("uri"),
        lambda told: told.update(cipherSuite=1),
        lambda told: told.update(period=True),
        lambda told: told.update(period="60000"),
        lambda told: told.update(external=None),
        lambda told: told.update(outputValue="00" * 64),
        lambda told: told.update(certificateId=" " + told["certificateId"]),
        lambda told: told.update(certificateId="0x" + told["certificateId"]),
        lambda told: told["listValues"].reverse(),
        lambda told: told["listValues"].pop(),
        lambda told: told.update(version="3.0"),
    ],
)
def test_json_of_another_form_is_no_pulse(spoil):
    told = published()[1]["pulse"]
    assert read_published(1, told) is not None
    spoil(told)
    assert read_published(1, told) is None


WILD = {
    int: st.integers(-(2**70), 2**70),
    str: st.text(max_size=300),
    bytes: st.binary(max_size=70) | st.binary(min_size=64, max_size=64),
    tuple[bytes, ...]: st.lists(st.binary(max_size=65), max_size=6).map(tuple),
}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_fields_whatever_make_it_raise(data):
    beacon, pulse = own_pulse()
    chosen = data.draw(st.sets(st.sampled_from(fields(NistPulse)), min_size=1, max_size=3))
    wild = replace(pulse, **{field.name: data.draw(WILD[field.type]) for field in chosen})
    assert wild == pulse or verify_pulse(beacon, wild) is None
    key, chain = data.draw(st.binary(max_size=300)), data.draw(st.text(max_size=5))
    assert verify_pulse(replace(beacon, public_key=key, chain=chain), wild) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_json_whatever_makes_the_reader_raise(data):
    real = published()[1]["pulse"]
    told = {**real, data.draw(st.sampled_from(sorted(real))): data.draw(JSON)}
    assert told == real or read_published(1, told) is None
