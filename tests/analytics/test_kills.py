"""Killed anywhere, at any time, it ends up where it would have come to undisturbed."""

import json
import random
import signal
import time
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from analytics.snapshots import PRUNED_FILE
from analytics.warehouse import Warehouse
from tests.analytics.killing import PHASES, PHASES_FILE, Nursery
from tests.analytics.test_follower import contents

SEEDS_BY_THE_CLOCK = 5
TURNS_BY_THE_CLOCK = 6


@dataclass(frozen=True)
class Undisturbed:
    """A life that nobody ended: what it left, when it was in which phase, and how long it took."""

    rows: dict
    snapshots: frozenset
    pruned: frozenset
    segments: dict
    phases: dict
    seconds: float


@pytest.fixture(scope="module")
def nursery():
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="module")
def undisturbed(nursery, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    began = time.monotonic()
    assert nursery.life(folder) == 0
    seconds = time.monotonic() - began
    phases = defaultdict(list)
    for name, entered, left in json.loads((folder / PHASES_FILE).read_text()):
        phases[name].append((entered, left))
    left = Undisturbed(rows_in(folder), *names_in(folder), segments_in(folder), phases, seconds)
    assert set(phases) == set(PHASES), "every phase was passed through"
    assert len(left.snapshots) == 2 and len(left.pruned) == 2 and len(left.segments) >= 4
    return left


def rows_in(folder):
    warehouse = Warehouse(folder / "warehouse")
    rows = contents(warehouse)
    warehouse.close()
    return rows


def names_in(folder):
    there = frozenset(path.name for path in (folder / "snapshots").glob("*.duckdb"))
    pruned = folder / "snapshots" / PRUNED_FILE
    return there, frozenset(pruned.read_text().splitlines() if pruned.exists() else ())


def segments_in(folder):
    return {path.name: path.read_bytes() for path in (folder / "segments").glob("*.parquet")}


def stamped(folder):
    return {
        path.name: sha256(path.read_bytes()).hexdigest() for path in (folder / "snapshots").glob("*.duckdb")
    }


def check(folder: Path, nursery, undisturbed, before):
    """After a kill a whole life brings it level; no name stands for anything it did not stand for before."""
    assert nursery.life(folder) == 0
    assert rows_in(folder) == undisturbed.rows
    assert names_in(folder) == (undisturbed.snapshots, undisturbed.pruned)
    assert segments_in(folder) == undisturbed.segments
    after = stamped(folder)
    assert all(after[name] == before[name] for name in after.keys() & before.keys())
    assert not any(path.suffix == ".building" for path in folder.rglob("*"))


@pytest.mark.parametrize("phase", PHASES)
def test_killed_in_the_middle_of_a_step(nursery, undisturbed, tmp_path, phase):
    entered, left = random.Random(phase).choice(undisturbed.phases[phase])
    fuse = random.Random(f"{phase} where").randrange(entered, left + 1)
    assert nursery.life(tmp_path, fuse=fuse) == -signal.SIGKILL
    assert not (tmp_path / PHASES_FILE).exists()
    check(tmp_path, nursery, undisturbed, stamped(tmp_path) if (tmp_path / "snapshots").exists() else {})


def test_killed_by_the_clock_again_and_again(nursery, undisturbed, tmp_path):
    """Inside the database too, where no call is made: one folder, killed until it gets through."""
    for turn in range(TURNS_BY_THE_CLOCK):  # the machine may have been busier while nobody was killed
        folder = tmp_path / str(turn)
        killed, seen = killed_by_the_clock(nursery, folder, undisturbed.seconds / 2 / 4**turn)
        if killed:
            break
    assert killed > 0
    check(folder, nursery, undisturbed, {name: h for name, h in seen.items() if name in stamped(folder)})


def killed_by_the_clock(nursery, folder, seconds_max):
    """How many of some lives in one folder were killed before they ended; every snapshot seen, stamped."""
    killed, seen = 0, {}
    for seed in range(SEEDS_BY_THE_CLOCK):
        ended = nursery.life(folder, seconds=random.Random(seed).uniform(0, seconds_max))
        killed += ended == -signal.SIGKILL
        if (folder / "snapshots").exists():
            now = stamped(folder)
            assert all(now[name] == seen[name] for name in now.keys() & seen.keys())
            seen |= now
    return killed, seen


def test_without_transactions_a_kill_shows(nursery, undisturbed, tmp_path):
    """The control: the same kill where rows are written as they come leaves some of them twice."""
    middle = sum(undisturbed.phases["_take"][1]) // 2
    assert nursery.life(tmp_path, fuse=middle, untied=True) == -signal.SIGKILL
    assert nursery.life(tmp_path, untied=True) == 0
    assert rows_in(tmp_path) != undisturbed.rows
