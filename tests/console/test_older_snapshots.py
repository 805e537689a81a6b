"""A text of today asked of a snapshot of older tables is told as that, and a mistake as a mistake."""

import duckdb
import pytest

from analytics.console import Console, SqlAnswer
from analytics.follower import Follower
from analytics.older import OTHER_TABLES, has_other_tables, judged, today
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from tests.analytics.trade import small_world

OLDER = (
    "DROP TABLE record.evidence",
    "DROP VIEW lot",
)
MARK = "UPDATE record.standing SET schema_sha256 = 'older'"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two snapshots of one log: ours, and one as an older program left it."""
    folder = tmp_path_factory.mktemp("older")
    trade = small_world()
    found = []
    for name in ("ours", "older"):
        warehouse = Warehouse(folder / f"{name}-warehouse")
        Follower(trade.store, warehouse).follow(trade.size, trade.root)
        found.append(Snapshots(folder / name).publish(warehouse))
        warehouse.close()
    ours, older = found
    older.path.chmod(0o644)
    with duckdb.connect(str(older.path)) as connection:
        for text in (*OLDER, MARK):
            connection.execute(text)
    assert has_other_tables(older) and not has_other_tables(ours)
    return ours, older


@pytest.fixture(scope="module")
def console():
    return Console()


def asked(console, snapshot, query):
    """What comes of a question, as the routes have it."""
    answer = console.run(snapshot, query)
    return answer if isinstance(answer, SqlAnswer) else judged(snapshot, answer, is_ours=False)


@pytest.mark.parametrize(
    ("query", "name", "place"),
    [
        ("SELECT COUNT(*) FROM record.evidence", "record.evidence", (1, 22)),
        ("SELECT 1\nFROM chip AS c\nJOIN record.evidence AS e ON true", "record.evidence", (3, 6)),
        ('SELECT * FROM "record"."Evidence" AS e', '"record"."Evidence"', (1, 15)),
        ("WITH a AS (SELECT * FROM record.evidence) SELECT * FROM a", "record.evidence", (1, 26)),
        ("SELECT * FROM lot", "lot", (1, 15)),
        ("SELECT * FROM main.lot AS l", "main.lot", (1, 15)),
    ],
)
def test_a_table_of_today_that_the_snapshot_lacks_is_no_mistake(made, console, query, name, place):
    ours, older = made
    refused = asked(console, older, query)
    assert refused.reason == "other_tables", refused
    assert refused.detail == f"{name} is no table of this snapshot: {OTHER_TABLES}"
    assert (refused.line, refused.column, refused.near) == (*place, ())
    assert isinstance(asked(console, ours, query), SqlAnswer), "the control"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("SELECT * FROM record.evidense", "evidense"),
        ("SELECT * FROM evidence", "evidence"),  # today too it has that in `record` alone
        ("SELECT * FROM nowhere.evidence", "nowhere.evidence"),
        ("SELECT custodain FROM chip", "custodain"),
        ("SELECT chp FROM (SELECT chip FROM chip)", "chp"),
        ("SELECT lot.x FROM chip", "lot"),
    ],
)
@pytest.mark.parametrize("which", [0, 1])
def test_a_mistake_stays_one_whatever_the_snapshot_is(made, console, query, word, which):
    refused = asked(console, made[which], query)
    assert refused.reason == "failed" and OTHER_TABLES not in refused.detail
    assert word in f"{refused.word} {refused.detail}"


def test_what_the_snapshot_has_is_not_missing_whatever_the_query_process_says(made, console):
    """A query's process is believed in nothing: what it says is missing is looked for."""
    ours, older = made
    refused = console.run(older, "SELECT * FROM record.evidence")
    assert refused.reason == "failed" and refused.missing == "record.evidence"
    assert judged(older, refused, is_ours=False).reason == "other_tables", "the control"
    assert judged(ours, refused, is_ours=False) == refused


def test_the_names_of_today_are_those_of_a_snapshot_of_today(made):
    ours, older = made
    with duckdb.connect(str(ours.path), read_only=True) as connection:
        there = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
            " UNION SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
    assert {name for (name,) in there} == today()
    with duckdb.connect(str(older.path), read_only=True) as connection:
        assert connection.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'lot'").fetchall() == []
