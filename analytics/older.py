"""Did another version of this program make this snapshot, with other tables, so that it cannot answer?

A snapshot keeps the tables and views it was made with. A text of today, a report's or one that was copied
from a way down, may name what came later: that is no mistake of whoever asks, and is told as what it is. What
neither the snapshot nor this program has is a mistake, and stays one.
"""

from functools import cache

import duckdb
import msgspec

from analytics.contained import MEMORY_LIMIT, THREADS
from analytics.question import SqlRefused
from analytics.snapshots import Snapshot, open_snapshot
from analytics.warehouse import SCHEMA, SCHEMA_SHA256, VIEWS

MAIN = "main"  # whose tables are named without it
OTHER_TABLES = (
    "the snapshot was made by another version of this program, with other tables: its views can still be "
    "asked, and a newer snapshot answers this"
)
LISTED = "SELECT DISTINCT LOWER(schema_name || '.' || table_name) FROM duckdb_columns() WHERE NOT internal"


def has_other_tables(snapshot: Snapshot) -> bool:
    """Whether another version of this program made it, with other tables than ours are asked of."""
    with open_snapshot(snapshot.path, MEMORY_LIMIT, THREADS) as connection:
        return _is_other(connection)


def judged(snapshot: Snapshot, refused: SqlRefused, *, is_ours: bool) -> SqlRefused:
    """The refusal as it is, or `other_tables` where the snapshot lacks a table that a text of today names.

    `is_ours`: the text is one of this program's, which names nothing that it does not have.
    """
    missing = None if refused.missing is None else _whole(refused.missing)
    if refused.reason != "failed" or not (is_ours or missing in today()):
        return refused
    with open_snapshot(snapshot.path, MEMORY_LIMIT, THREADS) as connection:
        is_other = _is_other(connection) if is_ours else missing not in _tables(connection)
    if not is_other:
        return refused
    if is_ours:
        return SqlRefused("other_tables", OTHER_TABLES)
    told = f"{refused.missing} is no table of this snapshot: {OTHER_TABLES}"
    return msgspec.structs.replace(refused, reason="other_tables", detail=told, near=())


@cache
def today() -> frozenset[str]:
    """The tables and views of a snapshot that this program makes: in lower case, behind schema and dot."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for text in (SCHEMA, *VIEWS.values()):
            connection.execute(text)
        return _tables(connection)


def _whole(name: str) -> str:
    """The name of a table as a query may have it, as those of today are written."""
    parts = [part.strip().strip('"').lower() for part in name.split(".")]
    return ".".join([MAIN, *parts][-2:])


def _is_other(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        told = connection.execute("SELECT schema_sha256 FROM record.standing").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return True
    return told != [(SCHEMA_SHA256,)]


def _tables(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    return frozenset(name for (name,) in connection.execute(LISTED).fetchall())
