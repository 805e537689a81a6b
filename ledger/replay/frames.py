"""Do the lines that follow the header make the frame, and which of them does a seed draw?

One pass, in blocks: each line in its one spelling, in ascending order, hashed into the tree and given its
ticket in every stage. What is kept grows with what is drawn and with the tree's height, never with the frame.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

from ledger.book.encoding import MANIFEST_LINES_MAX
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
    edge, before, number = RightEdge.empty(), b"", 0
    counts: Counter[bytes] = Counter()
    names, kind = {name.encode() for name in strata}, what.encode()
    most = MANIFEST_LINES_MAX + 1
    kept = [{name: _Smallest(min(draw.sizes[name.decode()], most)) for name in names} for draw in draws]
    stages = [(sha256(draw.seed), smallest) for draw, smallest in zip(draws, kept, strict=True)]
    for lines in _blocks(file):
        for line in lines:
            number += 1
            match = LINE.fullmatch(line)
            if match is None or match[1] != kind or match[3] not in names:
                raise Unreadable(f"frame line {number}", f"not {{{what}, stratum}} of this inspection")
            item, stratum = match[2], match[3]
            if item <= before:
                raise Unreadable(f"frame line {number}", "out of order, or there twice")
            before = item
            counts[stratum] += 1
            for seeded, smallest in stages:
                hashing = seeded.copy()
                hashing.update(item)
                ticket = hashing.digest()
                some = smallest[stratum]
                if ticket <= some.limit:
                    some.add(ticket, item)
        edge = grow(edge, leaf_hashes(lines)).edge
    told = [{name.decode(): some.settle() for name, some in smallest.items()} for smallest in kept]
    return Framed(number, edge.root().hex(), Counter({k.decode(): n for k, n in counts.items()}), told)


def _blocks(file: BinaryIO) -> Iterator[list[bytes]]:
    """The lines, many at a time, without their ends; `Unreadable` for one too long or cut off."""
    rest = b""
    while block := file.read(BLOCK_BYTES):
        whole, end, last = (rest + block).rpartition(b"\n")
        if len(last) > LINE_BYTES_MAX:
            raise Unreadable("frame", f"a line of over {LINE_BYTES_MAX} bytes")
        if end:
            yield whole.split(b"\n")
        rest = last
    if rest:
        raise Unreadable("frame", "the last line has no end: the file is cut off")
