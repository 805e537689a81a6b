"""Versions come out of their packs as columns as they would row by row, whatever the names and numbers."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.book.chip_columns import CHIP_COLUMNS, columns_of_chips
from ledger.book.rows import Chip
from ledger.storage.pack_columns import ALIKE_ROWS_MIN, COLUMNS_ROWS, columns_of_packs
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


@st.composite
def alike(draw):
    """Rows of one entry that differ in chip, number, system and slot alone, many as long as the next."""
    first = draw(CHIPS)
    start = draw(st.sampled_from([1, 128, 2**16 - 2, 2**16, 2**32 - 20, 2**32, 2**63 - 10**6]))
    prefix = draw(st.sampled_from(["m:", "é:" + "x" * 40, "y" * 26, "z" * 27]))
    system = draw(st.sampled_from([None, "", "rack {:04}", "x" * 40 + "{:04}", "{}"]))
    slot = draw(st.sampled_from([None, "1", "{:01x}", "{}"]))
    more = draw(st.sampled_from([-1, 0, 5, ALIKE_ROWS_MIN]))
    return [
        replace(
            first,
            chip=f"{prefix}{n:05}",
            number=start + n,
            system=system and system.format(n),
            slot=slot and slot.format(n),
        )
        for n in range(ALIKE_ROWS_MIN + more)
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(alike(), st.lists(CHIPS, max_size=PACK_ROWS)), min_size=1, max_size=4))
def test_many_that_are_alike_are_those_of_the_rows_too(entries):
    packs = [pack for rows in entries for pack in packs_of(rows)]
    rows = [row for some in entries for row in some]
    columns = pa.Table.from_batches(columns_of_packs(packs), CHIP_COLUMNS)
    assert columns.equals(pa.Table.from_batches([columns_of_chips(rows)]))


# What begins the system of the one is the second byte of an accented letter of the other's site, and so with
# the slot: each is as long as the other, and has the bytes in the places that tell where fields begin.
ONE = {"site": "s" * 4, "system": "r" * 9, "slot": "77"}
OTHER = {"site": "sssé" + "s" * 8 + "â", "system": None, "slot": None}


def test_rows_that_only_look_alike_are_read_as_they_are():
    rows = [
        replace(chip(0), chip=f"m:{n:05}", number=2**16 + n, **(ONE, OTHER)[n % 2])
        for n in range(4 * ALIKE_ROWS_MIN)
    ]
    assert len({len(pack) for row in rows for pack in packs_of([row])}) == 1
    columns = pa.Table.from_batches(columns_of_packs(packs_of(rows)), CHIP_COLUMNS)
    assert columns.equals(pa.Table.from_batches([columns_of_chips(rows)]))


def test_many_come_some_at_a_time():
    count = 3 * COLUMNS_ROWS + 40
    rows = [replace(chip(0), chip=f"m:{number}", number=number) for number in range(count)]
    some = list(columns_of_packs(packs_of(rows)))
    assert len(some) > 1 and all(COLUMNS_ROWS <= len(columns) < 2 * COLUMNS_ROWS for columns in some[:-1])
    assert pa.Table.from_batches(some).column("number").to_pylist() == list(range(count))


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


def test_another_number_among_many_alike_is_another_number_here():
    """The same control, where they are cut at once."""
    rows = [replace(chip(0), chip=f"m:{n:04}", number=300 + n) for n in range(ALIKE_ROWS_MIN)]
    packs = packs_of(rows)
    assert packs[0].count(b"\xcd\x01\x2c") == 1
    packs[0] = packs[0].replace(b"\xcd\x01\x2c", b"\xcd\x01\x00")
    (columns,) = columns_of_packs(packs)
    assert columns.column("number").to_pylist() == [256, *range(301, 300 + ALIKE_ROWS_MIN)]
