"""The warehouse is a fold of the log: the same however it was fed, whoever was killed, and never ahead."""

import random
from dataclasses import replace

import pytest

from analytics import reading
from analytics.feeds import FEEDS
from analytics.follower import Follower, Inconsistent
from analytics.inspection_feed import INSPECTION_FEED, SAMPLED_FEED
from analytics.warehouse import VIEWS, Standing, Warehouse
from ledger.book.tables import CHIPS, DISCREPANCIES, TABLES
from ledger.log.merkle import EMPTY_ROOT
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from tests.analytics.trade import ORIGIN, small_world
from tests.world import World
from tests.world_doors import memory_door


@pytest.fixture(scope="module")
def trade():
    return small_world()


def contents(warehouse):
    """Every row of every base table and view, in one order, as a snapshot would have them."""
    warehouse.sum_up()
    names = [f"record.{row[0]}" for row in warehouse.ask(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'record'", []
    )]  # fmt: skip
    return {
        name: sorted(map(repr, warehouse.ask(f"SELECT * FROM {name}", [])))
        for name in sorted([*names, *VIEWS])
    }


def rebuilt(trade, path, size=None):
    size = trade.size if size is None else size
    warehouse = Warehouse(path)
    assert isinstance(Follower(trade.store, warehouse).follow(size, trade.root_of(size)), Standing)
    return warehouse


def test_one_that_was_fed_bit_by_bit_equals_one_made_at_once(trade, tmp_path):
    grown = Warehouse(tmp_path / "grown")
    follower = Follower(trade.store, grown)
    sizes = sorted(random.Random(5).sample(range(1, trade.size), 5))
    for number, size in enumerate([*sizes, trade.size]):
        standing = follower.follow(size, trade.root_of(size))
        assert (standing.size, standing.root, standing.log) == (size, trade.root_of(size), ORIGIN)
        assert follower.lag(trade.size) == trade.size - size
        fresh = rebuilt(trade, tmp_path / f"fresh{number}", size)
        assert contents(grown) == contents(fresh)
        fresh.close()
    assert number == 5 and len(contents(grown)) == 35 + len(VIEWS)


def test_it_goes_on_where_the_last_batch_ended(trade, tmp_path):
    """Whatever read breaks off, nothing of that batch is there, and the next attempt completes it."""
    whole = contents(rebuilt(trade, tmp_path / "whole"))
    broke = 0
    for fuse in range(0, 40, 6):
        path = tmp_path / f"broken{fuse}"
        warehouse = Warehouse(path)
        source = Breaking(trade.store, fuse)
        try:
            Follower(source, warehouse).follow(trade.size, trade.root)
        except OSError:
            broke += 1
            assert warehouse.standing() == Standing(None, 0, EMPTY_ROOT, 0, 0)
            assert warehouse.ask("SELECT COUNT(*) FROM record.entry", []) == [(0,)]
        warehouse.close()
        again = rebuilt(trade, path)
        assert contents(again) == whole
        again.close()
    assert broke >= 3


class Breaking:
    """A source that fails after so many reads."""

    def __init__(self, source, fuse):
        self.source, self.fuse = source, fuse

    def __getattr__(self, name):
        self.fuse -= 1
        if self.fuse < 0:
            raise OSError("the store is gone")
        return getattr(self.source, name)


def test_a_head_that_does_not_continue_the_last_is_refused(trade, tmp_path):
    warehouse = rebuilt(trade, tmp_path / "w", trade.size - 3)
    other = small_world()
    other.now += 1
    other.declare_site("oslo", "annexe", "NO")
    before = contents(warehouse)
    follower = Follower(trade.store, warehouse)
    cases = {
        "shorter": follower.follow(3, trade.root_of(3)),
        "another root": follower.follow(trade.size, other.root),
        "past the tree": follower.follow(trade.size + 300, trade.root),
        "another tree": Follower(Shifted(trade.store), warehouse).follow(trade.size, trade.root),
        "other entries": Follower(Forged(trade.store), warehouse).follow(trade.size, trade.root),
        "missing entries": Follower(Shortened(trade.store), warehouse).follow(trade.size, trade.root),
    }
    for name, answer in cases.items():
        assert isinstance(answer, Inconsistent), name
    assert contents(warehouse) == before
    assert isinstance(follower.follow(trade.size, trade.root), Standing)


class Altered:
    """A store behind which something was exchanged."""

    def __init__(self, source):
        self.source = source

    def __getattr__(self, name):
        return getattr(self.source, name)


class Shifted(Altered):
    def tile(self, level, number):
        stored = self.source.tile(level, number)
        return bytes([stored[0] ^ 1]) + stored[1:]


class Forged(Altered):
    def entries(self, start, stop):
        return [replace(entry, raw=entry.raw + b" ") for entry in self.source.entries(start, stop)]


class Shortened(Altered):
    def entries(self, start, stop):
        return self.source.entries(start, stop)[1:]


def test_an_undrawn_inspection_is_nowhere(trade, tmp_path):
    """Inspection 1 is drawn, 2 is not: of 2 no entry, no row, no byte in the file."""
    path = tmp_path / "w"
    warehouse = rebuilt(trade, path)
    commits = [entry.index for entry in trade.entries if entry.kind == "inspection.committed"]
    drawn = next(entry.index for entry in trade.entries if entry.kind == "inspection.drawn")
    assert len(commits) == 2 and commits[0] < drawn < commits[1]
    shown = {row[0] for row in warehouse.ask("SELECT entry_index FROM entry", [])}
    assert shown == set(range(trade.size)) - {commits[1]}
    assert warehouse.ask("SELECT DISTINCT inspection FROM record.inspection_version", []) == [("watch/i1",)]
    early = rebuilt(trade, tmp_path / "early", drawn)
    assert commits[0] not in {row[0] for row in early.ask("SELECT entry_index FROM entry", [])}
    late = rebuilt(trade, tmp_path / "late", drawn + 1)
    assert commits[0] in {row[0] for row in late.ask("SELECT entry_index FROM entry", [])}
    for kept in (warehouse, early, late):
        kept.close()
    secret = trade.entries[commits[1]].statement.encode()
    public = trade.entries[commits[0]].statement.encode()
    assert secret[:24] not in path.read_bytes() and b"watch/i2" not in path.read_bytes()
    assert public[:24] in path.read_bytes(), "the control: what is shown is found by the same search"


def test_what_closed_later_is_open_at_a_smaller_size(tmp_path):
    """And a chip corrected away is there as of the sizes between, whoever looks and whenever it was read."""
    trade = small_world()
    absent = next(row for row in trade.rows(DISCREPANCIES) if row.kind == "absent")
    trade.make("acme", [99])
    grown = rebuilt(trade, tmp_path / "grown")
    before = trade.size
    at = trade.answer("acme", absent.discrepancy, concedes=True)
    away = trade.correct("acme", before - 1)
    closed = "SELECT DISTINCT closed_index FROM discrepancy_chip WHERE discrepancy = ?"
    spans = "SELECT from_index, to_index FROM chip_span WHERE chip = ?"
    there = "SELECT COUNT(*) FROM chip WHERE chip = ?"
    early = rebuilt(trade, tmp_path / "early", before)
    assert early.ask(closed, [absent.discrepancy]) == [(None,)]
    assert early.ask(spans, ["acme:S00099"]) == [(before - 1, None)] and early.ask(
        there, ["acme:S00099"]
    ) == [(1,)]
    assert contents(early) == contents(grown)
    Follower(trade.store, grown).follow(trade.size, trade.root)
    assert grown.ask(closed, [absent.discrepancy]) == [(at,)]
    assert grown.ask(spans, ["acme:S00099"]) == [(before - 1, away)] and grown.ask(
        there, ["acme:S00099"]
    ) == [(0,)]
    assert grown.ask("SELECT corrected_by FROM entry WHERE entry_index = ?", [before - 1]) == [(away,)]
    assert contents(grown) == contents(rebuilt(trade, tmp_path / "late"))


def test_every_store_is_followed_alike(trade, tmp_path):
    kept = small_world(SqlStore(Sqlite(tmp_path / "record.db")))
    assert contents(rebuilt(kept, tmp_path / "kept")) == contents(rebuilt(trade, tmp_path / "held"))
    kept.store.close()


def test_every_table_that_is_followed_has_rows_and_every_figure_of_the_book_is_followed(trade, tmp_path):
    """Whatever row the book keeps the past of is a row here, field for field, but for what stays there."""
    warehouse = rebuilt(trade, tmp_path / "w")
    for feed in (*FEEDS, SAMPLED_FEED, INSPECTION_FEED):
        table = f"record.{feed.into}"
        found = warehouse.ask(f"SELECT * FROM {table}", [])
        assert found, table
        assert len(found) == len([row for row in trade.store.versions(feed.table, 0, trade.size)]) - (
            feed is INSPECTION_FEED and 2  # the commitments
        )
    chips = warehouse.ask("SELECT COUNT(*) FROM record.chip_version", [])[0][0]
    assert chips == len(list(trade.store.versions(CHIPS, 0, trade.size))) > 0
    followed = {"chip", *(feed.table.name for feed in FEEDS)}
    assert {table.name for table in TABLES if table.history} - followed == {
        "log_settings", "key", "beacon", "inspection", "sampled_chip",
    }  # fmt: skip


def test_it_stops_between_batches_when_told(trade, tmp_path):
    warehouse = Warehouse(tmp_path / "w")
    asked = iter([False, True])
    small = Small(trade.store)
    standing = Follower(small, warehouse).follow(trade.size, trade.root, lambda: next(asked))
    assert standing.size == standing.settled == 5
    whole = Follower(small, warehouse).follow(trade.size, trade.root)
    assert whole.size == trade.size
    fresh = Warehouse(tmp_path / "fresh")
    Follower(small, fresh).follow(trade.size, trade.root)
    assert contents(warehouse) == contents(fresh)


class Small(Altered):
    """A store whose entries have so many lines that a batch holds few."""

    def entries(self, start, stop):
        lines = reading.LINES_PER_BATCH_MAX // 5
        return [replace(entry, lines=lines) for entry in self.source.entries(start, stop)]


def test_a_verdict_without_a_draw_is_not_here_until_there_is_one(tmp_path):
    world = World(memory_door).settles()
    told = [world.registers("acme", "acme:S1"), world.commits("watch", "watch/i", "acme")]
    world.waits(25 * 3600)
    told.append(world.closes("watch", "watch/i", "withheld"))
    warehouse = Warehouse(tmp_path / "w")
    follower = Follower(world.door.store, warehouse)
    query = "SELECT kind FROM record.entry WHERE kind LIKE 'inspection.%' ORDER BY entry_index"

    def followed():
        head = world.door.store.head()
        assert follower.follow(head.size, head.root).size == head.size
        return [kind for (kind,) in warehouse.ask(query, [])]

    assert followed() == []
    told.append(world.draws("watch", "watch/i"))
    assert followed() == ["inspection.committed", "inspection.closed", "inspection.drawn"]
    assert all(each.admitted for each in told)
    world.door.close()
