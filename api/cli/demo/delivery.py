"""How does a stage's mail reach the ledger, with the server killed on the way?

One `send` process a party, two at a time, with the receipts they verify beside the files. The bar shows the
size of the log, which is all an onlooker can see.
"""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from api.cli.demo.backstage import Backstage
from api.cli.terminal import Ended, progress

SENDERS_MAX = 2
SECONDS_MAX = 300.0
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Sent:
    """What one `send` said when it ended."""

    file: Path
    code: int
    said: dict[str, Any]


class Mail:
    """Sends files, two processes at a time."""

    def __init__(self, backstage: Backstage, log_key: str) -> None:
        self._backstage = backstage
        self._log_key = log_key

    def deliver(self, stage: str, files: Sequence[Path], entries: int, *, kill: bool = False) -> list[Sent]:
        """Send a stage's files; with `kill`, the server dies when a third of the entries are in."""
        backstage, begun = self._backstage, self._backstage.size()
        waiting, sent = list(files), []
        running: list[tuple[Path, subprocess.Popen[bytes]]] = []
        deadline = time.monotonic() + SECONDS_MAX
        with progress(stage, entries) as bar:
            while waiting or running:
                if time.monotonic() > deadline:
                    raise Ended(f"{stage} took over {SECONDS_MAX:.0f} s", f"see {backstage.outbox}")
                while waiting and len(running) < SENDERS_MAX:
                    running.append(self._send(waiting.pop(0)))
                size = backstage.size()
                bar.at(min(max(size - begun, 0), entries))
                if kill and size - begun > entries // 3:
                    kill = False
                    self._die_and_come_back(bar, stage)
                sent += [_outcome(file, process) for file, process in running if process.poll() is not None]
                running = [(file, process) for file, process in running if process.returncode is None]
                time.sleep(POLL_S)
            bar.at(entries)
        return sent

    def _send(self, file: Path) -> tuple[Path, subprocess.Popen[bytes]]:
        words = ["send", str(file), "--url", self._backstage.url, "--log-key", self._log_key, "--json"]
        return file, self._backstage.spawn(words, _words_of(file))

    def _die_and_come_back(self, bar: Any, stage: str) -> None:
        self._backstage.kill()
        bar.at(0, title=f"{stage}: server killed with SIGKILL")
        seconds = self._backstage.start()
        bar.at(0, title=f"{stage}: back after {seconds:.1f} s, senders resume")


def _words_of(file: Path) -> Path:
    return file.with_suffix(".said")


def _outcome(file: Path, process: subprocess.Popen[bytes]) -> Sent:
    text = _words_of(file).read_bytes()
    start = text.find(b"{")
    try:
        said = msgspec.json.decode(text[start:], type=dict[str, Any]) if start >= 0 else {}
    except msgspec.DecodeError:
        said = {}
    if process.returncode not in (0, 1) or not said:
        raise Ended(f"send of {file.name} failed", text.decode(errors="replace")[-2000:])
    return Sent(file, process.returncode, said)
