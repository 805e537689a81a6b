"""Is this text a name the contract allows, and whose prefix does it bear?

ASCII only, one spelling each. Checks over many names run once over their joined text, because a
call per serial costs more than a signature. Knows no registry: that a name is well formed says
nothing about whether it exists.
"""

import re
from collections.abc import Sequence
from operator import lt

PARTY = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
SERIAL = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")
CHIP = re.compile(rf"{PARTY.pattern}:{SERIAL.pattern}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAMED = re.compile(rf"{PARTY.pattern}/{NAME.pattern}")
KEY_HEX = re.compile(r"[0-9a-f]{64}")
SALT = re.compile(r"[0-9a-f]{32}")
SHA256_HEX = KEY_HEX
POSITION = re.compile(rf"{NAMED.pattern}#[1-9][0-9]{{0,15}}")
PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")  # a rack, a slot: no spaces, one line
REFERENCE_CHARACTERS_MAX = 64
ORIGIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}(?:/[A-Za-z0-9._-]{1,64}){0,4}")

_CHIPS = re.compile(rf"(?:{CHIP.pattern}\n)*")
_SALTS = re.compile(rf"(?:{SALT.pattern}\n)*")


def is_party(text: str) -> bool:
    """A party id: 2 to 63 characters of a-z, 0-9 and hyphen."""
    return PARTY.fullmatch(text) is not None


def is_named(text: str) -> bool:
    """`<party>/<name>`, the form of every id but those of parties and chips."""
    return NAMED.fullmatch(text) is not None


def is_position(text: str) -> bool:
    """`<site>#<number from 1>`, a place on a floor where a chip may stand."""
    return POSITION.fullmatch(text) is not None


def is_chip(text: str) -> bool:
    """`<maker>:<serial>`."""
    return CHIP.fullmatch(text) is not None


def is_sha256(text: str) -> bool:
    """64 lower-case hexadecimal digits."""
    return SHA256_HEX.fullmatch(text) is not None


def prefix_of(identifier: str) -> str:
    """The party whose prefix an id bears, for `<party>/<name>` and `<party>:<serial>` alike."""
    return re.split("[/:]", identifier, maxsplit=1)[0]


def first_bad_chip(chips: Sequence[str]) -> int | None:
    """The position of the first text that is no chip id, None if all are."""
    if _all_match(_CHIPS, chips):
        return None
    return next(place for place, chip in enumerate(chips) if not is_chip(chip))


def first_bad_salt(salts: Sequence[str]) -> int | None:
    """The position of the first text that is not 32 lower-case hexadecimal digits, None if all are."""
    if _all_match(_SALTS, salts):
        return None
    return next(place for place, salt in enumerate(salts) if SALT.fullmatch(salt) is None)


def is_ascending(keys: Sequence[object]) -> bool:
    """Strictly ascending: sorted, and nothing twice. ASCII texts compare as their bytes do."""
    return all(map(lt, keys, keys[1:]))  # type: ignore[arg-type]


def _all_match(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    joined = "\n".join((*texts, ""))
    # A text with a line break of its own could pass as two good ones: the count tells.
    return joined.count("\n") == len(texts) and pattern.fullmatch(joined) is not None
