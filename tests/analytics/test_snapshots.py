"""A snapshot is one whole immutable file, named for what it stands for, found by size and by day."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from analytics.follower import Follower
from analytics.report import Report, ReportRefused, run_report
from analytics.snapshots import Neighbours, Snapshots, open_snapshot
from analytics.warehouse import SCHEMA_SHA256, Warehouse
from tests.analytics.trade import ORIGIN, small_world


@pytest.fixture
def trade():
    return small_world()


def followed(trade, path, *sizes):
    warehouse = Warehouse(path / "warehouse.duckdb")
    snapshots = Snapshots(path / "snapshots")
    follower = Follower(trade.store, warehouse)
    made = []
    for size in sizes:
        follower.follow(size, trade.root_of(size))
        made.append(snapshots.publish(warehouse))
    return warehouse, snapshots, made


def test_a_snapshot_answers_for_its_size_for_ever(trade, tmp_path):
    warehouse, snapshots, made = followed(trade, tmp_path, 5, 12, trade.size)
    assert snapshots.every() == made and snapshots.latest() == made[-1]
    for snapshot in made:
        assert re.fullmatch(r"[0-9]+-[0-9a-f]{16}\.duckdb", snapshot.name)
        assert snapshot.name == f"{snapshot.size}-{trade.root_of(snapshot.size).hex()[:16]}.duckdb"
        with open_snapshot(snapshot.path, "500MB", 1) as connection:
            said = connection.execute("SELECT log, log_size, root FROM snapshot").fetchall()
            assert said == [(ORIGIN, snapshot.size, trade.root_of(snapshot.size).hex())]
            assert connection.execute("SELECT COUNT(*) FROM chip").fetchall()[0][0] in (0, 12, 16)
    warehouse.close()


def test_a_snapshot_is_never_written_again(trade, tmp_path):
    warehouse, snapshots, (first, second) = followed(trade, tmp_path, 9, trade.size)
    bytes_before = first.path.read_bytes()
    assert snapshots.publish(warehouse) == second
    assert first.path.read_bytes() == bytes_before
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o444
    with open_snapshot(first.path, "500MB", 1) as connection, pytest.raises(duckdb.Error):
        connection.execute("CREATE TABLE x AS SELECT 1")
    warehouse.close()


@pytest.mark.parametrize("said", ["an older one", "nothing", "rolled back"])
def test_a_snapshot_of_other_tables_is_made_again_by_who_cannot_read_it(trade, tmp_path, said):
    """Whatever else was published since: an end of a day, or what a program made that says nothing."""
    warehouse, snapshots, (first, second) = followed(trade, tmp_path, 9, trade.size)
    shapes = tmp_path / "snapshots" / "shapes"
    for one in (first, second):
        age(one.path)
        refused = run_report(one, "capacity")
        assert isinstance(refused, ReportRefused) and refused.reason == "other_tables"
    assert snapshots.publish(warehouse) == second and is_aged(second), "the control: it is said to be ours"
    ours = [line for line in shapes.read_text().splitlines() if not line.startswith(second.name)]
    other = {"nothing": [], "an older one": [f"{second.name} older"]}
    other["rolled back"] = [f"{second.name} {SCHEMA_SHA256}", f"{second.name} older"]
    shapes.write_text("".join(f"{line}\n" for line in [*ours, *other[said]]))
    assert snapshots.publish(warehouse) == second and not is_aged(second)
    assert isinstance(run_report(second, "capacity"), Report)
    assert is_aged(first), "what others published stays as it is"
    assert snapshots.publish(warehouse) == second and not is_aged(second)
    assert sorted(path.name for path in shapes.parent.iterdir()) == sorted(
        [first.name, second.name, "shapes"]
    )
    warehouse.close()


def age(path):
    """Make a snapshot as a program without sums left it."""
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE record.chip_tally")
        connection.execute("UPDATE record.standing SET schema_sha256 = 'older'")
    path.chmod(0o444)


def is_aged(snapshot):
    return isinstance(run_report(snapshot, "capacity"), ReportRefused)


def test_a_fault_in_our_own_text_is_no_refusal(trade, tmp_path):
    """The control: tables that are missing though the shape is ours are a fault, told as one."""
    warehouse, _, (made,) = followed(trade, tmp_path, trade.size)
    age(made.path)
    made.path.chmod(0o644)
    with duckdb.connect(str(made.path)) as connection:
        connection.execute("UPDATE record.standing SET schema_sha256 = ?", [SCHEMA_SHA256])
    with pytest.raises(duckdb.CatalogException):
        run_report(made, "capacity")
    warehouse.close()


def test_a_size_without_a_snapshot_has_neighbours(trade, tmp_path):
    warehouse, snapshots, (five, twelve) = followed(trade, tmp_path, 5, 12)
    assert snapshots.at(5) == five
    assert snapshots.at(8) == Neighbours(five, twelve)
    assert snapshots.at(1) == Neighbours(None, five)
    assert snapshots.at(99) == Neighbours(twelve, None)
    assert snapshots.called(five.name) == five
    for other in ("6-" + five.root + ".duckdb", "../warehouse.duckdb", "05-" + five.root + ".duckdb", ""):
        assert snapshots.called(other) is None
    warehouse.close()


def test_a_broken_publication_leaves_no_name(trade, tmp_path):
    """What a kill left half built is swept, and was never listed."""
    warehouse, snapshots, (made,) = followed(trade, tmp_path, 5)
    half = made.path.with_name("7-0123456789abcdef.building")
    half.write_bytes(made.path.read_bytes()[:1000])
    assert snapshots.every() == [made]
    assert Snapshots(tmp_path / "snapshots").publish(warehouse) == made
    assert snapshots.every() == [made] and not half.exists()
    warehouse.close()


def test_the_warehouse_stays_locked_and_usable_after_a_copy(trade, tmp_path):
    warehouse, _, _ = followed(trade, tmp_path, trade.size)
    assert warehouse.ask("SELECT COUNT(*) FROM chip", []) == [(16,)]
    script = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    command = [sys.executable, "-c", script, str(warehouse.path)]
    locked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert locked.returncode != 0 and "lock" in locked.stderr
    warehouse.close()
    assert subprocess.run(command, check=False).returncode == 0


ROOT = Path(__file__).parents[2]
# A process without a main file is taken for somebody at a prompt, to whom progress is drawn.
UNDRAWN = """
import sys
from pathlib import Path
from threading import Thread
import duckdb
from analytics.contained import open_snapshot
path = Path(sys.argv[1])
ASKED = "SELECT value FROM duckdb_settings() WHERE name = 'enable_progress_bar'"
with duckdb.connect(str(path), read_only=True) as bare:
    print(bare.execute(ASKED).fetchall())
said = []
def ask():
    with open_snapshot(path, "500MB", 1) as ours:
        said.append(ours.execute(ASKED).fetchall()[0][0])
for _ in range(10):
    both = [Thread(target=ask) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
print(len(said), set(said))
"""


def test_progress_is_drawn_among_no_answers(trade, tmp_path):
    """Asked side by side too; the engine left to itself draws, which is the control."""
    warehouse, _, (made,) = followed(trade, tmp_path, trade.size)
    warehouse.close()
    command = [sys.executable, "-c", UNDRAWN, str(made.path)]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    assert asked.stdout.splitlines() == ["[('true',)]", "20 {'false'}"]


LOCKED = (
    "SET enable_external_access = true",
    "SET allowed_configs = ['enable_external_access']",
    "RESET allowed_configs",
    "SET allowed_directories = ['/']",
    "SET lock_configuration = false",
    "SET temp_directory = '/tmp'",
    "SET memory_limit = '99GB'",
    "SET enable_progress_bar_print = true",
)


@pytest.mark.parametrize("setting", LOCKED)
def test_a_question_of_ours_can_change_no_setting_of_the_file(trade, tmp_path, setting):
    warehouse, _, (made,) = followed(trade, tmp_path, 5)
    warehouse.close()
    with open_snapshot(made.path, "500MB", 1) as connection:
        with pytest.raises(duckdb.InvalidInputException, match="configuration has been locked"):
            connection.execute(setting)
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"SELECT * FROM read_text('{__file__}')")
