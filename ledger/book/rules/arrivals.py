"""How does custody pass? The law of `shipment.arrived`.

Custody passes when the receiver signs, never when the sender does. An arrival is an observation:
it is admitted whatever it says, and what disagrees with the book becomes a discrepancy. Chips
received or damaged pass, and are absent no more; those refused go back to the sender; those absent stay
where the book has them. A successor receives what its predecessors await, in its own name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from ledger.book.identifiers import is_named
from ledger.book.records.arrivals import (
    ABSENT,
    AS_DISPATCHED,
    DAMAGED,
    RECEIVED,
    REFUSED,
    SCANNED,
    ArrivedLine,
    ShipmentArrived,
)
from ledger.book.records.shipments import TITLE_PASSES
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import AT_HAND, HELD, Chip, Shipment, ShipmentLine
from ledger.book.rules import custody, findings
from ledger.book.rules.findings import Finding
from ledger.book.rules.mentions import mention, needs_mentions, of_site
from ledger.book.rules.rule import (
    HOLDING_ROLES,
    NOTHING,
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_word,
    unknown,
)
from ledger.book.rules.seen import check_seen, contradiction
from ledger.book.statement import Entry, Statement
from ledger.book.tables import ABSENCES, CHIPS, LINES, SHIPMENTS, SITES

CONDITIONS = (RECEIVED, DAMAGED, REFUSED, ABSENT)
TAKEN = frozenset({RECEIVED, DAMAGED})  # conditions in which custody passes


def check_arrival(statement: Statement) -> Rejection | None:
    """What needs only the statement: conditions, what was seen, lines or none as the evidence says."""
    body = statement.body
    assert isinstance(body, ShipmentArrived)
    lines: Sequence[ArrivedLine] = statement.lines  # type: ignore[assignment]
    if not is_named(body.shipment) or not is_named(body.site):
        return bad_field("body.shipment and body.site are <party>/<name>")
    fault = earliest(
        check_word("body.evidence", body.evidence, (SCANNED, AS_DISPATCHED)),
        _check_conditions(lines),
        check_seen(lines),
    )
    if fault is None and (body.evidence == SCANNED) == (statement.bundle.manifest is None):
        return Rejection(
            Reason.MANIFEST_MISMATCH, "evidence scanned comes with lines, as_dispatched without any"
        )
    return fault


def _check_conditions(lines: Sequence[ArrivedLine]) -> Rejection | None:
    for number, line in enumerate(lines, start=1):
        if line.condition not in CONDITIONS:
            return check_word(f"manifest line {number}: condition", line.condition, CONDITIONS)
    return None


def needs_arrival(statement: Statement) -> Needs:
    """The site, the shipment and its lines, the chips seen, and who says that those received are absent.

    Of a shipment only the lines named, unless it is taken unopened: a large one is often scanned in pieces.
    """
    body = statement.body
    assert isinstance(body, ShipmentArrived)
    lines: Sequence[ArrivedLine] = statement.lines  # type: ignore[assignment]
    needs = Needs().rows(SITES, (body.site,)).rows(SHIPMENTS, (body.shipment,))
    needs_mentions(needs, (of_site(body.site),))
    if body.evidence == AS_DISPATCHED:
        return needs.group(LINES, body.shipment)
    chips = [line.chip for line in lines]
    needs.rows(CHIPS, chips).rows(LINES, [(body.shipment, chip) for chip in chips])
    return needs.all_groups(ABSENCES, [line.chip for line in lines if line.condition in TAKEN])


def follow_arrival(statement: Statement, registry: Registry) -> Needs:
    """For sealed cartons the chips on their way in them; for opened ones the discrepancies that may end."""
    body = statement.body
    assert isinstance(body, ShipmentArrived)
    if body.evidence == AS_DISPATCHED:
        chips = _on_their_way(registry, body.shipment, statement.party)
        return Needs().rows(CHIPS, chips).all_groups(ABSENCES, chips) if chips else NOTHING
    lines: Sequence[ArrivedLine] = statement.lines  # type: ignore[assignment]
    taken = (line.chip for line in lines if line.condition in TAKEN)
    return _over_with(registry, taken)


def reach_arrival(statement: Statement, registry: Registry) -> Needs:
    """For sealed cartons too."""
    body = statement.body
    assert isinstance(body, ShipmentArrived)
    if body.evidence != AS_DISPATCHED:
        return NOTHING
    return _over_with(registry, _on_their_way(registry, body.shipment, statement.party))


def _over_with(registry: Registry, chips: Iterable[str]) -> Needs:
    """The discrepancies that say these chips are absent."""
    absences = findings.open_absences(registry, chips)
    return findings.discrepancies_of(absences) if absences else NOTHING


def _on_their_way(registry: Registry, shipment: str, party: str) -> list[str]:
    """Chips of an open shipment to this party whose lines are open, in no promised order."""
    row = registry.get(SHIPMENTS, shipment)
    if row is None or row.state != custody.OPEN or row.receiver not in acts_for(registry, party):
        return []
    return [line.chip for line in registry.group(LINES, shipment).values() if line.state == custody.OPEN]


@dataclass(slots=True)
class _Arrival:
    """What one arrival does, gathered line by line.

    `shipment` is None where it is unknown or awaited by others, which are alike; `mine` are the parties the
    speaker acts for.
    """

    registry: Registry
    entry: Entry
    shipment: Shipment | None
    mine: frozenset[str]
    is_abroad: bool  # in another country than dispatched
    repeated: set[str]
    chips: dict[str, Chip] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)  # chip -> new state of its line
    taken: dict[str, None] = field(default_factory=dict)  # chips that are here, whoever said they were absent
    findings: list[Finding] = field(default_factory=list)
    unexpected: set[str] = field(default_factory=set)


def judge_arrival(registry: Registry, entry: Entry) -> Verdict:
    """Custody of what was dispatched to the speaker and came; numbers for what disagrees."""
    body: ShipmentArrived = entry.body
    site = registry.get(SITES, body.site)
    if site is None:
        return unknown("body.site", body.site)
    mine = acts_for(registry, entry.party)
    shipment = registry.get(SHIPMENTS, body.shipment)
    if shipment is not None and shipment.receiver not in mine:
        shipment = None
    lines: Sequence[ArrivedLine] = entry.lines
    if body.evidence == AS_DISPATCHED:
        sealed = sorted(_on_their_way(registry, body.shipment, entry.party))
        lines = [ArrivedLine(chip, "", RECEIVED) for chip in sealed]
    is_abroad = shipment is not None and site.country != shipment.country
    repeated = findings.repeated_chips(lines) if len(lines) > 1 else set()
    arrival = _Arrival(registry, entry, shipment, mine, is_abroad, repeated)
    for line in lines:
        _observe(arrival, line)
    return _changes_of(arrival)


def _changes_of(arrival: _Arrival) -> Changes:
    registry, entry, shipment = arrival.registry, arrival.entry, arrival.shipment
    body: ShipmentArrived = entry.body
    index, name = entry.index, None
    changes = Changes().put(CHIPS, *arrival.chips.values())
    if shipment is not None:
        name = shipment.shipment
        settled = arrival.lines.items()
        changes.put(LINES, *[ShipmentLine(name, chip, state, index) for chip, state in settled])
        unexpected = len(arrival.unexpected)
        if settled or unexpected:
            states = list(arrival.lines.values())
            counts = {state: states.count(state) for state in (custody.RECEIVED, custody.REFUSED)}
            changes.put(SHIPMENTS, custody.progressed(shipment, counts, index, unexpected))
    findings.close_absences(registry, changes, arrival.taken, index)
    if arrival.lines or arrival.findings:
        # Chips are there now, or will be if somebody concedes: the site must not be corrected away.
        mention(registry, changes, (of_site(body.site),), index)
    return findings.open_discrepancies(changes, entry, arrival.findings, shipment=name, site=body.site)


def _observe(arrival: _Arrival, line: ArrivedLine) -> None:
    """One line: what moves, and the first kind of disagreement that applies."""
    registry, shipment = arrival.registry, arrival.shipment
    chip = registry.get(CHIPS, line.chip)
    dispatched = None if shipment is None else registry.get(LINES, (shipment.shipment, line.chip))
    state = None if dispatched is None else dispatched.state
    kind = _kind(arrival, line, chip, state)
    if kind is not None:
        against = None if chip is None else findings.answerable(chip)
        if kind == findings.ABSENT:
            assert shipment is not None
            against = shipment.sender
        seen, has = findings.seen_text(line.seen), line.condition in (RECEIVED, DAMAGED)
        arrival.findings.append(Finding(kind, against, line.chip, seen, has))
        if dispatched is None and line.condition != ABSENT:
            arrival.unexpected.add(line.chip)
    if chip is None or shipment is None or line.condition == ABSENT:
        return
    if state == custody.OPEN:
        if line.chip not in arrival.lines:  # of several lines about one chip the first decides
            _settle(arrival, shipment, line, chip)
    elif line.condition in TAKEN and chip.custodian in arrival.mine and chip.status == HELD:
        arrival.taken[line.chip] = None  # it was accepted before, missed, and turned up


def _kind(arrival: _Arrival, line: ArrivedLine, chip: Chip | None, state: str | None) -> str | None:
    """The first kind of discrepancy that applies to a line, None if it agrees with the book.

    `state` is that of the chip's line in the shipment, if it has one there.
    """
    is_missed = line.condition == ABSENT and arrival.shipment is not None
    if is_missed and chip is not None and chip.status not in AT_HAND:
        return None  # the book does not say that it would be here either
    kind = contradiction(chip, line.seen, repeated=line.chip in arrival.repeated)
    if kind is not None or chip is None:
        return kind
    is_here = chip.custodian in arrival.mine
    if is_missed:
        # Nothing is missed that was not to come (never in it, cancelled, refused, lost) or has left again.
        is_expected = state == custody.OPEN or (state == custody.RECEIVED and is_here)
        return findings.ABSENT if is_expected else None
    if state != custody.OPEN:
        # What came before and was sent on since is somebody else's now, whatever it came in.
        return None if is_here else findings.EXTRA
    return findings.WRONG_PLACE if arrival.is_abroad else None


def _settle(arrival: _Arrival, shipment: Shipment, line: ArrivedLine, chip: Chip) -> None:
    """The chip with its receiver, or its sender's again and nowhere."""
    entry = arrival.entry
    if line.condition == REFUSED:
        arrival.lines[line.chip] = custody.REFUSED
        arrival.chips[line.chip] = replace(chip, site=None, status=HELD, shipment=None, changed=entry.index)
        return
    came = custody.passed(chip, entry.party, entry.body.site, entry.index)
    if shipment.title == TITLE_PASSES:
        came = replace(came, owner=entry.party)
    arrival.lines[line.chip] = custody.RECEIVED
    arrival.chips[line.chip] = came
    arrival.taken[line.chip] = None


RULES = (
    Rule(
        "shipment.arrived",
        needs_arrival,
        judge_arrival,
        check_arrival,
        follow_arrival,
        HOLDING_ROLES,
        reach=reach_arrival,
    ),
)
