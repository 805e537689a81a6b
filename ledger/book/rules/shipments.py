"""How does a chip set out, and how is it called back?

The law of `shipment.dispatched` and `shipment.cancelled`. Both are claims and refused unless the book allows
them. A dispatch does not pass custody: a chip in transit is the sender's until the receiver signs
(`arrivals`), and so the sender may call it back until then. It may go to anybody who may hold chips, to the
sender itself across a border, and to whoever is suspended or succeeded: the successor receives it.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_party
from ledger.book.records.form import Line
from ledger.book.records.shipments import TITLE_KEPT, TITLE_PASSES, ShipmentCancelled, ShipmentDispatched
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import HELD, IN_TRANSIT, Chip, Shipment, ShipmentLine
from ledger.book.rules.chips import leave_slot, slots_to_leave
from ledger.book.rules.custody import CANCELLED, OPEN, settle_lines
from ledger.book.rules.rule import (
    NOTHING,
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_country,
    check_own_id,
    check_text,
    check_word,
    held_chips,
    may_hold,
    refuse_chips,
    time_or_fault,
    unknown,
)
from ledger.book.statement import UNREADABLE_TIME, Entry, Statement
from ledger.book.tables import CHIPS, LINES, OFFERED, PARTIES, SHIPMENTS, SLOTS
from ledger.book.times import DAY_SECONDS, parse_seconds

DUE_DAYS_MAX = 180


def check_dispatch(statement: Statement) -> Rejection | None:
    """What needs only the statement: words, spellings, and a date of arrival within reach."""
    body = statement.body
    assert isinstance(body, ShipmentDispatched)
    due = time_or_fault("body.due_by", body.due_by)
    return earliest(
        due if isinstance(due, Rejection) else _check_due(statement, due),
        check_own_id(statement, "shipment", body.shipment),
        None if is_party(body.to) else bad_field("body.to is no party id"),
        check_country("body.country", body.country),
        check_word("body.title", body.title, (TITLE_KEPT, TITLE_PASSES)),
        check_text("body.licence", body.licence),
        check_text("body.end_user", body.end_user),
    )


def _check_due(statement: Statement, due_by: int) -> Rejection | None:
    if statement.occurred_at == UNREADABLE_TIME:
        return None  # nothing to count days from, and refused for that already
    if 0 <= due_by - statement.occurred_at <= DUE_DAYS_MAX * DAY_SECONDS:
        return None
    return Rejection(Reason.BAD_TIME, f"body.due_by is 0 to {DUE_DAYS_MAX} days after occurred_at")


def needs_dispatch(statement: Statement) -> Needs:
    """The id, the receiver, the chips; if title is to pass, whether it is on offer."""
    body = statement.body
    assert isinstance(body, ShipmentDispatched)
    needs, chips = Needs().rows(SHIPMENTS, (body.shipment,)).rows(PARTIES, (body.to,)), statement.lines
    needs.rows(CHIPS, [line.chip for line in chips])
    return needs.rows(OFFERED, [line.chip for line in chips]) if body.title == TITLE_PASSES else needs


def follow_dispatch(statement: Statement, registry: Registry) -> Needs:
    """The slots the chips leave."""
    return slots_to_leave(registry, [line.chip for line in statement.lines])


def judge_dispatch(registry: Registry, entry: Entry) -> Verdict:
    """The chips on their way, still the sender's; their slots free."""
    body: ShipmentDispatched = entry.body
    lines: Sequence[Line] = entry.lines
    receiver = registry.get(PARTIES, body.to)
    if receiver is not None and not may_hold(registry, body.to):
        return Rejection(Reason.WRONG_ROLE, f"body.to: {body.to} is neither holder nor maker")
    if registry.get(SHIPMENTS, body.shipment) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.shipment: {body.shipment} is dispatched already")
    if receiver is None:
        return unknown("body.to", body.to)
    passes = body.title == TITLE_PASSES
    held = held_chips(registry, entry.party, [line.chip for line in lines], owned=passes)
    if isinstance(held, Rejection):
        return held
    if passes:
        offered = _under_offer(registry, held)
        if offered:
            why = "under an open offer of title, which cannot pass on arrival too"
            return refuse_chips(Reason.OFFERED_ALREADY, why, offered)
    index, transit, name = entry.index, IN_TRANSIT, body.shipment
    shipment = Shipment(
        name,
        entry.party,
        body.to,
        body.country,
        parse_seconds(body.due_by, "body.due_by"),
        body.title,
        body.licence,
        body.end_user,
        len(lines),
        0,
        0,
        0,
        0,
        0,
        OPEN,
        index,
        index,
    )
    changes = Changes().put(SHIPMENTS, shipment)
    changes.put(
        CHIPS,
        *[
            replace(chip, system=None, slot=None, status=transit, shipment=name, changed=index)
            for chip in held
        ],
    )
    changes.put(LINES, *[ShipmentLine(name, chip.chip, OPEN, index) for chip in held])
    return changes.put(SLOTS, *[row for chip in held for row in leave_slot(chip, index)])


def _under_offer(registry: Registry, chips: Sequence[Chip]) -> list[str]:
    offers = registry.of(OFFERED)
    return [row.chip for row in chips if row.chip in offers and offers[row.chip].transfer is not None]


def check_cancellation(statement: Statement) -> Rejection | None:
    """What needs only the statement: spellings."""
    body = statement.body
    assert isinstance(body, ShipmentCancelled)
    bad_name = None if is_named(body.shipment) else bad_field("body.shipment is no <party>/<name>")
    return earliest(bad_name, check_text("body.reason", body.reason))


def needs_cancellation(statement: Statement) -> Needs:
    """The shipment with the lines named, or all of them, and the chips named."""
    body = statement.body
    assert isinstance(body, ShipmentCancelled)
    needs, chips = Needs().rows(SHIPMENTS, (body.shipment,)), [line.chip for line in statement.lines]
    if not chips:
        return needs.group(LINES, body.shipment)
    return needs.rows(LINES, [(body.shipment, chip) for chip in chips]).rows(CHIPS, chips)


def follow_cancellation(statement: Statement, registry: Registry) -> Needs:
    """Where none are named: the chips that are still on their way."""
    body = statement.body
    assert isinstance(body, ShipmentCancelled)
    chips = [] if statement.lines else _on_their_way(registry, body.shipment, statement.party)
    return Needs().rows(CHIPS, chips) if chips else NOTHING


def _on_their_way(registry: Registry, shipment: str, party: str) -> list[str]:
    """Chips of the party's shipment whose lines are open; none of one that is over."""
    row = registry.get(SHIPMENTS, shipment)
    if row is None or row.state != OPEN or row.sender not in acts_for(registry, party):
        return []
    return [line.chip for line in registry.group(LINES, shipment).values() if line.state == OPEN]


def judge_cancellation(registry: Registry, entry: Entry) -> Verdict:
    """Chips that did not arrive are held again where they were."""
    body: ShipmentCancelled = entry.body
    lines: Sequence[Line] = entry.lines
    shipment = registry.get(SHIPMENTS, body.shipment)
    if shipment is None or shipment.sender not in acts_for(registry, entry.party):
        return unknown("body.shipment", body.shipment)
    found = [(line.chip, registry.get(LINES, (body.shipment, line.chip))) for line in lines]
    strangers = [chip for chip, row in found if row is None]
    if strangers:
        return refuse_chips(Reason.UNKNOWN_REFERENCE, f"not in {body.shipment}", strangers)
    settled = [chip for chip, row in found if row is not None and row.state != OPEN]
    if settled:
        return refuse_chips(Reason.SHIPMENT_CLOSED, "arrived, refused, lost or called back already", settled)
    names = [chip for chip, _ in found] or sorted(_on_their_way(registry, body.shipment, entry.party))
    if not names:
        return Rejection(Reason.SHIPMENT_CLOSED, f"body.shipment: nothing of {body.shipment} is on its way")
    chips, index = registry.of(CHIPS), entry.index
    changes = Changes().put(
        CHIPS, *[replace(chips[name], status=HELD, shipment=None, changed=index) for name in names]
    )
    settle_lines(changes, shipment, names, CANCELLED, index)
    return changes


RULES = (
    Rule("shipment.dispatched", needs_dispatch, judge_dispatch, check_dispatch, follow_dispatch),
    Rule(
        "shipment.cancelled", needs_cancellation, judge_cancellation, check_cancellation, follow_cancellation
    ),
)
