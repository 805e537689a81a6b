"""How do packed versions become columns, millions of them, with no row in between?

Versions that an entry wrote are mostly alike, down to the bytes: one is as long as the next, each field
begins where it does in the next, and all but chip, number, system and slot is the same for many. So packs of
one shape are laid end to end and cut in the same places all at once, and what is the same is decoded once.
Versions of packs where that is not so are cut one by one: chip, number, and a tail that is decoded once
however many versions end in it. Pure; knows no database.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from ledger.book.chip_columns import CHIP_COLUMNS
from ledger.storage.packs import raw_rows, rows_in_one

COLUMNS_ROWS = 50_000  # versions that come at least as one batch of columns; fewer than two of them
ALIKE_ROWS_MIN = 512  # fewer of one shape are not worth cutting at once

_NAMES = CHIP_COLUMNS.names
_FIELDS = len(_NAMES)
_SYSTEM, _SLOT = _NAMES.index("system"), _NAMES.index("slot")
_TAIL = _FIELDS - 2
assert _NAMES[:2] == ["chip", "number"] and _SLOT == _SYSTEM + 1
assert 0 < _TAIL < 16 <= _FIELDS, "the heads of arrays below are those of so many fields"

# MessagePack: an array of 16 to 65,535 elements has a head of three bytes, one of up to 15 has one byte; a
# text of up to 31 bytes has a head of one, one of up to 255 of two; a whole number says how long it is.
_ARRAY, _SHORT_ARRAY = 0xDC, 0x90
_ROW_HEAD = bytes([_ARRAY, 0, _FIELDS])
_NIL, _SHORT_TEXT, _LONG_TEXT = 0xC0, 0xA0, 0xD9
_NUMBER_BYTES = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_UNSIGNED = {
    0xCC: ("B", pa.uint8()),
    0xCD: ("H", pa.uint16()),
    0xCE: ("I", pa.uint32()),
    0xCF: ("Q", pa.uint64()),
}  # as `array` and Arrow call them

_KNOWN = {*range(0x80), *range(0xE0, 0x100), _NIL, *range(_SHORT_TEXT, _NIL), _LONG_TEXT, *_NUMBER_BYTES}

_decode_fields = msgspec.msgpack.Decoder(list[str | int | None]).decode


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where rows of `size` bytes are cut: fields begin at `starts`, and bytes that say so lie at `marks`."""

    size: int
    starts: tuple[int, ...]
    marks: tuple[tuple[int, bytes], ...]

    def fits(self, rows: bytes, count: int) -> bool:
        """Whether each of so many rows has these bytes in these places."""
        # A list, because a generator costs more than the few that need not be compared.
        return False not in [rows[at :: self.size] == mark * count for at, mark in self.marks]


def _head_and_body(row: bytes, at: int) -> tuple[int, int]:
    """Of the field that begins there how long its head is, and what follows it."""
    head = row[at]
    if head < 0x80 or head >= 0xE0 or head == _NIL:
        return 1, 0
    if _SHORT_TEXT <= head < _NIL:
        return 1, head - _SHORT_TEXT
    if head == _LONG_TEXT:
        return 2, row[at + 1]
    return 1, _NUMBER_BYTES[head]


def _shape_of(rows: bytes, size: int) -> _Shape | None:
    """The shape of the first row, None where it has none that is worth it."""
    at, starts, marks = len(_ROW_HEAD), [], [(place, bytes([byte])) for place, byte in enumerate(_ROW_HEAD)]
    for number in range(_FIELDS):
        if at >= size or rows[at] not in _KNOWN:
            return None
        starts.append(at)
        head, body = _head_and_body(rows, at)
        if number in (0, 1, _SYSTEM, _SLOT):
            marks += [(place, rows[place : place + 1]) for place in range(at, at + head)]
        at += head + body
    if at != size or rows[starts[1]] not in _UNSIGNED:
        return None
    return _Shape(size, (*starts, size), tuple(marks))


@dataclass(slots=True)
class _Run:
    """Packs that come one after another and are of one shape, or of none; `rows` are what lies in them."""

    shape: _Shape | None
    packs: list[bytes] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    count: int = 0


def _runs(packs: Iterable[bytes]) -> Iterator[_Run]:
    """The packs in order, those together that are of one shape; some rows at a time."""
    run = _Run(None)
    for pack in packs:
        rows, count = _laid_bare(rows_in_one(pack))
        shape = _shape_of_all(rows, count, run.shape)
        if shape is not run.shape or run.count >= COLUMNS_ROWS:
            yield run
            run = _Run(shape)
        run.packs.append(pack)
        run.rows.append(rows)
        run.count += count
    yield run


def _laid_bare(lying: bytes) -> tuple[bytes, int]:
    """The elements of an array without its head, and how many they are."""
    if lying[0] == _ARRAY:
        return lying[3:], int.from_bytes(lying[1:3])
    return lying[1:], lying[0] - _SHORT_ARRAY


def _shape_of_all(rows: bytes, count: int, last: _Shape | None) -> _Shape | None:
    """The shape of so many rows, which is most often that of the last; None where they have not one."""
    size, left = divmod(len(rows), count)
    if left:
        return None
    if last is not None and last.size == size and last.fits(rows, count):
        return last
    shape = _shape_of(rows, size)
    return shape if shape is not None and shape.fits(rows, count) else None


def _columns_alike(run: _Run, shape: _Shape) -> pa.RecordBatch:
    """The rows of a run cut at once; `msgspec.DecodeError` where they only looked alike.

    What is decoded are whole fields with their heads, and the other heads are the same in every row: so where
    nothing is raised, each row is one that MessagePack cannot read in any other way.
    """
    starts, count = shape.starts, run.count
    whole = b"".join(run.rows)
    cells = pa.Array.from_buffers(pa.binary(shape.size), count, [None, pa.py_buffer(whole)])
    after = _SLOT + 1
    front = pc.binary_slice(cells, starts[2], starts[_SYSTEM])
    back = pc.binary_slice(cells, starts[after], starts[_FIELDS])
    columns = [
        _texts(whole, cells, starts[0]),
        _numbers(whole, shape, count),
        *_decoded(front, 2, _SYSTEM),
        _texts(whole, cells, starts[_SYSTEM]),
        _texts(whole, cells, starts[_SLOT]),
        *_decoded(back, after, _FIELDS),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=CHIP_COLUMNS)


def _texts(whole: bytes, cells: pa.Array, at: int) -> pa.Array:
    """The text that begins there in each row, all of one length, or none."""
    head, body = _head_and_body(whole, at)
    if whole[at] == _NIL:
        return pa.nulls(len(cells), pa.string())
    if body == 0:
        return pa.repeat(pa.scalar("", pa.string()), len(cells))
    return pc.binary_slice(cells, at + head, at + head + body).cast(pa.binary()).cast(pa.string())


def _numbers(whole: bytes, shape: _Shape, count: int) -> pa.Array:
    """The numbers of the rows, highest byte first where they lie."""
    start, stop = shape.starts[1] + 1, shape.starts[2]
    letter, kind = _UNSIGNED[whole[start - 1]]
    turned = bytearray(count * (stop - start))
    for place in range(stop - start):
        turned[place :: stop - start] = whole[start + place :: shape.size]
    numbers = array(letter, bytes(turned))
    if sys.byteorder == "little":
        numbers.byteswap()
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(numbers)]).cast(pa.int64())


def _decoded(cells: pa.Array, first: int, after: int) -> list[pa.Array]:
    """Fields from `first` up to `after`, that lie in cells one after another."""
    coded = cells.dictionary_encode()
    return _spread(coded.dictionary.to_pylist(), coded.indices, first, after)


def _spread(bodies: Iterable[bytes], codes: pa.Array, first: int, after: int) -> list[pa.Array]:
    """The same from bodies that are each decoded once, in as many places as their code is."""
    head = bytes([_SHORT_ARRAY | after - first])
    turned = zip(*(_decode_fields(head + body) for body in bodies), strict=True)
    kinds = CHIP_COLUMNS.types[first:after]
    return [pa.array(values, kind).take(codes) for values, kind in zip(turned, kinds, strict=True)]


def _columns_apart(packs: Iterable[bytes]) -> pa.RecordBatch:
    """The rows of packs of whatever shape, cut one by one."""
    chips: list[bytes] = []
    numbers: list[int] = []
    tails: dict[bytes, int] = {}
    codes: list[int] = []
    for row in (bytes(raw) for pack in packs for raw in raw_rows(pack)):
        start = len(_ROW_HEAD)
        assert row[start] in _KNOWN, "chips have names of at most 255 bytes"
        head, body = _head_and_body(row, start)
        chips.append(row[start + head : start + head + body])
        start += head + body
        head, body = _head_and_body(row, start)
        numbers.append(int.from_bytes(row[start + head : start + head + body]) if body else row[start])
        codes.append(tails.setdefault(row[start + head + body :], len(tails)))
    rest = _spread(tails, pa.array(codes, pa.int32()), 2, _FIELDS)
    chip = pa.array(chips, pa.binary()).cast(pa.string())
    return pa.RecordBatch.from_arrays([chip, pa.array(numbers, pa.int64()), *rest], schema=CHIP_COLUMNS)


def _pieces(packs: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
    """The columns of runs, where runs that are short are put together."""
    apart: list[bytes] = []
    rows = 0
    for run in _runs(packs):
        alike = _tried_alike(run)
        if alike is None:
            apart += run.packs
            rows += run.count
        if apart and (alike is not None or rows >= COLUMNS_ROWS):
            yield _columns_apart(apart)
            apart, rows = [], 0
        if alike is not None:
            yield alike
    if apart:
        yield _columns_apart(apart)


def _tried_alike(run: _Run) -> pa.RecordBatch | None:
    if run.shape is None or run.count < ALIKE_ROWS_MIN:
        return None
    try:
        return _columns_alike(run, run.shape)
    except msgspec.DecodeError:
        return None


def columns_of_packs(packs: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
    """All versions of these packs, in order, some at a time."""
    pieces: list[pa.RecordBatch] = []
    rows = 0
    for piece in _pieces(packs):
        pieces.append(piece)
        rows += piece.num_rows
        if rows >= COLUMNS_ROWS:
            yield _joined(pieces)
            pieces, rows = [], 0
    if rows:
        yield _joined(pieces)


def _joined(pieces: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    return pieces[0] if len(pieces) == 1 else pa.concat_batches(pieces)
