"""Of which snapshot is it asked: of a size, of the end of a day, or the newest?

One choice for programs and for pages. `date=D` means the size after the last entry admitted before the end of
D, UTC. That is final once an entry of a later day is there; until then the answer says after when nothing is
known. A figure is of exactly the size that was asked for: where no snapshot has it, its neighbours are told.
"""

from dataclasses import dataclass, replace

from analytics.report import Report
from analytics.reporting.moments import caution_of_day
from analytics.snapshots import Neighbours, Snapshot
from api.analysis import FOLLOW_SECONDS
from api.http.gate import Desk
from api.http.reply import NEVER_STORE
from ledger.book.times import format_milliseconds, format_seconds
from ledger.lookup.record import end_of_day

NOTHING_YET = "no snapshot was made yet"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The snapshot, the day where one was asked for, and in `cautions` what the choice does not tell."""

    snapshot: Snapshot
    day: str | None = None
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """No snapshot has the size; `detail` is for people. `again_s`: one is coming; ask in so many seconds."""

    around: Neighbours
    detail: str
    again_s: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer: when to ask again, where that helps."""
        return NEVER_STORE | ({} if self.again_s is None else {"Retry-After": str(self.again_s)})


@dataclass(frozen=True, slots=True)
class BeforeTheLog:
    """Of this day there is nothing to tell; `detail` is for people."""

    detail: str


async def choose_snapshot(desk: Desk, at: int | None, date: int | None) -> Chosen | Absent | BeforeTheLog:
    """The one of size `at`, of the day that begins at `date`, Unix seconds, or, for neither, the newest."""
    assert at is None or date is None, "a size or a day, not both"
    snapshots = desk.ledger.analysis.snapshots
    if date is not None:
        return await _of_day(desk, date)
    if at is None:
        newest = await desk.read(snapshots.latest)
        return Absent(Neighbours(None, None), NOTHING_YET) if newest is None else Chosen(newest)
    found = await desk.read(snapshots.at, at)
    return absent_at(at, found) if isinstance(found, Neighbours) else Chosen(found)


def told_of(chosen: Chosen, report: Report, *, has_time: bool) -> Report:
    """The report, with what is to be known of the choice; `has_time`: a time to compare with was said."""
    of_day: tuple[str, ...] = ()
    if chosen.day is not None and not has_time:
        of_day = caution_of_day(report.name, chosen.day, report.as_of)
    return replace(report, cautions=(*chosen.cautions, *of_day, *report.cautions))


def absent_at(size: int, around: Neighbours) -> Absent:
    """Nothing was published of this size."""
    return Absent(around, f"no snapshot has size {size}; its neighbours are below and above")


async def _of_day(desk: Desk, date: int) -> Chosen | Absent | BeforeTheLog:
    record = desk.ledger.lookup.record
    # The head first: an entry that comes meanwhile can make the day longer, never seem to end it.
    head = desk.ledger.lookup.size()
    size = await desk.read(record.size_on, end_of_day(date))
    day = format_seconds(date)[:10]
    if size == 0:
        first = format_milliseconds(await desk.read(record.admitted_at, 0))
        return BeforeTheLog(f"date: {day} is before the log's first entry, admitted {first}")
    found = await desk.read(desk.ledger.analysis.snapshots.at, size)
    is_open = size >= head
    is_coming = False
    if isinstance(found, Neighbours) and not is_open:
        is_coming = await desk.read(desk.ledger.analysis.is_coming, size)
        if not is_coming:
            # It may have come between the two looks: then it is neither coming nor missing.
            found = await desk.read(desk.ledger.analysis.snapshots.at, size)
    if isinstance(found, Neighbours):
        entries = f"{size} entries" if size > 1 else "1 entry"
        told = f"at the end of {day} the log had {entries}, and no snapshot has that size"
        if is_open:
            told = f"{day} is not known to be over: the log has {entries}, and no snapshot has that size yet"
        elif is_coming:
            told = f"the end of {day}, when the log had {entries}, is being published: ask again in a moment"
            return Absent(found, f"{told}; its neighbours are below and above", FOLLOW_SECONDS)
        return Absent(found, f"{told}; its neighbours are below and above")
    if not is_open:
        return Chosen(found, day)
    last = format_milliseconds(await desk.read(record.admitted_at, size - 1))
    told = f"Nothing is known after {last}, when the log's last entry was admitted"
    return Chosen(
        found, day, (f"{told}: what is admitted later and before the end of {day} is not in this.",)
    )
