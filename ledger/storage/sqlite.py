"""How is SQLite made to keep a promise through a power cut?

WAL with `synchronous=FULL`, one writing connection that begins IMMEDIATE, readers that may not write.
Promises that a version known to lose commits is not opened.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pysqlite3.dbapi2  # type: ignore[import-untyped]
from sqlalchemy import URL, Connection, Engine, bindparam, create_engine, event, func, literal_column

from ledger.storage.database import KeySet, UnfitDatabase

SQLITE_VERSION_MIN = (3, 51, 3)
SQLITE_VERSIONS_MENDED = frozenset({(3, 50, 7), (3, 44, 6)})  # older, with the same mend
BUSY_MILLISECONDS = 10_000
WRITER_CACHE_KIB = 256 * 1024
READER_CACHE_KIB = 16 * 1024
WAL_PAGES_MAX = 65_536  # 256 MiB; before that, `settle` has moved them off the writer's path
READERS_KEPT = 8  # connections
READERS_MORE_MAX = 24  # connections, closed after use

_to_json = msgspec.json.Encoder().encode


def check_version(version: tuple[int, ...]) -> None:
    """`UnfitDatabase` for a version of SQLite that may lose what it committed."""
    if version < SQLITE_VERSION_MIN and version not in SQLITE_VERSIONS_MENDED:
        spelled = ".".join(map(str, version))
        raise UnfitDatabase(
            f"SQLite {spelled} may lose commits when two connections reset its write-ahead log at once; "
            "needed is 3.51.3 or later, 3.50.7 or 3.44.6: install a newer pysqlite3"
        )


class Sqlite:
    """A database file, made if it is not there. `driver` is a DB-API module."""

    def __init__(self, path: Path, driver: Any = pysqlite3.dbapi2) -> None:
        check_version(driver.sqlite_version_info)
        self.writer = _engine(path, driver, WRITER_CACHE_KIB, pool_size=1, max_overflow=0)
        self.reader = _engine(
            path, driver, READER_CACHE_KIB, pool_size=READERS_KEPT, max_overflow=READERS_MORE_MAX
        )
        event.listen(self.reader, "connect", _forbid_writing)

    def begin_write(self, connection: Connection) -> None:
        """Take the one lock for writing at once: a lock taken later could find the log row moved."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def begin_read(self, connection: Connection) -> None:
        """One commit's view from the first read on."""
        connection.exec_driver_sql("BEGIN")

    def key_set(self, kinds: Sequence[type]) -> KeySet:
        """The keys as one JSON text."""
        source = func.json_each(bindparam("keys")).table_valued("value", name="k")
        if len(kinds) == 1:
            return KeySet(source, (source.c.value,))
        fields = (source.c.value.op("->>")(literal_column(str(place))) for place in range(len(kinds)))
        return KeySet(source, tuple(fields))

    def key_parameters(self, keys: Iterable[Any], width: int) -> Mapping[str, Any]:
        """One JSON text. In order, so that neighbours are read together."""
        assert width > 0
        return {"keys": _to_json(sorted(keys)).decode()}

    def settle(self) -> None:
        """Move committed pages from the write-ahead log into the file. Nobody waits for anybody."""
        with self.reader.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")


def _engine(path: Path, driver: Any, cache_kib: int, pool_size: int, max_overflow: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        module=driver,
        # The driver shall begin nothing by itself: `begin_write` and `begin_read` do.
        connect_args={"isolation_level": None},
        hide_parameters=True,  # an error goes to a log that more people read than the record
        pool_size=pool_size,
        max_overflow=max_overflow,
    )

    def prepare(connection: Any, _record: Any) -> None:
        # First, because turning WAL on may have to wait as well.
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES_MAX}")

    event.listen(engine, "connect", prepare)
    return engine


def _forbid_writing(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only = ON")
