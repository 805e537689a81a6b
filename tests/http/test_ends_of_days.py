"""Each day that is over can be asked for by its date, however busy the log: the follower stops at its end.

Entries come round the clock, so that no pause between two turns of the follower ever falls on a day's end.
"""

from contextlib import contextmanager

from analytics.follower import Follower
from analytics.retention import Retention
from analytics.snapshots import Neighbours, open_snapshot
from analytics.warehouse import Warehouse
from api.analysis import SNAPSHOTS_FOLDER, WAREHOUSE_FILE, Analysis
from ledger.sequencer import Published
from tests.analytics.trade import DAY_S, Trade

MEMORY_LIMIT = "500MB"
SECONDS = 300  # to wait for a snapshot at most
HOURLY_S = 3_600
NEVER_S = (
    10**9
)  # by the wall clock: a snapshot is made at once, and then where a day ends or one is asked for


def busy(trade, days):
    """An entry an hour for so many days more; the sizes at which days ended."""
    ends, before = [], trade.entries[-1].admitted_at // 1000 // DAY_S
    for number in range(24 * days):
        trade.now += HOURLY_S - 60
        if trade.now // DAY_S > before:
            ends.append(trade.size)
            before = trade.now // DAY_S
        trade.declare_site("oslo", f"shed{trade.size}-{number}", "NO")
    return ends


@contextmanager
def following(trade, folder, *, kept=0, days=30, seconds=NEVER_S):
    """Analysis of this log, at work."""
    analysis = Analysis(
        folder,
        trade.store,
        lambda: Published(trade.size, trade.root, ""),
        seconds,
        retention=Retention(kept, days),
    )
    analysis.start()
    try:
        yield analysis
    finally:
        analysis.close()
    assert analysis.fault is None


def opened():
    """A log with a party on it."""
    trade = Trade()
    trade.enrol("oslo", "holder", "NO")
    return trade


def sizes(analysis):
    """Of the snapshots."""
    return [one.size for one in analysis.snapshots.every()]


def is_of(snapshot, size):
    """Whether the file itself says that it is of this size, and has no entry above."""
    with open_snapshot(snapshot.path, MEMORY_LIMIT, 1) as connection:
        told = connection.execute("SELECT log_size FROM snapshot").fetchall()
        above = connection.execute("SELECT COUNT(*) FROM entry WHERE entry_index >= ?", [size]).fetchall()
    return told == [(size,)] and above == [(0,)]


def test_catching_up_over_days_stops_at_the_end_of_each(tmp_path):
    trade = opened()
    ends = busy(trade, 5)
    assert len(ends) == 5
    with following(trade, tmp_path) as analysis:
        assert analysis.take_snapshot(SECONDS)
        assert sizes(analysis) == [*ends, trade.size]
        assert all(is_of(analysis.snapshots.at(end), end) for end in ends)
        assert analysis.snapshots.at(ends[0]).root == trade.root_of(ends[0]).hex()[:16]


def test_without_the_policys_days_no_end_of_a_day_is_published(tmp_path):
    """The control: by the wall clock alone a busy day's end is never hit."""
    trade = opened()
    ends = busy(trade, 5)
    with following(trade, tmp_path, days=0) as analysis:
        assert analysis.take_snapshot(SECONDS) and sizes(analysis) == [trade.size]
        assert [analysis.snapshots.at(end) for end in ends] == [
            Neighbours(None, analysis.snapshots.latest())
        ] * 5


def test_a_day_that_ends_while_the_server_runs_gets_its_snapshot_and_the_old_ones_go(tmp_path):
    trade = opened()
    with following(trade, tmp_path, kept=1, days=2) as analysis:
        ended = []
        for _ in range(4):
            ended += busy(trade, 1)
            assert analysis.take_snapshot(SECONDS)
            assert sizes(analysis) == [*ended[-2:], trade.size]


def test_a_long_log_is_caught_up_with_the_ends_of_the_last_days_alone(tmp_path):
    trade = opened()
    ends = busy(trade, 12)
    with following(trade, tmp_path, days=3) as analysis:
        assert analysis.take_snapshot(SECONDS) and sizes(analysis) == [*ends[-3:], trade.size]


def test_killed_at_the_end_of_a_day_before_its_snapshot_it_is_made_after_the_restart(tmp_path):
    trade = opened()
    ends = busy(trade, 3)
    warehouse = Warehouse(tmp_path / WAREHOUSE_FILE)
    assert Follower(trade.store, warehouse).follow(ends[1], trade.root_of(ends[1])).size == ends[1]
    warehouse.close()  # the kill came here: followed, not published
    with following(trade, tmp_path) as analysis:
        assert analysis.take_snapshot(SECONDS)
        assert sizes(analysis) == [ends[1], ends[2], trade.size], "what was passed without one has neighbours"
        assert is_of(analysis.snapshots.at(ends[1]), ends[1])
        assert analysis.snapshots.at(ends[0]).above.size == ends[1]


def test_a_snapshot_that_cannot_be_written_keeps_the_follower_at_the_end_of_the_day(tmp_path):
    trade = opened()
    ends = busy(trade, 2)
    (tmp_path / SNAPSHOTS_FOLDER).mkdir(parents=True)
    root = trade.root_of(ends[0]).hex()[:16]
    blocked = tmp_path / SNAPSHOTS_FOLDER / f"{ends[0]}-{root}.building"
    blocked.mkdir()  # where the copy would be written
    turns = []

    def wait(_):
        turns.append(analysis.fault)
        if len(turns) == 3:
            standing.append(analysis.lag(0).entries)
            blocked.rmdir()
        return len(turns) == 6

    standing = []
    head = Published(trade.size, trade.root, "")
    analysis = Analysis(tmp_path, trade.store, lambda: head, NEVER_S, wait, retention=Retention(0, 30))
    analysis.start()
    assert analysis.take_snapshot(SECONDS), turns
    analysis.close()
    assert standing == [trade.size - ends[0]], turns
    assert sizes(analysis) == [*ends, trade.size]


def test_a_warehouse_that_is_made_again_stops_at_no_end_that_has_its_snapshot(tmp_path):
    trade = opened()
    ends = busy(trade, 3)
    with following(trade, tmp_path, kept=1, days=1) as analysis:
        assert analysis.take_snapshot(SECONDS) and sizes(analysis) == [ends[-1], trade.size]
    files = {one.name: one.path.stat().st_ino for one in analysis.snapshots.every()}
    (tmp_path / WAREHOUSE_FILE).unlink()
    with following(trade, tmp_path, kept=1, days=1) as again:
        assert again.take_snapshot(SECONDS)
        assert {one.name: one.path.stat().st_ino for one in again.snapshots.every()} == files


def test_an_end_that_only_an_unseen_commitment_marks_counts_for_its_own_day(tmp_path):
    trade = opened()
    trade.list_model("h100", {"bf16": 1})
    trade.enrol("acme", "maker", "TW")
    trade.enrol("watch", "verifier", "AT")
    trade.list_beacon()
    trade.receive("oslo", trade.send("acme", "s1", trade.make("acme", range(5)), "oslo", country="NO", due=9))
    (before,) = busy(trade, 1)[-1:]
    first = trade.size
    trade.now += DAY_S - trade.now % DAY_S
    trade.commit("watch", 1, ["oslo"])  # alone on its day, and nobody may know
    hidden = trade.size
    trade.now += DAY_S
    trade.declare_site("oslo", "last", "NO")
    with following(trade, tmp_path, kept=1) as analysis:
        assert analysis.take_snapshot(SECONDS)
        assert sizes(analysis) == [before, first, hidden, trade.size]
        assert analysis.snapshots.prune() == []


def test_what_is_to_be_published_is_an_end_that_is_kept_and_was_not_passed(tmp_path):
    trade = opened()
    ends = busy(trade, 5)

    def at_rest(folder, seconds=NEVER_S, days=30):
        head = Published(trade.size, trade.root, "")
        return Analysis(folder, trade.store, lambda: head, seconds, retention=Retention(0, days))

    fresh = at_rest(tmp_path / "fresh")
    assert [size for size in range(trade.size + 1) if fresh.is_coming(size)] == ends
    kept = at_rest(tmp_path / "kept", days=2)
    assert [size for size in ends if kept.is_coming(size)] == ends[-2:], "earlier ones are not kept"
    never = at_rest(tmp_path / "never", seconds=0)
    assert not any(never.is_coming(size) for size in ends), "where no snapshots are made by the clock"
    with following(trade, tmp_path / "passed") as analysis:
        assert analysis.take_snapshot(SECONDS)
        assert not any(analysis.is_coming(size) for size in ends)
