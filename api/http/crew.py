"""Who does the work that must not be done on the event loop?

Threads, in three crews, so that a rush of statements does not starve those who read, nor readers the door,
and nobody with a small body waits while the manifests of others are hashed.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Crew:
    """So many threads. A call waits its turn without holding the loop."""

    def __init__(self, name: str, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, or raises. Cancelling the caller does not stop work that has begun."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args, **kwargs))

    def dismiss(self) -> None:
        """Finish what has begun, start nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
