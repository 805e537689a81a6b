"""`device verify` explains evidence, `device nonce` makes a challenge; both end in a sentence."""

import json

import pytest

from ledger.device.evidence import EVIDENCE_BYTES_MAX, Check
from ledger.device.nonces import inspection_nonce, registration_nonce
from ledger.log.checkpoint import open_checkpoint
from signing.note import parse_vkey
from tests.cli.stage import LOG, chipledger
from tests.device import published
from tests.device.play import TestVendor

MAKER = TestVendor("cli")
CHIP = "acme:H100-0001"
NONCE = bytes(range(32))


@pytest.fixture
def evidence(tmp_path):
    path = tmp_path / "gpu.json"
    path.write_bytes(MAKER.device("A1").answer(NONCE))
    return path


def told(*words):
    result = chipledger("device", *words, "--json")
    return result.exit_code, json.loads(result.stdout)


def test_every_published_file_gets_its_answer_without_an_option():
    ran = 0
    for path in [*published.files("evidence"), *published.files("negative")]:
        record = json.loads(path.read_bytes())
        code, answer = told("verify", path)
        assert (code == 0) == answer["passed"] == (record["expected"] == "valid"), path.name
        assert answer["failed"] == (record["why_code"] if code else None)
        assert [step["check"] for step in answer["checks"]] == [check.value for check in Check]
        ran += 1
    assert ran == 67


def test_a_table_says_each_check_in_words_and_who_the_device_is():
    path = published.folder() / "evidence" / f"{published.GH100}.json"
    shown = chipledger("device", "verify", path)
    row = published.table()[published.GH100]
    assert shown.exit_code == 0
    assert shown.stdout.count("passed") == len(Check)
    for text in (row["ik_spki_sha256"], row["pdi"], *row["peer_switch_pdis"].split(";"), "GH100"):
        assert text in shown.stdout
    assert "the root NVIDIA publishes" in shown.stderr
    assert "the nonce is the one the file states" in shown.stderr


def test_checks_behind_the_first_that_fails_are_not_reached():
    path = published.folder() / "negative" / f"{published.GH100}--leaf_swapped.json"
    code, answer = told("verify", path)
    results = [step["result"] for step in answer["checks"]]
    assert code == 1
    assert results == ["passed"] * 3 + ["failed"] + ["not reached"] * 10
    assert answer["checks"][3]["why"].startswith("chain_link_broken: certificate 0")
    assert answer["device"] is None


def test_a_root_of_ones_own_is_trusted_only_when_told(evidence):
    code, answer = told("verify", evidence)
    assert (code, answer["failed"]) == (1, "root_not_pinned")
    assert answer["device"]["root"] == MAKER.root_spki_sha256
    shown = chipledger("device", "verify", evidence)
    assert "not proved to you" in shown.stdout
    assert "--root tells one that is" in shown.stderr
    code, answer = told(
        "verify", evidence, "--root", published.ROOT_SPKI_SHA256, "--root", MAKER.root_spki_sha256
    )
    assert (code, answer["failed"]) == (0, None)
    assert answer["device"]["identity"] == MAKER.device("A1").ik_sha256


def test_a_nonce_that_is_told_is_compared_and_one_that_is_not_is_not(evidence):
    root = ["--root", MAKER.root_spki_sha256]
    _, answer = told("verify", evidence, *root)
    assert (
        next(step for step in answer["checks"] if step["check"] == "nonce_mismatch")["result"] == "not asked"
    )
    code, answer = told("verify", evidence, *root, "--nonce", NONCE.hex().upper())
    assert code == 0
    assert next(step for step in answer["checks"] if step["check"] == "nonce_mismatch")["result"] == "passed"
    code, answer = told("verify", evidence, *root, "--nonce", bytes(32).hex())
    assert (code, answer["failed"]) == (1, "nonce_mismatch")
    assert NONCE.hex() in answer["detail"]


def test_validity_is_asked_at_a_time_that_is_told(evidence):
    root = ["--root", MAKER.root_spki_sha256]
    for time, code, result in (("2026-11-21T00:00:00Z", 0, "passed"), ("2021-01-01T00:00:00Z", 1, "failed")):
        ended, answer = told("verify", evidence, *root, "--valid-at", time)
        assert ended == code
        assert answer["checks"][-1]["check"] == "certificates_valid"
        assert answer["checks"][-1]["result"] == result
        assert answer["passed"] == (code == 0)


def test_responses_are_asked_at_a_time_and_for_their_own_chain():
    index = json.loads((published.folder() / "ocsp" / "index.json").read_bytes())
    path = published.folder() / "evidence" / f"{index[0]['evidence_id']}.json"
    words = [word for one in index for word in ("--ocsp", published.folder() / "ocsp" / one["file"])]
    for time, results in (("2025-08-21T12:00:00Z", ["passed"] * 3), ("2025-08-23T12:00:00Z", ["failed"] * 3)):
        code, answer = told("verify", path, *words, "--valid-at", time)
        assert [step["result"] for step in answer["checks"][-3:]] == results
        assert (code == 0) == answer["passed"] == (results[0] == "passed")
        assert answer["failed"] is None
    other = published.folder() / "evidence" / f"{published.LS10}.json"
    code, answer = told("verify", other, *words, "--valid-at", "2025-08-21T12:00:00Z")
    assert code == 1
    assert "no certificate of this chain" in answer["checks"][-1]["why"]
    assert chipledger("device", "verify", path, *words).exit_code == 2


@pytest.mark.parametrize("octets", [b"", b"\xff\xfe", b"{}", b"[" * 10_000, b" " * (EVIDENCE_BYTES_MAX + 1)])
def test_a_file_of_anything_is_answered(tmp_path, octets):
    path = tmp_path / "any"
    path.write_bytes(octets)
    code, answer = told("verify", path)
    assert (code, answer["failed"]) == (1, "evidence_unreadable")
    assert chipledger("device", "verify", path).exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["verify"],
        ["verify", "nowhere.json"],
        ["verify", ".", "--nonce", "7" * 64],
        ["verify", "EVIDENCE", "--nonce", "77"],
        ["verify", "EVIDENCE", "--root", "zz" * 32],
        ["verify", "EVIDENCE", "--root", ""],
        ["verify", "EVIDENCE", "--valid-at", "yesterday"],
        ["verify", "EVIDENCE", "--ocsp", "nowhere", "--valid-at", "2026-11-21T00:00:00Z"],
        ["nonce", "--chip", CHIP],
        ["nonce", "--chip", CHIP, "--seed", "77"],
        ["nonce", "--chip", CHIP, "--seed", "7" * 64, "--checkpoint", "c"],
        ["nonce", "--chip", "no chip", "--seed", "7" * 64],
        ["nonce", "--chip", CHIP, "--kind", "chips.retired", "--seed", "7" * 64],
        ["nonce", "--chip", CHIP, "--kind", "nonsense", "--seed", "7" * 64],
        ["nonce", "--chip", CHIP, "--checkpoint", "nowhere"],
        ["nonce", "--chip", CHIP, "--checkpoint", "EVIDENCE"],
    ],
    ids=" ".join,
)
def test_wrong_words_exit_with_two(evidence, words):
    result = chipledger("device", *(evidence if word == "EVIDENCE" else word for word in words))
    assert result.exit_code == 2, result.stderr


def test_a_drawn_chips_nonce_comes_from_the_seed():
    shown = chipledger("device", "nonce", "--chip", CHIP, "--seed", "07" * 32)
    assert shown.stdout == inspection_nonce(b"\x07" * 32, CHIP).hex() + "\n"


def test_a_nonce_is_bound_to_a_checkpoint_wherever_it_is_read(world, tmp_path):
    ledger, _ = world
    note = (ledger.folder / "public" / "checkpoint").read_bytes()
    key = parse_vkey(ledger.vkey)
    head = open_checkpoint(note, key, key.name)
    expected = registration_nonce(LOG, head.size, head.root, CHIP, "chips.registered")
    copy = tmp_path / "checkpoint"
    copy.write_bytes(note)
    for where in (ledger.url, ledger.folder, copy):
        # A server that has just been told of more publishes it a moment later.
        words = ["nonce", "--chip", CHIP, "--checkpoint", where, "--log-key", ledger.vkey, "--at", head.size]
        shown = chipledger("device", *words)
        assert shown.stdout == expected.hex() + "\n", shown.stderr
        assert head.root.hex() in shown.stderr
        code, answer = told(*words)
        assert code == 0
        assert answer == {
            "nonce": expected.hex(),
            "chip": CHIP,
            "kind": "chips.registered",
            "log": LOG,
            "head": {"size": head.size, "root": head.root.hex()},
        }


def test_an_older_head_and_another_purpose_make_another_nonce(world):
    ledger, _ = world
    words = ["nonce", "--chip", CHIP, "--checkpoint", ledger.url]
    _, newest = told(*words)
    _, sighted = told(*words, "--kind", "chips.sighted")
    sizes = sorted(int(path.name) for path in (ledger.folder / "public" / "checkpoints").iterdir())
    _, older = told(*words, "--at", sizes[0])
    assert older["head"]["size"] == sizes[0] < newest["head"]["size"]
    assert len({newest["nonce"], sighted["nonce"], older["nonce"]}) == 3
    _, in_folder = told("nonce", "--chip", CHIP, "--checkpoint", ledger.folder, "--at", sizes[0])
    assert in_folder == older
    assert "the log's key is the server's own word" in chipledger("device", *words).stderr


def test_a_checkpoint_of_another_log_or_size_makes_no_nonce(world, tmp_path):
    ledger, _ = world
    note = (ledger.folder / "public" / "checkpoint").read_bytes()
    copy = tmp_path / "checkpoint"
    copy.write_bytes(note)
    words = ["nonce", "--chip", CHIP, "--checkpoint", copy, "--log-key", ledger.vkey]
    assert chipledger("device", *words, "--at", 1).exit_code == 2
    copy.write_bytes(note.replace(b"\n", b"\n1", 1))
    assert chipledger("device", *words).exit_code == 1
    assert chipledger("device", *words).stdout == ""


def test_an_answer_to_the_nonce_verifies_and_to_another_does_not(world, tmp_path):
    ledger, _ = world
    words = ["--checkpoint", ledger.folder, "--kind", "chips.sighted"]
    _, asked = told("nonce", "--chip", CHIP, *words)
    path = tmp_path / "answer.json"
    path.write_bytes(MAKER.device("A1").answer(bytes.fromhex(asked["nonce"])))
    root = ["--root", MAKER.root_spki_sha256]
    assert told("verify", path, *root, "--nonce", asked["nonce"])[0] == 0
    _, other = told("nonce", "--chip", "acme:H100-0002", *words)
    code, answer = told("verify", path, *root, "--nonce", other["nonce"])
    assert (code, answer["failed"]) == (1, "nonce_mismatch")
