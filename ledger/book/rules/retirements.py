"""How does a chip leave? The law of `chips.retired`.

Destroyed, it is nobody's to answer for. Lost, stolen or released beyond the registry, it is missing, and on
the account of who had it last, who may still destroy it.
"""

from ledger.book.identifiers import is_sha256
from ledger.book.records import retirements
from ledger.book.records.retirements import LOST, RELEASED, STOLEN, ChipsRetired
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection, earliest
from ledger.book.rows import MISSING
from ledger.book.rules.custody import (
    close_lines,
    destroyed,
    give_up_identities,
    gone_missing,
    leave_slots,
    leaving,
)
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_country,
    check_name,
    check_word,
    held_chips,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS

DESTROYED = retirements.DESTROYED
REASONS = (DESTROYED, LOST, STOLEN, RELEASED)
ON_THE_WAY = frozenset({LOST, STOLEN})  # what can happen to a chip in transit


def check_retirement(statement: Statement) -> Rejection | None:
    """What needs only the statement: a known reason, with what goes with it and nothing else."""
    body = statement.body
    assert isinstance(body, ChipsRetired)
    return earliest(
        check_word("body.reason", body.reason, REASONS),
        _check_evidence(body),
        _check_release(body),
    )


def _check_evidence(body: ChipsRetired) -> Rejection | None:
    if body.evidence_sha256 is None:
        missing = body.reason == DESTROYED
        return bad_field("body.evidence_sha256: what is destroyed needs evidence") if missing else None
    if not is_sha256(body.evidence_sha256):
        return bad_field("body.evidence_sha256 is no 64 hex digits")
    return None


def _check_release(body: ChipsRetired) -> Rejection | None:
    if body.reason != RELEASED:
        told = (body.to_name, body.country) != (None, None)
        return bad_field("body: to_name and country are for what is released") if told else None
    if body.to_name is None or body.country is None:
        return bad_field("body: what is released has to_name and country")
    return earliest(check_name("body.to_name", body.to_name), check_country("body.country", body.country))


def needs_retirement(statement: Statement) -> Needs:
    """The chips."""
    return Needs().rows(CHIPS, [line.chip for line in statement.lines])


def follow_retirement(statement: Statement, registry: Registry) -> Needs:
    """Slots, shipments and identities they leave."""
    return leaving(registry, [line.chip for line in statement.lines])


def judge_retirement(registry: Registry, entry: Entry) -> Verdict:
    """The chips gone; slots free, lines of shipments lost, identities free once a chip is destroyed."""
    body: ChipsRetired = entry.body
    names = [line.chip for line in entry.lines]
    rows, index, ends = registry.of(CHIPS), entry.index, body.reason == DESTROYED
    mine = acts_for(registry, entry.party)
    missing = {
        chip
        for chip in (names if ends else ())
        if chip in rows and rows[chip].status == MISSING and rows[chip].liable in mine
    }
    held = held_chips(
        registry,
        entry.party,
        [chip for chip in names if chip not in missing],
        moving=body.reason in ON_THE_WAY,
    )
    if isinstance(held, Rejection):
        return held
    gone = [*held, *(rows[chip] for chip in sorted(missing))]
    changes = Changes()
    if ends:
        changes.put(CHIPS, *(destroyed(chip, index) for chip in gone))
        give_up_identities(registry, changes, gone, index)
    else:
        changes.put(CHIPS, *(gone_missing(chip, chip.custodian, index) for chip in gone))
        close_lines(registry, changes, gone, index)
    leave_slots(changes, gone, index)
    return changes


RULES = (Rule("chips.retired", needs_retirement, judge_retirement, check_retirement, follow_retirement),)
