"""Every report that a time matters to says, in its own words, where that time is not the book's."""

from datetime import datetime, timedelta

import pytest

from analytics.report import REPORTS
from analytics.reporting.moments import MEANT, caution_of_day, cautions_of

UNTIL = datetime(2026, 11, 21, 6, 8, 0, 250_000)  # noqa: DTZ001  (naive UTC, as snapshots have it)
DAY = timedelta(days=1)


def test_the_reports_that_a_time_matters_to_are_those_that_are_asked_for_one():
    assert set(MEANT) == {name for name, question in REPORTS.items() if question.is_timed}
    for name in REPORTS.keys() - MEANT.keys():
        assert cautions_of(name, 9, UNTIL + DAY, UNTIL) == cautions_of(name, 9, UNTIL - DAY, UNTIL) == ()
        assert caution_of_day(name, "2026-11-21", UNTIL) == ()


@pytest.mark.parametrize(
    ("name", "later", "of_day"),
    [
        ("overdue", "falls due from then to 2026-11-22T06:08:00Z is overdue", "is not overdue here"),
        ("losses", "chip-years run on from then to 2026-11-22T06:08:00Z", "chip-years end there"),
        ("undeclared", "that of window_days before 2026-11-22T06:08:00Z", "window_days end there"),
    ],
)
def test_a_time_that_is_not_the_books_is_told_in_the_reports_own_words(name, later, of_day):
    (told,) = cautions_of(name, 9, UNTIL + DAY, UNTIL)
    assert told.startswith("Nothing is known after 2026-11-21T06:08:00Z") and later in told
    (told,) = cautions_of(name, 9, UNTIL - DAY, UNTIL)
    assert "The book is of size 9" in told and "2026-11-20T06:08:00Z, is earlier" in told
    (told,) = caution_of_day(name, "2026-11-21", UNTIL)
    assert of_day in told and "as_of=2026-11-21T23:59:59Z" in told
    assert cautions_of(name, 9, UNTIL, UNTIL) == cautions_of(name, 9, None, UNTIL) == ()
