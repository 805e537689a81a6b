"""What snapshots tell of inspections: what was drawn, as anybody can recompute it, and what was found."""

import random
from hashlib import sha256

import pytest

from analytics.follower import Follower
from analytics.snapshots import Snapshots
from analytics.warehouse import Warehouse
from ledger.book.tables import INSPECTIONS
from ledger.book.times import format_seconds
from ledger.log.proofs import HashSource, root_at
from ledger.lookup import Lookup
from ledger.viewer import Viewer
from tests.analytics.test_follower import contents
from tests.world import LEAD_S, World
from tests.world_doors import memory_door

WATCH = Viewer("watch", frozenset({"verifier"}), frozenset({"watch"}))
EVIDENCE = "cd" * 32
COLUMNS = "chip, stratum, ticket, rank, stage, result"
STRATA = [{"name": "hall", "site": "acme/hall"}, {"name": "rest"}]


@pytest.fixture(scope="module")
def world():
    """One inspection closed with a chip gone and a stranger met, one drawn, one withheld, one committed."""
    world = World(memory_door).settles()
    assert world.registers("acme", *(f"acme:S{n:02}" for n in range(30))).admitted
    assert world.registers("bolt", *(f"bolt:B{n:02}" for n in range(9))).admitted
    more = {"strata": STRATA, "sizes": (6, 4), "parameters": {"missing": 7, "frame": 39}}
    assert world.commits("watch", "watch/a", "acme", "bolt", series="watch/a", **more).admitted
    assert world.commits("watch", "watch/b", "acme", series="watch/b", sizes=(3,)).admitted
    assert world.commits("watch", "watch/c", "acme", series="watch/c", sizes=(3,)).admitted
    world.waits(LEAD_S + 60)
    for name in ("watch/a", "watch/b"):
        assert world.draws("watch", name).admitted
    sample = world.sample("watch/a")
    assert world.finds("watch", "watch/a", *sample[1:]).admitted
    world.waits(60)
    gone = {"chip": sample[0], "evidence_sha256": EVIDENCE}
    world.gone, world.when = sample[0], format_seconds(world.now // 1000)
    assert world.finds("watch", "watch/a", gone, result="not_found").admitted
    assert world.finds("watch", "watch/a", "acme:STRANGER", result="unlisted").admitted
    assert world.closes("watch", "watch/a", "violations").admitted
    world.waits(2 * 86_400)
    assert world.closes("watch", "watch/c", "withheld").admitted
    assert world.commits("watch", "watch/d", "acme", series="watch/d").admitted
    yield world
    world.door.close()


def followed(world, path, *sizes):
    """A warehouse that was fed up to each of these sizes in turn."""
    store, warehouse = world.door.store, Warehouse(path)
    for size in sizes:
        assert Follower(store, warehouse).follow(size, root_at(size, HashSource(store.tile))).size == size
    return warehouse


@pytest.fixture(scope="module")
def warehouse(world, tmp_path_factory):
    made = followed(world, tmp_path_factory.mktemp("inspections") / "w", world.door.size())
    yield made
    made.close()


def test_inspections_are_told_with_their_plan_and_their_verdict(world, warehouse):
    rows = {row[0]: row for row in warehouse.ask("SELECT * FROM inspection", [])}
    names = [c[0] for c in warehouse.ask("SELECT column_name FROM (DESCRIBE inspection)", [])]
    told = dict(zip(names, rows["watch/a"], strict=True))
    known = world.door.get(INSPECTIONS, "watch/a")
    assert told["series"] == "watch/a" and told["verifier"] == "watch" and told["planner"] == "presence"
    assert (told["n_frame"], told["n_sample"], told["d"], told["beta_ppm"]) == (39, 10, 7, 50_000)
    assert (told["state"], told["verdict"], told["timely"]) == ("closed", "violations", "unwitnessed")
    assert (told["at_index"], told["entry_index"]) == (known.born, known.changed)
    assert told["round"] == world.commitments["watch/a"].round
    assert dict(zip(names, rows["watch/b"], strict=True))["upper_bound"] is None


def test_undrawn_inspections_are_nowhere_in_the_file(world, warehouse):
    shown = {row[0] for row in warehouse.ask("SELECT inspection FROM inspection", [])}
    assert shown == {"watch/a", "watch/b"}, "c was given up and d is to come: neither was drawn"
    file = Snapshots(warehouse.path.parent / "snapshots").publish(warehouse).path.read_bytes()
    said = {name: world.door.get(INSPECTIONS, f"watch/{name}").statement.encode() for name in "abcd"}
    found = {name for name, statement in said.items() if statement[:24] in file}
    assert found == {"a", "b"}, "the two that are shown are found by the same search: the control"


def test_what_was_drawn_is_what_a_verifier_is_told_over_the_same_log(world, warehouse):
    told = Lookup(world.door.store, world.door.size, world.door.size).inspections.sample(
        WATCH, "watch/a", world.door.size()
    )
    wanted = [tuple(one[name] for name in COLUMNS.split(", ")) for one in told["items"]]
    query = f"SELECT {COLUMNS} FROM inspection_item WHERE inspection = ? AND stage IS NOT NULL"
    assert sorted(warehouse.ask(query, ["watch/a"])) == sorted(wanted) and len(wanted) == 10
    seed = bytes.fromhex(world.door.get(INSPECTIONS, "watch/a").seeds)
    for chip, _, number, *_ in wanted:
        assert sha256(seed + chip.encode()).hexdigest() == number


def test_what_was_found_is_told_with_its_time_and_its_evidence(world, warehouse):
    query = "SELECT result, found_at, evidence_sha256 FROM inspection_item WHERE chip = ?"
    ((result, when, evidence),) = warehouse.ask(query, [world.gone])
    assert (result, evidence) == ("not_found", EVIDENCE)
    assert when.strftime("%Y-%m-%dT%H:%M:%SZ") == world.when
    stranger = "SELECT stratum, ticket, rank, stage, result FROM inspection_item WHERE chip = ?"
    assert warehouse.ask(stranger, ["acme:STRANGER"]) == [(None, None, None, None, "unlisted")]
    unseen = warehouse.ask(
        "SELECT COUNT(*) FROM inspection_item WHERE inspection = ? AND result IS NULL", ["watch/b"]
    )
    assert unseen == [(3,)]


def test_a_warehouse_fed_bit_by_bit_equals_one_made_at_once(world, warehouse, tmp_path):
    size = world.door.size()
    sizes = [*sorted(random.Random(3).sample(range(1, size), 9)), size]
    grown = followed(world, tmp_path / "grown", *sizes)
    assert contents(grown) == contents(warehouse)
    early = followed(world, tmp_path / "early", size - 6)
    assert contents(early) != contents(warehouse), "the control: another size is told apart"
    for each in (grown, early):
        each.close()
