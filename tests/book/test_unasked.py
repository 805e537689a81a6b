"""A few words of who may not say them, or about what is over, make nobody look up very many rows."""

import pytest

from ledger.book import law
from ledger.book.registry import Needs
from tests.book.disputed import disputed

CHIPS = tuple(f"acme:S{number}" for number in range(4, 9))


@pytest.fixture
def world():
    """oslo accepted S4 to S8 from acme; title of them is offered to lima; quill saw them elsewhere."""
    world = disputed("fold", None)
    told = [
        world.dispatches("acme", "acme/s2", *CHIPS, to="oslo"),
        world.says(world.draft("acme", "title.offered", {"transfer": "acme/t", "to": "lima"}, CHIPS)),
        world.arrives("oslo", "acme/s2"),
        world.sees("quill", *CHIPS, site="lima/hall"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    world.disputed = f"{told[-1].index}.0"
    return world


def looked_up(world, draft):
    """How many rows a statement asks for once the first ones are there."""
    entry = world.door.look(draft.raw())
    asked = [part(entry.statement, world.door.registry) for part in (law.follow, law.reach)]
    return sum(_size(needs) for needs in asked)


def _size(needs: Needs):
    named = [*needs.keys.values(), *needs.groups.values()]
    return sum(map(len, named)) + len(needs.holdings) + len(needs.statements) + len(needs.frames)


def answer(world, party):
    body = {"discrepancy": world.disputed, "text": "no", "concedes": True}
    return world.draft(party, "discrepancy.answered", body)


def resolution(world, party):
    body = {"discrepancy": world.disputed, "outcome": "observation_stands"}
    return world.draft(party, "discrepancy.resolved", body)


def acceptance(world, party):
    return world.draft(party, "title.accepted", {"transfer": "acme/t"})


def withdrawal(world, party):
    return world.draft(party, "title.withdrawn", {"transfer": "acme/t"})


def arrival(world, party):
    return world.arrival_draft(party, "acme/s1", site="oslo/hall")


def cancellation(world, party):
    return world.draft(party, "shipment.cancelled", {"shipment": "acme/s1", "reason": "no"})


SAID = (
    (answer, "oslo", "lima"),
    (resolution, "watch", "oslo"),
    (acceptance, "lima", "odm"),
    (withdrawal, "acme", "odm"),
    (arrival, "oslo", "odm"),
    (cancellation, "acme", "oslo"),
)


@pytest.mark.parametrize(("make", "speaker", "stranger"), SAID)
def test_for_a_stranger_nothing_is_looked_up(world, make, speaker, stranger):
    assert looked_up(world, make(world, stranger)) == 0
    assert looked_up(world, make(world, speaker)) > 0  # the control: whoever may say it needs the rows


@pytest.mark.parametrize(("make", "speaker", "stranger"), SAID[:1] + SAID[2:])
def test_nor_for_what_is_over(world, make, speaker, stranger):  # noqa: ARG001
    over = {
        answer: lambda: world.resolves("watch", world.disputed, "book_stands"),
        acceptance: lambda: world.says(acceptance(world, "lima")),
        withdrawal: lambda: world.says(withdrawal(world, "acme")),
        arrival: lambda: world.arrives("oslo", "acme/s1"),
        cancellation: lambda: world.says(cancellation(world, "acme")),
    }[make]
    assert over().admitted
    world.waits(1)
    assert looked_up(world, make(world, speaker)) == 0
