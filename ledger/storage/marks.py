"""By which marks is a chip found that no other table leads to?

A unique identity that a living chip bears leads to it in the table of identities. What that does not tell
gets a mark: labels, which are not unique, what a chip bore that has ended or been given another identity,
what a declared chip is said to bear, whoever else does; who ever held it; and who answered for it while it
was missing. A mark is a number, so that it costs little; whoever follows one looks whether the chip is as it
was looked for. Pure; knows no database.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256

import msgspec

from ledger.book.rows import ENDED, MISSING, Chip

DECLARED = "C"
LABEL = "label"
FOUND_BY = {"ik_sha256": "ik", "pdi": "pdi", "uuid": "uuid", LABEL: LABEL}  # member -> how it is asked for
MARK_BYTES = 8
HOLDERS_KEPT = 10_000  # marks of parties that need not be hashed again

_read_identity = msgspec.json.Decoder(dict[str, str]).decode


def mark_of(identity: str) -> int:
    """The mark of `<label|ik|pdi|uuid>:<value>`: 63 bits of its SHA-256."""
    return int.from_bytes(sha256(identity.encode()).digest()[:MARK_BYTES], "big") >> 1


@lru_cache(HOLDERS_KEPT)
def mark_of_holder(party: str) -> int:
    """The mark of the chips a party has or had in its custody."""
    return mark_of(f"custodian:{party}")


@lru_cache(HOLDERS_KEPT)
def mark_of_liable(party: str) -> int:
    """The mark of the chips that are or were missing on a party's account."""
    return mark_of(f"missing:{party}")


def borne(chip: Chip) -> list[str]:
    """All that this version of a chip is found by, `<kind>:<value>` each."""
    if chip.identity is None:
        return []
    identity = _read_identity(chip.identity)
    return [f"{kind}:{identity[member]}" for member, kind in FOUND_BY.items() if member in identity]


def marks_of(chip: Chip, before: Chip | None) -> Iterator[int]:
    """The marks a chip gets with this version, which follows another or none."""
    if chip.custodian is not None and (before is None or before.custodian != chip.custodian):
        yield mark_of_holder(chip.custodian)
    if chip.status == MISSING and chip.liable is not None:
        # Once more where it was so before is of no account.
        yield mark_of_liable(chip.liable)
    if chip.identity is None and (before is None or before.identity is None):
        return
    if before is None or before.identity is None:
        told = borne(chip)
        if chip.cls != DECLARED and before is None:
            told = [each for each in told if each.startswith(LABEL)]
    elif chip.identity != before.identity:
        told = borne(chip) + borne(before)
    elif chip.status in ENDED or chip.born < 0:
        told = borne(before)
    else:
        return
    yield from map(mark_of, told)
