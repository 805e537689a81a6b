"""A confined process can compute and answer, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

CODE = Path(__file__).resolve().parents[2]
TRIES = """
import json, os, socket, sys
sys.path.insert(0, sys.argv[1])
from analytics.confinement import confine
def told(deed):
    try:
        deed()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
def write_what_is_open():
    os.write(kept, b"x")
kept = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT, 0o666)
deeds = {
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "create": lambda: os.open(sys.argv[2] + ".new", os.O_WRONLY | os.O_CREAT),
    "write": write_what_is_open,
    "connect": lambda: socket.socket(),
    "fork": lambda: os._exit(0) if os.fork() == 0 else None,
    "allocate": lambda: bytearray(2 << 30),
    "compute": lambda: sum(range(1000)),
}
if sys.argv[3] == "confined":
    confine(memory_bytes=100 << 20, cpu_seconds=5)
print(json.dumps({"user": os.getuid()} | {name: told(deed) for name, deed in deeds.items()}))
"""


def tried(tmp_path, how):
    command = [sys.executable, "-I", "-c", TRIES, str(CODE), str(tmp_path / "kept"), how]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def test_nothing_but_computing_is_left(tmp_path):
    left = tried(tmp_path, "confined")
    user = left.pop("user")
    assert user != 0 and (os.getuid() == 0 or user == os.getuid())
    assert left.pop("compute") == "done"
    assert all(
        fate in {"OSError", "PermissionError", "BlockingIOError", "MemoryError"} for fate in left.values()
    )
    assert not (tmp_path / "kept.new").exists() and (tmp_path / "kept").read_bytes() == b""


def test_without_it_all_of_that_works(tmp_path):
    """The control."""
    free = tried(tmp_path, "free")
    assert free.pop("user") == os.getuid()
    assert set(free.values()) == {"done"}
