"""`device boards` compares whom devices name with the systems a list has them in."""

import json

import pytest

from ledger.device.evidence import Kind
from tests.cli.stage import chipledger
from tests.device import published
from tests.device.play import TestVendor

MAKER = TestVendor("boards of the command")
ROOT = ["--root", MAKER.root_spki_sha256]


def told(*words):
    result = chipledger("device", "boards", *words, "--json")
    return result.exit_code, json.loads(result.stdout)


def sound():
    """The published files whose evidence holds."""
    return [
        path for path in published.files("evidence") if json.loads(path.read_bytes())["expected"] == "valid"
    ]


@pytest.fixture
def board(tmp_path):
    """Two GPUs and a switch that name one another; the files, called as chips are."""
    plain = [MAKER.device(f"g{number}") for number in range(2)]
    switch = MAKER.device("s", kind=Kind.SWITCH, neighbours=[one.pdi for one in plain])
    devices = [MAKER.device(one.serial, neighbours=[switch.pdi]) for one in plain] + [switch]
    files = {}
    for chip, device in zip(("acme:G0", "acme:G1", "acme:S"), devices, strict=True):
        file = tmp_path / f"{chip}.json"
        file.write_bytes(device.answer(bytes(32)))
        files[chip] = (file, device)
    return files


def listed(folder, text):
    file = folder / "systems.csv"
    file.write_text(text)
    return file


def test_the_published_reports_name_whom_they_are_known_to_name():
    expected = json.loads((published.folder() / "topology_expected.json").read_bytes())["edges"]
    code, answer = told(*sound())
    edges = [tuple(edge.values()) for edge in answer["edges"]]
    known = [
        (
            one["reporting_pdi"],
            one["reporting_kind"],
            one["names_pdi"],
            one["peer_evidence_present"],
            one["peer_names_back"],
        )
        for one in expected
    ]
    assert sorted(edges) == sorted(known) and len(known) == 63
    assert code == 0 and answer["disagreements"] == [] and answer["failed"] == []
    assert [len(one) for one in answer["boards"]] == [7]
    assert len(answer["devices"]) == 25


def test_evidence_that_does_not_hold_is_told_and_left_out():
    code, answer = told(*published.files("evidence"))
    assert code == 1 and len(answer["failed"]) == 1 and len(answer["devices"]) == 25
    shown = chipledger("device", "boards", *published.files("evidence"))
    assert shown.exit_code == 1 and "does not hold" in shown.stdout
    assert "no list to compare with" in shown.stderr


@pytest.mark.parametrize("spoilt", [False, True])
def test_published_reports_are_compared_with_a_list(tmp_path, spoilt):
    _, answer = told(*sound())
    (together,) = answer["boards"]
    files = [one["file"] for one in answer["devices"] if one["pdi"] in together]
    named = {edge["names"] for edge in answer["edges"] if edge["reporter"] in together}
    rows = dict.fromkeys(sorted({*together, *named}), "host-1")
    if spoilt:
        rows[together[0]] = "host-2"
    text = "pdi,system\n" + "".join(f"{pdi.lower()},{system}\n" for pdi, system in rows.items())
    code, answer = told(*files, "--systems", listed(tmp_path, text))
    assert code == int(spoilt) == int(bool(answer["disagreements"]))
    assert all(together[0] in (one["device"], one["other"]) for one in answer["disagreements"][:1])


def test_a_file_of_placements_says_where_chips_are_claimed_to_stand(board, tmp_path):
    files = [file for file, _ in board.values()]
    true = listed(tmp_path, "chip,system,slot\nacme:G0,n1,0\nacme:G1,n1,1\nacme:S,n1,\nacme:G9,n2,0\n")
    code, answer = told(*files, *ROOT, "--systems", true)
    assert (code, answer["disagreements"], answer["without_evidence"]) == (0, [], ["acme:G9"])
    assert {one["system"] for one in answer["devices"]} == {"n1"}
    assert "1 chips of the list have no evidence" in (
        chipledger("device", "boards", *files, *ROOT, "--systems", true).stderr
    )
    false = listed(tmp_path, "chip,system\nacme:G0,n1\nacme:S,n1\n")
    code, answer = told(*files, *ROOT, "--systems", false)
    switch, other = board["acme:S"][1].pdi, board["acme:G1"][1].pdi
    assert (code, answer["disagreements"]) == (1, [{"misfit": "stranger", "device": switch, "other": other}])
    shown = chipledger("device", "boards", *files, *ROOT, "--systems", false)
    assert shown.exit_code == 1 and "in no system of the list" in shown.stdout and other in shown.stdout


def test_a_name_not_given_back_needs_no_list(board, tmp_path):
    liar = tmp_path / "liar.json"
    liar.write_bytes(MAKER.device("liar", neighbours=[board["acme:S"][1].pdi]).answer(bytes(32)))
    files = [file for file, _ in board.values()]
    assert told(*files, *ROOT)[0] == 0
    code, answer = told(*files, liar, *ROOT)
    assert code == 1 and [one["misfit"] for one in answer["disagreements"]] == ["not_named_back"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("pdi,place\n0123456789ABCDEF,n1\n", "a column system"),
        ("system\nn1\n", "a column pdi or chip"),
        ("pdi,slot,system\n,1,n1\n", "row 2"),
        ("pdi,system\n0123456789ABCDEF,n1\n0123456789abcdef,n2\n", "row 3"),
        ("pdi,system\n0123456789ABCDEF,n1,n2\n", "row 2"),
    ],
)
def test_a_list_that_cannot_be_read_is_named(board, tmp_path, text, fault):
    file, _ = board["acme:G0"]
    result = chipledger("device", "boards", file, *ROOT, "--systems", listed(tmp_path, text))
    assert result.exit_code == 1 and fault in result.stderr and result.stdout == ""


def test_wrong_words_exit_with_two(board, tmp_path):
    file, _ = board["acme:G0"]
    for words in ([], ["nowhere.json"], [file, "--root", "77"], [file, "--systems", tmp_path]):
        assert chipledger("device", "boards", *words).exit_code == 2
