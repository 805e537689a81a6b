"""A process that follows, settles, publishes, prunes and cuts segments, and is killed at a given point of it.

`Nursery` keeps one process that has everything loaded, and forks it for each life. A life is killed when it
has made so many calls (`fuse`), or after so many seconds, by its own SIGKILL: no handler, no farewell.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from analytics.follower import Follower
from analytics.retention import Retention
from analytics.segments import Segments
from analytics.snapshots import Snapshots
from analytics.warehouse import Standing, Warehouse
from tests.analytics.trade import small_world

CODE = Path(__file__).resolve().parents[2]
ROWS_PER_SEGMENT = 20
SIZES_PART = 4  # a life follows in so many pieces
# Functions of `analytics` in which a life is killed, wherever they are called.
PHASES = ("_take", "fold_kin", "settle", "publish", "copy_to", "prune", "add", "_remove", "_put")
PHASES_FILE = "phases.json"


class Untied(Warehouse):
    """A warehouse that writes as it goes: what transactions are there to prevent."""

    @contextmanager
    def transaction(self):
        yield


def live(folder, trade, kind=Warehouse):
    """All that the server's thread does, up to the end of the log; goes on from whatever lies there."""
    warehouse = kind(folder / "warehouse")
    snapshots = Snapshots(folder / "snapshots", Retention(newest=2, days=1))
    segments = Segments(folder / "segments", ROWS_PER_SEGMENT)
    follower = Follower(trade.store, warehouse)
    for size in pieces(trade):
        if size < warehouse.standing().size:
            continue
        assert isinstance(follower.follow(size, trade.root_of(size)), Standing)
        snapshots.publish(warehouse)
        snapshots.prune()
        made = segments.write(warehouse, trade.root_of)
        assert isinstance(made, list)
    warehouse.close()


def pieces(trade):
    """The sizes at which a life stops to publish."""
    return [trade.size * part // SIZES_PART for part in range(1, SIZES_PART + 1)]


class Fuse:
    """Counts calls and returns, C's too; kills at a number, or notes when which phase was passed through."""

    def __init__(self, at):
        self.at, self.count, self.open, self.phases = at, 0, [], []

    def __call__(self, frame, event, _):
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        code = frame.f_code
        if self.at is None and code.co_name in PHASES and "/analytics/" in code.co_filename:
            if event == "call":
                self.open.append((code.co_name, self.count))
            elif event == "return":
                name, began = self.open.pop()
                assert name == code.co_name
                self.phases.append((name, began, self.count))


def nurse():
    """Lives as told on standard input, a line each; answers with how each ended."""
    trade = small_world()
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            _be(Path(told["folder"]), trade, told)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _be(folder, trade, told):
    code = 1
    try:
        fuse = Fuse(told.get("fuse"))
        if "seconds" in told:
            timer = Timer(told["seconds"], os.kill, (os.getpid(), signal.SIGKILL))
            timer.daemon = True
            timer.start()
        else:
            sys.setprofile(fuse)
        live(folder, trade, Untied if told.get("untied") else Warehouse)
        sys.setprofile(None)
        if told.get("fuse") is None and "seconds" not in told:
            (folder / PHASES_FILE).write_text(json.dumps(fuse.phases))
        code = 0
    finally:
        os._exit(code)


class Nursery:
    """The process that lives are forked from."""

    def __init__(self):
        script = (
            "import sys; sys.path.insert(0, sys.argv[1]); from tests.analytics.killing import nurse; nurse()"
        )
        command = [sys.executable, "-c", script, str(CODE)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CODE
        )
        assert self._process.stdout.readline() == "ready\n"

    def life(self, folder, **told):
        """How a life in this folder ended: 0, or minus the signal."""
        folder.mkdir(exist_ok=True)
        self._process.stdin.write(json.dumps({"folder": str(folder), **told}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self):
        """No more lives."""
        self._process.stdin.close()
        self._process.wait()
