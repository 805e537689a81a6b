"""A log that changes its key is signed by both from there on, and verifies under either after any restart."""

from hashlib import sha256

import pytest

from ledger.batch.log_keys import LogKeys
from ledger.book.rejection import Reason
from ledger.book.tables import LOG
from ledger.durability.floor import FileFloor, ReadOnly
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import open_checkpoint
from ledger.log_key_files import read_log_keys
from ledger.publication import Publisher
from ledger.refold import refold
from ledger.sequencer import Sequencer
from signing.canonical import Unreadable
from signing.note import ED25519, make_vkey, open_note
from signing.signer import write_key_file
from tests.sequencer import trade

FIRST, SECOND, THIRD = trade.LOG_SIGNER, trade.signer("second"), trade.signer("third")


@pytest.fixture
def ledger(tmp_path):
    """A folder with the key of the log in it, and a log in a database."""
    folder = LedgerFolder(tmp_path / "ledger")
    folder.path.mkdir()
    write_key_file(folder.log_key, sha256(b"log").digest(), None)
    desk = at_work(folder)
    desk.close()
    desk.publisher.close()
    return folder


def at_work(folder, kind=Sequencer, **more):
    """The ledger of a folder, started as a process would start it, with the keys that lie there."""
    store = trade.STORES["sqlite"](folder.path)
    publisher = Publisher(store, folder, pause_seconds=0)
    desk = trade.Desk(
        store,
        floor=FileFloor(folder.floor),
        log_signer=read_log_keys(folder, None),
        sequencer=kind,
        publish=publisher.publish,
        **more,
    )
    desk.publisher = publisher
    try:
        return desk.open()
    except BaseException:
        stopped(desk)
        raise


def stopped(desk):
    """As after the end of its process."""
    desk.sequencer.stop()
    desk.publisher.close()
    desk.close()


def vkey(signer):
    return make_vkey(trade.ORIGIN, ED25519, signer.public_key.octets)


def changed(signer, at=trade.TODAY):
    """The registrar names another key."""
    return trade.raw("log.changed", "registrar", {"log_key": vkey(signer).text()}, at=at)


def signers_of(note):
    """Which of the three signed it, each signature being good."""
    keys = {vkey(signer).key_hash: signer for signer in (FIRST, SECOND, THIRD)}
    return [
        keys[each.key_hash] for each in open_note(note.encode(), list(map(vkey, keys.values()))).signatures
    ]


def add_key(folder, name, word="next"):
    path = folder.next_log_key.with_name(f"log.{word}.key")
    write_key_file(path, sha256(name.encode()).digest(), None)


def test_a_key_the_operator_does_not_hold_is_refused_unjudged_and_nothing_else_is(ledger):
    desk = at_work(ledger)
    size = desk.sequencer.head().size
    (would,) = (desk.admission.dry_run(changed(SECOND)),)
    before, refused, after = desk.sends(trade.site("maker", "b"), changed(SECOND), trade.site("maker", "a"))
    for told in (would, refused):
        assert told.rejection.reason is Reason.UNAVAILABLE and "log.next.key" in told.rejection.detail
    assert (before.index, after.index) == (size, size + 1)
    assert refused.note is not None and refused.refusal is None  # signed, and nothing to be judged again
    assert [row.rekeyed for row in desk.store.rows(LOG)] == [None]
    assert signers_of(desk.sequencer.head().note) == [FIRST]
    # What the law itself refuses is refused by the law, whoever holds which key.
    (stranger,) = desk.sends(trade.raw("log.changed", "maker", {"log_key": vkey(THIRD).text()}))
    assert stranger.rejection.reason is Reason.WRONG_ROLE
    stopped(desk)
    add_key(ledger, "second")
    desk = at_work(ledger)
    assert desk.all_in(changed(SECOND))[0].index == size + 2
    stopped(desk)


def test_from_the_change_on_every_note_bears_both_signatures_also_after_a_restart(ledger):
    add_key(ledger, "second")
    desk = at_work(ledger)
    size = desk.all_in(trade.site("maker", "a"), changed(SECOND))[1].index + 1
    assert signers_of(desk.store.checkpoint(size)) == [SECOND, FIRST] and desk.sequencer.signer() is not FIRST
    older = [signers_of(desk.store.checkpoint(at)) for at in desk.store.checkpoint_sizes(1, 99) if at < size]
    assert older and all(signers == [FIRST] for signers in older)
    stopped(desk)
    for number in range(3):
        desk = at_work(ledger)  # the head is signed again, and must get the very same bytes
        (admitted,) = desk.all_in(trade.site("maker", f"after{number}"))
        receipt = desk.receipts.of(admitted.index)
        for key in (vkey(FIRST), vkey(SECOND)):
            assert (
                open_checkpoint(receipt["checkpoint"].encode(), key, trade.ORIGIN).size == admitted.index + 1
            )
        desk.publisher.flush()
        assert (ledger.public / "checkpoint").read_text() == receipt["checkpoint"]
        (refused,) = desk.sends(trade.site("oslo", "x", key=trade.signer("maker")))
        assert refused.note.key_id == sha256(SECOND.public_key.octets).hexdigest()
        stopped(desk)


def test_a_log_whose_keys_are_not_all_there_is_read_only_and_says_which_is_missing(ledger):
    add_key(ledger, "second")
    desk = at_work(ledger)
    desk.all_in(changed(SECOND))
    stopped(desk)
    for kept, missing in ((ledger.log_key, FIRST), (ledger.next_log_key, SECOND)):
        aside = kept.rename(kept.with_suffix(".aside"))
        if kept == ledger.log_key:
            ledger.next_log_key.rename(ledger.log_key)
        with pytest.raises(ReadOnly) as fault:
            at_work(ledger)
        assert vkey(missing).text() in str(fault.value) and "log.next.key" in str(fault.value)
        if kept == ledger.log_key:
            ledger.log_key.rename(ledger.next_log_key)
        aside.rename(kept)
    stopped(at_work(ledger))


def test_what_the_files_are_called_does_not_matter_and_a_third_key_lets_the_first_one_go(ledger):
    add_key(ledger, "second")
    desk = at_work(ledger)
    desk.all_in(changed(SECOND))
    stopped(desk)
    aside = ledger.log_key.rename(ledger.path / "aside")
    ledger.next_log_key.rename(ledger.log_key)
    aside.rename(ledger.path / "log.former.key")
    add_key(ledger, "third")
    desk = at_work(ledger)
    (admitted,) = desk.all_in(changed(THIRD))
    assert signers_of(desk.store.checkpoint(admitted.index)) == [SECOND, FIRST]
    assert signers_of(desk.store.checkpoint(admitted.index + 1)) == [THIRD, SECOND]
    stopped(desk)
    (ledger.path / "log.former.key").unlink()
    desk = at_work(ledger)
    assert desk.all_in(trade.site("maker", "after"))
    stopped(desk)


def test_a_change_that_was_committed_and_not_signed_is_signed_by_both_after_the_restart(ledger):
    add_key(ledger, "second")
    armed = []

    def stumble(step):
        assert step != "committed" or not armed, "stopped between the commit and the signature"

    desk = at_work(ledger, steps=stumble)
    size = desk.store.head().size
    armed.append(True)
    (told,) = desk.sends(changed(SECOND))
    assert told.rejection.reason is Reason.UNAVAILABLE and desk.sequencer.stopped is not None
    assert desk.store.head().size == size + 1 and desk.store.checkpoint(size + 1) is None
    stopped(desk)
    desk = at_work(ledger)
    assert signers_of(desk.store.checkpoint(size + 1)) == [SECOND, FIRST]
    assert desk.all_in(changed(SECOND))[0].index == size  # it was in
    stopped(desk)


class OneKey(LogKeys):
    """Forgets the key that was before."""

    def _named(self, size):
        return super()._named(size)[:1]


class SignsWithOne(Sequencer):
    """Signs with the new key alone."""

    def __init__(self, store, signers, *args, **kwargs):
        super().__init__(store, signers, *args, **kwargs)
        self._log_keys = OneKey(signers)


def test_the_control_a_log_signed_by_the_new_key_alone_does_not_verify_under_the_old(ledger):
    add_key(ledger, "second")
    desk = at_work(ledger, SignsWithOne)
    desk.all_in(changed(SECOND))
    note = desk.sequencer.head().note.encode()
    assert open_checkpoint(note, vkey(SECOND), trade.ORIGIN)
    with pytest.raises(Unreadable):
        open_checkpoint(note, vkey(FIRST), trade.ORIGIN)
    stopped(desk)


def test_a_book_folded_again_knows_its_keys(ledger):
    add_key(ledger, "second")
    desk = at_work(ledger)
    desk.all_in(changed(SECOND))
    said = list(desk.store.versions(LOG, 0, 99))
    desk.sequencer.stop()
    refold(desk.store)
    assert list(desk.store.versions(LOG, 0, 99)) == said and len(said) == 2
    desk.sequencer.start()
    assert signers_of(desk.sequencer.head().note) == [SECOND, FIRST]
    stopped(desk)
