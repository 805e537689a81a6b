"""Which tables a snapshot has is remembered for as long as it is there, and no longer."""

import os
import signal
import subprocess
import sys

import pytest

from analytics.follower import Follower
from analytics.retention import BUILDING_SUFFIX, KeptLines, Retention
from analytics.snapshots import SHAPES_FILE, Snapshots
from analytics.warehouse import SCHEMA_SHA256, Warehouse
from tests.analytics.trade import small_world

SIZES = (3, 5, 9, 12, 17)


@pytest.fixture(scope="module")
def trade():
    return small_world()


def publish(trade, warehouse, snapshots, *sizes):
    for size in sizes:
        Follower(trade.store, warehouse).follow(size, trade.root_of(size))
        assert snapshots.publish(warehouse) is not None


def shapes_of(folder):
    return KeptLines(folder / SHAPES_FILE).every()


def lines_of(snapshots):
    return tuple(f"{one.name} {SCHEMA_SHA256}" for one in snapshots.every())


@pytest.mark.parametrize("newest", [0, 2])
def test_the_lines_of_what_was_pruned_go_with_it(trade, tmp_path, newest):
    """The control keeps every snapshot: as many lines as there were publications."""
    warehouse, snapshots = Warehouse(tmp_path / "w"), Snapshots(tmp_path / "s", Retention(newest))
    for size in SIZES:
        publish(trade, warehouse, snapshots, size)
        snapshots.prune()
        assert shapes_of(tmp_path / "s") == lines_of(snapshots)
    assert len(shapes_of(tmp_path / "s")) == (newest or len(SIZES))
    before = snapshots.latest().path.stat()
    assert snapshots.publish(warehouse) == snapshots.latest(), "it is still known to be ours"
    assert snapshots.latest().path.stat().st_ino == before.st_ino
    warehouse.close()


def test_a_long_file_of_an_earlier_version_is_made_short_by_the_next_publication(trade, tmp_path):
    warehouse, snapshots = Warehouse(tmp_path / "w"), Snapshots(tmp_path / "s")
    publish(trade, warehouse, snapshots, 5)
    (ours,) = lines_of(snapshots)
    gone = [f"{size}-{size:016x}.duckdb {SCHEMA_SHA256}" for size in range(1_000, 2_000)]
    path = tmp_path / "s" / SHAPES_FILE
    path.write_text("".join(f"{line}\n" for line in [*gone, f"{ours.split()[0]} older", *gone, ours]))
    publish(trade, warehouse, snapshots, 9)
    older, _, newer = shapes_of(tmp_path / "s")
    assert older.endswith(" older") and newer == lines_of(snapshots)[1], "in their order: the last counts"
    before = path.stat().st_mtime_ns
    publish(trade, warehouse, snapshots, 9)
    assert path.stat().st_mtime_ns == before, "nothing is written where nothing goes"
    warehouse.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from analytics.retention import KeptLines

calls = 0
def look(event, arguments):
    global calls
    if event in ("open", "os.rename") and str(arguments[0]).startswith(sys.argv[1]):
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(look)
KeptLines(Path(sys.argv[1]) / "lines").drop(lambda line: line == "gone")
"""


def test_a_kill_leaves_all_lines_or_those_that_are_kept(tmp_path):
    """At whichever call to the disk it comes; without one, the control, those that are kept."""
    found = []
    for call in range(1, 20):
        folder = tmp_path / str(call)
        folder.mkdir()
        lines = KeptLines(folder / "lines")
        lines.add(["a", "gone", "b"])
        told = [sys.executable, "-c", KILLED, str(folder), str(call)]
        ended = subprocess.run(told, check=False, cwd=os.getcwd()).returncode
        found.append((ended, lines.every()))
        lines.add(["c"])
        assert lines.every() == (*found[-1][1], "c"), "and it is gone on with"
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert found[-1] == (0, ("a", "b")) and len(found) > 4
    states = [kept for _, kept in found]
    assert set(states) == {("a", "gone", "b"), ("a", "b")}
    assert states == sorted(states, key=len, reverse=True), "the old ones until all of the new are there"


def test_what_a_kill_left_of_it_is_swept(trade, tmp_path):
    warehouse, snapshots = Warehouse(tmp_path / "w"), Snapshots(tmp_path / "s")
    half = tmp_path / "s" / (SHAPES_FILE + BUILDING_SUFFIX)
    half.write_bytes(b"half of a li")
    publish(trade, warehouse, snapshots, 5)
    assert not half.exists() and shapes_of(tmp_path / "s") == lines_of(snapshots)
    warehouse.close()
