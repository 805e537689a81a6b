"""What does a signed SPDM 1.1 measurement transcript say, byte for byte?

Layout: a 37-byte request (11 e0 01 ff, nonce at [4:36], slot), then the response (11 60, two parameter
bytes, number of blocks, length of the measurement record as u24, the record, the responder's nonce of 32,
length of the opaque part as u16, the opaque part, the signature as r then s, 48 bytes each). Integers in the
transcript are little-endian, r and s big-endian. The length must match to the byte. Reads only: whether the
signature holds is asked with `verifies`. Any bytes get a `Transcript` or the first check that failed.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

from ledger.device.evidence import Check, Failed, Measurement

REQUEST_CODES = bytes.fromhex("11e001ff")
RESPONSE_CODES = bytes.fromhex("1160")
NONCE_AT = slice(4, 36)
RESPONSE_AT = 37
BLOCKS_AT = RESPONSE_AT + 4
RECORD_LENGTH_AT = slice(BLOCKS_AT + 1, BLOCKS_AT + 4)
RECORD_AT = BLOCKS_AT + 4
RESPONDER_NONCE_BYTES = 32
OPAQUE_LENGTH_BYTES = 2
NUMBER_BYTES = 48
SIGNATURE_BYTES = 2 * NUMBER_BYTES
TRANSCRIPT_BYTES_MIN = RECORD_AT + RESPONDER_NONCE_BYTES + OPAQUE_LENGTH_BYTES + SIGNATURE_BYTES
BLOCK_HEADER_BYTES = 4
DMTF_SPECIFICATION = 1
DMTF_HEADER_BYTES = 3
FIELD_HEADER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript in its parts; `opaque` holds (type, value) in the order they were written."""

    nonce: bytes
    measurements: tuple[Measurement, ...]
    opaque: tuple[tuple[int, bytes], ...]
    signed: bytes
    signature: bytes

    def first(self, kind: int) -> bytes | None:
        """The first opaque value of a type, or None."""
        return next((value for one, value in self.opaque if one == kind), None)


def read_transcript(octets: bytes) -> Transcript | Failed:
    """The parts of a transcript, or the first check of its form that fails."""
    if len(octets) < TRANSCRIPT_BYTES_MIN:
        return Failed(
            Check.REPORT_LONG_ENOUGH, f"{len(octets)} bytes, the shortest report has {TRANSCRIPT_BYTES_MIN}"
        )
    if not octets.startswith(REQUEST_CODES):
        return Failed(
            Check.SPDM, "the report does not begin with the request, so its nonce would not be signed"
        )
    if octets[RESPONSE_AT : RESPONSE_AT + 2] != RESPONSE_CODES:
        return Failed(Check.SPDM, "what follows the request is no SPDM 1.1 measurements response")
    record_end = RECORD_AT + int.from_bytes(octets[RECORD_LENGTH_AT], "little")
    opaque_at = record_end + RESPONDER_NONCE_BYTES + OPAQUE_LENGTH_BYTES
    if opaque_at + SIGNATURE_BYTES > len(octets):
        return Failed(Check.REPORT_LENGTH, "the report ends before its measurements do")
    measurements = _blocks(octets[RECORD_AT:record_end], octets[BLOCKS_AT])
    if measurements is None:
        return Failed(Check.REPORT_PARSES, "the measurement blocks do not fill their record")
    opaque_end = opaque_at + int.from_bytes(octets[opaque_at - OPAQUE_LENGTH_BYTES : opaque_at], "little")
    length = opaque_end + SIGNATURE_BYTES
    if length > len(octets):
        return Failed(Check.REPORT_LENGTH, f"{len(octets)} bytes, by its own fields it should have {length}")
    opaque = _fields(octets[opaque_at:opaque_end])
    if opaque is None:
        return Failed(Check.REPORT_PARSES, "the fields of the opaque part do not fill it")
    if length != len(octets):
        return Failed(Check.REPORT_LENGTH, f"{len(octets)} bytes, by its own fields it should have {length}")
    return Transcript(octets[NONCE_AT], measurements, opaque, octets[:opaque_end], octets[opaque_end:])


def verifies(transcript: Transcript, key: ec.EllipticCurvePublicKey) -> bool:
    """Whether the key (P-384) signed everything before the signature, with SHA-384.

    The twin signature (r, n − s) verifies too: signature bytes name nothing.
    """
    if not isinstance(key.curve, ec.SECP384R1):
        return False
    r = int.from_bytes(transcript.signature[:NUMBER_BYTES], "big")
    s = int.from_bytes(transcript.signature[NUMBER_BYTES:], "big")
    try:
        key.verify(encode_dss_signature(r, s), transcript.signed, ec.ECDSA(SHA384()))
    except InvalidSignature:
        return False
    return True


def _blocks(record: bytes, count: int) -> tuple[Measurement, ...] | None:
    """Blocks of index, specification (1), u16 length, and inside it type, u16 length, value."""
    blocks: list[Measurement] = []
    at = 0
    while at < len(record):
        start = at + BLOCK_HEADER_BYTES
        if start > len(record) or record[at + 1] != DMTF_SPECIFICATION:
            return None
        end = start + int.from_bytes(record[at + 2 : start], "little")
        value_at = start + DMTF_HEADER_BYTES
        if value_at > end or end > len(record):
            return None
        if int.from_bytes(record[start + 1 : value_at], "little") != end - value_at:
            return None
        blocks.append(Measurement(record[at], record[value_at:end]))
        at = end
    return tuple(blocks) if len(blocks) == count else None


def _fields(opaque: bytes) -> tuple[tuple[int, bytes], ...] | None:
    """Fields of u16 type, u16 length, value."""
    fields: list[tuple[int, bytes]] = []
    at = 0
    while at < len(opaque):
        start = at + FIELD_HEADER_BYTES
        if start > len(opaque):
            return None
        end = start + int.from_bytes(opaque[at + 2 : start], "little")
        if end > len(opaque):
            return None
        fields.append((int.from_bytes(opaque[at : at + 2], "little"), opaque[start:end]))
        at = end
    return tuple(fields)
