"""Losses, chip-years, lists and what was shipped, counted by hand: plain loops over what was said, no SQL."""

from collections import defaultdict

from ledger.book.tables import (
    CHIPS,
    CORRECTIONS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    LINES,
    PARTIES,
    SHIPMENTS,
    SITES,
)
from tests.analytics.slow_accounts import PRESENT, every_chip, heads
from tests.analytics.slow_reports import country_of, open_lines


def second_of(trade, index):
    """When an entry was admitted, in whole seconds."""
    return trade.entries[index].admitted_at // 1000


def loss_groups(trade, basis):
    """By grouping: what a version of a chip belongs to."""
    head = heads(trade, basis)
    return {
        "custodian": lambda row: row.custodian,
        "owner": lambda row: row.owner,
        "liable": lambda row: row.liable,
        "ultimate_parent": lambda row: head[row.custodian],
        "owner_parent": lambda row: head.get(row.owner),
        "country": lambda row: country_of(trade, row.site, row.custodian),
        "site": lambda row: row.site,
        "maker": lambda row: row.chip.split(":")[0],
        "model": lambda row: row.model,
    }


def slow_losses(trade, grouping, basis, since_s, as_of_s):
    """By group: [seconds, destroyed, missing, conceded, losses by entry]."""
    of = loss_groups(trade, basis)[grouping]
    now = {row.chip: row for row in trade.rows(CHIPS)}
    found = defaultdict(lambda: [0, 0, 0, 0, defaultdict(int)])
    for chip in every_chip(trade):
        spans = trade.store.history(CHIPS, chip)
        there = [place for place, row in enumerate(spans) if row.born >= 0 and row.custodian is not None]
        for place in there:
            group = found[of(spans[place])]
            follows = spans[place + 1] if place + 1 < len(spans) else None
            until = as_of_s if follows is None else min(second_of(trade, follows.changed), as_of_s)
            group[0] += max(0, until - max(second_of(trade, spans[place].changed), since_s))
        status = now[chip].status if chip in now else None
        if not there or status not in {"missing", "destroyed"}:
            continue
        group, lost = found[of(spans[there[-1]])], spans[there[-1] + 1].changed
        if since_s <= second_of(trade, lost) <= as_of_s:
            said = trade.entries[lost].kind == "chips.retired"
            group[{"destroyed": 1, "missing": 2}[status] if said else 3] += 1
            group[4][lost] += 1
    return found


def slow_lists(trade, grouping, basis, since_s=0):
    """By group: (declared, seen, on both, seen elsewhere, after its end, unknown), of sightings alone."""
    head, sites = heads(trade, basis), {row.site: row for row in trade.rows(SITES)}
    heirs = {row.party: row.successors.split() for row in trade.rows(PARTIES)}

    def group_of(site):
        if grouping == "book":
            return "book"
        if site not in sites:
            return None
        operator = sites[site].operator
        return {
            "site": site,
            "operator": operator,
            "ultimate_parent": head[operator],
            "country": sites[site].country,
        }[grouping]

    def are_kin(one, other):
        return head[one] == head[other] or other in heirs[one] or one in heirs[other]

    first, second, known = defaultdict(set), defaultdict(dict), {}
    for said in kept(trade):
        if said.index < first_entry(trade, since_s) or are_kin(said.party, sites[said.site].operator):
            continue
        book = trade.store.chips_as_of(said.chips, said.index)
        for chip in said.chips:
            was, group = book.get(chip), group_of(said.site)
            if is_wrong(trade, said.index, chip) or (was is not None and was.status == "in_transit"):
                continue
            if was is not None and was.custodian is not None and are_kin(said.party, was.custodian):
                continue
            at_rest = was is not None and was.status == "held"
            both = at_rest and group_of(was.site) == group
            second[group][chip] = second[group].get(chip, False) or both
            rank = 2 if at_rest else 0 if was is None else 1
            known[group, chip] = max(rank, known.get((group, chip), 0))
    for row in trade.rows(CHIPS):
        group = group_of(row.site)
        if row.status == "held" and group is not None and row.chip not in second.get(group, {}):
            first[group].add(row.chip)
    told = {}
    for group in first.keys() | second.keys():
        seen = second.get(group, {})
        both = {chip for chip, is_both in seen.items() if is_both}
        only = [known[group, chip] for chip in seen if chip not in both]
        told[group] = (
            len(first[group] | both),
            len(seen),
            len(both),
            *(only.count(rank) for rank in (2, 1, 0)),
        )
    return told


def kept(trade):
    """Sightings that nobody took back."""
    gone = {row.corrects for row in trade.rows(CORRECTIONS)}
    return [said for said in trade.sightings if trade.entries[said.index].statement not in gone]


def first_entry(trade, since_s):
    return next((e.index for e in trade.entries if e.admitted_at >= since_s * 1000), trade.size)


def is_wrong(trade, index, chip):
    """Whether what somebody saw of a chip was decided against them, or given up by them."""
    rows = {row.discrepancy: row for row in trade.rows(DISCREPANCIES) if row.born == index}
    lines = [line for line in trade.rows(DISCREPANCY_CHIPS) if line.discrepancy in rows and line.chip == chip]
    return bool(lines) and all(
        rows[line.discrepancy].state == "withdrawn"
        or (line.closed is not None and rows[line.discrepancy].outcome in ("book_stands", "observer"))
        for line in lines
    )


def slow_receipts_by(trade, grouping):
    """(shipment, model or site that the chip left) -> (shipped, received), from the lines of shipments."""
    rows = {row.shipment: row for row in trade.rows(SHIPMENTS)}
    now = {row.chip: row for row in trade.rows(CHIPS)}
    absent = {
        (found.shipment, line.chip)
        for found, line in open_lines(trade, {"absent"})
        if found.shipment is not None and trade.entries[found.born].kind == "shipment.arrived"
    }
    told, spoken = {}, set()
    for line in trade.rows(LINES):
        before = trade.store.chips_as_of([line.chip], rows[line.shipment].born)[line.chip]
        key = line.shipment, before.site if grouping == "site" else before.model
        is_absent = (line.shipment, line.chip) in absent and now[line.chip].status in PRESENT
        waited = is_absent and now[line.chip].shipment == line.shipment
        here = line.state == "received"
        sums = told.get(key, (0, 0))
        shipped = sums[0] + here + (line.state == "lost") + waited
        told[key] = shipped, sums[1] + here - is_absent + waited
        if here or line.state == "lost" or is_absent:
            spoken.add(key)
    return {key: sums for key, sums in told.items() if key in spoken}
