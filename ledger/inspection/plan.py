"""How many chips must be visited so that a theft of a given size is missed with at most a given risk?

Planner B of the inspections: `frame` chips on the book, at least `missing` of them gone, risk `beta`. The
answer is the smallest sample, decided on exact values: equality with beta is enough. Probabilities come in
as fractions, so that 5 % is 1/20 and not its nearest double. Wrong parameters raise ValueError naming the
parameter. Knows nothing of chips, draws, money or time.
"""

from dataclasses import dataclass
from fractions import Fraction

from ledger.inspection.hypergeometric import FRAME_CHIPS_MAX, Sampling, at_most, probability
from ledger.inspection.reals import exponent_of

ACCEPT_CHIPS_MAX = 10_000
CERTAINTY_SUPPORT_MAX = 50_000
"""At beta = 0 the miss of one chip less is a product of this many factors: above, it is not given."""

SENTENCE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """`n` chips suffice and n - 1 do not.

    `miss` and `miss_one_less` are exact up to a support of 1,000 chips, beyond it right to 50 significant
    digits. `miss_one_less` is None where n is 0, or where beta is 0 and the smaller of n and missing is
    above 50,000.
    """

    n: int
    miss: Fraction
    miss_one_less: Fraction | None


@dataclass(frozen=True, slots=True)
class Infeasible:
    """Even a visit to every chip misses with probability `best_miss`, above beta."""

    best_miss: Fraction


def presence(
    frame: int, missing: int, beta: Fraction, accept: int = 0, test_miss: Fraction = Fraction(0)
) -> Planned | Infeasible:
    """The smallest n with P(at most `accept` found) <= beta.

    Each missing chip that is visited is overlooked with probability `test_miss`, independently.
    """
    _check_chips(frame, missing, accept)
    check_probability("beta", beta)
    check_probability("test_miss", test_miss)

    def visiting(n: int) -> Sampling:
        return Sampling(frame, missing, n, accept, test_miss)

    if not at_most(visiting(frame), beta):
        return Infeasible(probability(visiting(frame)))
    enough = frame
    too_few = -1
    while enough - too_few > 1:  # the miss never grows with n
        n = (enough + too_few) // 2
        if at_most(visiting(n), beta):
            enough = n
        else:
            too_few = n
    told = enough > 0 and (beta > 0 or min(enough, missing) <= CERTAINTY_SUPPORT_MAX)
    one_less = probability(visiting(enough - 1)) if told else None
    return Planned(enough, probability(visiting(enough)), one_less)


def miss_probability(
    frame: int, missing: int, n: int, accept: int = 0, test_miss: Fraction = Fraction(0)
) -> Fraction:
    """P(at most `accept` found) of `n` visited: exact up to a support of 1,000 chips, beyond it to 50 digits.

    Whether a sample meets a risk is asked of `suffices`, which is exact for every size.
    """
    return probability(_checked(frame, missing, n, accept, test_miss))


def suffices(
    frame: int, missing: int, n: int, beta: Fraction, accept: int = 0, *, test_miss: Fraction = Fraction(0)
) -> bool:
    """Whether n visits miss with probability at most beta, decided exactly."""
    check_probability("beta", beta)
    return at_most(_checked(frame, missing, n, accept, test_miss), beta)


def sentence(
    frame: int,
    missing: int,
    beta: Fraction,
    plan: Planned | Infeasible,
    *,
    accept: int = 0,
    test_miss: Fraction = Fraction(0),
) -> str:
    """The plan of `presence` for the same parameters, as a person would say it."""
    found = {0: "none of them is", 1: "at most 1 of them is"}.get(accept, f"at most {accept:,} of them are")
    done = "found" if test_miss else "drawn"
    test = f" by a test that overlooks {_percent(test_miss)} of missing chips" if test_miss else ""
    gone = f"if {missing:,} or more are gone, the chance that {found} {done}{test}"
    limit = f"at most {_percent(beta)}"
    match plan:
        case Planned(n=n, miss=miss):
            return f"Visit {n:,} of {frame:,} chips: {gone} is {_percent(miss, fixed=True)} ({limit})."
        case Infeasible(best_miss=miss):
            chance = _percent(miss, fixed=True)
            every = f"even if all {frame:,} chips are visited"
            return f"No sample is enough: {gone} is {chance} {every} (wanted: {limit})."


def decimal_text(value: Fraction, places: int = 12) -> str:
    """Plain decimal with exactly `places` decimals, rounded half to even."""
    scaled = round(abs(value) * 10**places)  # Fraction rounds half to even, exactly
    whole, rest = divmod(scaled, 10**places)
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def scientific_text(value: Fraction, digits: int = 17) -> str:
    """A value >= 0 with `digits` significant digits, rounded half to even: `4.9828e-02`; zero is `0`."""
    if value == 0:
        return "0"
    exponent = exponent_of(value)
    mantissa = round(value / Fraction(10) ** (exponent - digits + 1))
    if mantissa == 10**digits:
        mantissa, exponent = 10 ** (digits - 1), exponent + 1
    text = str(mantissa)
    return f"{text[0]}.{text[1:]}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def check_probability(name: str, value: Fraction) -> None:
    """Raises ValueError unless value is a Fraction from 0 to 1: floats and percentages are mistakes."""
    if not isinstance(value, Fraction):
        raise ValueError(f"{name} must be an exact fraction")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie between 0 and 1")


def check_exact(name: str, value: Fraction, lowest: Fraction, highest: Fraction) -> None:
    """Raises ValueError unless value is a Fraction in the range."""
    if not isinstance(value, Fraction):
        raise ValueError(f"{name} must be an exact fraction")
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must lie between {float(lowest):g} and {float(highest):g}")


def check_whole(name: str, value: int, lowest: int, highest: int) -> None:
    """Raises ValueError unless value is a whole number in the range; true and false are not numbers here."""
    if type(value) is not int:
        raise ValueError(f"{name} must be a whole number")
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must lie between {lowest} and {highest}")


def _checked(frame: int, missing: int, n: int, accept: int, test_miss: Fraction) -> Sampling:
    _check_chips(frame, missing, accept)
    check_whole("n", n, 0, frame)
    check_probability("test_miss", test_miss)
    return Sampling(frame, missing, n, accept, test_miss)


def _check_chips(frame: int, missing: int, accept: int) -> None:
    check_whole("frame", frame, 1, FRAME_CHIPS_MAX)
    check_whole("missing", missing, 0, frame)
    check_whole("accept", accept, 0, ACCEPT_CHIPS_MAX)


def _percent(value: Fraction, *, fixed: bool = False) -> str:
    percent = value * 100
    if percent == 0:
        return "0 %"
    places = max(0, SENTENCE_DIGITS - 1 - exponent_of(percent))
    text = decimal_text(percent, places)
    return f"{text if fixed or '.' not in text else text.rstrip('0').rstrip('.')} %"
