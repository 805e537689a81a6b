"""What does a file of evidence from an accelerator prove, check by check?

Runs the checks of `ledger.device` and puts each into plain words, whether it passed, failed, was not asked or
not reached. Where no root is told, the key that NVIDIA publishes for its devices is taken, which only a
command may do: a log trusts the roots in its own entries. Knows no log and no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.screen.terminal import wrong_usage
from ledger.book.times import format_seconds, parse_seconds
from ledger.device.evidence import EVIDENCE_BYTES_MAX, NONCE_BYTES, Check, Examined, Expected, Failed
from ledger.device.nvidia import read_chain
from ledger.device.revocation import RESPONSE_BYTES_MAX, read_answer
from ledger.device.vendors import examine, stated_nonce
from signing.canonical import Unreadable

PUBLISHED_ROOT = "a90c4eb5acfd3e3d03a25db6a26b84f720ad0503196c627c21ddd48dd85b06a4"
"""SHA-256 of the SPKI of the NVIDIA Device Identity CA."""

PASSED, FAILED, NOT_ASKED, NOT_REACHED = "passed", "failed", "not asked", "not reached"
VALIDITY, STANDING = "certificates_valid", "certificate_stands"
NO_RESPONSES: Mapping[str, bytes] = {}
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
    device: Examined | None

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(step.result != FAILED for step in self.steps)


def read_evidence_file(path: Path) -> bytes:
    """The file's bytes, at most one more than evidence may have."""
    with path.open("rb") as file:
        return file.read(EVIDENCE_BYTES_MAX + 1)


def read_responses(paths: Sequence[Path]) -> dict[str, bytes]:
    """OCSP responses (DER) by the names of their files."""
    responses = {}
    for path in paths:
        with path.open("rb") as file:
            responses[str(path)] = file.read(RESPONSE_BYTES_MAX + 1)
    return responses


def read_hex(text: str, octets: int, option: str) -> bytes:
    """So many bytes in hexadecimal digits of either case; wrong usage otherwise."""
    try:
        told = bytes.fromhex(text)
    except ValueError:
        told = b""
    if len(told) != octets or len(text) != 2 * octets:
        raise wrong_usage(f"{option} takes {2 * octets} hexadecimal digits")
    return told


def read_time(text: str, option: str) -> int:
    """Unix seconds of a time as statements write it; wrong usage otherwise."""
    try:
        return parse_seconds(text, option)
    except Unreadable as fault:
        raise wrong_usage(str(fault)) from None


def expected_of(evidence: bytes, roots: Sequence[str], nonce: str | None) -> Expected:
    """What to hold evidence against: roots told or NVIDIA's, the nonce told or the one the file states."""
    asked = stated_nonce(evidence) if nonce is None else read_hex(nonce, NONCE_BYTES, "--nonce")
    return Expected(roots_of(roots), asked)


def roots_of(told: Sequence[str]) -> frozenset[str]:
    """The roots to trust: those told by `--root`, else the one NVIDIA publishes."""
    return frozenset(read_hex(root, 32, "--root").hex() for root in told) or frozenset({PUBLISHED_ROOT})


def explain(
    evidence: bytes, expected: Expected, at: int | None = None, responses: Mapping[str, bytes] = NO_RESPONSES
) -> Explained:
    """Every check; with `at` (Unix seconds) also whether all certificates were valid then.

    `responses` are OCSP responses by the names of their files, each asked whether it was fresh at that time.
    """
    found = examine(evidence, expected)
    failed = found if isinstance(found, Failed) else None
    sound = found if failed is None else examine(evidence)
    device = sound if isinstance(sound, Examined) else None
    steps = [_step(check, failed, expected, device) for check in Check]
    if at is not None and device is not None:
        steps.append(_validity(device, at))
        steps += [_standing(name, response, evidence, at) for name, response in responses.items()]
    return Explained(tuple(steps), failed, device)


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


def _validity(device: Examined, at: int) -> Step:
    result = PASSED if device.valid_from <= at <= device.valid_until else FAILED
    span = f"they are from {format_seconds(device.valid_from)} to {format_seconds(device.valid_until)}"
    return Step(VALIDITY, result, f"all certificates are valid at {format_seconds(at)}", span)


def _standing(name: str, response: bytes, evidence: bytes, at: int) -> Step:
    """Whether the responder says that a certificate still stood at a time."""
    meaning = f"{name}: the responder says that a certificate stands"
    chain = read_chain(evidence)
    assert not isinstance(chain, Failed)  # only sound evidence is asked about
    answer = read_answer(response, chain)
    if isinstance(answer, str):
        return Step(STANDING, FAILED, meaning, answer)
    span = f"{format_seconds(answer.since)} to {format_seconds(answer.until)}"
    if answer.revoked or not answer.known:
        said = "revoked" if answer.revoked else "not known"
        return Step(STANDING, FAILED, meaning, f"certificate {answer.place} is {said}")
    result = PASSED if answer.since <= at <= answer.until else FAILED
    return Step(STANDING, result, meaning, f"certificate {answer.place}, from {span}")


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
