"""How are a frame's columns made, and how do they travel?

A frame is made from what is handed over piece by piece, in any order, and is by id afterwards; while it is
sorted it takes twice its memory. Knows no store, and not which chips belong in it.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from ledger.book.frame import Frame, FrameChip, FramePlace
from ledger.inspection.listing import BLOCK_ROWS, NAME_TYPE, ascends

PLACE_TYPE = pa.uint32()


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
