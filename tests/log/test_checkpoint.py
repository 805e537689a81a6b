"""Checkpoints have one spelling, one origin, and a signature by the log's own key."""

import json
from base64 import b64decode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.checkpoint import (
    CHECKPOINT_BYTES_MAX,
    TREE_SIZE_MAX,
    Checkpoint,
    open_checkpoint,
    parse_checkpoint_text,
    sign_checkpoint,
)
from ledger.log.merkle import EMPTY_ROOT
from signing.canonical import TooLarge, Unreadable, to_base64
from signing.note import (
    COSIGNATURE_V1,
    ED25519,
    BadSignature,
    NoKnownSignature,
    append_signature,
    cosign,
    make_vkey,
    open_note,
    parse_vkey,
    sign_note,
)
from signing.signer import SeedSigner
from tests.shared import vectors

ORIGIN = "log.example/chips"
SIGNER = SeedSigner(bytes(range(32)))
KEY = make_vkey(ORIGIN, ED25519, SIGNER.public_key.octets)
OTHER = SeedSigner(b"\x07" * 32)
OTHER_KEY = make_vkey(ORIGIN, ED25519, OTHER.public_key.octets)
ROOT = bytes(range(100, 132))
HEAD = Checkpoint(ORIGIN, 4711, ROOT)
ROOT_TEXT = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM="


def note_cases(name):
    return [json.loads(line) for line in vectors("note", name).read_text().splitlines()]


def test_a_checkpoint_is_these_bytes():
    assert HEAD.text() == f"{ORIGIN}\n4711\n{ROOT_TEXT}\n"
    note = sign_checkpoint(HEAD, SIGNER)
    assert note.startswith(HEAD.text() + f"\n— {ORIGIN} ")
    assert note == sign_checkpoint(HEAD, SIGNER)


@given(size=st.integers(1, TREE_SIZE_MAX), root=st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_opens_to_itself(size, root):
    head = Checkpoint(ORIGIN, size, root)
    assert parse_checkpoint_text(head.text()) == head
    assert open_checkpoint(sign_checkpoint(head, SIGNER).encode(), KEY, ORIGIN) == head


def test_the_empty_tree_has_a_checkpoint_and_one_root():
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert parse_checkpoint_text(empty.text()) == empty
    with pytest.raises(Unreadable):
        parse_checkpoint_text(f"{ORIGIN}\n0\n{ROOT_TEXT}\n")


SIZES = ["", "04711", "+4711", "-1", "4711 ", " 4711", "4_711", "4711.0", "0x10", "1e3", "٤٧", "00", "4711\r"]
SIZES += ["9223372036854775808", "9999999999999999999", "10000000000000000000", "1" * 5000]
ROOTS = ["", ROOT_TEXT[:-1], ROOT_TEXT + "=", ROOT_TEXT.replace("+", "-"), ROOT.hex(), "AA==", ROOT_TEXT[:40]]
ROOTS += [ROOT_TEXT[:-2] + "N=", ROOT_TEXT + "\r", " " + ROOT_TEXT, ROOT_TEXT[:20] + " " + ROOT_TEXT[20:]]
TEXTS = [
    *(f"{ORIGIN}\n{size}\n{ROOT_TEXT}\n" for size in SIZES),
    *(f"{ORIGIN}\n4711\n{root}\n" for root in ROOTS),
    f"\n4711\n{ROOT_TEXT}\n",
    f"{ORIGIN}\n4711\n{ROOT_TEXT}",
    f"{ORIGIN}\n4711\n{ROOT_TEXT}\n\n",
    f"{ORIGIN}\n4711\n{ROOT_TEXT}\nextension\n",
    f"{ORIGIN}\n4711\n",
    f"{ORIGIN}\u2028" + f"4711\u2028{ROOT_TEXT}\u2028",
    "",
    "\n\n\n",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_any_other_spelling_is_unreadable(text):
    parse_checkpoint_text(f"{ORIGIN}\n4711\n{ROOT_TEXT}\n")
    with pytest.raises(Unreadable):
        parse_checkpoint_text(text)


PIECES = st.tuples(
    st.text(min_size=1) | st.just(ORIGIN),
    st.integers(0, 2**64).map(str) | st.sampled_from(SIZES),
    st.binary(min_size=32, max_size=32).map(to_base64) | st.sampled_from(ROOTS),
    st.sampled_from(["", "", "", "x", "\n"]),
)


@given(st.lists(PIECES, min_size=30, max_size=30))
def test_whatever_is_read_is_written_back_alike(drawn):
    for origin, size, root, rest in drawn:
        text = f"{origin}\n{size}\n{root}\n{rest}"
        with suppress(Unreadable):
            assert parse_checkpoint_text(text).text() == text


def test_one_spoiled_byte_anywhere_in_the_note_is_refused():
    note = sign_checkpoint(HEAD, SIGNER).encode()
    assert open_checkpoint(note, KEY, ORIGIN) == HEAD
    for place in range(len(note)):
        spoiled = note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :]
        with pytest.raises(Unreadable):
            open_checkpoint(spoiled, KEY, ORIGIN)


def test_another_origin_is_refused_though_rightly_signed():
    note = sign_note(HEAD.text().replace(ORIGIN, "log.example/other"), SIGNER, ORIGIN).encode()
    assert open_checkpoint(note, KEY, "log.example/other").origin == "log.example/other"
    with pytest.raises(Unreadable):
        open_checkpoint(note, KEY, ORIGIN)


def test_any_one_of_the_keys_of_a_log_will_do_but_a_bad_signature_will_not():
    note = sign_checkpoint(HEAD, SIGNER)
    both = append_signature(note, sign_checkpoint(HEAD, OTHER).split("\n\n")[1])
    assert open_checkpoint(note.encode(), [KEY, OTHER_KEY], ORIGIN) == HEAD
    assert open_checkpoint(both.encode(), [OTHER_KEY], ORIGIN) == HEAD
    with pytest.raises(NoKnownSignature):
        open_checkpoint(note.encode(), OTHER_KEY, ORIGIN)
    with pytest.raises(NoKnownSignature):
        open_checkpoint(note.encode(), [], ORIGIN)
    later = Checkpoint(ORIGIN, 4712, ROOT)
    stolen = append_signature(note, sign_checkpoint(later, OTHER).split("\n\n")[1])
    with pytest.raises(BadSignature):
        open_checkpoint(stolen.encode(), [KEY, OTHER_KEY], ORIGIN)


def test_a_witness_does_not_stand_in_for_the_log():
    witness = make_vkey("witness.example", COSIGNATURE_V1, OTHER.public_key.octets)
    note = f"{HEAD.text()}\n{cosign(HEAD.text(), OTHER, 'witness.example', 1_700_000_000)}".encode()
    assert open_note(note, [witness]).text == HEAD.text()  # the control: the signature itself is good
    with pytest.raises(NoKnownSignature):
        open_checkpoint(note, [KEY, witness], ORIGIN)


def test_a_note_over_the_limit_is_too_large():
    origin = "o" * 250
    key = make_vkey(origin, ED25519, SIGNER.public_key.octets)
    note = sign_checkpoint(Checkpoint(origin, 4711, ROOT), SIGNER)
    line = cosign(note.split("\n\n")[0] + "\n", OTHER, "w" * 200, 5)
    while len(note.encode()) + len(line.encode()) <= CHECKPOINT_BYTES_MAX:
        note = append_signature(note, line)
    assert open_checkpoint(note.encode(), key, origin).size == 4711
    with pytest.raises(TooLarge):
        open_checkpoint(append_signature(note, line).encode(), key, origin)


def test_real_checkpoints_of_other_logs_open_unless_they_carry_extensions():
    opened = refused = witnessed_only = 0
    for case in note_cases("verified_notes.jsonl"):
        if not case["is_checkpoint"]:
            continue
        keys = [parse_vkey(vkey) for vkey in case["vkeys"]]
        note = case["note"].encode()
        if all(key.algorithm == COSIGNATURE_V1 for key in keys):
            with pytest.raises(NoKnownSignature):
                open_checkpoint(note, keys, case["origin"])
            witnessed_only += 1
        elif case["extension_lines"]:
            with pytest.raises(Unreadable):
                open_checkpoint(note, keys, case["origin"])
            refused += 1
        else:
            root = b64decode(case["root_b64"])
            assert open_checkpoint(note, keys, case["origin"]) == Checkpoint(
                case["origin"], int(case["size"]), root
            )
            opened += 1
    assert (opened, refused, witnessed_only) == (75, 10, 3)


def test_published_checkpoint_cases_are_judged_as_published():
    judged = []
    for case in note_cases("selfmade.jsonl"):
        if "checkpoint" not in case:
            continue
        keys = [parse_vkey(vkey) for vkey in case["keys"]]
        try:
            open_checkpoint(b64decode(case["note_b64"]), keys, keys[0].name)
            opened = True
        except Unreadable:
            opened = False
        # This log takes no extension lines; the published cases allow them.
        assert opened is (case["checkpoint"] == "ok" and "extension line" not in case["desc"]), case["desc"]
        judged.append(opened)
    assert (len(judged), sum(judged)) == (32, 3)
