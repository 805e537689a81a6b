"""How does an NVIDIA GPU or NVSwitch prove which one it is?

A piece of evidence is a JSON object with `cert_chain_pem` (five PEM texts: attestation key, identity key,
provisioner, family, root) and `report_hex` (an SPDM 1.1 transcript); other members are for people and are not
believed. The identity key is burnt in, its certificate names the device (41 or 50, then the PDI); it vouches
for the attestation key, which changes with firmware and signs the report. Does not ask whether certificates
were revoked, nor whether firmware is the maker's latest.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat import asn1

from ledger.device import dice
from ledger.device.certificates import Certificate, Links
from ledger.device.evidence import (
    EVIDENCE_BYTES_MAX,
    NONCE_BYTES,
    Check,
    Examined,
    Expected,
    Failed,
    Kind,
    Traits,
)
from ledger.device.spdm import Transcript, read_transcript, verifies

CHAIN_CERTIFICATES = 5
CERTIFICATES_MAX = 16
BRACKETS_MAX = 200
"""Above it the text is not parsed: how deep a parser can go depends on who calls it."""

LEAF, IDENTITY = 0, 1
HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")
NONCE_HEX = re.compile(r"[0-9a-fA-F]{64}")
DEVICE_SERIAL = re.compile(r"(?P<kind>41|50)(?P<pdi>[0-9A-F]{16})")
KINDS = {"41": Kind.GPU, "50": Kind.SWITCH}
DEVICE_NAME = re.compile(r"NVIDIA:(?P<architecture>[A-Za-z0-9_]{1,16}):(?P<serial>[0-9A-F]{1,32})")
DEVICE_NAME_OID = "1.3.6.1.4.1.412.274.1"
ALTERNATIVE_NAME_OID = "2.5.29.17"

# Types of fields in the opaque part.
DRIVER, VBIOS, BOARD, CHIP_SKU, PROJECT, PROJECT_SKU = 3, 6, 14, 15, 17, 18
FIRMWARE_ID, PROTECTED_PCIE, SWITCHES, GPUS, CHIP_NAME = 20, 21, 22, 26, 35
PROTECTED = {b"\xaa": "enabled", b"\x55": "disabled"}
PDI_BYTES = 8
GPUS_BYTES = 64
"""What follows the PDIs in field 26 is a map of ports."""
NO_PDI = bytes(PDI_BYTES)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The parts of a piece of evidence as text; `stated_nonce` is what the file says it answers."""

    certificates: tuple[str, ...]
    report_hex: str
    stated_nonce: bytes | None


@dataclass(frozen=True, slots=True)
class Nvidia:
    """The vendor whose devices sign SPDM 1.1 measurements under a five-certificate chain."""

    name: str = "nvidia"

    def recognises(self, evidence: bytes) -> bool:
        """By the names of the two members it needs."""
        return b'"report_hex"' in evidence and b'"cert_chain_pem"' in evidence

    def examine(self, evidence: bytes, expected: Expected, links: Links) -> Examined | Failed:
        """All checks in the order of `Check`."""
        parts = read_evidence(evidence)
        if isinstance(parts, Failed):
            return parts
        chain = _chain(parts.certificates, links)
        if isinstance(chain, Failed):
            return chain
        if expected.roots is not None and chain[-1].spki_sha256 not in expected.roots:
            return Failed(Check.ROOT_PINNED, f"the chain ends in a root of key {chain[-1].spki_sha256}")
        if not links.self_signed(chain[-1]):
            return Failed(Check.ROOT_SIGNATURE, "the last certificate is not signed by its own key")
        if not HEX.fullmatch(parts.report_hex):
            return Failed(Check.HEX, "report_hex is not pairs of hexadecimal digits")
        transcript = read_transcript(bytes.fromhex(parts.report_hex))
        if isinstance(transcript, Failed):
            return transcript
        fault = _transcript_fault(transcript, chain[LEAF], expected)
        return fault or _examined(self.name, transcript, chain)


def read_chain(evidence: bytes) -> Sequence[Certificate] | Failed:
    """The chain of a piece of evidence, leaf first, each certificate vouched for by the next."""
    parts = read_evidence(evidence)
    return parts if isinstance(parts, Failed) else _chain(parts.certificates, Links())


def read_evidence(evidence: bytes) -> Evidence | Failed:
    """The parts of a piece of evidence, or why it is none."""
    if len(evidence) > EVIDENCE_BYTES_MAX:
        return Failed(Check.EVIDENCE, f"over {EVIDENCE_BYTES_MAX:,} bytes")
    if evidence.count(b"[") + evidence.count(b"{") > BRACKETS_MAX:
        return Failed(Check.EVIDENCE, f"over {BRACKETS_MAX} brackets, evidence is one flat object")
    try:
        told = json.loads(
            evidence.decode(), object_pairs_hook=_object, parse_int=_number, parse_float=_number
        )
    except ValueError as fault:  # no UTF-8, no JSON, or a name twice
        return Failed(Check.EVIDENCE, f"no JSON object: {fault}")
    if not isinstance(told, dict):
        return Failed(Check.EVIDENCE, "no JSON object")
    certificates, report_hex = told.get("cert_chain_pem"), told.get("report_hex")
    if not isinstance(report_hex, str):
        return Failed(Check.EVIDENCE, "report_hex is no text")
    if not isinstance(certificates, list) or not all(isinstance(one, str) for one in certificates):
        return Failed(Check.EVIDENCE, "cert_chain_pem is no list of texts")
    nonce = told.get("nonce_hex")
    stated = bytes.fromhex(nonce) if isinstance(nonce, str) and NONCE_HEX.fullmatch(nonce) else None
    return Evidence(tuple(certificates), report_hex, stated)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; ValueError where a name comes twice, which two readers may read differently."""
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name comes twice")
    return told


def _number(digits: str) -> None:
    """No member that is read is a number, and making one of many digits takes long."""


def _chain(texts: tuple[str, ...], links: Links) -> list[Certificate] | Failed:
    if len(texts) > CERTIFICATES_MAX:
        return Failed(Check.CHAIN_LENGTH, f"{len(texts)} certificates, a chain has {CHAIN_CERTIFICATES}")
    chain = []
    for number, text in enumerate(texts):
        certificate = links.read(text, shared=number > IDENTITY)
        if certificate is None:
            return Failed(Check.CERTIFICATES, f"certificate {number} is no PEM certificate for an EC key")
        chain.append(certificate)
    if len(chain) != CHAIN_CERTIFICATES:
        return Failed(Check.CHAIN_LENGTH, f"{len(chain)} certificates, a chain has {CHAIN_CERTIFICATES}")
    fault = links.fault(chain)
    return chain if fault is None else Failed(Check.CHAIN_LINKS, fault)


def _transcript_fault(transcript: Transcript, leaf: Certificate, expected: Expected) -> Failed | None:
    if expected.nonce is not None and transcript.nonce != expected.nonce:
        return Failed(Check.NONCE, f"the report answers {transcript.nonce.hex()}")
    if not verifies(transcript, leaf.key):
        return Failed(Check.REPORT_SIGNATURE, "the attestation key did not sign this report")
    named = transcript.first(FIRMWARE_ID)
    if named is not None and named not in dice.firmware_ids(leaf):
        return Failed(Check.FIRMWARE, f"the report names {named.hex()}, its key was certified for another")
    return None


def _examined(vendor: str, transcript: Transcript, chain: list[Certificate]) -> Examined:
    device = DEVICE_SERIAL.fullmatch(chain[IDENTITY].subject_serial)
    named = DEVICE_NAME.fullmatch(_device_name(chain[LEAF]))
    kind = KINDS[device["kind"]] if device else Kind.UNKNOWN
    assert len(transcript.nonce) == NONCE_BYTES
    return Examined(
        vendor=vendor,
        kind=kind,
        architecture=named["architecture"] if named else "",
        ik_sha256=chain[IDENTITY].spki_sha256,
        ak_sha256=chain[LEAF].spki_sha256,
        root_spki_sha256=chain[-1].spki_sha256,
        nonce=transcript.nonce,
        pdi=device["pdi"] if device else "",
        serial=named["serial"] if named else "",
        neighbours=_neighbours(transcript, kind),
        measurements=transcript.measurements,
        traits=_traits(transcript),
        firmware_compared=transcript.first(FIRMWARE_ID) is not None,
        valid_from=max(one.valid_from for one in chain),
        valid_until=min(one.valid_until for one in chain),
    )


def _device_name(leaf: Certificate) -> str:
    """The text of the leaf's other name NVIDIA:<architecture>:<serial>, or nothing."""
    names = leaf.extension(ALTERNATIVE_NAME_OID)
    if not isinstance(names, x509.SubjectAlternativeName):
        return ""
    for name in names:
        if isinstance(name, x509.OtherName) and name.type_id.dotted_string == DEVICE_NAME_OID:
            try:
                return asn1.decode_der(str, name.value)
            except ValueError:
                return ""
    return ""


def _neighbours(transcript: Transcript, kind: Kind) -> tuple[str, ...]:
    """PDIs in the order certificates write them: GPUs write those of their switches byte-reversed."""
    if kind is Kind.SWITCH:
        return _named(_pdis((transcript.first(GPUS) or b"")[:GPUS_BYTES]))
    return _named(pdi[::-1] for pdi in _pdis(transcript.first(SWITCHES) or b""))


def _pdis(octets: bytes) -> Iterable[bytes]:
    whole = len(octets) - len(octets) % PDI_BYTES
    return (octets[at : at + PDI_BYTES] for at in range(0, whole, PDI_BYTES))


def _named(pdis: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(sorted({pdi.hex().upper() for pdi in pdis if pdi != NO_PDI}))


def _traits(transcript: Transcript) -> Traits:
    vbios = transcript.first(VBIOS) or b""
    board = transcript.first(BOARD)
    return Traits(
        driver=_text(transcript.first(DRIVER)),
        # GPUs write eight bytes, switches the text itself.
        vbios=_vbios(vbios) if len(vbios) == PDI_BYTES else _text(vbios),
        project=_text(transcript.first(PROJECT)),
        project_sku=_text(transcript.first(PROJECT_SKU)),
        chip_sku=_text(transcript.first(CHIP_SKU)),
        chip_name=_text(transcript.first(CHIP_NAME)),
        board_id="" if board is None else str(int.from_bytes(board[:4], "little")),
        protected_pcie=PROTECTED.get(transcript.first(PROTECTED_PCIE) or b"", ""),
    )


def _vbios(octets: bytes) -> str:
    return ".".join(octets[at : at + 1].hex() for at in (3, 2, 1, 0, 4))


def _text(octets: bytes | None) -> str:
    """ASCII up to the padding; as hex where it is none, so that nothing unprintable reaches a screen."""
    plain = (octets or b"").rstrip(b"\0")
    text = plain.decode("ascii", "replace")
    return text if text.isascii() and text.isprintable() else plain.hex()
