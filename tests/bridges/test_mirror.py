"""A PostgreSQL holds what the snapshot holds, the old one or the new one whole, and never goes back."""

import shutil
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from itertools import count

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import duckdb
import pytest

from analytics.bridges.mirror import COMMIT, SWAP, Mirrored, MirrorRefused, mirror, rows_in
from analytics.follower import Follower
from analytics.snapshots import Snapshots
from analytics.warehouse import VIEWS, Warehouse
from tests.analytics.trade import small_world
from tests.bridges.engines import asking_duckdb, asking_postgresql

NUMBERS = count()
TRIES_MAX = 1_000  # a server needs a moment to notice that a client was killed
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from analytics.bridges.mirror import mirror

told = 0

def advance(table, rows):
    global told
    told += 1
    if told == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

print(mirror(Path(sys.argv[1]), sys.argv[2], sys.argv[3], advance=advance))
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """(earlier, later): two snapshots of one log."""
    folder = tmp_path_factory.mktemp("pair")
    trade, warehouse = small_world(), Warehouse(folder / "warehouse")
    snapshots, follower = Snapshots(folder / "snapshots"), Follower(trade.store, warehouse)
    follower.follow(trade.size, trade.root)
    earlier = snapshots.publish(warehouse)
    trade.claim("quill", "lima", 5, 6)
    trade.make("acme", range(50, 60))
    follower.follow(trade.size, trade.root)
    later = snapshots.publish(warehouse)
    warehouse.close()
    return earlier.path, later.path


@pytest.fixture
def schema():
    """A name that no other test uses."""
    return f"mirror_{next(NUMBERS)}"


def silent(*_):
    """Nobody watches."""


def put(snapshot, to, schema, **options):
    """A mirror that must succeed."""
    told = mirror(snapshot, to, schema, advance=silent, **options)
    assert isinstance(told, Mirrored), told
    return told


@contextmanager
def speaking(to):
    """Say or ask something of the database, as a person would."""
    with closing(adbc_driver_postgresql.dbapi.connect(to, autocommit=True)) as connection:

        def say(text):
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else []

        yield say


def contents(to, schema):
    """All rows of all views, to compare with."""
    with asking_postgresql(to, schema) as ask:
        return {view: ask(f"SELECT * FROM {view}") for view in VIEWS}


def holds(to, schema, snapshot):
    """Whether the views there are those of this snapshot, row for row."""
    with asking_duckdb(snapshot) as ask:
        return all(answer == ask(f"SELECT * FROM {view}") for view, answer in contents(to, schema).items())


def doctored(snapshot, folder, change):
    """A copy of a snapshot in which something was changed by hand."""
    path = folder / "doctored.duckdb"
    shutil.copyfile(snapshot, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(change)
    return path


def test_the_views_are_there_with_what_their_columns_mean(pair, postgresql, schema):
    earlier, _ = pair
    seen = []
    told = mirror(earlier, postgresql, schema, advance=lambda table, rows: seen.append((table, rows)))
    assert isinstance(told, Mirrored) and told.written and told.size == 49
    assert sum(rows for _, rows in seen) == told.rows == rows_in(earlier) > 200
    assert [table for table, _ in seen[-2:]] == [SWAP, COMMIT]
    assert holds(postgresql, schema, earlier)
    assert put(earlier, postgresql, schema).written is False, "done again, it does nothing"
    with asking_duckdb(earlier) as ask:
        comments = ask(
            "SELECT table_name, column_name, comment FROM duckdb_columns()"
            " WHERE schema_name = 'main' AND NOT internal"
        )
    with asking_postgresql(postgresql, schema) as ask:
        there = ask(
            "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name,"
            " COL_DESCRIPTION(CAST(table_name AS REGCLASS), ordinal_position) AS comment"
            f" FROM information_schema.columns WHERE table_schema = '{schema}'"
        )
    assert there.rows == comments.rows and len(comments.rows) > 150


def test_the_next_snapshot_takes_its_place_and_grants_and_views_of_ones_own_stay(pair, postgresql, schema):
    earlier, later = pair
    put(earlier, postgresql, schema)
    with speaking(postgresql) as say:
        say(f"CREATE ROLE reader_{schema} LOGIN")
        say(f"GRANT USAGE ON SCHEMA {schema} TO reader_{schema}")
        say(f"GRANT SELECT ON {schema}.chip TO reader_{schema}")
        say(f"CREATE VIEW public.mine_{schema} AS SELECT COUNT(*) AS chips FROM {schema}.chip")
        assert say(f"SELECT chips FROM public.mine_{schema}") == [(16,)]
        told = put(later, postgresql, schema)
        assert (told.size, told.written) == (51, True)
        assert say(f"SELECT chips FROM public.mine_{schema}") == [(26,)]
        say(f"SET ROLE reader_{schema}")
        assert say(f"SELECT COUNT(*) FROM {schema}.chip") == [(26,)]
    assert holds(postgresql, schema, later)


NOT_ITS_NEXT = (
    ("other_log", "UPDATE record.standing SET log = 'another.example/log'"),
    ("newer", "UPDATE record.standing SET log_size = 48"),
    ("other_history", "UPDATE record.standing SET root = repeat('0', 64)"),
    (
        "other_history",
        "UPDATE record.standing SET log_size = 99; DELETE FROM record.entry WHERE entry_index = 7",
    ),
    ("other_shape", "UPDATE record.standing SET schema_sha256 = 'older'"),
    ("empty", "UPDATE record.standing SET log = NULL"),
)


def test_what_does_not_continue_the_mirror_is_refused(pair, postgresql, schema, tmp_path):
    earlier, later = pair
    put(earlier, postgresql, schema)
    before = contents(postgresql, schema)
    for reason, change in NOT_ITS_NEXT:
        told = mirror(doctored(earlier, tmp_path, change), postgresql, schema, advance=silent)
        assert isinstance(told, MirrorRefused) and told.reason == reason, change
        assert contents(postgresql, schema) == before, change
    assert put(later, postgresql, schema).written, "it goes on with what does continue it"


def test_an_older_snapshot_does_not_replace_a_newer_one(pair, postgresql, schema):
    earlier, later = pair
    put(later, postgresql, schema)
    told = mirror(earlier, postgresql, schema, rebuild=True, advance=silent)
    assert isinstance(told, MirrorRefused) and told.reason == "newer"
    assert holds(postgresql, schema, later)


def test_what_is_not_a_mirror_is_left_alone(pair, postgresql, schema):
    with speaking(postgresql) as say:
        say(f"CREATE SCHEMA {schema}")
        say(f"CREATE TABLE {schema}.chip (a INTEGER)")
        told = mirror(pair[0], postgresql, schema, rebuild=True, advance=silent)
        assert isinstance(told, MirrorRefused) and told.reason == "not_a_mirror"
        assert say(f"SELECT COUNT(*) FROM {schema}.chip") == [(0,)]
        say(f"DROP TABLE {schema}.chip")
    assert put(pair[0], postgresql, schema).written, "a schema that somebody made for it will do"


def test_two_mirrors_at_once_do_not_mix(pair, postgresql, schema):
    inner = []

    def advance(*_):
        if not inner:
            inner.append(mirror(pair[0], postgresql, schema, advance=silent))

    assert isinstance(mirror(pair[0], postgresql, schema, advance=advance), Mirrored)
    assert inner[0].reason == "busy"
    assert holds(postgresql, schema, pair[0])


def test_what_was_built_on_the_tables_below_is_dropped_only_when_asked(pair, postgresql, schema):
    earlier, later = pair
    put(earlier, postgresql, schema)
    with speaking(postgresql) as say:
        say(f"CREATE VIEW public.low_{schema} AS SELECT * FROM {schema}_record.chip_state")
        told = mirror(later, postgresql, schema, advance=silent)
        assert isinstance(told, MirrorRefused) and told.reason == "built_on"
        assert holds(postgresql, schema, earlier)
        assert put(later, postgresql, schema, rebuild=True).written
        assert say(f"SELECT COUNT(*) FROM pg_views WHERE viewname = 'low_{schema}'") == [(0,)]
    assert holds(postgresql, schema, later)


def test_a_killed_mirror_leaves_the_old_one_whole(pair, postgresql, schema):
    earlier, later = pair
    put(earlier, postgresql, schema)
    told = []
    put_elsewhere = mirror(later, postgresql, f"{schema}_whole", advance=lambda *each: told.append(each))
    assert isinstance(put_elsewhere, Mirrored)
    moments = (1, len(told) - 1, len(told))  # with one table written, before the swap, before the commit
    for moment in moments:
        ended = subprocess.run(
            [sys.executable, "-c", KILLED_AT, str(later), postgresql, schema, str(moment)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL, (moment, ended.stdout)
        assert holds(postgresql, schema, earlier), moment
    for _ in range(TRIES_MAX):
        done = mirror(later, postgresql, schema, advance=silent)
        if done != MirrorRefused("busy", "another mirror is being written there"):
            break
    assert isinstance(done, Mirrored) and done.written
    assert holds(postgresql, schema, later), "killed nowhere, it is the new one: the comparison can tell"


def test_a_zero_byte_in_a_text_keeps_nobody_from_mirroring(postgresql, schema, tmp_path):
    trade, warehouse = small_world(), Warehouse(tmp_path / "warehouse")
    trade.claim("quill", "li\0ma", 5, 6)
    Follower(trade.store, warehouse).follow(trade.size, trade.root)
    snapshot = Snapshots(tmp_path / "snapshots").publish(warehouse)
    warehouse.close()
    put(snapshot.path, postgresql, schema)
    with asking_postgresql(postgresql, schema) as ask:
        rows = ask("SELECT subject FROM claim ORDER BY entry_index DESC LIMIT 1").rows
    assert rows == {("li\N{SYMBOL FOR NULL}ma",): 1}


def test_a_database_that_is_not_there_is_its_own_exception(pair):
    with pytest.raises(adbc_driver_manager.Error):
        mirror(pair[0], "postgresql://nobody@127.0.0.1:1/none", advance=silent)
