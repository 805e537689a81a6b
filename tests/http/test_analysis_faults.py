"""Analysis is derived: whatever befalls its file or its thread is told and made good and stops nothing."""

import threading

import pytest
from structlog.testing import capture_logs

from analytics.warehouse import DAMAGED_SUFFIX
from api.analysis import (
    FOLLOW_AGAIN_SECONDS_MAX,
    FOLLOW_AGAIN_SECONDS_MIN,
    LOOK_SECONDS,
    WAREHOUSE_FILE,
    Analysis,
    Lag,
)
from ledger.sequencer import Published
from tests.http.trading import enrolment, make_folder, serving
from tests.sequencer import trade

PAGE_BYTES = 4_096
SNAPSHOT_SECONDS = 300


def garbage(path):
    path.write_bytes(b"no database at all" * 1_000)


def cut(path):
    path.write_bytes(path.read_bytes()[: 5 * PAGE_BYTES])


def overwritten(path):
    raw = path.read_bytes()
    path.write_bytes(raw[: 3 * PAGE_BYTES] + bytes(len(raw) - 3 * PAGE_BYTES))


@pytest.mark.parametrize("damage", [garbage, cut, overwritten])
def test_a_damaged_warehouse_is_put_aside_and_made_again_while_statements_come_in(tmp_path, damage):
    folder = make_folder(tmp_path / "ledger")
    with serving(folder) as post:
        assert post.ledger.analysis.take_snapshot(SNAPSHOT_SECONDS)
    path = folder.warehouse / WAREHOUSE_FILE
    with serving(folder) as post:
        assert post.ledger.analysis.take_snapshot(SNAPSHOT_SECONDS)
    assert [name for name in folder.warehouse.iterdir() if DAMAGED_SUFFIX in name.name] == [], "the control"
    damage(path)
    damaged = path.read_bytes()
    with capture_logs() as told, serving(folder) as post:
        assert post.send(enrolment("maker", "maker")).status_code == 201
        assert post.ledger.analysis.take_snapshot(SNAPSHOT_SECONDS)
        assert post.ledger.analysis.fault is None
        assert post.ledger.analysis.snapshots.latest().size == 2
    assert path.with_name(WAREHOUSE_FILE + DAMAGED_SUFFIX).read_bytes() == damaged
    assert len([line for line in told if "put aside" in line["event"]]) == 1


class Stumbling:
    """A head that cannot be told so many times."""

    def __init__(self, head, failures):
        self.head = head
        self.failures = failures

    def __call__(self):
        if self.failures:
            self.failures -= 1
            raise OSError(28, "No space left on device")
        return self.head


def test_what_stumbles_is_tried_again_in_growing_pauses_and_tells_so_meanwhile(tmp_path):
    desk = trade.Desk(trade.MemoryStore()).open()
    head = desk.sequencer.head()
    assert isinstance(head, Published)
    waited, faults, ended = [], [], threading.Event()

    def wait(seconds):
        waited.append(seconds)
        faults.append(analysis.fault)
        if len(waited) == 13:
            ended.set()
            return True
        return False

    analysis = Analysis(tmp_path, desk.store, Stumbling(head, 10), 0, wait)
    with capture_logs():
        analysis.start()
        assert ended.wait(300)
        analysis.close()
    pauses = [min(FOLLOW_AGAIN_SECONDS_MIN * 2**n, FOLLOW_AGAIN_SECONDS_MAX) for n in range(10)]
    assert waited == [0, *pauses, LOOK_SECONDS, LOOK_SECONDS]
    assert faults[0] is None and faults[11:] == [None, None]
    assert set(faults[1:11]) == {"analysis failed, and is tried again: OSError"}
    desk.close()


def test_how_far_analysis_is_behind_is_told_in_entries_and_in_the_age_of_the_oldest(tmp_path):
    desk = trade.Desk(trade.MemoryStore()).open()
    head = desk.sequencer.head()
    assert isinstance(head, Published) and head.size > 0
    turns, looked = [], threading.Event()

    def wait(_):
        turns.append(analysis.lag(now_ms))
        if len(turns) == 2:
            looked.set()
        return len(turns) == 2

    first = desk.store.entries(0, 1)[0].admitted_at
    now_ms = first + 90_500
    analysis = Analysis(tmp_path, desk.store, desk.sequencer.head, 0, wait)
    analysis.start()
    assert looked.wait(300)
    analysis.close()
    assert turns == [Lag(head.size, 90.5), Lag(0, 0.0)]
    desk.close()
