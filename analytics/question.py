"""What does the console hand its child, what may the child spend, and how is a no worded?

Plain frozen values that cross from one process to the other as JSON. Knows neither process.
"""

import msgspec

QUERY_BYTES_MAX = 65_536
READY = b"ready\n"  # written before the query is looked at: from here on its time counts


class Limits(msgspec.Struct, frozen=True):
    """What one question may cost."""

    wall_seconds: float = 20.0
    memory_bytes: int = 1 << 30  # of the query; the process around it gets a fixed allowance more
    threads: int = 2
    rows_max: int = 100_000
    output_bytes_max: int = 32 << 20


class Request(msgspec.Struct, frozen=True):
    """One question to one snapshot. `provenance` goes into the files that can carry it."""

    snapshot: str
    query: str
    form: str
    limits: Limits
    provenance: dict[str, str]


class SqlRefused(msgspec.Struct, frozen=True):
    """No answer, and why. `detail` is for the person who asked.

    Reasons: `too_long`, `no_such_format`, `unreadable`, `not_one_statement`, `not_a_question`,
    `not_allowed`, `failed` (what the database said), `memory`, `too_slow`, `output_too_large`,
    `busy`, `stopped` (the process ended without an answer).
    """

    reason: str
    detail: str


class Reply(msgspec.Struct, frozen=True):
    """The first line of what the child writes; the body of an answer follows it."""

    refused: SqlRefused | None = None
    columns: tuple[tuple[str, str], ...] = ()  # name, type
    rows: int = 0
    truncated: bool = False
    body_bytes: int = 0
