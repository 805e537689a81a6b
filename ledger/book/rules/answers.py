"""What may a side say to a disagreement, and what does it concede? The law of `discrepancy.answered`.

A side may say what it has to say, and may concede, line by line: then the other side's version becomes the
book. How a disagreement begins is in `findings`, what conceding does in `concessions`.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ledger.book.identifiers import is_sha256
from ledger.book.records.discrepancies import DiscrepancyAnswered
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Discrepancy, DiscrepancyChip
from ledger.book.rules import findings
from ledger.book.rules.concessions import (
    Settlement,
    adopt,
    changed_since,
    check_discrepancy,
    lines_of,
    needs_effect,
    reach_effect,
    settle,
)
from ledger.book.rules.rule import (
    NOTHING,
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_text,
    refuse_chips,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import DISCREPANCIES, DISCREPANCY_CHIPS

OBSERVER = "observer"
COUNTERPARTY = "counterparty"


def _named(registry: Registry, discrepancy: str, statement: Statement) -> list[DiscrepancyChip]:
    """The lines a statement is about: those of the chips it names, or all."""
    return lines_of(registry, discrepancy, {line.chip for line in statement.lines} or None)


def check_answer(statement: Statement) -> Rejection | None:
    """What needs only the statement: spellings."""
    body = statement.body
    assert isinstance(body, DiscrepancyAnswered)
    bad_hash = body.evidence_sha256 is not None and not is_sha256(body.evidence_sha256)
    return earliest(
        check_discrepancy(body.discrepancy),
        check_text("body.text", body.text),
        bad_field("body.evidence_sha256 is no 64 hex digits") if bad_hash else None,
    )


def needs_answer(statement: Statement) -> Needs:
    """The discrepancy with its lines."""
    body = statement.body
    assert isinstance(body, DiscrepancyAnswered)
    return Needs().rows(DISCREPANCIES, (body.discrepancy,)).group(DISCREPANCY_CHIPS, body.discrepancy)


def follow_answer(statement: Statement, registry: Registry) -> Needs:
    """If it concedes: what that would move."""
    body = statement.body
    assert isinstance(body, DiscrepancyAnswered)
    row = registry.get(DISCREPANCIES, body.discrepancy)
    if row is None or not _moves(registry, row, statement):
        return NOTHING
    return needs_effect(row, _named(registry, row.discrepancy, statement))


def reach_answer(statement: Statement, registry: Registry) -> Needs:
    """What the chips leave."""
    body = statement.body
    assert isinstance(body, DiscrepancyAnswered)
    row = registry.get(DISCREPANCIES, body.discrepancy)
    if row is None or not _moves(registry, row, statement):
        return NOTHING
    return reach_effect(registry, _named(registry, body.discrepancy, statement))


def _moves(registry: Registry, row: Discrepancy, statement: Statement) -> bool:
    """Whether it could move anything: a side concedes what is not over. Nobody else is worth a look at it."""
    body = statement.body
    assert isinstance(body, DiscrepancyAnswered)
    mine = acts_for(registry, statement.party)
    return body.concedes and row.state in findings.STANDING and not mine.isdisjoint(_sides(row))


def _sides(row: Discrepancy) -> tuple[str | None, str | None]:
    return row.observer, row.counterparty


def judge_answer(registry: Registry, entry: Entry) -> Verdict:
    """The answer kept; what is conceded adopted, and settled."""
    body: DiscrepancyAnswered = entry.body
    row = registry.get(DISCREPANCIES, body.discrepancy)
    mine = acts_for(registry, entry.party)
    if row is None or mine.isdisjoint(_sides(row)):
        return unknown("body.discrepancy", body.discrepancy)
    answered = replace(row, state=findings.ANSWERED, changed=entry.index)
    if not body.concedes and not entry.lines and row.state in findings.STANDING:
        return Changes().put(DISCREPANCIES, answered)  # whichever its lines are: there may be very many
    named = _named(registry, row.discrepancy, entry.statement)
    strange = sorted({line.chip for line in entry.lines} - {line.chip for line in named})
    if strange:
        return refuse_chips(Reason.UNKNOWN_REFERENCE, f"not in discrepancy {row.discrepancy}", strange)
    ended = _refuse_ended(row, entry.statement, named)
    if not body.concedes:
        return ended or Changes().put(DISCREPANCIES, answered)
    settling = [line for line in named if line.closed is None]
    changes = Changes()
    side = COUNTERPARTY if row.counterparty in mine else OBSERVER
    if side == COUNTERPARTY:
        fault = _adopt_unchanged(registry, changes, row, settling, entry.index)
        ended = earliest(fault, ended)
    if ended is not None:
        return ended
    settle(registry, changes, row, settling, Settlement(entry.index, findings.CONCEDED, side))
    return changes


def _refuse_ended(
    row: Discrepancy, statement: Statement, named: Sequence[DiscrepancyChip]
) -> Rejection | None:
    if row.state not in findings.STANDING:
        return Rejection(Reason.ENDED, f"body.discrepancy: {row.discrepancy} is {row.state}")
    open_chips = {line.chip for line in named if line.closed is None}
    over = sorted({line.chip for line in statement.lines} - open_chips)
    return refuse_chips(Reason.ENDED, f"settled in {row.discrepancy} already", over) if over else None


def _adopt_unchanged(
    registry: Registry, changes: Changes, row: Discrepancy, lines: Sequence[DiscrepancyChip], index: int
) -> Rejection | None:
    """A side concedes what it and the observer disagreed on: a chip that moved on is another matter."""
    if row.kind == findings.UNKNOWN_CHIP:
        return None
    since = changed_since(registry, row, lines)
    over = refuse_chips(Reason.BUILT_UPON, "changed since they were observed", since) if since else None
    kept = [line for line in lines if line.chip not in since]
    return earliest(over, adopt(registry, changes, row, kept, index))


RULES = (
    Rule(
        "discrepancy.answered",
        needs_answer,
        judge_answer,
        check_answer,
        follow_answer,
        reach=reach_answer,
    ),
)
