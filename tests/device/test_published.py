"""Everything others published, and every case made from it, gets the answer the shared folder expects."""

import json
from hashlib import sha256

import pytest

from ledger.device.evidence import Check, Examined, Expected, Failed, trusted
from ledger.device.membership import edges
from ledger.device.vendors import examine, examine_all, stated_nonce
from tests.device import published

RECORDS, NEGATIVES, TABLE_ROWS_STORED, EDGES = 26, 41, 26, 63


def answer(path):
    """What the checks say of a file, its own nonce asked and the vendor's root pinned."""
    evidence = path.read_bytes()
    return examine(evidence, Expected(published.PINNED, stated_nonce(evidence)))


def agrees(path):
    told = json.loads(path.read_bytes())
    found = answer(path)
    if told["expected"] == "valid":
        return isinstance(found, Examined)
    return isinstance(found, Failed) and found.check.value == told["why_code"] and bool(found.detail)


def test_every_published_record_gets_its_answer():
    ran = {path.stem: agrees(path) for path in published.files("evidence")}
    assert len(ran) == RECORDS
    assert [name for name, agreed in ran.items() if not agreed] == []


def test_every_negative_case_fails_at_the_check_it_names():
    ran = {path.stem: agrees(path) for path in published.files("negative")}
    assert len(ran) == NEGATIVES
    assert [name for name, agreed in ran.items() if not agreed] == []
    named = {json.loads(path.read_bytes()).get("why_code") for path in published.files("negative")}
    assert len(named - {None, ""}) == 9


def test_no_negative_case_fails_without_a_difference_from_its_base():
    """Negative control: the bases pass, so it is the changed bytes that fail."""
    bases = {json.loads(path.read_bytes())["base_id"] for path in published.files("negative")}
    assert len(bases) == 4
    for base in bases:
        assert isinstance(answer(published.folder() / "evidence" / f"{base}.json"), Examined)


def test_what_the_reports_say_is_what_the_table_says():
    table = published.table()
    compared = 0
    for path in published.files("evidence"):
        row, found = table[path.stem], examine(path.read_bytes())
        if isinstance(found, Failed):
            assert row["expected"] == "invalid"
            continue
        compared += 1
        peers = "peer_switch_pdis" if found.kind.value == "gpu" else "peer_gpu_pdis"
        assert (
            *(found.kind.value, found.architecture, found.ik_sha256, found.ak_sha256, found.pdi),
            *(found.serial, found.nonce.hex(), str(len(found.measurements)), ";".join(found.neighbours)),
            "true" if found.firmware_compared else "",
        ) == (
            *(row["kind"], row["arch"], row["ik_spki_sha256"], row["ak_spki_sha256"], row["pdi"]),
            *(row["san_serial"], row["nonce_hex"], row["n_measurement_blocks"], row[peers]),
            row["fwid_matches_leaf"],
        )
        traits = found.traits
        assert (
            *(traits.project, traits.project_sku, traits.chip_sku, traits.board_id, traits.driver),
            *(traits.vbios, traits.chip_name, traits.protected_pcie),
        ) == (
            *(row["project"], row["project_sku"], row["chip_sku"], row["board_id"], row["driver"]),
            *(row["vbios"], row["chip_info"], row["protected_pcie"]),
        )
    assert compared == RECORDS - 1


def test_the_identity_outlives_a_change_of_firmware_and_a_rewritten_signature():
    before, after = (
        examine(published.piece(f"nv-gh100-e23d711e1c4fbfac-{tail}")) for tail in ("07ac9435", "daf8ea2a")
    )
    assert before.ik_sha256 == after.ik_sha256
    assert before.ak_sha256 != after.ak_sha256
    original = examine(published.piece(published.GH100))
    twin = published.record(f"{published.GH100}--signature_malleable_twin")
    assert twin["report_hex"] != published.record(published.GH100)["report_hex"]
    assert examine(published.piece(twin["id"])) == original


def test_there_are_as_many_identities_as_devices():
    found = [examine(path.read_bytes()) for path in published.files("evidence")]
    assert len({one.ik_sha256 for one in found if isinstance(one, Examined)}) == 23
    assert len({one.pdi for one in found if isinstance(one, Examined)}) == 23


def test_the_root_is_trusted_by_its_key_and_only_for_its_vendor():
    examined = examine(published.piece(published.GH100))
    assert trusted(examined, [("nvidia", published.ROOT_SPKI_SHA256)])
    assert trusted(examined, [("acme", "00" * 32), ("NVIDIA", published.ROOT_SPKI_SHA256)])
    assert not trusted(examined, [("acme", published.ROOT_SPKI_SHA256)])
    assert not trusted(examined, [("nvidia", "00" * 32)])
    assert not trusted(examined, [])


def test_another_certificate_for_the_same_root_key_will_do():
    """Two certificates of the root circulate, so the key is pinned and not the certificate."""
    chains = [published.record(path.stem)["cert_chain_pem"] for path in published.files("evidence")]
    roots = sorted({chain[-1].strip() for chain in chains})
    pinned = (published.folder() / "nvidia_device_identity_ca.pem").read_text(encoding="ascii")
    for root in {*roots, pinned.strip()}:
        chain = [*published.record(published.GH100)["cert_chain_pem"][:4], root]
        found = examine(published.piece(published.GH100, cert_chain_pem=chain), Expected(published.PINNED))
        assert isinstance(found, Examined)


def test_who_names_whom_is_what_the_topology_says():
    paths = published.files("evidence")
    found = [(path.stem, examine(path.read_bytes())) for path in paths]
    examined = [(name, one) for name, one in found if isinstance(one, Examined)]
    reporters = [name for name, one in examined for _ in one.neighbours]
    got = [
        (name, edge.reporter, edge.reporter_kind.value, edge.names, edge.peer_examined, edge.peer_names_back)
        for name, edge in zip(reporters, edges([one for _, one in examined]), strict=True)
    ]
    told = json.loads((published.folder() / "topology_expected.json").read_bytes())["edges"]
    assert len(told) == EDGES
    assert sorted(got) == sorted(
        (
            *(edge["reporting_id"], edge["reporting_pdi"], edge["reporting_kind"]),
            *(edge["names_pdi"], edge["peer_evidence_present"], edge["peer_names_back"]),
        )
        for edge in told
    )
    assert sum(edge[-1] for edge in got) == 25


def test_many_at_once_get_the_answers_they_get_alone():
    pieces = [path.read_bytes() for kind in ("negative", "evidence") for path in published.files(kind)]
    together = examine_all(pieces, Expected(published.PINNED))
    assert len(together) == RECORDS + NEGATIVES
    assert together == [examine(piece, Expected(published.PINNED)) for piece in pieces]


def test_examining_trusts_no_root_and_asks_no_nonce_by_itself():
    """Negative control for the two checks that are told what to expect."""
    foreign, other = (f"{published.GH100}--{case}" for case in ("foreign_root", "wrong_nonce"))
    assert isinstance(examine(published.piece(foreign)), Examined)
    assert isinstance(examine(published.piece(other), Expected(published.PINNED)), Examined)
    assert examine(published.piece(foreign), Expected(published.PINNED)).check is Check.ROOT_PINNED
    nonce = stated_nonce((published.folder() / "negative" / f"{other}.json").read_bytes())
    assert examine(published.piece(other), Expected(None, nonce)).check is Check.NONCE


def test_the_stated_nonce_is_the_files_and_nothing_when_it_states_none():
    assert stated_nonce(published.piece(published.GH100)) is None
    assert stated_nonce(published.piece(published.GH100, nonce_hex="7" * 64)) == b"\x77" * 32
    assert stated_nonce(published.piece(published.GH100, nonce_hex="7 " * 32)) is None
    assert stated_nonce(b"\xff") is None


@pytest.mark.parametrize("name", [published.GH100, published.GB100, published.LS10])
def test_a_report_is_signed_by_its_device_and_dated_by_its_certificates(name):
    found = examine(published.piece(name))
    report = bytes.fromhex(published.record(name)["report_hex"])
    assert sha256(report).hexdigest().startswith(name.rsplit("-", 1)[1])
    assert found.nonce == report[4:36]
    assert found.valid_from < found.valid_until == 253_402_300_799
