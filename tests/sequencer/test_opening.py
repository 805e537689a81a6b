"""How a ledger begins, and what it does not begin with."""

from dataclasses import replace

import pytest

from ledger.book.records.opening import Waits
from ledger.book.rejection import Reason
from ledger.durability.floor import FileFloor
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import open_checkpoint
from ledger.opening import NotOpened, Terms, admit_opening, open_ledger
from ledger.publication import Publisher
from ledger.storage.memory import MemoryStore
from signing.note import ED25519, make_vkey
from signing.signer import read_key_file
from tests.sequencer import trade

SEED = b"\x07" * 32


def opens(folder, **changes):
    told = {
        "origin": trade.ORIGIN,
        "registrar": trade.REGISTRAR,
        "log_seed": SEED,
        "log_key_password": None,
        "terms": Terms(),
        "occurred_at": "2027-01-15T08:00:00Z",
        "expires_at": "2027-01-16T08:00:00Z",
        "clock": trade.Clock(),
    }
    return open_ledger(folder, **(told | changes))


def test_a_ledger_is_made_with_entry_0_signed_and_published(tmp_path):
    folder = LedgerFolder(tmp_path / "new" / "ledger")
    admitted = opens(folder)
    assert (admitted.index, admitted.known) == (0, False)
    signer = read_key_file(folder.log_key, None)
    key = make_vkey(trade.ORIGIN, ED25519, signer.public_key.octets)
    head = open_checkpoint((folder.public / "checkpoint").read_bytes(), key, trade.ORIGIN)
    assert (head.size, head.root) == (1, admitted.leaf_hash)
    assert FileFloor(folder.floor).read().size == 1
    store = trade.STORES["sqlite"](folder.path)
    assert Publisher(store, folder).size == 1
    desk = trade.Desk(store, floor=FileFloor(folder.floor), log_signer=signer)
    desk.sequencer.start()
    assert desk.sequencer.origin == trade.ORIGIN
    desk.all_in(*trade.opening_of_trade())
    desk.close()


def test_nothing_is_written_over_a_ledger(tmp_path):
    folder = LedgerFolder(tmp_path)
    opens(folder)
    before = folder.log_key.read_bytes(), folder.floor.read_bytes()
    with pytest.raises(FileExistsError):
        opens(folder, log_seed=bytes(32))
    assert before == (folder.log_key.read_bytes(), folder.floor.read_bytes())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"terms": Terms(quorum=1)}, Reason.BAD_FIELD),
        ({"terms": Terms(waits=Waits(0, 60, 604_800))}, Reason.BAD_FIELD),
        ({"registrar": replace(trade.REGISTRAR, country="no")}, Reason.BAD_FIELD),
        ({"expires_at": "2027-01-15T07:59:59Z"}, Reason.EXPIRED),
    ],
)
def test_what_the_law_refuses_makes_nothing(tmp_path, changes, reason):
    folder = LedgerFolder(tmp_path / "ledger")
    with pytest.raises(NotOpened) as fault:
        opens(folder, **changes)
    assert fault.value.refused.rejection.reason is reason
    assert not folder.path.exists()


def test_entry_0_is_signed_by_a_key_it_names_or_it_is_not_admitted():
    desk = trade.Desk(MemoryStore())
    desk.sequencer.start()
    good = trade.opening()
    stranger = replace(good, envelope=replace(good.envelope, key_id="0" * 64))
    forged = replace(good, envelope=replace(good.envelope, signature=bytes(64)))
    for bundle, reason in ((stranger, Reason.UNKNOWN_KEY), (forged, Reason.BAD_SIGNATURE)):
        with pytest.raises(NotOpened) as fault:
            admit_opening(desk.sequencer, bundle)
        assert fault.value.refused.rejection.reason is reason
    assert desk.store.head().size == 0
    assert admit_opening(desk.sequencer, good).index == 0
    desk.close()


def test_a_log_opens_once_and_never_through_the_door():
    desk = trade.Desk(MemoryStore())
    desk.sequencer.start()
    (refused,) = desk.sends(trade.opening().raw())
    assert refused.rejection.reason is Reason.UNKNOWN_KEY
    desk.open()
    other = trade.opening_bundle(
        trade.ORIGIN,
        trade.REGISTRAR,
        trade.LOG_SIGNER,
        Terms(),
        occurred_at="2027-01-15T08:00:00Z",
        expires_at="2027-01-17T08:00:00Z",
    )
    (refused,) = desk.sends(other.raw())
    assert refused.rejection.reason is Reason.ID_TAKEN
    assert desk.sends(trade.opening().raw())[0].known
    desk.close()
