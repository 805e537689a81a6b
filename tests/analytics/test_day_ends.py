"""Where days end in a log: as counted entry by entry, and no further back than is asked for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.day_ends import DAY_MS, day_ends

FIRST_DAY = 20_000  # since 1970
TIMES = st.lists(st.integers(0, 12 * DAY_MS), min_size=1, max_size=30).map(
    lambda times: [FIRST_DAY * DAY_MS + at for at in sorted(times)]
)


def slow_ends(times, start, days):
    """The size after the last entry of each day that is over, day by day."""
    last = times[-1] // DAY_MS
    ends = {sum(at < (day + 1) * DAY_MS for at in times) for day in range(last - days, last)}
    return sorted(end for end in ends if end >= max(start, 1))


@settings(deadline=None)
@given(TIMES, st.integers(0, 31), st.integers(0, 14))
def test_they_are_those_that_are_counted_day_by_day(times, start, days):
    ends = list(day_ends(start, len(times), days, lambda index: times[index]))
    assert ends == slow_ends(times, start, days)


def test_a_day_ends_with_its_last_millisecond_and_its_quiet_successors_where_it_did():
    day = FIRST_DAY * DAY_MS
    times = [day, day + DAY_MS - 1, day + DAY_MS, day + 5 * DAY_MS]
    assert list(day_ends(0, 4, 9, times.__getitem__)) == [2, 3]
    assert list(day_ends(0, 4, 3, times.__getitem__)) == [3], (
        "of the last days one ended at 3, the day before"
    )
    assert list(day_ends(0, 3, 9, times.__getitem__)) == [2], (
        "the control: a day with nothing after is not over"
    )
    assert list(day_ends(2, 4, 9, times.__getitem__)) == [2, 3] and not list(
        day_ends(4, 4, 9, times.__getitem__)
    )
    assert not list(day_ends(0, 4, 0, times.__getitem__))


def test_a_long_log_is_not_read_to_find_its_last_days():
    read = []

    def admitted_at(index):
        read.append(index)
        return FIRST_DAY * DAY_MS + index * 60_000

    size = 700 * 1_440 + 5
    assert list(day_ends(0, size, 3, admitted_at)) == [day * 1_440 for day in (698, 699, 700)]
    assert len(read) < 150
