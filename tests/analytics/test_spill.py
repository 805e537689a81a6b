"""What is put aside has a folder of its own, which goes with the process, or with the next one."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.spill import LOCK_FILE

ASK = """
import sys
from analytics.spill import spill_folder
print(spill_folder(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def asking():
    """A process that has its folder, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", ASK], env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_its_owners_alone_and_goes_with_the_process(place):
    process, folder = asking()
    assert folder.parent == place and stat.S_IMODE(folder.stat().st_mode) == 0o700
    process.communicate("")
    assert process.returncode == 0 and not folder.exists()


def test_what_a_killed_process_left_goes_with_the_next_and_what_is_in_use_stays(place):
    (killed, left), (living, kept) = asking(), asking()
    killed.kill()
    killed.wait()
    (left / "duckdb_temp_storage.tmp").write_bytes(b"gigabytes")
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x", encoding="ascii")
    (place / "chipledger-spill-link").symlink_to(elsewhere)
    late, _ = asking()
    assert not left.exists() and (kept / LOCK_FILE).exists()
    assert (elsewhere / "precious").exists(), "a link is followed by nobody"
    for process in (living, late):
        process.communicate("")
    assert [path.name for path in place.glob("chipledger-spill-*")] == ["chipledger-spill-link"]


def test_many_at_once_take_nobodys_folder(place):
    """Each removes what it takes for left behind, while the others make theirs."""
    every = [asking() for _ in range(8)]
    folders = {folder for _, folder in every}
    assert len(folders) == 8 and all((folder / LOCK_FILE).exists() for folder in folders)
    for process, _ in every:
        process.communicate("")
    assert not list(place.glob("chipledger-spill-*"))
