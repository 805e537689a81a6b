"""Segments are the rows of the warehouse, in files that do not depend on how it came to be."""

import random
from itertools import pairwise

import duckdb
import pyarrow.parquet as pq
import pytest

from analytics.follower import Follower
from analytics.segments import KINDS, Foreign, Segments
from analytics.warehouse import Warehouse
from tests.analytics.trade import ORIGIN, small_world

ROWS = 20


@pytest.fixture(scope="module")
def trade():
    return small_world()


def grown(trade, path, *sizes):
    path.mkdir(exist_ok=True)
    warehouse, segments, made = Warehouse(path / "w"), Segments(path / "p", ROWS), []
    for size in sizes:
        assert Follower(trade.store, warehouse).follow(size, trade.root_of(size)).size == size
        made += segments.write(warehouse, trade.root_of)
    return warehouse, segments, made


def test_files_cover_the_log_and_hold_its_rows(trade, tmp_path):
    warehouse, segments, made = grown(trade, tmp_path, trade.size)
    assert made == sorted(made, key=lambda path: path.name.split("-")[1:]) and set(made) == set(
        segments.every()
    )
    runs = [(int(path.stem.split("-")[1]), int(path.stem.split("-")[2])) for path in made]
    starts = [0, *dict.fromkeys(stop for _, stop in runs)]
    assert sorted(set(runs)) == list(pairwise(starts)) and len(made) == 2 * len(set(runs)) >= 4
    reach = segments.reach()
    assert reach == starts[-1] < trade.size
    order = {"chip_event": "entry_index", "chip_version": "changed"}
    for kind, query in KINDS.items():
        there = duckdb.sql(
            f"SELECT * FROM read_parquet('{tmp_path}/p/{kind}-*.parquet') ORDER BY ALL"
        ).fetchall()
        kept = warehouse.ask(query, {"start": 0, "stop": reach})
        assert sorted(map(repr, there)) == sorted(map(repr, kept)) and len(there) > ROWS
        assert order[kind] in query
    for path, (start, stop) in zip(made, runs, strict=True):
        told = pq.read_metadata(path).metadata
        assert (told[b"log"], told[b"from"], told[b"to"]) == (ORIGIN.encode(), b"%d" % start, b"%d" % stop)
        assert told[b"root"] == trade.root_of(stop).hex().encode()
        assert path.stat().st_mode & 0o777 == 0o444
    warehouse.close()


def test_made_again_or_bit_by_bit_they_are_the_same_bytes(trade, tmp_path):
    once, _, made = grown(trade, tmp_path / "once", trade.size)
    sizes = sorted(random.Random(8).sample(range(1, trade.size), 7))
    bits, _, again = grown(trade, tmp_path / "bits", *sizes, trade.size)
    assert {p.name: p.read_bytes() for p in made} == {p.name: p.read_bytes() for p in again}
    made[0].unlink()
    assert Segments(tmp_path / "once" / "p", ROWS).write(once, trade.root_of) == [made[0]]
    assert made[0].read_bytes() == again[0].read_bytes()
    assert Segments(tmp_path / "other" / "p", 2 * ROWS).write(once, trade.root_of) != again, "the control"
    once.close()
    bits.close()


def test_files_of_another_log_are_left_alone(trade, tmp_path):
    warehouse, segments, made = grown(trade, tmp_path, trade.size)
    assert segments.write(warehouse, trade.root_of) == []
    told = segments.write(warehouse, lambda _: bytes(32))
    assert isinstance(told, Foreign) and str(segments.reach()) in told.detail
    assert segments.every() == sorted(made)
    warehouse.close()
    early = Warehouse(tmp_path / "early")  # made again, and not there yet
    assert segments.write(early, trade.root_of) == []
    early.close()
