"""Histories made up: what befalls a few chips when anybody says anything, most of it likely enough to stand.

`lived(seed)` gives the world and how much of what was said was admitted; the same seed, the same history.
"""

from random import Random

from ledger.book.rows import MISSING
from ledger.book.tables import CHIPS, DISCREPANCIES
from tests.book.disputed import Disputes
from tests.world import MODEL

OTHER_MODEL = "registrar/b200"
PAPER = "ab" * 32
HOLDERS = ("acme", "bolt", "oslo", "lima", "odm")
HALLS = tuple(f"{party}/hall" for party in HOLDERS)
NAMES = ("acme:A", "acme:B", "acme:C", "acme:D", "bolt:E", "bolt:F", "oslo:TAG")
MOVES = 40


def admitted(*told):
    """What was told last, all of it good news."""
    assert all(each.admitted for each in told), [each.detail for each in told]
    return told[-1]


def one_move(random, world, said):
    """Somebody says something, likely or not; what was admitted may be taken back later."""
    party, other, chip = random.choice(HOLDERS), random.choice(HOLDERS), random.choice(NAMES)
    name, site = f"{party}/n{len(said)}", random.choice(HALLS)
    some = sorted(random.sample(NAMES, random.randint(1, 3)))
    open_ones = [row.discrepancy for row in world.door.rows(DISCREPANCIES) if row.closed is None]
    disputed = random.choice(open_ones or ["0.0"])
    shipments = [each[1] for each in said if each[0] == "shipment"]
    match random.randrange(12):
        case 0 | 1:
            maker = chip.split(":")[0]
            line = {"chip": chip, "model": random.choice([MODEL, OTHER_MODEL])}
            replaced = random.choice([{}, {}, {"replaces": random.choice(NAMES)}])
            told = world.registers(maker, line | replaced, site=site)
        case 2:
            lost = [(row.liable, row.chip) for row in world.door.rows(CHIPS) if row.status == MISSING]
            party, chip = random.choice([*lost, (party, chip)])
            line = {"chip": chip} | random.choice([{}, {"model": OTHER_MODEL}])
            told = world.declares(party, line, basis=random.choice(["inventory", "recovered"]), site=site)
        case 3:
            told = world.places(party, *some, site=site)
        case 4:
            title = random.choice(["kept", "passes_on_arrival"])
            told = world.dispatches(party, name, *some, to=other, title=title)
            said.append(("shipment", (name, other)))
        case 5 | 6:
            shipment, receiver = random.choice(shipments or [("x/y", party)])
            conditions = random.choice([("received",), ("received", "absent", "refused")])
            lines = [{"chip": each, "condition": random.choice(conditions)} for each in some]
            told = world.arrives(receiver, shipment, *random.choice([lines, ()]), site=site)
        case 7:
            told = world.retires(party, *some, **random.choice([{}, gone(), gone()]))
        case 8:
            told = world.counts(party, name, *some, scope=random.choice(["full", "partial"]), site=site)
        case 9:
            told = world.concedes(random.choice((party, sides(world, disputed))), disputed)
        case 10:
            outcome = random.choice(["observation_stands", "book_stands", "second_chip"])
            more = {"new_chip": f"{chip.split(':')[0]}:N{len(said)}"} if outcome == "second_chip" else {}
            told = world.resolves("watch", disputed, outcome, **more)
        case _:
            before = random.choice([each for each in said if each[0] == "told"] or [("told", ("acme", None))])
            speaker, statement = before[1]
            told = world.corrects(speaker, statement or "ab" * 32)
    if told.admitted:
        draft = world.said[told.outcome.statement]
        said.append(("told", (draft, told.outcome.statement)))
    return told.admitted


def gone():
    return {"reason": "destroyed", "evidence_sha256": PAPER}


def sides(world, discrepancy):
    """The counterparty of a discrepancy, if there is one."""
    row = world.door.get(DISCREPANCIES, discrepancy)
    return (row and row.counterparty) or "acme"


class Remembers(Disputes):
    """Knows who said what."""

    def __init__(self):
        super().__init__()
        self.said = {}

    def says(self, draft):
        told = super().says(draft)
        if told.admitted:
            self.said[told.outcome.statement] = draft.party
        return told


def lived(seed):
    """A world in which much was said; and how much of it stood."""
    random, world, said = Random(seed), Remembers().settles(), []
    assert world.lists_model(OTHER_MODEL).admitted
    admitted(world.registers("acme", "acme:A", "acme:B"), world.registers("bolt", "bolt:E"))
    stood = sum(one_move(random, world, said) for _ in range(MOVES))
    return world, stood
