"""A world of random trade, quarrels and corrections, with faults planted where a report must find them.

What is tried at random may be refused: the law decides. After each step the book is kept as it stood, for
whoever asks what was where at some size.
"""

import random

from ledger.book.tables import CHIPS, DISCREPANCY_CHIPS, SHIPMENTS
from tests.analytics.quarrels import HOLDERS, MAKERS, Quarrels
from tests.analytics.trade import DAY_S, H100_GFLOPS, Trade

AFFAIRS = 120  # steps of random quarrels
MODELS = {
    "h100": H100_GFLOPS,
    "h20": {"bf16": 148_000, "fp8": 296_000},
    "odd": {"fp64": 9_700, "int8": 624_000},
}


class World(Quarrels, Trade):
    """Random honest trade with faults planted in it, each where a report must find it."""

    def __init__(self, seed):
        super().__init__()
        self.chance = random.Random(seed)
        self.number = 0
        self.past = {}
        self.planted = set()
        for name, gflops in MODELS.items():
            self.list_model(name, gflops, memory_gb=self.chance.randrange(40, 200))
        for party, country in (MAKERS | HOLDERS).items():
            self.enrol(party, "maker" if party in MAKERS else "holder", country)
        self.declare_site("doha", "abroad", "AE")
        for round_number in range(6):
            maker = self.chance.choice(list(MAKERS))
            model = self.chance.choice(list(MODELS))
            self.make(maker, range(round_number * 100, round_number * 100 + 20), model)
        self.enrol("foundry", "fab", "TW")
        self.enrol("watch", "verifier", "AT")
        self.enrol("quill", "analyst", "IS")
        self.enrol("heir", "holder", "NO")
        self.succeed("oslo", "heir")
        self.lots = [self.chance.choice(list(MAKERS)) for _ in range(2)]
        for number, maker in enumerate(self.lots):
            self.produce(f"foundry/l{number}", maker)
        for _ in range(25):
            self.trade_honestly()
            self.keep()
        for _ in range(AFFAIRS):
            self.now += self.chance.randrange(3600)
            self.chance.choice(self.affairs())()
            self.keep()
        for plant in (
            self.plant_two_overdue, self.plant_arrivals_without_dispatch, self.plant_wrong_country,
            self.plant_short_receipt, self.plant_double_scan, self.plant_absent_then_found,
            self.plant_absent_after_acceptance, self.plant_missing, self.plant_lost_on_the_way,
            self.plant_sighted, self.plant_counted, self.plant_confirmed_gone, self.plant_corrected_away,
            self.plant_new_face,
        ):  # fmt: skip
            plant()
            self.keep()
        self.now += 3 * DAY_S
        self.trade_honestly()
        self.affiliate("watch", "oslo", "kyiv")
        self.claim("quill", "oslo", 10, 20)
        self.seal_book(len(self.rows(CHIPS)))
        self.keep()

    def keep(self):
        """The chips of now, as of this size."""
        self.past[self.size] = {row.chip: row for row in self.rows(CHIPS)}

    def disputed(self):
        """Chips that somebody disagrees about."""
        return {row.chip for row in self.rows(DISCREPANCY_CHIPS) if row.closed is None}

    def held_by(self, party, count):
        """Some chips at rest with a party, that nobody has planted anything in."""
        quarrels = self.disputed() | self.planted
        chips = [
            row.chip
            for row in self.rows(CHIPS)
            if row.custodian == party and row.status == "held" and row.chip not in quarrels
        ]
        return sorted(self.chance.sample(chips, min(count, len(chips))))

    def some_sender(self, count):
        """A party with chips at rest, and some of them."""
        parties = [*MAKERS, *HOLDERS]
        self.chance.shuffle(parties)
        found = next(party for party in parties if len(self.held_by(party, count)) == count)
        return found, self.held_by(found, count)

    def dispatch(self, count, due, receiver=None):
        """(receiver, shipment, chips) of a new shipment."""
        sender, chips = self.some_sender(count)
        receiver = receiver or self.chance.choice([party for party in HOLDERS if party != sender])
        self.number += 1
        title = self.chance.choice(["kept", "passes_on_arrival"])
        owns = all(row.owner == sender for row in self.rows(CHIPS) if row.chip in chips)
        name = self.send(
            sender, f"s{self.number}", chips, receiver, country=HOLDERS[receiver], due=due,
            title=title if owns else "kept",
        )  # fmt: skip
        return receiver, name, chips

    def trade_honestly(self):
        """Something ordinary happens."""
        self.now += self.chance.randrange(3600)
        what = self.chance.random()
        if what < 0.3:
            party = self.chance.choice(list(HOLDERS))
            here = [chip for chip in self.held_by(party, 4) if self.site_of(chip) == f"{party}/hall"]
            if here:
                self.place(party, here, f"rack-{self.chance.randrange(3)}")
            return
        receiver, shipment, chips = self.dispatch(self.chance.randrange(1, 6), 60)
        if what < 0.5:
            self.receive(receiver, shipment)
        elif what < 0.8:
            conditions = [self.chance.choice(["received", "received", "damaged", "refused"]) for _ in chips]
            self.receive(receiver, shipment, list(zip(chips, conditions, strict=True)))

    def site_of(self, chip):
        """Where the book has it."""
        return self.fold.registry.of(CHIPS)[chip].site

    def plant_two_overdue(self):
        """One wholly, one in part."""
        self.dispatch(3, 1)
        receiver, shipment, chips = self.dispatch(4, 2)
        self.receive(receiver, shipment, [(chips[0], "received")])

    def plant_arrivals_without_dispatch(self):
        """Known chips and unknown ones turn up somewhere."""
        owner = next(party for party in [*MAKERS, "oslo", "lima", "doha"] if len(self.held_by(party, 2)) == 2)
        chips = [*self.held_by(owner, 2), "nobody:X1"]
        self.receive("kyiv", f"{owner}/never", [(chip, "received") for chip in sorted(chips)])

    def plant_wrong_country(self):
        """Received, but elsewhere."""
        _, shipment, chips = self.dispatch(2, 30, receiver="doha")
        self.receive("doha", shipment, [(chip, "received") for chip in chips], site="doha/abroad")

    def plant_short_receipt(self):
        """Two of four are said to be absent, one of them on a shipment that falls due too."""
        receiver, shipment, chips = self.dispatch(4, 1)
        self.receive(receiver, shipment, [(chips[0], "received"), (chips[1], "absent"), (chips[2], "absent")])

    def plant_double_scan(self):
        """One serial on two bodies."""
        receiver, shipment, chips = self.dispatch(2, 30)
        twice = [(chips[0], "received", "L1"), (chips[0], "received", "L2"), (chips[1], "received")]
        self.receive(receiver, shipment, twice)

    def plant_absent_then_found(self):
        """Absent from the first lorry, received from the second: accounted for."""
        receiver, shipment, chips = self.dispatch(2, 30)
        self.receive(receiver, shipment, [(chips[0], "absent"), (chips[1], "received")])
        self.receive(receiver, shipment, [(chips[0], "received")])
        self.turned_up = chips[0]
        self.planted.add(chips[0])

    def plant_absent_after_acceptance(self):
        """Taken sealed, and then one was not in the carton."""
        receiver, shipment, chips = self.dispatch(2, 30)
        self.receive(receiver, shipment)
        self.receive(receiver, shipment, [(chips[1], "absent")])

    def plant_missing(self):
        """One lost, one destroyed."""
        sender, (lost, burnt) = self.some_sender(2)
        self.retire(sender, "lost", [lost])
        self.retire(sender, "destroyed", [burnt])

    def plant_lost_on_the_way(self):
        """One arrives, one is lost in transit: the shipment is closed short."""
        receiver, shipment, (lost, came) = self.dispatch(2, 30)
        self.receive(receiver, shipment, [(came, "received")])
        self.retire(self.fold.registry.of(SHIPMENTS)[shipment].sender, "lost", [lost])

    def plant_sighted(self):
        """Sighted elsewhere: one by a stranger, one by its holder, one by whoever acts for its holder."""
        party, (seen, own) = self.some_sender(2)
        self.sight("watch", [seen], "doha/abroad" if self.site_of(seen) != "doha/abroad" else "kyiv/hall")
        self.own = [own, "fab-east:S00900"]
        self.sight(party, [own], "doha/abroad" if self.site_of(own) != "doha/abroad" else "kyiv/hall")
        self.receive(
            "oslo",
            self.send("fab-east", "h1", self.make("fab-east", [900, 904]), "oslo", country="NO", due=9),
        )
        self.sight("heir", ["fab-east:S00900"], "doha/abroad")
        self.place("oslo", ["fab-east:S00904"], "rack-9")
        self.planted.add("fab-east:S00904")

    def plant_counted(self):
        """Two are not there in a full count, in parts; one of them is lost, the other sighted elsewhere."""
        party, chips = self.some_sender(3)
        theirs = [row.chip for row in self.rows(CHIPS) if row.custodian == party and row.status == "held"]
        there = [chip for chip in theirs if chip not in chips[:2]]
        self.count(party, "final", there[::2], part=(1, 2))
        self.count(party, "final", there[1::2], part=(2, 2))
        self.retire(party, "stolen", chips[:1])
        self.sight("quill", chips[1:2], "doha/abroad" if party != "doha" else "kyiv/hall")

    def plant_confirmed_gone(self):
        """Destroyed, seen all the same, and a verifier found that it was not: gone, and accounted for."""
        party, (chip, other) = self.some_sender(2)
        self.retire(party, "destroyed", [chip, other])
        at = self.sight("quill", [chip, other], "doha/hall")
        self.resolve("watch", f"{at}.0", "book_stands")
        self.confirmed = {chip, other}
        maker, (third,) = self.some_sender(1)
        self.retire(maker, "destroyed", [third])
        self.resolve("registrar", f"{self.sight('quill', [third], 'doha/hall')}.0", "book_stands")
        self.unconfirmed = third

    def plant_corrected_away(self):
        """Two sighted elsewhere that then never were; the serial of one is used again, its sighting open."""
        self.make("fab-west", [901, 902])
        at = self.entries[-1].index
        self.keep()
        self.sight("watch", ["fab-west:S00901", "fab-west:S00902"], "doha/hall")
        self.correct("fab-west", at)
        self.keep()
        self.make("fab-west", [902])
        self.gone, self.again = "fab-west:S00901", "fab-west:S00902"

    def plant_new_face(self):
        """A module is given a new serial."""
        maker = next(party for party in MAKERS if self.held_by(party, 1))
        self.make(maker, [903], replaces=self.held_by(maker, 1)[0])
