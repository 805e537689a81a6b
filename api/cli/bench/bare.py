"""What would the parts cost alone? The yardsticks every ratio is held against, measured in the same run."""

import json
import statistics
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pysqlite3.dbapi2 as sqlite  # type: ignore[import-untyped]

from ledger.book.encoding import Bundle
from signing.keys import verify

APPEND_BATCH = 256  # entries a commit


def verify_only(public_key: bytes, bundles: Sequence[Bundle]) -> float:
    """Seconds to check every signature, one thread, nothing else."""
    signed = [(bundle.envelope.pae(), bundle.envelope.signature) for bundle in bundles]
    began = time.perf_counter()
    good = sum(verify(public_key, message, signature) for message, signature in signed)
    took = time.perf_counter() - began
    assert good == len(bundles)
    return took


def append_only(path: Path, bundles: Sequence[Bundle]) -> float:
    """Seconds to append every envelope and manifest to SQLite, durably, in batches, nothing else."""
    rows = [
        (
            number,
            bundle.envelope.id(),
            bundle.envelope.payload,
            bundle.envelope.signature,
            b"\n".join(bundle.manifest or ()),
        )
        for number, bundle in enumerate(bundles)
    ]
    connection = sqlite.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE entry (n INTEGER PRIMARY KEY, id TEXT UNIQUE, raw BLOB, sig BLOB, lines BLOB)"
    )
    began = time.perf_counter()
    for start in range(0, len(rows), APPEND_BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", rows[start : start + APPEND_BATCH])
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took


def rows_only(path: Path, chips: Sequence[str], moves: int) -> float:
    """Seconds to insert a narrow row a chip and update it `moves` times, and to hash a line each time."""
    connection = sqlite.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE chip (n INTEGER PRIMARY KEY, id TEXT UNIQUE, holder INTEGER)")
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO chip VALUES (?, ?, 0)", list(enumerate(chips)))
    connection.execute("COMMIT")
    for move in range(1, moves + 1):
        for chip in chips:
            sha256(chip.encode()).digest()
        connection.execute("BEGIN IMMEDIATE")
        changed = [(move, number) for number in range(len(chips))]
        connection.executemany("UPDATE chip SET holder = ? WHERE n = ?", changed)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took


def rows_read_and_written(path: Path, count: int, rounds: int) -> float:
    """Seconds (median of rounds) to read so many rows by key, change each and append a version of each.

    One commit a round, durable; rows as wide as a chip's.
    """
    connection = sqlite.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE chip (n INTEGER PRIMARY KEY, id TEXT UNIQUE, holder TEXT, site TEXT, v INTEGER)"
    )
    connection.execute("CREATE TABLE version (v INTEGER PRIMARY KEY, n INTEGER, holder TEXT, site TEXT)")
    names = [f"maker:F{number:07d}" for number in range(count)]
    rows = [(number, name, "maker", "maker/fab", 0) for number, name in enumerate(names)]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO chip VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    took = []
    for round_ in range(1, rounds + 1):
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        keys = json.dumps(names)
        query = "SELECT chip.* FROM json_each(?) JOIN chip ON chip.id = json_each.value"
        found = connection.execute(query, (keys,)).fetchall()
        first = round_ * count
        versions = [(first + place, row[0], f"h{round_}", "s") for place, row in enumerate(found)]
        connection.executemany("INSERT INTO version VALUES (?, ?, ?, ?)", versions)
        changed = [(f"h{round_}", "s", version, number) for version, number, *_ in versions]
        connection.executemany("UPDATE chip SET holder = ?, site = ?, v = ? WHERE n = ?", changed)
        connection.execute("COMMIT")
        took.append(time.perf_counter() - began)
    connection.close()
    return statistics.median(took)
