"""What a running ledger publishes is clean, with its own book and its own refusals."""

import pytest

from ledger.audit.auditor import audit
from ledger.audit.published import FolderPublished
from ledger.audit.refusals import SignedRefusal
from ledger.audit.report import Check
from ledger.book.fold import book_digest
from ledger.folder import LedgerFolder
from ledger.publication import Publisher
from signing.note import ED25519, make_vkey
from tests.sequencer.trade import (
    LOG_SIGNER,
    ORIGIN,
    STORES,
    Desk,
    arrived,
    chips,
    dispatched,
    placed,
    registered,
)

LOG_KEY = make_vkey(ORIGIN, ED25519, LOG_SIGNER.public_key.octets)


@pytest.fixture
def folder(tmp_path):
    return LedgerFolder(tmp_path)


def at_work(folder):
    """A ledger that traded enough to fill a bundle, and refused a little; with what it keeps."""
    store = STORES["sqlite"](folder.path)
    publisher = Publisher(store, folder)
    desk = Desk(store, publish=publisher.publish).open()
    for turn in range(64):
        names = chips(8 * turn)
        desk.all_in(registered(names), dispatched(f"s{turn}", names), arrived(f"maker/s{turn}", names))
        desk.all_in(placed("oslo", {name: f"{name[-4:]}" for name in names}))
    outcomes = desk.sends(
        dispatched("again", chips(0)), registered(chips(0, 9)), placed("lima", {"maker:SNX": "a"})
    )
    assert not any(hasattr(outcome, "index") for outcome in outcomes)
    publisher.flush()
    digest = book_digest(store.rows)
    refusals = [SignedRefusal(kept.note.encode(), kept.bundle) for kept in store.refusals(0, 100)]
    desk.close()
    publisher.close()
    return digest, refusals


def test_a_ledger_at_work_is_clean_to_its_auditor(folder):
    digest, refusals = at_work(folder)
    assert len(refusals) == 3
    published = FolderPublished(folder.public, folder.private)
    report = audit(published, log_key=LOG_KEY, stored_digest=digest, refusals=refusals)
    assert report.findings == ()
    assert report.size == 8 + 4 * 64
    assert set(report.checks_run) == set(Check)
    assert report.notes == ()
    assert audit(published, log_key=LOG_KEY, stored_digest="00" * 32).findings_count == 1
    assert audit(FolderPublished(folder.public, None), log_key=LOG_KEY).clean


def test_an_auditor_who_read_an_older_checkpoint_finds_its_tiles_in_the_whole_ones(folder):
    at_work(folder)
    older = 200
    note = folder.public / "checkpoint"
    kept = sorted(int(path.name) for path in (folder.public / "checkpoints").iterdir())
    older = max(size for size in kept if size < 256)
    assert not (folder.public / "tile" / "0" / "000.p").exists()
    newest = note.read_bytes()

    class Slow(FolderPublished):
        """Read the checkpoint before the log went on, and everything else after it."""

        asked = 0

        def checkpoint(self):
            self.asked += 1
            return newest if self.asked > 1 else self.stored_checkpoint(older)

    report = audit(Slow(folder.public, folder.private), log_key=LOG_KEY)
    assert report.findings == ()
    assert report.size == older
