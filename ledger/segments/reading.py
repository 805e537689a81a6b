"""How do manifests lie in published files, and which lines did a statement come with?

A segment is a file `<first>-<stop>.jsonl` that holds the manifests of the entries first <= index < stop, in
order: for each entry that has one a header line of canonical JSON (how many lines, entry index, statement),
then its lines. Segments cover the log without gap or overlap. Writer and reader of the format in one place;
neither opens a file here, and neither knows what a line says. Whatever is not exactly so is not there.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Final

SEGMENT_BYTES_MAX: Final = 64 * 1024 * 1024  # room for the longest manifest there may be
SEGMENT_ENTRIES_MAX: Final = 16_384
SEGMENTS_FOLDER: Final = "manifests"
INDEX_DIGITS: Final = 12

_NAME = re.compile(rf"([0-9]{{{INDEX_DIGITS}}})-([0-9]{{{INDEX_DIGITS}}})\.jsonl", re.ASCII)
_HEADER = re.compile(
    rb'\{"count":([1-9][0-9]{0,5}),"index":(0|[1-9][0-9]{0,11}),"statement":"([0-9a-f]{64})"\}\n'
)
_HEADER_BEGINS = b'\n{"count":'  # after the line before


def segment_name(first: int, stop: int) -> str:
    """The name of the segment of the entries first <= index < stop."""
    assert 0 <= first < stop < 10**INDEX_DIGITS
    return f"{first:0{INDEX_DIGITS}}-{stop:0{INDEX_DIGITS}}.jsonl"


def parse_segment_name(name: str) -> range | None:
    """The entries a segment covers, None where the name is no segment's."""
    match = _NAME.fullmatch(name)
    if match is None or int(match[1]) >= int(match[2]):
        return None
    return range(int(match[1]), int(match[2]))


def manifest_header(index: int, statement: str, count: int) -> bytes:
    """The line before a manifest's lines, with its line end."""
    return b'{"count":%d,"index":%d,"statement":"%b"}\n' % (count, index, statement.encode("ascii"))


class Segments:
    """Manifests out of segments. `names` lists what lies there, `read` gives a file, None where none is.

    Holds one segment at a time: whoever asks in the order of the log reads each of them once.
    """

    def __init__(self, names: Callable[[], Iterable[str]], read: Callable[[str], bytes | None]) -> None:
        self._names = names
        self._read = read
        self._spans: list[range] = []  # ascending, without those that overlap: neither can be believed
        self._reach = 0  # how far any of them goes
        self._open: range | None = None
        self._manifests: dict[int, tuple[bytes, bytes]] = {}

    def find(self, statement: str, index: int) -> bytes | None:
        """Every line, each with its line end, of the statement at an index; None where that is not there."""
        span = self._span(index)
        if span is None:
            return None
        if span != self._open:
            raw = self._read(segment_name(span.start, span.stop))
            self._manifests = {} if raw is None else read_segment(raw, span)
            self._open = span
        name, lines = self._manifests.get(index, (b"", None))
        return lines if name == statement.encode() else None

    def _span(self, index: int) -> range | None:
        """The one segment an entry is in."""
        if index >= self._reach:
            self._list()  # the log may have grown
        place = bisect_right(self._spans, index, key=lambda span: span.start) - 1
        return self._spans[place] if place >= 0 and index in self._spans[place] else None

    def _list(self) -> None:
        parsed = (parse_segment_name(name) for name in self._names())
        found = sorted(
            (span for span in parsed if span is not None), key=lambda span: (span.start, span.stop)
        )
        reaches = list(accumulate((span.stop for span in found), max, initial=0))
        starts = [span.start for span in found[1:]]
        alone = zip(found, reaches, [*starts, *reaches[-1:]], strict=False)
        self._spans = [span for span, before, after in alone if before <= span.start and span.stop <= after]
        self._reach = reaches[-1]


def read_segment(raw: bytes, span: range) -> dict[int, tuple[bytes, bytes]]:
    """Entry index to statement and lines, of every manifest that is whole and stands in its order.

    What follows a header is its own up to the next one, so that whatever was put in, cut off or garbled
    spoils the manifest before it, and no other.
    """
    if len(raw) > SEGMENT_BYTES_MAX:
        return {}
    found: dict[int, tuple[bytes, bytes]] = {}
    last = span.start - 1
    header, at = _next_header(raw, 0)
    sound = at == 0  # what stands before the first header is nobody's: the first is not to be trusted
    while header is not None:
        begin = header.end()
        count, index, statement = int(header[1]), int(header[2]), header[3]
        header, stop = _next_header(raw, begin)
        whole = raw.count(b"\n", begin, stop) == count and raw.endswith(b"\n", begin, stop)
        if sound and whole and last < index and index in span:
            found[index] = (statement, raw[begin:stop])
        last, sound = index, True
    return found


def _next_header(raw: bytes, start: int) -> "tuple[re.Match[bytes] | None, int]":
    """The first header at or after a place where a line begins, and where it begins: else the end."""
    match = _HEADER.match(raw, start)
    at = start
    while match is None:
        found = raw.find(_HEADER_BEGINS, at)
        if found < 0:
            return None, len(raw)
        at = found + 1
        match = _HEADER.match(raw, at)
    return match, at
