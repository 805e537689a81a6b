"""Is the book that a door keeps the one the slow law has?

`compare` asserts it thing by thing: chips, slots, identities, shipments, transfers, disagreements, lots,
stocktakes, parties, keys, settings, and what was noted.
"""

from collections import Counter

from ledger.book import tables
from tests.properties.slow_book import ALIVE, OPEN, seen_text
from tests.properties.slow_trade import shipment_state

CHIP_FIELDS = (
    "model", "custodian", "owner", "liable", "site", "system", "slot", "status", "shipment", "born",
    "changed",
)  # fmt: skip


def compare(door, book):
    """The whole book."""
    for each in (
        _chips,
        _places,
        _shipments,
        _transfers,
        _discrepancies,
        _people,
        _settings,
        _counted,
        _noted,
    ):
        expected, found = each(door, book)
        for key in sorted({*expected, *found}, key=repr):
            kept, meant = found.get(key), expected.get(key)
            assert kept == meant, f"{each.__name__[1:]} {key} at {book.index}: kept {kept}, meant {meant}"


def _rows(door, table):
    """What is there: not what was corrected away."""
    return [row for row in door.rows(table) if not table.corrected or row.born >= 0]


def _chips(door, book):
    expected, found = {}, {}
    for chip, row in book.chips.items():
        said = {name: row[name] for name in CHIP_FIELDS} | {"cls": row["class"]}
        said["lots"] = " ".join(row["lots"]) if row["lots"] else None
        said["identity"] = seen_text(row["identity"]) or None
        said["number"] = book.numbers[chip]
        said["last_liable"] = None if row["status"] in ALIVE else row["last_liable"]
        expected[chip] = said
    for row in _rows(door, tables.CHIPS):
        said = {name: getattr(row, name) for name in (*CHIP_FIELDS, "cls", "lots", "identity", "number")}
        found[row.chip] = said | {"last_liable": None if row.status in ALIVE else row.last_liable}
    return expected, found


def _places(door, book):
    expected = {
        ("slot", row["site"], row["system"], row["slot"]): chip
        for chip, row in book.chips.items()
        if row["slot"] is not None
    }
    expected |= {("bears", name): chip for name, chip in book.bearers.items() if chip}
    found = {
        ("slot", row.site, row.system, row.slot): row.chip for row in door.rows(tables.SLOTS) if row.chip
    }
    found |= {("bears", row.identity): row.chip for row in door.rows(tables.IDENTITIES) if row.chip}
    return expected, found


def _shipments(door, book):
    expected, found = {}, {}
    for name, row in book.shipments.items():
        states = Counter(row["lines"].values())
        expected[name] = (row["sender"], row["receiver"], row["country"], row["title"])
        expected[name] += (len(row["lines"]), states["received"], states["refused"], states["cancelled"])
        expected[name] += (states["lost"], row["unexpected"], shipment_state(row))
        expected |= {(name, chip): state for chip, state in row["lines"].items()}
    for row in door.rows(tables.SHIPMENTS):
        found[row.shipment] = (row.sender, row.receiver, row.country, row.title)
        found[row.shipment] += (row.sent, row.received, row.refused, row.cancelled)
        found[row.shipment] += (row.lost, row.unexpected, row.state)
    found |= {(row.shipment, row.chip): row.state for row in door.rows(tables.LINES)}
    return expected, found


def _transfers(door, book):
    expected, found = {}, {}
    for name, row in book.transfers.items():
        expected[name] = row["owner"], row["offeree"], len(row["chips"]), row["state"]
        expected |= {(name, chip): "line" for chip in row["chips"]}
        if row["state"] == "open":
            expected |= {("offered", chip): name for chip in row["chips"]}
    for row in door.rows(tables.TRANSFERS):
        found[row.transfer] = row.owner, row.offeree, row.chips, row.state
    found |= {(row.transfer, row.chip): "line" for row in door.rows(tables.TRANSFER_LINES)}
    found |= {("offered", row.chip): row.transfer for row in door.rows(tables.OFFERED) if row.transfer}
    return expected, found


def _discrepancies(door, book):
    expected, found = {}, {}
    for name, row in book.discrepancies.items():
        lines = row["lines"]
        expected[name] = (row["kind"], row["observer"], row["counterparty"])
        expected[name] += (len({x["chip"] for x in lines}), sum(x["closed"] is None for x in lines))
        expected[name] += (row["shipment"], row["site"], row["state"], row["outcome"], row["closed"])
        expected[name] += (row["born"],)
        expected |= {(name, line["chip"], line["seen"]): line["closed"] for line in lines}
        if row["kind"] == "absent" and row["state"] in OPEN:
            expected |= {("absent", x["chip"], name): True for x in lines if x["closed"] is None}
    for row in door.rows(tables.DISCREPANCIES):
        found[row.discrepancy] = (row.kind, row.observer, row.counterparty, row.chips, row.lines_open)
        found[row.discrepancy] += (row.shipment, row.site, row.state, row.outcome, row.closed, row.born)
    for row in door.rows(tables.DISCREPANCY_CHIPS):
        found[(row.discrepancy, row.chip, row.seen)] = row.closed
    for row in door.rows(tables.ABSENCES):
        if row.closed is None:
            found[("absent", row.chip, row.discrepancy)] = True
    return expected, found


def _people(door, book):
    expected, found = {}, {}
    for name, row in book.parties.items():
        acts = sorted(book.acts_for(name) - {name})
        heirs = sorted(heir for heir in book.parties if name in book.acts_for(heir) - {heir})
        expected[name] = (row["name"], " ".join(row["roles"]), row["country"], row["parent"])
        expected[name] += (int(row["suspended"]), row["succeeded_by"], " ".join(heirs), " ".join(acts))
        expected[name] += (int(row["keyed"]), row["born"], row["changed"])
    for row in door.rows(tables.PARTIES):
        found[row.party] = (row.name, row.roles, row.country, row.parent, row.suspended, row.succeeded_by)
        found[row.party] += (row.successors, row.predecessors, row.keyed, row.born, row.changed)
    for public, row in book.keys.items():
        words = [None if row[name] is None else " ".join(row[name]) for name in ("kinds", "sites")]
        expected[("key", public)] = (row["party"], row["from"], row["to"], *words)
        expected[("key", public)] += (row["not_before"], row["until"])
    for row in door.rows(tables.KEYS):
        bounds = (row.from_index, row.to_index, row.kinds, row.sites, row.not_before, row.until)
        found[("key", row.public_key)] = (row.party, *bounds)
    return expected, found


def _settings(door, book):
    (row,) = door.rows(tables.LOG)
    names = ("registrar", "key_delay_s", "beacon_lead_s", "timely_lead_s", "quorum", "rules", "log_key")
    expected = {name: book.settings[name] for name in names}
    expected |= {"former_log_key": book.settings["former"], "rekeyed": book.settings["rekeyed"]}
    return expected, {name: getattr(row, name) for name in expected}


def _counted(door, book):
    expected, found = {}, {}
    for name, row in book.lots.items():
        counts = (row["good"], row["lost"], row["banked"], row["other_product"])
        expected[name] = (row["fab"], row["for_party"], *counts, row["born"], row["changed"])
    for row in _rows(door, tables.LOTS):
        counts = (row.good_units, row.lost, row.banked, row.other_product)
        found[row.lot] = (row.fab, row.for_party, *counts, row.born, row.changed)
    for name, row in book.stocktakes.items():
        told = (row["counted"], row["expected"], row["absent"]) if row["state"] == "judged" else None
        expected[("stock", name)] = (row["party"], row["site"], row["scope"], row["parts"], row["state"])
        expected[("stock", name)] += (
            tuple(sorted(row["in"])),
            row["began"],
            told,
            row["born"],
            row["changed"],
        )
    for row in _rows(door, tables.STOCKTAKES):
        told = (row.counted, row.expected, row.absent) if row.state == "judged" else None
        found[("stock", row.stocktake)] = (row.party, row.site, row.scope, row.parts, row.state)
        parts = tuple(int(each.split("@")[0]) for each in row.parts_in.split())
        found[("stock", row.stocktake)] += (parts, row.began, told, row.born, row.changed)
    return expected, found


def _noted(door, book):
    expected = {("model", name): (r["vendor"], r["born"], r["changed"]) for name, r in book.models.items()}
    found = {("model", r.model): (r.vendor, r.born, r.changed) for r in _rows(door, tables.MODELS)}
    expected |= {("site", n): (r["operator"], r["country"], r["born"]) for n, r in book.sites.items()}
    found |= {("site", r.site): (r.operator, r.country, r.born) for r in _rows(door, tables.SITES)}
    expected |= {("claim", n): (r["analyst"], r["low"], r["high"], r["born"]) for n, r in book.claims.items()}
    found |= {("claim", r.statement): (r.analyst, r.low, r.high, r.born) for r in _rows(door, tables.CLAIMS)}
    expected |= {("with", n): (r["verifier"], " ".join(r["parties"])) for n, r in book.affiliations.items()}
    found |= {("with", r.statement): (r.verifier, r.parties) for r in door.rows(tables.AFFILIATIONS)}
    expected |= {("back", n): True for n, said in book.statements.items() if said["corrected"]}
    found |= {("back", r.corrects): True for r in door.rows(tables.CORRECTIONS)}
    expected |= {("seal", n): (r["at_size"], r["count"]) for n, r in book.seals.items()}
    found |= {("seal", r.statement): (r.at_size, r.count) for r in door.rows(tables.SEALS)}
    return expected, found
