"""What runs behind the demo: the server as a process of its own, and commands as a user would type them.

The server is started, killed without warning and started again on the same port; commands run in processes
of their own with this interpreter. Everything lives in one folder, and nothing outside it is touched.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx

from api.cli.demo.cast import ORIGIN
from api.cli.terminal import Ended

LOOPBACK = "127.0.0.1"
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 30.0
POLL_S = 0.05


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class Backstage:
    """The demo's folder, its server and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = folder / "ledger"
        self.keys = folder / "keys"
        self.outbox = folder / "outbox"
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.log_key = ""  # the log's vkey, once there is a log
        self._server: subprocess.Popen[bytes] | None = None
        for place in (self.keys, self.outbox):
            place.mkdir(parents=True)

    def key(self, party: str) -> Path:
        """A party's key file."""
        return self.keys / f"{party}.pem"

    def start(self) -> float:
        """Start the server and wait until it answers; seconds it took."""
        began = time.monotonic()
        log = (self.folder / "server.log").open("ab")
        words = ["serve", str(self.ledger), "--host", LOOPBACK, "--port", str(self.port)]
        environment = {**os.environ, "CHIPLEDGER_SNAPSHOT_SECONDS": "2"}
        self._server = subprocess.Popen(self._command(words), stdout=log, stderr=log, env=environment)
        log.close()
        while time.monotonic() - began < START_SECONDS_MAX:
            if self._server.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/healthz", timeout=1.0).is_success:
                    return time.monotonic() - began
            except httpx.HTTPError:
                time.sleep(POLL_S)
        raise Ended("the server did not start", f"read {self.folder / 'server.log'}")

    def kill(self) -> None:
        """SIGKILL: no goodbye, no flush, no shutdown code."""
        assert self._server is not None
        self._server.send_signal(signal.SIGKILL)
        self._server.wait()

    def stop(self) -> None:
        """Ask the server to end, and insist after a while."""
        if self._server is None or self._server.poll() is not None:
            return
        self._server.terminate()
        try:
            self._server.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()

    def size(self) -> int:
        """Entries in the log, by the published checkpoint or the health page; 0 while nobody answers."""
        try:
            text = httpx.get(f"{self.url}/checkpoint", timeout=1.0).text
        except httpx.HTTPError:
            return 0
        lines = text.split("\n")
        return int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else 0

    def spawn(self, words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        """A command in the background, its words into a file."""
        with log.open("ab") as said:
            return subprocess.Popen(
                self._command(words), stdout=said, stderr=said, cwd=self.folder, env=self._environment()
            )

    def run(self, words: Sequence[str], party: str | None = None) -> int:
        """A command to its end, said by a party; its output goes to the terminal. The exit code."""
        environment = self._environment(party)
        return subprocess.run(self._command(words), cwd=self.folder, env=environment, check=False).returncode

    def _environment(self, party: str | None = None) -> dict[str, str]:
        """What a user would set once in a shell: where the ledger is, whom to trust, who speaks."""
        told = {"CHIPLEDGER_URL": self.url, "CHIPLEDGER_LOG": ORIGIN}
        if self.log_key:
            told["CHIPLEDGER_LOG_KEY"] = self.log_key
        if party is not None:
            told |= {"CHIPLEDGER_PARTY": party, "CHIPLEDGER_KEY": str(self.key(party))}
        return {**os.environ, **told}

    @staticmethod
    def _command(words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "api.cli", *words]
