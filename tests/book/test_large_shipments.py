"""Fifty thousand chips in a statement are judged within a second, and read in no more queries than eight."""

import pytest
from sqlalchemy import event

from ledger.book import law
from ledger.book.registry import Changes
from tests.world import World
from tests.world_doors import sqlite_door
from tests.yardstick import in_time

LARGE = 50_000
SECONDS_MAX = 1.0  # of judging, the asking for rows included; it takes a third of that beside other work


@pytest.fixture(scope="module")
def world():
    """acme sent 50,000 chips to oslo, who says that none of them came, and has offered another 50,000."""
    world = World().settles()
    told = [world.registers("acme", *chips("A")), world.registers("acme", *chips("B"))]
    told.append(world.dispatches("acme", "acme/s1", *chips("A"), to="oslo"))
    told.append(world.arrives("oslo", "acme/s1", *absent(chips("A"))))
    told.append(world.offers("acme", "acme/o1", *chips("B"), to="lima"))
    assert all(each.admitted for each in told)
    return world


def chips(letter, count=LARGE):
    return [f"acme:{letter}{number:05}" for number in range(count)]


def absent(names):
    return [{"chip": chip, "condition": "absent"} for chip in names]


SAID = {
    "dispatched": lambda world: world.dispatch_draft("acme", "acme/s2", *chips("B"), to="oslo"),
    "received after all": lambda world: world.arrival_draft("oslo", "acme/s1", *chips("A")),
    "received unopened after all": lambda world: world.arrival_draft("oslo", "acme/s1"),
    "absent again": lambda world: world.arrival_draft("oslo", "acme/s1", *absent(chips("A"))),
    "seen by a stranger": lambda world: world.arrival_draft("lima", "no/where", *chips("B")),
    "called back by name": lambda world: world.cancellation_draft("acme", "acme/s1", *chips("A")),
    "called back": lambda world: world.cancellation_draft("acme", "acme/s1"),
    "offered": lambda world: world.offer_draft("acme", "acme/o2", *chips("A"), to="lima"),
    "accepted": lambda world: world.acceptance_draft("lima", "acme/o1"),
    "withdrawn": lambda world: world.withdrawal_draft("acme", "acme/o1"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_large_statement_is_judged_in_a_moment(world, name):
    entry, registry = world.door.look(SAID[name](world).raw()), world.door.registry

    def judged():
        law.needs(entry.statement)
        for ask in (law.follow, law.reach):
            ask(entry.statement, registry)
        return law.judge(registry, entry)

    verdict = in_time(judged, SECONDS_MAX)
    assert isinstance(verdict, Changes)
    assert sum(map(len, verdict.rows.values())) >= LARGE


def queries(folder, count):
    """How many statements a SQLite file is sent for a story about so many chips."""
    folder.mkdir()
    world, sent = World(sqlite_door(folder)).settles(), []
    names = chips("A", count)
    assert world.registers("acme", *names).admitted
    event.listen(
        world.door.store.database.writer, "before_cursor_execute", lambda *call: sent.append(call[2])
    )
    told = [
        world.dispatches("acme", "acme/s1", *names, to="oslo"),
        world.arrives("oslo", "acme/s1", *absent(names)),
        world.arrives("oslo", "acme/s1", *names[: count // 2]),
        world.cancels("acme", "acme/s1", names[-1]),
        world.cancels("acme", "acme/s1", *names[count // 2 : count // 2 + 2]),
        world.arrives("oslo", "acme/s1"),
        world.offers("acme", "acme/o1", *names, to="lima"),
        world.accepts("lima", "acme/o1"),
        world.offers("lima", "lima/o1", *names, to="acme"),
        world.withdraws("lima", "lima/o1"),
        world.dispatches("oslo", "oslo/s1", *names[: count // 2], to="acme"),
        world.cancels("oslo", "oslo/s1"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    world.door.close()
    return len(sent)


def test_many_chips_are_read_in_as_few_queries_as_few(tmp_path):
    assert queries(tmp_path / "few", 8) == queries(tmp_path / "many", 2_000)
