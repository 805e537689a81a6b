"""How does a chip set out? The law of `shipment.dispatched`.

A dispatch is a claim and is refused unless the book allows it. It does not pass custody: a chip in
transit is the sender's until the receiver signs (`arrivals`).
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.book.identifiers import is_party
from ledger.book.records.form import Line
from ledger.book.records.shipments import TITLE_KEPT, TITLE_PASSES, ShipmentDispatched
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import IN_TRANSIT, Shipment, ShipmentLine
from ledger.book.rules.chips import leave_slot, slots_to_leave
from ledger.book.rules.custody import OPEN
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_country,
    check_own_id,
    check_text,
    check_word,
    held_chips,
    may_hold,
    time_or_fault,
    unknown,
)
from ledger.book.statement import UNREADABLE_TIME, Entry, Statement
from ledger.book.tables import CHIPS, LINES, PARTIES, SHIPMENTS, SLOTS
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
    """The id, the receiver, the chips."""
    body = statement.body
    assert isinstance(body, ShipmentDispatched)
    needs = Needs().rows(SHIPMENTS, (body.shipment,)).rows(PARTIES, (body.to,))
    return needs.rows(CHIPS, [line.chip for line in statement.lines])


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


RULES = (Rule("shipment.dispatched", needs_dispatch, judge_dispatch, check_dispatch, follow_dispatch),)
