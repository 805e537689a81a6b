"""Every command that takes something in, with every kind of bad input: 1 or 2, and nothing changed."""

import json
import shutil
from types import SimpleNamespace

import pytest

from tests.cli.stage import chipledger
from tests.sabotage import misuse
from tests.sabotage.besieged import SIZE_AT_REST
from tests.sabotage.spoiled_bundles import CLASSES
from tests.sabotage.verdicts import ends_badly

BAD_FILES, BAD_WORDS = 130, 190  # at least
NOT_OF_FILES = {"unsorted lines", "wrong key", "wrong log", "expired", "twice", "out of order"}


@pytest.mark.usefixtures("unharmed")
def test_no_command_delivers_a_bad_bundle(ledger, bundles):
    file = ledger.home / "bad.bundle.json"
    for fault, where, reason, raw in bundles:
        file.write_bytes(raw)
        here = "--log-key", ledger.vkey, "--json"
        sent = ends_badly("send", file, "--url", ledger.url, "--wait-s", 0, *here)
        if raw.strip():
            told = json.loads(sent.stdout)["refused"]
            assert [one["reason"] for one in told] == [reason], (fault, where)
        ends_badly("check", file, "--url", ledger.url)
        ends_badly("receipt", file, *here)
    assert not (ledger.home / "bad.receipts.jsonl").exists()


@pytest.mark.usefixtures("unharmed")
def test_no_bad_file_gets_through_a_command(ledger, monkeypatch):
    (room := ledger.home / "room").mkdir()
    monkeypatch.chdir(room)
    ran = 0
    for slot in misuse.slots(ledger):
        faults = set()
        for fault, content in misuse.spoils(slot):
            faults.add(fault)
            file = room / f"bad{slot.suffix}"
            file.write_bytes(content)
            words = [file if word == "FILE" else word for word in slot.words]
            ends_badly(*words, stdin=content if slot.suffix == misuse.STDIN else None)
            file.unlink()
            ran += 1
        assert faults == CLASSES - NOT_OF_FILES
    assert ran >= BAD_FILES
    assert list(room.iterdir()) == [], "a command that failed left something behind"


@pytest.mark.usefixtures("unharmed")
def test_no_mistyped_command_does_anything(ledger, monkeypatch):
    (room := ledger.home / "words").mkdir()
    monkeypatch.chdir(room)
    ran = 0
    for words in misuse.mistyped(ledger):
        ends_badly(*words)
        assert list(room.iterdir()) == [], words
        ran += 1
    assert ran >= BAD_WORDS


def test_a_command_that_succeeds_or_breaks_would_be_noticed(ledger, monkeypatch):
    with pytest.raises(AssertionError):
        ends_badly("inspect", "plan", "--frame", 10, "--missing", 1)
    broken = SimpleNamespace(exit_code=1, output="Traceback (most recent call last)")
    monkeypatch.setattr("tests.sabotage.verdicts.chipledger", lambda *_, **__: broken)
    with pytest.raises(AssertionError):
        ends_badly("audit", ledger.folder)


def test_one_flipped_byte_turns_the_audit_red(ledger, tmp_path):
    ledger.level()
    # The warehouse is another's, and may change while it is copied; an audit does not look at it.
    copied = shutil.copytree(ledger.folder, tmp_path / "copied", ignore=shutil.ignore_patterns("warehouse"))
    words = "--log-key", ledger.vkey
    assert chipledger("audit", copied, *words).exit_code == 0
    tile = copied / "private" / "tile" / "entries" / f"000.p/{SIZE_AT_REST}"
    raw = bytearray(tile.read_bytes())
    raw[len(raw) // 2] ^= 1
    tile.write_bytes(raw)
    red = ends_badly("audit", copied, *words)
    assert "FINDING" in red.stdout


@pytest.mark.usefixtures("unharmed")
def test_no_ledger_is_founded_or_served_from_bad_words(ledger, tmp_path):
    for words in misuse.misfounded(ledger, tmp_path):
        ended = ledger.command(*words)
        assert ended.returncode in (1, 2), words
        assert ended.stderr.startswith("error:") or "Usage" in ended.stderr, ended.stderr
        assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []
