"""What is the answer to one question? Asked in a process of its own, which then ends.

Reads a `Request` from standard input, writes that it is ready, how far it is, a `Reply` on one line, the
answer's bytes.
Opens the snapshot first, read-only and with its settings locked, then gives up everything else
(`confinement`), and only then looks at the query. What the database does to it, it does to this process.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import duckdb
import msgspec
import pyarrow as pa  # type: ignore[import-untyped]

from analytics.confinement import confine
from analytics.contained import open_watched
from analytics.formats import MEDIA_TYPES, render
from analytics.guard import TOO_DEEP, refuse_statement
from analytics.mistakes import COLUMNS, FUNCTIONS, VIEWS, explained
from analytics.question import PROGRESS, READY, Limits, Reply, Request, SqlRefused

ROWS_PER_BATCH = 8_192
DETAIL_CHARACTERS_MAX = 2_000
PROGRESS_SECONDS = 0.25
MISTAKES = (
    duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.ConversionException,
    duckdb.InvalidInputException,
)  # fmt: skip
READABLE_FAULTS = (duckdb.Error, pa.ArrowException, ValueError, ArithmeticError, RuntimeError, OSError)

WARMING = "SELECT 1 AS n, 'a' AS t, TIMESTAMP '2020-01-01' AS m, now() AS z, 1.5 AS d, [1] AS l"

EXPLAIN = "EXPLAIN\n"  # on a line of its own: columns stay what they are
NAMES = {
    COLUMNS: "SELECT DISTINCT column_name FROM duckdb_columns() WHERE schema_name = 'main'",
    VIEWS: "SELECT view_name FROM duckdb_views() WHERE NOT internal",
    FUNCTIONS: "SELECT DISTINCT function_name FROM duckdb_functions()",
}

Guard = Callable[[duckdb.DuckDBPyConnection, str], SqlRefused | None]
Confine = Callable[[Limits], None]


def confine_to(limits: Limits) -> None:
    """The confinement these limits mean."""
    seconds = int(limits.wall_seconds * limits.threads)
    confine(memory_bytes=limits.memory_bytes, cpu_seconds=seconds)


def refuse(connection: duckdb.DuckDBPyConnection, query: str) -> SqlRefused | None:
    """Two parsers must agree that this is one question: ours, which explains, and the database's."""
    refused = refuse_statement(query)
    if refused is not None and refused.reason != "unreadable":
        return refused
    if refused is not None:
        return _unreadable(connection, query, refused)
    kinds = [statement.type for statement in connection.extract_statements(query)]
    if kinds != [duckdb.StatementType.SELECT]:
        return SqlRefused("not_a_question", "one SELECT or its kin is answered")
    return None


def _unreadable(connection: duckdb.DuckDBPyConnection, query: str, refused: SqlRefused) -> SqlRefused:
    """What the database's own parser says of it; what ours says where that one could read it."""
    if refused.line is None and refused.detail.startswith(TOO_DEEP):
        return refused
    try:
        kinds = [statement.type for statement in connection.extract_statements(query)]
        if any(kind != duckdb.StatementType.SELECT for kind in kinds):
            return SqlRefused("not_a_question", "only SELECT and its kin are answered")
    except duckdb.ParserException as error:
        told = explained(str(error), query, {})
        return msgspec.structs.replace(told, reason="unreadable")
    return refused


def serve(guard: Guard = refuse, confinement: Confine = confine_to) -> None:
    """Answer the one request on standard input. The walls are arguments so that a test can take one away."""
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    limits = request.limits
    with open_watched(Path(request.snapshot), f"{limits.memory_bytes}B", limits.threads) as connection:
        warm(connection, request.form)
        reporter = Reporter(connection)  # before the walls: behind them no thread can be started
        confinement(limits)
        out = sys.stdout.buffer
        out.write(READY)
        out.flush()
        reporter.begin()
        reply, body = answer(connection, request, guard)
        reporter.end()
        out.write(msgspec.json.encode(reply) + b"\n" + body)
        out.flush()


class Reporter:
    """Says from time to time how far the question is. Writes whole lines, and none after `end`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._begun, self._ended = Event(), Event()
        self._thread = Thread(target=self._report, daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """The walls are up."""
        self._begun.set()

    def end(self) -> None:
        """The answer follows."""
        self._ended.set()
        self._thread.join()

    def _report(self) -> None:
        self._begun.wait()
        while not self._ended.wait(PROGRESS_SECONDS):
            done = self._connection.query_progress()
            if done >= 0:  # below, the database does not know
                os.write(sys.stdout.fileno(), PROGRESS + b"%.1f\n" % min(done, 100))


def answer(connection: duckdb.DuckDBPyConnection, request: Request, guard: Guard) -> tuple[Reply, bytes]:
    """The reply and the rendered rows, or the refusal and nothing."""
    try:
        refused = guard(connection, request.query)
        if refused is not None:
            return Reply(refused), b""
        return _rendered(*_rows(connection, request.query, request.limits), request)
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
        return Reply(SqlRefused("memory", "the query needs more memory than a question may have")), b""
    except MISTAKES as error:
        return Reply(_mistake(connection, request, error)), b""
    except READABLE_FAULTS as error:
        # What the system says names files of this machine.
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Reply(SqlRefused("failed", _scrubbed(told, request))), b""


def _mistake(connection: duckdb.DuckDBPyConnection, request: Request, error: Exception) -> SqlRefused:
    """What is wrong with the query, and where: asked for its plan, the database shows the place."""
    message, query, before = str(error), request.query, 0
    if "\nLINE " not in message:
        try:
            connection.execute(EXPLAIN + query)
        except MISTAKES as shown:
            if "\nLINE " in str(shown):
                message, before = str(shown), 1
        except READABLE_FAULTS:
            pass
    return explained(_scrubbed(message, request), query, _names(connection), before)


def _names(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """What there is to be named."""
    try:
        return {
            kind: [str(name) for (name,) in connection.execute(text).fetchall()]
            for kind, text in NAMES.items()
        }
    except READABLE_FAULTS:
        return {}


def _rows(connection: duckdb.DuckDBPyConnection, query: str, limits: Limits) -> tuple[pa.Table, bool]:
    """As many of the first rows as the limits let out, and whether that is not all."""
    relation = connection.sql(query)
    if relation is None:
        return pa.table({}), False
    reader = relation.to_arrow_reader(ROWS_PER_BATCH)
    batches: list[pa.RecordBatch] = []
    rows = octets = 0
    cut = False
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        octets += batch.nbytes
        cut = rows > limits.rows_max or octets > limits.output_bytes_max
        if cut:
            break
    table = pa.Table.from_batches(batches, reader.schema)
    return table.slice(0, limits.rows_max), cut


def _rendered(table: pa.Table, cut: bool, request: Request) -> tuple[Reply, bytes]:
    """The body in its format, of half as many rows for as long as it is too large."""
    most = request.limits.output_bytes_max
    while True:
        body = render(table, request.form, request.provenance)
        if len(body) <= most:
            break
        if table.num_rows <= 1:
            return Reply(SqlRefused("output_too_large", f"one row is over {most} bytes")), b""
        table, cut = table.slice(0, table.num_rows // 2), True
    columns = tuple((field.name, str(field.type)) for field in table.schema)
    return Reply(None, columns, table.num_rows, cut, len(body)), body


def warm(connection: duckdb.DuckDBPyConnection, form: str) -> None:
    """Have every library load what it loads late: soon there are no files and no new threads to be had."""
    for name in {form, "json"} & MEDIA_TYPES.keys():
        reader = connection.sql(WARMING).to_arrow_reader(1)
        render(reader.read_all(), name, {})
    refuse_statement("SELECT 1")


def _scrubbed(text: str, request: Request) -> str:
    """What the database said, without where its file lies."""
    folder = os.path.dirname(request.snapshot)
    return text.replace(folder, "")[:DETAIL_CHARACTERS_MAX]


if __name__ == "__main__":
    serve()
