"""May a stranger's query be run here, and what came of it?

Every question goes to a fresh child process (`console_child`) that sees one snapshot, an empty folder and
no environment. It is killed when it overruns, with whatever it started, and believed in nothing: what it
writes is read up to a limit. A refusal is a value; no query can make this process fail. Blocks: call it
from a thread.
"""

import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO

import msgspec

from analytics.asking import Asking
from analytics.formats import MEDIA_TYPES
from analytics.question import (
    PROGRESS,
    PROGRESS_LINE_BYTES_MAX,
    QUERY_BYTES_MAX,
    READY,
    REASONS,
    Limits,
    Reply,
    Request,
    SqlRefused,
)
from analytics.snapshots import Snapshot

QUESTIONS_AT_ONCE_DEFAULT = 2
PATIENCE_SECONDS_DEFAULT = 10.0  # for one's turn
START_SECONDS = 60.0  # for loading the libraries and opening the file, before the query's time begins
LIMITS_DEFAULT = Limits()
REPLY_BYTES_MAX = 1 << 20
NUMBER = re.compile(rb"\d{1,3}(\.\d)?")
CANCELLED = SqlRefused("cancelled", "the question was ended by whoever asked it")
LET_GO = SqlRefused("stopped", "the snapshot was let go while the question waited: ask a newer one")
READ_BYTES = 1 << 16
LOOK_SECONDS = 0.05  # between looks whether the question was cancelled

# The child is told where the code is: it has no environment and does not look into its folder.
BOOT = (
    "import sys, runpy; sys.path.insert(0, sys.argv[1]);"
    " runpy.run_module('analytics.console_child', run_name='__main__')"
)
CODE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """The rows in the format asked for; `truncated`: there were more. `columns` are (name, type)."""

    body: bytes
    media_type: str
    rows: int
    truncated: bool
    columns: tuple[tuple[str, str], ...]


class Console:
    """So many questions at once, within limits that are the same for all."""

    def __init__(
        self,
        limits: Limits = LIMITS_DEFAULT,
        at_once: int = QUESTIONS_AT_ONCE_DEFAULT,
        patience_seconds: float = PATIENCE_SECONDS_DEFAULT,
        child: tuple[str, ...] = (sys.executable, "-I", "-c", BOOT, str(CODE)),
    ) -> None:
        self._limits = limits
        self._turns = BoundedSemaphore(at_once)
        self._patience_seconds = patience_seconds
        self._child = child

    def run(
        self, snapshot: Snapshot, query: str, form: str = "json", asking: Asking | None = None
    ) -> SqlAnswer | SqlRefused:
        """The answer to one query on one snapshot, as json, csv, arrow or parquet.

        `asking` is told how far it is, and may end it from another thread.
        """
        asking = Asking(query, snapshot.size) if asking is None else asking
        if form not in MEDIA_TYPES:
            return SqlRefused("no_such_format", f"formats are {', '.join(MEDIA_TYPES)}")
        if len(query.encode("utf-8", errors="replace")) > QUERY_BYTES_MAX:
            return SqlRefused("too_long", f"a query has at most {QUERY_BYTES_MAX} bytes")
        if "\0" in query or any("\ud800" <= character <= "\udfff" for character in query):
            return SqlRefused("unreadable", "a query has no NUL and no lone surrogate")
        provenance = {"snapshot": snapshot.name, "size": str(snapshot.size), "query": query}
        request = Request(str(snapshot.path.resolve()), query, form, self._limits, provenance)
        refused = self._wait(asking)
        if refused is not None:
            return refused
        try:
            answer = self._ask(request, asking)
        finally:
            self._turns.release()
        if isinstance(answer, SqlRefused) and answer.reason == "stopped" and not snapshot.path.exists():
            return LET_GO
        return answer

    def _wait(self, asking: Asking) -> SqlRefused | None:
        """One's turn, or why there is none."""
        deadline = time.monotonic() + self._patience_seconds
        while not asking.is_cancelled:
            left = deadline - time.monotonic()
            if self._turns.acquire(timeout=max(0.0, min(left, LOOK_SECONDS))):
                return None
            if left <= 0:
                return SqlRefused("busy", "other questions are being answered; ask again")
        return CANCELLED

    def _ask(self, request: Request, asking: Asking) -> SqlAnswer | SqlRefused:
        with tempfile.TemporaryDirectory(prefix="question-") as empty, tempfile.TemporaryFile() as said:
            said.write(msgspec.json.encode(request))
            said.seek(0)
            process = subprocess.Popen(
                self._child,
                stdin=said,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=empty,
                env={},
                start_new_session=True,
            )
            try:
                assert process.stdout is not None
                written = self._read(process.stdout, asking)
            finally:
                _end(process)
        return written if isinstance(written, SqlRefused) else _understood(written, request.form)

    def _read(self, pipe: IO[bytes], asking: Asking) -> bytes | SqlRefused:
        """All the child writes before it ends, within its time and size."""
        most = self._limits.output_bytes_max + REPLY_BYTES_MAX
        deadline = time.monotonic() + START_SECONDS
        read = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                if asking.is_cancelled:
                    return CANCELLED
                if left <= 0:
                    return SqlRefused("too_slow", f"no answer within {self._limits.wall_seconds:g} s")
                if not selector.select(min(left, LOOK_SECONDS)):
                    continue
                some = os.read(pipe.fileno(), READ_BYTES)
                if not some:
                    return bytes(read)
                if not read:
                    deadline = time.monotonic() + self._limits.wall_seconds
                read += some
                _note_progress(read, asking)
                if len(read) > most:
                    return SqlRefused("output_too_large", f"the answer is over {most} bytes")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of it goes on, whatever it started; its id is not reused before `wait`."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()  # it ended by itself, or had no time to lead a group
    if process.stdout is not None:
        process.stdout.close()
    process.wait()


def _note_progress(read: bytearray, asking: Asking) -> None:
    """Take out of what was read the lines before the answer that say how far it is."""
    while read.startswith(PROGRESS, len(READY)):
        end = read.find(b"\n", len(READY), len(READY) + PROGRESS_LINE_BYTES_MAX)
        if end < 0:
            return  # the rest of the line comes, or it is no such line
        told = bytes(read[len(READY) + len(PROGRESS) : end])
        if NUMBER.fullmatch(told):
            asking.progress = min(float(told), 100.0)
        del read[len(READY) : end + 1]


def _understood(written: bytes, form: str) -> SqlAnswer | SqlRefused:
    line, _, body = written.removeprefix(READY).partition(b"\n")
    try:
        reply = msgspec.json.decode(line, type=Reply)
    except msgspec.DecodeError:
        return SqlRefused("stopped", "the query ended its process: it needs more than a question may have")
    if reply.refused is not None:
        known = reply.refused.reason in REASONS
        return reply.refused if known else SqlRefused("stopped", "the query's process gave no answer")
    if len(body) != reply.body_bytes:
        return SqlRefused("stopped", "the answer broke off")
    return SqlAnswer(body, MEDIA_TYPES[form], reply.rows, reply.truncated, reply.columns)
