"""A snapshot to attack, a secret beside it, a place anybody may write to: rights alone hide nothing here."""

import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from analytics.console import CODE, Console, SqlAnswer
from analytics.follower import Follower
from analytics.question import Limits
from analytics.snapshots import Snapshot, Snapshots
from analytics.warehouse import Warehouse
from tests.analytics.trade import small_world

SECRET = "the words nobody may read"
LIMITS = Limits(wall_seconds=1.5, memory_bytes=96 << 20, threads=1, rows_max=2_000, output_bytes_max=1 << 20)
# Of the same room, for what must not fail because the machine is busy.
PATIENT = msgspec.structs.replace(LIMITS, wall_seconds=120.0)
PLAIN = "SELECT COUNT(*) AS chips FROM chip"
PLAIN_ANSWER = b'[{"chips":16}]'

NO_WALLS = """
import sys
sys.path.insert(0, sys.argv[1])
from analytics.console_child import serve
serve(guard=lambda connection, query: None, confinement=lambda limits: None)
"""


@dataclass(frozen=True)
class Room:
    """Where everything lies."""

    folder: Path
    snapshot: Snapshot

    @property
    def open(self):
        """A folder anybody may write to."""
        return self.folder / "open"

    def filled(self, query, port=0):
        """The query with its places named."""
        names = {"{out}": self.open / "out", "{secret}": self.folder / "secret.csv"}
        names |= {"{snapshot}": self.snapshot.path, "{port}": port, "{open}": self.open}
        for name, value in names.items():
            query = query.replace(name, str(value))
        return query

    def state(self):
        """Every file's name and content."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return [(str(path), sha256(path.read_bytes()).hexdigest()) for path in files]


def make_room(folder):
    """The room, over the small world's log."""
    folder.chmod(0o755)
    trade = small_world()
    warehouse = Warehouse(folder / "w")
    Follower(trade.store, warehouse).follow(trade.size, trade.root)
    snapshot = Snapshots(folder / "snapshots").publish(warehouse)
    warehouse.close()
    (folder / "secret.csv").write_text(f"words,n\n{SECRET},1\n")
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    return Room(folder, snapshot)


def without_walls(limits=PATIENT):
    """A console whose child has neither guard nor confinement."""
    return Console(limits, child=(sys.executable, "-I", "-c", NO_WALLS, str(CODE)))


def answers_plainly(console, room):
    """Whether the next question is answered."""
    answer = console.run(room.snapshot, PLAIN)
    return isinstance(answer, SqlAnswer) and answer.body == PLAIN_ANSWER
