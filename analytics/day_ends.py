"""At which sizes does a log stand when a day of UTC is over?

A day is over when an entry of a later day is there: no clock is asked, so that the answer never changes. Only
the ends that a policy keeps are looked for, however long the log. Knows no store: `admitted_at` reads one
entry.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator

DAY_MS = 86_400_000


def day_ends(start: int, size: int, days: int, admitted_at: Callable[[int], int]) -> Iterator[int]:
    """The sizes from `start` on after the last entry of a day that is over, ascending, in a log of `size`.

    Only ends of the last `days` days before that of the log's last entry, none for 0. A day without entries
    ended where the one before it did. `admitted_at` gives an entry's Unix milliseconds, which never decrease.
    """
    if days <= 0 or not 0 <= start < size:
        return
    first_kept = _day(admitted_at(size - 1)) - days
    end = max(1, _end(first_kept, start, size, admitted_at))
    while end < size:
        if _day(admitted_at(end - 1)) < _day(admitted_at(end)):
            yield end
        end = _end(_day(admitted_at(end)), end, size, admitted_at)


def _end(day: int, low: int, size: int, admitted_at: Callable[[int], int]) -> int:
    """The size after the last entry of a day, counted from 1970, or before it; a few entries are read."""
    return bisect_left(range(size), (day + 1) * DAY_MS, low, key=admitted_at)


def _day(at_ms: int) -> int:
    return at_ms // DAY_MS
