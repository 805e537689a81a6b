"""Every tampering has its name, and what was tampered with held before."""

import io
import json
from copy import deepcopy
from hashlib import sha256

import pytest

from ledger.replay.check import replay
from ledger.replay.flaws import MEANING, Flaw
from ledger.replay.form import HEADER_BYTES_MAX
from signing.note import ED25519, make_vkey
from tests.replay.doctored import DOCTORED, doctored
from tests.replay.forging import forged, payload_of, reseal, say, written
from tests.replay.inspected import ALL, MISSED, PLAIN, file_of
from tests.world import DICE, LOG_KEY
from tests.world_speech import signer_of


def flaw(raw, **keys):
    told = replay(io.BytesIO(raw), **keys)
    return None if told.broken is None else told.broken.flaw


@pytest.mark.parametrize("name", DOCTORED)
def test_whatever_was_doctored_is_called_by_its_name(files, name):
    one = DOCTORED[name]
    raw = file_of(files, one.inspection).read_bytes()
    assert flaw(raw, log_key=LOG_KEY) is None
    assert flaw(doctored(raw, one), log_key=LOG_KEY) is one.flaw


def test_every_flaw_there_can_be_is_reached_and_has_a_meaning():
    reached = {one.flaw for one in DOCTORED.values()} | {Flaw.OTHER_BEACON_KEY}  # which only a caller knows
    assert reached == set(Flaw) == set(MEANING)
    assert len(DOCTORED) == 66 and sum(one.of_the_draw for one in DOCTORED.values()) == 34


@pytest.mark.parametrize("inspection", ALL)
def test_what_is_signed_anew_and_not_changed_holds(files, inspection):
    """The control of every forgery: the forger's tree and checkpoint are as good as the log's."""
    raw = file_of(files, inspection).read_bytes()
    again = forged(bool)
    one = type(DOCTORED["another secret"])(inspection, Flaw.UNREADABLE, again)
    new = doctored(raw, one)
    assert new != raw and flaw(new, log_key=LOG_KEY) is None


def test_a_key_that_one_knows_is_believed_over_the_files(files):
    raw = file_of(files, PLAIN).read_bytes()
    other = make_vkey(LOG_KEY.name, ED25519, signer_of("other log").public_key.octets)
    assert flaw(raw, log_key=other) is Flaw.BAD_CHECKPOINT
    elsewhere = make_vkey("example.org/else", ED25519, LOG_KEY.public_key)
    assert flaw(raw, log_key=elsewhere) is Flaw.ANOTHER_LOG
    assert flaw(raw, beacon_key=DICE.public_key.hex()) is None
    assert flaw(raw, beacon_key="00" * 96) is Flaw.OTHER_BEACON_KEY


UNREADABLE = {
    "nothing": b"",
    "no line": b"{",
    "not JSON": b"hello\n",
    "not UTF-8": b"\xff\xfe\n",
    "a list": b"[]\n",
    "nested": b"[" * 100_000 + b"\n",
    "another format": b'{"format":"chipledger-replay-v2"}\n',
    "too long": b"{" + b" " * HEADER_BYTES_MAX + b"}\n",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_such_file_is_unreadable(name):
    assert flaw(UNREADABLE[name]) is Flaw.UNREADABLE


def respelt(raw):
    """Headers that a lax reader would take: each says nothing else, or one thing twice."""
    yield raw.replace(b'{"checkpoint"', b'{ "checkpoint"', 1)
    yield raw.replace(b'"log":', b'"log":"x","log":', 1)
    yield raw.replace(b"{", b'{"extra":1,', 1)
    yield raw.replace(b'"stage":1', b'"stage":1.0', 1)
    yield raw.replace(b'"stage":1', b'"stage":null', 1)
    yield raw.replace(b'"stage":1', b'"stage":"1"', 1)
    yield raw.replace(b'"stages":[', b'"stages":[7,', 1)
    yield raw.replace(b'"payloadType"', b'"payloadtype"', 1)
    yield raw.replace(b'"proof":["', b'"proof":["zz', 1)
    yield b"\xef\xbb\xbf" + raw


def test_a_header_has_one_spelling(files):
    raw = file_of(files, MISSED).read_bytes()
    spoilt = list(respelt(raw))
    assert len(set(spoilt)) == 10 and raw not in spoilt
    assert [flaw(each) for each in spoilt] == [Flaw.UNREADABLE] * 10


def test_cut_anywhere_it_ends_in_a_flaw_and_never_in_an_exception(files):
    raw = file_of(files, MISSED).read_bytes()
    cuts = range(0, len(raw), 97)
    found = [flaw(raw[:cut]) for cut in cuts]
    assert set(found) <= {Flaw.UNREADABLE, Flaw.BAD_FRAME, Flaw.WRONG_FRAME} and len(found) > 100


def test_any_byte_changed_is_noticed(files):
    """Of every hundredth byte one bit; nothing in the file is beside the point."""
    raw = bytearray(file_of(files, MISSED).read_bytes())
    kept = []
    places = range(int(sha256(raw).hexdigest(), 16) % 61, len(raw), 61)
    for place in places:
        raw[place] ^= 1
        if flaw(bytes(raw), log_key=LOG_KEY) is None:
            kept.append((place, bytes(raw[place - 30 : place + 30])))
        raw[place] ^= 1
    assert kept == [] and len(places) > 200
    assert flaw(bytes(raw), log_key=LOG_KEY) is None


def places(value, path=()):
    """Every member and item inside a JSON value, by the way to it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from places(item, (*path, key))


def with_another(value, path, other):
    """A copy in which what is at a place is another thing, or gone."""
    copy = deepcopy(value)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if other is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = other
    return copy


@pytest.mark.parametrize("other", [None, 7, "x", [], {}, True], ids=str)
def test_no_other_type_anywhere_is_an_exception(files, other):
    """In the header, and signed anew in what it carries: each place in turn."""
    first, *lines = file_of(files, MISSED).read_bytes().split(b"\n")[:-1]
    header = json.loads(first)
    ways = [way for way in places(header) if "selection" not in way or way[-2:-1] == (0,)]
    if other is None:  # an earlier file has no closing, and holds as far as it goes
        ways.remove(("entries", len(header["entries"]) - 1))
    for way in ways:
        assert flaw(written(with_another(header, way, other), lines)) is not None, way
    tried = 0
    for place, entry in enumerate(header["entries"]):
        said = payload_of(entry)
        for way in places(said):
            if "proof" in way[:-1] or "gflops" in way:
                continue
            copy = deepcopy(header)
            say(copy["entries"][place], with_another(said, way, other), signer_of(said["party"]))
            flaw(written(resealed(copy), lines))  # some may hold: a name is a name
            tried += 1
    assert len(ways) > 150 and tried > 150


def resealed(header):
    reseal(header)
    return header


def test_a_line_without_an_end_is_not_read_into_memory(files):
    """What follows the header is a gigabyte of one line; no more than a block of it is asked for."""
    header = file_of(files, PLAIN).read_bytes().split(b"\n")[0]

    class Endless(io.BytesIO):
        given = 0

        def read(self, size=-1):
            assert 0 < size <= 1 << 20
            self.given += size
            return b"x" * size

    file = Endless(header + b"\n")
    told = replay(file)
    assert told.broken.flaw is Flaw.BAD_FRAME and file.given <= 2 << 20
    assert written({"a": 1}, [b"x"]) == b'{"a":1}\nx\n'
