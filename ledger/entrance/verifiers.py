"""Who checks signatures while this interpreter decodes and judges?

Another process. Threads of one interpreter cannot: a check takes microseconds, but whoever gives the
interpreter up for it waits milliseconds to get it back while another computes. Promises the same answers as
checking here, and to check here whenever the other process is not there. Few signatures are not worth the
way.
"""

import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from threading import Lock, Thread

import structlog

from signing.keys import verify_each

Signed = tuple[bytes, bytes, bytes]  # public key (32 bytes), message, signature

WORTH_THE_WAY = 64  # signatures at once
PARENT_LOOKED_FOR_S = 1.0

log = structlog.get_logger(__name__)


class OtherProcess:
    """A process that checks signatures. Until it stands, and after `close`, whoever asks checks them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._standing: Future[list[bool]] | None = None
        self._given_up = False

    def __call__(self, signed: Sequence[Signed]) -> list[bool]:
        """Whether each signature is good. The first batch worth the way has the process started."""
        if len(signed) < WORTH_THE_WAY or not self._stands():
            return verify_each(signed)
        pool = self._pool
        try:
            return verify_each(signed) if pool is None else pool.submit(verify_each, signed).result()
        except (BrokenProcessPool, OSError, RuntimeError) as fault:
            log.warning("the process that checks signatures is gone; they are checked here", fault=str(fault))
            self._given_up = True
            return verify_each(signed)

    def wait(self, seconds: float) -> bool:
        """Have the process started, and wait for it; whether it stands."""
        if not self._stands() and self._standing is not None:
            wait([self._standing], timeout=seconds)
        return self._stands()

    def close(self) -> None:
        """Let the process go."""
        with self._lock:
            self._given_up = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _stands(self) -> bool:
        with self._lock:
            if self._given_up:
                return False
            if self._pool is None or self._standing is None:
                self._pool = _new_pool()
                self._standing = self._pool.submit(verify_each, ())
            standing = self._standing
        return standing.done() and standing.exception() is None


def _new_pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=_settle_in, initargs=(os.getpid(),)
    )


def _settle_in(parent: int) -> None:
    """In the new process: leave signals to the parent, and do not outlive it, however it ends."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_LOOKED_FOR_S)
    os._exit(0)
