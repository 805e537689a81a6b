"""What inspectors find counts once each, the worse of two; what disagrees with the book gets a number."""

from hashlib import sha256

import pytest

from ledger.book.rejection import Reason
from ledger.book.tables import INSPECTIONS, SAMPLED, SITES
from ledger.book.times import format_seconds
from tests.book.proving import DOORS, proving, stocked, stocked_behind
from tests.world import DICE, LEAD_S, World, draw_seed
from tests.world_disputes import answer_draft

CHIPS = [f"acme:S{n}" for n in range(1, 7)]
HOURS_S = 3600


@pytest.fixture
def world():
    """acme holds six chips and a hall of eight positions; all six are drawn, and one went missing before."""
    world = World()
    world.settles()
    told = [
        world.registers("acme", *CHIPS, "acme:GONE", "acme:SENT"),
        world.says(world.retirement_draft("acme", "acme:GONE", reason="lost")),
        world.registers("bolt", "bolt:B1"),
        world.dispatches("acme", "acme/s0", "acme:SENT", to="oslo"),
        world.arrives("oslo", "acme/s0", "acme:SENT"),
        world.commits("watch", "watch/i", "acme", sizes=(9,)),
    ]
    world.waits(LEAD_S + 60)
    told.append(world.draws("watch", "watch/i"))
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def result(world, chip):
    return world.door.get(SAMPLED, ("watch/i", chip)).result


def test_of_two_visits_the_worse_counts_whichever_came_first(world):
    for first, second, counted in (
        ("confirmed", "not_found", "not_found"),
        ("tampered", "confirmed", "tampered"),
        ("inconclusive", "confirmed", "inconclusive"),
        ("refused", "mismatch", "mismatch"),
    ):
        chip = CHIPS.pop(0)
        CHIPS.append(chip)
        assert world.finds("watch", "watch/i", chip, result=first).admitted
        assert world.finds("watch", "watch/i", chip, result=second).admitted
        assert result(world, chip) == counted


def test_a_chip_may_stand_in_two_lines_where_something_else_was_seen(world):
    lines = [{"chip": "acme:S1"}, {"chip": "acme:S1", "seen": {"label": "S1"}, "result": "mismatch"}]
    told = world.finds("watch", "watch/i", *lines)
    assert told.admitted and result(world, "acme:S1") == "mismatch"
    assert told.opened == [("duplicate", "acme", 1)]
    twice = world.found_draft("watch", "watch/i", "acme:S2", {"chip": "acme:S2", "result": "refused"})
    assert world.says(twice).reason is Reason.MANIFEST_MISMATCH


@pytest.mark.parametrize("hours", [0, 6, -6])
def test_a_chip_cannot_be_at_two_sites_within_six_hours(world, hours):
    now = world.now // 1000 + 7 * HOURS_S
    assert world.finds("watch", "watch/i", {"chip": "acme:S1", "found_at": format_seconds(now)}).admitted
    elsewhere = {"chip": "acme:S1", "found_at": format_seconds(now + hours * HOURS_S)}
    told = world.finds("watch", "watch/i", elsewhere, site="bolt/hall")
    assert told.admitted and told.opened == [("duplicate", "acme", 1)]
    assert result(world, "acme:S1") == "duplicate"


def test_later_or_at_one_site_it_can(world):
    assert world.finds("watch", "watch/i", "acme:S1").admitted
    assert world.finds("watch", "watch/i", "acme:S1").opened == []
    moved = {"chip": "acme:S1", "found_at": format_seconds(world.now // 1000 + 6 * HOURS_S)}
    assert world.finds("watch", "watch/i", moved, site="bolt/hall").opened == [("wrong_place", "acme", 1)]
    assert result(world, "acme:S1") == "confirmed"


def test_the_sample_follows_the_chip_to_its_present_holder(world):
    assert world.dispatches("acme", "acme/s1", "acme:S1", to="oslo").admitted
    assert world.finds("watch", "watch/i", "acme:S1", site="oslo/hall").opened == []  # on its way: anywhere
    assert world.arrives("oslo", "acme/s1", "acme:S1").admitted
    assert world.finds("watch", "watch/i", "acme:S1", site="oslo/hall").opened == []
    assert world.finds("watch", "watch/i", "acme:S1", result="not_found").opened == []  # nor is it to be here
    told = world.finds("watch", "watch/i", "acme:S1", site="oslo/hall", result="not_found")
    assert told.opened == [("absent", "oslo", 1)]


def test_what_is_shown_after_the_day_of_findings_is_told_and_does_not_count(world):
    late = {"chip": "acme:S1", "found_at": format_seconds(world.now // 1000 + 26 * HOURS_S)}
    assert world.finds("watch", "watch/i", late).admitted
    assert result(world, "acme:S1") is None
    assert world.would(world.closing_draft("watch", "watch/i", "inconclusive")).reason is None


@pytest.mark.parametrize(("seconds", "counted"), [(600, "confirmed"), (601, None)])
def test_what_was_seen_before_the_draw_is_told_and_does_not_count(world, seconds, counted):
    """An inspector's clock may be ten minutes behind the log's."""
    drawn_at = int(world.door.get(INSPECTIONS, "watch/i").drawn_at)
    early = format_seconds(drawn_at - seconds)
    off = {"chip": "acme:NEW", "result": "unlisted", "found_at": early}
    told = world.finds("watch", "watch/i", {"chip": "acme:S1", "found_at": early}, off)
    assert told.opened == [("unknown_chip", None, 1)]
    assert result(world, "acme:S1") == counted
    assert (world.door.get(SAMPLED, ("watch/i", "acme:NEW")) is None) is (counted is None)
    assert world.door.get(SAMPLED, ("watch/i", "acme:S1")).shown == (
        "" if counted is None else f"{drawn_at - seconds}@acme/hall"
    )


def test_remains_of_a_drawn_chip_are_shown(world):
    gone = world.retirement_draft("acme", "acme:S1", reason="destroyed", evidence_sha256="ab" * 32)
    assert world.says(gone).admitted
    assert world.finds("watch", "watch/i", "acme:S1").opened == []
    assert world.says(world.retirement_draft("acme", "acme:S2", reason="lost")).admitted
    assert world.finds("watch", "watch/i", "acme:S2").opened == [("after_end", "acme", 1)]


def test_whatever_is_seen_beside_the_sample_is_heard_and_counts_for_nothing_unless_it_is_off_the_book(world):
    told = world.finds("watch", "watch/i", "bolt:B1", {"chip": "acme:NEW", "result": "unlisted"})
    assert told.opened == [("unknown_chip", None, 1), ("wrong_place", "bolt", 1)]
    assert world.door.get(SAMPLED, ("watch/i", "bolt:B1")) is None
    assert world.finds("watch", "watch/i", {"chip": "acme:NEW", "result": "unlisted"}).admitted
    row = world.door.get(SAMPLED, ("watch/i", "acme:NEW"))
    assert (row.stages, row.result) == ("", "unlisted")
    told = world.closes("watch", "watch/i", "inconclusive", off_book=1, known_missing=1)
    assert told.admitted, told.detail


def test_what_disagrees_is_a_discrepancy_of_its_kind(world):
    lines = [
        {"chip": "acme:S1", "result": "not_found"},
        {"chip": "acme:S2", "result": "refused"},
        {"chip": "acme:S3", "result": "inconclusive"},
        {"chip": "acme:GONE"},
        {"chip": "acme:SENT"},
    ]
    told = world.finds("watch", "watch/i", *lines)
    assert told.opened == [("after_end", "acme", 1), ("absent", "acme", 1), ("wrong_place", "oslo", 1)]


def test_who_gives_in_answers_for_what_was_not_found(world):
    told = world.finds("watch", "watch/i", "acme:S1", result="not_found")
    assert world.says(answer_draft(world, "acme", f"{told.index}.0", concedes=True)).admitted
    chip = world.chip("acme:S1")
    assert (chip.status, chip.custodian, chip.liable) == ("missing", None, "acme")
    assert world.finds("watch", "watch/i", "acme:S1", result="not_found").opened == []  # the book says so too
    assert world.audit().clean


def test_findings_come_after_the_draw_and_before_the_verdict(world):
    assert world.commits("watch", "watch/j", "acme", number=2).admitted
    assert world.finds("watch", "watch/j", "acme:S1").reason is Reason.TOO_EARLY
    assert world.finds("peer", "watch/i", "acme:S1").reason is Reason.UNKNOWN_REFERENCE
    assert world.finds("watch", "watch/i", *CHIPS).admitted
    assert world.closes("watch", "watch/i", "clean").admitted
    assert world.finds("watch", "watch/i", "acme:S1").reason is Reason.ENDED


@pytest.mark.parametrize("door", DOORS)
def test_every_door_takes_an_inspection_to_its_end(door, tmp_path):
    """The same statements behind the plain fold and the real admission, on both stores: one book."""
    world = stocked_behind(door, tmp_path)
    told = [world.commits("watch", "watch/i", "acme", sizes=(9,))]
    told += floor(world)
    told += [world.draws("watch", "watch/i"), world.draws("watch", "watch/f")]
    chips = world.sample("watch/i")
    told.append(world.finds("watch", "watch/i", *chips[:-1]))
    told.append(world.finds("watch", "watch/i", chips[-1], result="refused"))
    told.append(world.finds("watch", "watch/f", *world.sample("watch/f"), site="acme/floor"))
    told.append(world.closes("watch", "watch/i", "violations"))
    told.append(world.closes("watch", "watch/f", "clean", upper_bound=1))
    assert all(each.admitted for each in told), [each.detail for each in told]
    assert len(chips) == 4 and world.audit().clean
    world.door.close()


def test_a_drawn_chip_answers_its_ticket_and_nothing_else():
    world = stocked()
    assert world.commits("watch", "watch/i", "acme", sizes=(9,)).admitted
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/i").admitted
    made = world.commitments["watch/i"]
    seed = draw_seed(made, sha256(DICE.pulse(made.round)).digest())
    nonces = {chip: sha256(seed + chip.encode()).digest() for chip in ("acme:S1", "acme:S4")}
    head = world.head()
    early = proving(world.found_draft("watch", "watch/i", "acme:S1"), {"acme:S1": "1"}, head=head)
    assert world.says(early).admitted and world.chip("acme:S1").cls == "B"
    fresh = world.found_draft("watch", "watch/i", "acme:S1", "acme:S4")
    fresh = proving(fresh, {"acme:S1": "1", "acme:S4": "4"}, head=head, nonces=nonces)
    assert world.says(fresh).opened == []
    assert [world.chip(chip).cls for chip in nonces] == ["A", "A"]
    assert world.audit().clean


def floor(world, **more):
    """The positions of acme's second hall, all drawn."""
    told = [
        world.declares_site("acme/floor", positions=4),
        world.commits(
            "watch", "watch/f", "acme", series="watch/f", sizes=(3,), direction="floor_to_book", **more
        ),
    ]
    world.waits(LEAD_S + 60)
    return told


def test_positions_are_drawn_as_chips_are(world):
    assert all(each.admitted for each in floor(world))
    assert world.door.get(SITES, "acme/floor").positions == 4
    draft = world.draw_draft("watch", "watch/f")
    assert draft.body["frame"]["count"] == 4 and len(draft.lines) == 3
    assert all(line["position"].startswith("acme/floor#") for line in draft.lines)
    assert world.would(draft.with_lines("acme:S1", "acme:S2", "acme:S3")).reason is Reason.BAD_FIELD
    everything = [f"acme/floor#{n}" for n in range(1, 5)]
    assert world.would(draft.with_lines(*everything)).reason is Reason.WRONG_SELECTION
    assert world.says(draft).admitted
    assert len(world.sample("watch/f")) == 3


def test_what_stands_on_a_floor_must_be_on_the_book(world):
    assert all(each.admitted for each in floor(world))
    assert world.draws("watch", "watch/f").admitted
    one, two, three = world.sample("watch/f")
    assert world.places("acme", "acme:S1", site="acme/floor").admitted
    lines = [
        {"position": one, "chip": "acme:S1"},
        {"position": two},
        {"position": three, "chip": "acme:NEVER", "seen": {"label": "X"}},
    ]
    told = world.finds("watch", "watch/f", *lines, site="acme/floor")
    assert told.opened == [("unknown_chip", None, 1)]
    assert world.finds("watch", "watch/f", "acme:S1", site="acme/floor").reason is Reason.BAD_FIELD
    found = {row.item: row.result for row in world.door.rows(SAMPLED) if row.inspection == "watch/f"}
    assert found == {one: "confirmed", two: "confirmed", three: "unlisted", "acme:S1": None}
    assert world.closes("watch", "watch/f", "inconclusive", off_book=1).admitted
    assert world.audit().clean


def test_one_chip_shown_on_two_floors_is_a_duplicate(world):
    assert world.declares_site("acme/upper", positions=4).admitted
    draft = world.commitment_draft("watch", "watch/f", "acme", series="watch/f", sizes=(8,))
    assert world.says_commitment(draft.changed(direction="floor_to_book")).admitted
    assert world.declares_site("acme/late", positions=4).admitted
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/f").admitted
    assert len(world.sample("watch/f")) == 4  # what was declared later is not in it
    here, there = (
        {"position": "acme/upper#1", "chip": "acme:S1"},
        {"position": "acme/upper#2", "chip": "acme:S1"},
    )
    assert world.finds("watch", "watch/f", here, site="acme/upper").admitted
    told = world.finds("watch", "watch/f", there, site="acme/late")
    assert told.opened == [("duplicate", "acme", 1)]
    assert world.door.get(SAMPLED, ("watch/f", "acme/upper#2")).result == "duplicate"


@pytest.mark.parametrize("together", [True, False], ids=["in one statement", "in two"])
@pytest.mark.parametrize(
    ("place", "hours", "counted"), [(2, 6, "duplicate"), (2, 7, "confirmed"), (1, 1, None)]
)
def test_one_chip_shown_at_two_positions_of_a_floor_is_a_duplicate_too(
    world, together, place, hours, counted
):
    """Within six hours; later it may have been moved. The same position again is the same."""
    assert world.declares_site("acme/floor", positions=4).admitted
    draft = world.commitment_draft("watch", "watch/f", "acme", series="watch/f", sizes=(4,))
    assert world.says_commitment(draft.changed(direction="floor_to_book")).admitted
    world.waits(LEAD_S + 60)
    assert world.draws("watch", "watch/f").admitted
    assert world.places("acme", "acme:S1", site="acme/floor").admitted
    now = world.now // 1000
    here, there = (
        {
            "position": f"acme/floor#{number}",
            "chip": "acme:S1",
            "found_at": format_seconds(now + later * HOURS_S),
            "seen": {"label": f"S{number}{later}"},
        }
        for number, later in ((1, 0), (place, hours))
    )
    if together and place != 1:
        opened = world.finds("watch", "watch/f", here, there, site="acme/floor").opened
    else:
        assert world.finds("watch", "watch/f", here, site="acme/floor").opened == []
        opened = world.finds("watch", "watch/f", there, site="acme/floor").opened
    assert opened == ([("duplicate", "acme", 1)] if counted == "duplicate" else [])
    rows = {row.item: row.result for row in world.door.rows(SAMPLED) if row.inspection == "watch/f"}
    assert rows["acme/floor#1"] == "confirmed" and rows.get("acme/floor#2") == (counted or None)
