"""What can be drawn, in columns: millions of names, each in its stratum?

Names stand in ascending order of their bytes, none twice, and a stratum is one byte beside each, so that ten
million take some 350 MB in place of gigabytes of objects. The root is hashed here, in plain Python over one
block of names at a time, and never left to an engine. Bad input raises ValueError naming the parameter.
Knows no chips' sites or models, no statements and no store.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from ledger.inspection.draw import PLAIN_TEXT, PLAIN_TEXT_BYTES

BLOCK_ROWS = 1 << 17  # names looked at together; a power of two: a whole block is a whole subtree
STRATA_MAX = 256  # a stratum is one byte

CHIP, POSITION = "chip", "position"

NAME_TYPE, STRATUM_TYPE = pa.large_binary(), pa.uint8()


class Listing:
    """Names in strata. `ids` and `codes` are columns of one length, `strata` what each code stands for."""

    def __init__(self, ids: pa.ChunkedArray, codes: pa.ChunkedArray, strata: Sequence[str]) -> None:
        """`ids` (large_binary) must ascend, `codes` (uint8) be places in `strata`."""
        if len(ids) != len(codes):
            raise ValueError("codes are not as many as ids")
        if not 1 <= len(strata) <= STRATA_MAX or len(set(strata)) != len(strata):
            raise ValueError(f"strata are 1 to {STRATA_MAX} different names")
        self.ids, self.codes, self.strata = ids, codes, tuple(strata)
        self._roots: dict[str, bytes] = {}

    @staticmethod
    def of(pairs: Iterable[tuple[str, str]], strata: Sequence[str]) -> "Listing":
        """(name, stratum) pairs in any order."""
        ordered = sorted((name.encode(), stratum) for name, stratum in pairs)
        places = {stratum: place for place, stratum in enumerate(strata)}
        for name, stratum in ordered:
            if not name:
                raise ValueError("pairs: a name is empty")
            if stratum not in places:
                raise ValueError(f"strata has no {stratum!r}")
        ids = pa.chunked_array([pa.array([name for name, _ in ordered], NAME_TYPE)])
        if not ascends(ids):
            raise ValueError("pairs: a name twice")
        codes = pa.array([places[stratum] for _, stratum in ordered], STRATUM_TYPE)
        return Listing(ids, pa.chunked_array([codes]), strata)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many names each stratum has."""
        found = {each["values"].as_py(): each["counts"].as_py() for each in pc.value_counts(self.codes)}
        return {stratum: found.get(place, 0) for place, stratum in enumerate(self.strata)}

    def pairs(self) -> Iterator[tuple[str, str]]:
        """(name, stratum) by name."""
        for ids, codes in self._blocks():
            for name, code in zip(ids.to_pylist(), codes.to_pylist(), strict=True):
                yield name.decode(), self.strata[code]

    def lines(self, word: str) -> Iterator[bytes]:
        """A line of canonical JSON a name, `{<word>, stratum}`, by name."""
        for block in self._lines(word, b""):
            yield from block

    def root(self, word: str) -> bytes:
        """RFC 6962 section 2.1 tree hash over the lines.

        Memory beyond the columns is that of one block, some 40 MB, whatever their length.
        """
        if word not in self._roots:
            self._roots[word] = _root(_level_by_level(block) for block in self._lines(word, b"\x00"))
        return self._roots[word]

    def stratum_of(self, name: bytes) -> int | None:
        """The code of a name's stratum, None where no such name is listed."""
        chunk = bisect_right(self._firsts, name) - 1
        if chunk < 0:
            return None
        ids = self.ids.chunk(self._filled[chunk])
        low, high = 0, len(ids)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if ids[middle].as_py() <= name else (low, middle)
        if ids[low].as_py() != name:
            return None
        before = sum(len(self.ids.chunk(place)) for place in range(self._filled[chunk]))
        code: int = self.codes[before + low].as_py()
        return code

    @cached_property
    def _filled(self) -> list[int]:
        return [place for place, chunk in enumerate(self.ids.chunks) if len(chunk)]

    @cached_property
    def _firsts(self) -> list[bytes]:
        return [self.ids.chunk(place)[0].as_py() for place in self._filled]

    def _blocks(self) -> Iterator[tuple[pa.Array, pa.Array]]:
        """All of it, `BLOCK_ROWS` at a time and the rest last."""
        for start in range(0, len(self), BLOCK_ROWS):
            yield _whole(self.ids.slice(start, BLOCK_ROWS)), _whole(self.codes.slice(start, BLOCK_ROWS))

    def _lines(self, word: str, before: bytes) -> Iterator[list[bytes]]:
        """The lines of each block, each behind `before`."""
        assert PLAIN_TEXT.fullmatch(word)
        assert all(map(PLAIN_TEXT.fullmatch, self.strata)), self.strata
        start, nothing = pa.scalar(before + f'{{"{word}":"'.encode(), NAME_TYPE), pa.scalar(b"", NAME_TYPE)
        ends = pa.array([f'","stratum":"{stratum}"}}'.encode() for stratum in self.strata], NAME_TYPE)
        for ids, codes in self._blocks():
            lines = pc.binary_join_element_wise(start, ids, ends.take(codes), nothing).to_pylist()
            # Names were read as identifiers before: none needs escaping, and no line runs into the next.
            assert not b"".join(ids.to_pylist()).translate(None, PLAIN_TEXT_BYTES)
            yield lines


def ascends(ids: pa.ChunkedArray) -> bool:
    """Strictly, by the bytes: sorted, and nothing twice."""
    last: bytes | None = None
    for chunk in ids.chunks:
        if len(chunk):
            if last is not None and last >= chunk[0].as_py():
                return False
            if not pc.all(pc.less(chunk[:-1], chunk[1:]), min_count=0).as_py():
                return False
            last = chunk[-1].as_py()
    return True


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _level_by_level(leaves: list[bytes]) -> tuple[int, bytes]:
    """How many leaves, each behind its zero byte, and the hash over them; one without a pair goes up."""
    level = [sha256(leaf).digest() for leaf in leaves]
    while len(level) > 1:
        alone = level[-1:] if len(level) % 2 else []
        both = iter(level)
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(both, both, strict=False)]
        level += alone
    return len(leaves), level[0]


def _root(blocks: Iterable[tuple[int, bytes]]) -> bytes:
    """Of whole blocks, and a last one that may be short."""
    subtrees: list[tuple[int, bytes]] = []
    for leaves, found in blocks:
        size, node = leaves, found
        while subtrees and subtrees[-1][0] == size:
            node = sha256(b"\x01" + subtrees.pop()[1] + node).digest()
            size *= 2
        subtrees.append((size, node))
    if not subtrees:
        return sha256(b"").digest()
    root = subtrees.pop()[1]
    while subtrees:
        root = sha256(b"\x01" + subtrees.pop()[1] + root).digest()
    return root
