"""Does the maker's own responder say that a certificate of a chain still stands?

Reads OCSP responses (RFC 6960) that were fetched elsewhere and says for which certificate of the chain each
speaks, what it says, and from when to when. The response must be signed by the certificate's issuer, or by a
responder that issuer certified for it. No part of what makes a chip class A: responses last a day, evidence
for ever. Any bytes get an `Answer` or a sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import new as new_hash

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger.device.certificates import CURVES, HASHES, UNREADABLE, Certificate

RESPONSE_BYTES_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a responder says of the certificate with this place in the chain (0 the leaf), Unix seconds."""

    place: int
    revoked: bool
    known: bool
    since: int
    until: int


def read_answer(response: bytes, chain: Sequence[Certificate]) -> Answer | str:
    """The answer, or why the response says nothing of this chain. Whether it is fresh is for the reader."""
    if len(response) > RESPONSE_BYTES_MAX:
        return f"over {RESPONSE_BYTES_MAX:,} bytes"
    try:
        told = ocsp.load_der_ocsp_response(response)
        if told.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return "the responder gave no answer"
        place = _place(told, chain)
        if place is None:
            return "it is about no certificate of this chain"
        why = _signature_fault(told, chain[place + 1])
        if why is not None:
            return why
        until = told.next_update_utc
        return Answer(
            place,
            revoked=told.certificate_status is ocsp.OCSPCertStatus.REVOKED,
            known=told.certificate_status is not ocsp.OCSPCertStatus.UNKNOWN,
            since=int(told.this_update_utc.timestamp()),
            # Without a next one it promises nothing beyond the moment it was made.
            until=int((until or told.this_update_utc).timestamp()),
        )
    except InvalidSignature:
        return "a signature does not verify"
    except UNREADABLE:
        return "it is no OCSP response that can be read here"


def _place(told: ocsp.OCSPResponse, chain: Sequence[Certificate]) -> int | None:
    """Which certificate it is about: by serial number, and by hashes of its issuer's name and key."""
    for place, issuer in enumerate(chain[1:]):
        point = issuer.key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        name = issuer.parsed.subject.public_bytes()
        hashed = tuple(new_hash(told.hash_algorithm.name, octets).digest() for octets in (name, point))
        same_issuer = hashed == (told.issuer_name_hash, told.issuer_key_hash)
        if same_issuer and told.serial_number == chain[place].parsed.serial_number:
            return place
    return None


def _signature_fault(told: ocsp.OCSPResponse, issuer: Certificate) -> str | None:
    """Why nobody who may speak for the issuer signed it; InvalidSignature where it does not verify."""
    signer = issuer.parsed
    if told.certificates:
        signer = told.certificates[0]
        signer.verify_directly_issued_by(issuer.parsed)
        uses = [one.value for one in signer.extensions if isinstance(one.value, x509.ExtendedKeyUsage)]
        if not uses or ExtendedKeyUsageOID.OCSP_SIGNING not in uses[0]:
            return "its signer is not certified for such answers"
    key, algorithm = signer.public_key(), told.signature_hash_algorithm
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, CURVES):
        return "it is signed by a key of a kind not known here"
    if not isinstance(algorithm, HASHES):
        return "it is signed with a hash not known here"
    key.verify(told.signature, told.tbs_response_bytes, ec.ECDSA(algorithm))
    return None
