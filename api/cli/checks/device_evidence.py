"""What does a file of evidence from an accelerator prove, check by check?

Runs the checks of `ledger.device` and puts each into plain words, whether it passed, failed, was not asked or
not reached. Where no root is told, the key that NVIDIA publishes for its devices is taken, which only a
command may do: a log trusts the roots in its own entries. Knows no log and no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.screen.terminal import wrong_usage
from ledger.book.times import format_seconds
from ledger.device.evidence import EVIDENCE_BYTES_MAX, NONCE_BYTES, Check, Examined, Expected, Failed
from ledger.device.vendors import examine, stated_nonce

PUBLISHED_ROOT = "a90c4eb5acfd3e3d03a25db6a26b84f720ad0503196c627c21ddd48dd85b06a4"
"""SHA-256 of the SPKI of the NVIDIA Device Identity CA."""

PASSED, FAILED, NOT_ASKED, NOT_REACHED = "passed", "failed", "not asked", "not reached"
VALIDITY = "certificates_valid"
MEANING = {
    Check.EVIDENCE: "the file is evidence in the form of a known vendor",
    Check.CERTIFICATES: "every certificate can be read",
    Check.CHAIN_LENGTH: "the chain is complete",
    Check.CHAIN_LINKS: "each certificate is vouched for by the next",
    Check.ROOT_PINNED: "the chain ends in a trusted root key",
    Check.ROOT_SIGNATURE: "the root is signed by its own key",
    Check.HEX: "the report is written in hexadecimal digits",
    Check.REPORT_LONG_ENOUGH: "it is long enough to be a report",
    Check.SPDM: "it is a challenge and its answer (SPDM 1.1 measurements)",
    Check.REPORT_PARSES: "its measurements and fields can be read",
    Check.REPORT_LENGTH: "it is as long as its fields say",
    Check.NONCE: "it answers the nonce that was asked",
    Check.REPORT_SIGNATURE: "it is signed by the attestation key of the chain",
    Check.FIRMWARE: "its firmware is the one that key was certified for",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A check: its name, how it came out, what holds where it passed, what is to be said besides."""

    check: str
    result: str
    meaning: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """All checks in their order, the first that failed, and what the evidence says of its device.

    `device` is there too where only the root or the nonce was not the expected one: the evidence is sound
    then, but proves nothing to whoever expected another.
    """

    steps: tuple[Step, ...]
    failed: Failed | None
    outdated: bool
    device: Examined | None

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return self.failed is None and not self.outdated


def read_evidence_file(path: Path) -> bytes:
    """The file's bytes, at most one more than evidence may have."""
    with path.open("rb") as file:
        return file.read(EVIDENCE_BYTES_MAX + 1)


def read_hex(text: str, octets: int, option: str) -> bytes:
    """So many bytes in hexadecimal digits of either case; wrong usage otherwise."""
    try:
        told = bytes.fromhex(text)
    except ValueError:
        told = b""
    if len(told) != octets or len(text) != 2 * octets:
        raise wrong_usage(f"{option} takes {2 * octets} hexadecimal digits")
    return told


def expected_of(evidence: bytes, roots: Sequence[str], nonce: str | None) -> Expected:
    """What to hold evidence against: roots told or NVIDIA's, the nonce told or the one the file states."""
    asked = stated_nonce(evidence) if nonce is None else read_hex(nonce, NONCE_BYTES, "--nonce")
    keys = frozenset(read_hex(root, 32, "--root").hex() for root in roots)
    return Expected(keys or frozenset({PUBLISHED_ROOT}), asked)


def explain(evidence: bytes, expected: Expected, at: int | None = None) -> Explained:
    """Every check; with `at` (Unix seconds) also whether all certificates were valid then."""
    found = examine(evidence, expected)
    failed = found if isinstance(found, Failed) else None
    sound = found if failed is None else examine(evidence)
    device = sound if isinstance(sound, Examined) else None
    steps = [_step(check, failed, expected, device) for check in Check]
    outdated = False
    if at is not None and device is not None:
        outdated = not device.valid_from <= at <= device.valid_until
        span = f"{format_seconds(device.valid_from)} to {format_seconds(device.valid_until)}"
        meaning = f"all certificates are valid at {format_seconds(at)}"
        steps.append(Step(VALIDITY, FAILED if outdated else PASSED, meaning, f"they are from {span}"))
    return Explained(tuple(steps), failed, outdated, device)


def device_facts(device: Examined) -> dict[str, Any]:
    """What the evidence says of its device, for a table or a program; what it does not say is left out."""
    traits = device.traits
    told = {
        "identity": device.ik_sha256,
        "kind": device.kind.value,
        "vendor": device.vendor,
        "architecture": device.architecture,
        "pdi": device.pdi,
        "serial": device.serial,
        "names": list(device.neighbours),
        "nonce": device.nonce.hex(),
        "attestation_key": device.ak_sha256,
        "root": device.root_spki_sha256,
        "measurements": len(device.measurements),
        "chip_name": traits.chip_name,
        "project": traits.project,
        "project_sku": traits.project_sku,
        "chip_sku": traits.chip_sku,
        "board_id": traits.board_id,
        "driver": traits.driver,
        "vbios": traits.vbios,
        "protected_pcie": traits.protected_pcie,
    }
    return {name: value for name, value in told.items() if value or value == 0}


def _step(check: Check, failed: Failed | None, expected: Expected, device: Examined | None) -> Step:
    order = list(Check)
    if failed is not None and check is failed.check:
        return Step(check.value, FAILED, MEANING[check], f"{check.value}: {failed.detail}")
    if failed is not None and order.index(check) > order.index(failed.check):
        return Step(check.value, NOT_REACHED, MEANING[check])
    if check is Check.NONCE and expected.nonce is None:
        return Step(check.value, NOT_ASKED, MEANING[check], "no nonce was told")
    if check is Check.FIRMWARE and device is not None and not device.firmware_compared:
        return Step(check.value, NOT_ASKED, MEANING[check], "its driver names none")
    return Step(check.value, PASSED, MEANING[check])
