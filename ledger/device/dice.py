"""For which firmware was an attestation key certified?

The identity key writes the digest of the firmware that it started into the leaf certificate: in the TCG DICE
composite identity on Hopper, in the TCG DICE TCB information on Blackwell. Read with the certificate
library's own DER decoder; an extension that cannot be read names no firmware.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from ledger.device.certificates import Certificate

COMPOSITE_IDENTITY_OID = "2.23.133.5.4.1"
TCB_INFORMATION_OID = "2.23.133.5.4.1.1"


@asn1.sequence
class FirmwareId:
    """A digest and the hash it was made with."""

    algorithm: x509.ObjectIdentifier
    digest: bytes


@asn1.sequence
class CompositeIdentity:
    """TCG DICE composite device id: the key of the layer below, and what it started."""

    version: int
    device_key: asn1.TLV
    firmware: FirmwareId


@asn1.sequence
class TcbInformation:
    """TCG DICE TCB information; every field may be absent."""

    vendor: Annotated[str | None, asn1.Implicit(0)]
    model: Annotated[str | None, asn1.Implicit(1)]
    version: Annotated[str | None, asn1.Implicit(2)]
    security_version: Annotated[int | None, asn1.Implicit(3)]
    layer: Annotated[int | None, asn1.Implicit(4)]
    index: Annotated[int | None, asn1.Implicit(5)]
    firmware: Annotated[list[FirmwareId] | None, asn1.Implicit(6)]
    flags: Annotated[asn1.BitString | None, asn1.Implicit(7)]
    vendor_words: Annotated[bytes | None, asn1.Implicit(8)]
    kind: Annotated[bytes | None, asn1.Implicit(9)]


def firmware_ids(leaf: Certificate) -> tuple[bytes, ...]:
    """The digests in the leaf, in its order; none where it has neither extension or it cannot be read."""
    composite, tcb = leaf.extension(COMPOSITE_IDENTITY_OID), leaf.extension(TCB_INFORMATION_OID)
    try:
        if isinstance(composite, x509.UnrecognizedExtension):
            return (asn1.decode_der(CompositeIdentity, composite.value).firmware.digest,)
        if isinstance(tcb, x509.UnrecognizedExtension):
            firmware = asn1.decode_der(TcbInformation, tcb.value).firmware or []
            return tuple(one.digest for one in firmware)
    except ValueError:
        return ()
    return ()
