"""A maker of one's own, whose devices answer any nonce, for tests that need evidence nobody has published.

`TestVendor(seed)` is a certificate authority whose root can be listed in `device_roots` as (VENDOR,
`root_spki_sha256`); `device(serial)` is a GPU under it, whose `answer(nonce)` is evidence in the form of a
real GH100 report. Same seed and serial: same keys, same identity, same bytes of evidence. `firmware` changes
the attestation key, never the identity. A device can be told whom it names (`neighbours`, PDIs in the order
certificates write them), or made a switch.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from hashlib import sha256, sha384

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ledger.device import dice, nvidia
from ledger.device.evidence import Kind

VENDOR = "nvidia"
BORN, END = datetime(2022, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
KEY_NUMBER_MAX = 2**383
"""Below the order of P-384, so that any such number is a key."""

BLOCKS = 64
SHA384_OID = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.2")
ROOT, FAMILY, PROVISIONER = "Test Device Identity CA", "Test GH100 Identity", "Test GH100 Provisioner ICA 1"
PREFIX = {Kind.GPU: "41", Kind.SWITCH: "50"}
ARCHITECTURE = {Kind.GPU: "GH100", Kind.SWITCH: "LS_10"}


@lru_cache(maxsize=4_096)
def key_of(*parts: str) -> ec.EllipticCurvePrivateKey:
    """The P-384 key that the parts name."""
    number = int.from_bytes(sha384("/".join(parts).encode()).digest(), "big")
    return ec.derive_private_key(number % KEY_NUMBER_MAX + 1, ec.SECP384R1())


def spki_sha256(key: ec.EllipticCurvePrivateKey) -> str:
    """Hex SHA-256 of the public key's SPKI."""
    return sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def named(common_name: str, serial: str = "") -> x509.Name:
    """A name as the vendor's certificates have it."""
    told = [(NameOID.COMMON_NAME, common_name), (NameOID.ORGANIZATION_NAME, "Test Corporation")]
    told += [(NameOID.SERIAL_NUMBER, serial)] if serial else []
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in told])


@dataclass(frozen=True)
class Authority:
    """A name and its key: what a certificate is for, and what it is signed by."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    def certify(
        self,
        of: "Authority",
        extensions: Sequence[x509.ExtensionType] = (),
        *,
        signs_others: bool = True,
        path_length: int | None = None,
        critical: bool = False,
    ) -> str:
        """A certificate for another as PEM text; `critical` marks the extensions so."""
        unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign")
        usage = dict.fromkeys((*unused, "encipher_only", "decipher_only"), False)
        usage |= {"digital_signature": not signs_others, "key_cert_sign": signs_others}
        builder = (
            x509.CertificateBuilder()
            .subject_name(of.name)
            .issuer_name(self.name)
            .public_key(of.key.public_key())
            .serial_number(int(spki_sha256(of.key)[:30], 16) + 1)
            .not_valid_before(BORN)
            .not_valid_after(END)
            .add_extension(x509.KeyUsage(**usage), critical=True)
        )
        if signs_others:
            builder = builder.add_extension(x509.BasicConstraints(True, path_length), critical=True)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, SHA384(), ecdsa_deterministic=True).public_bytes(Encoding.PEM).decode()


@dataclass(frozen=True)
class TestVendor:
    """A test certificate authority: root, family and provisioner, the same for the same seed."""

    __test__ = False
    seed: str

    def authority(self, name: str) -> Authority:
        """One of the three authorities."""
        return Authority(named(name), key_of(self.seed, name))

    @property
    def root_spki_sha256(self) -> str:
        """What a log lists in `device_roots` to trust this maker."""
        return spki_sha256(self.authority(ROOT).key)

    @cached_property
    def upper_chain(self) -> tuple[str, str, str]:
        """PEM of provisioner, family and root."""
        root, family, provisioner = (self.authority(name) for name in (ROOT, FAMILY, PROVISIONER))
        return family.certify(provisioner), root.certify(family), root.certify(root)

    def device(
        self, serial: str, *, neighbours: Sequence[str] = (), firmware: str = "1", kind: Kind = Kind.GPU
    ) -> "TestDevice":
        """A device of this maker."""
        return TestDevice(self, serial, tuple(neighbours), firmware, kind)


@dataclass(frozen=True)
class TestDevice:
    """A device with a burnt-in identity key and an attestation key for its present firmware."""

    __test__ = False
    vendor: TestVendor
    serial: str
    neighbours: tuple[str, ...] = ()
    firmware: str = "1"
    kind: Kind = Kind.GPU

    @property
    def pdi(self) -> str:
        """16 upper-case hex digits, as the identity certificate names the device."""
        return sha256(f"{self.vendor.seed}/{self.serial}".encode()).hexdigest()[:16].upper()

    @property
    def identity(self) -> Authority:
        """The burnt-in key, and its name."""
        name = named(f"{ARCHITECTURE[self.kind]} A01 GSP BROM", PREFIX[self.kind] + self.pdi)
        return Authority(name, key_of(self.vendor.seed, "ik", self.serial))

    @property
    def ik_sha256(self) -> str:
        """The identity."""
        return spki_sha256(self.identity.key)

    @property
    def attestation(self) -> Authority:
        """The key that signs reports, another with other firmware."""
        key = key_of(self.vendor.seed, "ak", self.serial, self.firmware)
        return Authority(named(f"{ARCHITECTURE[self.kind]} A01 GSP FMC LF", spki_sha256(key)[:40]), key)

    @property
    def firmware_id(self) -> bytes:
        """The digest of the firmware."""
        return sha384(self.firmware.encode()).digest()

    @cached_property
    def chain(self) -> tuple[str, ...]:
        """Five PEM certificates, leaf first."""
        name = f"NVIDIA:{ARCHITECTURE[self.kind]}:48B02D{self.pdi[:10]}"
        other = x509.OtherName(x509.ObjectIdentifier(nvidia.DEVICE_NAME_OID), asn1.encode_der(name))
        point = self.attestation.key.public_key()
        identity = dice.CompositeIdentity(
            version=1,
            device_key=asn1.decode_der(
                asn1.TLV, point.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            ),
            firmware=dice.FirmwareId(algorithm=SHA384_OID, digest=self.firmware_id),
        )
        extensions = [
            x509.SubjectAlternativeName([other]),
            x509.UnrecognizedExtension(
                x509.ObjectIdentifier(dice.COMPOSITE_IDENTITY_OID), asn1.encode_der(identity)
            ),
        ]
        leaf = self.identity.certify(self.attestation, extensions, signs_others=False)
        return leaf, self.vendor.authority(PROVISIONER).certify(self.identity), *self.vendor.upper_chain

    def unsigned(self, nonce: bytes) -> bytes:
        """Request and response up to the signature."""
        record = b"".join(
            bytes([number, 1])
            + (51).to_bytes(2, "little")
            + b"\x01"
            + (48).to_bytes(2, "little")
            + sha384(f"{self.firmware}/{number}".encode()).digest()
            for number in range(1, BLOCKS + 1)
        )
        opaque = b"".join(
            kind.to_bytes(2, "little") + len(value).to_bytes(2, "little") + value
            for kind, value in self._fields()
        )
        return b"".join(
            (
                bytes.fromhex("11e001ff") + nonce + b"\x00",
                bytes.fromhex("11600000") + bytes([BLOCKS]) + len(record).to_bytes(3, "little") + record,
                sha256(nonce).digest() + len(opaque).to_bytes(2, "little") + opaque,
            )
        )

    def answer(self, nonce: bytes) -> bytes:
        """Evidence that answers the nonce."""
        unsigned = self.unsigned(nonce)
        return written(self.chain, unsigned + signature(self.attestation.key, unsigned))

    def _fields(self) -> list[tuple[int, bytes]]:
        pdis = [bytes.fromhex(pdi) for pdi in self.neighbours]
        if self.kind is Kind.SWITCH:
            own, ports = bytes.fromhex(self.pdi), b"".join(pdis).ljust(nvidia.GPUS_BYTES, b"\0")
            return [
                (nvidia.VBIOS, b"96.10.55.00.01"),
                (nvidia.SWITCHES, own),
                (nvidia.GPUS, ports + b"\xff" * 64),
            ]
        return [
            (nvidia.VBIOS, bytes.fromhex("00a5009601000000")),
            (nvidia.BOARD, (1079).to_bytes(4, "little")),
            (nvidia.CHIP_SKU, b"885\0\0\0\0\0\0"),
            (nvidia.PROJECT, b"G520\0"),
            (nvidia.PROJECT_SKU, b"0200\0"),
            (nvidia.DRIVER, b"590.12\0"),
            (nvidia.FIRMWARE_ID, self.firmware_id),
            (nvidia.PROTECTED_PCIE, b"\xaa" if pdis else b"\x55"),
            *([(nvidia.SWITCHES, b"".join(pdi[::-1] for pdi in pdis))] if pdis else []),
        ]


def signature(key: ec.EllipticCurvePrivateKey, unsigned: bytes) -> bytes:
    """r then s, as reports have it."""
    r, s = decode_dss_signature(key.sign(unsigned, ec.ECDSA(SHA384(), deterministic_signing=True)))
    return r.to_bytes(48, "big") + s.to_bytes(48, "big")


def written(chain: Sequence[str], report: bytes) -> bytes:
    """A file of evidence."""
    return json.dumps({"cert_chain_pem": list(chain), "report_hex": report.hex()}).encode()
