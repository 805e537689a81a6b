"""Manifests in segments: each is found under its entry and statement, or it is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.audit.auditor import audit
from ledger.audit.report import Check
from ledger.segments.reading import (
    SEGMENT_BYTES_MAX,
    Segments,
    manifest_header,
    parse_segment_name,
    read_segment,
    segment_name,
)
from signing.canonical import encode
from tests.audit.build import LOG_KEY, AtOnce, MemoryPublished, statement_of, traded

FIRST, SECOND, THIRD = (segment_name(*span) for span in ((0, 8), (8, 16), (16, 19)))


def statement(index):
    return f"{index:064x}"


def lines(index):
    return b"".join(b'{"line":%d,"of":%d}\n' % (line, index) for line in range(1 + index % 3))


def segment(*indexes):
    return b"".join(
        manifest_header(index, statement(index), lines(index).count(b"\n")) + lines(index)
        for index in indexes
    )


def over(files):
    """A reader of these files, and the names of those it read."""
    read = []

    def reading(name):
        read.append(name)
        return files.get(name)

    return Segments(lambda: list(files), reading), read


def test_every_manifest_is_found_and_each_segment_is_read_once():
    there = [index for index in range(19) if index % 4]
    spans = ((0, 8), (8, 16), (16, 19))
    files = {segment_name(*span): segment(*(n for n in there if n in range(*span))) for span in spans}
    segments, read = over(files)
    for index in range(19):
        assert segments.find(statement(index), index) == (lines(index) if index in there else None)
        assert segments.find(statement(index + 1), index) is None, "another statement's lines are not its own"
    assert read == [FIRST, SECOND, THIRD]
    assert segments.find(statement(5), 5) == lines(5), "and in any order"


def test_a_header_is_the_canonical_json_of_what_it_says():
    header = {"count": 100_000, "index": 10**12 - 1, "statement": statement(7)}
    assert manifest_header(10**12 - 1, statement(7), 100_000) == encode(header) + b"\n"


@pytest.mark.parametrize(
    "name",
    [
        "000000000008-000000000008.jsonl",
        "000000000009-000000000008.jsonl",
        "8-9.jsonl",
        "000000000008-000000000009.jsonl.new",
        "000000000008-00000000000٩.jsonl",
        "0000000000008-000000000009.jsonl",
        "ab",
    ],
)
def test_other_names_are_no_segments(name):
    assert parse_segment_name(FIRST) == range(8)
    assert parse_segment_name(name) is None


def test_a_log_that_grows_is_listed_anew():
    files = {FIRST: segment(1)}
    segments, _ = over(files)
    assert segments.find(statement(9), 9) is None
    files[SECOND] = segment(9)
    assert segments.find(statement(9), 9) == lines(9)


@pytest.mark.parametrize("other", [(0, 9), (3, 4), (7, 20), (8, 9), (0, 30), (15, 17)])
def test_where_segments_overlap_neither_is_believed(other):
    files = {FIRST: segment(*range(8)), SECOND: segment(*range(8, 16)), THIRD: segment(16, 17, 18)}
    assert over(files)[0].find(statement(8), 8) == lines(8)
    touched = [
        span for span in ((0, 8), (8, 16), (16, 19)) if max(span[0], other[0]) < min(span[1], other[1])
    ]
    doubted = {index for span in touched for index in range(*span)}
    files[segment_name(*other)] = segment(*range(*other))
    segments, _ = over(files)
    for index in range(19):
        expected = None if index in doubted else lines(index)
        assert segments.find(statement(index), index) == expected


def test_a_file_too_long_holds_nothing():
    raw = segment(1)
    assert read_segment(raw, range(8)) == {1: (statement(1).encode(), lines(1))}
    assert read_segment(raw + bytes(SEGMENT_BYTES_MAX + 1 - len(raw)), range(8)) == {}


@given(st.data())
def test_whatever_is_cut_off_put_in_or_garbled_spoils_a_neighbour_at_the_most(data):
    raw = segment(2, 3, 5, 6)
    good = read_segment(raw, range(8))
    assert set(good) == {2, 3, 5, 6}
    start = data.draw(st.integers(0, len(raw)))
    stop = data.draw(st.integers(start, min(len(raw), start + 20)))
    put = data.draw(st.binary(max_size=20) | st.sampled_from([b"\n", segment(5), b"}\n"]))
    spoilt = raw[:start] + put + raw[stop:]
    found = read_segment(spoilt, range(8))
    if spoilt == raw:
        assert found == good
    elif not put.endswith(b"\n") and len(put) < 20:
        kept = {index for index in good if found.get(index) == good[index]}
        assert kept != set(good), "nothing is passed over in silence"
        assert len(kept) >= 2


def test_every_single_byte_changed_is_missed_by_somebody():
    raw = segment(2, 3, 5, 6)
    good = read_segment(raw, range(8))
    for place in range(len(raw)):
        for bit in range(8):
            octets = bytearray(raw)
            octets[place] ^= 1 << bit
            found = read_segment(bytes(octets), range(8))
            assert {index: found.get(index) for index in good} != good
            assert sum(found.get(index) == good[index] for index in good) >= 2, "the others stay"


@pytest.fixture(scope="module")
def log():
    return traded()


def missed(files):
    """Entries whose manifest the audit misses."""
    report = audit(MemoryPublished(files), log_key=LOG_KEY, workers=AtOnce())
    return {finding.index for finding in report.findings if finding.check is Check.MANIFESTS}


def with_manifests(log, *spans):
    return {n for span in spans for n in range(*span) if statement_of(log.raws[n]) in log.manifests}


def test_a_segment_missing_swapped_or_cut_is_missed_by_exactly_its_statements(log):
    files = log.files()
    place = "private/manifests/"
    assert missed(files) == set()
    gone = {path: octets for path, octets in files.items() if path != place + THIRD}
    assert missed(gone) == with_manifests(log, (16, 19)) != set()
    swapped = {**files, place + THIRD: files[place + SECOND], place + SECOND: files[place + THIRD]}
    assert missed(swapped) == with_manifests(log, (8, 19))
    empty = {**files, place + SECOND: b""}
    assert missed(empty) == with_manifests(log, (8, 16))
    cut = {**files, place + THIRD: files[place + THIRD][:-1]}
    assert missed(cut) == {18}
    garbled = {**files, place + SECOND: b"\xff" * 500}
    assert missed(garbled) == with_manifests(log, (8, 16))
