"""The newer reports counted by hand: plain loops over the rows of a `Fold` and what was said, no SQL."""

from itertools import product

from ledger.book.tables import (
    AFFILIATIONS,
    CHIPS,
    CLAIMS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    LOTS,
    PARTIES,
    SHIPMENTS,
    STOCKTAKES,
)
from tests.analytics.slow_reports import figures, h100e

TERMS = (
    "registered", "declared", "received", "conceded_in", "recovered", "corrected_in", "split_in",
    "reclassified_in", "moved_in", "handed_over", "conceded_out", "destroyed", "missing", "replaced",
    "corrected_out", "reclassified_out", "moved_out",
)  # fmt: skip
PRESENT = {"held", "in_transit"}


def heads(trade, basis):
    """By party: who stands above all above it, itself where nobody does."""
    rows = sorted(trade.rows(PARTIES), key=lambda row: row.born)
    parent = {row.party: row.parent for row in rows}

    def top(party):
        while parent.get(party):
            party = parent[party]
        return party

    if basis == "registered":
        return {party: top(party) for party in parent}
    family = {party: {party} for party in parent}
    links = [{party, above} for party, above in parent.items() if above]
    links += [set(row.parties.split()) for row in trade.rows(AFFILIATIONS)]
    for link in links:
        whole = set().union(*(family[party] for party in link))
        for party in whole:
            family[party] = whole
    order = list(parent)
    return {
        party: min((one for one in family[party] if not parent[one]), key=order.index) for party in parent
    }


def slow_accused(trade):
    """By chip: the first entry of an inspection that accuses it and that no later one answers."""
    worst = {}
    order = ["confirmed", "inconclusive", "not_found", "refused", "mismatch", "tampered"]
    for index, inspection, chip, result, when in trade.findings:
        before = worst.get((inspection, chip))
        if before is None or order.index(result) > order.index(before[0]):
            worst[inspection, chip] = (result, when, index)
    found = {}
    for (_, chip), (result, when, index) in worst.items():
        cleared = any(
            other == chip and then[0] == "confirmed" and then[1] > when for (_, other), then in worst.items()
        )
        if result in order[2:] and not cleared:
            found[chip] = min(index, found.get(chip, index))
    return found


def slow_balance(balances, axis):
    """The auditor's balances of one axis, as rows."""
    rows = []
    for each in balances:
        if each.axis == axis:
            terms = dict((*each.gained, *each.lost))
            rows.append(
                {
                    "grouped": each.name,
                    "opening": each.opening,
                    "closing": each.closing,
                    **{term: terms.pop(term, 0) for term in TERMS},
                    "residual": each.residual,
                }
            )
            assert not terms
    return sorted(rows, key=lambda row: row["grouped"])


def slow_fabrication(trade, grouping):
    """Dies by group: every way in which a chip's dies can have come from the lots it names is tried."""
    lots = {row.lot: row for row in trade.rows(LOTS)}
    listed = figures(trade)
    rows = {}
    for lot in lots.values():
        row = rows.setdefault(
            getattr(lot, grouping),
            {"lots": 0, "good_units": 0, "used": 0, "chips": 0, "shared": 0, "low": 0, "high": 0},
        )
        row["lots"] += 1
        row["good_units"] += lot.good_units
        row["used"] += lot.lost + lot.banked + lot.other_product
    for chip in trade.rows(CHIPS):
        if not chip.lots or chip.status == "replaced":
            continue
        named, dies = chip.lots.split(), listed[chip.model]["dies"]
        least = 1 if dies >= len(named) else 0
        ways = [
            way
            for way in product(range(dies + 1), repeat=len(named))
            if sum(way) == dies and min(way) >= least
        ]
        groups = [getattr(lots[lot], grouping) for lot in named]
        for group in set(groups):
            taken = [sum(n for n, g in zip(way, groups, strict=True) if g == group) for way in ways]
            row = rows[group]
            row["chips"] += 1
            row["shared"] += groups.count(group) < len(groups)
            row["low"] += min(taken)
            row["high"] += max(taken)
    return rows


CHANGING = ("status", "custodian", "owner", "liable", "site", "system", "slot", "model", "cls")


def slow_changes(trade, from_size, to_size):
    """By chip: the words that changed, the entry, and how many entries changed it."""
    before, after = trade.past[from_size], trade.past[to_size]
    found = {}
    for chip in before.keys() | after.keys():
        old, new = before.get(chip), after.get(chip)
        words = ["born"] * (old is None) + ["unmade"] * (new is None)
        for name in CHANGING:
            if getattr(old, name, None) != getattr(new, name, None):
                words.append("class" if name == "cls" else name)
        if words:
            steps = [v.changed for v in trade.store.history(CHIPS, chip) if from_size <= v.changed < to_size]
            found[chip] = (" ".join(words), max(steps), len(steps))
    return found


def slow_counts(trade, since=0):
    """(party, site, index) -> (book, found, written off) of every full count that stands, from a size on."""
    counts = [
        row
        for row in trade.rows(STOCKTAKES)
        if row.state == "judged" and row.scope == "full" and row.changed >= since
    ]
    discrepancies = {row.discrepancy: row for row in trade.rows(DISCREPANCIES)}
    missed = {}
    for count in counts:
        for line in trade.rows(DISCREPANCY_CHIPS):
            d = discrepancies[line.discrepancy]
            if d.kind == "absent" and d.born == count.changed and d.state != "withdrawn":
                key = count.party, count.site
                missed.setdefault(key, {}).setdefault(line.chip, count.changed)
                missed[key][line.chip] = min(missed[key][line.chip], count.changed)
    found = {}
    for count in counts:
        chips = missed.get((count.party, count.site), {})
        then = trade.store.chips_as_of(set(chips), count.changed) if chips else {}
        off = [
            chip
            for chip, row in then.items()
            if row is not None and row.status in {"missing", "destroyed"} and row.changed > chips[chip]
        ]
        found[count.party, count.site, count.changed] = (
            count.expected,
            count.expected - count.absent,
            len(off),
        )
    return found


def slow_receipts(trade):
    """By shipment: (shipped, received) of those that somebody spoke about."""
    chips = {row.chip: row for row in trade.rows(CHIPS)}
    absent = {}
    for row in trade.rows(DISCREPANCIES):
        if row.kind != "absent" or row.state not in {"open", "answered"} or row.shipment is None:
            continue
        if trade.entries[row.born].kind != "shipment.arrived":
            continue
        for line in trade.rows(DISCREPANCY_CHIPS):
            known = chips.get(line.chip)
            is_open = line.discrepancy == row.discrepancy and line.closed is None
            if is_open and known is not None and known.status in PRESENT:
                absent.setdefault(row.shipment, set()).add(line.chip)
    found = {}
    for row in trade.rows(SHIPMENTS):
        gone = absent.get(row.shipment, set())
        waited = {c for c in gone if chips[c].status == "in_transit" and chips[c].shipment == row.shipment}
        if row.received + row.lost + len(gone) > 0:
            shipped = row.received + row.lost + len(waited)
            found[row.shipment] = (shipped, row.received - len(gone) + len(waited))
    return found


def slow_claims(trade, families=None):
    """By entry: the chips the ledger has in a claim's scope, None where it is compared with nothing.

    `families` are the parties whose chips count for a party, by default its own alone.
    """
    names = {}
    for row in trade.rows(PARTIES):
        names.setdefault(row.name.lower(), []).append(row.party)
    listed = figures(trade)
    found = {}
    for claim in trade.rows(CLAIMS):
        found[claim.born] = _claimed(trade, claim, names, listed, families or {})
    return found


def _claimed(trade, claim, names, listed, families):
    parties = {row.party for row in trade.rows(PARTIES)}
    party = claim.subject if claim.subject in parties else None
    if party is None and len(names.get(claim.subject.lower(), ())) == 1:
        party = names[claim.subject.lower()][0]
    everybody = claim.subject.lower() == "world"
    until, since = (
        size_at(trade, claim.as_of),
        0 if claim.from_time is None else size_at(trade, claim.from_time),
    )
    exists = not claim.status.lower().startswith(("planned", "decommissioned"))
    if not exists or (party is None and not everybody) or claim.family is not None or until == 0:
        return None
    if claim.as_of * 1000 > trade.entries[-1].admitted_at:
        return None
    if claim.from_time is not None and since == 0:
        return None
    chips = _met(trade, claim, families.get(party, {party}), everybody, (since, until))
    worth = sum(h100e(listed.get(model)) or 0 for _, model in chips)
    return len({chip for chip, _ in chips}), worth


def _met(trade, claim, family, everybody, sizes):
    """(chip, model) of each chip in a claim's measure, scope and time."""
    since, until = sizes
    chips = set()
    for chip in every_chip(trade):
        spans = trade.store.history(CHIPS, chip)
        for place, span in enumerate(spans):
            old = spans[place - 1] if place else None
            end = spans[place + 1].changed if place + 1 < len(spans) else None
            if span.born < 0 or span.changed >= until or (claim.model and span.model != claim.model):
                continue
            if claim.measure == "installed":
                hit = (
                    span.custodian
                    and (everybody or span.custodian in family)
                    and (end is None or end >= until)
                )
            else:
                was = old.owner if old is not None and old.born >= 0 else None
                moved = (
                    span.changed >= since and was is not None and span.owner is not None and was != span.owner
                )
                within = span.owner in family and was in family
                if claim.measure == "sold":
                    left = was in family and not within
                    hit = moved and (left or (everybody and was == chip.split(":")[0]))
                else:
                    hit = moved and (everybody or (span.owner in family and not within))
                    hit = hit or (
                        span.changed >= since and was is None and span.cls == "C" and span.owner in family
                    )
            if hit:
                chips.add((chip, span.model))
    return chips


def every_chip(trade):
    """Every chip that ever was in the book as it was kept."""
    return sorted(
        set().union(*(book.keys() for book in trade.past.values())) | {r.chip for r in trade.rows(CHIPS)}
    )


def size_at(trade, seconds):
    """Entries admitted by a time."""
    return sum(1 for entry in trade.entries if entry.admitted_at <= seconds * 1000)
