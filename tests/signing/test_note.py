"""A note opens for the keys that signed it, and for nobody else."""

import base64
import json
from collections import Counter
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from signing.canonical import TooLarge, Unreadable
from signing.keys import verify
from signing.note import (
    COSIGNATURE_V1,
    ECDSA_P256,
    ED25519,
    NOTE_BYTES_MAX,
    BadSignature,
    NoKnownSignature,
    NoteSignature,
    VerifierKey,
    append_signature,
    cosign,
    make_vkey,
    open_note,
    parse_vkey,
    sign_note,
)
from signing.signer import SeedSigner
from tests.shared import vectors

LOG, WITNESS = SeedSigner(b"\1" * 32), SeedSigner(b"\2" * 32)
LOG_KEY = make_vkey("log.example", ED25519, LOG.public_key.octets)
WITNESS_KEY = make_vkey("witness.example", COSIGNATURE_V1, WITNESS.public_key.octets)
TEXT = "log.example\n7\nAAAA\n"
TIME = 1_795_243_440

FAULTS = {
    "malformed": (Unreadable, TooLarge),
    "bad_signature": (BadSignature,),
    "no_known_signature": (NoKnownSignature,),
}


def rows(name):
    # Not splitlines(): the notes inside hold other line ends, which JSON need not escape.
    return [json.loads(line) for line in vectors("note", name).read_bytes().split(b"\n") if line]


def known_vkeys():
    """Every published key this can verify; the one for RFC 6962 heads (0x05) is refused."""
    keys, refused = [], []
    for row in json.loads(vectors("note", "vkeys.json").read_text("utf-8")):
        try:
            keys.append(parse_vkey(row["vkey"]))
        except Unreadable:
            refused.append(row["type"])
        else:
            assert keys[-1].text() == row["vkey"]
    return keys, refused


def refusal(note, keys):
    with pytest.raises(Unreadable) as caught:
        open_note(note, keys)
    return type(caught.value)


def test_54_of_55_published_keys_are_read_and_written_alike():
    keys, refused = known_vkeys()
    assert Counter(key.algorithm for key in keys) == {1: 41, 2: 6, 4: 7}
    assert refused == ["rfc6962-sth"]


def test_129_real_notes_open():
    cases = rows("verified_notes.jsonl")
    counted = Counter()
    for case in cases:
        note = case["note"].encode()
        assert sha256(note).hexdigest() == case["note_sha256"]
        opened = open_note(note, [parse_vkey(vkey) for vkey in case["vkeys"]])
        good = [each for each in case["signatures"] if each["result"] == "good"]
        seen = [(each.name, each.key_hash.hex()) for each in opened.signatures]
        assert seen == list(dict.fromkeys((each["name"], each["key_id"]) for each in good)), case["id"]
        assert note.startswith(opened.text.encode() + b"\n")
        counted.update(each["result"] for each in case["signatures"])
    assert len(cases) == 129
    assert counted == {"good": 134, "unknown_key": 7}


def test_22_notes_that_others_refuse_are_refused_for_the_same_reason():
    cases, keys = rows("upstream_rejected.jsonl"), known_vkeys()[0]
    for case in cases:
        assert refusal(case["note"].encode(), keys) in FAULTS[case["expect"]], case["id"]
    assert len(cases) == 22


def test_95_made_up_notes_are_judged_as_expected():
    counted = Counter()
    for case in rows("selfmade.jsonl"):
        note, keys = base64.b64decode(case["note_b64"]), [parse_vkey(vkey) for vkey in case["keys"]]
        counted[case["expect"]] += 1
        if case["expect"] == "ok":
            assert open_note(note, keys).signatures, case["desc"]
        else:
            assert refusal(note, keys) in FAULTS[case["expect"]], case["desc"]
    assert counted == {"ok": 44, "malformed": 36, "bad_signature": 11, "no_known_signature": 4}


def test_a_note_passes_from_log_to_witness_to_reader():
    signed = sign_note(TEXT, LOG, "log.example")
    both = append_signature(signed, cosign(TEXT, WITNESS, "witness.example", TIME))
    opened = open_note(both.encode(), [WITNESS_KEY, LOG_KEY])
    assert opened.text == TEXT
    assert opened.signatures == (
        NoteSignature("log.example", LOG_KEY.key_hash, None),
        NoteSignature("witness.example", WITNESS_KEY.key_hash, TIME),
    )
    assert open_note(both.encode(), [LOG_KEY]).signatures == opened.signatures[:1]
    assert refusal(signed.encode(), [WITNESS_KEY]) is NoKnownSignature


def test_a_cosignature_is_over_the_text_and_its_time():
    line = cosign(TEXT, WITNESS, "witness.example", TIME)
    octets = base64.b64decode(line.split(" ")[2])
    assert octets[:4] == WITNESS_KEY.key_hash
    assert int.from_bytes(octets[4:12], "big") == TIME
    message = f"cosignature/v1\ntime {TIME}\n{TEXT}".encode()
    assert verify(WITNESS.public_key.octets, message, octets[12:])
    assert not verify(WITNESS.public_key.octets, TEXT.encode(), octets[12:])


def spoiled_signature(note):
    octets = bytearray(base64.b64decode(note.rsplit(" ", 1)[1]))
    octets[-1] ^= 1
    return note.rsplit(" ", 1)[0] + " " + base64.b64encode(octets).decode() + "\n"


def test_one_bad_signature_of_a_known_key_closes_the_note_even_beside_a_good_one():
    signed = sign_note(TEXT, LOG, "log.example")
    spoiled = spoiled_signature(append_signature(signed, cosign(TEXT, WITNESS, "witness.example", TIME)))
    assert refusal(spoiled.encode(), [LOG_KEY, WITNESS_KEY]) is BadSignature
    # Negative control: for who does not know the witness, the line is another's business.
    assert open_note(spoiled.encode(), [LOG_KEY]).text == TEXT


def test_a_bad_repeat_of_a_good_signature_closes_the_note():
    signed = sign_note(TEXT, LOG, "log.example")
    twice = append_signature(signed, signed.split("\n")[-2] + "\n")
    assert len(open_note(twice.encode(), [LOG_KEY]).signatures) == 1
    assert refusal(spoiled_signature(twice).encode(), [LOG_KEY]) is BadSignature


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32))))),
    st.integers(1, 3),
)
def test_any_text_without_control_characters_can_be_signed(line, newlines):
    text = line + "\n" * newlines
    assert open_note(sign_note(text, LOG, "log.example").encode(), [LOG_KEY]).text == text


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_only_a_newline_ends_a_signature_line(end):
    """Negative control inside: splitlines() would find two good lines there."""
    signed = sign_note(TEXT, LOG, "log.example").encode()
    joined = signed[:-1] + end.encode() + signed.split(b"\n")[-2] + b"\n"
    assert len(joined.decode().splitlines()) == len(signed.decode().splitlines()) + 1
    assert refusal(joined, [LOG_KEY]) is Unreadable


def test_the_last_line_needs_its_newline_and_nothing_else():
    signed = sign_note(TEXT, LOG, "log.example").encode()
    for end in (b"", b"X", b" ", b"\n\n"):
        assert refusal(signed[:-1] + end, [LOG_KEY]) is Unreadable


def test_keys_whose_short_names_collide_are_both_tried():
    same_hash = VerifierKey("log.example", ED25519, WITNESS.public_key.octets, LOG_KEY.key_hash)
    signed = sign_note(TEXT, LOG, "log.example").encode()
    for keys in ([LOG_KEY, same_hash], [same_hash, LOG_KEY]):
        assert len(open_note(signed, keys).signatures) == 1
    assert refusal(signed, [same_hash]) is BadSignature


@given(st.integers(0, 200), st.binary(max_size=3), st.integers(0, 3))
def test_a_damaged_note_never_opens_with_another_text(at, put, gone):
    raw = sign_note(TEXT, LOG, "log.example").encode()
    try:
        opened = open_note(raw[:at] + put + raw[at + gone :], [LOG_KEY])
    except Unreadable:
        return
    assert opened.text == TEXT


@given(st.binary(max_size=60) | st.text("\u2014 +=\nA", max_size=30).map(str.encode))
def test_any_bytes_open_or_are_unreadable(raw):
    with pytest.raises(Unreadable):
        open_note(raw, [LOG_KEY])
    with pytest.raises(Unreadable):
        parse_vkey(raw.decode("latin-1"))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\tb", "a\u2028b", "a\ud800", "x" * 257])
def test_names_that_would_break_a_line_are_refused(name):
    with pytest.raises(Unreadable):
        make_vkey(name, ED25519, LOG.public_key.octets)
    with pytest.raises(Unreadable):
        sign_note(TEXT, LOG, name)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "return\r\n", "nul\0\n", "lone \ud800\n"])
def test_text_that_would_not_open_again_is_not_signed(text):
    with pytest.raises(Unreadable):
        sign_note(text, LOG, "log.example")
    with pytest.raises(Unreadable):
        cosign(text, LOG, "log.example", TIME)


@pytest.mark.parametrize(
    "line", ["", "\n", "- log.example AAAA\n", "x", "\u2014 a b\n", "\u2014 a AAAAAAAA", "a\nb\n"]
)
def test_only_a_signature_line_can_be_appended(line):
    with pytest.raises(Unreadable):
        append_signature(sign_note(TEXT, LOG, "log.example"), line)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda vkey: vkey.replace("log", "lag"),
        lambda vkey: vkey.upper(),
        lambda vkey: vkey + "=",
        lambda vkey: vkey + "\n",
        lambda vkey: vkey.rsplit("+", 1)[0],
        lambda vkey: vkey.rsplit("+", 1)[0] + "+",
        lambda vkey: "+" + vkey.split("+", 1)[1],
    ],
)
def test_a_key_spelled_otherwise_is_unreadable(spoil):
    assert parse_vkey(LOG_KEY.text()) == LOG_KEY
    with pytest.raises(Unreadable):
        parse_vkey(spoil(LOG_KEY.text()))


def test_unsound_points_other_curves_and_unknown_algorithms_make_no_key():
    der = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    other_curve = ec.generate_private_key(ec.SECP384R1()).public_key().public_bytes(*der)
    own_curve = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(*der)
    assert parse_vkey(make_vkey("log.example", ECDSA_P256, own_curve).text()).public_key == own_curve
    unsound = ((ED25519, bytes(32)), (COSIGNATURE_V1, b"\1" + bytes(31)))
    for algorithm, key in (*unsound, (ECDSA_P256, b"x"), (ECDSA_P256, other_curve), (5, bytes(32))):
        with pytest.raises(Unreadable):
            make_vkey("log.example", algorithm, key)


def test_a_note_of_more_than_a_megabyte_is_too_large():
    assert refusal(b"x" * (NOTE_BYTES_MAX + 1), [LOG_KEY]) is TooLarge
