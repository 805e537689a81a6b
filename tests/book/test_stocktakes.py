"""A count is held against the book: whole or in parts, of one site or of all, it moves nothing."""

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import CHIPS, DISCREPANCY_CHIPS, STOCKTAKES
from ledger.book.times import DAY_SECONDS
from tests.world import World
from tests.world_doors import FoldDoor, memory_door, sqlite_door
from tests.yardstick import in_time

DOORS = {"fold": lambda _: FoldDoor, "memory": lambda _: memory_door, "sqlite": sqlite_door}
CHIPS_MANY = 50_000


@pytest.fixture(params=DOORS)
def world(request, tmp_path):
    """oslo has A, B, C in its hall and D in its annex; E is on its way to lima, F acme's, G lima's."""
    world = World(DOORS[request.param](tmp_path)).settles()
    told = [
        world.registers("acme", {"chip": "acme:A", "identity": {"uuid": "U"}}, *chips("BCDEFG")),
        world.dispatches("acme", "acme/s1", *chips("ABCDE"), to="oslo"),
        world.arrives("oslo", "acme/s1"),
        world.places("oslo", "acme:D", site="oslo/annex"),
        world.dispatches("oslo", "oslo/s1", "acme:E", to="lima"),
        world.dispatches("acme", "acme/s2", "acme:G", to="lima"),
        world.arrives("lima", "acme/s2"),
    ]
    assert all(each.admitted for each in told), [each.detail for each in told]
    yield world
    assert world.audit().clean
    world.door.close()


def chips(letters):
    """Of acme's make."""
    return [f"acme:{letter}" for letter in letters]


def row(world, stocktake):
    """(state, counted, expected, absent)."""
    found = world.door.get(STOCKTAKES, stocktake)
    return found.state, found.counted, found.expected, found.absent


def named(world):
    """The chips of every discrepancy, by its kind."""
    kinds = {found[0]: found[1] for found in world.discrepancies()}
    told = [(kinds[line.discrepancy], line.chip, line.seen) for line in world.door.rows(DISCREPANCY_CHIPS)]
    return sorted(told)


def corrects(world, party, told):
    """What was said, taken back."""
    body = {"corrects": told.outcome.statement, "reason": "a mistake"}
    return world.says(world.draft(party, "statement.corrected", body))


def test_a_full_count_of_one_site_asks_for_what_the_book_has_there(world):
    before = world.door.rows(CHIPS)
    told = world.counts("oslo", "oslo/c1", *chips("AB"), scope="full", site="oslo/hall")
    assert told.opened == [("absent", "oslo", 1)]
    assert named(world) == [("absent", "acme:C", "")]
    assert row(world, "oslo/c1") == ("judged", 2, 3, 1)
    assert world.door.rows(CHIPS) == before


def test_a_full_count_of_all_sites_leaves_out_only_what_is_on_its_way(world):
    told = world.counts("oslo", "oslo/c1", *chips("AB"), scope="full")
    assert told.opened == [("absent", "oslo", 2)]
    assert named(world) == [("absent", "acme:C", ""), ("absent", "acme:D", "")]
    assert row(world, "oslo/c1") == ("judged", 2, 4, 2)


def test_a_count_may_have_found_nothing_at_all(world):
    assert world.counts("oslo", "oslo/c1", scope="full").opened == [("absent", "oslo", 4)]
    assert world.counts("oslo", "oslo/c2").opened == []
    assert world.counts("bolt", "bolt/c1", scope="full").opened == []
    assert row(world, "oslo/c2") == row(world, "bolt/c1") == ("judged", 0, 0, 0)


def test_a_partial_count_misses_nobody(world):
    assert world.counts("oslo", "oslo/c1", *chips("AE"), site="oslo/hall").opened == []
    assert row(world, "oslo/c1") == ("judged", 2, 1, 0)


def test_what_is_on_its_way_is_neither_expected_nor_too_many(world):
    assert world.counts("oslo", "oslo/c1", *chips("ABCDE"), scope="full").opened == []
    assert row(world, "oslo/c1") == ("judged", 5, 4, 0)
    told = world.counts("lima", "lima/c1", *chips("EG"), scope="full")
    assert told.opened == [("extra", "oslo", 1)]  # until lima signs it is oslo's


def test_everything_else_that_can_be_wrong_is_told_apart(world):
    lines = [{"chip": "acme:A", "seen": {"uuid": "V"}}, "acme:B", {"chip": "acme:B", "seen": {"label": "B"}}]
    told = world.counts("oslo", "oslo/c1", *lines, *chips("DFGZ"), scope="full", site="oslo/hall")
    assert told.opened == [
        ("unknown_chip", None, 1),
        ("duplicate", "oslo", 1),
        ("identity_differs", "oslo", 1),
        ("extra", "acme", 1),
        ("extra", "lima", 1),
        ("absent", "oslo", 1),
        ("wrong_place", "oslo", 1),
    ]
    assert named(world) == [
        ("absent", "acme:C", ""), ("duplicate", "acme:B", ""), ("duplicate", "acme:B", '{"label":"B"}'),
        ("extra", "acme:F", ""), ("extra", "acme:G", ""), ("identity_differs", "acme:A", '{"uuid":"V"}'),
        ("unknown_chip", "acme:Z", ""), ("wrong_place", "acme:D", ""),
    ]  # fmt: skip
    assert row(world, "oslo/c1") == ("judged", 6, 3, 1)


def test_parts_come_in_any_order_and_are_judged_by_the_last(world):
    whole = {"scope": "full", "site": "oslo/hall", "parts": 3}
    assert world.counts("oslo", "oslo/c1", "acme:F", part=3, **whole).opened == []
    assert world.counts("oslo", "oslo/c1", "acme:A", "acme:Z", part=1, **whole).opened == []
    assert row(world, "oslo/c1") == ("open", 0, 0, 0)
    last = world.counts("oslo", "oslo/c1", "acme:C", "acme:D", part=2, **whole)
    assert last.opened == [
        ("unknown_chip", None, 1), ("extra", "acme", 1), ("absent", "oslo", 1), ("wrong_place", "oslo", 1),
    ]  # fmt: skip
    assert row(world, "oslo/c1") == ("judged", 5, 3, 1)
    assert all(found[0].startswith(f"{last.index}.") for found in world.discrepancies())
    assert world.counts("oslo", "oslo/c1", part=2, **whole).reason is Reason.ID_TAKEN


def test_a_part_may_have_no_lines_and_the_last_one_too(world):
    whole = {"scope": "full", "parts": 2}
    assert world.counts("oslo", "oslo/c1", *chips("ABCD"), part=2, **whole).opened == []
    assert world.counts("oslo", "oslo/c1", part=1, **whole).opened == []
    assert row(world, "oslo/c1") == ("judged", 4, 4, 0)


def test_one_part_of_one_is_judged_at_once(world):
    assert world.counts("oslo", "oslo/c1", scope="full", part=1, parts=1).opened == [("absent", "oslo", 4)]


def test_a_chip_named_in_two_parts_is_there_once(world):
    a, other = {"chip": "acme:A", "seen": {"uuid": "U"}}, {"chip": "acme:B", "seen": {"label": "B"}}
    assert world.counts("oslo", "oslo/c1", a, "acme:B", part=1, parts=2).opened == []
    told = world.counts("oslo", "oslo/c1", a, other, part=2, parts=2)
    assert told.opened == [("duplicate", "oslo", 1)]  # B, seen two ways; A is said twice, in the same words
    assert row(world, "oslo/c1") == ("judged", 2, 2, 0)


def test_parts_share_their_terms_and_come_once(world):
    whole = {"scope": "full", "site": "oslo/hall", "parts": 2}
    assert world.counts("oslo", "oslo/c1", "acme:A", part=1, **whole).admitted
    others = ({"scope": "partial"}, {"site": "oslo/annex"}, {"site": "no/where"}, {"parts": 3})
    for other in others:
        assert world.counts("oslo", "oslo/c1", part=2, **{**whole, **other}).reason is Reason.BAD_FIELD
    assert world.counts("oslo", "oslo/c1", part=2, scope="full", parts=2).reason is Reason.BAD_FIELD
    assert world.counts("oslo", "oslo/c1", part=1, **whole).reason is Reason.ID_TAKEN
    assert world.counts("oslo", "oslo/c1", "acme:A").reason is Reason.ID_TAKEN
    assert world.counts("oslo", "oslo/c1", part=2, **whole).opened == [("absent", "oslo", 2)]


def test_a_part_after_a_week_is_over(world):
    whole = {"scope": "full", "parts": 3}
    first = world.counts("oslo", "oslo/c1", "acme:A", part=1, **whole)
    assert first.admitted
    world.waits(7 * DAY_SECONDS - 1)
    assert world.counts("oslo", "oslo/c1", part=2, **whole).admitted  # to the second
    assert world.counts("oslo", "oslo/c1", part=3, **whole).reason is Reason.ENDED
    assert row(world, "oslo/c1")[0] == "open"
    assert world.counts("oslo", "oslo/c2", part=3, **whole).admitted  # another count begins


def test_a_part_taken_back_and_said_again_counts_only_as_said_again(world):
    whole = {"scope": "full", "parts": 3}
    assert world.counts("oslo", "oslo/c1", "acme:A", part=1, **whole).admitted
    wrong = world.counts("oslo", "oslo/c1", "acme:B", "acme:C", "acme:Z", part=2, **whole)
    assert corrects(world, "oslo", wrong).admitted
    assert world.counts("oslo", "oslo/c1", "acme:D", part=3, **whole).opened == []
    told = world.counts("oslo", "oslo/c1", "acme:C", part=2, **whole)
    assert told.opened == [("absent", "oslo", 1)]
    assert named(world) == [("absent", "acme:B", "")]
    assert row(world, "oslo/c1") == ("judged", 3, 4, 1)


def test_a_last_part_taken_back_opens_the_count_again(world):
    whole = {"scope": "full", "parts": 2}
    assert world.counts("oslo", "oslo/c1", *chips("ABC"), part=1, **whole).admitted
    last = world.counts("oslo", "oslo/c1", "acme:Z", part=2, **whole)
    assert last.opened == [("unknown_chip", None, 1), ("absent", "oslo", 1)]
    assert corrects(world, "oslo", last).admitted
    assert row(world, "oslo/c1") == ("open", 0, 0, 0)
    assert world.counts("oslo", "oslo/c1", "acme:D", part=2, **whole).opened == []
    assert row(world, "oslo/c1") == ("judged", 4, 4, 0)


def test_a_first_part_taken_back_never_was(world):
    first = world.counts("oslo", "oslo/c1", "acme:Z", scope="full", part=1, parts=2)
    assert corrects(world, "oslo", first).admitted
    world.waits(8 * DAY_SECONDS)
    other = {"scope": "full", "site": "oslo/hall", "parts": 2}
    assert world.counts("oslo", "oslo/c1", *chips("AB"), part=2, **other).opened == []
    assert world.counts("oslo", "oslo/c1", "acme:C", part=1, **other).opened == []
    assert row(world, "oslo/c1") == ("judged", 3, 3, 0)


def test_a_successor_counts_what_it_took_over(world):
    succession = {"party": "oslo", "succeeded_by": "odm"}
    assert world.says(world.draft("registrar", "party.changed", succession)).admitted
    told = world.counts("odm", "odm/c1", *chips("ABEF"), scope="full", site="oslo/hall")
    assert told.opened == [("extra", "acme", 1), ("absent", "odm", 1)]
    assert row(world, "odm/c1") == ("judged", 4, 3, 1)
    assert world.counts("odm", "odm/c2", "acme:D", site="odm/hall").opened == [("wrong_place", "oslo", 1)]


def test_chips_of_another_are_no_business_of_a_full_count(world):
    assert world.counts("lima", "lima/c1", scope="full", site="oslo/hall").opened == []
    told = world.counts("lima", "lima/c2", scope="full")
    assert told.opened == [("absent", "lima", 1)] and named(world) == [("absent", "acme:G", "")]


@pytest.mark.parametrize("door", ["memory", "sqlite"])
def test_parts_of_one_batch_find_each_other(door, tmp_path):
    """Each needs what those before it in the batch led to."""
    world = World(DOORS[door](tmp_path)).settles()
    assert world.registers("acme", *chips("ABC")).admitted
    whole = {"scope": "full", "parts": 3}
    drafts = [
        world.stocktake_draft("acme", "acme/c1", f"acme:{name}", part=part, **whole)
        for part, name in ((2, "A"), (3, "Z"), (1, "B"))
    ]
    told = world.door.admit_all([draft.raw() for draft in drafts])
    assert [[each.kind for each in outcome.opened] for outcome in told] == [
        [],
        [],
        ["unknown_chip", "absent"],
    ]
    assert world.audit().clean
    world.door.close()


@pytest.mark.parametrize("parts", [1, 2])
def test_fifty_thousand_lines_are_judged_in_well_under_two_seconds(parts):
    """Half of them found, half not; a hundred that are nobody's."""
    world = World().settles()
    names = [f"acme:N{number:06}" for number in range(CHIPS_MANY)]
    assert world.registers("acme", *names).admitted
    found = [*names[: CHIPS_MANY // 2], *(f"acme:Z{number}" for number in range(100))]
    whole = {"scope": "full", "site": "acme/hall"}
    if parts == 2:
        assert world.counts("acme", "acme/c1", *found[::2], part=1, parts=2, **whole).admitted
        draft = world.stocktake_draft("acme", "acme/c1", *found[1::2], part=2, parts=2, **whole)
    else:
        draft = world.stocktake_draft("acme", "acme/c1", *found, **whole)
    entry = world.door.look(draft.raw())
    verdict = in_time(lambda: world.door.fold.admit(entry), 2, rounds=1)
    assert [(each.kind, each.chips) for each in verdict.opened] == [
        ("unknown_chip", 100), ("absent", CHIPS_MANY // 2),
    ]  # fmt: skip
