"""What does a prover try whose chips are not where the book says?

It moves them on paper, writes them off, refuses, stalls, shows one chip for two, or keeps some off the book.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.cli.redteam import inspector
from api.cli.redteam.arena import AFFILIATE, ANNEX, HALL, MODEL, PROVER, STRANGER, Arena, Said
from api.cli.redteam.attempts import CHIPS, Attempt, Tried, beside, in_vain, only_verdict, told_to
from ledger.book.rows import Inspection
from ledger.book.rules.directions import FLOOR_TO_BOOK, frame_key
from ledger.book.tables import INSPECTIONS

VISIT = inspector.visiting("visit", 1, 20)
FLOOR = inspector.visiting("floor", 1, 80, direction=FLOOR_TO_BOOK)
GONE = CHIPS[:30]  # of 40 chips: 20 visits cannot miss them all
DAYS_30 = 30

MOVING, SHELLS, LOSSES = "moving after the commitment", "shells", "claimed losses"
REFUSING, TWICE, RELABELLING, OFF_BOOK = "refusing", "one chip shown twice", "relabelling", "off-book stock"
DIVERSION = "diversion"


def _hands_over(arena: Arena, chips: Sequence[str], to: str) -> None:
    """The chips are another's, by the book."""
    shipment = {"shipment": f"{PROVER}/s{arena.now_ms}", "to": to, "country": "NO", "title": "kept"}
    shipment["due_by"] = arena.today(DAYS_30)
    arena.must(Said(PROVER, "shipment.dispatched", shipment, [{"chip": chip} for chip in chips]))
    arrival = {"shipment": shipment["shipment"], "site": f"{to}/hall", "evidence": "as_dispatched"}
    arena.must(Said(to, "shipment.arrived", arrival))


def _writes_off(arena: Arena, chips: Sequence[str]) -> None:
    arena.must(Said(PROVER, "chips.retired", {"reason": "stolen"}, [{"chip": chip} for chip in chips]))


def _frame_of_today(arena: Arena, inspection: Inspection) -> Said:
    """The draw as it would be from the book of the day of the draw."""
    key = replace(frame_key(inspection), at_index=arena.store.head().size)
    return inspector.drawing(arena, inspection, frame=arena.store.frame(key))


def _moved_frame(arena: Arena) -> Tried:
    inspector.commits(arena, VISIT)
    _hands_over(arena, GONE, STRANGER)
    inspection = inspector.comes(arena, VISIT.name)
    return beside(arena, _frame_of_today(arena, inspection), inspector.drawing(arena, inspection))


def _written_off_frame(arena: Arena) -> Tried:
    inspector.commits(arena, VISIT)
    _writes_off(arena, GONE)
    inspection = inspector.comes(arena, VISIT.name)
    return beside(arena, _frame_of_today(arena, inspection), inspector.drawing(arena, inspection))


def _visited(arena: Arena, amiss: Mapping[str, str]) -> Tried:
    """What is drawn is visited, and `clean` is tried."""
    drawn = inspector.draws(arena, VISIT.name)
    inspector.finds(arena, VISIT.name, drawn, amiss)
    return only_verdict(arena, VISIT.name)


def _moved_away(arena: Arena) -> Tried:
    inspector.commits(arena, VISIT)
    _hands_over(arena, GONE, STRANGER)
    return _visited(arena, dict.fromkeys(GONE, "not_found"))


def _written_off_later(arena: Arena) -> Tried:
    inspector.commits(arena, VISIT)
    _writes_off(arena, GONE)
    return _visited(arena, dict.fromkeys(GONE, "not_found"))


def _written_off_before(arena: Arena) -> Tried:
    """Ten are written off in time: no draw can show them, so every verdict must."""
    _writes_off(arena, CHIPS[:10])
    inspector.commits(arena, VISIT)
    inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name), {})
    honest = inspector.closing(arena, VISIT.name, "clean")
    assert honest.body["known_missing"] == 10
    cheats = [inspector.closing(arena, VISIT.name, "clean", known_missing=number) for number in (0, 9)]
    return in_vain(arena, cheats, honest)


def _with_result(result: str) -> Any:
    def tried(arena: Arena) -> Tried:
        inspector.commits(arena, VISIT)
        return _visited(arena, dict.fromkeys(GONE, result))

    return tried


def _brought_back_late(arena: Arena) -> Tried:
    """The chips are there again, a day after the day of findings."""
    inspector.commits(arena, VISIT)
    drawn = inspector.draws(arena, VISIT.name)
    arena.waits(inspector.FOUND_S)
    inspector.finds(arena, VISIT.name, drawn, {})
    return only_verdict(arena, VISIT.name)


def _pooled(arena: Arena) -> Tried:
    """The verifier noted who belongs together; the draw is to do without the shell's chips."""
    _hands_over(arena, CHIPS[:10], AFFILIATE)
    parties = {"parties": sorted((PROVER, AFFILIATE)), "evidence_sha256": "ab" * 32}
    arena.must(Said("inspectors", "affiliation.noted", parties))
    inspector.commits(arena, replace(VISIT, provers=(PROVER, AFFILIATE)))
    inspection = inspector.comes(arena, VISIT.name)
    own = replace(frame_key(inspection), provers=(PROVER,))
    cheat = inspector.drawing(arena, inspection, frame=arena.store.frame(own))
    return beside(arena, cheat, inspector.drawing(arena, inspection))


def _shown_at_two_sites(arena: Arena) -> Tried:
    """One device with one serial is shown in the hall, then in the annex, within six hours."""
    inspector.commits(arena, VISIT)
    drawn = inspector.draws(arena, VISIT.name)
    inspector.finds(arena, VISIT.name, drawn, {})
    arena.waits(5 * 3600)
    inspector.finds(arena, VISIT.name, drawn[:1], {}, site=ANNEX)
    return only_verdict(arena, VISIT.name)


def _shown_in_two_racks(arena: Arena) -> Tried:
    """One device is seen in a rack, and carried to the next while the inspectors walk there."""
    return _floor_visited(arena, {f"{HALL}#1": CHIPS[0], f"{HALL}#2": CHIPS[0]}, {})


def _floor_visited(arena: Arena, there: Mapping[str, str], amiss: Mapping[str, str]) -> Tried:
    """Every position of both halls is drawn; `there` is what stands where, by position."""
    inspector.commits(arena, FLOOR)
    drawn = inspector.draws(arena, FLOOR.name)
    for site in (HALL, ANNEX):
        rows = []
        for position in (each for each in drawn if each.startswith(f"{site}#")):
            row = {
                "position": position,
                "result": amiss.get(position, "confirmed"),
                "found_at": arena.today(),
            }
            rows.append(row | ({"chip": there[position]} if position in there else {}))
        arena.must(Said("inspectors", "inspection.found", {"inspection": FLOOR.name, "site": site}, rows))
    return only_verdict(arena, FLOOR.name)


def _lent_between_halls(arena: Arena) -> Tried:
    """What fills a position of the annex was seen at its own in the hall."""
    return _floor_visited(arena, {f"{HALL}#1": CHIPS[0], f"{ANNEX}#1": CHIPS[0]}, {})


def _unknown_chip(arena: Arena) -> Tried:
    """A chip the book never heard of stands in a rack, and somebody calls it confirmed."""
    return _floor_visited(arena, {f"{HALL}#1": f"{PROVER}:DARK"}, {})


def _registered_again(arena: Arena) -> Tried:
    """A second chip under a serial that is taken."""
    honest = Said(PROVER, "chips.registered", {"site": HALL}, [{"chip": f"{PROVER}:NEW", "model": MODEL}])
    return beside(arena, replace(honest, rows=[{"chip": CHIPS[0], "model": MODEL}]), honest)


def _key_twice(arena: Arena) -> Tried:
    """Two boards with one key in the silicon."""
    key = {"ik_sha256": "cd" * 32}
    first = {"chip": f"{PROVER}:K1", "model": MODEL, "identity": key}
    arena.must(Said(PROVER, "chips.registered", {"site": HALL}, [first]))
    second = {**first, "chip": f"{PROVER}:K2"}
    honest = Said(PROVER, "chips.registered", {"site": HALL}, [{"chip": f"{PROVER}:K2", "model": MODEL}])
    return beside(arena, replace(honest, rows=[second]), honest)


def _hides_the_draw(arena: Arena) -> Tried:
    """It signs the verdict itself."""
    inspector.commits(arena, VISIT)
    inspector.finds(arena, VISIT.name, inspector.draws(arena, VISIT.name), {})
    honest = inspector.closing(arena, VISIT.name, "clean")
    assert arena.get(INSPECTIONS, VISIT.name).verdict is None
    return Tried(told_to(arena, replace(honest, party=PROVER)), told_to(arena, honest) == "admitted")


ATTEMPTS = tuple(
    Attempt(attack, "prover", tried, word, make)
    for attack, tried, word, make in (
        (DIVERSION, "chips that are gone are drawn", "violations", _with_result("not_found")),
        (RELABELLING, "other boards stand in under their labels", "violations", _with_result("mismatch")),
        (RELABELLING, "seals are broken", "violations", _with_result("tampered")),
        (RELABELLING, "registers a serial again", "chip_exists", _registered_again),
        (RELABELLING, "registers one key under two serials", "identity_taken", _key_twice),
        (MOVING, "hands chips over; the draw is from the new book", "wrong_selection", _moved_frame),
        (MOVING, "hands chips over, and they are not shown", "violations", _moved_away),
        (MOVING, "brings chips back after the day of findings", "inconclusive", _brought_back_late),
        (SHELLS, "its pooled affiliate's chips are left out", "wrong_selection", _pooled),
        (LOSSES, "writes chips off; the draw is from the new book", "wrong_selection", _written_off_frame),
        (LOSSES, "writes chips off after the commitment", "violations", _written_off_later),
        (LOSSES, "wrote chips off before, and nobody is told", "bad_field", _written_off_before),
        (REFUSING, "refuses to show what is drawn", "violations", _with_result("refused")),
        (REFUSING, "lets every test end without result", "inconclusive", _with_result("inconclusive")),
        (REFUSING, "signs its own verdict", "wrong_role", _hides_the_draw),
        (TWICE, "shows one serial at two sites", "inconclusive", _shown_at_two_sites),
        (TWICE, "carries a chip from rack to rack", "inconclusive", _shown_in_two_racks),
        (TWICE, "lends chips from hall to hall", "inconclusive", _lent_between_halls),
        (OFF_BOOK, "calls an unknown chip confirmed", "inconclusive", _unknown_chip),
    )
)
