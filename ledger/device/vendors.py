"""Who answered? The doorway: finds the vendor by the evidence's form and has it examined.

`examine` trusts no root and asks no nonce unless told; `trusted` and a comparison of nonces are cheap, so
the costly part can be done once, in a thread at the door, and a judge only compares. Any bytes get
`Examined` or `Failed`, the same bytes always the same one.
"""

from collections.abc import Sequence

from ledger.device.certificates import Links
from ledger.device.evidence import ANYTHING, Check, Examined, Expected, Failed, Vendor
from ledger.device.nvidia import Evidence, Nvidia, read_evidence

VENDORS: tuple[Vendor, ...] = (Nvidia(),)


def examine(
    evidence: bytes, expected: Expected = ANYTHING, vendors: Sequence[Vendor] = VENDORS
) -> Examined | Failed:
    """One piece of evidence, through all of its vendor's checks in the order of `Check`."""
    return _examine(evidence, expected, vendors, Links())


def examine_all(
    pieces: Sequence[bytes], expected: Expected = ANYTHING, vendors: Sequence[Vendor] = VENDORS
) -> list[Examined | Failed]:
    """Each piece in its order; certificates that pieces share are checked once in this call."""
    links = Links()
    return [_examine(piece, expected, vendors, links) for piece in pieces]


def stated_nonce(evidence: bytes) -> bytes | None:
    """The nonce a file says it answers, for people who look at one; nobody signed it."""
    parts = read_evidence(evidence)
    return parts.stated_nonce if isinstance(parts, Evidence) else None


def _examine(
    evidence: bytes, expected: Expected, vendors: Sequence[Vendor], links: Links
) -> Examined | Failed:
    for vendor in vendors:
        if vendor.recognises(evidence):
            return vendor.examine(evidence, expected, links)
    names = ", ".join(vendor.name for vendor in vendors)
    return Failed(Check.EVIDENCE, f"this is evidence of no vendor known here ({names})")
