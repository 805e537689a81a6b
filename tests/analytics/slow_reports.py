"""The reports counted by hand: plain loops over the rows of a `Fold`, no SQL, no warehouse.

Each gives the rows of a report as dicts, in the report's order. Absence is judged from the lines of
shipments and absences, which the warehouse never sees, sightings from what was said.
"""

from datetime import UTC, datetime

from ledger.book.records.models import ModelListed
from ledger.book.tables import (
    ABSENCES,
    CHIPS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    LINES,
    MODELS,
    PARTIES,
    SHIPMENTS,
    SITES,
)
from signing.canonical import decode

FORMATS = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8", "int8", "fp4")
H100 = 989_400
OPEN_STATES = {"open", "answered"}
SURPLUS = {"extra", "unknown_chip", "duplicate", "after_end"}


def figures(trade):
    """Each model's listing as a dict."""
    return {row.model: decode(row.figures.encode(), "figures") for row in trade.rows(MODELS)}


def h100e(listed):
    """H100 equivalents of one chip, None where bf16 is."""
    rate = (listed or {}).get("gflops", {}).get("bf16")
    return None if rate is None else rate / H100


def utc(trade, index):
    """When an entry was admitted."""
    return stamp(trade.entries[index].admitted_at)


def stamp(milliseconds):
    """As JSON has it."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    return moment.replace(tzinfo=None).isoformat() + "Z"


def country_of(trade, site, party):
    """Of the site, else of the party."""
    sites, parties = ({row[0]: row for row in map(tuple_of, trade.rows(t))} for t in (SITES, PARTIES))
    if site in sites:
        return sites[site][3]
    return parties[party][3] if party in parties else None


def tuple_of(row):
    """A row's values."""
    return tuple(getattr(row, name) for name in row.__struct_fields__)


def open_lines(trade, kinds):
    """(discrepancy, line) still open, of these kinds."""
    by_name = {row.discrepancy: row for row in trade.rows(DISCREPANCIES)}
    for line in trade.rows(DISCREPANCY_CHIPS):
        found = by_name[line.discrepancy]
        if found.kind in kinds and found.state in OPEN_STATES and line.closed is None:
            yield found, line


def slow_unaccounted(trade, as_of_s, grouping):
    """One row a chip that nobody can show."""
    evidence = {}

    def found(letter, chip, index):
        before = evidence.setdefault(chip, {}).get(letter, index)
        evidence[chip][letter] = min(before, index)

    for chip, index in seen_elsewhere(trade):
        found("S", chip, index)
    for row in trade.rows(ABSENCES):
        opened = int(row.discrepancy.split(".")[0])
        if row.closed is None:
            found("K" if trade.entries[opened].kind == "stocktake.declared" else "R", row.chip, opened)
    shipments = {row.shipment: row for row in trade.rows(SHIPMENTS)}
    chips = {row.chip: row for row in trade.rows(CHIPS)}
    for line in trade.rows(LINES):
        if line.state == "open" and shipments[line.shipment].due_by < as_of_s:
            found("O", line.chip, shipments[line.shipment].born)
    gone = confirmed_gone(trade)
    for chip in chips.values():
        if chip.status == "missing" or (chip.status == "destroyed" and chip.chip not in gone):
            found("L", chip.chip, chip.changed)
    listed = figures(trade)
    rows = [
        _charged(trade, chips[name], found, listed.get(chips[name].model))
        for name, found in evidence.items()
        if name in chips
    ]
    for row in rows:
        chip = chips[row["chip"]]
        last = {"custodian": chip.custodian or chip.liable or chip.last_liable}
        last["owner"] = chip.owner or chip.last_liable
        row["grouped"] = last.get(grouping, row[grouping])
    rows = [{"grouped": row.pop("grouped"), **row} for row in rows]
    return sorted(rows, key=lambda row: (row["grouped"] is None, row["grouped"] or "", row["chip"]))


def seen_elsewhere(trade):
    """(chip, index) of each sighting, as it was said, of a chip that somebody else had elsewhere."""
    parties = {row.party: row for row in trade.rows(PARTIES)}
    unsettled = {
        (line.discrepancy.split(".")[0], line.chip)
        for line in trade.rows(DISCREPANCY_CHIPS)
        if line.closed is None
    }
    for said in trade.sightings:
        acts_for = {said.party, *parties[said.party].predecessors.split()}
        book = trade.store.chips_as_of(said.chips, said.index)
        for chip in said.chips:
            was = book.get(chip)
            if was is None or was.status != "held" or was.site == said.site or was.custodian in acts_for:
                continue
            if (str(said.index), chip) in unsettled:
                yield chip, said.index


def confirmed_gone(trade):
    """Destroyed chips of which a verifier, asked about an observation since, said that they are."""
    roles = {row.party: row.roles.split() for row in trade.rows(PARTIES)}
    gone = set()
    for said in trade.decisions:
        if said.outcome != "book_stands" or "verifier" not in roles[said.party]:
            continue
        disputed = {row.chip for row in trade.rows(DISCREPANCY_CHIPS) if row.discrepancy == said.discrepancy}
        then = trade.store.chips_as_of(disputed, int(said.discrepancy.split(".")[0]))
        now = trade.store.chips_as_of(disputed, trade.size)
        gone |= {chip for chip, was in then.items() if was.status == "destroyed" and now.get(chip) == was}
    return gone


def _charged(trade, chip, found, listed):
    due = {row.shipment: stamp(row.due_by * 1000) for row in trade.rows(SHIPMENTS)}
    first, *rest = [letter for letter in "SKROL" if letter in found]
    history = trade.store.history(CHIPS, chip.chip)
    if first not in "OL":
        history = [row for row in history if row.changed <= found[first]]
    liable = [row.liable for row in history if row.liable][-1]
    return {
        "chip": chip.chip,
        "model": chip.model,
        "evidence": first,
        "also": " ".join(rest) or None,
        "liable": liable,
        "custodian": chip.custodian,
        "owner": chip.owner,
        "country": country_of(trade, chip.site, chip.custodian or chip.liable or chip.last_liable),
        "site": chip.site,
        "status": chip.status,
        "shipment": chip.shipment,
        "since_index": found[first],
        "since": due[chip.shipment] if first == "O" else utc(trade, found[first]),
        "h100e": h100e(listed),
        "entry_index": chip.changed,
    }


def slow_surplus(trade):
    """One row a chip seen where the book does not have it."""
    rows = [
        {
            "discrepancy": found.discrepancy,
            "kind": found.kind,
            "chip": line.chip,
            "seen": line.seen,
            "observer": found.observer,
            "counterparty": found.counterparty,
            "site": found.site,
            "shipment": found.shipment,
            "opened_index": found.born,
            "opened": utc(trade, found.born),
        }
        for found, line in open_lines(trade, SURPLUS)
    ]
    return sorted(
        rows, key=lambda row: tuple(row[n] for n in ("opened_index", "discrepancy", "chip", "seen"))
    )


def slow_overdue(trade, as_of_s, grouping):
    """One row a shipment and whoever answers for what has not come of it."""
    chips = {row.chip: row for row in trade.rows(CHIPS)}
    listed = figures(trade)
    rows = []
    for shipment in trade.rows(SHIPMENTS):
        if shipment.state != "open" or shipment.due_by >= as_of_s:
            continue
        waiting = [
            chips[line.chip]
            for line in trade.rows(LINES)
            if line.shipment == shipment.shipment and line.state == "open"
        ]
        for liable in sorted({chip.liable for chip in waiting}):
            theirs = [chip for chip in waiting if chip.liable == liable]
            worth = [h100e(listed.get(chip.model)) for chip in theirs]
            known = [each for each in worth if each is not None]
            row = {
                "shipment": shipment.shipment,
                "liable": liable,
                "sender": shipment.sender,
                "receiver": shipment.receiver,
                "country": shipment.country,
                "due_by": stamp(shipment.due_by * 1000),
                "days_late": (as_of_s - shipment.due_by) // 86_400,
                "chips": len(theirs),
                "sent": shipment.sent,
                "received": shipment.received,
                "h100e": sum(known) if known else None,
                "dispatched": utc(trade, shipment.born),
                "dispatched_index": shipment.born,
                "entry_index": shipment.changed,
            }
            rows.append({"grouped": row[grouping], **row})
    return sorted(rows, key=lambda row: (row["grouped"], row["shipment"], row["liable"]))


def slow_capacity(trade, grouping):
    """One row a group and standing."""
    disputed = {
        line.chip for _, line in open_lines(trade, SURPLUS | {"absent", "identity_differs", "wrong_place"})
    }
    listed = figures(trade)
    groups = {}
    for chip in trade.rows(CHIPS):
        if chip.status not in {"held", "in_transit"}:
            continue
        if chip.chip in disputed:
            standing = "disputed"
        elif chip.status == "in_transit":
            standing = "in_transit"
        else:
            standing = "stored" if chip.system is None else "placed"
        of = {
            "custodian": chip.custodian,
            "owner": chip.owner,
            "country": country_of(trade, chip.site, chip.custodian),
            "site": chip.site,
            "model": chip.model,
        }
        groups.setdefault((of[grouping], standing), []).append(listed.get(chip.model))
    rows = [_capacity(group, standing, models) for (group, standing), models in groups.items()]
    return sorted(rows, key=lambda row: (row["grouped"] is None, row["grouped"] or "", row["standing"]))


def _capacity(group, standing, models):
    row = {
        "grouped": group,
        "standing": standing,
        "chips": len(models),
        "chips_without_h100e": sum(h100e(model) is None for model in models),
    }
    known = [model for model in models if model is not None]
    for name in FORMATS:
        row[f"{name}_gflops"] = _sum(model["gflops"].get(name) for model in known)
    row["tpp"] = _sum(model["tpp"] for model in known)
    row["memory_gb"] = _sum(model["memory_gb"] for model in known)
    row["h100e"] = _sum(h100e(model) for model in known)
    return row


def _sum(values):
    """Of what is there, None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


assert set(FORMATS) == set(ModelListed.__annotations__["gflops"].__struct_fields__)
