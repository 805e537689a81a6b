"""Fault 3: a log that has lost what it acknowledged does not go on, and says what to do."""

import os
import shutil
from dataclasses import replace

import pytest

from ledger.book.rejection import Reason
from ledger.durability.floor import FileFloor, MemoryFloor, ReadOnly, WriterLock
from ledger.durability.recovery import Seen
from ledger.storage.store import Fenced, Head
from signing.canonical import Unreadable
from tests.sequencer import trade

ROOT = bytes(32)


def desk_at(path, **kwargs):
    """A ledger in a folder, with its floor in a file."""
    path.mkdir(exist_ok=True)
    return trade.Desk(trade.STORES["sqlite"](path), floor=FileFloor(path / "floor"), **kwargs)


@pytest.fixture
def grown(tmp_path):
    """A ledger, and a backup from before its last entries."""
    ledger, backup = tmp_path / "ledger", tmp_path / "backup"
    desk = desk_at(ledger).open()
    desk.close()
    shutil.copytree(ledger, backup)
    desk = desk_at(ledger)
    desk.open()
    desk.all_in(trade.site("maker", "a"), trade.site("maker", "b"))
    desk.close()
    return ledger, backup


def refused_start(desk):
    with pytest.raises(ReadOnly) as fault:
        desk.sequencer.start()
    assert desk.sequencer.stopped == str(fault.value)
    return str(fault.value)


def test_an_old_backup_under_the_floor_is_read_only_and_says_what_to_do(grown):
    ledger, backup = grown
    shutil.copy(ledger / "floor", backup / "floor")
    desk = desk_at(backup)
    told = refused_start(desk)
    assert "8 entries" in told and "the floor says 10" in told and "mirror" in told
    assert desk.sequencer.head().size == 8, "it can be read"
    (outcome,) = desk.sends(trade.site("maker", "c"))
    assert outcome.rejection.reason is Reason.UNAVAILABLE
    desk.close()


def test_the_control_an_old_backup_with_its_own_floor_signs_a_second_root(grown):
    ledger, backup = grown
    desk = desk_at(ledger).open()
    first = desk.store.checkpoint(10)
    desk.close()
    desk = desk_at(backup, clock=trade.Clock(trade.NOW + 1)).open()
    desk.all_in(trade.site("maker", "c"), trade.site("maker", "d"))
    assert desk.store.checkpoint(10) not in (None, first)
    desk.close()


def test_what_the_floor_does_not_know_a_witness_may(grown):
    ledger, backup = grown
    desk = desk_at(ledger).open()
    head = desk.sequencer.head()
    desk.close()
    seen = [Seen("witness.example", head.size, head.root)]
    told = refused_start(desk_at(backup, last_seen=lambda: seen))
    assert "witness.example says 10" in told
    desk_at(ledger, last_seen=lambda: seen).open().close()
    forked = [replace(seen[0], root=ROOT)]
    assert "the roots differ" in refused_start(desk_at(ledger, last_seen=lambda: forked))


def test_a_log_without_its_floor_is_read_only(grown):
    ledger, _ = grown
    (ledger / "floor").unlink()
    assert "no floor" in refused_start(desk_at(ledger))
    (ledger / "floor").write_text("8\n")
    assert "cannot be read" in refused_start(desk_at(ledger))


def test_another_log_of_the_same_size_is_read_only(grown, tmp_path):
    ledger, _ = grown
    other = desk_at(tmp_path / "other", clock=trade.Clock(trade.NOW + 1)).open()
    other.all_in(trade.site("maker", "a"), trade.site("maker", "b"))
    other.close()
    shutil.copy(ledger / "floor", tmp_path / "other" / "floor")
    assert "the roots differ" in refused_start(desk_at(tmp_path / "other"))


def test_an_empty_log_with_a_floor_is_read_only(grown, tmp_path):
    ledger, _ = grown
    (tmp_path / "empty").mkdir()
    shutil.copy(ledger / "floor", tmp_path / "empty" / "floor")
    assert "0 entries" in refused_start(desk_at(tmp_path / "empty"))


def test_a_log_does_not_start_under_another_key_or_before_its_last_entry(grown):
    ledger, _ = grown
    assert "not the key" in refused_start(desk_at(ledger, log_signer=trade.signer("stranger")))
    late = trade.Clock(trade.NOW - 2_001)
    assert "clock" in refused_start(desk_at(ledger, clock=late))


def test_only_one_process_writes(tmp_path):
    first, second = WriterLock(tmp_path / "lock"), WriterLock(tmp_path / "lock")
    desk = desk_at(tmp_path, lock=first).open()
    with pytest.raises(ReadOnly, match="another process"):
        second.take()
    desk.sequencer.stop()
    second.take()
    second.give_back()
    desk.close()


def test_the_floor_only_rises(tmp_path):
    for floor in (FileFloor(tmp_path / "floor"), MemoryFloor()):
        assert floor.read() is None
        floor.raise_to(Head(5, ROOT, 1))
        floor.raise_to(Head(5, ROOT, 2))
        floor.raise_to(Head(7, ROOT, 2))
        for lower in (Head(6, ROOT, 3), Head(7, bytes([1] * 32), 3), Head(8, ROOT, 1)):
            with pytest.raises(Fenced):
                floor.raise_to(lower)
        assert floor.read() == Head(7, ROOT, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"epoch":1,"root":"00","size":3}',
        '{"epoch":1,"root":"' + "0" * 64 + '","size":"3"}',
        '{"size":3,"epoch":1,"root":"' + "0" * 64 + '"}',
        '{"epoch":1,"root":"' + "Z" * 64 + '","size":3}',
    ],
)
def test_a_floor_that_is_not_spelled_as_it_is_written_is_not_read(tmp_path, text):
    (tmp_path / "floor").write_text(text)
    with pytest.raises(Unreadable):
        FileFloor(tmp_path / "floor").read()


def test_a_floor_on_another_volume_stays_there(tmp_path):
    (tmp_path / "volume").mkdir()
    os.symlink(tmp_path / "volume" / "floor", tmp_path / "floor")
    FileFloor(tmp_path / "floor").raise_to(Head(1, ROOT, 1))
    assert (tmp_path / "floor").is_symlink()
    assert FileFloor(tmp_path / "volume" / "floor").read() == Head(1, ROOT, 1)
