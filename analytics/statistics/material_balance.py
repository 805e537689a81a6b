"""Is what a count did not find more than counting errors explain, now and summed over time?

MUF (material unaccounted for) is book less physical; SRD (shipper-receiver difference) is shipped less
received. The error model is stated and nothing else is assumed: each chip is overlooked with probability
`miss` and, independently, counted twice with probability `double`; so the error of a count of n chips is
Binomial(n, miss) - Binomial(n, double), errors of different counts are independent. With nothing lost

    cumulated MUF_i = book_i - counted_i + what was taken off the book up to i because counts missed it

is the error of count i alone, and MUF_i = cumulated MUF_i - cumulated MUF_{i-1} the difference of two
errors (the first opens on the book). Shipments have different chips: SRD_i is the error of receipt i, and
the cumulated SRD that of all of them. Tests are one-sided, significant where P(as much or more) <= alpha,
exact under the model, probabilities to 30 decimals. Each row is tested at level alpha by itself; the trend
test (Page's, on cumulated MUF, or on the SRDs; see `page`) has its alpha for the whole series. (The terms
are those of the IAEA Safeguards Glossary; that cumulated MUF shows protracted losses best is classical.)
Wrong parameters raise ValueError naming the parameter. Knows no party, site, date or log.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Any

from analytics.statistics.laws import TRIALS_MAX, Law, binomial, check_alpha, rounded, sum_of
from analytics.statistics.page import COUNTS_MAX, Scheme, alarm_chance, designed, statistics
from ledger.inspection.plan import check_exact, check_whole

ALPHA = Fraction(1, 20)
ERROR_MAX = Fraction(1, 2)
EXPECTED_ERRORS_MAX = 20_000
"""Errors expected in one count: beyond, it is no count."""


@dataclass(frozen=True, slots=True)
class CountingError:
    """Chances a chip of being overlooked, and of being counted twice."""

    miss: Fraction
    double: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Count:
    """One count: of `book` chips `counted` were found. `adjusted` chips left the book since the count before.

    Adjusted are those that were taken off because a count had missed them, conceded or reported lost; they
    stay in the cumulated MUF, so that writing off does not hide a loss. Found again they come back negative.
    """

    label: str
    book: int
    counted: int
    adjusted: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """One shipment, chips as its two sides counted them; what is still on its way stands in neither."""

    label: str
    shipped: int
    received: int


@dataclass(frozen=True, slots=True)
class Tested:
    """`value` is significant from `critical` on; `p` = P(as much or more by counting errors alone)."""

    value: int
    expected: Fraction
    critical: int
    p: Fraction
    alpha: Fraction
    is_significant: bool

    def as_object(self) -> dict[str, Any]:
        """As JSON has it, chances as numbers."""
        return {
            "value": self.value,
            "expected": float(self.expected),
            "critical": self.critical,
            "p": float(self.p),
            "alpha": float(self.alpha),
            "is_significant": self.is_significant,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A count or receipt: its own difference, the cumulated one, and Page's statistic after it."""

    label: str
    book: int
    counted: int
    difference: Tested
    cumulated: Tested
    cusum: int

    def as_object(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "label": self.label,
            "book": self.book,
            "counted": self.counted,
            "difference": self.difference.as_object(),
            "cumulated": self.cumulated.as_object(),
            "cusum": self.cusum,
        }


@dataclass(frozen=True, slots=True)
class Trend:
    """Page's test of the whole series. `p` = P(a statistic as large anywhere in it by errors alone)."""

    alpha: Fraction
    shift: int
    critical: int
    statistic: int
    false_alarm: Fraction
    p: Fraction
    is_alarm: bool
    first_alarm: str | None

    def as_object(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "alpha": float(self.alpha),
            "shift": self.shift,
            "critical": self.critical,
            "statistic": self.statistic,
            "false_alarm": float(self.false_alarm),
            "p": float(self.p),
            "is_alarm": self.is_alarm,
            "first_alarm": self.first_alarm,
        }


@dataclass(frozen=True, slots=True)
class Series:
    """All that can be said of a series; `kind` is "muf" or "srd"."""

    kind: str
    error: CountingError
    rows: tuple[Row, ...]
    trend: Trend

    def as_object(self) -> dict[str, Any]:
        """As JSON has it."""
        error = {"miss": float(self.error.miss), "double": float(self.error.double)}
        rows = [row.as_object() for row in self.rows]
        return {"kind": self.kind, "error": error, "rows": rows, "trend": self.trend.as_object()}


def balance_series(
    counts: Sequence[Count], error: CountingError, *, alpha: Fraction = ALPHA, shift: int | None = None
) -> Series:
    """MUF, cumulated MUF and the trend test of the counts of one place, in their order.

    `shift` is the loss in chips that the trend test should notice soon; by default the deviation of the
    largest count's error, rounded up, which depends on the book alone and never on what was found. Counts
    without errors have a shift of 0: one chip is then an alarm.
    """
    _check(error, alpha, [(count.book, count.counted) for count in counts])
    for count in counts:
        check_whole("adjusted", count.adjusted, -TRIALS_MAX, TRIALS_MAX)
    books = [count.book for count in counts]
    adjusted = accumulate(count.adjusted for count in counts)
    sums = [count.book - count.counted + off for count, off in zip(counts, adjusted, strict=True)]
    laws = [error_law(book, error) for book in books]
    means = [_expected(book, error) for book in books]
    scheme, shift = trend_scheme(tuple(books), error, shift, alpha)
    cusums = statistics(sums, scheme.references)
    rows = []
    for i, count in enumerate(counts):
        step = sums[i] - (sums[i - 1] if i else 0)
        law = sum_of(laws[i], laws[i - 1].negative()) if i else laws[i]
        mean = means[i] - (means[i - 1] if i else 0)
        own, all_of_it = _tested(step, mean, law, alpha), _tested(sums[i], means[i], laws[i], alpha)
        rows.append(Row(count.label, count.book, count.counted, own, all_of_it, cusums[i]))
    return Series("muf", error, tuple(rows), _trend(scheme, laws, rows, shift, alpha))


def receipt_series(
    receipts: Sequence[Receipt], error: CountingError, *, alpha: Fraction = ALPHA, shift: int | None = None
) -> Series:
    """SRD, cumulated SRD and the trend test of shipments between the same two sides, in their order."""
    _check(error, alpha, [(receipt.shipped, receipt.received) for receipt in receipts])
    sizes = [receipt.shipped for receipt in receipts]
    whole = sum(sizes)
    check_whole("shipped", whole, 0, TRIALS_MAX)
    laws = [error_law(size, error) for size in sizes]
    values = [receipt.shipped - receipt.received for receipt in receipts]
    scheme, shift = trend_scheme(tuple(sizes), error, shift, alpha)
    cusums = statistics(values, scheme.references)
    rows = []
    for i, receipt in enumerate(receipts):
        so_far = sum(sizes[: i + 1])
        own = _tested(values[i], _expected(sizes[i], error), laws[i], alpha)
        law = error_law(so_far, error)
        all_of_it = _tested(sum(values[: i + 1]), _expected(so_far, error), law, alpha)
        rows.append(Row(receipt.label, receipt.shipped, receipt.received, own, all_of_it, cusums[i]))
    return Series("srd", error, tuple(rows), _trend(scheme, laws, rows, shift, alpha))


def trend_power(
    sizes: Sequence[int],
    diverted: Sequence[int],
    error: CountingError,
    *,
    alpha: Fraction = ALPHA,
    shift: int | None = None,
) -> Fraction:
    """P(the trend test of counts with these books alarms) when `diverted[i]` chips are gone by count i."""
    _check(error, alpha, [(size, size) for size in sizes])
    if len(diverted) != len(sizes):
        raise ValueError("diverted must have as many numbers as there are counts")
    for size, gone in zip(sizes, diverted, strict=True):
        check_whole("diverted", gone, 0, size)
    scheme, _ = trend_scheme(tuple(sizes), error, shift, alpha)
    laws = [error_law(size - gone, error).shifted(gone) for size, gone in zip(sizes, diverted, strict=True)]
    return alarm_chance(laws, scheme.references, scheme.critical)


@lru_cache(maxsize=256)
def error_law(chips: int, error: CountingError) -> Law:
    """Chips that a count of so many falls short of by errors alone."""
    return sum_of(binomial(chips, error.miss), binomial(chips, error.double).negative())


@lru_cache(maxsize=256)
def trend_scheme(
    sizes: tuple[int, ...], error: CountingError, shift: int | None, alpha: Fraction
) -> tuple[Scheme, int]:
    """The trend test of counts of these books, and the shift it is for.

    It knows what should be there, never what was found: a test chosen after the counts promises nothing.
    """
    variance = max(sizes) * sum(chance * (1 - chance) for chance in (error.miss, error.double))
    noticed = _root_up(math.ceil(variance)) if shift is None else shift
    check_whole("shift", noticed, 0, TRIALS_MAX)
    laws = [error_law(size, error) for size in sizes]
    return designed(laws, [_expected(size, error) for size in sizes], noticed, alpha), noticed


def _root_up(whole: int) -> int:
    """The square root, rounded up."""
    return math.isqrt(whole - 1) + 1 if whole else 0


def _trend(scheme: Scheme, laws: Sequence[Law], rows: Sequence[Row], shift: int, alpha: Fraction) -> Trend:
    largest = max(row.cusum for row in rows)
    p = alarm_chance(laws, scheme.references, largest) if largest else Fraction(1)
    over = [row.label for row in rows if row.cusum >= scheme.critical]
    first = over[0] if over else None
    return Trend(alpha, shift, scheme.critical, largest, scheme.false_alarm, p, bool(over), first)


def _tested(value: int, expected: Fraction, law: Law, alpha: Fraction) -> Tested:
    critical = law.critical(alpha)
    p = law.at_least(value)
    assert (p <= rounded(alpha)) is (value >= critical), "one tail, two ways to read it"
    return Tested(value, expected, critical, p, alpha, value >= critical)


def _expected(chips: int, error: CountingError) -> Fraction:
    return chips * (error.miss - error.double)


def _check(error: CountingError, alpha: Fraction, pairs: Sequence[tuple[int, int]]) -> None:
    check_alpha(alpha)
    check_exact("miss", error.miss, Fraction(0), ERROR_MAX)
    check_exact("double", error.double, Fraction(0), ERROR_MAX)
    if not 1 <= len(pairs) <= COUNTS_MAX:
        raise ValueError(f"counts must be from 1 to {COUNTS_MAX}")
    for should, did in pairs:
        check_whole("book", should, 0, TRIALS_MAX)
        check_whole("counted", did, 0, TRIALS_MAX)
        if should * (error.miss + error.double) > EXPECTED_ERRORS_MAX:
            raise ValueError(f"miss and double must let a count expect at most {EXPECTED_ERRORS_MAX} errors")
