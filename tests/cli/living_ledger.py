"""A real ledger, served by a process of its own on a free port, for tests that kill it."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from api.cli.paperwork.signing_desk import proven_key
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from signing.canonical import encode
from tests.cli.stage import LOG, chipledger, day, key_file, signer, speaking

START_SECONDS_MAX = 300
PUBLISHED_SECONDS_MAX = 300


class LivingLedger:
    """`url` while it runs; `kill` is SIGKILL, `start` after it takes the same port."""

    def __init__(self, folder: Path, *terms: object):
        self.folder = folder / "ledger"
        self.port = 0
        self.process = None
        registrar = key_file(folder, "registry")
        words = ["--origin", LOG, "--registrar", "registry", "--registrar-key", registrar, "--unencrypted"]
        result = self.command("init", self.folder, *words, "--beacon-lead-s", "1", *terms)
        assert result.returncode == 0, result.stderr
        self.vkey = (self.folder / "log.vkey").read_text().strip()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def command(*words, cwd=None):
        """A command in a process of its own, as users run it."""
        line = [sys.executable, "-m", "api.cli", *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "COLUMNS": "200"}
        return subprocess.run(line, capture_output=True, text=True, check=False, cwd=cwd, env=environment)

    def start(self):
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "CHIPLEDGER_SNAPSHOT_SECONDS": "1",
        }
        line = [sys.executable, "-m", "api.cli", "serve", str(self.folder), "--port", str(self.port)]
        with (self.folder / "server.err").open("ab") as errors:
            self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=errors, env=environment)
        self.port = self._listening()["port"]

    def _listening(self):
        assert self.process is not None and self.process.stdout is not None
        while True:
            ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS_MAX)
            raw = self.process.stdout.readline() if ready else b""
            if not raw:
                raise AssertionError((self.folder / "server.err").read_text()[-2000:])
            if raw.startswith(b"{"):
                return json.loads(raw)

    def level(self):
        """As `level`, of this ledger."""
        return level(self.folder)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self._gone()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self._gone()

    def _gone(self):
        self.process.wait(START_SECONDS_MAX)
        self.process.stdout.close()


def level(folder):
    """Wait until all that was admitted is published, which follows it; how many entries that are."""
    store = SqlStore(Sqlite(folder / "ledger.db"))
    try:
        size = store.head().size
    finally:
        store.close()
    deadline = time.monotonic() + PUBLISHED_SECONDS_MAX
    while int((folder / "public" / "checkpoint").read_text().split("\n")[1]) < size:
        assert time.monotonic() < deadline, f"{size} entries are not published"
        time.sleep(0.05)
    return size


def enrol(ledger, folder, party, roles, country):
    """Enrol a party by its fixed key, through the commands."""
    proof, out = folder / f"{party}.proof.json", folder / f"{party}.enrolled.json"
    proof.write_bytes(encode({"party": party, **proven_key(signer(party), LOG, party)}) + b"\n")
    who = ["--key", key_file(folder, "registry"), "--party", "registry", "--log", LOG]
    words = ["--name", party, "--roles", roles, "--country", country, "--occurred-at", day(-20)]
    assert chipledger("enrol", proof, *words, *who, "--out", out).exit_code == 0
    send(ledger, out)


def send(ledger, *files, code=0):
    """Send files under the pinned key; the JSON answer. code None: however it ends."""
    result = chipledger("send", *files, "--url", ledger.url, "--log-key", ledger.vkey, "--json")
    assert code in (None, result.exit_code), result.output
    return json.loads(result.stdout)


def sign(folder, party, kind, text, *settings, name=None):
    """Sign rows of text; the file that was made."""
    file = folder / f"{name or party + '-' + kind}.csv"
    file.write_text(text)
    options = [word for setting in settings for word in ("--set", setting)]
    result = chipledger("sign", kind, file, *speaking(folder, party), *options)
    assert result.exit_code == 0, result.output
    return next(
        folder / made
        for made in (f"{file.stem}.bundle.json", f"{file.stem}.ndjson")
        if (folder / made).exists()
    )


def say(ledger, folder, party, kind, text, *settings, code=0, name=None):
    """Sign rows of text and send them; the JSON answer."""
    return send(ledger, sign(folder, party, kind, text, *settings, name=name), code=code)
