"""How can a sheet name a chip without telling its serial?

By a mask that shows the last characters only, and by a reference, a short hash. Both keep an inspector from
copying what was to be read, by habit or to save the walk. Neither keeps a secret: serials are short and often
run on, so whoever has the sheet and a list of serials can try them all; and the prover knows from the draw
which chips are meant. The same is true of the salted hashes by which the phone page compares.
"""

import unicodedata
from collections.abc import Iterable
from hashlib import sha256

SERIAL_LAST_SHOWN = 2
"""Characters of a serial that a sheet shows: enough to find the right tray, too few to fill in the line."""

SERIAL_SHOWN_SHARE_MAX = 3  # of a serial at most a third is shown
MASK = "*"
REFERENCE_CONTEXT = b"chipledger-field-v1"
REFERENCE_DIGITS = 12
REFERENCE_DIGITS_STEP = 4
SALT_BYTES = 16


def masked(chip: str) -> str:
    """The maker and the end of the serial: acme:****07."""
    maker, _, serial = chip.partition(":")
    shown = min(SERIAL_LAST_SHOWN, len(serial) // SERIAL_SHOWN_SHARE_MAX)
    end = serial[len(serial) - shown :]
    return f"{maker}:{MASK * (len(serial) - shown)}{end}"


def references(statement: str, items: Iterable[str]) -> dict[str, str]:
    """A short name for each drawn item: the first digits of SHA-256 over context, commitment and item.

    `statement` is the hex id of the commitment. 12 digits, more only where two items would share them.
    """
    hashes = {item: _hash_of(statement, item) for item in items}
    digits = REFERENCE_DIGITS
    while len({one[:digits] for one in hashes.values()}) < len(hashes):
        digits += REFERENCE_DIGITS_STEP
    return {item: one[:digits] for item, one in hashes.items()}


def is_reference_of(reference: str, statement: str, item: str) -> bool:
    """Whether a reference names this item."""
    return len(reference) >= REFERENCE_DIGITS and _hash_of(statement, item).startswith(reference)


def _hash_of(statement: str, item: str) -> str:
    parts = (REFERENCE_CONTEXT, bytes.fromhex(statement), item.encode())
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


def plain_reading(text: str) -> str:
    """A reading as it is compared: one width of letters, capitals, without spaces; the page does the same."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def reading_hash(salt: bytes, reading: str) -> str:
    """Hex SHA-256 of the salt and a plain reading in UTF-8: what the phone page holds in its place."""
    return sha256(salt + plain_reading(reading).encode()).hexdigest()
