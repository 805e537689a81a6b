"""Each check can fail, is the one reported, and is what stops the fault: without it it gets further."""

import json
import types
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.device import certificates, nvidia, spdm
from ledger.device.certificates import Links
from ledger.device.evidence import EVIDENCE_BYTES_MAX, Check, Examined, Expected, Failed
from ledger.device.vendors import examine
from tests.device import published
from tests.device.play import PROVISIONER, ROOT, Authority, TestVendor, key_of, named, signature, written

NONCE = bytes(range(32))
MAKER = TestVendor("maker")
DEVICE = MAKER.device("A1")
PINNED = Expected(frozenset({MAKER.root_spki_sha256}), NONCE)
WRONG = Expected(frozenset({"00" * 32}), bytes(32))


def evidence(chain=None, report=None):
    """The device's answer with parts replaced, signed anew where the report is changed."""
    unsigned = DEVICE.unsigned(NONCE)
    report = unsigned + signature(DEVICE.attestation.key, unsigned) if report is None else report
    return written(DEVICE.chain if chain is None else chain, report)


def signed(unsigned, key=None):
    return evidence(report=unsigned + signature(key or DEVICE.attestation.key, unsigned))


def chain_with(number, certificate):
    return [*DEVICE.chain[:number], certificate, *DEVICE.chain[number + 1 :]]


def text(**members):
    return json.dumps({**json.loads(evidence()), **members}).encode()


def unsigned_root():
    """A root certificate for the root's key that somebody else signed in its name."""
    root = MAKER.authority(ROOT)
    return chain_with(4, Authority(root.name, key_of("somebody")).certify(root))


def no_record():
    """A report whose one measurement block says it is longer than the record."""
    octets = bytearray(DEVICE.unsigned(NONCE))
    octets[spdm.RECORD_AT + 2] ^= 1
    return signed(bytes(octets))


def torn_opaque():
    """A report whose first opaque field says it is longer than the opaque part."""
    octets = DEVICE.unsigned(NONCE)
    opaque_at = octets.rindex((6).to_bytes(2, "little") + (8).to_bytes(2, "little"))
    return signed(octets[: opaque_at + 3] + b"\xff" + octets[opaque_at + 4 :])


def other_firmware():
    """A report that names other firmware than the one its key was certified for."""
    octets = DEVICE.unsigned(NONCE)
    return signed(octets.replace(DEVICE.firmware_id, bytes(48)))


FAULTS = {
    "no JSON": (Check.EVIDENCE, b"cert_chain_pem report_hex"),
    "no vendor's form": (Check.EVIDENCE, b"{}"),
    "a name twice": (Check.EVIDENCE, evidence()[:-1] + b', "report_hex": ""}'),
    "too large": (Check.EVIDENCE, evidence() + b" " * EVIDENCE_BYTES_MAX),
    "too deep": (Check.EVIDENCE, text(more=[[[]]] * 100)),
    "a chain that is no list": (Check.EVIDENCE, text(cert_chain_pem=DEVICE.chain[0])),
    "a chain of numbers": (Check.EVIDENCE, text(cert_chain_pem=[1, 2, 3, 4, 5])),
    "a report that is no text": (Check.EVIDENCE, text(report_hex=7)),
    "no certificate": (Check.CERTIFICATES, evidence(chain_with(2, "none"))),
    "two certificates in one text": (Check.CERTIFICATES, evidence(chain_with(2, DEVICE.chain[2] * 2))),
    "four certificates": (Check.CHAIN_LENGTH, evidence(DEVICE.chain[:4])),
    "six certificates": (Check.CHAIN_LENGTH, evidence([*DEVICE.chain, DEVICE.chain[-1]])),
    "very many certificates": (Check.CHAIN_LENGTH, evidence(["none"] * 100)),
    "two certificates swapped": (
        Check.CHAIN_LINKS,
        evidence([*DEVICE.chain[:2], DEVICE.chain[3], DEVICE.chain[2], DEVICE.chain[4]]),
    ),
    "a root signed by somebody": (Check.ROOT_SIGNATURE, evidence(unsigned_root())),
    "half a byte": (Check.HEX, text(report_hex="abc")),
    "hex with spaces": (Check.HEX, text(report_hex="11 e0")),
    "no report": (Check.REPORT_LONG_ENOUGH, evidence(report=b"")),
    "another request": (Check.SPDM, signed(b"\x12" + DEVICE.unsigned(NONCE)[1:])),
    "another response": (Check.SPDM, signed(DEVICE.unsigned(NONCE).replace(b"\x11\x60", b"\x11\x61"))),
    "blocks that do not fill their record": (Check.REPORT_PARSES, no_record()),
    "fields that do not fill the opaque part": (Check.REPORT_PARSES, torn_opaque()),
    "a byte more": (Check.REPORT_LENGTH, evidence(report=DEVICE.unsigned(NONCE) + bytes(97))),
    "another nonce": (Check.NONCE, DEVICE.answer(bytes(32))),
    "signed by another device": (
        Check.REPORT_SIGNATURE,
        signed(DEVICE.unsigned(NONCE), MAKER.device("B2").attestation.key),
    ),
    "signed by the identity key": (
        Check.REPORT_SIGNATURE,
        signed(DEVICE.unsigned(NONCE), DEVICE.identity.key),
    ),
    "other firmware": (Check.FIRMWARE, other_firmware()),
}


def test_the_device_itself_passes():
    """Negative control for every fault below."""
    assert isinstance(examine(evidence(), PINNED), Examined)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_reported_at_its_check(fault):
    check, spoiled = FAULTS[fault]
    found = examine(spoiled, PINNED)
    assert isinstance(found, Failed)
    assert found.check is check, found
    assert found.detail


def test_of_two_faults_the_earlier_is_reported():
    """Every fault again, with a wrong root, and with a wrong nonce."""
    order = list(Check)
    for check, spoiled in FAULTS.values():
        first = min(check, Check.ROOT_PINNED, key=order.index)
        assert examine(spoiled, WRONG).check is first
        asked = Expected(PINNED.roots, b"\x01" * 32)
        assert examine(spoiled, asked).check is min(check, Check.NONCE, key=order.index)
    assert {check for check, _ in FAULTS.values()} | {Check.ROOT_PINNED} == set(Check)


def chain_faults():
    """Chains of five whose every signature verifies, and that must not pass."""
    provisioner, root = MAKER.authority(PROVISIONER), MAKER.authority(ROOT)
    stranger = Authority(named("Stranger"), key_of("stranger"))
    forged = DEVICE.attestation.certify(stranger, signs_others=False)
    yield "an attestation key that certifies", [forged, *DEVICE.chain[:1], *DEVICE.chain[1:4]]
    yield (
        "an identity that may not certify",
        chain_with(1, provisioner.certify(DEVICE.identity, signs_others=False)),
    )
    yield "too many below a root", chain_with(4, root.certify(root, path_length=2))
    yield "a leaf that signs no messages", chain_with(0, DEVICE.identity.certify(DEVICE.attestation))
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    yield (
        "a critical extension nobody knows",
        chain_with(1, provisioner.certify(DEVICE.identity, [unknown], critical=True)),
    )
    yield "one nobody knows in the root", chain_with(4, root.certify(root, [unknown], critical=True))


def test_a_chain_of_good_signatures_is_not_enough():
    ran = 0
    for fault, chain in chain_faults():
        assert len(chain) == 5
        assert examine(evidence(chain), PINNED).check is Check.CHAIN_LINKS, fault
        ran += 1
    assert ran == 6
    root = MAKER.authority(ROOT)
    allowed = chain_with(4, root.certify(root, path_length=3))
    assert isinstance(examine(evidence(allowed), PINNED), Examined)


def test_an_attestation_key_on_another_curve_signs_no_report():
    key = ec.derive_private_key(7, ec.SECP256R1())
    leaf = DEVICE.identity.certify(Authority(DEVICE.attestation.name, key), signs_others=False)
    assert examine(evidence(chain_with(0, leaf)), PINNED).check is Check.REPORT_SIGNATURE


def without(module, line, instead):
    """The vendor's checks with one line of a module replaced, and the links they are made with."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(line) == 1, line
    doctored = types.ModuleType(module.__name__)
    exec(compile(source.replace(line, instead), module.__file__, "exec"), doctored.__dict__)
    if module is nvidia:
        return doctored.Nvidia(), Links()
    if module is certificates:
        return nvidia.Nvidia(), doctored.Links()
    clean = types.ModuleType(nvidia.__name__)
    exec(compile(Path(nvidia.__file__).read_text(encoding="utf-8"), "nvidia", "exec"), clean.__dict__)
    clean.read_transcript, clean.verifies = doctored.read_transcript, doctored.verifies
    return clean.Nvidia(), Links()


SABOTAGE = [
    (nvidia, "certificate is None:", "False:", "cert_unreadable", AttributeError),
    (nvidia, "len(chain) != CHAIN_CERTIFICATES", "False", "missing_intermediate", Check.CHAIN_LINKS),
    (nvidia, "fault = links.fault(chain)", "fault = None", "leaf_swapped", Check.REPORT_SIGNATURE),
    (nvidia, "fault = links.fault(chain)", "fault = None", "foreign_root_appended", Check.ROOT_PINNED),
    (certificates, "child.verify_directly_issued_by(parent)", "pass", "leaf_swapped", Check.CHAIN_LINKS),
    (nvidia, "expected.roots is not None", "False", "foreign_root", None),
    (nvidia, "transcript.nonce != expected.nonce", "False", "wrong_nonce", None),
    (nvidia, "not verifies(transcript, leaf.key)", "False", "sig_bit_flipped", None),
    (nvidia, "not verifies(transcript, leaf.key)", "False", "measurement_bit_flipped", None),
    (nvidia, "not verifies(transcript, leaf.key)", "False", "nonce_rewritten", None),
    (nvidia, "not verifies(transcript, leaf.key)", "False", "chain_of_other_device", Check.FIRMWARE),
    (spdm, "if length != len(octets)", "if False", "with_trailing_byte", Check.REPORT_SIGNATURE),
    (spdm, "if len(octets) < TRANSCRIPT_BYTES_MIN", "if False", "empty_report", Check.SPDM),
    (spdm, "not octets.startswith(REQUEST_CODES)", "False", "response_only", Check.SPDM),
]


@pytest.mark.parametrize(
    ("module", "line", "instead", "case", "then"), SABOTAGE, ids=[f"{row[3]}: {row[1]}" for row in SABOTAGE]
)
def test_with_its_check_removed_a_negative_case_gets_further(module, line, instead, case, then):
    told = published.record(f"{published.GH100}--{case}")
    spoiled = published.piece(told["id"])
    expected = Expected(published.PINNED, bytes.fromhex(told["nonce_hex"]))
    assert examine(spoiled, expected).check.value == told["why_code"]
    vendor, links = without(module, line, instead)
    if isinstance(then, type):
        with pytest.raises(then):
            vendor.examine(spoiled, expected, links)
        return
    found = vendor.examine(spoiled, expected, links)
    assert isinstance(found, Examined) if then is None else found.check is then


def test_with_the_firmware_check_removed_other_firmware_passes():
    vendor, links = without(nvidia, "named is not None and", "False and")
    assert isinstance(vendor.examine(other_firmware(), PINNED, links), Examined)


def test_with_the_rules_for_who_may_certify_removed_a_forged_leaf_passes():
    vendor, links = without(certificates, "parent.depth < below", "False")
    forged = dict(chain_faults())["too many below a root"]
    assert isinstance(vendor.examine(evidence(forged), PINNED, links), Examined)
