"""What could be drawn, of a book as it stood: millions of chips or positions, in columns?

A frame is made from what is handed over piece by piece, in any order, and is by id afterwards. Many chips
share site, model and class, so a frame keeps each such place once, and beside every id a number: ten million
chips take some 350 MB, while it is sorted twice that. Read as a sequence it gives a `FrameChip` at a time.
Knows no store, and not which chips belong in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from ledger.inspection.listing import BLOCK_ROWS, NAME_TYPE, ascends

PLACE_TYPE = pa.uint32()


class FrameChip(msgspec.Struct, frozen=True, gc=False):
    """One chip an inspection could draw, as the book stood at the frame's index. There may be millions."""

    chip: str
    site: str | None
    model: str | None
    cls: str


class FramePlace(msgspec.Struct, frozen=True, gc=False):
    """What strata look at."""

    site: str | None
    model: str | None
    cls: str


class Frame(Sequence[FrameChip]):
    """Ids ascending by their bytes, none twice; beside each the number of its place in `places`."""

    def __init__(self, ids: pa.ChunkedArray, codes: pa.ChunkedArray, places: tuple[FramePlace, ...]) -> None:
        self.ids, self.codes, self.places = ids, codes, places
        self.memo: dict[Any, Any] = {}  # what was worked out from it, and goes when it goes

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> FrameChip: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[FrameChip]: ...

    def __getitem__(self, place: int | slice) -> FrameChip | Sequence[FrameChip]:
        """One, or a list of some."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        code = self.places[self.codes[place].as_py()]
        return FrameChip(self.ids[place].as_py().decode(), code.site, code.model, code.cls)

    def __iter__(self) -> Iterator[FrameChip]:
        for ids, codes in zip(self.ids.chunks, self.codes.chunks, strict=True):
            for name, code in zip(ids.to_pylist(), codes.to_pylist(), strict=True):
                place = self.places[code]
                yield FrameChip(name.decode(), place.site, place.model, place.cls)

    @property
    def nbytes(self) -> int:
        """Memory of the columns."""
        return int(self.ids.nbytes + self.codes.nbytes)


class FrameMaker:
    """A frame in the making. Holds at most `BLOCK_ROWS` ids as objects."""

    def __init__(self) -> None:
        self._ids: list[pa.Array] = []
        self._codes: list[pa.Array] = []
        self._places: dict[tuple[str | None, str | None, str], int] = {}
        self._names: list[bytes] = []
        self._numbers: list[int] = []

    def add(self, name: str, site: str | None, model: str | None, cls: str) -> None:
        """One chip or position, which did not come before."""
        self._names.append(name.encode())
        self._numbers.append(self._places.setdefault((site, model, cls), len(self._places)))
        if len(self._names) == BLOCK_ROWS:
            self._close_block()

    def _close_block(self) -> None:
        self._ids.append(pa.array(self._names, NAME_TYPE))
        self._codes.append(pa.array(self._numbers, PLACE_TYPE))
        self._names, self._numbers = [], []

    def done(self) -> Frame:
        """The frame of all that was added, which may be nothing."""
        self._close_block()
        ids, codes = pa.chunked_array(self._ids), pa.chunked_array(self._codes)
        self._ids, self._codes = [], []
        if not ascends(ids):
            both = pa.table({"id": ids, "code": codes})
            del ids, codes
            both = both.take(pc.sort_indices(both, [("id", "ascending")])).combine_chunks()
            ids, codes = both.column("id"), both.column("code")
            assert ascends(ids), "a frame names a chip twice"
        return Frame(ids, codes, tuple(FramePlace(*place) for place in self._places))


def frame_of_chips(chips: Iterable[FrameChip]) -> Frame:
    """A frame of these, in any order."""
    maker = FrameMaker()
    for chip in chips:
        maker.add(chip.chip, chip.site, chip.model, chip.cls)
    return maker.done()


_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
COLUMNS = pa.schema(
    [("item", pa.string()), ("site", _DICTIONARY), ("model", _DICTIONARY), ("class", _DICTIONARY)]
)
"""A frame as it travels: a chip or position, and what strata look at; nothing is said by null."""


def batches(frame: Frame) -> Iterator[pa.RecordBatch]:
    """The frame by id, `BLOCK_ROWS` at a time, as `COLUMNS`."""
    kept: list[tuple[pa.Array, pa.Array]] = []
    for values in zip(*((each.site, each.model, each.cls) for each in frame.places), strict=True):
        words = sorted({word for word in values if word is not None})
        places = {word: place for place, word in enumerate(words)}
        numbers = [None if word is None else places[word] for word in values]
        kept.append((pa.array(numbers, pa.int32()), pa.array(words, pa.string())))
    for start in range(0, len(frame), BLOCK_ROWS):
        ids = frame.ids.slice(start, BLOCK_ROWS).combine_chunks()
        codes = frame.codes.slice(start, BLOCK_ROWS).combine_chunks()
        facts = [pa.DictionaryArray.from_arrays(numbers.take(codes), words) for numbers, words in kept]
        yield pa.RecordBatch.from_arrays([ids.cast(pa.string()), *facts], schema=COLUMNS)


def frame_of_batches(read: Iterable[pa.RecordBatch]) -> Frame:
    """A frame of what `batches` gave; ValueError for other columns, AssertionError for an id twice."""
    maker = FrameMaker()
    for batch in read:
        if batch.schema != COLUMNS or batch.column("item").null_count or batch.column("class").null_count:
            raise ValueError("these are not the columns of a frame")
        for item in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            maker.add(*item)
    return maker.done()
