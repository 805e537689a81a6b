"""What a chip answers on site is checked there and then: to this draw, under a trusted root, by this chip."""

from hashlib import sha256

import pytest

from tests.cli.stage import chipledger
from tests.field.hall import CHIPS, TALKING, VISIT, device, hall_rows, record, results, write_rows
from tests.world import DICE, draw_seed
from tests.world_http import WATCH
from tests.world_lives import MAKER


def nonce_of(world, chip):
    """The nonce by its definition."""
    made = world.commitments[VISIT]
    seed = draw_seed(made, sha256(DICE.pulse(made.round)).digest())
    return sha256(seed + chip.encode()).digest()


@pytest.fixture
def answers(world, tmp_path):
    """What chips answered in a world of the test's own."""
    return answers_in(world, tmp_path / "answers")


@pytest.fixture
def captured(drawn, tmp_path):
    """The same in the world that no test changes."""
    return answers_in(drawn, tmp_path / "answers")


def answers_in(world, folder):
    """The chip's own answer to this draw, one captured before, one of another chip, and worse."""
    folder.mkdir()
    (folder / "own.json").write_bytes(device().answer(nonce_of(world, TALKING)))
    (folder / "older.json").write_bytes(device().answer(b"\7" * 32))
    (folder / "other.json").write_bytes(MAKER.device("stranger").answer(nonce_of(world, TALKING)))
    (folder / "elsewhere.json").write_bytes(device().answer(nonce_of(world, CHIPS[2])))
    (folder / "junk.json").write_bytes(b"{}")
    return folder


def answered(world, sheets, answers, evidence, code=0, **cells):
    """The hall's sheet recorded, where one chip answered for itself."""
    rows = hall_rows(world, sheets)
    rows[TALKING] |= {"device_evidence": evidence, **cells}
    file = write_rows(sheets / "back.csv", rows.values())
    words = ["--device-evidence", answers, "--root", MAKER.root_spki_sha256]
    return record(world, file, *words, code=code)


def test_an_answer_to_this_draw_is_sent_along_and_raises_the_chip(world, sheets, answers):
    told = answered(world, sheets, answers, "own.json", seen_serial="")
    (line,) = [line for line in told["sites"][0]["lines"] if line["chip"] == TALKING]
    piece = sha256((answers / "own.json").read_bytes()).hexdigest()
    assert line["seen"] == {"attestation_sha256": piece, "ik_sha256": device().ik_sha256}
    assert line["result"] == "confirmed" and told["remarks"] == []
    assert world.told(WATCH, f"/chips/{TALKING}")["class"] == "A"
    assert world.door.ask(WATCH, f"/attestations/{piece}").content == (answers / "own.json").read_bytes()


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        ("older.json", "nonce_mismatch"),
        ("elsewhere.json", "nonce_mismatch"),
        ("junk.json", "evidence_unreadable"),
        ("gone.json", "there is no file 'gone.json'"),
        ("../answers/own.json", "there is no file"),
    ],
)
def test_an_answer_that_proves_nothing_here_is_refused(drawn, carried, captured, evidence, why):
    assert why in answered(drawn, carried, captured, evidence, code=1)


def test_an_untrusted_root_is_refused(drawn, carried, captured):
    rows = hall_rows(drawn, carried)
    rows[TALKING] |= {"device_evidence": "own.json"}
    file = write_rows(carried / "back.csv", rows.values())
    assert "root_not_pinned" in record(drawn, file, "--device-evidence", captured, code=1)
    assert "say --device-evidence" in record(drawn, file, code=1)


def test_another_chip_that_answers_in_its_place_is_a_mismatch(world, sheets, answers):
    told = answered(world, sheets, answers, "other.json")
    assert "answered by another chip" in told["remarks"][0]["said"]
    assert results(world)[TALKING] == "mismatch"
    kinds = [one["kind"] for one in world.items(WATCH, "/discrepancies")]
    assert "identity_differs" in kinds


def test_a_laptop_without_network_checks_an_answer_by_the_json_file(carried, captured):
    words = ["--worksheet", carried / "visit.worksheet.json", "--root", MAKER.root_spki_sha256]
    good = chipledger("device", "verify", captured / "own.json", *words, "--chip", TALKING)
    assert good.exit_code == 0, good.output
    older = chipledger("device", "verify", captured / "older.json", *words, "--chip", TALKING)
    assert older.exit_code == 1 and "nonce_mismatch" in older.stdout
    stranger = chipledger("device", "verify", captured / "own.json", *words, "--chip", "acme:SPARE")
    assert stranger.exit_code == 2 and "was not drawn" in stranger.stderr
    assert chipledger("device", "verify", captured / "own.json", *words).exit_code == 2
    broken = ["--worksheet", captured / "junk.json", "--chip", TALKING]
    assert chipledger("device", "verify", captured / "own.json", *broken).exit_code in (1, 2)
