"""The command tells each step in plain words, ends with what does not hold, and downloads what it needs."""

import json

import pytest

from tests.cli.stage import chipledger
from tests.replay.doctored import DOCTORED, doctored
from tests.replay.inspected import PLAIN, SEEN, UNDRAWN, file_of
from tests.world import DICE, LOG_KEY
from tests.world_http import WATCH


def replay(*words):
    return chipledger("inspect", "replay", *words)


def test_it_says_what_was_proved_and_what_was_told(files):
    path = file_of(files, SEEN)
    told = replay(path)
    assert told.exit_code == 0, told.stdout
    flat = " ".join(told.stdout.split())
    assert "✓ selection: Every line's ticket was computed; the smallest 4" in flat
    assert "• checkpoint:" in flat and "✗" not in flat and flat.endswith(f"{SEEN} holds.")
    known = replay(path, "--log-key", LOG_KEY.text(), "--beacon-key", DICE.public_key.hex().upper())
    assert known.exit_code == 0 and "✓ checkpoint:" in known.stdout and "✓ beacon:" in known.stdout


@pytest.mark.parametrize("name", ["a friend is spared", "lines shuffled", "another log", "a clean verdict"])
def test_the_first_thing_that_does_not_hold_ends_it(files, tmp_path, name):
    one = DOCTORED[name]
    path = tmp_path / "file.jsonl"
    path.write_bytes(doctored(file_of(files, one.inspection).read_bytes(), one))
    told = replay(path)
    assert told.exit_code == 1 and told.stdout.count("✗") == 1
    assert one.flaw.value in told.stderr and "holds." not in told.stdout
    as_json = replay(path, "--json")
    said = json.loads(as_json.stdout)
    assert as_json.exit_code == 1 and said["flaw"]["reason"] == one.flaw.value and not said["holds"]
    assert (
        [step["status"] for step in said["steps"]].count("failed")
        == 1
        == (said["steps"][-1]["status"] == "failed")
    )


def test_programs_are_told_the_same(files):
    said = json.loads(replay(file_of(files, PLAIN), "--json").stdout)
    assert said["holds"] and "flaw" not in said and said["inspection"] == PLAIN
    assert {step["status"] for step in said["steps"]} == {"proved", "told"}


def test_it_downloads_the_file_first(inspected, tmp_path):
    world, folder = inspected
    path = tmp_path / "mine.jsonl"
    who = ["--url", world.door.url, "--party", WATCH, "--key", world.pem(WATCH)]
    told = replay(path, "--fetch", PLAIN, *who)
    assert told.exit_code == 0, told.stderr
    assert path.read_bytes() == file_of(folder, PLAIN).read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["mine.jsonl"]
    assert replay(path, "--fetch", UNDRAWN, *who).exit_code == 0  # over the one that was there
    refused = replay(tmp_path / "no.jsonl", "--fetch", f"{WATCH}/nowhere", *who)
    assert refused.exit_code == 1 and not (tmp_path / "no.jsonl").exists()


def test_what_is_typed_wrong_is_wrong_usage(files, tmp_path):
    assert replay(tmp_path / "none").exit_code == 2
    assert replay(file_of(files, PLAIN), "--fetch", PLAIN).exit_code == 2  # from where?
    assert replay(file_of(files, PLAIN), "--log-key", "nonsense+1+2").exit_code != 0
