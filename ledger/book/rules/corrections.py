"""May what was said be taken back, and what is the book without it? The law of `statement.corrected`.

As long as every row the statement wrote is still as it wrote it, and nothing was built on what it made: then
the rows before it are the book again, what it made was never there, and the discrepancies it opened are
withdrawn. Others may rely on what was said, so a correction never moves liability to somebody else.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ledger.book.identifiers import is_sha256
from ledger.book.records.corrections import StatementCorrected
from ledger.book.registry import Changes, Needs, Registry, Written
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Correction
from ledger.book.rules.mentions import is_mentioned, needs_mentions, of_lot, of_model, of_site
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_text,
    refuse_chips,
    roles_of,
    unknown,
)
from ledger.book.rules.undoing import made, needs_undoing, refuse_moved, undo
from ledger.book.statement import Entry, Statement
from ledger.book.tables import (
    CHIPS,
    CORRECTIONS,
    LOTS,
    MODELS,
    PARTIES,
    SITES,
    Table,
)

# Kinds that may be corrected (details.md, 6). Others have an undo of their own, or none.
CORRECTABLE = frozenset(
    {
        "model.listed",
        "site.declared",
        "lot.produced",
        "lot.used",
        "chips.registered",
        "chips.placed",
        "chips.retired",
        "chips.declared",
        "stocktake.declared",
        "chips.sighted",
        "claim.noted",
        "party.changed",
    }
)
OF_THE_REGISTRAR = frozenset({"model.listed", "party.changed", "site.declared", "lot.produced", "lot.used"})

_BUILT_ON: tuple[tuple[Table[Any], Callable[[str], str]], ...] = (
    (MODELS, of_model),
    (SITES, of_site),
    (LOTS, of_lot),
)


def check_correction(statement: Statement) -> Rejection | None:
    """What needs only the statement: spellings."""
    body = statement.body
    assert isinstance(body, StatementCorrected)
    bad_hash = None if is_sha256(body.corrects) else bad_field("body.corrects is no 64 hex digits")
    return earliest(bad_hash, check_text("body.reason", body.reason))


def needs_correction(statement: Statement) -> Needs:
    """What the statement wrote, and whether it was corrected before."""
    body = statement.body
    assert isinstance(body, StatementCorrected)
    needs = Needs().rows(CORRECTIONS, (body.corrects,))
    needs.statements.add(body.corrects)
    return needs


def follow_correction(statement: Statement, registry: Registry) -> Needs:
    """Every row it wrote, as it is now, whether anything builds on what it made, and whom those succeeded
    who answer for chips."""
    body = statement.body
    assert isinstance(body, StatementCorrected)
    written = registry.written.get(body.corrects)
    if written is None or written.kind not in CORRECTABLE:
        return Needs()
    needs = needs_mentions(needs_undoing(written), [thing for _, thing in _made_things(written)])
    charged = {row.liable or row.last_liable for row, before in written.versions.get(CHIPS, ()) if before}
    return needs.rows(PARTIES, charged)


def early_correction(registry: Registry, entry: Entry) -> Rejection | None:
    """A kind that nobody may correct: `bad_field`, for those who may know the statement."""
    body: StatementCorrected = entry.body
    written = registry.written.get(body.corrects)
    if written is None or written.kind in CORRECTABLE:
        return None
    if not _is_own(registry, entry, written) and not _is_registrar(registry, entry):
        return None
    return bad_field(f"body.corrects: {written.kind} is not corrected")


def judge_correction(registry: Registry, entry: Entry) -> Verdict:
    """The book as if it had not been said."""
    body: StatementCorrected = entry.body
    written = registry.written.get(body.corrects)
    if written is None:
        return unknown("body.corrects", "such statement")
    fault = early_correction(registry, entry) or _refuse_stranger(registry, entry, written)
    if fault is not None:
        return fault
    before = registry.get(CORRECTIONS, body.corrects)
    if before is not None:
        return Rejection(Reason.BUILT_UPON, f"body.corrects: corrected by {before.statement} already")
    fault = refuse_moved(registry, written) or _refuse_built_on(registry, written)
    fault = fault or _refuse_charging(registry, written)
    if fault is not None:
        return fault
    changes = Changes()
    undo(registry, changes, written, entry.index)
    row = Correction(
        body.corrects, entry.statement.statement_id, entry.party, body.reason, entry.index, entry.index
    )
    return changes.put(CORRECTIONS, row)


def _is_own(registry: Registry, entry: Entry, written: Written) -> bool:
    return written.party in acts_for(registry, entry.party)


def _is_registrar(registry: Registry, entry: Entry) -> bool:
    row = registry.get(PARTIES, entry.party)
    return row is not None and "registrar" in roles_of(row)


def _refuse_stranger(registry: Registry, entry: Entry, written: Written) -> Rejection | None:
    """Whoever said it may take it back; the registrar some of it; to all others it is not there."""
    if _is_own(registry, entry, written):
        return None
    if not _is_registrar(registry, entry):
        return unknown("body.corrects", "such statement")
    if written.kind in OF_THE_REGISTRAR:
        return None
    return Rejection(Reason.WRONG_ROLE, f"body.corrects: a registrar does not correct {written.kind}")


def _made_things(written: Written) -> Iterator[tuple[str, str]]:
    """What the statement made that others build on: its id, and the thing it is to `mentions`."""
    for table, thing_of in _BUILT_ON:
        for version in written.versions.get(table, ()):
            if made(version):
                name = table.key_of(version.row)
                yield name, thing_of(name)


def _refuse_built_on(registry: Registry, written: Written) -> Rejection | None:
    for name, thing in _made_things(written):
        if is_mentioned(registry, thing):
            return Rejection(Reason.BUILT_UPON, f"body.corrects: later statements build on {name}")
    return None


def _refuse_charging(registry: Registry, written: Written) -> Rejection | None:
    """Who answers for a chip now may not be freed of it at the cost of somebody else."""
    chips = []
    for row, before in written.versions.get(CHIPS, ()):
        now = row.liable or row.last_liable
        then = None if before is None else before.liable or before.last_liable
        if now is not None and then is not None and then not in (now, *acts_for(registry, now)):
            chips.append(row.chip)
    if chips:
        return refuse_chips(Reason.BUILT_UPON, "somebody else's to answer for without it", sorted(chips))
    return None


RULES = (
    Rule(
        "statement.corrected",
        needs_correction,
        judge_correction,
        check_correction,
        follow_correction,
        early=early_correction,
    ),
)
