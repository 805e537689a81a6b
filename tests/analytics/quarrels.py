"""What is tried at random in a world of trade: losses, finds, counts, sightings, answers, corrections.

A part of `World`. What is tried may be refused: the law decides.
"""

from ledger.book.tables import CHIPS, DISCREPANCIES, DISCREPANCY_CHIPS, SHIPMENTS, TRANSFERS

MAKERS = {"fab-east": "TW", "fab-west": "US"}
HOLDERS = {"oslo": "NO", "lima": "PE", "doha": "QA", "kyiv": "UA"}

CORRECTED = {
    "lot.used", "chips.registered", "chips.placed", "chips.retired", "chips.declared", "stocktake.declared",
    "chips.sighted",
}  # fmt: skip


class Quarrels:
    """What is tried at random. Expects a `World`."""

    def affairs(self):
        """All that can be tried, the ordinary more often."""
        rare = [
            self.lose, self.declare_some, self.count_some, self.sight_some, self.answer_some,
            self.resolve_some, self.correct_some, self.cancel_some, self.offer_some, self.receive_short,
            self.register_some, self.use_lots,
        ]  # fmt: skip
        return [*rare, *rare, *[self.trade_honestly] * 4]

    def some_chips(self, count):
        """Any chips."""
        chips = sorted(row.chip for row in self.rows(CHIPS))
        return sorted(self.chance.sample(chips, min(count, len(chips))))

    def somebody(self):
        """A party that may hold chips."""
        return self.chance.choice([*MAKERS, *HOLDERS, "heir"])

    def some_discrepancy(self):
        """One that stands, with its sides."""
        rows = [row for row in self.rows(DISCREPANCIES) if row.closed is None]
        return self.chance.choice(sorted(rows, key=lambda row: row.born)) if rows else None

    def lose(self):
        """Chips at rest, on their way or missing go."""
        reason = self.chance.choice(["destroyed", "lost", "stolen", "released"])
        chips = self.some_chips(1)
        row = self.fold.registry.of(CHIPS)[chips[0]]
        self.retire(row.custodian or row.liable or "kyiv", reason, chips, perhaps=True)

    def declare_some(self):
        """Somebody found chips, known and unknown."""
        basis = self.chance.choice(["inventory", "recovered", "no_paperwork"])
        missing = [row for row in self.rows(CHIPS) if row.status == "missing"]
        if missing and self.chance.random() < 0.5:
            row = self.chance.choice(sorted(missing, key=lambda row: row.chip))
            self.declare(row.liable, [row.chip], "recovered", perhaps=True)
            return
        party = self.somebody()
        self.declare(party, [f"{party}:T{self.size}", *self.some_chips(1)], basis, perhaps=True)

    def count_some(self):
        """A count of all or some, with mistakes."""
        party = self.somebody()
        theirs = [row.chip for row in self.rows(CHIPS) if row.custodian == party and row.status == "held"]
        found = {chip for chip in theirs if self.chance.random() < 0.97} | set(self.some_chips(1))
        site = self.chance.choice([None, f"{party}/hall"])
        scope = self.chance.choice(["full", "full", "partial"])
        self.count(party, f"c{self.size}", sorted(found), scope=scope, site=site, perhaps=True)

    def sight_some(self):
        """Somebody sees chips somewhere."""
        site = f"{self.chance.choice([*MAKERS, *HOLDERS])}/hall"
        self.sight(
            self.chance.choice(["watch", "quill", self.somebody()]), self.some_chips(2), site, perhaps=True
        )

    def answer_some(self):
        """A side speaks, or gives in, in whole or in part."""
        row = self.some_discrepancy()
        if row is not None:
            lines = [
                each.chip for each in self.rows(DISCREPANCY_CHIPS) if each.discrepancy == row.discrepancy
            ]
            chips = self.chance.choice([(), sorted(lines)[:1]])
            side = self.chance.choice([row.observer, row.counterparty or row.observer])
            self.answer(side, row.discrepancy, self.chance.random() < 0.7, chips, perhaps=True)

    def resolve_some(self):
        """Somebody decides."""
        row = self.some_discrepancy()
        if row is not None:
            outcome = self.chance.choice(["book_stands", "observation_stands", "second_chip"])
            second = f"{row.observer}:D{self.size}" if outcome == "second_chip" else None
            judge = self.chance.choice(["watch", "registrar"])
            self.resolve(judge, row.discrepancy, outcome, second, perhaps=True)

    def correct_some(self):
        """Something said of late is taken back."""
        late = [entry for entry in self.entries[-20:] if entry.kind in CORRECTED]
        if late:
            entry = self.chance.choice(late)
            self.correct(entry.party, entry.index, perhaps=True)

    def cancel_some(self):
        """What is on its way is called back."""
        row = self.chance.choice(sorted(self.rows(SHIPMENTS), key=lambda row: row.shipment))
        self.cancel(row.sender, row.shipment, perhaps=True)

    def offer_some(self):
        """Title passes."""
        party = self.somebody()
        chips = [row.chip for row in self.rows(CHIPS) if row.owner == party][:3]
        if chips and self.offer(party, f"o{self.size}", chips, self.somebody(), perhaps=True) is not None:
            said = max(self.rows(TRANSFERS), key=lambda row: row.born)
            self.accept(said.offeree, said.transfer, perhaps=True)

    def receive_short(self):
        """Some of it did not come."""
        receiver, shipment, chips = self.dispatch(3, 30)
        self.receive(receiver, shipment, [(chips[0], "received"), (chips[1], "absent")])

    def register_some(self):
        """New chips of a lot, a module with a new face, or a declared chip taken over by its maker."""
        number = self.chance.randrange(len(self.lots))
        maker = self.lots[number]
        self.make(maker, [1000 + self.size], lots=[f"foundry/l{number}"])
        old = self.held_by(maker, 1)
        if old and self.chance.random() < 0.3:
            self.make(maker, [5000 + self.size], replaces=old[0])

    def use_lots(self):
        """What became of some dies."""
        outcome = self.chance.choice(["lost", "banked", "other_product"])
        self.use("foundry", f"foundry/l{self.chance.randrange(len(self.lots))}", outcome, 1)
