"""Story 1: modules on boards, from their maker through an ODM to a data centre.

The ODM takes sealed cartons as they were dispatched, the data centre scans. The maker keeps title until the
modules are in their racks. A plain second book, carton by carton, says what must be right at every size.
"""

from dataclasses import dataclass, field

import pytest

from ledger.book.rejection import Reason
from ledger.inspection.draw import frame_root
from ledger.log.merkle import HASH_BYTES
from tests.world_http import STANDS, WATCH

MODULES_PER_BOARD = 8
CARTONS = 4
SMALL_BOARDS, FULL_BOARDS = 200, 5_000
CAST = {"acme": ("maker", "TW"), "odm": ("holder", "MX"), "oslo": ("holder", "NO"), "lima": ("holder", "PE")}


@dataclass
class SlowBook:
    """What each carton must be at each size: (custodian, owner, liable, site, status), and how it came."""

    cartons: list
    now: dict = field(default_factory=dict)
    evidence: dict = field(default_factory=dict)
    pages: list = field(default_factory=list)  # (size, the state of every carton, and how it came)

    def wrote(self, told, carton, evidence=None, **new):
        """After this entry a carton, or all of them, is otherwise than before."""
        assert told.admitted and told.opened == [], told
        for name in range(CARTONS) if carton is None else [carton]:
            before = self.now.get(name, dict.fromkeys(STANDS))
            self.now = {**self.now, name: {**before, **new}}
            self.evidence = {**self.evidence, name: evidence or self.evidence.get(name)}
        self.pages.append((told.index + 1, self.now, self.evidence))


def carried(world, boards):
    """The whole road; the slow book of it."""
    numbers = range(boards * MODULES_PER_BOARD)
    chips = [f"acme:M{number:06}" for number in numbers]
    each = len(chips) // CARTONS
    cartons = [chips[number * each : (number + 1) * each] for number in range(CARTONS)]
    book = SlowBook(cartons)
    site, all_of_them = "acme/hall", None
    for number, carton in enumerate(cartons):
        told = world.registers("acme", *carton)
        book.wrote(told, number, custodian="acme", owner="acme", liable="acme", site=site, status="held")
    for number, carton in enumerate(cartons):
        told = world.dispatches("acme", f"acme/c{number}", *carton, to="odm", country="MX")
        book.wrote(told, number, status="in_transit")
    assert world.inbox("odm") == {f"acme/c{number}": ("acme", each, 0, each) for number in range(CARTONS)}
    for number in range(CARTONS):
        told = world.arrives("odm", f"acme/c{number}")  # sealed: no line
        came = {"custodian": "odm", "liable": "odm", "site": "odm/hall", "status": "held"}
        book.wrote(told, number, "as_dispatched", **came)
    assert world.inbox("odm") == {}
    boarded = [
        {
            "chip": chip,
            "system": f"board-{number // MODULES_PER_BOARD}",
            "slot": str(number % MODULES_PER_BOARD),
        }
        for number, chip in enumerate(chips)
    ]
    book.wrote(world.places("odm", *boarded), all_of_them)
    for number, carton in enumerate(cartons):
        book.wrote(world.dispatches("odm", f"odm/r{number}", *carton, to="oslo"), number, status="in_transit")
    for number, carton in enumerate(cartons):
        # Scanned in a country they were not sent to, the same modules would be told of.
        if number == 0:
            wrong = world.would(world.arrival_draft("oslo", "odm/r0", *carton[:9], site="lima/hall"))
            assert wrong.opened == [("wrong_place", "odm", 9)]
        told = world.arrives("oslo", f"odm/r{number}", *carton)
        came = {"custodian": "oslo", "liable": "oslo", "site": "oslo/hall", "status": "held"}
        book.wrote(told, number, "scanned", **came)
    racked = [{**line, "system": line["system"].replace("board", "rack")} for line in boarded]
    book.wrote(world.places("oslo", *racked), all_of_them)
    # What the ODM holds or held was never its own to sell.
    assert world.would(world.offer_draft("odm", "odm/t1", *chips[:3], to="lima")).reason is Reason.NOT_OWNED
    book.wrote(world.offers("acme", "acme/t1", *chips, to="oslo"), all_of_them)
    book.wrote(world.accepts("oslo", "acme/t1"), all_of_them, owner="oslo")
    return book


def right_at_every_size(world, book):
    """What the server says of each size, and in each party's own words, is what the slow book says."""
    for size, states, evidence in book.pages:
        assert len(world.door.root(size)) == HASH_BYTES  # a checkpoint of this size was signed, and is kept
        for party in CAST:
            has = [n for n, state in states.items() if state["custodian"] == party]
            chips = [chip for number in has for chip in book.cartons[number]]
            assert world.frame(party, size) == (len(chips), frame_root((chip, "all") for chip in chips).hex())
        for number, state in states.items():
            chip = book.cartons[number][size % len(book.cartons[number])]
            stood = tuple(state[name] for name in STANDS)
            assert world.stands(chip, at=size) == stood
            assert world.stands(chip, by="acme", at=size) == stood  # its maker owned it
            assert how_it_came(world, chip, size) == evidence[number]
    assert len(book.pages) == 5 * CARTONS + 4


def how_it_came(world, chip, size):
    """The evidence of the last arrival a chip's history at a size names."""
    events = world.items(WATCH, f"/chips/{chip}/history", at=size)
    arrivals = [event["statement"] for event in events if event["kind"] == "shipment.arrived"]
    if not arrivals:
        return None
    said = world.statement(arrivals[-1])
    assert ("manifest" in said) == (said["body"]["evidence"] == "scanned")
    return said["body"]["evidence"]


def told_to_each_party(world, book):
    """Each sees what concerns it: what it holds, what it held, and nothing beyond."""
    chips = sorted(chip for carton in book.cartons for chip in carton)
    assert world.holdings("oslo") == chips
    assert world.holdings("odm") == world.holdings("acme") == world.holdings("lima") == []
    one = book.cartons[-1][-1]
    half_way = next(size for size, states, _ in book.pages if states.get(1, {}).get("custodian") == "odm")
    assert world.holdings("odm", at=half_way) == sorted(book.cartons[0] + book.cartons[1])
    assert world.chip(one, by="odm")["slot"] == str(MODULES_PER_BOARD - 1)
    assert world.chip(one, by="lima") is None and world.holdings("oslo", by="lima") is None
    assert [kind for kind, *_ in world.history(one, by="oslo")] == [
        "chips.registered",
        "shipment.dispatched",
        "shipment.arrived",
        "chips.placed",
        "shipment.dispatched",
        "shipment.arrived",
        "chips.placed",
        "title.accepted",
    ]
    countries = {world.shipment(name)["country"] for name in ("acme/c0", "odm/r0")}
    assert countries == {"MX", "NO"}
    assert world.disputes(WATCH) == []


@pytest.mark.parametrize(
    "boards", [SMALL_BOARDS, pytest.param(FULL_BOARDS, marks=pytest.mark.long)], ids=["small", "40,000"]
)
def test_modules_go_through_an_odm_to_a_data_centre(world, boards):
    world.founds(CAST)
    book = carried(world, boards)
    right_at_every_size(world, book)
    told_to_each_party(world, book)
    assert world.audited(refusals=0, past=boards == SMALL_BOARDS)
