"""What runs behind the demo: its folder, its server, and commands as a user would type them.

Everything lives in one folder, and nothing outside it is touched.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from api.cli.demo.cast import ORIGIN
from api.cli.processes.background import BackgroundServer, words_of_command

SNAPSHOT_SECONDS = "2"  # an analyst who asks at once shall see what was just sent


class Backstage:
    """The demo's folder, its server and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = folder / "ledger"
        self.keys = folder / "keys"
        self.outbox = folder / "outbox"
        self.log_key = ""  # the log's vkey, once there is a log
        for place in (self.keys, self.outbox):
            place.mkdir(parents=True)
        settings = {"CHIPLEDGER_SNAPSHOT_SECONDS": SNAPSHOT_SECONDS}
        self.server = BackgroundServer(self.ledger, folder / "server.log", settings)

    def key(self, party: str) -> Path:
        """A party's key file."""
        return self.keys / f"{party}.pem"

    def spawn(self, words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        """A command in the background, its words into a file."""
        with log.open("ab") as said:
            return subprocess.Popen(
                words_of_command(words), stdout=said, stderr=said, cwd=self.folder, env=self._environment()
            )

    def run(self, words: Sequence[str], party: str | None = None) -> int:
        """A command to its end, said by a party; its output goes to the terminal. The exit code."""
        environment = self._environment(party)
        return subprocess.run(
            words_of_command(words), cwd=self.folder, env=environment, check=False
        ).returncode

    def _environment(self, party: str | None = None) -> dict[str, str]:
        """What a user would set once in a shell: where the ledger is, whom to trust, who speaks."""
        told = {"CHIPLEDGER_URL": self.server.url, "CHIPLEDGER_LOG": ORIGIN}
        if self.log_key:
            told["CHIPLEDGER_LOG_KEY"] = self.log_key
        if party is not None:
            told |= {"CHIPLEDGER_PARTY": party, "CHIPLEDGER_KEY": str(self.key(party))}
        return {**os.environ, **told}
