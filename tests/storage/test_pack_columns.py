"""Versions come out of their packs as columns as they would row by row, whatever the names and numbers."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.book.chip_columns import CHIP_COLUMNS, columns_of_chips
from ledger.book.rows import Chip
from ledger.storage.pack_columns import COLUMNS_ROWS, columns_of_packs
from ledger.storage.packs import FIRST, PACK_ROWS, packed
from tests.storage.samples import chip

TEXTS = st.one_of(st.none(), st.text(max_size=4), st.sampled_from(["x" * 31, "y" * 32, "é" * 200]))
EDGES = st.sampled_from([0, 127, 128, 255, 256, 2**16 - 1, 2**16, 2**32 - 1, 2**32, 2**63 - 1])
CHIPS = st.builds(
    replace,
    st.just(chip(0)),
    chip=st.one_of(st.text(max_size=40), st.integers(0, 255).map("n".__mul__)),
    number=st.one_of(EDGES, st.integers(0, 2**63 - 1)),
    custodian=TEXTS,
    slot=TEXTS,
    identity=TEXTS,
    born=st.sampled_from([-1, 0, 2**40]),
    changed=st.integers(0, 2**43),
)


def packs_of(rows):
    return [pack for _, pack in packed(7, rows, [FIRST] * len(rows), [""] * len(rows))]


@settings(deadline=None)
@given(st.lists(CHIPS, max_size=3 * PACK_ROWS))
def test_columns_are_those_of_the_rows(rows):
    columns = pa.Table.from_batches(columns_of_packs(packs_of(rows)), CHIP_COLUMNS)
    assert columns.equals(pa.Table.from_batches([columns_of_chips(rows)]))
    assert [Chip(*values.values()) for values in columns.to_pylist()] == rows


def test_many_come_some_at_a_time():
    rows = [replace(chip(0), chip=f"m:{number}", number=number) for number in range(COLUMNS_ROWS + 40)]
    some = list(columns_of_packs(packs_of(rows)))
    assert [len(columns) for columns in some] == [COLUMNS_ROWS, 40]
    assert pa.Table.from_batches(some).column("number").to_pylist() == list(range(COLUMNS_ROWS + 40))


def test_a_name_too_long_to_be_cut_is_noticed():
    with pytest.raises(AssertionError):
        list(columns_of_packs(packs_of([replace(chip(0), chip="n" * 256)])))


def test_another_number_in_the_pack_is_another_number_here():
    """The control: what is compared is what lies in the pack."""
    rows = [replace(chip(0), chip="m:1", number=300)]
    (pack,) = packs_of(rows)
    assert pack.count(b"\xcd\x01\x2c") == 1
    (columns,) = columns_of_packs([pack.replace(b"\xcd\x01\x2c", b"\xcd\x01\x2d")])
    assert columns.column("number").to_pylist() == [301]
    assert not columns.equals(columns_of_chips(rows))
