"""The main job runs end to end at every commit: `chipledger demo`, as a newcomer types it."""

import subprocess
import sys

SECONDS_MAX = 1_800  # it takes a minute where nothing else goes on
SCENES = 6
SAID = (
    "107,192 chips, from fab to rack",
    "SIGKILL at ",
    "in_transit",
    "bad_signature",
    "wrong_selection",
    "Visit 296 of 16,384 chips",
    "Draw 1 of 1 in series inspectorate/nexgen-visit-1: 296 of 16,384 visited, 0 missing; at 95 % confidence",
    "labelled: unwitnessed (the log asks for no witness); verdict: clean.",
    "✓ selection: Every line's ticket was computed",
    "first bad entry",
    "The whole job took",
    "Type next:",
)


def test_the_demo_plays_to_its_end(tmp_path):
    words = [sys.executable, "-m", "api.cli", "demo", "--keep", str(tmp_path / "kept")]
    played = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    said = played.stdout + played.stderr
    assert played.returncode == 0, said[-3000:]
    flat = " ".join(said.split())  # sentences are folded where the screen ends
    assert [line for line in SAID if line not in flat] == []
    assert all(f"\n{number}  " in said for number in range(1, SCENES + 1))
    assert (tmp_path / "kept" / "ledger" / "ledger.db").exists()


def test_a_folder_that_is_there_is_not_played_in(tmp_path):
    words = [sys.executable, "-m", "api.cli", "demo", "--keep", str(tmp_path)]
    refused = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    assert refused.returncode == 2
    assert "exists" in refused.stderr
