"""How does a stage's mail reach the ledger, with the server killed on the way?

Two `send` processes at a time, each with the files of some parties; they verify the receipts and keep them
beside the files. The bar shows the size of the log, which is all an onlooker can see.
"""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from api.cli.demo.backstage import Backstage
from api.cli.screen.terminal import Ended, progress

SENDERS_MAX = 2
SECONDS_MAX = 300.0
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Sent:
    """What one `send` said when it ended."""

    code: int
    said: dict[str, Any]


class Mail:
    """Sends files, two processes at a time."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self.killed_at: int | None = None  # entries of its stage that were published when the server died

    def deliver(self, stage: str, files: Sequence[Path], entries: int, *, kill: bool = False) -> list[Sent]:
        """Send a stage's files; with `kill`, the server dies once some of its entries are in."""
        backstage, begun = self._backstage, self._backstage.server.size()
        hands = [files[first::SENDERS_MAX] for first in range(min(SENDERS_MAX, len(files)))]
        running, sent = [self._send(share) for share in hands], []
        deadline = time.monotonic() + SECONDS_MAX
        with progress(stage, entries) as bar:
            while running:
                if time.monotonic() > deadline:
                    raise Ended(f"{stage} took over {SECONDS_MAX:.0f} s", f"see {backstage.outbox}")
                size = backstage.server.size()
                bar.at(min(max(size - begun, 0), entries))
                if kill and self.killed_at is None and entries // 10 < size - begun < entries:
                    self.killed_at = size - begun
                    self._die_and_come_back(bar, stage)
                sent += [_outcome(said, process) for said, process in running if process.poll() is not None]
                running = [(said, process) for said, process in running if process.returncode is None]
                time.sleep(POLL_S)
            bar.at(entries)
        return sent

    def _send(self, files: Sequence[Path]) -> tuple[Path, subprocess.Popen[bytes]]:
        said = files[0].with_suffix(".said")
        return said, self._backstage.spawn(["send", *map(str, files), "--json"], said)

    def _die_and_come_back(self, bar: Any, stage: str) -> None:
        self._backstage.server.kill()
        bar.at(0, title=f"{stage}: server killed with SIGKILL")
        seconds = self._backstage.server.start()
        bar.at(0, title=f"{stage}: back after {seconds:.1f} s, senders resume")


def _outcome(path: Path, process: subprocess.Popen[bytes]) -> Sent:
    text = path.read_bytes()
    start = text.find(b"{")
    try:
        said = msgspec.json.decode(text[start:], type=dict[str, Any]) if start >= 0 else {}
    except msgspec.DecodeError:
        said = {}
    if process.returncode not in (0, 1) or not said:
        raise Ended(f"a sender failed: {path}", text.decode(errors="replace")[-2000:])
    return Sent(process.returncode, said)
