"""What is decided where two sides disagree? The law of `discrepancy.resolved`.

A verifier or the registrar decides: the book stands, the observation stands, or both do, because there are
two bodies under one serial. What an observation that stands does is in `concessions`.
"""

from ledger.book.identifiers import is_chip, prefix_of
from ledger.book.records.discrepancies import (
    BOOK_STANDS,
    OBSERVATION_STANDS,
    SECOND_CHIP,
    DiscrepancyResolved,
)
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import (
    CHIP_NUMBER_SHIFT,
    HELD,
    Chip,
    Discrepancy,
    DiscrepancyChip,
    IdentityRow,
)
from ledger.book.rules import findings
from ledger.book.rules.chips import identity_of, unique_identities
from ledger.book.rules.concessions import (
    Settlement,
    adopt,
    changed_since,
    charge,
    check_discrepancy,
    lines_of,
    needs_effect,
    reach_effect,
    seen_identity,
    settle,
)
from ledger.book.rules.mentions import mention, needs_mentions, of_model, of_site
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_word,
    may_hold,
    refuse_chips,
    roles_of,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, DISCREPANCIES, DISCREPANCY_CHIPS, IDENTITIES, PARTIES, SITES

DECIDERS = frozenset({"registrar", "verifier"})
OUTCOMES = (BOOK_STANDS, OBSERVATION_STANDS, SECOND_CHIP)
# Of what a second body under one serial can be found. One that is absent or unknown is no second one.
SPLIT_KINDS = frozenset(findings.KINDS) - {findings.UNKNOWN_CHIP, findings.ABSENT}


def check_resolution(statement: Statement) -> Rejection | None:
    """What needs only the statement: the word, and a name for a second chip there and only there."""
    body = statement.body
    assert isinstance(body, DiscrepancyResolved)
    fault = earliest(check_discrepancy(body.discrepancy), check_word("body.outcome", body.outcome, OUTCOMES))
    if fault is not None:
        return fault
    if (body.new_chip is not None) != (body.outcome == SECOND_CHIP):
        return bad_field("body.new_chip goes with the outcome second_chip, and only with it")
    if body.new_chip is not None and not is_chip(body.new_chip):
        return bad_field("body.new_chip is no <maker>:<serial>")
    return None


def needs_resolution(statement: Statement) -> Needs:
    """The discrepancy with its lines, and whether the new chip's name is free."""
    body = statement.body
    assert isinstance(body, DiscrepancyResolved)
    needs = Needs().rows(DISCREPANCIES, (body.discrepancy,)).rows(CHIPS, (body.new_chip,))
    return needs.group(DISCREPANCY_CHIPS, body.discrepancy)


def follow_resolution(statement: Statement, registry: Registry) -> Needs:
    """What the outcome would move."""
    body = statement.body
    assert isinstance(body, DiscrepancyResolved)
    row = registry.get(DISCREPANCIES, body.discrepancy)
    if row is None:
        return Needs()
    lines = lines_of(registry, row.discrepancy)
    needs = needs_effect(row, lines)
    if body.outcome == SECOND_CHIP:
        seen = map(seen_identity, lines)
        needs.rows(IDENTITIES, [name for identity in seen for name in unique_identities(identity)])
    return needs


def reach_resolution(statement: Statement, registry: Registry) -> Needs:
    """What the chips leave; for a second chip, who else is of its model."""
    body = statement.body
    assert isinstance(body, DiscrepancyResolved)
    lines = lines_of(registry, body.discrepancy)
    needs = reach_effect(registry, lines)
    if body.outcome == SECOND_CHIP:
        found = [registry.get(CHIPS, line.chip) for line in lines]
        models = {chip.model for chip in found if chip is not None and chip.model is not None}
        needs_mentions(needs, map(of_model, models))
    return needs


def early_resolution(registry: Registry, entry: Entry) -> Rejection | None:
    """A second chip where there can be none: `bad_field`, which comes before all else.

    Only for those who may decide: to others it would tell which discrepancies there are, and between whom.
    """
    body: DiscrepancyResolved = entry.body
    row, speaker = registry.get(DISCREPANCIES, body.discrepancy), registry.of(PARTIES)[entry.party]
    if row is None or body.new_chip is None or DECIDERS.isdisjoint(roles_of(speaker)):
        return None
    disputed = {line.chip for line in lines_of(registry, row.discrepancy)}
    if len(disputed) != 1 or row.kind not in SPLIT_KINDS:
        return bad_field("body.outcome: second_chip is for a discrepancy about one chip that was seen")
    if not may_hold(registry, row.observer):
        return bad_field("body.outcome: the observer may not hold a second chip")
    if prefix_of(body.new_chip) not in {entry.party, row.observer, *map(prefix_of, disputed)}:
        return bad_field("body.new_chip begins with the speaker, the observer or the disputed chip's maker")
    return None


def judge_resolution(registry: Registry, entry: Entry) -> Verdict:
    """What was decided, done."""
    body: DiscrepancyResolved = entry.body
    row = registry.get(DISCREPANCIES, body.discrepancy)
    if row is None:
        return unknown("body.discrepancy", body.discrepancy)
    fault = early_resolution(registry, entry)
    if fault is None and body.new_chip is not None and registry.get(CHIPS, body.new_chip) is not None:
        fault = refuse_chips(Reason.CHIP_EXISTS, "in the book already", [body.new_chip])
    changes = Changes()
    lines = [line for line in lines_of(registry, row.discrepancy) if line.closed is None]
    if fault is None and body.outcome == OBSERVATION_STANDS:
        since = set(changed_since(registry, row, lines))
        fault = adopt(registry, changes, row, [line for line in lines if line.chip not in since], entry.index)
        charge(registry, changes, row, [line for line in lines if line.chip in since], entry.index)
    if row.state not in findings.STANDING:
        over = Rejection(Reason.ENDED, f"body.discrepancy: {row.discrepancy} is {row.state}")
        fault = earliest(fault, over)
    if fault is not None:
        return fault
    if body.new_chip is not None:
        # Of several lines about it, one that says what was seen: nothing would be known of the second body.
        told = next((line for line in lines if line.seen), lines[0])
        _split(registry, changes, _second(registry, row, told, body.new_chip, entry.index))
    settle(registry, changes, row, lines, Settlement(entry.index, findings.RESOLVED, body.outcome))
    return changes


def _second(registry: Registry, row: Discrepancy, line: DiscrepancyChip, name: str, index: int) -> Chip:
    """A second body under one serial: held by who has it, where it was seen, of the model it looks like."""
    disputed, seen, before = registry.get(CHIPS, line.chip), seen_identity(line), registry.unmade(CHIPS, name)
    return Chip(
        chip=name,
        number=index << CHIP_NUMBER_SHIFT if before is None else before.number,
        model=None if disputed is None else disputed.model,
        cls="C",
        custodian=row.observer,
        owner=row.observer,
        liable=row.observer,
        site=row.site if row.site is not None and registry.get(SITES, row.site) is not None else None,
        system=None,
        slot=None,
        status=HELD,
        shipment=None,
        lots=None,
        identity=None if seen is None else seen.text(),
        last_liable=None,
        born=index,
        changed=index,
    )


def _split(registry: Registry, changes: Changes, second: Chip) -> None:
    """The second body in the book, bearing what nobody else does."""
    changes.put(CHIPS, second)
    bearers = registry.of(IDENTITIES)
    seen = unique_identities(identity_of(second))
    free = [name for name in seen if name not in bearers or bearers[name].chip is None]
    changes.put(IDENTITIES, *(IdentityRow(name, second.chip, second.changed) for name in free))
    things = [] if second.site is None else [of_site(second.site)]
    things += [] if second.model is None else [of_model(second.model)]
    mention(registry, changes, things, second.changed)


RULES = (
    Rule(
        "discrepancy.resolved",
        needs_resolution,
        judge_resolution,
        check_resolution,
        follow_resolution,
        roles=DECIDERS,
        early=early_resolution,
        reach=reach_resolution,
    ),
)
