"""What can be said of a piece of evidence, whoever made the chip?

Evidence is bytes that a chip, or the software before it, hands over. A vendor examines it and says either
who answered (`Examined`) or which check failed first (`Failed`); any bytes get one of the two. Whose root is
trusted and which nonce was asked are told or compared afterwards, never assumed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ledger.device.certificates import Links

EVIDENCE_BYTES_MAX = 64 * 1024
NONCE_BYTES = 32


class Check(Enum):
    """The checks in the order they are made; of two faults the earlier is reported."""

    EVIDENCE = "evidence_unreadable"
    CERTIFICATES = "certificate_unreadable"
    CHAIN_LENGTH = "chain_length"
    CHAIN_LINKS = "chain_link_broken"
    ROOT_PINNED = "root_not_pinned"
    ROOT_SIGNATURE = "root_not_self_signed"
    HEX = "hex_unreadable"
    REPORT_LONG_ENOUGH = "report_too_short"
    SPDM = "not_spdm_1_1_measurements"
    REPORT_PARSES = "report_unparseable"
    REPORT_LENGTH = "report_length_mismatch"
    NONCE = "nonce_mismatch"
    REPORT_SIGNATURE = "report_signature"
    FIRMWARE = "firmware_id_mismatch"


class Kind(Enum):
    """What sort of device answered."""

    GPU = "gpu"
    SWITCH = "switch"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failed:
    """The first check that did not hold, and why in plain words."""

    check: Check
    detail: str


@dataclass(frozen=True, slots=True)
class Traits:
    """What a report says of its device beyond its identity; empty where it says nothing."""

    driver: str = ""
    vbios: str = ""
    project: str = ""
    project_sku: str = ""
    chip_sku: str = ""
    chip_name: str = ""
    board_id: str = ""
    protected_pcie: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One signed measurement of a device: its number from 1, and the value."""

    index: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Examined:
    """Evidence whose every signature holds under the root key it brings along.

    `ik_sha256` is the device's identity: hex SHA-256 of the SPKI of the key burnt into it. The attestation
    key (`ak_sha256`) changes with firmware, and the bytes of evidence can be changed without breaking a
    signature: neither is an identity. `pdi`, `serial` and `neighbours` (PDIs, sorted) are upper-case hex in
    the order certificates write them. `valid_from` and `valid_until` are Unix seconds in which every
    certificate of the chain is valid. `firmware_compared` is False where an old driver names no firmware.
    """

    vendor: str
    kind: Kind
    architecture: str
    ik_sha256: str
    ak_sha256: str
    root_spki_sha256: str
    nonce: bytes
    pdi: str
    serial: str
    neighbours: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    traits: Traits
    firmware_compared: bool
    valid_from: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What evidence is held against: pinned roots (hex SHA-256 of their SPKI), a nonce; None asks nothing."""

    roots: frozenset[str] | None = None
    nonce: bytes | None = None


ANYTHING = Expected()


class Vendor(Protocol):
    """A maker's way of proving which chip answered."""

    @property
    def name(self) -> str:
        """The vendor's name in a log's `device_roots`, compared without regard to case."""

    def recognises(self, evidence: bytes) -> bool:
        """Whether the bytes look like this vendor's form: cheap, and no promise that they can be read."""

    def examine(self, evidence: bytes, expected: Expected, links: Links) -> Examined | Failed:
        """All of the checks in their order; any bytes get an answer, the same bytes always the same one."""


def trusted(examined: Examined, roots: Collection[tuple[str, str]]) -> bool:
    """Whether the chain ends in one of the roots, each (vendor, hex SHA-256 of the SPKI)."""
    return any(
        vendor.lower() == examined.vendor.lower() and spki_sha256 == examined.root_spki_sha256
        for vendor, spki_sha256 in roots
    )
