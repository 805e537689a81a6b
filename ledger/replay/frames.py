"""Do the lines that follow the header make the frame, and which of them does a seed draw?

One pass, in blocks: each line in its one spelling, in ascending order, hashed into the tree and given its
ticket in every stage. What is kept grows with what is drawn and with the tree's height, never with the frame.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO, NamedTuple

from ledger.book.encoding import MANIFEST_LINES_MAX
from ledger.book.identifiers import is_ascending
from ledger.log.merkle import RightEdge, grow, leaf_hashes
from ledger.replay.form import LINE, LINE_BYTES_MAX
from signing.canonical import Unreadable

BLOCK_BYTES = 1024 * 1024
SPARE = 1_024  # kept beyond what is drawn, so that sorting is seldom

Drawn = tuple[bytes, bytes]  # a ticket, and what was drawn


@dataclass(frozen=True, slots=True)
class Draw:
    """What one stage draws: its seed and a size for each stratum."""

    seed: bytes
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Framed:
    """What the lines come to: how many, the hex root, how many of each stratum, what each stage draws.

    `selections`: a stage, by stratum, the smallest tickets first.
    """

    count: int
    root: str
    strata: Counter[str]
    selections: Sequence[Mapping[str, Sequence[Drawn]]]


@dataclass(slots=True)
class _Smallest:
    """The n smallest of whatever comes. No draw is larger than a manifest: of more, one too many is kept."""

    n: int
    limit: bytes = b"\xff" * 32
    kept: list[Drawn] = field(default_factory=list)

    def add(self, number: bytes, item: bytes) -> None:
        self.kept.append((number, item))
        if len(self.kept) >= 2 * self.n + SPARE:
            self.settle()

    def settle(self) -> list[Drawn]:
        self.kept.sort()
        del self.kept[self.n :]
        if len(self.kept) == self.n:
            self.limit = self.kept[-1][0] if self.n else b""
        return self.kept


def read_frame(file: BinaryIO, what: str, strata: Sequence[str], draws: Sequence[Draw]) -> Framed:
    """The frame in the rest of a file; `Unreadable` names the first line that is none, from 1.

    `what` is `chip` or `position`, `strata` the names there may be.
    """
    edge, before = RightEdge.empty(), b""
    counts: Counter[bytes] = Counter()
    names = frozenset(name.encode() for name in strata)
    most = MANIFEST_LINES_MAX + 1
    kept = [{name: _Smallest(min(draw.sizes[name.decode()], most)) for name in names} for draw in draws]
    pattern = re.compile(LINE.replace(b"WHAT", what.encode()), re.MULTILINE)
    wanted = _Wanted(what, names, pattern)
    for block in _blocks(file):
        lines, found = block.split(b"\n"), pattern.findall(block)
        items = [item for item, _ in found]
        some = Counter(stratum for _, stratum in found)
        # As many matches as lines: every line is one, from its beginning to its end.
        if len(found) != len(lines) or not some.keys() <= names or not is_ascending([before, *items]):
            raise Unreadable("frame", _first_fault(lines, before, edge.size, wanted))
        before = items[-1]
        counts += some
        for draw, smallest in zip(draws, kept, strict=True):
            _take(draw.seed, found, smallest)
        edge = grow(edge, leaf_hashes(lines)).edge
    told = [{name.decode(): some.settle() for name, some in smallest.items()} for smallest in kept]
    return Framed(edge.size, edge.root().hex(), Counter({k.decode(): n for k, n in counts.items()}), told)


def _take(seed: bytes, found: Sequence[tuple[bytes, bytes]], smallest: Mapping[bytes, "_Smallest"]) -> None:
    """Give each line its ticket, and keep those that may be drawn."""
    tickets = [sha256(seed + item).digest() for item, _ in found]
    for ticket, (item, stratum) in zip(tickets, found, strict=True):
        some = smallest[stratum]
        if ticket <= some.limit:
            some.add(ticket, item)


def _first_fault(lines: Sequence[bytes], before: bytes, number: int, wanted: "_Wanted") -> str:
    """What is wrong with the first bad line of a block that has one; `number` lines came before."""
    for line in lines:
        number += 1
        match = wanted.pattern.fullmatch(line)
        if match is None or match[2] not in wanted.names:
            return f"line {number} is not {{{wanted.what}, stratum}} of this inspection"
        if match[1] <= before:
            return f"line {number} is out of order, or there twice"
        before = match[1]
    raise AssertionError("some line of the block is bad")


class _Wanted(NamedTuple):
    """What a line of this inspection's frame must be."""

    what: str
    names: frozenset[bytes]
    pattern: re.Pattern[bytes]


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Whole lines, many at a time, without the last one's end; `Unreadable` for one too long or cut off."""
    rest = b""
    while block := file.read(BLOCK_BYTES):
        whole, end, last = (rest + block).rpartition(b"\n")
        if len(last) > LINE_BYTES_MAX:
            raise Unreadable("frame", f"a line of over {LINE_BYTES_MAX} bytes")
        if end:
            yield whole
        rest = last
    if rest:
        raise Unreadable("frame", "the last line has no end: the file is cut off")
