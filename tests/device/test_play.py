"""A device of one's own maker answers any nonce, and is believed only where its root is listed."""

import json
from dataclasses import replace

from ledger.device.certificates import LINKS_REMEMBERED_MAX, Links
from ledger.device.evidence import ANYTHING, Check, Examined, Expected, Failed, Kind, trusted
from ledger.device.nonces import registration_nonce
from ledger.device.nvidia import Nvidia
from ledger.device.vendors import VENDORS, examine, examine_all
from tests.device import published
from tests.device.play import VENDOR, TestVendor

MAKER, OTHER = TestVendor("one"), TestVendor("two")
NONCE = registration_nonce("ledger.example/chips", 7, bytes(32), "acme:1", "chips.registered")


def test_a_device_is_accepted_where_its_root_is_listed_and_nowhere_else():
    device = MAKER.device("A1")
    found = examine(device.answer(NONCE))
    assert isinstance(found, Examined)
    assert (found.ik_sha256, found.nonce, found.pdi) == (device.ik_sha256, NONCE, device.pdi)
    assert (found.kind, found.architecture) == (Kind.GPU, "GH100")
    assert trusted(found, [(VENDOR, MAKER.root_spki_sha256)])
    assert not trusted(found, [(VENDOR, OTHER.root_spki_sha256), (VENDOR, published.ROOT_SPKI_SHA256)])


def test_the_same_seed_and_serial_make_the_same_device():
    assert TestVendor("one").device("A1").answer(NONCE) == MAKER.device("A1").answer(NONCE)
    assert len({maker.device(serial).ik_sha256 for maker in (MAKER, OTHER) for serial in "AB"}) == 4


def test_the_form_is_that_of_a_real_report():
    ours, real = json.loads(MAKER.device("A1").answer(NONCE)), published.record(published.GH100)
    assert set(ours) < set(real)
    assert len(ours["cert_chain_pem"]) == len(real["cert_chain_pem"]) == 5
    ours, real = examine(MAKER.device("A1").answer(NONCE)), examine(published.piece(published.GH100))
    assert len(ours.measurements) == len(real.measurements)
    assert replace(ours.traits, protected_pcie="") == replace(real.traits, protected_pcie="")


def test_new_firmware_makes_a_new_attestation_key_and_the_same_identity():
    old, new = (examine(MAKER.device("A1", firmware=one).answer(NONCE)) for one in "12")
    assert old.ik_sha256 == new.ik_sha256
    assert old.ak_sha256 != new.ak_sha256


def test_a_copied_answer_fails_another_nonce():
    elsewhere = registration_nonce("ledger.example/chips", 7, bytes(32), "acme:2", "chips.registered")
    copied = MAKER.device("A1").answer(NONCE)
    assert isinstance(examine(copied, Expected(None, NONCE)), Examined)
    assert examine(copied, Expected(None, elsewhere)).check is Check.NONCE


def test_many_devices_share_the_checks_of_what_vouches_for_them():
    pieces = [MAKER.device(f"S{number}").answer(NONCE) for number in range(50)]
    links, vendor = Links(), Nvidia()
    assert all(isinstance(vendor.examine(piece, ANYTHING, links), Examined) for piece in pieces)
    # Leaf and identity each; provisioner, family and the root's own once.
    assert links.signatures_checked == 2 * len(pieces) + 3
    assert examine_all(pieces) == [examine(piece) for piece in pieces]


def test_what_was_held_for_one_chain_is_not_held_for_another():
    """A stranger's provisioner between a genuine device and a genuine root fails, remembered links or not."""
    good, bad = json.loads(MAKER.device("A1").answer(NONCE)), json.loads(OTHER.device("A1").answer(NONCE))
    mixed = {**good, "cert_chain_pem": [*good["cert_chain_pem"][:2], *bad["cert_chain_pem"][2:]]}
    pieces = [json.dumps(one).encode() for one in (good, bad, mixed)]
    found = examine_all(pieces)
    assert [isinstance(one, Examined) for one in found] == [True, True, False]
    assert found[2].check is Check.CHAIN_LINKS


def test_what_is_remembered_is_limited_and_answers_do_not_depend_on_it():
    links = Links()
    links._held |= {(bytes([number % 256]), bytes(32), number) for number in range(LINKS_REMEMBERED_MAX)}
    piece = MAKER.device("A1").answer(NONCE)
    assert Nvidia().examine(piece, ANYTHING, links) == examine(piece)
    assert len(links._held) == LINKS_REMEMBERED_MAX


class Sealed:
    """Another maker, whose evidence is a word."""

    name = "sealed"

    def recognises(self, evidence):
        return evidence.startswith(b"sealed:")

    def examine(self, evidence, expected, links):
        return Failed(Check.REPORT_SIGNATURE, f"{evidence} {expected.nonce} {type(links).__name__}")


def test_another_vendor_plugs_in():
    found = examine(b"sealed:x", Expected(None, b"7"), [*VENDORS, Sealed()])
    assert found == Failed(Check.REPORT_SIGNATURE, "b'sealed:x' b'7' Links")
    assert examine(b"sealed:x").check is Check.EVIDENCE
    pieces = [b"sealed:x", MAKER.device("A1").answer(NONCE)]
    assert [type(one) for one in examine_all(pieces, ANYTHING, [*VENDORS, Sealed()])] == [Failed, Examined]
