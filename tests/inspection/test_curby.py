"""CURBy's real objects verify and give their values; altered ones, and second spellings, do not."""

import base64
import json
from dataclasses import replace
from hashlib import sha3_512

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.inspection.beacon import Beacon, Pulse, due_at, is_sound, verify_pulse
from ledger.inspection.curby import CURBY_Q_SCHEME, CURBY_RNG_SCHEME, CurbyPulse
from ledger.inspection.dag_cbor import decode, encode
from ledger.inspection.twine import (
    TwineObject,
    cid_text,
    content_signed_by,
    from_base64url,
    name_of,
    read_cid,
    read_published,
)
from tests.inspection.own_curby import (
    CHAIN,
    CHAIN_CID,
    b64url,
    classical_pair,
    link,
    quantum,
    sign,
    sign_octets,
)
from tests.inspection.own_keys import modulus_of, rsa_key
from tests.shared import vectors

GENESIS = 1_698_336_000
QUANTUM_VALUE = (
    "82a06c62fe0368153baa5e05f2c5407b57bf8e7105a4510d8d857c151ed578e3"
    "32df8f9e100ef843e801704d88654bfb7d94cf214f7d8527fd11d38cfeed3283"
)


def objects():
    return json.loads(vectors("randomness", "curby_objects.json").read_text())


def keys():
    """The modulus of every chain's key, by the chain's CID."""
    chains = [case for case in objects() if case["kind"] == "chain"]
    return {c["chain_cid"]: from_base64url(c["value"]["data"]["content"]["key"]["n"]) for c in chains}


def find(index):
    """The real pulse of that index, with the CID of its chain."""
    (case,) = (c for c in objects() if c["value"]["data"]["content"].get("index") == index)
    return read_published(case["value"]), case["chain_cid"]


def real_quantum():
    thing, chain = find(128)
    return Beacon("q", CURBY_Q_SCHEME, keys()[chain], GENESIS, 60, chain), CurbyPulse(42, thing, None)


def real_classical():
    thing, chain = find(534_323)
    previous, _ = find(534_322)
    return Beacon("r", CURBY_RNG_SCHEME, keys()[chain], GENESIS, 60, chain), CurbyPulse(
        534_323, thing, previous
    )


def own(scheme):
    return Beacon("own", scheme, modulus_of(rsa_key(0)), GENESIS, 60, CHAIN_CID)


def test_every_real_object_has_its_name_and_its_signature():
    ran = {}
    for case in objects():
        thing = read_published(case["value"])
        assert cid_text(name_of(thing)) == case["value"]["cid"]["/"]
        said = content_signed_by(keys()[case["chain_cid"]], thing)
        assert said is not None
        if case["kind"] == "chain":
            assert case["chain_cid"] == case["value"]["cid"]["/"]
        else:
            assert said["chain"] == link(read_cid(case["chain_cid"]))
        assert content_signed_by(modulus_of(rsa_key(0)), thing) is None
        ran[case["kind"]] = ran.get(case["kind"], 0) + 1
    assert ran == {"chain": 4, "pulse": 9}


def test_the_real_quantum_round_gives_its_value():
    beacon, pulse = real_quantum()
    assert is_sound(beacon)
    assert verify_pulse(beacon, pulse).hex() == QUANTUM_VALUE


def test_the_real_classical_pulse_gives_its_name_and_kept_its_promise():
    beacon, pulse = real_classical()
    assert is_sound(beacon)
    assert verify_pulse(beacon, pulse) == name_of(pulse.pulse)


def test_of_the_real_pulses_only_one_is_the_end_of_a_quantum_round():
    """Requests, precommitments, mirrors and experiments are signed by the same key and give nothing."""
    given = []
    for case in objects():
        chain, thing = case["chain_cid"], read_published(case["value"])
        for scheme in (CURBY_Q_SCHEME, CURBY_RNG_SCHEME):
            for number in (42, 44, 88, 400, 534_322, 534_323, 3_430_767):
                beacon = Beacon("any", scheme, keys()[chain], 0, 1, chain)
                if verify_pulse(beacon, CurbyPulse(number, thing, None)) is not None:
                    given.append((scheme, number))
    assert given == [(CURBY_Q_SCHEME, 42)]


def flip(thing):
    return replace(thing, content=thing.content[:-1] + bytes([thing.content[-1] ^ 1]))


def other_spelling(thing):
    """The same JWS with a stray bit in the last character, which lax base64 decoders drop."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(thing.signature[-1]) ^ 1]
    return replace(thing, signature=thing.signature[:-1] + last)


REAL_SPOILS = [
    lambda b, p: (replace(b, public_key=modulus_of(rsa_key(0))), p),
    lambda b, p: (replace(b, public_key=b"\0" + b.public_key), p),
    lambda b, p: (replace(b, chain=CHAIN_CID), p),
    lambda b, p: (replace(b, chain=b.chain.upper()), p),
    lambda b, p: (replace(b, chain=""), p),
    lambda b, p: (replace(b, scheme="curby"), p),
    lambda b, p: (replace(b, scheme=CURBY_Q_SCHEME if p.previous else CURBY_RNG_SCHEME), p),
    lambda b, p: (replace(b, genesis=GENESIS + 10**8), p),
    lambda b, p: (b, replace(p, round=p.round + 1)),
    lambda b, p: (b, replace(p, round=p.round - 1)),
    lambda b, p: (b, replace(p, previous=None if p.previous else p.pulse)),
    lambda b, p: (b, replace(p, previous=p.pulse)),
    lambda b, p: (b, replace(p, pulse=flip(p.pulse))),
    lambda b, p: (b, replace(p, pulse=other_spelling(p.pulse))),
    lambda b, p: (b, replace(p, pulse=replace(p.pulse, signature=p.pulse.signature + "="))),
    lambda b, p: (b, replace(p, pulse=replace(p.pulse, signature=p.pulse.signature + ".AA"))),
    lambda b, p: (b, replace(p, pulse=replace(p.pulse, signature="é" + p.pulse.signature))),
    lambda b, p: (b, replace(p, pulse=replace(p.pulse, signature=""))),
    lambda b, p: (b, replace(p, pulse=replace(p.pulse, content=p.pulse.content + b"\0"))),
    lambda b, p: (b, replace(p, pulse=replace(p.pulse, content=b""))),
    lambda b, p: (b, Pulse(p.round, p.pulse.content, None)),
]


@pytest.mark.parametrize("real", [real_quantum, real_classical])
@pytest.mark.parametrize("spoil", REAL_SPOILS)
def test_a_real_pulse_altered_in_one_place_is_refused(real, spoil):
    beacon, pulse = real()
    assert verify_pulse(beacon, pulse) is not None
    assert verify_pulse(*spoil(beacon, pulse)) is None


def test_without_the_one_spelling_a_signature_would_give_four_names():
    """The negative control: a lax decoder reads the same octets from all four, and the names differ."""
    _, pulse = real_classical()
    twin = other_spelling(pulse.pulse)
    tails = [thing.signature.split(".")[2] for thing in (pulse.pulse, twin)]
    first, second = (base64.urlsafe_b64decode(tail + "=" * (-len(tail) % 4)) for tail in tails)
    assert first == second
    assert name_of(twin) != name_of(pulse.pulse)
    assert from_base64url(tails[0]) == first
    assert from_base64url(tails[1]) is None


def test_own_quantum_rounds_verify_and_those_not_of_the_form_do_not():
    beacon = own(CURBY_Q_SCHEME)
    assert verify_pulse(beacon, CurbyPulse(42, quantum(), None)) == b"q" * 64
    bad = [
        *(quantum(stage="precommit"), quantum(value=b"q" * 63), quantum(value="q" * 64), quantum(value=None)),
        *(quantum(round_number=42.0), quantum(round_number="42"), quantum(time="2024-01-01T00:00:00Z")),
        *(quantum(time=1_704_067_200), quantum(time="2024-02-30T00:00:00.000Z")),
        *(quantum(time="0000-01-01T00:00:00.000Z"), sign({"chain": link(CHAIN)}), sign((1, 2)), sign(None)),
        sign({"chain": link(CHAIN), "payload": b""}),
        sign({"chain": link(bytes(64)), "payload": decode(quantum().content)[0]["payload"]}),
        sign({"payload": decode(quantum().content)[0]["payload"]}),
    ]
    for thing in bad:
        assert verify_pulse(beacon, CurbyPulse(42, thing, None)) is None
    assert len(bad) == 16
    one = quantum(round_number=True)
    assert verify_pulse(replace(beacon, genesis=0), CurbyPulse(1, one, None)) is None, "True is no round"


def test_content_not_in_its_one_spelling_and_other_headers_are_refused_though_signed():
    beacon, good = own(CURBY_Q_SCHEME), quantum()
    long_head = b"\xb8" + bytes([good.content[0] & 0x1F]) + good.content[1:]
    assert verify_pulse(beacon, CurbyPulse(42, sign_octets(good.content), None)) is not None
    assert verify_pulse(beacon, CurbyPulse(42, sign_octets(long_head), None)) is None
    for header in (b'{"alg": "RS256"}', b'{"alg":"none"}', b'{"alg":"RS256","b64":false}', b""):
        assert verify_pulse(beacon, CurbyPulse(42, sign_octets(good.content, header=header), None)) is None
    huge = quantum(extra=b"x" * 20_000)
    assert verify_pulse(beacon, CurbyPulse(42, huge, None)) is None


def test_a_round_signed_before_it_was_due_is_refused():
    """A listing whose period is too long would make a value of yesterday look like one of next week."""
    beacon, pulse = own(CURBY_Q_SCHEME), CurbyPulse(42, quantum(), None)
    signed_at = 1_704_067_200  # 2024-01-01
    on_time = replace(beacon, genesis=signed_at - 41 * 60)
    assert due_at(on_time, 42) == signed_at
    assert verify_pulse(on_time, pulse) is not None
    assert verify_pulse(replace(on_time, genesis=on_time.genesis + 1), pulse) is None


def test_a_classical_pulse_must_keep_the_promise_and_follow_the_pulse_that_made_it():
    beacon = own(CURBY_RNG_SCHEME)
    first, second = classical_pair()
    assert verify_pulse(beacon, CurbyPulse(7, second, first)) == name_of(second)
    _, chosen = classical_pair(first_salt=b"another salt of the right length".ljust(64))
    assert verify_pulse(beacon, CurbyPulse(7, chosen, first)) is None, "the salt was chosen afterwards"
    other, _ = classical_pair(salt=b"x" * 64)
    assert verify_pulse(beacon, CurbyPulse(7, second, other)) is None, "another pulse before it"
    _, astray = classical_pair(linked=bytes(64))
    assert verify_pulse(beacon, CurbyPulse(7, astray, first)) is None, "it links to another"
    _, short = classical_pair(first_salt=b"short")
    assert verify_pulse(beacon, CurbyPulse(7, short, first)) is None
    _, early = classical_pair(time="2020-01-01T00:00:00.000Z")
    first_early, _ = classical_pair(time="2020-01-01T00:00:00.000Z")
    assert verify_pulse(beacon, CurbyPulse(7, early, first_early)) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: v.pop("cid"),
        lambda v: v["cid"].update({"/": "b" + "a" * 109}),
        lambda v: v["data"].pop("signature"),
        lambda v: v["data"].update(content=None),
        lambda v: v["data"]["content"].update(chain={"/": v["cid"]["/"].upper()}),
        lambda v: v["data"]["content"].update(chain={"/": 5}),
        lambda v: v["data"]["content"].update(chain={"/": v["cid"]["/"], "more": 1}),
        lambda v: v["data"]["content"]["payload"].update(salt={"/": {"bytes": "AB-_"}}),
        lambda v: v["data"]["content"]["payload"].update(salt={"/": {"bytes": "AB=="}}),
        lambda v: v["data"]["content"]["payload"].update(salt={"/": {"bytes": "AB"}}),
        lambda v: v["data"]["content"].update(index=float("nan")),
        lambda v: v["data"]["content"].update(index=2**64),
        lambda v: v["data"]["content"].update(source="\ud800"),
    ],
)
def test_json_of_another_form_is_no_object(spoil):
    (value,) = (c["value"] for c in objects() if c["value"]["data"]["content"].get("index") == 534_323)
    assert read_published(value) is not None
    spoil(value)
    assert read_published(value) is None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 1500), st.text(max_size=40), st.integers(-5, 2**70))
def test_no_octets_whatever_make_it_raise(octets, at, text, number):
    for real in (real_quantum, real_classical):
        beacon, pulse = real()
        content = pulse.pulse.content[:at] + octets + pulse.pulse.content[at + len(octets) :]
        jws = pulse.pulse.signature[:at] + text + pulse.pulse.signature[at + len(text) :]
        for thing in (TwineObject(content, pulse.pulse.signature), TwineObject(pulse.pulse.content, jws)):
            assert thing == pulse.pulse or verify_pulse(beacon, replace(pulse, pulse=thing)) is None
        assert number == pulse.round or verify_pulse(beacon, replace(pulse, round=number)) is None
        assert verify_pulse(replace(beacon, chain=text), pulse) is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_signed_nonsense_raises_nothing(octets):
    """The beacon's own key may sign anything at all."""
    thing = sign_octets(octets)
    assert verify_pulse(own(CURBY_Q_SCHEME), CurbyPulse(1, thing, None)) is None
    assert verify_pulse(own(CURBY_RNG_SCHEME), CurbyPulse(1, thing, thing)) is None


def test_the_multihash_in_the_signature_is_of_the_content():
    thing = quantum()
    assert thing.signature.split(".")[1] == b64url(b"\x14\x40" + sha3_512(thing.content).digest())
    assert encode(decode(thing.content)[0]) == thing.content
