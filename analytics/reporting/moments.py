"""Does the time a report compares with fit the book it is of?

A report has a book, that of its snapshot, and a time with which due dates and ages are compared. Where the
two do not meet the answer says so: a clock earlier than the book's last entry, or later than anything that is
known. A clock earlier than the whole log is refused. Values only; all times are naive UTC.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from analytics.reporting.parameters import ReportRefused


class Meaning(NamedTuple):
    """What a report makes of the time after its last entry: up to one that is given, or where none is."""

    up_to: str
    without: str


DUE = Meaning("what falls due from then to {} is overdue here", "what falls due between is not overdue here")
MEANT: Mapping[str, Meaning] = {
    "unaccounted": DUE,
    "capacity": DUE,
    "overdue": DUE,
    "losses": Meaning("chip-years run on from then to {} here, without a loss", "chip-years end there"),
    "undeclared": Meaning("what was heard is that of window_days before {}", "window_days end there"),
}
"""The reports whose figures depend on that time, and how."""
SECOND = timedelta(seconds=1)  # a time is asked for in whole seconds, an entry admitted in thousandths


def before_the_log(as_of: datetime | None, first: datetime | None) -> ReportRefused | None:
    """Refused is a time before the log's first entry: of then there is nothing to tell."""
    if as_of is None or first is None or as_of > first - SECOND:
        return None
    return ReportRefused(
        "bad_parameter", f"as_of {spelt(as_of)} is before the log's first entry, admitted {spelt(first)}"
    )


def cautions_of(name: str, size: int, as_of: datetime | None, until: datetime | None) -> tuple[str, ...]:
    """What must be known where `as_of` was given and is not `until`, the time of the last entry."""
    if as_of is None or until is None or name not in MEANT:
        return ()
    if as_of <= until - SECOND:
        return (
            f"The book is of size {size}, whose last entry was admitted {spelt(until)}; the time you gave, "
            f"{spelt(as_of)}, is earlier. What was admitted between is in the figures: for the book of that "
            "day say date.",
        )
    if as_of >= until + SECOND:
        return (
            f"Nothing is known after {spelt(until)}, the snapshot's last entry: "
            f"{MEANT[name].up_to.format(spelt(as_of))}, whatever was admitted since.",
        )
    return ()


def caution_of_day(name: str, day: str, until: datetime | None) -> tuple[str, ...]:
    """What must be known where a day was given and no `as_of`: the time is not that of the day's end."""
    if until is None or name not in MEANT or until >= datetime.fromisoformat(f"{day}T23:59:59"):
        return ()
    return (
        f"Compared is with {spelt(until)}, the time of the last entry, not with the end of {day}: "
        f"{MEANT[name].without}. For that say as_of={day}T23:59:59Z.",
    )


def spelt(moment: datetime) -> str:
    """A time in whole seconds, as people are told it."""
    return moment.isoformat(sep="T", timespec="seconds") + "Z"
