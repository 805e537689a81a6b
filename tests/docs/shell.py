"""How does a reader's terminal behave?

One shell for a whole page, so that what one command exports or starts the next one finds. Both outputs of a
command come back in the order they were written, with its exit code, which `$?` then holds as it would for a
person.
"""

import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

ANSWER_SECONDS_MAX = 300.0
END = "the-end-of-a-command"
CHUNK_BYTES = 65_536


class Shell:
    """A shell in a folder, with nothing of the caller's environment but where programs are."""

    def __init__(self, folder: Path, programs: Path) -> None:
        environment = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        self._unread = b""

    def run(self, command: str) -> tuple[list[str], int]:
        """The lines it printed, and its exit code. Of a command left in the background, the first line."""
        assert self._process.stdin is not None
        # `$?` must be the reader's command's for the next one, so it is set again after the mark is printed.
        wrapped = f"(exit ${{rc:-0}})\n{{ {command}\n}} </dev/null 2>&1; rc=$?; printf '%s %s\\n' {END} $rc\n"
        self._process.stdin.write(wrapped.encode())
        self._process.stdin.flush()
        lines: list[str] = []
        while not (line := self._line()).startswith(END):
            head, mark, code = line.partition(END)
            lines.append(head)
            if mark:  # the output did not end its last line
                return lines, int(code)
        if command.endswith("&"):
            lines.append(self._line())
        return lines, int(line.removeprefix(END))

    def _line(self) -> str:
        """The next line; AssertionError where none comes in time."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._process.stdout], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"nothing more came after {self._unread!r}"
            chunk = os.read(self._process.stdout.fileno(), CHUNK_BYTES)
            assert chunk, f"the shell ended after {self._unread!r}"
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def close(self) -> None:
        """End the shell and whatever was started in it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
