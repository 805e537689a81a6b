"""Inspections as they should go: what a verifier learns, and what nobody can say against it afterwards."""

from fractions import Fraction
from hashlib import sha256

import pytest

from ledger.book.rejection import Reason
from ledger.inspection.plan import presence
from tests.replay.test_script import SCRIPT, node
from tests.world import DICE, draw_seed
from tests.world_http import WATCH
from tests.world_verifying import verifier_world

CAST = {"acme": ("maker", "TW"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}
VISIT = f"{WATCH}/visit"
BETA = Fraction(1, 20)


@pytest.fixture
def world(tmp_path):
    """A maker, two holders, a verifier and dice, behind a server."""
    with verifier_world(tmp_path, CAST) as world:
        yield world


def makes(world, chips):
    """acme's chips in its hall, so many."""
    names = [f"acme:N{number:05}" for number in range(chips)]
    assert world.registers("acme", *names).admitted
    return names


def test_a_clean_inspection_of_294_in_10000(world, tmp_path):
    """Nothing is missing: 294 visits show that fewer than a hundred are, at 95 %."""
    makes(world, 10_000)
    plan = presence(10_000, 100, BETA)
    assert plan.n == 294
    assert world.commits(WATCH, VISIT, "acme", sizes=(plan.n,)).admitted
    assert world.sample(VISIT, by="acme") is None  # nobody is warned
    drawn = world.drawn(VISIT)
    assert len(set(drawn)) == 294 and world.sample(VISIT, by="acme") == drawn

    early = world.closing_draft(WATCH, VISIT)
    assert world.would(early).reason is Reason.BAD_FIELD  # nobody was there yet
    assert world.finds(WATCH, VISIT, *drawn).opened == []
    closed = world.closes(WATCH, VISIT, "clean")
    assert closed.admitted, closed.detail
    state = world.inspection(VISIT, by="acme")
    assert (state["verdict"], state["n_frame"], state["draw"]) == ("clean", 10_000, {"k": 1, "m": 1})
    assert state["upper_bound"] == 99  # a hundred would have been missed with less than 5 %
    assert replayed_abroad(world, tmp_path / "visit.replay") == drawn
    assert world.audited(refusals=0, past=False)


def replayed_abroad(world, path):
    """The chips that a program in another language draws from the file that the prover is given."""
    path.write_bytes(world.door.ask("acme", f"/inspections/{VISIT}/bundle").content)
    ran = node(SCRIPT, path)
    assert ran.returncode == 0, ran.stderr
    told = [line.split() for line in ran.stdout.splitlines()]
    return [words[2] for words in told if words[0] == "all"]


def test_growing_a_draw_keeps_its_prefix(world):
    """Who visits in order of rank may stop or go on: every beginning is the draw of that size."""
    makes(world, 200)
    assert world.commits(WATCH, VISIT, "acme", sizes=(60,)).admitted
    ranked = world.drawn(VISIT)
    made = world.commitments[VISIT]
    seed = draw_seed(made, sha256(DICE.pulse(made.round)).digest())
    chips = [chip for chip, _ in made.frame]
    tickets = sorted((sha256(seed + chip.encode()).digest(), chip) for chip in chips)
    assert len(ranked) == 60
    for size in (1, 10, 59, 60):
        assert ranked[:size] == [chip for _, chip in tickets[:size]]
    assert ranked != sorted(ranked) and ranked != chips[:60]

    # Another commitment is another draw: what one learns of the first helps nothing with the second.
    again = f"{WATCH}/again"
    assert world.commits(WATCH, again, "acme", number=2, sizes=(60,)).admitted
    assert set(world.drawn(again)) != set(ranked)
    assert world.audited(refusals=0, past=False)


def test_a_second_stage_is_drawn_only_where_the_first_leaves_a_doubt(world):
    """One of twenty is missing: more than is accepted, less than convicts; the next round decides."""
    makes(world, 120)
    stages = world.staged(VISIT, "acme", sizes=(20, 40), accept=0, reject=2)
    first = world.drawn(VISIT)
    assert world.finds(WATCH, VISIT, *first[1:]).opened == []
    told = world.finds(WATCH, VISIT, first[0], result="not_found")
    assert told.opened == [("absent", "acme", 1)]
    assert world.would(world.closing_draft(WATCH, VISIT, "clean")).reason is Reason.BAD_FIELD
    world.commitments[VISIT] = stages[1]
    assert world.draws(WATCH, VISIT).reason is Reason.TOO_EARLY  # its round is not due: nobody knows it
    both = world.drawn(VISIT)
    assert len(both) == 60 and both[:20] == first
    assert world.finds(WATCH, VISIT, *(set(both[20:]) - set(first))).opened == []
    assert world.closes(WATCH, VISIT, "violations").admitted
    assert world.inspection(VISIT)["stages_drawn"] == 2
    assert world.audited(past=False)


def test_the_runaway_chip(world):
    """Drawn, then shipped: the sample follows it to whoever has it, and it cannot run for ever."""
    makes(world, 20)
    assert world.commits(WATCH, VISIT, "acme", sizes=(6,)).admitted
    away, lost, *rest = world.drawn(VISIT)
    assert world.dispatches("acme", "acme/s1", away, lost, to="lima", country="PE").admitted
    assert world.finds(WATCH, VISIT, *rest).opened == []
    assert world.would(world.closing_draft(WATCH, VISIT, "clean")).reason is Reason.BAD_FIELD
    absent = {"chip": lost, "condition": "absent"}
    assert world.arrives("lima", "acme/s1", {"chip": away}, absent).opened == [("absent", "acme", 1)]
    # Shown by its present holder, at that holder's; nobody showed the other, there or where it came from.
    assert world.finds(WATCH, VISIT, away, site="lima/hall").opened == []
    assert world.finds(WATCH, VISIT, lost, result="not_found").admitted
    assert world.closes(WATCH, VISIT, "violations").admitted

    # What left before a commitment is not in its frame, whatever was said when.
    again = f"{WATCH}/again"
    assert world.commits(WATCH, again, "acme", number=2, sizes=(30,)).admitted
    drawn = world.drawn(again)
    assert away not in drawn and len(drawn) == len(world.holdings("acme")) == 19 - (lost not in drawn)
    assert world.audited(past=False)


def test_a_prover_that_refuses(world):
    """Whoever shuts the door is counted as if the chips were gone, and by the accuser's count too."""
    makes(world, 60)
    assert world.commits(WATCH, VISIT, "acme", sizes=(20,)).admitted
    drawn = world.drawn(VISIT)
    assert world.finds(WATCH, VISIT, *drawn[:17]).admitted
    control = world.would(world.closing_draft(WATCH, VISIT, "inconclusive"))
    assert control.reason is None  # three were not visited: no accusation yet
    told = world.finds(WATCH, VISIT, *drawn[17:], result="refused")
    assert told.opened == []  # a shut door says nothing of where a chip is
    for verdict in ("clean", "inconclusive", "void", "withheld"):
        assert world.would(world.closing_draft(WATCH, VISIT, verdict)).reason in (
            Reason.BAD_FIELD,
            Reason.TOO_EARLY,
        )
    assert world.closes(WATCH, VISIT, "violations").admitted
    state = world.inspection(VISIT, by="acme")
    assert state["counts"]["refused"] == 3 and state["upper_bound"] >= 3
    assert world.audited(past=False)


def test_the_dark_rack(world):
    """Chips nobody ever declared stand on the floor: only positions find them, no list of chips could."""
    makes(world, 12)
    dark = {"positions": 12}
    assert world.says(world.site_draft("acme/rack", "NO", **dark)).admitted
    by_chip, by_floor = f"{WATCH}/chips", f"{WATCH}/floor"
    assert world.commits(WATCH, by_chip, "acme", series=by_chip, sizes=(12,)).admitted
    assert world.finds(WATCH, by_chip, *world.drawn(by_chip)).opened == []
    assert world.closes(WATCH, by_chip, "clean", upper_bound=0).admitted  # every chip of the book is there

    floor = {"direction": "floor_to_book", "series": by_floor, "sizes": (12,)}
    draft = world.commitment_draft(WATCH, by_floor, "acme", **floor)
    assert world.says_positions(draft, {"acme/rack": 12}).admitted
    places = world.drawn(by_floor)
    assert len(places) == 12 and all(place.startswith("acme/rack#") for place in places)
    lines = [{"position": place} for place in places[2:]]
    lines += [{"position": place, "chip": f"acme:DARK{place[-1]}"} for place in places[:2]]
    told = world.finds(WATCH, by_floor, *lines, site="acme/rack")
    assert told.opened == [("unknown_chip", None, 2)]
    assert world.closes(WATCH, by_floor, "inconclusive", off_book=2).admitted
    assert world.inspection(by_floor)["off_book"] == 2
    assert world.audited(past=False)
