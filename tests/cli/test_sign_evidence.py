"""Evidence out of chips, signed from files: checked row by row, carried along, the same bytes each time."""

import json
import re
from itertools import count

import pytest

from ledger.book.encoding import HeadText, read_bundle, read_statement_text
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from signing.canonical import to_base64
from tests.cli.evidence_files import (
    BORN,
    CHIP,
    HEAD,
    KIND,
    MAKER,
    SITE,
    TOLD_HEAD,
    answer,
    folder_of,
    signed,
    signing,
)
from tests.cli.stage import LOG, signer
from tests.device import published


def test_files_called_as_chips_and_files_that_rows_name_fill_their_rows(tmp_path):
    evidence = folder_of(
        tmp_path,
        **{"acme-semi:A1.json": answer(CHIP), "A2.json": answer("acme-semi:A2"), "x": answer("acme-semi:A3")},
    )
    rows = "serial,evidence,identity.label\nA1,,\nA2,,P-2\nA3,x,\nA4,,\n"
    words = [*BORN, "--head", TOLD_HEAD, "--evidence", evidence]
    result = signing(tmp_path, KIND, rows, *words)
    assert result.exit_code == 0, result.stderr
    assert MAKER.root_spki_sha256 in result.stderr and "warning" not in result.stderr
    bundle, lines = signed(tmp_path)
    assert read_statement_text(bundle.envelope.payload).head == HEAD
    for line in lines[:3]:
        name = line["identity"]["attestation_sha256"]
        assert line["identity"]["ik_sha256"] == MAKER.device(line["chip"]).ik_sha256
        assert bundle.attestations[name] == to_base64(answer(line["chip"]))
    assert lines[1]["identity"]["label"] == "P-2" and "identity" not in lines[3]
    assert len(bundle.attestations) == 3
    before = (tmp_path / f"{KIND}.bundle.json").read_bytes()
    assert signing(tmp_path, KIND, rows, *words, "--replace").exit_code == 0
    assert (tmp_path / f"{KIND}.bundle.json").read_bytes() == before


def test_json_lines_may_name_evidence_by_its_hash_and_parts_carry_their_own(tmp_path):
    chips = ["acme-semi:A1", "acme-semi:A2", "acme-semi:A3"]
    evidence = folder_of(tmp_path, **{f"{chip}.json": answer(chip) for chip in chips})
    words = [*BORN, "--head", TOLD_HEAD, "--evidence", evidence]
    signing(tmp_path, KIND, "serial\nA1\nA2\nA3\n", *words)
    _, lines = signed(tmp_path)
    rows = "".join(
        json.dumps({name: value for name, value in line.items() if name != "salt"}) + "\n" for line in lines
    )
    moved = folder_of(tmp_path, **{f"{number}": answer(chip) for number, chip in enumerate(chips)})
    for chip in chips:
        (moved / f"{chip}.json").unlink()
    result = signing(tmp_path, KIND, rows, *words, "--lines", 2, "--out", tmp_path / "parts", suffix="jsonl")
    assert result.exit_code == 0, result.stderr
    parts = [read_bundle(raw) for raw in (tmp_path / "parts.ndjson").read_bytes().splitlines()]
    assert [len(part.attestations) for part in parts] == [2, 1]


@pytest.mark.parametrize(
    ("kind", "columns", "words"),
    [
        ("chips.sighted", "", ["place=a bench"]),
        ("chips.declared", "", ["basis=inventory", "site=north-dc/hall"]),
        ("stocktake.declared", "", ["stocktake=s", "scope=partial"]),
        (
            "shipment.arrived",
            ",received",
            ["shipment=acme-semi/s", "site=north-dc/hall", "evidence=scanned"],
        ),
    ],
)
def test_every_kind_that_tells_what_was_seen_takes_evidence(tmp_path, kind, columns, words):
    evidence = folder_of(tmp_path, **{"A1.json": answer(CHIP, kind=kind)})
    rows = f"chip{',condition' if columns else ''}\n{CHIP}{columns}\n"
    options = [word for one in words for word in ("--set", one)]
    told = [*options, "--head", TOLD_HEAD, "--evidence", evidence]
    assert signing(tmp_path, kind, rows, *told, party="north-dc").exit_code == 0
    bundle, (line,) = signed(tmp_path, kind)
    assert line["seen"]["attestation_sha256"] in bundle.attestations


def test_every_row_whose_evidence_is_bad_is_named_and_nothing_is_signed(tmp_path):
    other = HeadText(8, HEAD.root)
    evidence = folder_of(
        tmp_path,
        **{
            "A1.json": b"no evidence",
            "A2.json": answer("acme-semi:A2", head=other),
            "A3.json": answer("acme-semi:A3"),
            "A5.json": answer("acme-semi:A5"),
            "A6.json": answer("acme-semi:A6"),
            "A8.json": answer("acme-semi:A8", "acme-semi:A5"),
            "broken": answer("acme-semi:A9").replace(b'"report_hex": "11e001ff', b'"report_hex": "11e101ff'),
        },
    )
    rows = (
        "serial,evidence,identity.ik_sha256,identity.pdi\n"
        f"A1,,,\nA2,,,\nA3,,{'0' * 64},\nA4,nowhere,,\nA5,,,\nA6,,,0000000000000000\nA7,A5.json,,\nA8,,,\n"
        "A9,broken,,\nB1,,,\n"
    )
    result = signing(tmp_path, KIND, rows, *BORN, "--head", TOLD_HEAD, "--evidence", evidence)
    assert result.exit_code == 1 and "8 faults" in result.stderr
    for row, fault in (
        (2, "A1.json: evidence_unreadable"),
        (3, "A2.json: nonce_mismatch"),
        (4, "ik_sha256: the row says"),
        (5, "there is no file 'nowhere'"),
        (7, "pdi: the row says"),
        (8, "A5.json: nonce_mismatch"),
        (9, "answered for acme-semi:A5 already"),
        (10, "broken: not_spdm_1_1_measurements"),
    ):
        assert re.search(rf"│ +{row} │ .*{re.escape(fault)}", result.stderr), fault
    assert not list(tmp_path.glob("*.bundle.json"))


def test_evidence_without_a_head_is_kept_with_a_warning(tmp_path):
    evidence = folder_of(tmp_path, **{"A1.json": answer(CHIP), "stray.json": b"{}", ".hidden": b""})
    result = signing(tmp_path, KIND, "serial\nA1\n", *BORN, "--evidence", evidence)
    assert result.exit_code == 0
    assert "makes no chip class A" in result.stderr and "1 files of the folder" in result.stderr
    bundle, _ = signed(tmp_path)
    assert len(bundle.attestations) == 1 and read_statement_text(bundle.envelope.payload).head is None


def test_a_file_is_for_one_row(tmp_path):
    evidence = folder_of(tmp_path, **{"A1.json": answer(CHIP)})
    rows = "serial,evidence\nA1,\nA2,A1.json\n"
    result = signing(tmp_path, KIND, rows, *BORN, "--evidence", evidence)
    assert result.exit_code == 1 and "A1.json is for row 2 already" in result.stderr
    assert signing(tmp_path, KIND, "serial\nA1\nA2\n", *BORN, "--evidence", evidence).exit_code == 0


def test_published_evidence_is_taken_too(tmp_path):
    path = published.folder() / "evidence" / f"{published.GH100}.json"
    evidence = folder_of(tmp_path, **{"A1.json": path.read_bytes()})
    assert signing(tmp_path, KIND, "serial\nA1\n", *BORN, "--evidence", evidence).exit_code == 0
    _, (line,) = signed(tmp_path)
    assert line["identity"]["ik_sha256"] == published.table()[published.GH100]["ik_spki_sha256"]


def test_a_head_is_read_from_what_the_ledger_and_commands_hand_out(tmp_path):
    names = count()

    def head_of(text):
        file = tmp_path / f"head-{next(names)}"
        file.write_text(text)
        result = signing(tmp_path, KIND, "serial\nA1\n", *BORN, "--head", file, "--replace")
        bundle = (
            read_bundle((tmp_path / f"{KIND}.bundle.json").read_bytes()) if not result.exit_code else None
        )
        return result.exit_code, bundle and read_statement_text(bundle.envelope.payload).head, result.stderr

    note, newer, alien = (
        sign_checkpoint(Checkpoint(log, size, bytes.fromhex(HEAD.root)), signer("registry"))
        for log, size in ((LOG, 7), (LOG, 9), ("example.org/other", 7))
    )
    receipts = [json.dumps({"index": 1, "checkpoint": one}) for one in (note, newer, note)]
    nonce = {"nonce": "00", "chip": CHIP, "kind": KIND, "log": LOG, "head": {"size": 7, "root": HEAD.root}}
    assert head_of(note)[:2] == (0, HEAD)
    assert head_of(receipts[0])[:2] == (0, HEAD)
    assert head_of("\n".join(receipts))[:2] == (0, HeadText(9, HEAD.root))
    assert head_of(json.dumps(nonce, indent=2))[:2] == (0, HEAD)
    for text, code, fault in (
        (alien, 1, "another log"),
        ("", 1, "checkpoint"),
        ("{}", 1, "neither a checkpoint"),
        ('{"checkpoint": [7]}', 1, "neither a checkpoint"),
        ("{\n", 1, "head-"),
        (json.dumps(nonce | {"log": "other"}), 1, "of the log 'other'"),
        (json.dumps(nonce | {"head": 7}), 1, "no size and root"),
        (json.dumps(nonce | {"kind": "chips.sighted"}), 2, "the nonce in"),
        (json.dumps(nonce | {"head": {"size": 7, "root": "ab"}}), 1, "head has a size"),
    ):
        ended, _, said = head_of(text)
        assert ended == code and fault in said, (text, said)


@pytest.mark.parametrize(
    ("kind", "rows", "words", "ending"),
    [
        (KIND, "serial,evidence\nA1,x\n", BORN, (1, "--evidence DIR")),
        (KIND, "serial\nA1\n", [*BORN, "--evidence", "nowhere"], (2, "nowhere")),
        (KIND, "serial\nA1\n", [*BORN, "--head", "nowhere"], (2, "there is no file")),
        (KIND, "serial\nA1\n", [*BORN, "--head", f"0:{HEAD.root}"], (1, "size of 1 or more")),
        ("chips.placed", f"chip\n{CHIP}\n", [*SITE, "--evidence", "."], (2, "it goes with")),
        ("site.declared", "site\nfab\n", ["--evidence", "."], (2, "it goes with")),
    ],
)
def test_what_does_not_go_together_is_said(tmp_path, kind, rows, words, ending):
    code, fault = ending
    result = signing(tmp_path, kind, rows, *words)
    assert result.exit_code == code and fault in result.stderr, result.stderr
