"""The book a second time, plainly: a dict a table, a dict a row, and what every statement wrote.

Reads like the contract and shares nothing with the product. No indexes: whatever can be found by looking
at everything is found so. `Book.write` is the only way to change a row; it remembers how the row was before.
"""

import json
from copy import deepcopy

TABLES = (
    "parties", "keys", "models", "sites", "chips", "shipments", "transfers", "discrepancies", "lots",
    "stocktakes", "claims", "affiliations", "seals",
)  # fmt: skip
KINDS = [
    "unknown_chip", "after_end", "duplicate", "identity_differs", "extra", "absent", "wrong_place",
]  # fmt: skip
HERE = ("held", "in_transit")
ALIVE = ("held", "in_transit", "missing")
UNIQUE = {"ik_sha256": "ik", "pdi": "pdi", "uuid": "uuid"}
TOLD_APART_BY = ("ik_sha256", "pdi", "uuid", "label")
OPEN = ("open", "answered")


class Book:
    """Who has what, who may speak, and what was said."""

    def __init__(self):
        self.tables = {name: {} for name in TABLES}
        self.statements = {}  # id -> kind, party, index, opened, journal, mentions, corrected
        self.references = set()
        self.bearers = {}  # unique identity -> the living chip that bears it, or None
        self.numbers = {}  # chip -> its integer, for life
        self.came_or_left = {}  # slot or identity -> the last entry in which somebody did
        self.settings = {}
        self.index = 0
        self.now_ms = 0
        self.journal, self.mentions = {}, set()

    def __getattr__(self, name):
        if name in TABLES:
            return self.tables[name]
        raise AttributeError(name)

    # -- writing

    def write(self, table, key, **fields):
        """A new row, or the next version of one."""
        rows = self.tables[table]
        before = rows.get(key)
        self.journal.setdefault((table, key), deepcopy(before))
        rows[key] = deepcopy({**(before or {"born": self.index}), **fields, "changed": self.index})
        if table == "chips" and slot_of(before) != slot_of(rows[key]):
            self.came_or_left |= {slot_of(row): self.index for row in (before, rows[key])}

    def alter(self, table, key, **fields):
        """The next version of a row, where anything in it is another."""
        row = self.tables[table][key]
        if any(row[name] != value for name, value in fields.items()):
            self.write(table, key, **fields)

    def unmake(self, table, key):
        """As if it had never been there."""
        before = self.tables[table].pop(key)
        self.journal.setdefault((table, key), before)
        if table == "chips":
            self.came_or_left[slot_of(before)] = self.index

    def mention(self, *things):
        """The statement builds on these: ("site", id), ("model", id), ("lot", id)."""
        self.mentions |= {thing for thing in things if thing[1] is not None}

    # -- people

    def acts_for(self, party):
        """The party, all that it succeeded, all that those succeeded."""
        found = {party}
        while True:
            more = {name for name, row in self.parties.items() if row["succeeded_by"] in found}
            if more <= found:
                return found
            found |= more

    def roles(self, party):
        return set(self.parties[party]["roles"]) if party in self.parties else set()

    def may_hold(self, party):
        return bool(self.roles(party) & {"holder", "maker"})

    # -- chips

    def chips_of(self, parties):
        """Everything these have, in transit or not."""
        return {chip: row for chip, row in self.chips.items() if row["custodian"] in parties}

    def answerable(self, chip):
        """The book's side of a disagreement about a chip."""
        row = self.chips[chip]
        return row["custodian"] or row["liable"] or row["last_liable"]

    def offer_of(self, chip):
        """The open offer under which a chip stands."""
        for name, row in self.transfers.items():
            if row["state"] == "open" and chip in row["chips"]:
                return name
        return None

    def bearer(self, name):
        return self.bearers.get(name)

    def claim(self, chip, identity):
        """Bear what nobody bears."""
        for name in uniques(identity):
            if self.bearer(name) is None:
                self.bears(name, chip)

    def release(self, chip):
        """Bear nothing any more."""
        for name, bearer in self.bearers.items():
            if bearer == chip:
                self.bears(name, None)

    def bears(self, name, chip):
        self.bearers[name] = chip
        self.came_or_left[name] = self.index

    def leave_shipment(self, chip):
        """A chip that will never arrive: its line is lost."""
        row = self.chips[chip]
        if row["status"] == "in_transit":
            self.close_line(row["shipment"], chip, "lost")

    def close_line(self, shipment, chip, state):
        lines = {**self.shipments[shipment]["lines"], chip: state}
        self.write("shipments", shipment, lines=lines)

    # -- disagreements

    def open_discrepancies(self, observer, found, site, shipment=None, has=()):
        """found: (kind, counterparty, chip, seen); `has`: (chip, seen) of those the observer says it has.

        What is told: (kind, counterparty, chips).
        """
        groups = {(KINDS.index(kind), against or "") for kind, against, _, _ in found}
        told, names = [], []
        for ordinal, (rank, against) in enumerate(sorted(groups)):
            mine = {(c, seen_text(s)) for k, a, c, s in found if (KINDS.index(k), a or "") == (rank, against)}
            lines = [
                {"chip": chip, "seen": seen, "has": (chip, seen) in has, "closed": None}
                for chip, seen in sorted(mine)
            ]
            name = f"{self.index}.{ordinal}"
            fields = {"kind": KINDS[rank], "observer": observer, "counterparty": against or None}
            fields |= {"lines": lines, "site": site, "shipment": shipment, "state": "open", "outcome": None}
            self.write("discrepancies", name, closed=None, **fields)
            told.append((KINDS[rank], against or None, len({chip for chip, _ in mine})))
            names.append(name)
        return told, names

    def close_absences(self, chip):
        """The chip has turned up: nobody says any more that it is absent."""
        for name, row in list(self.discrepancies.items()):
            if row["kind"] != "absent" or row["state"] not in OPEN:
                continue
            if not any(line["chip"] == chip and line["closed"] is None for line in row["lines"]):
                continue
            lines = close_lines(row["lines"], {chip}, self.index)
            if all(line["closed"] is not None for line in lines):
                self.write("discrepancies", name, lines=lines, state="withdrawn", closed=self.index)
            else:
                self.write("discrepancies", name, lines=lines)


def close_lines(lines, chips, index):
    """The lines with those about these chips settled."""
    return [
        {**line, "closed": index} if line["chip"] in chips and line["closed"] is None else line
        for line in lines
    ]


def pairs_of(lines):
    """(chip, seen) of lines, as disagreements are told apart."""
    return {(line["chip"], seen_text(line.get("seen"))) for line in lines}


def seen_text(seen):
    """The canonical spelling; "" where nothing was seen."""
    return "" if seen is None else json.dumps(seen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def uniques(identity):
    """The names under which no two living chips may go."""
    identity = identity or {}
    return [f"{short}:{identity[name]}" for name, short in UNIQUE.items() if name in identity]


def slot_of(row):
    """Where a chip stands, if it is in a slot."""
    return None if row is None or row["slot"] is None else (row["site"], row["system"], row["slot"])


def names_of(row):
    """The unique identities a chip would bear while it lives."""
    return uniques(row["identity"]) if row is not None and row["status"] in ALIVE else []


def differs(known, seen):
    """Whether something seen is not what the book says."""
    known, seen = known or {}, seen or {}
    return any(name in known and name in seen and known[name] != seen[name] for name in TOLD_APART_BY)


def is_repeated(lines, chip):
    """Whether a chip was seen in two ways."""
    return len({seen_text(line.get("seen")) for line in lines if line["chip"] == chip}) > 1


def prefix(name):
    return name.replace(":", "/").split("/")[0]
