"""How do packed versions become columns, millions of them, with no row in between?

All but its chip and number is the same for most versions that an entry wrote, down to the bytes. So a
version is cut in three where it lies: chip, number, and a tail that is decoded once however many versions
end in it. That is three times as fast as decoding every row. Pure; knows no database.
"""

from collections.abc import Iterable, Iterator
from struct import unpack

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]

from ledger.book.chip_columns import CHIP_COLUMNS
from ledger.storage.packs import raw_rows

COLUMNS_ROWS = 50_000  # versions that come as one batch of columns, or a pack more

_TAIL = len(CHIP_COLUMNS) - 2
assert CHIP_COLUMNS.names[:2] == ["chip", "number"]
assert 0 < _TAIL < 16 <= len(CHIP_COLUMNS), "the heads of arrays below are those of so many fields"

# MessagePack: an array of 16 to 65,535 elements has a head of three bytes, one of up to 15 has one byte; a
# text of up to 31 bytes has a head of one, one of up to 255 of two; a whole number says how long it is.
_TEXT_AT = 3
_TAIL_HEAD = bytes([0x90 | _TAIL])
_TEXT_ENDS = {0xA0 | length: _TEXT_AT + 1 + length for length in range(32)}
_LONG_TEXT = 0xD9
_NUMBER_BYTES = {**dict.fromkeys(range(0x80), 0), 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_NUMBER_LETTERS = {0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q"}  # as `struct` calls them

_decode_tail = msgspec.msgpack.Decoder(list[str | int | None]).decode


class _Columns:
    """Columns in the making."""

    def __init__(self) -> None:
        self.chips: list[bytes] = []
        self._numbers: list[int] = []
        self._tails: dict[bytes, int] = {}
        self._codes: list[int] = []

    def add(self, pack: bytes) -> None:
        """All versions of a pack."""
        rows = [bytes(raw) for raw in raw_rows(pack)]
        end = _TEXT_ENDS.get(rows[0][_TEXT_AT])
        if end is not None and _are_alike(rows, end):
            self._add_alike(rows, end)
        else:
            for row in rows:
                self._add_row(row)

    def _add_alike(self, rows: list[bytes], end: int) -> None:
        """Rows whose names and numbers are each of one length: cut in the same places, all at once."""
        letter = _NUMBER_LETTERS[rows[0][end]]
        start, stop = end + 1, end + 1 + _NUMBER_BYTES[rows[0][end]]
        self.chips += [row[_TEXT_AT + 1 : end] for row in rows]
        self._numbers += unpack(f">{len(rows)}{letter}", b"".join([row[start:stop] for row in rows]))
        self._code([row[stop:] for row in rows])

    def _add_row(self, row: bytes) -> None:
        begin, end = _TEXT_AT + 1, _TEXT_ENDS.get(row[_TEXT_AT])
        if end is None:
            assert row[_TEXT_AT] == _LONG_TEXT, "chips have names of at most 255 bytes"
            begin, end = begin + 1, begin + 1 + row[begin]
        self.chips.append(row[begin:end])
        start = end + 1
        stop = start + _NUMBER_BYTES[row[end]]
        self._numbers.append(int.from_bytes(row[start:stop]) if stop > start else row[end])
        self._code([row[stop:]])

    def _code(self, tails: list[bytes]) -> None:
        known = self._tails
        self._codes += [known.setdefault(tail, len(known)) for tail in tails]

    def done(self) -> pa.RecordBatch:
        """The columns of all that was added."""
        tails = [_decode_tail(_TAIL_HEAD + tail) for tail in self._tails]
        codes = pa.array(self._codes, pa.int32())
        kinds = CHIP_COLUMNS.types[2:]
        turned = zip(*tails, strict=True) if tails else [()] * _TAIL
        rest = [pa.array(values, kind).take(codes) for values, kind in zip(turned, kinds, strict=True)]
        chips = pa.array(self.chips, pa.binary()).cast(pa.string())
        return pa.RecordBatch.from_arrays(
            [chips, pa.array(self._numbers, pa.int64()), *rest], schema=CHIP_COLUMNS
        )


def _are_alike(rows: list[bytes], end: int) -> bool:
    """Whether the names of all end there, and the numbers after them are of one length."""
    texts, numbers = {row[_TEXT_AT] for row in rows}, {row[end] for row in rows}
    return len(texts) == len(numbers) == 1 and not numbers.isdisjoint(_NUMBER_LETTERS)


def columns_of_packs(packs: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
    """All versions of these packs, in order, some at a time."""
    columns = _Columns()
    for pack in packs:
        columns.add(pack)
        if len(columns.chips) >= COLUMNS_ROWS:
            yield columns.done()
            columns = _Columns()
    if columns.chips:
        yield columns.done()
