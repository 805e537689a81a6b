"""Small worlds in which it is known which chips were diverted, and how: a ledger's words against the truth.

One holder a route of diversion. What the log hears of it is left to chance with stated rates: whether a chip
is drawn, seen elsewhere, missed by a clerk. Honest chips are misread, late, miscounted and dead at stated
rates too, and some mistakes are put right. `gone` is the truth, which no report knows.
"""

import random
from fractions import Fraction as F
from hashlib import sha256

from ledger.book.rules.directions import frame_key
from ledger.book.tables import INSPECTIONS
from ledger.book.times import format_seconds
from ledger.inspection.draw import draw_seed, draw_strata, frame_root
from tests.analytics.trade import BEACON, BEGIN_S, DAY_S, H100_GFLOPS, SECRET, Trade

CHIPS, GONE = 40, 8  # of each holder, and of these diverted
DRAWN = 15  # chips that an inspection visits
SEEN = F(1, 2)  # a diverted chip is come upon by a verifier
TICKED = F(1, 10)  # a clerk ticks off a chip that is not there
SEALED = F(1, 4)  # a receiver takes cartons unopened
PATIENT = F(1, 3)  # a shipment is due long after the report
MISREAD = F(1, 25)  # an inspector or a verifier takes one chip for another
OVERLOOKED = F(1, 50)  # a clerk or a scanner passes over a chip that is there
LATE = F(1, 6)  # an honest shipment is on its way after the day it was due
DEAD = F(1, 40)  # an honest chip dies
MENDED = F(1, 2)  # a mistake is found out and put right
TWICE = F(1, 4)  # what was found missing in an inspection or a count is reported stolen, or is seen, too
FATES = ("lost", "stolen", "destroyed", "released")

CAUGHT = {
    "I": F(DRAWN, CHIPS),
    "S": SEEN,
    "K": 1 - TICKED,
    "R": 1 - SEALED,
    "O": 1 - PATIENT,
    "L": F(1),
    "none": F(0),
}
"""The chance of a diverted chip to leave evidence, by route."""

ACCUSED = {
    "I": F(DRAWN, CHIPS) * MISREAD,
    "S": MISREAD * (1 - MENDED),
    "K": OVERLOOKED,
    "R": (1 - SEALED) * OVERLOOKED * (1 - MENDED),
    "O": (1 - PATIENT) * LATE,
    "L": DEAD,
    "none": F(0),
}
"""The chance of an honest chip of the same holder to be accused."""

HOLDERS = {
    "I": "visited",
    "S": "roamed",
    "K": "counted",
    "R": "receiving",
    "O": "waiting",
    "L": "losing",
    "none": "quiet",
}


class Diversions(Trade):
    """Everything that happened to everybody's chips. `gone` and `honest` are chips by route."""

    def __init__(self, seed):
        super().__init__()
        self.dice = random.Random(seed)
        self.mended, self.doubly = set(), set()
        self.list_model("h100", H100_GFLOPS)
        self.enrol("acme", "maker", "TW")
        self.enrol("watch", "verifier", "AT")
        self.enrol("elsewhere", "holder", "AE")
        self.list_beacon()
        made = iter(self.make("acme", range(CHIPS * len(HOLDERS))))
        self.gone, self.honest, self.shipped = {}, {}, 0
        for route, holder in HOLDERS.items():
            self.enrol(holder, "holder", "NO")
            chips = [next(made) for _ in range(CHIPS)]
            self.gone[route] = sorted(self.dice.sample(chips, GONE))
            self.honest[route] = [chip for chip in chips if chip not in self.gone[route]]
            if route not in "RO":
                self.receive(holder, self.ship(chips, holder, 10))
        self.inspected()
        self.sighted()
        self.counted()
        self.received_short()
        self.overdue()
        self.lost()
        self.now += 20 * DAY_S
        self.enrol("latest", "holder", "NO")

    def happens(self, chance):
        """Perhaps."""
        return self.dice.random() < chance

    def ship(self, chips, to, due):
        """acme sends chips; due in so many days."""
        self.shipped += 1
        return self.send("acme", f"s{self.shipped}", chips, to, country="NO", due=due)

    def inspected(self):
        """I: chips hidden from nobody but whoever comes; some of those not found are then reported lost."""
        self.commit("watch", 1, ["visited"], sizes=(DRAWN,))
        self.draw("watch", 1)
        missing = [chip for chip in self.drawn if chip in self.gone["I"]]
        misread = [chip for chip in self.drawn if chip in self.honest["I"] and self.happens(MISREAD)]
        results = dict.fromkeys(self.drawn, "confirmed")
        results |= dict.fromkeys(missing, "not_found") | dict.fromkeys(misread, "mismatch")
        lines = [
            {"chip": chip, "result": result, "found_at": format_seconds(self.now)}
            for chip, result in sorted(results.items())
        ]
        for line in lines:
            if line["result"] != "confirmed":
                line["evidence_sha256"] = "cd" * 32
        body = {"inspection": "watch/i1", "site": "visited/hall"}
        self.say("watch", "inspection.found", body, lines)
        self.twice_over("visited", missing)

    def draw(self, verifier, number):
        """The stage is drawn, DRAWN chips of all; `drawn` are they."""
        row = self.fold.registry.of(INSPECTIONS)[f"{verifier}/i{number}"]
        round_number = int(row.commitment.split('"round":')[1].split(",")[0].split("}")[0])
        self.now = max(self.now, BEGIN_S + round_number * 30)
        pulse = BEACON.pulse(round_number)
        frame = [(chip.chip, "all") for chip in self.fold.registry.frames[frame_key(row)]]
        randomness = sha256(pulse).digest()
        seed = draw_seed(row.beacon, round_number, randomness, bytes.fromhex(row.statement), SECRET)
        tickets = draw_strata(seed, frame, {"all": DRAWN})["all"]
        self.drawn = sorted(ticket.chip for ticket in tickets)
        body = {"inspection": row.inspection, "beacon": row.beacon, "round": round_number}
        body |= {"pulse": {"round": round_number, "signature": pulse.hex()}, "secret": SECRET.hex()}
        body["frame"] = {"count": len(frame), "root": frame_root(frame).hex()}
        return self.say(verifier, "inspection.drawn", body, [{"chip": chip} for chip in self.drawn])

    def sighted(self):
        """S: chips sold on; a verifier comes upon some. An honest chip is misread, and perhaps put right."""
        for chip in self.gone["S"]:
            if self.happens(SEEN):
                self.sight("watch", [chip], "elsewhere/hall")
        for chip in self.honest["S"]:
            if self.happens(MISREAD):
                at = self.sight("watch", [chip], "elsewhere/hall")
                if self.happens(MENDED):
                    self.resolve("registrar", f"{at}.0", "book_stands")
                    self.mended.add(chip)

    def counted(self):
        """K: thieves inside. A first count passes over an aisle and is taken back before the second."""
        there = self.honest["K"] + [chip for chip in self.gone["K"] if self.happens(TICKED)]
        self.correct("counted", self.count("counted", "first", there[5:]))
        there = [chip for chip in there if chip in self.gone["K"] or not self.happens(OVERLOOKED)]
        self.count("counted", "second", there)
        self.mended |= set(self.honest["K"][:5]) & set(there)
        absent = [chip for chip in self.gone["K"] if chip not in there]
        self.twice_over("counted", absent)
        for chip in absent:
            if self.happens(TWICE):
                self.sight("watch", [chip], "elsewhere/hall")
                self.doubly.add(chip)

    def twice_over(self, holder, chips):
        """Some are reported stolen too: evidence of two classes."""
        for chip in chips:
            if self.happens(TWICE):
                self.retire(holder, "stolen", [chip])
                self.doubly.add(chip)

    def received_short(self):
        """R: one chip in five is taken on the way. What a scanner passed over may turn up after all."""
        for number, taken in enumerate(self.gone["R"]):
            honest = self.honest["R"][number * 4 : number * 4 + 4]
            shipment = self.ship([taken, *honest], "receiving", 60)
            if self.happens(SEALED):
                self.receive("receiving", shipment)
                continue
            over = [chip for chip in honest if self.happens(OVERLOOKED)]
            absent = {taken, *over}
            lines = [(chip, "absent" if chip in absent else "received") for chip in [taken, *honest]]
            self.receive("receiving", shipment, lines)
            for chip in over:
                if self.happens(MENDED):
                    self.receive("receiving", shipment, [(chip, "received")])
                    self.mended.add(chip)

    def overdue(self):
        """O: never to arrive, or late. Chips travel alone here, so that each has a chance of its own."""
        for chip in self.gone["O"] + self.honest["O"]:
            shipment = self.ship([chip], "waiting", 60 if self.happens(PATIENT) else 5)
            late = self.happens(LATE)
            if chip in self.honest["O"] and not late:
                self.receive("waiting", shipment, [(chip, "received")])

    def lost(self):
        """L: what was sold is reported gone; honest chips die too."""
        self.deaths = [chip for chip in self.honest["L"] if self.happens(DEAD)]
        for chip in self.gone["L"]:
            self.retire("losing", self.dice.choice(FATES), [chip])
        for chip in self.deaths:
            self.retire("losing", "destroyed", [chip])
