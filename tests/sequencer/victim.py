"""A process that runs a ledger and is killed at a chosen step: the log a story of kills is told about.

Run as a script it reads one JSON object a line, `{"folder", "kill", "now", "names", "control"}`, forks a
child for each, and answers with its exit status. The child signs through a wrapper that notes every text
in `signatures` before it is handed on, and notes in `acknowledged` every statement it was answered for.
"""

import json
import os
import signal
import sys
from pathlib import Path

from ledger.durability.floor import FileFloor, WriterLock
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import parse_checkpoint_text
from ledger.publication import Publisher
from ledger.sequencer import Sequencer
from signing.canonical import Unreadable
from tests.sequencer import trade


class NotingSigner:
    """The log's key; what it signs is on the disk before anybody has the signature."""

    def __init__(self, path):
        self._path = path
        self.public_key = trade.LOG_SIGNER.public_key

    def sign(self, message):
        note(self._path, {"text": message.decode()})
        return trade.LOG_SIGNER.sign(message)


class SignsBeforeCommit(Sequencer):
    """The control: signs a head that may still vanish."""

    def _written(self, batch):
        self._log_keys.sign(batch.size, batch.root)
        super()._written(batch)


def note(path, value):
    """Append a line, durably."""
    with path.open("a") as file:
        file.write(json.dumps(value) + "\n")
        file.flush()
        os.fsync(file.fileno())


def notes(path):
    """Every whole line."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def signed_heads(folder):
    """Every checkpoint this folder's key ever signed."""
    heads = []
    for each in notes(folder / "signatures"):
        try:
            heads.append(parse_checkpoint_text(each["text"]))
        except Unreadable:
            continue  # another sort of signature
    return heads


def run(folder, kill, now, names, control):
    """Open or continue the ledger, and declare a site for each name."""
    here = LedgerFolder(folder)
    seen = []

    def step(name):
        seen.append(name)
        if kill and [name, seen.count(name)] == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    store = trade.STORES["sqlite"](folder)
    publisher = Publisher(store, here)
    desk = trade.Desk(
        store,
        floor=FileFloor(here.floor),
        clock=trade.Clock(now),
        sequencer=SignsBeforeCommit if control else Sequencer,
        log_signer=NotingSigner(folder / "signatures"),
        publish=publisher.publish,
        lock=WriterLock(here.lock),
        steps=step,
    ).open()
    for outcome in desk.all_in(*(trade.site("maker", name) for name in names)):
        note(folder / "acknowledged", {"index": outcome.index, "leaf": outcome.leaf_hash.hex()})
    desk.sequencer.stop()
    publisher.flush()
    publisher.close()
    desk.close()


def main():
    """Fork a child for each line of the standard input."""
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if child == 0:
            run(Path(task["folder"]), task["kill"], task["now"], task["names"], task["control"])
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
