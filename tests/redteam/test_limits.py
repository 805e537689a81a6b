"""What the documents say is not caught is really not: limits are tried like everything else.

A test that fails here means that something is caught now that was not: then the lists of limits in
`docs/attacks.md` and in the report are to be made shorter.
"""

from dataclasses import replace

import pytest

from api.cli.redteam import inspector
from api.cli.redteam.arena import AFFILIATE, ANNEX, HALL, PROVER, TIMELY_LEAD_S, Arena, Said
from api.cli.redteam.prover_attempts import FLOOR
from ledger.book.rules.directions import FLOOR_TO_BOOK
from ledger.book.rules.inspections import commitment_of
from ledger.book.tables import DISCREPANCIES, INSPECTIONS
from ledger.outcome import Admitted

CHIPS = tuple(f"{PROVER}:S{number:03}" for number in range(40))
VISIT = inspector.visiting("visit", 1, 20)


@pytest.fixture
def arena():
    with Arena() as arena:
        arena.registers(CHIPS)
        yield arena


def closes_clean(arena, name):
    """Whether nothing keeps the verdict from being clean."""
    return isinstance(arena.says(inspector.closing(arena, name, "clean")), Admitted)


def hands_over(arena, chips, to):
    body = {"shipment": f"{PROVER}/s1", "to": to, "country": "NO", "title": "kept", "due_by": arena.today(30)}
    arena.must(Said(PROVER, "shipment.dispatched", body, [{"chip": chip} for chip in chips]))
    body = {"shipment": f"{PROVER}/s1", "site": f"{to}/hall", "evidence": "as_dispatched"}
    arena.must(Said(to, "shipment.arrived", body))


def stands(arena, drawn, there):
    """Both halls visited, `there` seen in some of the positions; the kinds of discrepancies that opened."""
    opened = []
    for site in (HALL, ANNEX):
        for place in (each for each in drawn if each.startswith(f"{site}#")):
            row = {"position": place, "result": "confirmed", "found_at": arena.today()}
            row |= {"chip": there[place]} if place in there else {}
            body = {"inspection": FLOOR.name, "site": site}
            opened += arena.must(Said("inspectors", "inspection.found", body, [row])).opened
    return [each.kind for each in opened]


def test_a_shell_that_nobody_noted_hides_what_it_holds(arena):
    hands_over(arena, CHIPS[:20], AFFILIATE)  # which are nowhere
    inspector.commits(arena, VISIT)
    drawn = inspector.draws(arena, VISIT.name)
    assert set(drawn) == set(CHIPS[20:])  # all that is in the prover's name, and all of it is there
    inspector.finds(arena, VISIT.name, drawn, {})
    assert closes_clean(arena, VISIT.name)


@pytest.mark.parametrize(("hours", "opened"), [(6, ["duplicate"]), (7, [])])
def test_a_chip_carried_from_rack_to_rack_fills_both_once_six_hours_are_over(arena, hours, opened):
    inspector.commits(arena, FLOOR)
    drawn = inspector.draws(arena, FLOOR.name)
    later, now = [f"{HALL}#2"], arena.now_s
    assert stands(arena, [each for each in drawn if each not in later], {f"{HALL}#1": CHIPS[0]}) == []
    arena.waits(now + hours * 3_600 - arena.now_s)
    assert stands(arena, later, {f"{HALL}#2": CHIPS[0]}) == opened
    assert closes_clean(arena, FLOOR.name) is (opened == [])


def test_chips_lent_once_the_draw_is_known_are_clean_but_told_as_out_of_place(arena):
    floor = inspector.visiting("floor", 1, 20, direction=FLOOR_TO_BOOK)
    inspector.commits(arena, floor)
    drawn = inspector.draws(arena, floor.name)
    empty = next(place for place in drawn if place.startswith(ANNEX))
    assert stands(arena, drawn, {empty: CHIPS[0]}) == ["wrong_place"]
    assert closes_clean(arena, floor.name)
    (row,) = arena.store.rows(DISCREPANCIES)
    assert (row.kind, row.state) == ("wrong_place", "open")


def test_an_operator_with_all_its_witnesses_can_backdate():
    with Arena(("north", "south")) as arena:
        arena.registers(CHIPS)
        inspection = inspector.commits(arena, VISIT)  # an hour after the round, by every honest clock
        early = arena.due_at(commitment_of(inspection).stages[0].round) - TIMELY_LEAD_S
        timely = inspector.witnessed(arena, VISIT.name, {"north": early, "south": early})
        inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name, timely=timely), {})
        assert arena.get(INSPECTIONS, VISIT.name).timely == "timely"
        assert closes_clean(arena, VISIT.name)


def test_inspectors_who_write_what_they_did_not_see_are_believed(arena):
    inspector.commits(arena, VISIT)
    inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name), {})  # nobody went there
    assert closes_clean(arena, VISIT.name)


def test_a_second_series_counts_its_own_draws_only(arena):
    inspector.commits(arena, VISIT)
    inspector.draws(arena, VISIT.name)  # which nobody will speak of
    other = inspector.visiting("other", 1, 20)
    said = inspector.committing(arena, other)
    arena.must(replace(said, body={**said.body, "series": "inspectors/another"}))
    inspector.finds(arena, other.name, inspector.draws(arena, other.name), {})
    closing = inspector.closing(arena, other.name, "clean")
    assert closing.body["draw"] == {"k": 1, "m": 1} and isinstance(arena.says(closing), Admitted)
    committed = [row.inspection for row in arena.store.rows(INSPECTIONS)]
    assert committed == sorted([VISIT.name, other.name])  # both are there for everybody to see
