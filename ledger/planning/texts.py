"""What does a piece of a question say?

Each kind of text has one reader, which takes no more than it must and raises `Unreadable` naming the
parameter. Knows no parameter by name.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from ledger.inspection.stages import takes_back
from ledger.planning.demand import (
    CHIPS_MAX,
    COST_MAX,
    NAME_CHARACTERS_MAX,
    PPM,
    PROVERS_MAX,
    REJECT_MAX,
    STAGES_MAX,
    STRATA_MAX,
    Part,
    Prover,
    Rule,
)
from signing.canonical import Unreadable, encode, read_object

WHOLE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
DECIMAL = re.compile(r"[0-9]{1,64}(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._/-]{{0,{NAME_CHARACTERS_MAX - 1}}}", re.ASCII)
DECIMAL_CHARACTERS_MAX = 64
STRATA_CHARACTERS_MAX = 16_384
REAL_MAX = Fraction(10**60)
LINE_FIELDS_MAX = 4  # NAME[@SITE]:CHIPS:MISS_PPM:COST
LINE_FIELDS_MIN = 2


class StratumText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A stratum as a query writes it; `cost` a whole number or decimal text."""

    name: str
    chips: int
    site: str | None = None
    test_miss_ppm: int | None = None
    cost: int | str = 1


def whole(name: str, text: str, lowest: int, highest: int) -> int:
    """A whole number in digits."""
    if WHOLE.fullmatch(text) is None or not lowest <= int(text) <= highest:
        raise Unreadable(name, f"a whole number from {lowest:,} to {highest:,}, in digits")
    return int(text)


def decimal(
    name: str, text: str, *, lowest: Fraction = 1 / REAL_MAX, highest: Fraction = REAL_MAX
) -> Fraction:
    """A number such as 30, 0.1 or 3.14e23, exactly."""
    if len(text) > DECIMAL_CHARACTERS_MAX or DECIMAL.fullmatch(text) is None:
        raise Unreadable(name, "a number such as 30, 0.1 or 3.14e23")
    value = Fraction(text)
    if not lowest <= value <= highest:
        raise Unreadable(name, f"a number from {float(lowest):g} to {float(highest):g}")
    return value


def cost(name: str, text: str) -> Fraction:
    """A price from 0."""
    return decimal(name, text, lowest=Fraction(0), highest=COST_MAX)


def wholes(name: str, text: str, most: int) -> tuple[int, ...]:
    """Whole numbers, commas between."""
    parts = text.split(",")
    if len(parts) > most:
        raise Unreadable(name, f"at most {most} numbers")
    return tuple(whole(name, part, 0, CHIPS_MAX) for part in parts)


def yes_or_no(name: str, text: str) -> bool:
    """1 or 0."""
    if text not in ("0", "1"):
        raise Unreadable(name, "1 or 0")
    return text == "1"


def rules(name: str, text: str) -> tuple[Rule, ...]:
    """`ACCEPT:REJECT,…`, a stage each; the last decides, so that its two are neighbours."""
    parts = text.split(",")
    if len(parts) > STAGES_MAX:
        raise Unreadable(name, f"at most {STAGES_MAX} stages")
    read = []
    for part in parts:
        accept, between, reject = part.partition(":")
        if not between:
            raise Unreadable(name, "ACCEPT:REJECT of each stage, commas between, such as 0:2,1:2")
        rule = Rule(whole(name, accept, 0, REJECT_MAX), whole(name, reject, 1, REJECT_MAX))
        if rule.accept >= rule.reject:
            raise Unreadable(name, "a stage accepts fewer than it rejects")
        read.append(rule)
    if read[-1].accept != read[-1].reject - 1:
        raise Unreadable(name, "the last stage decides: it accepts one less than it rejects")
    if takes_back([(rule.accept, rule.reject) for rule in read]):
        raise Unreadable(name, "no stage accepts later what an earlier one rejects")
    return tuple(read)


def provers(name: str, text: str) -> tuple[Prover, ...]:
    """`PARTY:CHIPS,…`."""
    read = []
    for part in text.split(","):
        party, _, chips = part.rpartition(":")
        if NAME.fullmatch(party) is None:
            raise Unreadable(name, "PARTY:CHIPS of each prover, commas between")
        read.append(Prover(party, whole(name, chips, 0, CHIPS_MAX)))
    if len(read) > PROVERS_MAX or len({each.name for each in read}) != len(read):
        raise Unreadable(name, f"1 to {PROVERS_MAX} different provers")
    return tuple(read)


def strata_json(name: str, text: str) -> tuple[StratumText, ...]:
    """A JSON list of `{name, chips, site?, test_miss_ppm?, cost?}`."""
    if len(text) > STRATA_CHARACTERS_MAX:
        raise Unreadable(name, f"at most {STRATA_CHARACTERS_MAX:,} characters")
    # A list is read as the only member of an object, so that the one strict reader reads it.
    value = read_object(b'{"strata":' + text.encode("utf-8", "replace") + b"}", name)
    try:
        strata = msgspec.convert(value.get("strata"), tuple[StratumText, ...])
    except msgspec.ValidationError as fault:
        raise Unreadable(name, str(fault)) from None
    if value.keys() != {"strata"}:
        raise Unreadable(name, "a list")
    return strata


def strata_lines(name: str, lines: Sequence[str]) -> tuple[StratumText, ...]:
    """Of each line `NAME[@SITE]:CHIPS[:MISS_PPM[:COST]]`, as a person types it."""
    read = []
    for line in lines:
        fields = [field.strip() for field in line.split(":")]
        if not LINE_FIELDS_MIN <= len(fields) <= LINE_FIELDS_MAX:
            raise Unreadable(name, f"{line[:80]!r} is not NAME[@SITE]:CHIPS[:MISS_PPM[:COST]]")
        called, _, site = fields[0].partition("@")
        miss = whole(name, fields[2], 0, PPM) if len(fields) > 2 and fields[2] else None
        price = fields[3] if len(fields) > 3 and fields[3] else 1
        read.append(StratumText(called, whole(name, fields[1], 0, CHIPS_MAX), site or None, miss, price))
    return tuple(read)


def written_strata(strata: Sequence[StratumText]) -> str:
    """The JSON that `strata_json` reads."""
    return encode({"strata": list(strata)}).decode()[len('{"strata":') : -1]


def parts(name: str, strata: Sequence[StratumText], test_miss: Fraction) -> tuple[Part, ...]:
    """The strata, each with a test and a price."""
    if not 1 <= len(strata) <= STRATA_MAX:
        raise Unreadable(name, f"1 to {STRATA_MAX} strata")
    if len({each.name for each in strata}) != len(strata):
        raise Unreadable(name, "one name twice")
    read = []
    for each in strata:
        if any(NAME.fullmatch(told) is None for told in (each.name, each.site) if told is not None):
            raise Unreadable(name, f"names are 1 to {NAME_CHARACTERS_MAX} letters, digits, . _ / -")
        miss = test_miss
        if each.test_miss_ppm is not None:
            if not 0 <= each.test_miss_ppm <= PPM:
                raise Unreadable(name, f"test_miss_ppm is a whole number from 0 to {PPM:,}")
            miss = Fraction(each.test_miss_ppm, PPM)
        if not 0 <= each.chips <= CHIPS_MAX:
            raise Unreadable(name, f"chips are a whole number from 0 to {CHIPS_MAX:,}")
        read.append(Part(each.name, each.site, each.chips, miss, cost(name, str(each.cost))))
    return tuple(read)
