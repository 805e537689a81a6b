"""How is a number said to a person, and how exactly?

Probabilities with three digits that count, sums and real answers with a few more; never a zero where the
number is not one. Knows no plan.
"""

from fractions import Fraction

from ledger.inspection.plan import decimal_text, scientific_text
from ledger.inspection.reals import exponent_of
from signing.canonical import INTEGER_MAX

DIGITS = 3
PERCENT_PLACES_MAX = 9
PROBABILITY_DIGITS = 17
MONEY_PLACES = 2
MONEY_PLACES_MAX = 60
PLAIN_EXPONENT_MIN, PLAIN_EXPONENT_MAX = -4, 9


def percent(value: Fraction) -> str:
    """A probability in per cent with three digits that count: `4.98 %`; tiny ones as a power of ten."""
    hundred = value * 100
    if hundred == 0:
        return "0 %"
    places = DIGITS - 1 - exponent_of(hundred)
    if places > PERCENT_PLACES_MAX:
        return f"{scientific_text(hundred, DIGITS)} %"
    text = decimal_text(hundred, max(0, places))
    if hundred < 100 and Fraction(text) >= 100:  # not certain, and not to be rounded to it
        return "over 99.9 %"
    return f"{text} %"


def plainly(value: Fraction) -> str:
    """A bound as it was given: `5 %`, not `5.00 %`."""
    text, _, sign = percent(value).partition(" ")
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {sign}" if sign == "%" else percent(value)


def significant(value: Fraction, digits: int = DIGITS) -> str:
    """A positive number with so many digits that count, plain where that is short."""
    if value == 0:
        return "0"
    exponent = exponent_of(value)
    if not PLAIN_EXPONENT_MIN <= exponent < PLAIN_EXPONENT_MAX:
        return scientific_text(value, digits).replace("e+", "e")
    text = decimal_text(value, max(0, digits - 1 - exponent))
    if "." in text and Fraction(text) == value:
        text = text.rstrip("0").rstrip(".")
    before, point, after = text.partition(".")
    return f"{int(before):,}{point}{after}"


def days(value: Fraction) -> str:
    """A span of days: `1 day`, `30 days`."""
    return f"{significant(value)} {'day' if value == 1 else 'days'}"


def money(value: Fraction) -> str:
    """An exact sum as decimal text with at least two places."""
    places = MONEY_PLACES
    denominator = value.denominator
    while denominator > 1 and 10**places % denominator and places < MONEY_PLACES_MAX:
        places += 1
    return decimal_text(value, places)


def counted(value: int) -> int | str:
    """A count as JSON has it: text beyond what every reader of JSON keeps."""
    return value if value <= INTEGER_MAX else str(value)


def exactly(value: Fraction) -> str:
    """A probability with 17 digits that count, for those who want more than twelve decimals."""
    return scientific_text(value, PROBABILITY_DIGITS)
