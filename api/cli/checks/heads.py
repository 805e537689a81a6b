"""Which head of a log does a command start from?

A checkpoint as a file, in a ledger's folder or from a server, read and checked under the log's key: the one
a person tells, or the one that lies or is served beside the checkpoint, which is said aloud.
"""

from pathlib import Path

from api.cli.checks.log_keys import read_log_key, server_key
from api.cli.remote.client import LedgerClient
from api.cli.screen.terminal import say, wrong_usage
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import CHECKPOINT_BYTES_MAX, Checkpoint, open_checkpoint
from signing.note import VerifierKey


def read_head(where: str, log_key: str | None, at: int | None) -> Checkpoint:
    """The newest checkpoint, or that of the size `at`, of a FILE, DIR or URL.

    Raises Unreadable where it is none of this log's; a file holds one checkpoint, so `at` must be its size.
    """
    known = None if log_key is None else read_log_key(log_key)
    if where.startswith(("http://", "https://")):
        with LedgerClient(where) as client:
            key = known or _taken(server_key(client), "the server's own word")
            note = client.get("/checkpoint" if at is None else f"/checkpoints/{at}").content
        return _opened(note, key, at)
    path = Path(where)
    if path.is_dir():
        folder = LedgerFolder(path)
        key = known or _taken(read_log_key(str(path / "log.vkey")), f"what lies in {where}")
        path = folder.public / ("checkpoint" if at is None else f"checkpoints/{at}")
    elif known is None:
        raise wrong_usage("under which key?", "say --log-key: the log's vkey, or a file that holds it")
    else:
        key = known
    with path.open("rb") as file:
        return _opened(file.read(CHECKPOINT_BYTES_MAX + 1), key, at)


def _opened(note: bytes, key: VerifierKey, at: int | None) -> Checkpoint:
    head = open_checkpoint(note, key, key.name)
    if at is not None and head.size != at:
        raise wrong_usage(f"the checkpoint is of size {head.size:,}, not {at:,}", "name another, or no --at")
    return head


def _taken(key: VerifierKey, whence: str) -> VerifierKey:
    say(f"[yellow]note:[/] the log's key is {whence}; --log-key tells one you know")
    return key
