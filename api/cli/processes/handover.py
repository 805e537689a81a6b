"""How does a light command have heavy work done?

Most commands only read files and talk HTTP, and start in a fraction of a second. What needs the database or
the server runs as another module of `api.cli` in a process of its own, which is handed one JSON object.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from api.cli.last_words import last_words

Request = Mapping[str, Any]


def words_for(module: str, request: Request) -> list[str]:
    """The command line that has a module of `api.cli` do what is asked."""
    return [sys.executable, "-m", f"api.cli.{module}", json.dumps(request)]


def have_done(module: str, request: Request) -> int:
    """Have it done, with this terminal; the exit code."""
    return subprocess.run(words_for(module, request), check=False).returncode


def become(module: str, request: Request) -> NoReturn:
    """Do nothing else from here on: whoever stops this process stops the work."""
    words = words_for(module, request)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(words[0], words)


def carry_out(work: Callable[[Request], None]) -> None:
    """What the other side runs: the work, with the endings every command has."""
    try:
        work(json.loads(sys.argv[1]))
    except Exception as fault:
        code = last_words(fault)
        if code is None:
            raise
        raise SystemExit(code) from None
