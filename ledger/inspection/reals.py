"""What is the rounded value of a formula with logarithms and powers in it, beyond doubt?

A formula is worked out between two decimals, low and high, at growing precision until both read the same:
the same rounded number, the same whole number above. So no answer hangs on the last digit of anything. No
binary floating point. Knows no chips, plans or draws.
"""

from collections.abc import Callable
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_CEILING,
    ROUND_FLOOR,
    Context,
    Decimal,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction
from typing import NamedTuple, TypeVar

Read = TypeVar("Read")

FIRST_DIGITS = 60
LAST_DIGITS = 4_000
"""Digits of work after which two ends that still read differently are taken for a tie."""

EXACT_POWER_BITS_MAX = 20_000_000
"""Size up to which powers of whole numbers are compared digit for digit when decimals cannot tell them."""


class Between(NamedTuple):
    """The true value is at least `low` and at most `high`; arithmetic here keeps that so."""

    low: Decimal
    high: Decimal


class Rounding(NamedTuple):
    """One precision, rounding once down and once up."""

    down: Context
    up: Context


def rounding(digits: int) -> Rounding:
    """Contexts with that many significant digits and room for any exponent."""
    down, up = (
        Context(digits, side, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation, Overflow])
        for side in (ROUND_FLOOR, ROUND_CEILING)
    )
    return Rounding(down, up)


def of(value: Fraction, r: Rounding) -> Between:
    """A fraction between two decimals."""
    top, bottom = Decimal(value.numerator), Decimal(value.denominator)
    return Between(r.down.divide(top, bottom), r.up.divide(top, bottom))


def plus(a: Between, b: Between, r: Rounding) -> Between:
    """a + b."""
    return Between(r.down.add(a.low, b.low), r.up.add(a.high, b.high))


def minus(a: Between, b: Between, r: Rounding) -> Between:
    """a - b."""
    return Between(r.down.subtract(a.low, b.high), r.up.subtract(a.high, b.low))


def times(a: Between, b: Between, r: Rounding) -> Between:
    """a * b for factors that are not negative."""
    return Between(r.down.multiply(a.low, b.low), r.up.multiply(a.high, b.high))


def over(a: Between, b: Between, r: Rounding) -> Between | None:
    """a / b for a not negative and b above 0; None while b may still be 0."""
    if b.low <= 0:
        return None
    return Between(r.down.divide(a.low, b.high), r.up.divide(a.high, b.low))


def log(a: Between, r: Rounding) -> Between | None:
    """The natural logarithm; None while a may still be 0."""
    if a.low <= 0:
        return None
    # Decimal's logarithm and exponential are rounded correctly, but always to the nearest.
    return Between(r.down.next_minus(r.down.ln(a.low)), r.up.next_plus(r.up.ln(a.high)))


def exponential(a: Between, r: Rounding) -> Between:
    """e^a, never below 0."""
    low = r.down.next_minus(r.down.exp(a.low))
    return Between(max(Decimal(0), low), r.up.next_plus(r.up.exp(a.high)))


def negative(a: Between) -> Between:
    """-a."""
    return Between(a.high.copy_negate(), a.low.copy_negate())


def settled(formula: Callable[[Rounding], Between | None], read: Callable[[Fraction], Read]) -> Read:
    """What `read` makes of the formula's value; `read` never falls as the value grows, or never rises.

    Two ends that read differently at 4,000 digits are a tie for all that a reader could ever tell: then the
    upper end is read, which for sizes is the careful side.
    """
    digits = FIRST_DIGITS
    while True:
        between = formula(rounding(digits))
        if between is not None:
            low, high = read(Fraction(between.low)), read(Fraction(between.high))
            if low == high or digits >= LAST_DIGITS:
                return high
        assert digits < LAST_DIGITS, "a value could not be told from 0"
        digits = min(2 * digits, LAST_DIGITS)


def significant(value: Fraction, digits: int) -> Fraction:
    """A value >= 0 rounded half to even to that many significant digits."""
    if value == 0:
        return value
    exponent = exponent_of(value)
    unit = Fraction(10) ** (exponent - digits + 1)
    return round(value / unit) * unit


def exponent_of(value: Fraction) -> int:
    """floor(log10(value)) of a value above 0, exactly."""
    bits = value.numerator.bit_length() - value.denominator.bit_length()
    exponent = bits * 30103 // 100_000
    while Fraction(10) ** exponent > value:
        exponent -= 1
    while Fraction(10) ** (exponent + 1) <= value:
        exponent += 1
    return exponent


def power_at_most(base: Fraction, bound: Fraction, exponent: Fraction) -> bool:
    """Whether base <= bound^exponent for base and bound from 0 to 1 and exponent > 0, decided exactly.

    Logarithms decide all but near ties; those are decided by whole numbers up to 20 million bits, and taken
    for equal beyond.
    """
    if base == 0 or bound == 1:
        return True
    if bound == 0 or base == 1:
        return False
    for digits in (30, 120):
        r = rounding(digits)
        left, power = log(of(base, r), r), log(of(bound, r), r)
        assert left is not None
        assert power is not None
        right = negative(times(negative(power), of(exponent, r), r))
        if left.high <= right.low:
            return True
        if left.low > right.high:
            return False
    p, q = exponent.numerator, exponent.denominator
    if max(q * base.denominator.bit_length(), p * bound.denominator.bit_length()) > EXACT_POWER_BITS_MAX:
        return True
    exactly: bool = base**q <= bound**p
    return exactly
