"""How is one thing measured so that its memory is its own? In a process that does nothing else."""

import os
import resource
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

MEBIBYTE = 1 << 20

T = TypeVar("T")
R = TypeVar("R")


def alone(work: Callable[[T], R], asked: T, given_s: float | None = None) -> R | None:
    """What the work gives for what it is asked, in a process of its own; None where it took too long.

    EOFError where the process died of it.
    """
    spawn = get_context("spawn")
    answer, told = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_tell, args=(told, work, asked))
    process.start()
    told.close()
    found: R | None = None
    try:
        if answer.poll(given_s):
            found = answer.recv()
    finally:
        process.kill()
        process.join()
    return found


def _tell(told: Connection, work: Callable[[T], R], asked: T) -> None:
    # In a spawned process an engine draws its progress on standard output, unless it is told not to
    # (`analytics.contained`): there the table or the JSON is to be.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    told.send(work(asked))


def peak_bytes() -> int:
    """The most memory this process ever had, resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def mebibytes(count: int) -> str:
    """As a table tells it."""
    return f"{count / MEBIBYTE:,.0f} MiB"
