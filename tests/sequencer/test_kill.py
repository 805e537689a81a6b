"""Fault 1: killed at every step, the log never signs two roots for one size, nor a size that vanishes."""

import json
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from ledger.folder import LedgerFolder
from ledger.log.checkpoint import parse_checkpoint_text
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.proofs import HashSource, root_at
from ledger.log.tiles import tile_coordinates, unpack_entries
from tests.sequencer import trade, victim

ROOT = Path(__file__).resolve().parents[2]
STEPS = [
    ["claimed", 1],
    ["compared", 1],
    ["floor", 1],
    ["signed", 1],
    ["kept", 1],
    ["begun", 1],
    ["judged", 1],
    ["written", 1],
    ["committed", 1],
    ["floor", 2],
    ["signed", 2],
    ["kept", 2],
    ["released", 1],
]


@pytest.fixture(scope="module")
def victims():
    """Runs a task in a process of its own, and gives the signal that ended it, 0 for none."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sequencer.victim"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(folder, names, *, kill=None, later_ms=0, control=False):
        task = {"folder": str(folder), "kill": kill, "now": trade.NOW + later_ms, "names": names}
        process.stdin.write(json.dumps({**task, "control": control}) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    yield run
    process.stdin.close()
    process.stdout.close()
    process.wait()


@pytest.fixture(scope="module")
def opened(victims, tmp_path_factory):
    """A ledger with a few entries, to be copied."""
    folder = tmp_path_factory.mktemp("opened")
    assert victims(folder, ["first"]) == 0
    return folder


def roots_by_size(folder):
    roots = defaultdict(set)
    for head in victim.signed_heads(folder):
        roots[head.size].add(head.root)
    return roots


def check_log(folder):
    """Every head signed is of this log, every statement acknowledged is in it, all of it is published."""
    store = trade.STORES["sqlite"](folder)
    head, source = store.head(), HashSource(store.tile)
    for size, roots in roots_by_size(folder).items():
        assert size <= head.size
        assert roots == {root_at(size, source)}
    for each in victim.notes(folder / "acknowledged"):
        (entry,) = store.entries(each["index"], each["index"] + 1)
        assert entry.leaf_hash.hex() == each["leaf"] == leaf_hash(entry.raw).hex()
    store.close()
    check_published(LedgerFolder(folder), head)
    return head.size


def check_published(folder, head):
    text = (folder.public / "checkpoint").read_text().partition("\n\n")[0] + "\n"
    published = parse_checkpoint_text(text)
    assert (published.size, published.root) == (head.size, head.root)
    leaves = []
    for tile in tile_coordinates(head.size):
        raw = ((folder.private if tile.level is None else folder.public) / tile.text()).read_bytes()
        if tile.level is None:
            leaves += map(leaf_hash, unpack_entries(raw))
    assert root_of(leaves) == head.root


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[0]}-{step[1]}")
def test_killed_at_any_step_it_goes_on_with_one_root_a_size(victims, opened, tmp_path, step):
    folder = shutil.copytree(opened, tmp_path / "ledger")
    assert victims(folder, ["a", "b"], kill=step, later_ms=1_000) == signal.SIGKILL
    assert victims(folder, ["b", "c"], later_ms=5_000) == 0
    assert check_log(folder) >= 11


def test_killed_while_it_is_opened_it_goes_on(victims, tmp_path):
    for step in (["written", 1], ["committed", 1], ["floor", 1], ["signed", 1]):
        folder = tmp_path / step[0]
        folder.mkdir()
        assert victims(folder, ["a"], kill=step) == signal.SIGKILL
        # With entry 0 in it the log counts as opened, and the trade's parties are still to come.
        assert victims(folder, [], later_ms=1_000) == 0
        check_log(folder)


def test_signing_before_the_commit_signs_two_roots_for_one_size(victims, opened, tmp_path):
    folder = shutil.copytree(opened, tmp_path / "ledger")
    assert victims(folder, ["a", "b"], kill=["written", 1], later_ms=1_000, control=True) == signal.SIGKILL
    assert victims(folder, ["b", "c"], later_ms=5_000) == 0
    assert max(map(len, roots_by_size(folder).values())) == 2
