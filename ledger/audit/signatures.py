"""Were these statements signed by the keys they name?

Verification is most of an audit's work, so it is done in batches by other workers while the caller
decodes and judges the next entries. Promises: every signature handed in is verified, and every bad one
reported, before `finish` returns. Knows neither book nor entry: an index, a key, bytes, a signature.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Final, NamedTuple

from signing.keys import verify

BATCHES_AHEAD_MAX: Final = 8  # bounds the memory of what waits to be verified
SHARES: Final = 2  # batches are cut so that two workers are busy at the end, too


class Signed(NamedTuple):
    """One signature to be verified. entry: its index; public_key 32 bytes; message: the PAE."""

    entry: int
    public_key: bytes
    message: bytes
    signature: bytes


def bad_signatures(batch: Sequence[Signed]) -> list[int]:
    """The entries whose signatures do not verify."""
    return [each.entry for each in batch if not verify(each.public_key, each.message, each.signature)]


class Verifiers:
    """Hands batches to workers and tells `on_bad` the index of every bad signature.

    at_once: wait for each batch. Threads of one interpreter that verify while another computes mostly
    wait for each other; verifying in turns with it, several at a time, is faster.
    """

    def __init__(self, workers: Executor, on_bad: Callable[[int], None], *, at_once: bool) -> None:
        self._workers = workers
        self._on_bad = on_bad
        self._ahead_max = 0 if at_once else BATCHES_AHEAD_MAX
        self._waiting: deque[Future[list[int]]] = deque()

    def submit(self, batch: Sequence[Signed]) -> None:
        """Have a batch verified; waits for the oldest while too many are under way."""
        for share in range(SHARES):
            self._waiting.append(self._workers.submit(bad_signatures, batch[share::SHARES]))
        while len(self._waiting) > self._ahead_max:
            self._take_oldest()

    def finish(self) -> None:
        """Wait for all."""
        while self._waiting:
            self._take_oldest()

    def _take_oldest(self) -> None:
        for index in self._waiting.popleft().result():
            self._on_bad(index)
