"""What is the answer to one question? Asked in a process of its own, which then ends.

Reads a `Request` from standard input, writes that it is ready, a `Reply` on one line, the answer's bytes.
Opens the snapshot first, read-only and with its settings locked, then gives up everything else
(`confinement`), and only then looks at the query. What the database does to it, it does to this process.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa  # type: ignore[import-untyped]

from analytics.confinement import confine
from analytics.contained import open_snapshot
from analytics.formats import MEDIA_TYPES, render
from analytics.guard import refuse_statement
from analytics.question import READY, Limits, Reply, Request, SqlRefused

ROWS_PER_BATCH = 8_192
DETAIL_CHARACTERS_MAX = 2_000
READABLE_FAULTS = (duckdb.Error, pa.ArrowException, ValueError, ArithmeticError, RuntimeError, OSError)

WARMING = "SELECT 1 AS n, 'a' AS t, TIMESTAMP '2020-01-01' AS m, now() AS z, 1.5 AS d, [1] AS l"

Guard = Callable[[duckdb.DuckDBPyConnection, str], SqlRefused | None]
Confine = Callable[[Limits], None]


def confine_to(limits: Limits) -> None:
    """The confinement these limits mean."""
    seconds = int(limits.wall_seconds * limits.threads)
    confine(memory_bytes=limits.memory_bytes, cpu_seconds=seconds)


def refuse(connection: duckdb.DuckDBPyConnection, query: str) -> SqlRefused | None:
    """Two parsers must agree that this is one question: ours, which explains, and the database's."""
    refused = refuse_statement(query)
    if refused is not None:
        return refused
    kinds = [statement.type for statement in connection.extract_statements(query)]
    if kinds != [duckdb.StatementType.SELECT]:
        return SqlRefused("not_a_question", "one SELECT or its kin is answered")
    return None


def serve(guard: Guard = refuse, confinement: Confine = confine_to) -> None:
    """Answer the one request on standard input. The walls are arguments so that a test can take one away."""
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    limits = request.limits
    with open_snapshot(Path(request.snapshot), f"{limits.memory_bytes}B", limits.threads) as connection:
        warm(connection, request.form)
        confinement(limits)
        out = sys.stdout.buffer
        out.write(READY)
        out.flush()
        reply, body = answer(connection, request, guard)
        out.write(msgspec.json.encode(reply) + b"\n" + body)
        out.flush()


def answer(connection: duckdb.DuckDBPyConnection, request: Request, guard: Guard) -> tuple[Reply, bytes]:
    """The reply and the rendered rows, or the refusal and nothing."""
    try:
        refused = guard(connection, request.query)
        if refused is not None:
            return Reply(refused), b""
        return _rendered(*_rows(connection, request.query, request.limits), request)
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError):
        return Reply(SqlRefused("memory", "the query needs more memory than a question may have")), b""
    except READABLE_FAULTS as error:
        return Reply(SqlRefused("failed", _scrubbed(str(error), request))), b""


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
