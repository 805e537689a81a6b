"""Is this address asking for more than its share?

A bucket for each address that refills at a steady rate and holds one minute's worth. Forgets addresses whose
bucket is full again, and the longest unseen ones beyond a bound. Used from the event loop only.
"""

from collections import OrderedDict
from collections.abc import Callable

from starlette.types import Scope

from api.http.problems import Problem, Refusal
from ledger.book.rejection import Reason

ADDRESSES_MAX = 100_000
SECONDS_A_MINUTE = 60


class Rates:
    """`per_minute` of `what` for each address, 0 without limit. `now` gives seconds that only go up."""

    def __init__(self, what: str, per_minute: int, now: Callable[[], float]) -> None:
        self._what = what
        self._per_minute = per_minute
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # left, and when

    def spend(self, address: str, count: int) -> None:
        """Take `count` from the address's bucket; 429 saying the rate where there is not so much in it."""
        if not self._per_minute or not count:
            return
        now = self._now()
        left, seen = self._buckets.pop(address, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - seen) * self._per_minute / SECONDS_A_MINUTE)
        # What is larger than a whole bucket passes when the bucket is full, and empties it below zero.
        enough = left >= min(count, self._per_minute)
        self._buckets[address] = (left - count if enough else left, now)
        while len(self._buckets) > ADDRESSES_MAX:
            self._buckets.popitem(last=False)
        if not enough:
            short = min(count, self._per_minute) - left
            wait = int(short * SECONDS_A_MINUTE / self._per_minute) + 1
            detail = f"at most {self._per_minute} {self._what} a minute from one address"
            raise Refusal(Problem(429, Reason.TOO_FAST, detail, wait))


def address_of(scope: Scope) -> str:
    """Where the request came from, as the server knows it."""
    client = scope.get("client")
    return client[0] if client else ""
