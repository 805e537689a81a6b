"""A folder whose server was killed before the newest checkpoint moved is clean; a log put back is not."""

import shutil

import pytest

from api.cli.checks.auditing import audit_folder
from signing.note import ED25519, make_vkey
from tests.sequencer import trade
from tests.sequencer.shelf import Stand

LOG_KEY = make_vkey(trade.ORIGIN, ED25519, trade.LOG_SIGNER.public_key.octets)


def ledger(path, *counts):
    """A ledger's folder after so many entries each; its checkpoint before the last of them."""
    path.mkdir()
    stand = Stand(path, trade.STORES["sqlite"](path))
    first = 0
    for count in counts:
        note = stand.folder.public / "checkpoint"
        before = note.read_bytes() if note.exists() else b""
        stand.grows(count, first)
        first += count
    stand.close()
    stand.store.close()
    return stand.folder, before


@pytest.mark.parametrize("is_put_back", [False, True])
def test_what_is_kept_beyond_the_newest_is_in_the_database_or_the_log_went_back(tmp_path, is_put_back):
    folder, before = ledger(tmp_path / "one", 3, 4)
    (folder.public / "checkpoint").write_bytes(before)
    if is_put_back:
        older, _ = ledger(tmp_path / "two", 3)
        for name in folder.path.glob("ledger.db*"):
            name.unlink()
        for file in older.path.glob("ledger.db*"):
            shutil.copy(file, folder.path)
    report, notes = audit_folder(folder, LOG_KEY)
    assert report.size == 11
    assert any(note.startswith("checkpoints/15 is kept beyond") for note in report.notes)
    told = [finding.detail for finding in report.findings]
    if is_put_back:
        assert told == ["checkpoints/15 is kept, but the operator's database went back to 11"]
    else:
        assert told == [] and any("the stored book is of size 15" in note for note in notes)
