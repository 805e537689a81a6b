"""When are the rounds of drand's public chains due?

A drand pulse says its round and no time: when that round was due is what the listing of the beacon says.
With a genesis too late, or a period too long, a value that everybody knows would pass for one to come. For
the chains that anybody may know the times are facts, kept here; of other keys nothing is known. NIST's and
CURBy's pulses sign their own time and need no such list.

Source: the chains' own `/info`; a chain's hash, its public name, is made from key, genesis and period.
"""

from types import MappingProxyType
from typing import NamedTuple


class Rounds(NamedTuple):
    """Round 1 was due at `genesis`, Unix seconds; one more every `period_s`."""

    genesis: int
    period_s: int


QUICKNET_KEY = (
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
DEFAULT_KEY = (
    "868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31"
)
PUBLIC_CHAINS = MappingProxyType(
    {QUICKNET_KEY: Rounds(1_692_803_367, 3), DEFAULT_KEY: Rounds(1_595_431_050, 30)}
)


def public_rounds(public_key: str) -> Rounds | None:
    """When rounds under this key, lower-case hex, are due; None for a key that is no public chain's."""
    return PUBLIC_CHAINS.get(public_key)
