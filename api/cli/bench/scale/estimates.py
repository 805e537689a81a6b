"""What do analysts say from outside of a log made to be measured?

Some two hundred claims, said together when everything has happened: of what stood somewhere, was acquired or
sold, at several times of the log's life, by subject, model and family, in both units. Some say the same
again, some overlap, some are of quarters of a year of which another is, some can be compared with nothing.
They are the last statements, so that a log that was made without them need only be added to. Pure: the number
of chips says all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from api.cli.bench.scale.cast import FAMILY, FIRST_DAY, HOLDERS, KINDS, MAKER, analyst_enrolled, holder, said
from ledger.book.times import DAY_SECONDS, format_seconds

ANALYSTS = ("quant", "surveyor")
WORLD = "World"
QUARTER_DAYS = 90
QUARTERS = 7  # that end within the log's life
YEAR = 4  # quarters
FORECAST_QUARTERS = 40  # long after the log's last entry


@dataclass(frozen=True, slots=True)
class Estimate:
    """One claim. Times are quarters since the first day; figures are of `unit`."""

    subject: str
    measure: str
    as_of: int
    low: int
    high: int
    since: int | None = None
    unit: str = "chips"
    model: str | None = None
    family: str | None = None
    status: str = "confirmed"
    source: str = "report"
    analyst: str = ANALYSTS[0]

    def bundle(self, second: int) -> bytes:
        """The signed statement."""
        body: dict[str, object] = {
            "subject": self.subject,
            "unit": self.unit,
            "measure": self.measure,
            "status": self.status,
            "low": self.low,
            "high": self.high,
            "as_of": _moment(self.as_of),
            "source_sha256": sha256(f"chipledger-scale:{self.source}".encode()).hexdigest(),
        }
        if self.model is not None:
            body["model"] = self.model
        if self.family is not None:
            body["family"] = self.family
        if self.since is not None:
            body["from"] = _moment(self.since)
        return said(self.analyst, "claim.noted", body, second)


def said_of(chips: int, second: int) -> Iterator[bytes]:
    """The analysts, and what they say at a time in Unix seconds of a log of so many chips."""
    for analyst in ANALYSTS:
        yield analyst_enrolled(analyst, second)
    for estimate in estimates(chips):
        yield estimate.bundle(second)


def estimates(chips: int) -> Iterator[Estimate]:
    """Every claim about a log of so many chips, always the same."""
    share = chips // HOLDERS
    yield from _installed(share)
    yield from _latest(share)
    yield from _year_by_quarters(share)
    yield from _resold(share)
    yield from _by_the_maker(chips)
    yield from _of_the_world(chips)
    yield from _not_comparable(share)


def _installed(share: int) -> Iterator[Estimate]:
    """What each holder had, at some time, of all, of a model or of a family."""
    for number in range(HOLDERS):
        quarter = 1 + number % QUARTERS
        low, high = _range(share * quarter // QUARTERS, number)
        found = Estimate(
            holder(number), "installed", quarter, low, high, unit="chips" if number % 2 else "h100e"
        )
        model = KINDS[number % len(KINDS)].model
        if number % 5 == 1:
            found = replace(found, model=model, low=low // len(KINDS), high=high // len(KINDS))
        if number % 5 == 2:
            found = replace(found, family=model.partition("/")[2])
        yield found


def _latest(share: int) -> Iterator[Estimate]:
    """What each holder has at last; of some another analyst says something else, or the same again."""
    for number in range(HOLDERS):
        low, high = _range(share, number + 3)
        found = Estimate(
            holder(number), "installed", QUARTERS, low, high, source="survey", analyst=ANALYSTS[1]
        )
        yield found
        if number % 4 == 0:
            yield replace(found, low=low * 4 // 5, high=high * 6 // 5, source="other", analyst=ANALYSTS[0])
        if number % 8 == 1:
            yield replace(found, status="confirmed, duplicate", analyst=ANALYSTS[0])


def _year_by_quarters(share: int) -> Iterator[Estimate]:
    """What the head of each family acquired in a year, and in each quarter of it."""
    for number in range(0, HOLDERS, FAMILY):
        low, high = _range(share * YEAR // QUARTERS, number)
        yield Estimate(holder(number), "acquired", YEAR, low, high, since=0, source="year")
        for quarter in range(YEAR):
            low, high = _range(share // QUARTERS, number + quarter)
            yield Estimate(
                holder(number), "acquired", quarter + 1, low, high, since=quarter, source="quarters"
            )


def _resold(share: int) -> Iterator[Estimate]:
    """What some holders sold since the first day."""
    for number in range(3, HOLDERS, 4):
        low, high = _range(share // 2, number)
        yield Estimate(holder(number), "sold", QUARTERS, low, high, since=0)


def _by_the_maker(chips: int) -> Iterator[Estimate]:
    """What the maker sold in each quarter of each model."""
    for quarter in range(QUARTERS):
        for number, kind in enumerate(KINDS):
            low, high = _range(chips // QUARTERS // len(KINDS), quarter + number)
            yield Estimate(
                MAKER, "sold", quarter + 1, low, high, since=quarter, model=kind.model, source="sales"
            )


def _of_the_world(chips: int) -> Iterator[Estimate]:
    """What all have at the end of each quarter, in both units, and what all acquired and sold in a year."""
    for quarter in range(1, QUARTERS + 1):
        low, high = _range(chips * quarter // QUARTERS, quarter)
        yield Estimate(WORLD, "installed", quarter, low, high)
        yield Estimate(WORLD, "installed", quarter, low * 9 // 10, high, unit="h100e")
    for since in (0, 3):
        for measure in ("acquired", "sold"):
            low, high = _range(chips * YEAR // QUARTERS, since)
            yield Estimate(WORLD, measure, since + YEAR, low, high, since=since)


def _not_comparable(share: int) -> Iterator[Estimate]:
    """What is planned, gone, to come, before the log, of nobody known, or of no model that is listed."""
    for number in range(4):
        low, high = _range(share, number)
        found = Estimate(holder(number), "installed", QUARTERS, low, high, source="plans")
        yield replace(found, status="Planned")
        yield replace(found, as_of=FORECAST_QUARTERS)
    for number in (7, 8):
        low, high = _range(share, number)
        found = Estimate(holder(number), "installed", QUARTERS - 1, low, high, source="rumours")
        yield replace(found, status="Decommissioned")
        yield replace(found, subject=f"nobody {number}")
        yield replace(found, as_of=-1)
        yield replace(found, family="relay-computers")


def _range(about: int, salt: int) -> tuple[int, int]:
    """From 60 to 119 % of something, up to a fifth wider at its upper end."""
    low = about * (60 + salt * 17 % 60) // 100
    return low, low * (104 + salt * 7 % 17) // 100


def _moment(quarter: int) -> str:
    return format_seconds(FIRST_DAY + quarter * QUARTER_DAYS * DAY_SECONDS)
