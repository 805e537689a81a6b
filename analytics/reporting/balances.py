"""What do counts and receipts say beyond their errors, one by one and all together?

Wires the rows of full counts and of shipments to `analytics.statistics`: a series for each place counted, and
for each pair of sender and receiver. The chances of error are stated by whoever asks; at 0 one missing chip
is significant. Knows no snapshot.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from analytics.reporting.parameters import PPM, ReportRefused
from analytics.statistics.material_balance import (
    Count,
    CountingError,
    Receipt,
    Series,
    balance_series,
    receipt_series,
)

SERIES_MAX = 1_000  # counts or receipts that one series may have: of longer ones, the last

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


Told = tuple[list[Row], list[Row]]


def muf_rows(rows: Sequence[Row], stated: Stated) -> Told | ReportRefused:
    """Each count with its MUF and the cumulated one, and a row for the trend of each series.

    Refused where the errors stated are more than can be reckoned with.
    """
    told, trends = [], []
    for key, counts in _by_series(rows, ("grouped", "party", "site")).items():
        off = [0, *(row["written_off"] for row in counts)]
        said = [
            Count(str(row["entry_index"]), row["book"], row["found"], row["written_off"] - before)
            for row, before in zip(counts, off, strict=False)
        ]
        series = _reckoned(partial(balance_series, said, stated.error, alpha=stated.alpha))
        if isinstance(series, ReportRefused):
            return series
        for row, tested in zip(counts, series.rows, strict=True):
            told.append({**row, **_tested("muf", tested)})
        grouped, party, site = key
        trends.append({"grouped": grouped, "of": "muf", "party": party, "with": site, **_trend(series)})
    return told, trends


def srd_rows(rows: Sequence[Row], stated: Stated) -> Told | ReportRefused:
    """Each shipment with its SRD and the cumulated one, and a row for the trend of each pair."""
    told, trends = [], []
    for key, receipts in _by_series(rows, ("grouped", "receiver")).items():
        said = [Receipt(row["shipment"], row["shipped"], row["received"]) for row in receipts]
        series = _reckoned(partial(receipt_series, said, stated.error, alpha=stated.alpha))
        if isinstance(series, ReportRefused):
            return series
        for row, tested in zip(receipts, series.rows, strict=True):
            told.append({**row, **_tested("srd", tested)})
        trends.append({"grouped": key[0], "of": "srd", "party": key[0], "with": key[1], **_trend(series)})
    return told, trends


def _reckoned(reckon: Callable[[], Series]) -> Series | ReportRefused:
    """A series; of errors that are too many the statistics say so by name."""
    try:
        return reckon()
    except ValueError as fault:
        return ReportRefused("bad_parameter", str(fault))


def _by_series(rows: Sequence[Row], names: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by series, in the order given, the last `SERIES_MAX` of each."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return {key: series[-SERIES_MAX:] for key, series in found.items()}


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


def _trend(series: Series) -> Row:
    trend = series.trend
    return {
        "points": len(series.rows),
        "cumulated": series.rows[-1].cumulated.value,
        "statistic": trend.statistic,
        "critical": trend.critical,
        "shift": trend.shift,
        "alpha": float(trend.alpha),
        "false_alarm": float(trend.false_alarm),
        "p": float(trend.p),
        "is_alarm": trend.is_alarm,
        "first_alarm": trend.first_alarm,
    }
