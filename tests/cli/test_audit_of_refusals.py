"""Refusals in the operator's journal are judged again by `audit`, and it says where they came from."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from api.cli.checks import stored_book
from ledger.folder import LedgerFolder
from ledger.storage.store import StoredRefusal
from signing.canonical import decode, encode
from signing.envelope import REFUSAL_TYPE, read_envelope_bytes, seal
from signing.signer import read_key_file
from tests.cli.living_ledger import say
from tests.cli.stage import chipledger, day

AGAIN = ("shipment=s2", "to=north-dc", "country=NO", f"due_by={day(150)}", "title=passes_on_arrival")


@pytest.fixture(scope="module")
def refusing(world):
    """The ledger, after it refused a theft and a registration of what is registered."""
    ledger, folder = world
    thief = "chip\nacme-semi:000160\n"  # it is in transit
    twice = "serial,model\n000001,registry/h100\n"
    say(ledger, folder, "acme-semi", "shipment.dispatched", thief, *AGAIN, code=1, name="thief")
    say(ledger, folder, "acme-semi", "chips.registered", twice, "site=acme-semi/fab", code=1, name="twice")
    ledger.level()
    assert "digest" in audited(LedgerFolder(ledger.folder))["checks_run"]
    return LedgerFolder(ledger.folder)


@pytest.fixture
def copy(refusing, tmp_path):
    """A copy of it with its database, which may be spoiled."""
    made = LedgerFolder(tmp_path / "copy")
    with closing(sqlite3.connect(refusing.database)) as live:
        shutil.copytree(refusing.public, made.public)
        shutil.copytree(refusing.private, made.private)
        with closing(sqlite3.connect(made.database)) as kept:
            live.backup(kept)
    return made


def audited(folder, code=0):
    result = chipledger("audit", folder.path, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def from_journal(report):
    return [note for note in report["notes"] if "operator's own database" in note]


def test_honest_refusals_are_judged_again_and_clean(copy):
    report = audited(copy)
    assert report["clean"] and {"refusals", "digest"} <= set(report["checks_run"]), report["notes"]
    [note] = from_journal(report)
    assert int(note.split()[-1]) >= 2
    assert "not checked" not in chipledger("audit", copy.path).stdout


def test_a_forged_refusal_is_a_finding(copy, refusing):
    log = read_key_file(refusing.log_key, None)
    with closing(sqlite3.connect(copy.database)) as database, database:
        name, note = database.execute("SELECT refusal, note FROM refusal ORDER BY came DESC").fetchone()
        said = decode(read_envelope_bytes(note.encode(), REFUSAL_TYPE).payload, "refusal")
        forged = encode(seal(log, REFUSAL_TYPE, encode({**said, "reason": "not_held"})).as_object())
        database.execute("UPDATE refusal SET note = ? WHERE refusal = ?", (forged.decode(), name))
    [finding] = audited(copy, code=1)["findings"]
    assert finding["check"] == "refusals" and "refused as not_held, judged again" in finding["detail"]


def test_a_journal_without_refusals_was_checked_too_and_a_folder_without_one_was_not(copy):
    with closing(sqlite3.connect(copy.database)) as database, database:
        database.execute("DELETE FROM refusal")
    report = audited(copy)
    assert "refusals" in report["checks_run"] and from_journal(report)[0].endswith(": 0")
    copy.database.unlink()
    report = audited(copy)
    assert "refusals" not in report["checks_run"] and not from_journal(report)


def test_no_more_is_read_than_fits():
    class Journal:
        def refusals(self, after, limit):
            kept = [stored_refusal(number) for number in range(1_000)]
            return kept[after : after + limit]

    told, more = stored_book.read_refusals(Journal(), count_max=600, bytes_max=10_000)
    assert len(told) == 600 and more
    told, more = stored_book.read_refusals(Journal(), count_max=1_000, bytes_max=10_000)
    assert len(told) == 1_000 and not more
    told, more = stored_book.read_refusals(Journal(), count_max=1_000, bytes_max=5_000)
    assert len(told) == 500 and more


def stored_refusal(number):
    return StoredRefusal(f"{number}", "", "acme", "not_held", "", "[]", 0, number, f"{number:04}", b"bundle")


@pytest.mark.parametrize("torn", [b"", b"nonsense\n"])
def test_a_checkpoint_that_cannot_be_read_is_called_that(copy, torn):
    (copy.public / "checkpoint").write_bytes(torn)
    notes = audited(copy, code=1)["notes"]
    assert any("newest checkpoint cannot be read" in note for note in notes)
    assert not any("grew" in note for note in notes)


def test_a_book_of_another_size_is_not_compared(copy):
    size = json.loads(chipledger("audit", copy.path, "--json").stdout)["size"]
    older = max(int(file.name) for file in (copy.public / "checkpoints").iterdir() if int(file.name) < size)
    shutil.copyfile(copy.public / "checkpoints" / str(older), copy.public / "checkpoint")
    report = json.loads(chipledger("audit", copy.path, "--json").stdout)
    assert "digest" not in report["checks_run"]
    assert any(f"of size {size}, the newest checkpoint of size {older}" in note for note in report["notes"])
