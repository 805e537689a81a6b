"""What `serve` says to the person who started it, and to a program."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.living_ledger import START_SECONDS_MAX, LivingLedger, enrol
from tests.cli.stage import chipledger


@contextmanager
def at_a_terminal(folder):
    """`serve` with its error stream on a terminal; gives the JSON line and what the terminal shows."""
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "COLUMNS": "200"}
    line = [sys.executable, "-m", "api.cli", "serve", str(folder), "--port", "0"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=slave, env=environment)
    os.close(slave)
    try:
        yield process.stdout.readline(), lambda until: shown(master, until)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS_MAX)
        process.stdout.close()
        os.close(master)


def shown(master, until):
    """What came up to a word."""
    text, deadline = "", time.monotonic() + START_SECONDS_MAX
    while until not in text and time.monotonic() < deadline:
        if select.select([master], [], [], 1)[0]:
            text += os.read(master, 65_536).decode()
    return text


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving")
    made = LivingLedger(folder)
    made.start()
    enrol(made, folder, "acme-semi", "maker", "US")
    made.stop()
    return made


def test_at_a_terminal_there_is_one_line_for_programs_and_one_for_people(ledger):
    with at_a_terminal(ledger.folder) as (line, terminal):
        assert json.loads(line)["origin"] == "example.org/chips"
        text = terminal("Ctrl-C")
        assert "2 entries" in text and "listening" not in text


def test_a_log_without_its_floor_is_only_read_from_and_serve_says_so(ledger):
    floor = ledger.folder / "floor"
    kept = floor.read_bytes()
    with at_a_terminal(ledger.folder) as (_, terminal):
        assert "only read from" not in terminal("Ctrl-C"), "the control: with its floor it goes on"
    floor.unlink()
    try:
        with at_a_terminal(ledger.folder) as (line, terminal):
            text = terminal("Ctrl-C")
            assert "only read from" in text and "no floor" in text
            url = ["--url", json.loads(line)["listening"], "--log-key", ledger.vkey, "--wait-s", 0]
            sent = chipledger("send", ledger.folder.parent / "acme-semi.enrolled.json", *url)
            assert sent.exit_code == 0, "what was admitted has its receipt still"
            assert not floor.exists(), "nobody made up a floor"
    finally:
        floor.write_bytes(kept)
