"""How does a command start a server of its own, kill it without warning and start it again?

A process with this interpreter on a free loopback port. Used where a server is part of what is shown or
measured (`demo`, `bench`); nobody else should need it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import httpx

from api.cli.screen.terminal import Ended

LOOPBACK = "127.0.0.1"
START_SECONDS_MAX = 120.0  # a busy machine takes its time; a server that died is noticed at once
STOP_SECONDS_MAX = 30.0
ANSWER_SECONDS_MAX = 5.0
POLL_S = 0.05


def words_of_command(words: Sequence[str]) -> list[str]:
    """`chipledger` and its words, for this interpreter."""
    return [sys.executable, "-m", "api.cli", *words]


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class BackgroundServer:
    """`chipledger serve` on a ledger folder, its words in a file."""

    def __init__(self, ledger: Path, words: Path, settings: Mapping[str, str]) -> None:
        """`settings` are `CHIPLEDGER_*` variables for the server alone."""
        self._ledger = ledger
        self._words = words
        self._settings = settings
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://{LOOPBACK}:{self._port}"

    def start(self) -> float:
        """Start it and wait until it answers; seconds it took."""
        began = time.monotonic()
        command = words_of_command(
            ["serve", str(self._ledger), "--host", LOOPBACK, "--port", str(self._port)]
        )
        with self._words.open("ab") as said:
            environment = {**os.environ, **self._settings}
            self._process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        while time.monotonic() - began < START_SECONDS_MAX and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=1.0).is_success:
                    return time.monotonic() - began
            except httpx.HTTPError:
                time.sleep(POLL_S)
        fault = "ended as it began" if self._process.poll() is not None else "did not answer in time"
        raise Ended(f"the server {fault}", f"read {self._words}")

    def kill(self) -> None:
        """SIGKILL: no goodbye, no flush, no shutdown code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()

    def size(self) -> int:
        """Entries in the log, by the published checkpoint; 0 while nobody answers."""
        try:
            text = httpx.get(f"{self.url}/checkpoint", timeout=ANSWER_SECONDS_MAX).text
        except httpx.HTTPError:
            return 0
        lines = text.split("\n")
        return int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else 0
