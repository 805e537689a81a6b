"""Does each certificate of a chain vouch for the one before it?

Reads PEM and checks links; says nothing of whether a root is trusted. A link holds when names match, the
parent may sign certificates at that depth, and the signature verifies under one of a closed list of curves
and hashes, so that every machine answers alike. Dates are read, not judged: no clock here. What cannot be
read is None or a sentence, never an exception.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
PEM_CHARACTERS_MAX = 16 * 1024
LINKS_REMEMBERED_MAX = 1_024
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
CRITICAL_UNDERSTOOD = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE}

UNREADABLE = (
    *(ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion),
    *(x509.DuplicateExtension, x509.UnsupportedGeneralNameType, Warning),
)
"""What the certificate library raises for bytes it cannot make sense of; warnings, where a caller wants them
raised."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What links and identities need of a certificate, read once.

    `depth` is how many certificates that sign others may stand between this one and the leaf: None for any
    number, -1 where this one may sign none.
    """

    parsed: x509.Certificate = field(repr=False)
    fingerprint: bytes
    spki_sha256: str
    subject_serial: str
    depth: int | None
    signs_messages: bool
    critical_unknown: bool
    valid_from: int
    valid_until: int

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        """The certified key; reading made sure that it is on one of CURVES."""
        key = self.parsed.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return key

    def extension(self, dotted: str) -> x509.ExtensionType | None:
        """The value of an extension by its dotted id, or None."""
        known: dict[str, x509.ExtensionType] = {e.oid.dotted_string: e.value for e in self.parsed.extensions}
        return known.get(dotted)


def read_certificate(pem: str) -> Certificate | None:
    """The one certificate of a PEM text, or None where it cannot be read or has no key on a known curve."""
    text = pem.strip()
    if len(pem) > PEM_CHARACTERS_MAX or not (text.startswith(BEGIN) and text.endswith(END)):
        return None
    if text.count("-----BEGIN") != 1 or not text.isascii():
        return None
    try:
        return _facts(x509.load_pem_x509_certificate(text.encode()))
    except UNREADABLE:
        return None


def _facts(parsed: x509.Certificate) -> Certificate | None:
    key = parsed.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, CURVES):
        return None
    if parsed.serial_number <= 0:
        return None  # some releases of the library warn of it, others refuse it: decide here
    constraints: x509.BasicConstraints | None = None
    usage: x509.KeyUsage | None = None
    for one in parsed.extensions:
        if isinstance(one.value, x509.BasicConstraints):
            constraints = one.value
        if isinstance(one.value, x509.KeyUsage):
            usage = one.value
    is_authority = constraints is not None and constraints.ca and (usage is None or usage.key_cert_sign)
    serials = parsed.subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Certificate(
        parsed=parsed,
        fingerprint=parsed.fingerprint(hashes.SHA256()),
        spki_sha256=sha256(spki).hexdigest(),
        subject_serial=str(serials[0].value) if len(serials) == 1 else "",
        depth=constraints.path_length if constraints is not None and is_authority else -1,
        signs_messages=usage is None or usage.digital_signature,
        critical_unknown=any(
            one.critical and one.oid not in CRITICAL_UNDERSTOOD for one in parsed.extensions
        ),
        valid_from=int(parsed.not_valid_before_utc.timestamp()),
        valid_until=int(parsed.not_valid_after_utc.timestamp()),
    )


class Links:
    """Certificates and links already checked, shared over many pieces of evidence.

    Devices of one batch share all but the first two certificates of their chains. Remembers a limited number
    and then goes on without; answers never depend on what is remembered. For one thread at a time.
    """

    def __init__(self) -> None:
        self._read: dict[str, Certificate] = {}
        self._held: set[tuple[bytes, bytes, int]] = set()
        self.signatures_checked = 0

    def read(self, pem: str, *, shared: bool) -> Certificate | None:
        """`read_certificate`, remembered where other pieces of evidence are likely to bring it too."""
        known = self._read.get(pem)
        if known is None:
            known = read_certificate(pem)
            if known is not None and shared and len(self._read) < LINKS_REMEMBERED_MAX:
                self._read[pem] = known
        return known

    def fault(self, chain: Sequence[Certificate]) -> str | None:
        """Why the chain, leaf first, does not hold together, or None; its last is not asked who signed it."""
        if not chain[0].signs_messages:
            return "certificate 0 is not for a key that signs messages"
        for below, parent in enumerate(chain[1:]):
            why = self._link_fault(chain[below], parent, below, shared=below > 0)
            if why is not None:
                return f"certificate {below} is not vouched for by certificate {below + 1}: {why}"
        if chain[-1].critical_unknown:
            return f"certificate {len(chain) - 1}: it has a critical extension of a kind not known here"
        return None

    def self_signed(self, root: Certificate) -> bool:
        """Whether a root is signed by its own key."""
        return self._link_fault(root, root, 0, shared=True) is None

    def _link_fault(self, child: Certificate, parent: Certificate, below: int, *, shared: bool) -> str | None:
        """`below` is how many certificates that sign others lie between the parent and the leaf."""
        link = (child.fingerprint, parent.fingerprint, below)
        if link in self._held:
            return None
        if child.critical_unknown:
            return "it has a critical extension of a kind not known here"
        if parent.depth is not None and parent.depth < below:
            return "that one may not sign certificates, or not so many in a row"
        self.signatures_checked += 1
        why = _signature_fault(child.parsed, parent.parsed)
        if why is None and shared and len(self._held) < LINKS_REMEMBERED_MAX:
            self._held.add(link)
        return why


def _signature_fault(child: x509.Certificate, parent: x509.Certificate) -> str | None:
    try:
        if child.issuer != parent.subject:
            return "the names differ"
        if not isinstance(child.signature_hash_algorithm, HASHES):
            return "the signature is made with a hash not known here"
        child.verify_directly_issued_by(parent)
    except InvalidSignature:
        return "the signature does not verify"
    except UNREADABLE:
        return "the signature cannot be read"
    return None
