"""A text is respelled only where it must be, and a difference between two answers is seen."""

import pyarrow as pa
import pytest

from analytics.bridges.dialects import for_postgresql, for_spark, placeholders
from tests.bridges.engines import Answer

TEXT = """-- Whose "record.entry" is $this? DOUBLE
SELECT CAST($b AS DOUBLE), c."from", 'record.x $a "y" it''s -- DOUBLE', CAST(NULL AS VARCHAR), $a, $b
FROM record.entry AS c;
"""


def test_placeholders_schema_quotes_and_types_are_respelled_and_nothing_else():
    assert placeholders(TEXT) == ("b", "a")
    comment, literal = TEXT.partition("\n")[0], """'record.x $a "y" it''s -- DOUBLE'"""
    assert for_postgresql(TEXT, "mine") == (
        f'{comment}\nSELECT CAST($1 AS DOUBLE PRECISION), c."from", {literal}, CAST(NULL AS VARCHAR), $2,'
        " $1\nFROM mine.entry AS c;\n",
        ("b", "a"),
    )
    assert for_spark(TEXT, "lake") == (
        f"{comment}\nSELECT CAST(:b AS DOUBLE), c.`from`, {literal}, CAST(NULL AS STRING), :a, :b\n"
        "FROM lake.entry AS c;\n"
    )


def test_widths_and_orders_and_last_digits_are_no_difference():
    one = Answer(pa.table({"n": pa.array([1, 2], pa.int32()), "x": [0.1 + 0.2, None]}))
    assert one == Answer(pa.table({"n": pa.array([2, 1], pa.int64()), "x": [None, 0.3]}))


@pytest.mark.parametrize(
    "other",
    [
        pa.table({"n": [1, 3], "x": [0.3, None]}),
        pa.table({"n": [1, 2, 2], "x": [0.3, None, None]}),
        pa.table({"n": ["1", "2"], "x": [0.3, None]}),
        pa.table({"m": [1, 2], "x": [0.3, None]}),
        pa.table({"n": [1, 2], "x": [0.3000001, None]}),
        pa.table({"n": [1, 2], "x": [0.3, 0.0]}),
    ],
    ids=["value", "twice", "kind", "name", "fraction", "nothing"],
)
def test_a_difference_is_seen(other):
    answer = Answer(pa.table({"n": [1, 2], "x": [0.3, None]}))
    assert answer != Answer(other) and answer.differences(Answer(other))
