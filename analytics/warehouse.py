"""What does the log add up to so far, in one file that queries can be put to?

A DuckDB file: base tables (`schema.sql`), the views over them (`views/*.sql`) and what every column
means (`columns.sql`). The size and root the rows stand for are written in the transaction that writes
the rows, so that a file found after a crash says truly how far it is. It is derived: when its shape is
not this program's, it is thrown away and begun anew; when it is damaged, it is put aside under another name
and begun anew. One process writes it, from one thread at a time.
Knows no entry and no store.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import structlog

from ledger.log.merkle import EMPTY_ROOT

HERE = Path(__file__).parent
SCHEMA = (HERE / "schema.sql").read_text(encoding="utf-8")
COLUMNS = (HERE / "columns.sql").read_text(encoding="utf-8")
FOLDS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "folds").glob("*.sql"))}
# Each may build on those before.
SETTLING = (
    "known",
    "counterparty",
    "mention",
    "confirmation",
    "stocktake",
    "tally",
    "step",
    "passing",
    "present",
)
# What is counted once for all who ask a snapshot, over the views too: a table each, read by those after it.
SUMS = {
    name: (HERE / "sums" / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("evidence", "chip_tally", "lot_tally")
}
EMPTIED = "summed"  # the fold that makes room for them
TAKEN_IN = "INSERT INTO record.{table} BY NAME SELECT * FROM incoming"
VIEWS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "views").glob("*.sql"))}

MEMORY_LIMIT_DEFAULT = "2GB"
THREADS_DEFAULT = 2

DAMAGED_SUFFIX = ".damaged"
LOG_SUFFIX = ".wal"  # DuckDB's write-ahead file, beside the file
# What DuckDB raises when it cannot read what it wrote; a failed checksum is a bare `Error`.
DAMAGES = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
# The same exceptions when the file is sound: another process has it, or the machine is short of something.
PASSING = ("Could not set lock", "No space left", "Too many open files", "Permission denied")

log = structlog.get_logger("chipledger.warehouse")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rows stand for. `log` is None before entry 0.

    `settled` is the size of `chip_state`, `summed` that of what is summed up over it.
    """

    log: str | None
    size: int
    root: bytes
    settled: int
    summed: int


def _fingerprint(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()


SCHEMA_SHA256 = _fingerprint(SCHEMA, *(FOLDS[name] for name in (*SETTLING, EMPTIED)), *SUMS.values())
VIEWS_SHA256 = _fingerprint(*VIEWS.values(), COLUMNS)


def is_damage(fault: BaseException) -> bool:
    """Whether this says that the file is damaged, rather than that it cannot be used just now."""
    unreadable = isinstance(fault, DAMAGES) or type(fault) is duckdb.Error
    return unreadable and not any(told in str(fault) for told in PASSING)


def set_aside(path: Path, fault: BaseException) -> None:
    """Give a damaged file another name, in place of the one that was damaged before it."""
    aside = path.with_name(path.name + DAMAGED_SUFFIX)
    for suffix in ("", LOG_SUFFIX):
        found = path.with_name(path.name + suffix)
        if found.exists():
            found.replace(aside.with_name(aside.name + suffix))
    log.error(
        "the warehouse was damaged: put aside, and made again from the log",
        aside=str(aside),
        fault=str(fault),
    )


class Warehouse:
    """The file at `path`, made if it is not there, or if what is there is damaged. Closed by `close`."""

    def __init__(
        self, path: Path, memory_limit: str = MEMORY_LIMIT_DEFAULT, threads: int = THREADS_DEFAULT
    ) -> None:
        self.path = path
        self._config: dict[str, Any] = {
            "memory_limit": memory_limit,
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._open()

    def _open(self) -> None:
        try:
            self._open_file()
        except duckdb.Error as fault:
            if not is_damage(fault):
                raise
            set_aside(self.path, fault)
            self._open_file()

    def _open_file(self) -> None:
        self._connection = self._connect()
        with ExitStack() as undo:
            undo.callback(self.close)
            self._shape()
            undo.pop_all()

    def _shape(self) -> None:
        """Make the file's tables and views this program's."""
        if self._marks() not in (None, SCHEMA_SHA256):
            self._connection.close()
            self.path.unlink()
            self._connection = self._connect()
        if self._marks() is None:
            with self.transaction():
                self._connection.execute(SCHEMA)
                self._connection.execute("UPDATE record.standing SET schema_sha256 = ?", [SCHEMA_SHA256])
        shown = self._connection.execute("SELECT views_sha256 FROM record.standing").fetchall()
        if shown != [(VIEWS_SHA256,)]:
            with self.transaction():
                for text in (*VIEWS.values(), COLUMNS):
                    self._connection.execute(text)
                self._connection.execute("UPDATE record.standing SET views_sha256 = ?", [VIEWS_SHA256])

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.path), config=self._config)
        # Or it would be drawn on the server's standard output.
        connection.execute("SET enable_progress_bar = false")
        return connection

    def _marks(self) -> str | None:
        """The fingerprint of the shape the file has, None where it has none yet."""
        named = self._connection.execute(
            "SELECT COUNT(*) FROM information_schema.tables"
            " WHERE table_schema = 'record' AND table_name = 'standing'"
        ).fetchall()
        if named == [(0,)]:
            return None
        marks: list[tuple[str]] = self._connection.execute(
            "SELECT schema_sha256 FROM record.standing"
        ).fetchall()
        return marks[0][0]

    def standing(self) -> Standing:
        """The size and root that the committed rows stand for."""
        return standing_of(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written inside, or nothing of it."""
        self._connection.begin()
        done = False
        try:
            yield
            self._connection.commit()
            done = True
        finally:
            if not done:
                self._connection.rollback()

    def append(self, table: str, rows: pa.Table) -> None:
        """Rows for a base table, by the names of their columns."""
        self._connection.register("incoming", rows)
        try:
            self._connection.execute(TAKEN_IN.replace("{table}", table))
        finally:
            self._connection.unregister("incoming")

    def ask(self, query: str, values: list[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a query of our own, values by placeholder."""
        rows: list[tuple[Any, ...]] = self._connection.execute(query, values).fetchall()
        return rows

    def read(self, query: str, values: dict[str, Any]) -> pa.Table:
        """The rows of a query of our own as columns, values by placeholder."""
        return self._connection.sql(query, params=values).to_arrow_table()

    def stand(self, log: str | None, size: int, root: bytes) -> None:
        """Say what the rows stand for once this transaction commits."""
        self._connection.execute(
            "UPDATE record.standing SET log = ?, log_size = ?, root = ?", [log, size, root.hex()]
        )

    def admitted_until(self) -> float | None:
        """When the last entry shown was admitted, in Unix seconds; None where there is none."""
        until = self.ask("SELECT MAX(admitted_at) FROM record.entry", [])[0][0]
        return None if until is None else until.replace(tzinfo=UTC).timestamp()

    def unsettled(self) -> int:
        """Versions of chips, and what was said of others, that came since it was last settled."""
        counted = self.ask(
            "SELECT (SELECT COUNT(*) FROM record.chip_version WHERE changed >= $1)"
            " + (SELECT COUNT(*) FROM record.said)",
            [self.standing().settled],
        )
        return int(counted[0][0])

    def settle(self) -> None:
        """Bring up to the rows what follows from them (`folds/`): present chips, who confirmed which, counts.

        Costs a scan of the present chips however few changed, so: seldom.
        """
        standing = self.standing()
        if standing.settled != standing.size:
            with self.transaction():
                for name in SETTLING:
                    self._connection.execute(FOLDS[name])

    def sum_up(self) -> None:
        """Settle, and count anew what reports on the present ask for (`sums/`): when a snapshot is made.

        Costs some scans of the present chips, which each of those who ask need not make then.
        """
        self.settle()
        standing = self.standing()
        if standing.summed != standing.size:
            with self.transaction():
                self._connection.execute(FOLDS[EMPTIED])
                for name, text in SUMS.items():
                    self._connection.sql(text).insert_into(f"record.{name}")

    def copy_to(self, path: Path) -> None:
        """A copy of the file as it stands.

        The connection is closed meanwhile: that folds the write-ahead file in, and a second handle of our
        own on an open file would, when closed, drop DuckDB's lock on it.
        """
        self._connection.close()
        try:
            shutil.copyfile(self.path, path)
        finally:
            self._open()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def standing_of(connection: duckdb.DuckDBPyConnection) -> Standing:
    """What an open warehouse or snapshot stands for."""
    log, size, root, settled, summed = connection.execute(
        "SELECT log, log_size, root, settled_size, summed_size FROM record.standing"
    ).fetchall()[0]
    return Standing(log, size, EMPTY_ROOT if root is None else bytes.fromhex(root), settled, summed)
