"""What do counts and receipts say beyond their errors, one by one and all together?

Wires the rows of full counts and of shipments to `analytics.statistics`: a series for each place counted, and
for each pair of sender and receiver. The chances of error are stated by whoever asks; at 0 one missing chip
is significant. What a report may reckon is bounded by the values that errors can take, never by a clock: the
same snapshot is told the same. A series beyond that has its figures and no test, and says so. Knows no
snapshot.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import accumulate
from math import ceil, isqrt
from typing import Any

from analytics.reporting.parameters import PPM
from analytics.statistics.material_balance import (
    Count,
    CountingError,
    Receipt,
    Series,
    balance_series,
    receipt_series,
)

SERIES_MAX = 1_000  # counts or receipts that one series may have: of longer ones, the last
SERIES_VALUES_MAX = 40_000
"""Values that the errors of one series may take: some two seconds of processor."""
REPORT_VALUES_MAX = 200_000
"""Of all series of a report: some ten seconds. Those that miss the most are tested first."""
DEVIATIONS = 17  # as far as the tables of the statistics go
TOO_NOISY = "not tested: errors so large, in counts so many, are more than a series may be reckoned with"
TOO_MANY = "not tested: the series that miss more have taken what a report may be reckoned with"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stated:
    """The chances of error and the level of the tests, as they were asked for."""

    error: CountingError
    alpha: Fraction

    @classmethod
    def of(cls, miss_ppm: int, double_ppm: int, alpha_ppm: int) -> "Stated":
        """From millionths."""
        error = CountingError(Fraction(miss_ppm, PPM), Fraction(double_ppm, PPM))
        return cls(error, Fraction(alpha_ppm, PPM))


@dataclass(slots=True)
class Budget:
    """How many values may yet be reckoned with, by all series of a report together."""

    left: int = REPORT_VALUES_MAX


Told = tuple[list[Row], list[Row]]
Key = tuple[Any, ...]


def muf_rows(rows: Sequence[Row], stated: Stated, budget: Budget | None = None) -> Told:
    """Each count with its MUF and the cumulated one, and a row for the trend of each series."""
    series = _by_series(rows, ("grouped", "party", "site"))
    said: dict[Key, list[Count]] = {}
    for key, counts in series.items():
        off = [0, *(row["written_off"] for row in counts)]
        said[key] = [
            Count(str(row["entry_index"]), row["book"], row["found"], row["written_off"] - before)
            for row, before in zip(counts, off, strict=False)
        ]
    sizes = {key: [count.book for count in counts] for key, counts in said.items()}
    # Of a count: what it did not find, and what was written off since others had not.
    sums = {key: _cumulated(counts) for key, counts in series.items()}
    found = _reckoned(
        sizes,
        sums,
        stated,
        budget or Budget(),
        lambda key: partial(balance_series, said[key], stated.error, alpha=stated.alpha),
    )
    told, trends = [], []
    for key, counts in series.items():
        grouped, party, site = key
        told += _rows("muf", counts, sums[key], found[key])
        trends.append({"grouped": grouped, "of": "muf", "party": party, "with": site})
        trends[-1] |= _trend(len(counts), sums[key][-1], found[key])
    return told, trends


def srd_rows(rows: Sequence[Row], stated: Stated, budget: Budget | None = None) -> Told:
    """Each shipment with its SRD and the cumulated one, and a row for the trend of each pair."""
    series = _by_series(rows, ("grouped", "sender", "receiver"))
    said = {
        key: [Receipt(row["shipment"], row["shipped"], row["received"]) for row in receipts]
        for key, receipts in series.items()
    }
    sizes = {key: [receipt.shipped for receipt in receipts] for key, receipts in said.items()}
    sums = {
        key: list(accumulate(receipt.shipped - receipt.received for receipt in receipts))
        for key, receipts in said.items()
    }
    found = _reckoned(
        sizes,
        sums,
        stated,
        budget or Budget(),
        lambda key: partial(receipt_series, said[key], stated.error, alpha=stated.alpha),
    )
    told, trends = [], []
    for key, receipts in series.items():
        grouped, sender, receiver = key
        told += _rows("srd", receipts, sums[key], found[key])
        trends.append({"grouped": grouped, "of": "srd", "party": sender, "with": receiver})
        trends[-1] |= _trend(len(receipts), sums[key][-1], found[key])
    return told, trends


def values_of(sizes: Sequence[int], error: CountingError) -> int:
    """Values that the errors of these counts may take, about: 17 deviations to both sides of each."""
    spread = sum(chance * (1 - chance) for chance in (error.miss, error.double))
    return sum(2 + 2 * DEVIATIONS * isqrt(ceil(size * spread)) for size in sizes)


def _reckoned(
    sizes: Mapping[Key, Sequence[int]],
    sums: Mapping[Key, Sequence[int]],
    stated: Stated,
    budget: Budget,
    reckoning: Callable[[Key], Callable[[], Series]],
) -> dict[Key, Series | str]:
    """By series its tests, or why there are none. Those that miss the most go first."""
    found: dict[Key, Series | str] = {}
    for key in sorted(sizes, key=lambda each: (-max(map(abs, sums[each])), tuple(map(str, each)))):
        values = values_of(sizes[key], stated.error)
        if values > SERIES_VALUES_MAX:
            found[key] = TOO_NOISY
        elif values > budget.left:
            found[key] = TOO_MANY
        else:
            budget.left -= values
            try:
                found[key] = reckoning(key)()
            except ValueError as fault:  # errors stated that are more than can be reckoned with
                found[key] = f"not tested: {fault}"
    return found


def _cumulated(counts: Sequence[Row]) -> list[int]:
    return [row["book"] - row["found"] + row["written_off"] for row in counts]


def _by_series(rows: Sequence[Row], names: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by series, in the order given, the last `SERIES_MAX` of each."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return {key: series[-SERIES_MAX:] for key, series in found.items()}


def _rows(name: str, counted: Sequence[Row], sums: Sequence[int], series: Series | str) -> list[Row]:
    """Each count or receipt with its difference; where the series is not tested, without a test."""
    if isinstance(series, str):
        steps = [now - before for now, before in zip(sums, [0, *sums], strict=False)]
        pairs = zip(counted, steps, sums, strict=True)
        return [{**row, **_untested(name, step, together)} for row, step, together in pairs]
    return [{**row, **_tested(name, tested)} for row, tested in zip(counted, series.rows, strict=True)]


def _untested(name: str, own: int, together: int) -> Row:
    return {
        name: own,
        f"{name}_p": None,
        f"{name}_significant": None,
        f"cumulated_{name}": together,
        f"cumulated_{name}_p": None,
        f"cumulated_{name}_significant": None,
    }


def _tested(name: str, row: Any) -> Row:
    own, together = row.difference, row.cumulated
    return {
        name: own.value,
        f"{name}_p": float(own.p),
        f"{name}_significant": own.is_significant,
        f"cumulated_{name}": together.value,
        f"cumulated_{name}_p": float(together.p),
        f"cumulated_{name}_significant": together.is_significant,
    }


def _trend(points: int, cumulated: int, series: Series | str) -> Row:
    told: Row = {"points": points, "cumulated": cumulated}
    if isinstance(series, str):
        names = ("statistic", "critical", "shift", "alpha", "false_alarm", "p", "is_alarm", "first_alarm")
        return {**told, **dict.fromkeys(names), "told": series}
    trend = series.trend
    return {
        **told,
        "statistic": trend.statistic,
        "critical": trend.critical,
        "shift": trend.shift,
        "alpha": float(trend.alpha),
        "false_alarm": float(trend.false_alarm),
        "p": float(trend.p),
        "is_alarm": trend.is_alarm,
        "first_alarm": trend.first_alarm,
        "told": None,
    }
