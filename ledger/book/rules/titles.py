"""Whose property is a chip? The law of `title.offered`, `title.accepted` and `title.withdrawn`.

Title is not custody: it passes by an offer and its acceptance wherever the chips are, also in transit, and
moves nothing else. A chip stands under one open offer at most; the offeree takes all of an offer or none.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_party
from ledger.book.records.form import Line
from ledger.book.records.shipments import TITLE_PASSES
from ledger.book.records.titles import TitleAccepted, TitleOffered, TitleWithdrawn
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import AT_HAND, OfferedChip, Transfer, TransferLine
from ledger.book.rules.rule import (
    NOTHING,
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_own_id,
    may_hold,
    refuse_chips,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, OFFERED, PARTIES, SHIPMENTS, TRANSFER_LINES, TRANSFERS

# States of an offer.
OPEN = "open"
ACCEPTED = "accepted"
WITHDRAWN = "withdrawn"


def check_offer(statement: Statement) -> Rejection | None:
    """What needs only the statement: spellings."""
    body = statement.body
    assert isinstance(body, TitleOffered)
    return earliest(
        check_own_id(statement, "transfer", body.transfer),
        None if is_party(body.to) else bad_field("body.to is no party id"),
    )


def needs_offer(statement: Statement) -> Needs:
    """The id, the offeree, the chips, and under which offer they stand."""
    body = statement.body
    assert isinstance(body, TitleOffered)
    chips = [line.chip for line in statement.lines]
    needs = Needs().rows(TRANSFERS, (body.transfer,)).rows(PARTIES, (body.to,))
    return needs.rows(CHIPS, chips).rows(OFFERED, chips)


def follow_offer(statement: Statement, registry: Registry) -> Needs:
    """The shipments that chips are in: the title of some passes on arrival."""
    chips = registry.of(CHIPS)
    found = [chips[line.chip] for line in statement.lines if line.chip in chips]
    return Needs().rows(SHIPMENTS, {chip.shipment for chip in found})


def judge_offer(registry: Registry, entry: Entry) -> Verdict:
    """The offer; the chips under it."""
    body: TitleOffered = entry.body
    lines: Sequence[Line] = entry.lines
    offeree = registry.get(PARTIES, body.to)
    if offeree is not None and not may_hold(registry, body.to):
        return Rejection(Reason.WRONG_ROLE, f"body.to: {body.to} is neither holder nor maker")
    if registry.get(TRANSFERS, body.transfer) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.transfer: {body.transfer} was offered already")
    if offeree is None:
        return unknown("body.to", body.to)
    chips = [line.chip for line in lines]
    fault = _refuse_owned(registry, entry.party, chips) or _refuse_bound(registry, chips)
    if fault is not None:
        return fault
    name, index = body.transfer, entry.index
    transfer = Transfer(name, entry.party, body.to, len(chips), OPEN, index, index)
    changes = Changes().put(TRANSFERS, transfer)
    changes.put(TRANSFER_LINES, *[TransferLine(name, chip, index) for chip in chips])
    return changes.put(OFFERED, *[OfferedChip(chip, name, index) for chip in chips])


def _refuse_owned(registry: Registry, owner: str, chips: Sequence[str]) -> Rejection | None:
    """`not_owned` for what is another's or unknown, `ended` for what is there no more."""
    rows, mine = registry.of(CHIPS), acts_for(registry, owner)
    not_owned = [chip for chip in chips if chip not in rows or rows[chip].owner not in mine]
    if not_owned:
        return refuse_chips(Reason.NOT_OWNED, f"not owned by {owner}", not_owned)
    ended = [chip for chip in chips if rows[chip].status not in AT_HAND]
    return refuse_chips(Reason.ENDED, "missing or ended", ended) if ended else None


def _refuse_bound(registry: Registry, chips: Sequence[str]) -> Rejection | None:
    """`offered_already`: the title is promised, by an open offer or to whoever receives the chip."""
    rows, offers, shipments = registry.of(CHIPS), registry.of(OFFERED), registry.of(SHIPMENTS)

    def is_bound(chip: str) -> bool:
        if chip in offers and offers[chip].transfer is not None:
            return True
        shipment = rows[chip].shipment
        return shipment is not None and shipments[shipment].title == TITLE_PASSES

    bound = [chip for chip in chips if is_bound(chip)]
    if not bound:
        return None
    return refuse_chips(Reason.OFFERED_ALREADY, "under an open offer, or theirs who receive it", bound)


def check_named(statement: Statement) -> Rejection | None:
    """What needs only the statement: a spelling."""
    body = statement.body
    assert isinstance(body, TitleAccepted | TitleWithdrawn)
    return None if is_named(body.transfer) else bad_field("body.transfer is no <party>/<name>")


def needs_named(statement: Statement) -> Needs:
    """The offer and its lines."""
    body = statement.body
    assert isinstance(body, TitleAccepted | TitleWithdrawn)
    return Needs().rows(TRANSFERS, (body.transfer,)).group(TRANSFER_LINES, body.transfer)


def follow_accepted(statement: Statement, registry: Registry) -> Needs:
    """The chips, that they are under the offer, and for whom the offerer acts."""
    body = statement.body
    assert isinstance(body, TitleAccepted)
    transfer = registry.get(TRANSFERS, body.transfer)
    if transfer is None or transfer.state != OPEN or not _is_of(registry, transfer.offeree, statement):
        return NOTHING
    chips = _offered(registry, body.transfer)
    return Needs().rows(CHIPS, chips).rows(OFFERED, chips).rows(PARTIES, (transfer.owner,))


def follow_withdrawn(statement: Statement, registry: Registry) -> Needs:
    """That the chips are under the offer."""
    body = statement.body
    assert isinstance(body, TitleWithdrawn)
    transfer = registry.get(TRANSFERS, body.transfer)
    if transfer is None or transfer.state != OPEN or not _is_of(registry, transfer.owner, statement):
        return NOTHING
    return Needs().rows(OFFERED, _offered(registry, body.transfer))


def _is_of(registry: Registry, party: str, statement: Statement) -> bool:
    """Whether the speaker acts for the party; for others nothing of an offer is looked up."""
    return party in acts_for(registry, statement.party)


def _offered(registry: Registry, transfer: str) -> list[str]:
    """The chips of an offer, by id."""
    return sorted(row.chip for row in registry.group(TRANSFER_LINES, transfer).values())


def judge_accepted(registry: Registry, entry: Entry) -> Verdict:
    """The chips the speaker's own, if all of them are still the offerer's to give."""
    body: TitleAccepted = entry.body
    transfer = registry.get(TRANSFERS, body.transfer)
    if transfer is None or transfer.offeree not in acts_for(registry, entry.party):
        return unknown("body.transfer", body.transfer)
    if transfer.state != OPEN:
        return _over(transfer)
    chips = _offered(registry, transfer.transfer)
    fault = _refuse_owned(registry, transfer.owner, chips)
    if fault is not None:
        return fault
    rows, owner, index = registry.of(CHIPS), entry.party, entry.index
    changes = _closed(registry, transfer, ACCEPTED, index)
    return changes.put(CHIPS, *[replace(rows[chip], owner=owner, changed=index) for chip in chips])


def judge_withdrawn(registry: Registry, entry: Entry) -> Verdict:
    """The chips under no offer any more."""
    body: TitleWithdrawn = entry.body
    transfer = registry.get(TRANSFERS, body.transfer)
    if transfer is None or transfer.owner not in acts_for(registry, entry.party):
        return unknown("body.transfer", body.transfer)
    if transfer.state != OPEN:
        return _over(transfer)
    return _closed(registry, transfer, WITHDRAWN, entry.index)


def _over(transfer: Transfer) -> Rejection:
    return Rejection(Reason.ENDED, f"body.transfer: {transfer.transfer} is {transfer.state}")


def _closed(registry: Registry, transfer: Transfer, state: str, index: int) -> Changes:
    changes = Changes().put(TRANSFERS, replace(transfer, state=state, changed=index))
    chips = _offered(registry, transfer.transfer)
    return changes.put(OFFERED, *[OfferedChip(chip, None, index) for chip in chips])


RULES = (
    Rule("title.offered", needs_offer, judge_offer, check_offer, follow_offer),
    Rule("title.accepted", needs_named, judge_accepted, check_named, follow_accepted),
    Rule("title.withdrawn", needs_named, judge_withdrawn, check_named, follow_withdrawn),
)
