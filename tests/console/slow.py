"""A question that takes its whole time, and whether a process of this one is answering it."""

import os
import time
from pathlib import Path

SLOW = "SELECT COUNT(*) AS n FROM range(20000000) AS a, range(2000) AS b WHERE (a.range * b.range) % 7 = 3"
LOOK_SECONDS = 0.05


def children():
    """The ids of this process's children that answer questions."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            words = folder.joinpath("cmdline").read_bytes()
        except OSError:
            continue  # it has just ended
        if parent == str(os.getpid()) and b"console_child" in words:
            found.append(int(folder.name))
    return found


def until(holds, seconds=120.0):
    """Whether something comes to hold in time; what does not is waited for that long."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True
