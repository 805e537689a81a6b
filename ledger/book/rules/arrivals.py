"""How does custody pass? The law of `shipment.arrived`.

Custody passes when the receiver signs, never when the sender does. An arrival is an observation:
it is admitted whatever it says, and what disagrees with the book becomes a discrepancy. Chips
received or damaged pass; those refused go back to the sender; those absent stay the sender's.
"""

from collections import Counter
from collections.abc import Sequence
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
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import HELD, IN_TRANSIT, Chip, Shipment, ShipmentLine
from ledger.book.rules import findings
from ledger.book.rules.chips import check_identity, identity_of
from ledger.book.rules.findings import Finding
from ledger.book.rules.rule import HOLDING_ROLES, Rule, Verdict, bad_field, check_word, unknown
from ledger.book.rules.custody import CLOSED, OPEN
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, LINES, SHIPMENTS, SITES

COMPARED_IDENTITIES = ("ik_sha256", "pdi", "uuid", "label")


def check_arrival(statement: Statement) -> Rejection | None:
    """What needs only the statement: conditions, what was seen, lines or none as the evidence says."""
    body = statement.body
    assert isinstance(body, ShipmentArrived)
    if not is_named(body.shipment) or not is_named(body.site):
        return bad_field("body.shipment and body.site are <party>/<name>")
    fault = check_word("body.evidence", body.evidence, (SCANNED, AS_DISPATCHED))
    if fault is not None:
        return fault
    lines: Sequence[ArrivedLine] = statement.lines  # type: ignore[assignment]
    for number, line in enumerate(lines, start=1):
        fault = check_word(
            f"manifest line {number}: condition", line.condition, (RECEIVED, DAMAGED, REFUSED, ABSENT)
        )
        if fault is None and line.seen is not None:
            fault = check_identity(f"manifest line {number}: seen", line.seen)
        if fault is not None:
            return fault
    if (body.evidence == SCANNED) == (statement.bundle.manifest is None):
        return Rejection(
            Reason.MANIFEST_MISMATCH, "evidence scanned comes with lines, as_dispatched without any"
        )
    return None


def needs_arrival(statement: Statement) -> Needs:
    """The site, the shipment with all its lines, the chips seen."""
    body = statement.body
    assert isinstance(body, ShipmentArrived)
    needs = Needs().rows(SITES, (body.site,)).rows(SHIPMENTS, (body.shipment,)).group(LINES, body.shipment)
    return needs.rows(CHIPS, [line.chip for line in statement.lines])


def follow_arrival(statement: Statement, registry: Registry) -> Needs:
    """For sealed cartons: the chips the dispatch named."""
    body = statement.body
    assert isinstance(body, ShipmentArrived)
    if body.evidence != AS_DISPATCHED:
        return Needs()
    return Needs().rows(CHIPS, [line.chip for line in registry.group(LINES, body.shipment).values()])


@dataclass(slots=True)
class _Arrival:
    """What one arrival does, gathered line by line."""

    chips: dict[str, Chip] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)  # chip -> new state of its line
    findings: list[Finding] = field(default_factory=list)
    unexpected: set[str] = field(default_factory=set)


def judge_arrival(registry: Registry, entry: Entry) -> Verdict:
    """Custody of what was dispatched to the speaker and came; numbers for what disagrees."""
    body: ShipmentArrived = entry.body
    site = registry.get(SITES, body.site)
    if site is None:
        return unknown("body.site", body.site)
    shipment = registry.get(SHIPMENTS, body.shipment)
    if shipment is not None and shipment.receiver != entry.party:
        shipment = None  # not addressed to the speaker: as if it were unknown
    lines: Sequence[ArrivedLine] = entry.lines
    if body.evidence == AS_DISPATCHED:
        lines = [] if shipment is None else _all_open(registry, shipment)
    arrival = _Arrival()
    repeated = {chip for chip, count in Counter(line.chip for line in lines).items() if count > 1}
    wrong = shipment is not None and site.country != shipment.country
    for line in lines:
        _observe(
            registry, entry, shipment, arrival, line, repeated=line.chip in repeated, wrong_country=wrong
        )
    changes = Changes().put(CHIPS, *arrival.chips.values())
    if shipment is not None:
        changes.put(
            LINES,
            *(
                ShipmentLine(shipment.shipment, chip, state, entry.index)
                for chip, state in arrival.lines.items()
            ),
        )
        changed = _progress(shipment, arrival, entry.index)
        if changed != shipment:
            changes.put(SHIPMENTS, changed)
    name = None if shipment is None else shipment.shipment
    return findings.open_discrepancies(changes, entry, arrival.findings, shipment=name, site=body.site)


def _all_open(registry: Registry, shipment: Shipment) -> list[ArrivedLine]:
    chips = sorted(row.chip for row in registry.group(LINES, shipment.shipment).values() if row.state == OPEN)
    return [ArrivedLine(chip, "", RECEIVED) for chip in chips]


def _observe(
    registry: Registry,
    entry: Entry,
    shipment: Shipment | None,
    arrival: _Arrival,
    line: ArrivedLine,
    *,
    repeated: bool,
    wrong_country: bool,
) -> None:
    """One line: what moves, and the first kind of disagreement that applies."""
    chip = registry.get(CHIPS, line.chip)
    dispatched = None if shipment is None else registry.get(LINES, (shipment.shipment, line.chip))
    is_open = dispatched is not None and dispatched.state == OPEN and line.chip not in arrival.lines
    kind = _kind(
        chip,
        line,
        entry,
        dispatched,
        ours=shipment is not None,
        repeated=repeated,
        wrong_country=wrong_country,
    )
    if kind is not None:
        against = None if chip is None else chip.custodian or chip.liable
        if kind == findings.ABSENT and shipment is not None:
            against = shipment.sender
        seen = "" if line.seen is None else line.seen.text()
        arrival.findings.append(Finding(kind, against, line.chip, seen))
        if dispatched is None and line.condition != ABSENT:
            arrival.unexpected.add(line.chip)
    if is_open and chip is not None and line.condition != ABSENT:
        assert shipment is not None
        body: ShipmentArrived = entry.body
        arrival.chips[line.chip], arrival.lines[line.chip] = _received(
            chip, line.condition, shipment, body.site, entry
        )


def _kind(
    chip: Chip | None,
    line: ArrivedLine,
    entry: Entry,
    dispatched: ShipmentLine | None,
    *,
    ours: bool,
    repeated: bool,
    wrong_country: bool,
) -> str | None:
    """The first kind of discrepancy that applies to a line, None if it agrees with the book."""
    if chip is None:
        return findings.UNKNOWN_CHIP
    if chip.status not in (HELD, IN_TRANSIT):
        return None if ours and line.condition == ABSENT else findings.AFTER_END
    if repeated:
        return findings.DUPLICATE
    if line.seen is not None and _differs(chip, line):
        return findings.IDENTITY_DIFFERS
    expected = dispatched is not None and dispatched.state in (OPEN, RECEIVED)
    if line.condition == ABSENT and ours:
        # Where nothing was to come (never in it, cancelled, refused or lost) nothing is missed.
        return findings.ABSENT if expected else None
    if dispatched is None or dispatched.state != OPEN:
        # What came before and was sent on since is somebody else's now, whatever it came in.
        return None if chip.custodian == entry.party else findings.EXTRA
    return findings.WRONG_PLACE if wrong_country else None


def _differs(chip: Chip, line: ArrivedLine) -> bool:
    """Whether a field that both the registration and the eye name has another value."""
    registered = identity_of(chip)
    if registered is None:
        return False
    for name in COMPARED_IDENTITIES:
        said, saw = getattr(registered, name), getattr(line.seen, name)
        if said is not None and saw is not None and said != saw:
            return True
    return False


def _received(chip: Chip, condition: str, shipment: Shipment, site: str, entry: Entry) -> tuple[Chip, str]:
    index, held = entry.index, HELD
    if condition == REFUSED:
        return replace(chip, site=None, status=held, shipment=None, changed=index), REFUSED
    owner = entry.party if shipment.title == TITLE_PASSES else chip.owner
    return (
        replace(
            chip,
            custodian=entry.party,
            owner=owner,
            liable=entry.party,
            site=site,
            status=held,
            shipment=None,
            changed=index,
        ),
        RECEIVED,
    )


def _progress(shipment: Shipment, arrival: _Arrival, index: int) -> Shipment:
    """The shipment's counts; closed when no line is open and some line was received or refused."""
    states = Counter(arrival.lines.values())
    received, refused = shipment.received + states[RECEIVED], shipment.refused + states[REFUSED]
    open_lines = shipment.sent - received - refused - shipment.cancelled - shipment.lost
    unexpected = shipment.unexpected + len(arrival.unexpected)
    if not states and unexpected == shipment.unexpected:
        return shipment
    state = CLOSED if open_lines == 0 and received + refused > 0 else shipment.state
    return replace(
        shipment, received=received, refused=refused, unexpected=unexpected, state=state, changed=index
    )


RULES = (
    Rule("shipment.arrived", needs_arrival, judge_arrival, check_arrival, follow_arrival, HOLDING_ROLES),
)
