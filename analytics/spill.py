"""Where do questions of ours put aside what does not fit into their memory?

One folder a process, which is readable by nobody else and goes with it. A process that is killed leaves its
own, gigabytes maybe: whoever comes next removes those that nobody has a lock on. Imports nothing of ours.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

PREFIX = "chipledger-spill-"
LOCK_FILE = "lock"

_made: dict[int, str] = {}
_making = threading.Lock()


def spill_folder() -> str:
    """The folder of this process, always the same; made with the first question."""
    with _making:
        pid = os.getpid()  # a process that was forked has its own
        if pid not in _made:
            for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
                _remove_if_left(left)
            _made[pid] = _locked_folder()
            atexit.register(shutil.rmtree, _made[pid], ignore_errors=True)
        return _made[pid]


def _locked_folder() -> str:
    """A new folder with a lock that only this process's end lets go."""
    while True:
        folder = tempfile.mkdtemp(prefix=PREFIX)
        # Somebody who removes what was left may take it for that until it is locked: then another is made.
        with suppress(FileNotFoundError):
            handle = os.open(Path(folder, LOCK_FILE), os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(handle), os.stat(Path(folder, LOCK_FILE))):
                return folder


def _remove_if_left(folder: Path) -> None:
    """Remove a folder of our user that no process has locked; what is not ours, or no folder, stays."""
    with suppress(OSError):
        if folder.is_symlink() or folder.lstat().st_uid != os.getuid():
            return
        handle = os.open(folder / LOCK_FILE, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)  # follows no link either
        finally:
            os.close(handle)
