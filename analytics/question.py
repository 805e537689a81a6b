"""What does the console hand its child, what may the child spend, and how is a no worded?

Plain frozen values that cross from one process to the other as JSON. Knows neither process.
"""

import msgspec

QUERY_BYTES_MAX = 65_536
READY = b"ready\n"  # written before the query is looked at: from here on its time counts
PROGRESS = b"% "  # begins a line that says how much is done, in hundredths; none is as long as this says:
PROGRESS_LINE_BYTES_MAX = 16

# Every reason for which there is no answer, and what it says to whoever asked.
REASONS = {
    "too_long": "the query is longer than a query may be",
    "no_such_format": "there is no such format",
    "unreadable": "it is not SQL that can be read",
    "not_one_statement": "there is no statement, or more than one",
    "not_a_question": "it would do something, and only questions are answered",
    "not_allowed": "it names a function or a file that questions may not use",
    "failed": "the database cannot answer it; what it said is told",
    "memory": "it needs more memory than a question may have",
    "too_slow": "it takes longer than a question may",
    "output_too_large": "one row, or the whole, is larger than an answer may be",
    "busy": "others are being answered",
    "stopped": "its process ended without an answer",
    "cancelled": "whoever asked ended it",
    "text_changed": "it is a way down by its name, and the SQL of that name is another now",
    "other_tables": "the snapshot is of another version's tables, and it names one of this version's",
}


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
    """No answer, and why. `reason` is of `REASONS`; `detail` is for the person who asked.

    Of a mistake in the query: `line` and `column`, from 1, of the offending `word`, and the names `near` it
    that there are. `missing` is the table or view, as the query names it, that the snapshot does not have.
    """

    reason: str
    detail: str
    line: int | None = None
    column: int | None = None
    word: str | None = None
    near: tuple[str, ...] = ()
    missing: str | None = None


class Reply(msgspec.Struct, frozen=True):
    """The line before the body of an answer, or all there is of a refusal."""

    refused: SqlRefused | None = None
    columns: tuple[tuple[str, str], ...] = ()  # name, type
    rows: int = 0
    truncated: bool = False
    body_bytes: int = 0
