"""An arrival may say anything of any chip: it is admitted, and what is recorded is what a plain table says.

Every state of a chip × every state of its line × every condition × every eye, once or twice in the manifest,
for a shipment to the speaker, to whom it succeeded, to somebody else, and for none.
"""

from collections import Counter
from itertools import product

import pytest
from msgspec.structs import replace

from ledger.book import law
from ledger.book.registry import Changes
from ledger.book.rows import Absence, Discrepancy, DiscrepancyChip, ShipmentLine
from ledger.book.tables import (
    ABSENCES,
    CHIPS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    LINES,
    SHIPMENTS,
)
from tests.book.test_needs import judged_alike
from tests.world import World
from tests.world_affairs import party_change_draft

# The speaker is oslo, who succeeded elder; acme sent. What the book says of a chip: status, custodian,
# liable, last liable, and in which shipment it is.
BOOK = {
    "unknown": None,
    "the speaker's": ("held", "oslo", "oslo", None, None),
    "the predecessor's": ("held", "elder", "elder", None, None),
    "the sender's": ("held", "acme", "acme", None, None),
    "another's": ("held", "lima", "lima", None, None),
    "sent on by the speaker": ("in_transit", "oslo", "oslo", None, "oslo/x"),
    "on its way in another shipment": ("in_transit", "acme", "acme", None, "acme/z"),
    "on another's way": ("in_transit", "lima", "lima", None, "lima/x"),
    "held, but another answers for it": ("held", "lima", "acme", None, None),
    "the sender's, missing": ("missing", None, "acme", None, None),
    "the speaker's, missing": ("missing", None, "oslo", None, None),
    "destroyed": ("destroyed", None, None, "lima", None),
    "replaced": ("replaced", None, None, "acme", None),
}
COMING = ("in_transit", "acme", "acme", None, "HERE")
STATES = [None, "received", "refused", "cancelled", "lost"]
CONDITIONS = ["received", "damaged", "refused", "absent"]
SEEN = {"nothing": None, "itself": {"uuid": "OWN"}, "another": {"uuid": "OTHER"}, "more": {"pdi": "NEW"}}
SHIPMENTS_NAMED = {"acme/a": "oslo", "acme/b": "elder", "acme/c": "lima", "acme/none": None}
SITES_NAMED = {"oslo/hall": False, "lima/abroad": True}
ABSENT_UNDER = "3.0"  # a discrepancy by which every one of these chips is absent


def cases(shipment):
    """(chip, what the book has, its line's state, condition, seen, how often) by chip."""
    book = [(row, state) for row, state in product(BOOK.values(), STATES)]
    book += [(COMING, "open")] * (shipment != "acme/none")
    every = product(book, CONDITIONS, SEEN.values(), (1, 2))
    letter = shipment[-1].upper()
    return [
        (f"acme:{letter}{number:05}", row, state if shipment != "acme/none" else None, condition, seen, times)
        for number, ((row, state), condition, seen, times) in enumerate(every)
    ]


@pytest.fixture(scope="module")
def world():
    """A book with a chip for each case, put there by hand."""
    world = World().settles()
    told = [world.enrols("elder", "holder")]
    told.append(world.says(party_change_draft(world, "elder", succeeded_by="oslo")))
    told.append(world.registers("acme", {"chip": "acme:MODEL", "identity": {"uuid": "OWN"}}))
    for shipment, receiver in SHIPMENTS_NAMED.items():
        if receiver is not None:
            told.append(world.registers("acme", f"acme:{shipment[-1].upper()}"))
            told.append(world.dispatches("acme", shipment, f"acme:{shipment[-1].upper()}", to=receiver))
    assert all(each.admitted for each in told)
    for shipment in SHIPMENTS_NAMED:
        put_by_hand(world.door.registry, shipment)
    return world


def put_by_hand(registry, shipment):
    """Chips, lines, and that somebody misses each of them."""
    model, about = registry.get(CHIPS, "acme:MODEL"), cases(shipment)
    for chip, row, state, *_ in about:
        if row is not None:
            status, custodian, liable, last_liable, inside = row
            inside = shipment if inside == "HERE" else inside
            fields = {"status": status, "custodian": custodian, "liable": liable, "shipment": inside}
            registry.put(CHIPS, [replace(model, chip=chip, last_liable=last_liable, **fields)])
        if state is not None:
            registry.put(LINES, [ShipmentLine(shipment, chip, state, 9)])
    chips = [chip for chip, *_ in about]
    sent = sum(state == "open" for _, _, state, *_ in about)
    if known := registry.get(SHIPMENTS, shipment):
        registry.put(SHIPMENTS, [replace(known, sent=1 + sent)])
    name = ABSENT_UNDER + shipment[-1].encode().hex()
    terms = ("absent", "lima", "acme", len(chips), len(chips), None, None, "open", None, None, 3, 3)
    registry.put(DISCREPANCIES, [Discrepancy(name, *terms)])
    registry.put(DISCREPANCY_CHIPS, [DiscrepancyChip(name, chip, "", 0, None, 3) for chip in chips])
    registry.put(ABSENCES, [Absence(chip, name, "", None, 3) for chip in chips])


def spoken(world, shipment, site):
    """What oslo says of them all."""
    lines = []
    for chip, _, _, condition, seen, times in cases(shipment):
        eye = {} if seen is None else {"seen": seen}
        lines.append({"chip": chip, "condition": condition, **eye})
        if times == 2:
            lines.append({"chip": chip, "condition": condition, "seen": {"label": "again"}})
    return world.door.look(world.arrival_draft("oslo", shipment, *lines, site=site).raw())


def expected(case, *, ours, abroad):
    """The kind and the other side, None for agreement: the words of the contract, one by one."""
    _, row, state, condition, seen, times = case
    if row is None:
        return "unknown_chip", None
    status, custodian, liable, last_liable, _ = row
    side = custodian or liable or last_liable
    missed = ours and condition == "absent"
    if status not in ("held", "in_transit"):
        return None if missed else ("after_end", side)
    if times == 2:
        return "duplicate", side
    if seen == SEEN["another"]:
        return "identity_differs", side
    here = custodian in ("oslo", "elder")
    if missed:
        return ("absent", "acme") if state == "open" or (state == "received" and here) else None
    if not ours or state != "open":
        return None if here else ("extra", side)
    return ("wrong_place", side) if abroad else None


def passes(case, *, ours):
    """What becomes of the chip: custodian, site or nowhere; None where nothing moves."""
    _, _, state, condition, _, _ = case
    if not ours or state != "open" or condition == "absent":
        return None
    return "refused" if condition == "refused" else "received"


@pytest.mark.parametrize("site", SITES_NAMED)
@pytest.mark.parametrize("shipment", SHIPMENTS_NAMED)
def test_whatever_is_said_is_recorded_and_never_refused(world, shipment, site):
    about, registry, entry = cases(shipment), world.door.registry, spoken(world, shipment, site)
    ours = SHIPMENTS_NAMED[shipment] in ("oslo", "elder")
    changes = law.judge(registry, entry)
    assert isinstance(changes, Changes), changes
    opened = {row.discrepancy: row for row in changes.rows[DISCREPANCIES] if row.born == entry.index}
    found = {}
    for line in changes.rows[DISCREPANCY_CHIPS]:
        if line.discrepancy in opened:
            row = opened[line.discrepancy]
            assert found.setdefault(line.chip, (row.kind, row.counterparty)) == (row.kind, row.counterparty)
    said = {case[0]: expected(case, ours=ours, abroad=SITES_NAMED[site]) for case in about}
    assert found == {chip: kind for chip, kind in said.items() if kind is not None}
    assert len(about) > 2_000
    moved = {row.chip: row for row in changes.rows[CHIPS]}
    assert moved.keys() == {case[0] for case in about if passes(case, ours=ours)}
    for case in about:
        if (became := passes(case, ours=ours)) is not None:
            row = moved[case[0]]
            assert (row.status, row.shipment, row.owner) == ("held", None, "acme")
            there = ("oslo", "oslo", site) if became == "received" else ("acme", "acme", None)
            assert (row.custodian, row.liable, row.site) == there
    assert {row.chip: row.state for row in changes.rows[LINES]} == {
        case[0]: passes(case, ours=ours) for case in about if passes(case, ours=ours)
    }
    for table, rows in changes.rows.items():
        assert max(Counter(map(table.key_of, rows)).values(), default=1) == 1, table.name


@pytest.mark.parametrize("shipment", SHIPMENTS_NAMED)
def test_who_is_here_is_absent_no_more(world, shipment):
    about, registry, entry = cases(shipment), world.door.registry, spoken(world, shipment, "oslo/hall")
    ours = SHIPMENTS_NAMED[shipment] in ("oslo", "elder")
    changes = law.judge(registry, entry)
    over = {row.chip for row in changes.rows[ABSENCES] if row.closed == entry.index}
    taken = set()
    for chip, row, state, condition, _, _ in about:
        at_hand = row is not None and row[0] == "held" and row[1] in ("oslo", "elder")
        if ours and condition in ("received", "damaged") and (state == "open" or at_hand):
            taken.add(chip)
    assert over == taken and bool(taken) == ours
    before = [row for row in changes.rows[DISCREPANCIES] if row.born != entry.index]
    assert [row.lines_open for row in before] == ([len(about) - len(taken)] if ours else [])


@pytest.mark.parametrize("shipment", SHIPMENTS_NAMED)
def test_the_rows_asked_for_are_enough(world, shipment):
    registry, entry = world.door.registry, spoken(world, shipment, "oslo/hall")
    assert judged_alike(entry, registry)
    for left_out in ("chip", "discrepancy_chip", "absence", "shipment_line"):
        needed = left_out == "chip" or SHIPMENTS_NAMED[shipment] in ("oslo", "elder")
        assert judged_alike(entry, registry, left_out) is not needed


@pytest.mark.parametrize("shipment", SHIPMENTS_NAMED)
def test_sealed_cartons_take_what_is_on_its_way_and_nothing_else(world, shipment):
    entry = world.door.look(world.arrival_draft("oslo", shipment).raw())
    changes = law.judge(world.door.registry, entry)
    ours = SHIPMENTS_NAMED[shipment] in ("oslo", "elder")
    moved = {row.chip for row in changes.rows[CHIPS]}
    coming = {case[0] for case in cases(shipment) if case[2] == "open"} | {f"acme:{shipment[-1].upper()}"}
    assert moved == (coming if ours else set())
    assert judged_alike(entry, world.door.registry)
