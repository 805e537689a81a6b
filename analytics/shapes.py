"""Was a snapshot made with the tables that this program's own questions are asked of?

Its views answer SQL whoever made it; what reports and their ways down read beneath them may be another. Knows
no question.
"""

import duckdb

from analytics.report import MEMORY_LIMIT, THREADS  # whoever opens a file that is open asks for the same
from analytics.snapshots import Snapshot, open_snapshot
from analytics.warehouse import SCHEMA_SHA256


def has_other_tables(snapshot: Snapshot) -> bool:
    """Whether another version of this program made it, with other tables."""
    with open_snapshot(snapshot.path, MEMORY_LIMIT, THREADS) as connection:
        try:
            told = connection.execute("SELECT schema_sha256 FROM record.standing").fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return True
    return told != [(SCHEMA_SHA256,)]
