"""The same rows in four formats, safe in a spreadsheet, with no number bent."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet
import pytest

from analytics.formats import render

MOMENT = datetime(2026, 11, 21, 6, 44, 0, 123000, tzinfo=UTC)
TABLE = pa.table(
    {
        "chip": ["=HYPERLINK(1)", "+1", "-1", "@x", "acme:00012", None],
        "n": [-1, 2**60, 3, 4, 5, None],
        "big": pa.array([Decimal(7)] * 6, pa.decimal128(38, 0)),
        "price": pa.array([Decimal("1.50")] * 6, pa.decimal128(10, 2)),
        "when": pa.array([MOMENT.replace(tzinfo=None)] * 6, pa.timestamp("us")),
        "zoned": pa.array([MOMENT] * 6, pa.timestamp("us", "Europe/Oslo")),
    }
)


def test_json_has_whole_numbers_and_utc():
    rows = json.loads(render(TABLE, "json", {}))
    assert rows[0] == {
        "chip": "=HYPERLINK(1)", "n": -1, "big": 7, "price": "1.50",
        "when": "2026-11-21T06:44:00.123000Z", "zoned": "2026-11-21T06:44:00.123000Z",
    }  # fmt: skip
    assert rows[1]["n"] == str(2**60) and rows[5]["chip"] is None


def test_no_text_in_a_spreadsheet_is_a_formula():
    raw = render(TABLE, "csv", {})
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw[3:].decode())))
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "'+1", "'-1", "'@x", "acme:00012", ""]
    assert rows[1][1] == "-1", "a number stays a number"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_start_that_a_spreadsheet_may_take_for_a_formula_is_escaped(start):
    table = pa.table({f"{start}a": [f"{start}cmd|' /C calc'!A0", "TRUE", "€5", f"a{start}1", f"{{{start}"]})
    rows = list(csv.reader(io.StringIO(render(table, "csv", {})[3:].decode(), newline="")))
    told = [row[0] for row in rows]
    assert told[:4] == [f"'{start}a", f"'{start}cmd|' /C calc'!A0", "TRUE", "€5"]
    assert told[4:] == [f"a{start}1", f"{{{start}"], "the control: what stands within starts nothing"


def test_serials_are_texts_in_a_spreadsheet():
    """Whatever a spreadsheet would read as a number or a day, and whatever has more digits than it keeps."""
    serials = ["00042", "12E5", "1-2", "3/4", "MAR-1", "2 sep", "Oct", "1,5", "12 345", "(7)", "90%"]
    texts = ["acme:00012", "rack-1", "oslo/hall", "a1", "marble", "1st", "ab12", "", "2026-11-21T06:44:00Z"]
    table = pa.table({"text": serials + texts})
    rows = list(csv.reader(io.StringIO(render(table, "csv", {})[3:].decode())))
    assert [row[0] for row in rows[1:]] == [f"'{serial}" for serial in serials] + texts
    numbers = pa.table({
        "n": [10**15 - 1, 10**15, 2**60, -(10**15)],
        "price": pa.array([Decimal("-1.50")] * 4, pa.decimal128(10, 2)),
        "day": [datetime(2026, 11, 21, tzinfo=UTC).date()] * 4,
    })  # fmt: skip
    rows = list(csv.reader(io.StringIO(render(numbers, "csv", {})[3:].decode())))
    assert [row[0] for row in rows[1:]] == [str(10**15 - 1), f"'{10**15}", f"'{2**60}", f"'-{10**15}"]
    assert rows[1][1:] == ["-1.50", "2026-11-21"], "what is a number or a day stays one"


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_column_formats_carry_rows_and_provenance(form):
    raw = render(TABLE, form, {"snapshot": "7-aa.duckdb"})
    read = (
        pa.ipc.open_stream(raw).read_all() if form == "arrow" else pyarrow.parquet.read_table(io.BytesIO(raw))
    )
    assert read.num_rows == 6 and read.column("n").to_pylist() == TABLE.column("n").to_pylist()
    assert read.schema.metadata[b"chipledger.snapshot"] == b"7-aa.duckdb"


def test_columns_of_one_name_are_told_apart():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], ["a", "a", "b"])
    assert json.loads(render(table, "json", {})) == [{"a": 1, "a_2": 2, "b": 3}]
    for form in ("csv", "arrow", "parquet"):
        assert render(table, form, {})


def test_an_instant_is_told_in_utc_however_deep_it_lies():
    instant = pa.timestamp("us", tz="Asia/Tokyo")
    kinds = {
        "one": (instant, MOMENT, "2026-11-21T06:44:00.123000Z"),
        "many": (pa.list_(instant), [MOMENT, None], ["2026-11-21T06:44:00.123000Z", None]),
        "pair": (pa.list_(instant, 1), [MOMENT], ["2026-11-21T06:44:00.123000Z"]),
        "record": (pa.struct([("at", instant)]), {"at": MOMENT}, {"at": "2026-11-21T06:44:00.123000Z"}),
        "map": (pa.map_(pa.string(), instant), [("at", MOMENT)], [["at", "2026-11-21T06:44:00.123000Z"]]),
        "deep": (
            pa.list_(pa.struct([("at", pa.list_(instant))])),
            [{"at": [MOMENT]}],
            [{"at": ["2026-11-21T06:44:00.123000Z"]}],
        ),
    }
    table = pa.table({name: pa.array([value, None], kind) for name, (kind, value, _) in kinds.items()})
    first, second = json.loads(render(table, "json", {}))
    assert first == {name: told for name, (_, _, told) in kinds.items()}
    assert second == dict.fromkeys(kinds)
