"""Which serials did a spreadsheet or a hurried person spoil?

Faults are texts that cannot be a maker's serial (placeholders, totals, numbers in scientific notation);
doubts are those that may be meant. Looks at texts only; whether a chip exists is the ledger's knowledge.
"""

import re
from collections import Counter
from collections.abc import Sequence

SHORTER_SHARE = 10  # doubt stripped zeros where at most one in so many numeric serials is shorter
NAMED_MAX = 5

PLACEHOLDER = re.compile(
    r"TBD|TBA|TBC|N[./_-]?A\.?|NONE|NULL|NIL|UNKNOWN|UNK|MISSING|PENDING|TEST|DUMMY|SAMPLE|EXAMPLE|SERIAL"
    r"|X{2,}|0+|-+|\?+|\.+|#.*",
    re.IGNORECASE,
)
TOTAL = re.compile(r"(GRAND[ _-]?|SUB[ _-]?)?(TOTALS?|SUM|COUNT)\b.*", re.IGNORECASE)
SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E[+-][0-9]+|[0-9][.,][0-9]+E[0-9]+", re.IGNORECASE)
MAYBE_SCIENTIFIC = re.compile(r"[0-9]+E[0-9]{1,2}", re.IGNORECASE)  # 12E4 may be a serial
FRACTION = re.compile(r"[0-9]+[.,]0+")
DATE = re.compile(
    r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}|[0-9]{1,2}-[A-Z]{3}(-[0-9]{2,4})?", re.IGNORECASE
)


def serial_fault(serial: str) -> str | None:
    """Why this text is no serial, None where it may be one."""
    if TOTAL.fullmatch(serial):
        return f"{serial[:40]!r} is a total row: remove it"
    if PLACEHOLDER.fullmatch(serial):
        return f"{serial[:40]!r} is a placeholder, not a serial"
    if SCIENTIFIC.fullmatch(serial):
        return (
            f"{serial[:40]!r} is a number a spreadsheet rounded: format the column as text and export again"
        )
    return None


def doubts(serials: Sequence[str]) -> list[str]:
    """Sentences about the serials as a whole that a person should read before signing."""
    found = []
    fractions = [serial for serial in serials if FRACTION.fullmatch(serial)]
    if fractions:
        found.append(f"{_named(fractions)} end in .0: was the column exported as numbers?")
    powers = [serial for serial in serials if MAYBE_SCIENTIFIC.fullmatch(serial)]
    if powers:
        found.append(f"{_named(powers)} may have been rounded: did a spreadsheet take them for numbers?")
    dates = [serial for serial in serials if DATE.fullmatch(serial)]
    if dates:
        found.append(f"{_named(dates)} look like dates: did a spreadsheet turn serials into dates?")
    numeric = [serial for serial in serials if serial.isdigit()]
    lengths = Counter(map(len, numeric))
    if len(lengths) > 1:
        usual = max(lengths, key=lambda length: (lengths[length], length))
        shorter = [serial for serial in numeric if len(serial) < usual]
        # Where others are padded with zeros to the usual length, a shorter one is odd however many there are.
        padded = any(len(serial) == usual and serial.startswith("0") for serial in numeric)
        if shorter and (padded or len(shorter) * SHORTER_SHARE <= len(numeric)):
            found.append(f"{_named(shorter)} have fewer than {usual} digits: were leading zeros stripped?")
    return found


def _named(serials: Sequence[str]) -> str:
    first = ", ".join(serials[:NAMED_MAX]) + (", …" if len(serials) > NAMED_MAX else "")
    return f"{len(serials):,} serials ({first})"
