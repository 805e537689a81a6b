"""How is a snapshot's file opened so that no query can reach beyond it?

Read-only, with every setting that leads outside switched off, and all settings locked. Imports little: a
question's own process loads this and nothing else of weight, so that it starts quickly.
"""

from pathlib import Path
from typing import Any

import duckdb

from analytics.spill import spill_folder

# What no query may change: it is locked. Whoever opens one file twice in a process must ask for the same.
CONTAINED: dict[str, Any] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "max_temp_directory_size": "0B",
    "lock_configuration": True,
}


# That a question can be asked how far it is belongs to one connection: set before the lock, not at opening.
WATCHED = ("SET enable_progress_bar = true", "SET enable_progress_bar_print = false")
LOCKED = "SET lock_configuration = true"


# Everything that is the file's is given at opening: who opens a file that is open in the process shares its
# settings, and they are locked; such a setting made afterwards would fail, and what is left of that has the
# engine (2.0.0) wait for ever. Whether progress is drawn is a connection's own, never given at opening:
# it alone may be set behind the lock. Where a process has no main file (one that was spawned, an interactive
# one) the engine would draw it on standard output, among our JSON.
UNDRAWN = "enable_progress_bar"
# Our own questions may put aside on disk what does not fit into their memory; one folder a process, since all
# who open one file in a process must ask for the same.
SPILL_SIZE_MAX = "32GB"
MEMORY_LIMIT, THREADS = "2GB", 2  # of each question of ours on a snapshot


def open_snapshot(path: Path, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    """For questions of ours: it can read this file and no other, and cannot be told otherwise."""
    spill = {"temp_directory": spill_folder(), "max_temp_directory_size": SPILL_SIZE_MAX}
    ours = {**CONTAINED, **spill, "allowed_configs": [UNDRAWN]}
    config = {"memory_limit": memory_limit, "threads": threads, **ours}
    connection = duckdb.connect(str(path), read_only=True, config=config)
    connection.execute(f"SET {UNDRAWN} = false")
    return connection


def open_watched(path: Path, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    """For anybody's question: nothing is put aside either, and `query_progress` works."""
    unlocked = {name: value for name, value in CONTAINED.items() if name != "lock_configuration"}
    config = {"memory_limit": memory_limit, "threads": threads, **unlocked}
    connection = duckdb.connect(str(path), read_only=True, config=config)
    for statement in (*WATCHED, LOCKED):
        connection.execute(statement)
    return connection
