"""Strangers' SQL: attacks and bombs fail, one wall at a time, and the next question is answered."""

import json
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from analytics.console import CODE, Console, SqlAnswer
from analytics.follower import Follower
from analytics.question import Limits, Request, SqlRefused
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from tests.analytics.trade import small_world

SECRET = "the words nobody may read"
LIMITS = Limits(wall_seconds=2.5, memory_bytes=200 << 20, rows_max=5_000, output_bytes_max=2 << 20)

# {out}: a path to write to, {secret}: a file to read, {snapshot}: the snapshot itself, {port}: a local server
ATTACKS = {
    "read a text": "SELECT * FROM read_text('{secret}')",
    "read a csv": "SELECT * FROM read_csv('{secret}', header = false)",
    "read it as a blob": "SELECT content FROM read_blob('{secret}')",
    "name a file as a table": "SELECT * FROM '{secret}'",
    "quote a file as a table": 'SELECT * FROM "{secret}"',
    "list a folder": "SELECT * FROM glob('/*')",
    "read the environment": "SELECT getenv('PATH')",
    "read the process": "SELECT * FROM read_text('/proc/self/environ')",
    "read parquet metadata": "SELECT * FROM parquet_metadata('{secret}')",
    "run text as a query": "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')",
    "copy out": "COPY (SELECT 1) TO '{out}'",
    "copy to the file's own log": "COPY (SELECT 1) TO '{snapshot}.wal'",
    "copy in": "COPY chip FROM '{secret}'",
    "export all": "EXPORT DATABASE '{out}'",
    "attach a new database": "ATTACH '{out}' AS other",
    "attach the snapshot to write": "ATTACH '{snapshot}' AS again (READ_WRITE)",
    "install an extension": "INSTALL httpfs",
    "load an extension": "LOAD httpfs",
    "fetch from the network": "SELECT * FROM read_csv('http://127.0.0.1:{port}/x.csv')",
    "create a table": "CREATE TABLE mine AS SELECT 1",
    "change a chip": "UPDATE record.chip_state SET liable = 'somebody'",
    "delete the chips": "DELETE FROM record.chip_state",
    "drop a view": "DROP VIEW chip",
    "raise the memory": "SET memory_limit = '20GB'",
    "open the files again": "SET enable_external_access = true",
    "unlock the settings": "SET lock_configuration = false",
    "reset a setting": "RESET enable_external_access",
    "ask a pragma": "PRAGMA database_list",
    "call a pragma": "CALL pragma_database_size()",
    "store a credential": "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "define a macro that reads": "CREATE MACRO m() AS TABLE SELECT * FROM read_text('{secret}')",
    "two statements": "SELECT 1; COPY (SELECT 1) TO '{out}'",
    "a statement behind a comment": "/* SELECT 1 */ COPY (SELECT 1) TO '{out}'",
    "prepare and run": "PREPARE p AS SELECT 1; EXECUTE p",
    "write the checkpoint": "CHECKPOINT",
    "profile into a file": "PRAGMA profiling_output = '{out}'",
    "learn where the file lies": "SELECT path FROM duckdb_databases()",
}
BOMBS = {
    "time": "SELECT COUNT(*) FROM range(10000000000) AS a, range(1000) AS b WHERE a.range % 7 = b.range",
    "recursion": "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t) SELECT MAX(x) FROM t",
    "memory": "SELECT list(x) FROM (SELECT repeat('x', 1000000) || range AS x FROM range(100000))",
    "one great value": "SELECT repeat('x', 1000000000)",
    "one value over the output": "SELECT repeat('x', 5000000)",
    "nesting": "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
    "terms": "SELECT " + "1+" * 30_000 + "1",
}
CUT = {
    "rows": "SELECT * FROM range(100000000000)",
    "bytes": "SELECT repeat('x', 100000) FROM range(1000)",
}
PLAIN = "SELECT COUNT(*) AS chips FROM chip"

# Children with walls taken away, as a mistake in this program would leave them.
BEHIND_THE_GUARD = """
import msgspec, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from analytics.console_child import answer, confine_to, warm
from analytics.question import Request
from analytics.snapshots import open_snapshot
requests = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Request])
with open_snapshot(Path(requests[0].snapshot), "200MB", 2) as connection:
    warm(connection, "json")
    confine_to(requests[0].limits)
    for request in requests:
        reply, body = answer(connection, request, lambda connection, query: None)
        told = body.decode() if reply.refused is None else reply.refused.detail
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\\n")
"""
NO_WALLS = """
import sys
sys.path.insert(0, sys.argv[1])
from analytics.console_child import serve
serve(guard=lambda connection, query: None, confinement=lambda limits: None)
"""


@pytest.fixture(scope="module")
def place():
    """A snapshot, a secret beside it, a folder anybody may write to: rights alone hide nothing here."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        trade = small_world()
        warehouse = Warehouse(folder / "w")
        Follower(trade.store, warehouse).follow(trade.size, trade.root)
        snapshot = Snapshots(folder / "snapshots").publish(warehouse)
        warehouse.close()
        (folder / "secret.csv").write_text(SECRET)
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        yield folder, snapshot


@pytest.fixture(scope="module")
def server():
    """A listening socket that notes nobody came."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def filled(query, place, server=None):
    folder, snapshot = place
    port = 0 if server is None else server.getsockname()[1]
    names = {"{out}": folder / "open" / "out", "{secret}": folder / "secret.csv"}
    names |= {"{snapshot}": snapshot.path, "{port}": port}
    for name, value in names.items():
        query = query.replace(name, str(value))
    return query


def state(place):
    """Every file's name and content."""
    folder, _ = place
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path), sha256(path.read_bytes()).hexdigest()) for path in files]


def with_a_plain_question(console, snapshot, query):
    """The answer to a query, and to a plain one asked beside it."""
    with ThreadPoolExecutor(2) as both:
        asked = both.submit(console.run, snapshot, query)
        plain = both.submit(console.run, snapshot, PLAIN)
        return asked.result(), plain.result()


def is_plain(answer):
    return isinstance(answer, SqlAnswer) and json.loads(answer.body) == [{"chips": 16}]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_and_changes_nothing(attack, place, server):
    before = state(place)
    query = filled(ATTACKS[attack], place, server)
    answer, plain = with_a_plain_question(Console(LIMITS), place[1], query)
    assert isinstance(answer, SqlRefused), (attack, answer)
    assert answer.reason in {"not_a_question", "not_allowed", "not_one_statement", "unreadable"}
    assert SECRET not in answer.detail and str(place[1].path.parent) not in answer.detail
    assert is_plain(plain) and state(place) == before
    with pytest.raises(BlockingIOError):
        server.accept()


def test_behind_the_guard_stands_a_second_wall(place, server):
    """With the guard gone some statements run, but none reads the secret, writes a file or calls out."""
    before = state(place)
    queries = [filled(query, place, server) for query in ATTACKS.values()]
    requests = [Request(str(place[1].path), query, "json", LIMITS, {}) for query in queries]
    command = [sys.executable, "-I", "-c", BEHIND_THE_GUARD, str(CODE)]
    done = subprocess.run(command, input=msgspec.json.encode(requests), capture_output=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(ATTACKS) >= 20
    assert not any(SECRET in text for text in told)
    assert state(place) == before
    with pytest.raises(BlockingIOError):
        server.accept()


def test_the_attacks_are_real_where_walls_are_missing(place):
    """The control: without guard and confinement the file's own log is written, although access is off."""
    _, snapshot = place
    log = Path(f"{snapshot.path}.wal")
    try:
        unguarded = Console(LIMITS, child=(sys.executable, "-I", "-c", NO_WALLS, str(CODE)))
        answer = unguarded.run(snapshot, filled(ATTACKS["copy to the file's own log"], place))
        assert isinstance(answer, SqlAnswer) and log.exists()
    finally:
        log.unlink(missing_ok=True)
    script = "import duckdb, sys; print(duckdb.sql(sys.argv[1]).fetchall())"
    query = filled(ATTACKS["read a csv"], place)
    bare = subprocess.run([sys.executable, "-c", script, query], capture_output=True, text=True, check=True)
    assert SECRET in bare.stdout


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_goes_off_in_its_own_process(bomb, place):
    answer, plain = with_a_plain_question(Console(LIMITS), place[1], BOMBS[bomb])
    assert isinstance(answer, SqlRefused), (bomb, answer)
    expected = {
        "time": {"too_slow"}, "recursion": {"too_slow", "memory", "stopped"}, "memory": {"memory", "stopped"},
        "one great value": {"memory", "stopped", "output_too_large", "failed", "too_slow"},
        "one value over the output": {"output_too_large"},
        "nesting": {"unreadable"}, "terms": {"unreadable", "failed", "too_slow"},
    }  # fmt: skip
    assert answer.reason in expected[bomb], answer
    assert is_plain(plain)


@pytest.mark.parametrize("flood", CUT)
def test_what_is_too_much_is_cut_and_says_so(flood, place):
    answer = Console(LIMITS).run(place[1], CUT[flood])
    assert isinstance(answer, SqlAnswer) and answer.truncated
    assert 0 < answer.rows <= LIMITS.rows_max and len(answer.body) <= LIMITS.output_bytes_max
    assert len(json.loads(answer.body)) == answer.rows
    whole = Console(LIMITS).run(place[1], f"SELECT * FROM range({LIMITS.rows_max})")
    assert whole.rows == LIMITS.rows_max and not whole.truncated


def test_every_format_is_answered_with_awkward_values(place):
    query = (
        "SELECT now() AS z, 170141183460469231731687303715884105727::HUGEINT AS h, 'NaN'::DOUBLE AS f,"
        " [1, 2] AS l, {'a': 1} AS s, MAP {'k': 'v'} AS m, 'x'::BLOB AS b, uuid() AS u,"
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
    for query in ("SELECT '\0'", "SELECT '\ud800'"):
        assert console.run(place[1], query).reason == "unreadable"


@pytest.mark.parametrize(
    ("does", "reason"),
    {
        "print('nonsense')": "stopped",
        "pass": "stopped",
        "import sys\nwhile True: sys.stdout.write('x' * 65536)": "output_too_large",
        "print('ready', flush=True)\nimport time; time.sleep(60)": "too_slow",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "stopped",
        'print(\'ready\\n{"rows":1,"body_bytes":99}\\nshort\')': "stopped",
    }.items(),
)  # fmt: skip
def test_a_child_gone_wrong_is_believed_in_nothing(does, reason, place):
    answer = Console(LIMITS, child=(sys.executable, "-c", does)).run(place[1], PLAIN)
    assert isinstance(answer, SqlRefused) and answer.reason == reason


def test_whoever_comes_when_all_are_busy_is_told(place):
    console = Console(LIMITS, at_once=1, patience_seconds=0.05)
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda query: console.run(place[1], query), [PLAIN, PLAIN]))
    assert sorted(getattr(answer, "reason", "answered") for answer in answers) == ["answered", "busy"]
