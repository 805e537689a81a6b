"""What the policy keeps, and that a name that went never comes back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from analytics.follower import Follower
from analytics.retention import Candidate, KeptLines, Retention, superfluous
from analytics.snapshots import PINNED_SUFFIX, Snapshots
from analytics.warehouse import Warehouse
from tests.analytics.trade import DAY_S, small_world

DAY = date(2026, 11, 21)


def every(*days, pinned=()):
    """Snapshots of sizes 1, 2, …, made on these days after the first."""
    return [
        Candidate(f"s{size}", size, DAY + timedelta(days=day), size in pinned)
        for size, day in enumerate(days, start=1)
    ]


CASES = [
    ((0, 0, 0, 0), (), Retention(), []),
    ((0, 0, 0, 0), (), Retention(2, 0), ["s1", "s2"]),
    ((0, 0, 1, 1, 2, 2), (), Retention(1, 2), ["s1", "s3", "s5"]),
    ((0, 0, 1, 1, 2, 2), (), Retention(1, 1), ["s1", "s2", "s3", "s5"]),
    ((0, 0, 1, 1, 2, 2), (1, 3), Retention(1, 1), ["s2", "s5"]),
    ((0, 0, 1, 1, 2, 2), (), Retention(1, 10**9), ["s1", "s3", "s5"]),
    ((0, 0, 9), (), Retention(1, 9), ["s1"]),
    ((0, 0, 9), (), Retention(1, 1), ["s1"]),  # the eighth day ended with it too: nothing was said since
    ((0, 0, 8, 9), (), Retention(1, 1), ["s1", "s2"]),
    ((0,), (), Retention(1, 0), []),
    ((), (), Retention(1, 1), []),
]


@pytest.mark.parametrize(("days", "pinned", "retention", "gone"), CASES)
def test_kept_are_the_newest_the_ends_of_days_and_what_is_pinned(days, pinned, retention, gone):
    assert superfluous(every(*days, pinned=pinned), retention) == gone
    assert superfluous(every(*days, pinned=pinned)[::-1], retention) == gone, "in whatever order they come"


def test_names_that_went_are_kept_and_half_a_line_counts_for_nothing(tmp_path):
    names = KeptLines(tmp_path / "pruned")
    assert names.every() == ()
    names.add(["a", "b"])
    with (tmp_path / "pruned").open("ab") as file:
        file.write(b"half of a na")
    assert names.every() == ("a", "b")
    names.add(["c"])
    assert names.every() == ("a", "b", "c") and (tmp_path / "pruned").read_bytes() == b"a\nb\nc\n"


@pytest.fixture(scope="module")
def trade():
    return small_world()


def published(trade, path, retention, *sizes):
    warehouse, snapshots = Warehouse(path / "w"), Snapshots(path / "s", retention)
    for size in sizes:
        assert Follower(trade.store, warehouse).follow(size, trade.root_of(size)).size == size
        assert snapshots.publish(warehouse) is not None
    return warehouse, snapshots


def test_what_is_pruned_is_gone_and_its_name_is_never_used_again(trade, tmp_path):
    warehouse, snapshots = published(trade, tmp_path, Retention(2, 0), 5, 9, 17, 30)
    first, second, *_ = snapshots.every()
    assert snapshots.pin(first.name) and not snapshots.pin("6-0123456789abcdef.duckdb")
    assert snapshots.prune() == [second] and snapshots.prune() == []
    assert [one.size for one in snapshots.every()] == [5, 17, 30] and snapshots.called(second.name) is None
    snapshots.unpin(first.name)
    assert snapshots.prune() == [first] and not (tmp_path / "s" / (first.name + PINNED_SUFFIX)).exists()
    warehouse.close()
    again = Warehouse(tmp_path / "again")  # as after damage: it passes the same sizes once more
    assert Follower(trade.store, again).follow(9, trade.root_of(9)).size == 9
    assert snapshots.publish(again) is None and snapshots.called(second.name) is None
    assert Snapshots(tmp_path / "other").publish(again).name == second.name, "the control: elsewhere it may"
    again.close()


def test_a_removal_that_was_broken_off_is_finished(trade, tmp_path):
    warehouse, snapshots = published(trade, tmp_path, Retention(1, 0), 5, 9)
    first, second = snapshots.every()
    KeptLines(tmp_path / "s" / "pruned").add([first.name])  # the kill came here
    assert snapshots.called(first.name) == first
    later = Snapshots(tmp_path / "s", Retention(1, 0))
    assert later.publish(warehouse) == second and later.every() == [second]
    warehouse.close()


def test_a_snapshot_belongs_to_the_day_of_its_last_entry(tmp_path):
    trade = small_world()
    sizes = [trade.size]
    for _ in range(2):
        trade.now += DAY_S
        trade.declare_site("oslo", f"annexe{len(sizes)}", "NO")
        trade.declare_site("oslo", f"shed{len(sizes)}", "NO")
        sizes += [trade.size - 1, trade.size]
    warehouse, snapshots = published(trade, tmp_path, Retention(1, 3), *sizes)
    assert [one.size for one in snapshots.prune()] == [sizes[1], sizes[3]]
    assert [one.size for one in snapshots.every()] == [sizes[0], sizes[2], sizes[4]]
    warehouse.close()


def test_a_newer_one_makes_the_eldest_superfluous():
    """The control of the cases: each depends on what it varies."""
    before = superfluous(every(0, 1, 2), Retention(1, 1))
    assert before == ["s1"]
    assert superfluous([replace(one, is_pinned=True) for one in every(0, 1, 2)], Retention(1, 1)) == []
