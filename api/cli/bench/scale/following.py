"""How long do following, refreshing and publishing take, beside the bare parts they are made of?

A log is followed from nothing up to a little before its end; then its last statements, of ten thousand
chips, are a refresh. Beside following stands an append of the same rows, in the same pieces, to an empty
file: no reading, no decoding, nothing worked out. Beside refreshing stands making the table of present chips
anew from all versions; beside publishing, a plain copy.
"""

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from analytics.follower import Follower
from analytics.retention import flush
from analytics.snapshots import Snapshots
from analytics.warehouse import MEMORY_LIMIT_DEFAULT, THREADS_DEFAULT, Standing, Warehouse
from api.cli.bench.alone import peak_bytes
from ledger.folder import LedgerFolder
from ledger.log.proofs import HashSource, root_at
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite

REFRESHED_CHIPS = 10_000
ENTRIES_PER_PIECE = 100  # some 350,000 rows
# What following comes to, by table and the column that says which entry a row is of.
FOLLOWED = {
    "entry": "entry_index",
    "chip_version": "changed",
    "chip_mention": "entry_index",
    "confirmation": "entry_index",
}
# The latest version of every chip, found by the maximum and taken whole.
STATE_ANEW = """
    CREATE TABLE state AS
    SELECT v.* FROM record.chip_version AS v
    INNER JOIN (SELECT number, MAX(changed) AS changed FROM record.chip_version GROUP BY number) AS m
        ON m.number = v.number AND m.changed = v.changed
    WHERE v.born >= 0
"""


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of ours and of the bare part, how many rows or bytes, and the most bytes of memory ours had."""

    seconds: float
    bare: float
    count: int
    peak: int


def warehouse_of(path: Path) -> Path:
    """Where the measured warehouse of a ledger lies."""
    return path / "measured.duckdb"


def snapshots_of(path: Path) -> Snapshots:
    """Where its snapshots lie."""
    return Snapshots(path / "measured-snapshots")


def follow_anew(path: Path) -> Timed:
    """The whole log but its last statements, from nothing; `count` is of a chip's events."""
    target = warehouse_of(path)
    target.unlink(missing_ok=True)
    store, warehouse = _opened(path)
    size = _before_the_last(store)
    seconds = _follow(store, warehouse, size)
    (rows,) = warehouse.ask("SELECT COUNT(*) FROM chip_event", [])[0]
    warehouse.close()
    return Timed(seconds, 0.0, rows, peak_bytes())


def append_bare(path: Path) -> Timed:
    """The same rows, read from where they were followed to, appended to an empty file."""
    target = path / "bare.duckdb"
    target.unlink(missing_ok=True)
    seconds, rows = 0.0, 0
    with _bare(target) as bare:
        for number, pieces in enumerate(_pieces(path)):
            began = time.perf_counter()
            bare.begin()
            for table, piece in pieces.items():
                bare.register("incoming", piece)
                if number == 0:
                    bare.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming LIMIT 0")
                bare.execute(f"INSERT INTO {table} SELECT * FROM incoming")
                bare.unregister("incoming")
                rows += piece.num_rows
            bare.commit()
            seconds += time.perf_counter() - began
        began = time.perf_counter()
    seconds += time.perf_counter() - began  # what closing writes
    target.unlink()
    return Timed(seconds, 0.0, rows, peak_bytes())


def refresh(path: Path) -> Timed:
    """The last statements, and what reports ask summed up, beside the table of present chips made anew."""
    store, warehouse = _opened(path)
    seconds = _follow(store, warehouse, store.head().size)
    began = time.perf_counter()
    warehouse.sum_up()
    seconds += time.perf_counter() - began
    (rows,) = warehouse.ask("SELECT COUNT(*) FROM record.chip_state", [])[0]
    warehouse.close()
    peak = peak_bytes()
    scratch = path / "anew.duckdb"
    scratch.unlink(missing_ok=True)
    with _bare(scratch) as bare:
        bare.execute(f"ATTACH '{warehouse_of(path)}' AS w (READ_ONLY)")
        began = time.perf_counter()
        bare.execute(STATE_ANEW.replace("record.", "w.record."))
        anew = time.perf_counter() - began
    scratch.unlink()
    return Timed(seconds, anew, rows, peak)


def publish(path: Path) -> Timed:
    """A snapshot, beside a copy of the file that is flushed; `count` is of bytes."""
    shutil.rmtree(path / "measured-snapshots", ignore_errors=True)
    warehouse = Warehouse(warehouse_of(path))
    began = time.perf_counter()
    snapshot = snapshots_of(path).publish(warehouse)
    seconds = time.perf_counter() - began
    assert snapshot is not None
    warehouse.close()
    peak, copy = peak_bytes(), path / "copy.duckdb"
    began = time.perf_counter()
    shutil.copyfile(warehouse_of(path), copy)
    flush(copy)
    bare = time.perf_counter() - began
    copy.unlink()
    return Timed(seconds, bare, os.path.getsize(snapshot.path), peak)


def _bare(path: Path) -> duckdb.DuckDBPyConnection:
    """A file of the engine's own, with the memory and the threads that a warehouse has."""
    bounds: dict[str, Any] = {"memory_limit": MEMORY_LIMIT_DEFAULT, "threads": THREADS_DEFAULT}
    connection = duckdb.connect(str(path), config=bounds)
    connection.execute("SET enable_progress_bar = false")
    return connection


def _opened(path: Path) -> tuple[SqlStore, Warehouse]:
    return SqlStore(Sqlite(LedgerFolder(path).database)), Warehouse(warehouse_of(path))


def _follow(store: SqlStore, warehouse: Warehouse, size: int) -> float:
    root = root_at(size, HashSource(store.tile))
    began = time.perf_counter()
    standing = Follower(store, warehouse).follow(size, root)
    seconds = time.perf_counter() - began
    assert isinstance(standing, Standing), standing
    assert standing.size == standing.settled == size
    return seconds


def _before_the_last(store: SqlStore) -> int:
    """The size before the last statements that have lines of so many chips."""
    size, lines = store.head().size, 0
    while lines < REFRESHED_CHIPS:
        size -= 1
        lines += store.entries(size, size + 1)[0].lines
    return size


def _pieces(path: Path) -> Iterator[dict[str, pa.Table]]:
    """What was followed, piece by piece, as columns."""
    warehouse = Warehouse(warehouse_of(path))
    size = warehouse.standing().size
    for start in range(0, size, ENTRIES_PER_PIECE):
        span = {"start": start, "stop": start + ENTRIES_PER_PIECE}
        yield {
            table: warehouse.read(
                f"SELECT * FROM record.{table} WHERE {column} >= $start AND {column} < $stop", span
            )
            for table, column in FOLLOWED.items()
        }
    warehouse.close()
