"""Whoever comes upon chips may say so; contradicting the book never is a reason to refuse to listen."""

from functools import cache
from itertools import product

import pytest
from msgspec.structs import replace

from ledger.book.rejection import Reason
from ledger.book.rows import Status
from ledger.book.tables import CHIPS
from tests.world import World
from tests.world_doors import FoldDoor, memory_door, sqlite_door

DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    """oslo has A and B in its hall; C is on its way to it from acme, who has D."""
    world = World(DOORS[request.param](tmp_path)).settles()
    told = [
        world.registers("acme", {"chip": "acme:A", "identity": {"uuid": "U"}}, "acme:B", "acme:C", "acme:D"),
        world.dispatches("acme", "acme/s1", "acme:A", "acme:B", "acme:C", to="oslo"),
        world.arrives("oslo", "acme/s1", "acme:A", "acme:B"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    yield world
    assert world.audit().clean
    world.door.close()


def test_what_agrees_with_the_book_opens_nothing(world):
    before = world.door.rows(CHIPS)
    told = world.sights("quill", {"chip": "acme:A", "seen": {"uuid": "U"}}, "acme:B", site="oslo/hall")
    assert told.opened == [] and world.door.rows(CHIPS) == before
    assert world.sights("quill", "acme:A", "acme:B", "acme:C", "acme:D").opened == []  # a place in words only


def test_a_chip_seen_elsewhere_is_in_the_wrong_place_whoever_has_it(world):
    told = world.sights("lima", "acme:A", "acme:C", "acme:D", site="lima/hall")
    assert told.opened == [("wrong_place", "acme", 1), ("wrong_place", "oslo", 1)]
    # What is on its way is nowhere yet; what stands in the hall of another is his to answer for.
    assert world.sights("oslo", "acme:A", site="oslo/annex").opened == [("wrong_place", "oslo", 1)]


def test_nobody_is_said_to_have_too_many_or_too_few(world):
    told = world.sights("bolt", "acme:D", site="acme/hall")
    assert told.opened == []


def test_everything_else_that_can_be_wrong_is_told_apart(world):
    lines = [{"chip": "acme:A", "seen": {"uuid": "V"}}, "acme:B", {"chip": "acme:B", "seen": {"label": "B"}}]
    told = world.sights("watch", *lines, "acme:Z", place="a shed", evidence_sha256="ab" * 32)
    assert told.opened == [
        ("unknown_chip", None, 1),
        ("duplicate", "oslo", 1),
        ("identity_differs", "oslo", 1),
    ]


def test_only_those_enrolled_are_heard_and_only_of_declared_sites(world):
    assert world.sights("nobody", "acme:A").reason is Reason.UNKNOWN_KEY
    assert world.sights("quill", "acme:A", site="oslo/nowhere").reason is Reason.UNKNOWN_REFERENCE


def test_a_site_where_something_was_found_is_not_corrected_away_under_a_dispute(world):
    declared = world.declares_site("oslo/shed")
    body = {"corrects": declared.outcome.statement, "reason": "a mistake"}
    told = world.sights("quill", "acme:A", site="oslo/shed")
    assert told.opened == [("wrong_place", "oslo", 1)]
    assert world.says(world.draft("oslo", "statement.corrected", body)).reason is Reason.BUILT_UPON


# -- every chip there can be, seen in every way, against the law written plainly

STATUSES = tuple(Status)
HOLDERS = ("oslo", "lima", "odm")  # the speaker, somebody else, whom the speaker succeeded
SITES = ("oslo/hall", "lima/hall", None)
SEEN = (None, {"uuid": "U"}, {"uuid": "V"}, {"label": "any"})
TIMES = (0, 1, 2)


@cache
def staged():
    """oslo is odm's successor; the one chip of the book is put into it by hand."""
    world = World().settles()
    succession = {"party": "odm", "succeeded_by": "oslo"}
    told = [world.registers("acme", {"chip": "acme:A", "identity": {"uuid": "U"}})]
    told.append(world.says(world.draft("registrar", "party.changed", succession)))
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def put(world, status, holder, site):
    """The chip as it is in this case."""
    chip = world.chip("acme:A")
    gone = status not in (Status.HELD, Status.IN_TRANSIT)
    over = status in (Status.DESTROYED, Status.REPLACED)
    row = replace(
        chip,
        status=status.value,
        custodian=None if gone else holder,
        liable=None if over else holder,
        last_liable=holder if over else None,
        site=None if gone else site,
        shipment="x/y" if status is Status.IN_TRANSIT else None,
    )
    world.door.fold.registry.put(CHIPS, [row])


def lines_for(times, seen):
    """The chip so many times: as it was seen, and once more without."""
    first = {"chip": "acme:A"} | ({"seen": seen} if seen else {})
    second = {"chip": "acme:A"} if seen else {"chip": "acme:A", "seen": {"label": "again"}}
    return [first, second][:times]


def first_kind(status, seen, times):
    """What is wrong with a chip named, whoever names it and wherever."""
    if status not in (Status.HELD, Status.IN_TRANSIT):
        return "after_end"
    if times == 2:
        return "duplicate"
    return "identity_differs" if seen == {"uuid": "V"} else None


def sighting_opens(case):
    """What a sighting of oslo's finds."""
    status, holder, at, site, seen, times = case
    kind = first_kind(status, seen, times)
    if kind is None and status is Status.HELD and site is not None and at != site:
        kind = "wrong_place"
    return [] if kind is None else [(kind, holder, 1)]


def count_opens(case, scope):
    """What a count of oslo's finds."""
    status, holder, at, site, seen, times = case
    mine = holder in ("oslo", "odm")
    here = mine and status is Status.HELD and (site is None or at == site)
    if not times:
        return [("absent", "oslo", 1)] if here and scope == "full" else []
    kind = first_kind(status, seen, times)
    if kind is None and not mine:
        kind = "extra"
    if kind is None and status is Status.HELD and not here:
        kind = "wrong_place"
    return [] if kind is None else [(kind, holder, 1)]


def test_every_contradiction_is_a_discrepancy_and_none_a_refusal():
    world, cases = staged(), 0
    for status, holder, at in product(STATUSES, HOLDERS, SITES):
        put(world, status, holder, at)
        for site, seen, times in product(SITES, SEEN, TIMES):
            case, where = (status, holder, at, site, seen, times), {} if site is None else {"site": site}
            lines = lines_for(times, seen)
            if times:
                told = world.would(world.sighting_draft("oslo", *lines, **where))
                assert told.reason is None and told.opened == sighting_opens(case), case
                cases += 1
            for scope, parts in product(("full", "partial"), ({}, {"part": 1, "parts": 1})):
                draft = world.stocktake_draft("oslo", "oslo/c1", *lines, scope=scope, **where, **parts)
                told = world.would(draft)
                assert told.reason is None and told.opened == count_opens(case, scope), (case, scope)
                cases += 1
    assert cases == 5 * 3 * 3 * (3 * 4 * 2 + 3 * 4 * 3 * 4)
