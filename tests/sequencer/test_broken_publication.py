"""What lies in the folder while a publication goes on, or was broken off, or while it is copied."""

import shutil

import pytest

from ledger.audit.auditor import audit
from ledger.audit.published import FolderPublished
from ledger.folder import LedgerFolder
from ledger.log.tiles import entries_path
from ledger.publication import Publisher
from ledger.storage.memory import MemoryStore
from signing.note import ED25519, make_vkey
from tests.sequencer import trade
from tests.sequencer.shelf import GatedStore, Stand, heads_of


class NoteStore(MemoryStore):
    """Has so many checkpoints told, and fails of the next."""

    notes_left = None

    def checkpoint(self, size):
        if self.notes_left is not None:
            if self.notes_left == 0:
                raise OSError(5, "Input/output error")
            self.notes_left -= 1
        return super().checkpoint(size)


@pytest.mark.parametrize("notes", [0, 1, 2, 3])
def test_wherever_it_breaks_off_what_is_kept_beyond_the_newest_has_its_entries(tmp_path, notes):
    store = NoteStore()
    first, *_, last = heads_of(store, 5)
    folder = LedgerFolder(tmp_path)
    publisher = Publisher(store, folder)
    publisher.again_seconds = 600  # it is not tried again while the folder is looked at
    publisher.publish(first.size, first.note)
    publisher.flush()
    store.notes_left = notes
    publisher.publish(last.size, last.note)
    with pytest.raises(OSError, match="Input/output"):
        publisher.flush()
    here = FolderPublished(folder.public, folder.private)
    key = make_vkey(trade.ORIGIN, ED25519, trade.LOG_SIGNER.public_key.octets)
    report = audit(here, log_key=key)
    assert (report.findings, report.size) == ((), first.size)
    told = [note for note in report.notes if note.startswith(f"checkpoints/{last.size} is kept beyond")]
    assert len(told) == (notes > 0), "the farthest is put first: its tiles are those of all"
    if notes:
        (folder.private / entries_path(0, last.size)).unlink()
        findings = audit(here, log_key=key).findings
        assert len(findings) == notes, "the control: as if they lay there before their entries"
    store.notes_left = None
    publisher.flush()
    publisher.close()
    report = audit(here, log_key=key)
    assert (report.findings, report.notes, report.size) == ((), (), last.size)


def test_how_long_it_is_behind_is_told_by_the_oldest_head(tmp_path):
    store = GatedStore()
    store.go.set()
    first, *_, last = heads_of(store, 5)
    store.first.clear()
    store.go.clear()
    publisher = Publisher(store, LedgerFolder(tmp_path), pause_seconds=600)
    assert publisher.behind_seconds == 0
    publisher.publish(first.size, first.note)
    assert store.first.wait(300)
    one = publisher.behind_seconds
    publisher.publish(last.size, last.note)
    assert publisher.behind_seconds >= one > 0, "what came later does not make it younger"
    store.go.set()
    publisher.flush()
    assert publisher.size == last.size and publisher.behind_seconds == 0
    publisher.publish(last.size, last.note)
    publisher.flush()
    assert publisher.behind_seconds == 0
    publisher.close()


@pytest.mark.parametrize("is_in_order", [True, False])
def test_a_copy_made_while_it_grows_in_the_order_that_is_told_is_whole(tmp_path, is_in_order):
    stand = Stand(tmp_path / "ledger")
    stand.grows(3)
    copy = LedgerFolder(tmp_path / "copy")
    order = ["public/checkpoint", "public/checkpoints", "public/tile", "private"]  # as docs/operating.md says
    for turn, name in enumerate(order if is_in_order else order[::-1], start=1):
        there, here = stand.folder.path / name, copy.path / name
        here.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if there.is_dir() else shutil.copy)(there, here)
        stand.grows(100, 100 * turn)  # past the end of a bundle, whose unfinished forms go
    stand.close()
    key = make_vkey(trade.ORIGIN, ED25519, trade.LOG_SIGNER.public_key.octets)
    for private in (None, copy.private):
        report = audit(FolderPublished(copy.public, private), log_key=key)
        if is_in_order:
            assert (report.findings, report.size) == ((), 11)
        else:
            assert not report.clean, "the control"
