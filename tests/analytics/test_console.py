"""What the console answers, in which format, and what it says where it cannot. Attacks: tests/console."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from analytics.console import BOOT, CODE, Console, SqlAnswer
from analytics.follower import Follower
from analytics.question import Limits, SqlRefused
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from tests.analytics.trade import small_world
from tests.console.slow import until

LIMITS = Limits(wall_seconds=120, memory_bytes=200 << 20, rows_max=5_000, output_bytes_max=2 << 20)
HASTY = msgspec.structs.replace(LIMITS, wall_seconds=1)
HELD = """
import sys, time
from pathlib import Path
begun, go = Path(sys.argv[2]), Path(sys.argv[3])
begun.touch()
while not go.exists():
    time.sleep(0.01)
"""

PLAIN = "SELECT COUNT(*) AS chips FROM chip"


@pytest.fixture(scope="module")
def place():
    """A snapshot in a folder that the unprivileged user can reach."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        trade = small_world()
        warehouse = Warehouse(folder / "w")
        Follower(trade.store, warehouse).follow(trade.size, trade.root)
        snapshot = Snapshots(folder / "snapshots").publish(warehouse)
        warehouse.close()
        yield folder, snapshot


def test_every_format_is_answered_with_awkward_values(place):
    query = (
        "SELECT now() AS z, 170141183460469231731687303715884105727::HUGEINT AS h, 'NaN'::DOUBLE AS f,"
        " [now()] AS l, {'a': [now()]} AS s, MAP {'k': now()} AS m, 'x'::BLOB AS b, uuid() AS u,"
        " TIME '12:00' AS t, DATE '2026-01-01' AS d, NULL AS n, '=1' AS e, 1 AS e"
    )
    console = Console(LIMITS)
    for form in ("json", "csv", "arrow", "parquet"):
        answer = console.run(place[1], query, form)
        assert isinstance(answer, SqlAnswer) and answer.rows == 1, (form, answer)
        assert [name for name, _ in answer.columns][:2] == ["z", "h"]
    assert console.run(place[1], "SELECT 1", "xlsx").reason == "no_such_format"


def test_a_mistake_in_a_query_is_told_to_its_author(place):
    console = Console(LIMITS)
    for query, hint in {
        "SELECT nope FROM chip": "nope",
        "SELECT 1 + 'a'": "a",
        "SELECT * FROM nope": "nope",
    }.items():
        answer = console.run(place[1], query)
        assert isinstance(answer, SqlRefused) and answer.reason == "failed" and hint in answer.detail
    far = console.run(place[1], "SELECT TIMESTAMP '290000-01-01' AS x")
    assert isinstance(far, SqlRefused) and far.reason == "failed"
    # A union keeps its zones, whose rules are in files out of reach: which these are is nobody's business.
    unread = console.run(place[1], "SELECT union_value(a := TIMESTAMPTZ '2026-01-01 00:00:00+02') AS x")
    assert isinstance(unread, SqlAnswer) or "/" not in unread.detail, unread
    for query in ("SELECT '\0'", "SELECT '\ud800'"):
        assert console.run(place[1], query).reason == "unreadable"


@pytest.mark.parametrize(
    ("does", "reason"),
    {
        "print('nonsense')": "stopped",
        "pass": "stopped",
        "import sys\nwhile True: sys.stdout.write('x' * 65536)": "output_too_large",
        "print('ready', flush=True)\nimport time; time.sleep(600)": "too_slow",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "stopped",
        'print(\'ready\\n{"rows":1,"body_bytes":99}\\nshort\')': "stopped",
    }.items(),
)  # fmt: skip
def test_a_child_gone_wrong_is_believed_in_nothing(does, reason, place):
    limits = HASTY if reason == "too_slow" else LIMITS
    answer = Console(limits, child=(sys.executable, "-c", does)).run(place[1], PLAIN)
    assert isinstance(answer, SqlRefused) and answer.reason == reason


def test_whoever_comes_when_all_are_busy_is_told(place, tmp_path):
    begun, go = tmp_path / "begun", tmp_path / "go"
    child = (sys.executable, "-I", "-c", HELD + BOOT, str(CODE), str(begun), str(go))
    console = Console(LIMITS, at_once=1, patience_seconds=0.05, child=child)
    with ThreadPoolExecutor(1) as aside:
        first = aside.submit(console.run, place[1], PLAIN)
        try:
            assert until(begun.exists)
            assert console.run(place[1], PLAIN).reason == "busy"
        finally:
            go.touch()
        assert isinstance(first.result(), SqlAnswer)
    assert isinstance(console.run(place[1], PLAIN), SqlAnswer), "the control: nobody is before it"


def test_a_snapshot_that_was_let_go_meanwhile_is_called_so(place):
    """Pruned while the question waited; the control is a file that is there and is no database."""
    gone = replace(place[1], path=place[1].path.with_name("gone.duckdb"))
    answer = Console(LIMITS).run(gone, PLAIN)
    assert answer.reason == "stopped" and "ask a newer one" in answer.detail
    broken = replace(place[1], path=place[0] / "broken.duckdb")
    broken.path.write_bytes(b"no database")
    answer = Console(LIMITS).run(broken, PLAIN)
    assert answer.reason == "stopped" and "ask a newer one" not in answer.detail
