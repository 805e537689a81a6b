"""Steps that are alike are counted as the steps themselves say, whenever they were settled."""

import random
import shutil

import duckdb
import pytest

from analytics.follower import Follower
from analytics.warehouse import Warehouse

COUNTED = """
    SELECT
        changed, born = changed, maker, CASE WHEN born >= 0 THEN custodian END, owner, liable, site, model,
        status, was_changed, was_custodian, was_owner, was_liable, was_site, was_model, COUNT(*)
    FROM record.chip_step
    GROUP BY ALL
"""
TALLIED = "SELECT * FROM record.step_tally"
DIFFERING = f"({COUNTED} EXCEPT ALL {TALLIED}) UNION ALL ({TALLIED} EXCEPT ALL {COUNTED})"


@pytest.fixture
def settled_often(wide, tmp_path):
    """The warehouse of a wider world, settled at sizes of nobody's choice."""
    world, _ = wide
    warehouse = Warehouse(tmp_path / "often")
    follower = Follower(world.store, warehouse)
    for size in [*sorted(random.Random(3).sample(range(1, world.size), 7)), world.size]:
        follower.follow(size, world.root_of(size))
    yield warehouse
    warehouse.close()


def test_alike_steps_are_counted_as_the_steps_say(settled_often):
    assert settled_often.ask(DIFFERING, []) == []
    steps, alike, unmade = settled_often.ask(
        "SELECT SUM(chips), COUNT(*), COUNT(CASE WHEN custodian IS NULL THEN was_custodian END)"
        " FROM record.step_tally",
        [],
    )[0]
    assert steps == settled_often.ask("SELECT COUNT(*) FROM record.chip_step", [])[0][0]
    assert alike < steps and unmade > 0


def test_a_chip_counted_wrongly_is_seen(wide, tmp_path):
    """Negative control: of one row of the snapshot, one chip more."""
    path = tmp_path / "spoiled"
    shutil.copyfile(wide[1].path, path)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute(DIFFERING).fetchall() == []
        connection.execute("UPDATE record.step_tally SET chips = chips + 1 WHERE rowid = 0")
        assert len(connection.execute(DIFFERING).fetchall()) == 2
