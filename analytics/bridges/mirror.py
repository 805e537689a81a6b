"""Does a PostgreSQL hold what a snapshot holds, for those who look at it with other tools?

The base tables of a snapshot go into `<schema>_record`, the views over them, with what every column means,
into `<schema>`: one transaction, in which a new schema is filled unseen and then takes the old one's name.
Killed at any moment, it leaves what was there. The views themselves are replaced in place, so that grants
and whatever was built on them stay. A mirror never goes back: it refuses a database that holds more of the
log, or another log, or entries that this snapshot does not have. What a database says to us, and its
faults, are the caller's to show. Knows no clock.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adbc_driver_manager
import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]

from analytics.bridges.dialects import for_postgresql
from analytics.snapshots import open_snapshot
from analytics.warehouse import COLUMNS, SCHEMA_SHA256, VIEWS, VIEWS_SHA256, Standing, standing_of

HERE = Path(__file__).parent
SCHEMA_DEFAULT = "chipledger"
SCHEMA_NAME = re.compile(
    r"[a-z_][a-z0-9_]{0,50}", re.ASCII
)  # with what we put behind it, PostgreSQL's 63 bytes
ROWS_PER_BATCH = 65_536
MEMORY_LIMIT = "1GB"
THREADS = 2
NUL, NUL_SHOWN = "\0", "\N{SYMBOL FOR NULL}"
BUILT_ON = "2BP01"  # dependent objects still exist
OTHER_COLUMNS = "42P16"  # a view cannot be replaced by one with fewer or other columns
SWAP, COMMIT = "swap", "commit"  # told to `advance` in place of a table

Advance = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What the database stands for now; `written` is False where it did so already."""

    schema: str
    log: str
    size: int
    root: str
    rows: int
    written: bool

    def as_object(self) -> dict[str, Any]:
        """As JSON has it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class MirrorRefused:
    """Nothing was changed. `reason`: `empty`, `other_shape`, `busy`, `not_a_mirror`, `other_log`, `newer`,
    `other_history`, `built_on`; `detail` is for people."""

    reason: str
    detail: str


class _Refusal(Exception):
    """Leaves the transaction with the reason why."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.refused = MirrorRefused(reason, detail)


def rows_in(snapshot: Path) -> int:
    """How many rows a mirror of this snapshot writes."""
    with open_snapshot(snapshot, MEMORY_LIMIT, THREADS) as source:
        return sum(_counts(source).values())


def mirror(
    snapshot: Path, to: str, schema: str = SCHEMA_DEFAULT, *, rebuild: bool = False, advance: Advance
) -> Mirrored | MirrorRefused:
    """Make the database at the address `to` (a libpq URI) stand for this snapshot file.

    `rebuild` drops the old mirror and all that was built on it. `advance` is told of rows as they go, by
    table, of `SWAP` before the new ones take the old ones' place, and of `COMMIT` before that is so.
    Raises `adbc_driver_manager.Error` for what the database cannot do or does not allow.
    """
    assert SCHEMA_NAME.fullmatch(schema), schema
    with open_snapshot(snapshot, MEMORY_LIMIT, THREADS) as source:
        standing = standing_of(source)
        shapes = source.execute("SELECT schema_sha256 FROM record.standing").fetchall()
        if standing.log is None:
            return MirrorRefused("empty", "the snapshot is of a log without entries")
        if shapes != [(SCHEMA_SHA256,)]:
            return MirrorRefused("other_shape", "the snapshot was made by another version of this program")
        with closing(dbapi.connect(to)) as target:
            try:
                return _mirror(source, standing, _Schema(target, schema), rebuild=rebuild, advance=advance)
            except _Refusal as stopped:
                target.rollback()
                return stopped.refused
            except adbc_driver_manager.Error as fault:
                target.rollback()
                if fault.sqlstate in (BUILT_ON, OTHER_COLUMNS):
                    return MirrorRefused("built_on", _first_lines(fault))
                raise


class _Schema:
    """A connection, and the name its texts speak of."""

    def __init__(self, target: dbapi.Connection, schema: str) -> None:
        self.target = target
        self.name = schema
        self.incoming = f"{schema}_incoming"

    def text(self, name: str) -> str:
        """One of our texts, for this schema."""
        return (HERE / f"{name}.sql").read_text(encoding="utf-8").replace("{schema}", self.name)

    def run(self, text: str) -> None:
        """Statements without an answer, in the transaction that we are in."""
        with self.target.cursor() as cursor:
            # Not `executescript`: that commits what went before.
            cursor.adbc_statement.set_sql_query(text)
            cursor.adbc_statement.execute_update()

    def ask(self, name: str) -> tuple[Any, ...]:
        """The one row that a text gives."""
        with self.target.cursor() as cursor:
            cursor.execute(self.text(name))
            rows = cursor.fetchall()
        assert len(rows) == 1, name
        return tuple(rows[0])


def _mirror(
    source: duckdb.DuckDBPyConnection, standing: Standing, place: _Schema, *, rebuild: bool, advance: Advance
) -> Mirrored:
    """All of it, in the transaction that the connection is in."""
    log, size, root = standing.log or "", standing.size, standing.root.hex()
    is_mirror, is_taken, is_ours_alone = place.ask("present")
    if not is_ours_alone:
        raise _Refusal("busy", "another mirror is being written there")
    if is_taken and not is_mirror:
        raise _Refusal("not_a_mirror", f"the schema {place.name} has something else in it")
    if is_mirror:
        held_log, held_size, held_root, views = place.ask("held")
        _continues(standing, held_log, held_size, held_root)
        if (held_size, views) == (size, VIEWS_SHA256) and not rebuild:
            return Mirrored(place.name, log, size, root, 0, written=False)
    place.run(place.text("begin"))
    rows = _fill(source, place, advance)
    if is_mirror and place.ask("departed") != (0,):
        raise _Refusal("other_history", "entries that are mirrored there are not in this snapshot")
    advance(SWAP, 0)
    if rebuild:
        place.run(place.text("clear"))
    place.run(place.text("stand").replace("{views_sha256}", VIEWS_SHA256))
    for text in (*VIEWS.values(), COLUMNS):
        place.run(for_postgresql(text, place.incoming)[0])
    place.run(place.text("swap"))
    advance(COMMIT, 0)
    place.target.commit()
    return Mirrored(place.name, log, size, root, rows, written=True)


def _continues(standing: Standing, log: str, size: int, root: str) -> None:
    if log != standing.log:
        raise _Refusal("other_log", f"what is mirrored there is the log {log}, not {standing.log}")
    if size > standing.size:
        raise _Refusal("newer", f"the mirror is at size {size} already, the snapshot at {standing.size}")
    if size == standing.size and root != standing.root.hex():
        raise _Refusal("other_history", f"at size {size} the mirror has the root {root}")


def _fill(source: duckdb.DuckDBPyConnection, place: _Schema, advance: Advance) -> int:
    """Every base table, as it is; how many rows they have."""
    counts = _counts(source)
    for table, count in counts.items():
        reader = source.table(f"record.{table}").to_arrow_reader(ROWS_PER_BATCH)
        told = pa.RecordBatchReader.from_batches(reader.schema, _telling(reader, table, advance))
        with place.target.cursor() as cursor:
            written = cursor.adbc_ingest(table, told, mode="create", db_schema_name=place.incoming)
        assert written in (count, -1), (table, written, count)
    return sum(counts.values())


def _telling(reader: pa.RecordBatchReader, table: str, advance: Advance) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        yield pa.RecordBatch.from_arrays([_storable(column) for column in batch.columns], schema=batch.schema)
        advance(table, batch.num_rows)


def _storable(column: pa.Array) -> pa.Array:
    """PostgreSQL has no text with a zero byte, and nobody may keep it from being mirrored by saying one."""
    if not pa.types.is_string(column.type) or not pc.any(pc.match_substring(column, NUL)).as_py():
        return column
    return pc.replace_substring(column, NUL, NUL_SHOWN)


def _counts(source: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Base tables and their rows."""
    tables = source.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'record' ORDER BY table_name"
    ).fetchall()
    return {table: len(source.table(f"record.{table}")) for (table,) in tables}


def _first_lines(fault: adbc_driver_manager.Error) -> str:
    """What the database said, without our text that it said it of."""
    return str(fault).partition("\nQuery was:")[0]
