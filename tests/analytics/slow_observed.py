"""What entries say beyond rows, worked out again by hand: plain loops over lines and the store's past."""

import json
from datetime import UTC, datetime

from ledger.book.tables import (
    CHIPS,
    CORRECTIONS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    PARTIES,
    SHIPMENTS,
    STOCKTAKES,
    TRANSFERS,
)


def moment(seconds):
    """UTC without a zone, as the database gives it."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


class SlowObserved:
    """Reads a store from its first entry to its last."""

    def __init__(self, store):
        size = store.head().size
        self.entries = store.entries(0, size)
        self.lines = [[json.loads(line) for line in store.manifest(entry.index)] for entry in self.entries]
        self.past = {}  # chip -> its versions
        self.by = {}  # table -> entry -> its versions
        for table in (
            CHIPS,
            DISCREPANCIES,
            DISCREPANCY_CHIPS,
            SHIPMENTS,
            TRANSFERS,
            STOCKTAKES,
            PARTIES,
            CORRECTIONS,
        ):
            written = self.by[table.name] = {}
            for row in store.versions(table, 0, size):
                written.setdefault(row.changed, []).append(row)
        for index in sorted(self.by["chip"]):
            for row in self.by["chip"][index]:
                self.past.setdefault(row.chip, []).append(row)
        self.parties = {}
        for index in sorted(self.by["party"]):
            for row in self.by["party"][index]:
                self.parties.setdefault(row.party, []).append(row)
        self.of_statement = {entry.statement: entry.index for entry in self.entries}
        self.corrected = {
            self.of_statement[row.corrects]: index
            for index, rows in self.by["correction"].items()
            for row in rows
        }

    def written(self, table, index):
        """Versions of a table that an entry wrote."""
        return self.by[table.name].get(index, [])

    def before(self, chip, index):
        """The chip just before an entry, None where it was not there."""
        rows = [row for row in self.past.get(chip, ()) if row.changed < index]
        return rows[-1] if rows and rows[-1].born >= 0 else None

    def party(self, name, index):
        """A party just before an entry."""
        rows = [row for row in self.parties.get(name, ()) if row.changed < index]
        return rows[-1] if rows else None

    def are_kin(self, one, other, index):
        """The same, under one head (there are no rings here), or acting for each other."""
        if one == other:
            return True
        heads = []
        for name in (one, other):
            head = name
            while self.party(head, index) is not None and self.party(head, index).parent is not None:
                head = self.party(head, index).parent
            heads.append(head)
        if heads[0] == heads[1]:
            return True
        return any(
            self.party(a, index) is not None and b in self.party(a, index).successors.split()
            for a, b in ((one, other), (other, one))
        )

    # -- events

    def spoken(self, index):
        """Chips an entry touches."""
        chips = {row.chip for row in self.written(CHIPS, index)}
        chips |= {line["chip"] for line in self.lines[index] if line.get("chip")}
        chips |= {row.chip for row in self.written(DISCREPANCY_CHIPS, index)}
        for row in self.written(TRANSFERS, index):
            if row.born != index:
                chips |= self.spoken(row.born)
        for row in self.written(CORRECTIONS, index):
            if self.lines[self.of_statement[row.corrects]]:
                chips |= self.spoken_still(self.of_statement[row.corrects])
        return chips

    def spoken_still(self, index):
        """Of a corrected entry those it named; what it moved has versions of the correction's own."""
        moved = {row.chip for row in self.written(CHIPS, index)}
        return self.spoken(index) - moved

    def counterparty(self, index):
        """The one other side, from what was said."""
        entry = self.entries[index]
        shipments, transfers = self.written(SHIPMENTS, index), self.written(TRANSFERS, index)
        if entry.kind == "shipment.arrived" and shipments:
            return shipments[0].sender
        if entry.kind in ("shipment.dispatched", "shipment.cancelled"):
            return shipments[0].receiver
        if transfers:
            return transfers[0].owner if entry.kind == "title.accepted" else transfers[0].offeree
        if entry.kind == "discrepancy.answered":
            sides = set()
            for row in self.written(DISCREPANCIES, index):
                if entry.party in (row.observer, row.counterparty):
                    sides.add(row.counterparty if row.observer == entry.party else row.observer)
            sides.discard(None)
            return sides.pop() if len(sides) == 1 else None
        return None

    def events(self):
        """(chip, entry, kind, party, counterparty)."""
        for entry in self.entries:
            moved = {row.chip for row in self.written(CHIPS, entry.index)}
            for chip in self.spoken(entry.index):
                other = self.counterparty(entry.index)
                was = self.before(chip, entry.index)
                if other is None and chip not in moved and was is not None and was.custodian != entry.party:
                    other = was.custodian
                yield chip, entry.index, entry.kind, entry.party, other

    # -- confirmations

    def confirmed(self):
        """chip -> when it was last confirmed, of those there now."""
        told = {}
        for entry in self.entries:
            for chip, when in self.confirms(entry):
                told.setdefault(chip, []).append((entry.index, min(when, moment(entry.admitted_at / 1000))))
        found = {}
        for chip, rows in self.past.items():
            now = rows[-1]
            if now.born >= 0:
                found[chip] = max(
                    (when for index, when in told.get(chip, ()) if index >= now.born), default=None
                )
        return found

    def confirms(self, entry):
        """(chip, when) that an entry confirms."""
        index = entry.index
        disputed = {row.chip for row in self.written(DISCREPANCY_CHIPS, index) if row.closed is None}
        if entry.kind == "shipment.arrived" and self.lines[index]:
            for row in self.written(CHIPS, index):
                sender = self.counterparty(index)
                is_here = sender is not None and row.custodian != sender and row.chip not in disputed
                if is_here and not self.are_kin(sender, entry.party, index):
                    yield row.chip, moment(entry.occurred_at)
            return
        if entry.kind not in ("chips.sighted", "inspection.found") or index in self.corrected:
            return
        for line in self.lines[index]:
            was = self.before(line.get("chip", ""), index)
            if was is None or was.chip in disputed or line.get("result", "confirmed") != "confirmed":
                continue
            sides = {was.custodian, was.owner, was.liable} - {None}
            if not any(self.are_kin(entry.party, side, index) for side in sides):
                seen = line.get("found_at")
                when = moment(entry.occurred_at) if seen is None else datetime.fromisoformat(seen[:-1])
                yield was.chip, when

    # -- counts

    def counts(self):
        """(entry, model) -> the other columns of the view, of counts that stand."""
        found = {}
        last = {}
        for index in sorted(self.by["stocktake"]):
            for row in self.by["stocktake"][index]:
                last[row.stocktake] = row
        for row in last.values():
            if row.state == "judged" and row.born >= 0:
                found |= self.count(row)
        return found

    def count(self, row):
        """One count, chip by chip."""
        index, named = row.changed, set()
        for word in row.parts_in.split():
            named |= {line["chip"] for line in self.lines[int(word.split("@")[1])]}
        mine = {row.party, *self.party(row.party, index).predecessors.split()}
        told = {}
        for chip in {*named, *self.past}:
            was = self.before(chip, index)
            model = None if was is None else was.model
            is_there = was is not None and was.custodian in mine and row.site in (None, was.site)
            if row.scope == "partial" and chip not in named:
                is_there = False
            is_book = is_there and was.status == "held"
            figures = (
                is_book, chip in named, is_book and chip not in named, chip in named and not is_book,
                is_there and was.status == "in_transit",
            )  # fmt: skip
            if any(figures):
                before = told.get((index, model), (0,) * 5)
                told[index, model] = tuple(a + b for a, b in zip(before, figures, strict=True))
        return {key: (row.party, row.site, row.scope, *figures) for key, figures in told.items()}
