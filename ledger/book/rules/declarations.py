"""What is found without having been handed over? The law of `chips.declared`.

Whoever holds a chip that the book does not know says so, and it is there, class C: a label's word. A
declaration of a chip the book does know moves nothing and opens a discrepancy, unless it is one's own, found
again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.book.identifiers import is_named
from ledger.book.records.declarations import (
    INVENTORY,
    NO_PAPERWORK,
    RECOVERED,
    ChipsDeclared,
    DeclaredLine,
)
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Rejection, earliest
from ledger.book.rows import AT_HAND, CHIP_NUMBER_SHIFT, HELD, MISSING, Chip, IdentityRow
from ledger.book.rules import findings
from ledger.book.rules.chips import unique_identities
from ledger.book.rules.custody import passed
from ledger.book.rules.evidence import raise_class
from ledger.book.rules.findings import Finding
from ledger.book.rules.mentions import mention, needs_mentions, of_model, of_site
from ledger.book.rules.rule import (
    HOLDING_ROLES,
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_name,
    check_word,
    unknown,
)
from ledger.book.rules.seen import check_seen
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, IDENTITIES, MODELS, PARTIES, SITES

BASES = (INVENTORY, RECOVERED, NO_PAPERWORK)
CLASS_C = "C"


def check_declaration(statement: Statement) -> Rejection | None:
    """What needs only the statement: words, spellings, what was seen."""
    body = statement.body
    assert isinstance(body, ChipsDeclared)
    lines: Sequence[DeclaredLine] = statement.lines  # type: ignore[assignment]
    return earliest(
        None if is_named(body.site) else bad_field("body.site is no <party>/<name>"),
        check_word("body.basis", body.basis, BASES),
        None if body.from_whom is None else check_name("body.from", body.from_whom),
        _check_models(lines),
        check_seen(lines),
    )


def _check_models(lines: Sequence[DeclaredLine]) -> Rejection | None:
    for number, line in enumerate(lines, start=1):
        if line.model is not None and not is_named(line.model):
            return bad_field(f"manifest line {number}: model is no <party>/<name>")
    return None


def needs_declaration(statement: Statement) -> Needs:
    """The site, the models, the chips, their makers, whoever bears what was seen."""
    body = statement.body
    assert isinstance(body, ChipsDeclared)
    lines: Sequence[DeclaredLine] = statement.lines  # type: ignore[assignment]
    models = {line.model for line in lines if line.model is not None}
    needs = Needs().rows(SITES, (body.site,)).rows(MODELS, models)
    needs.rows(CHIPS, [line.chip for line in lines]).rows(PARTIES, {_maker_of(line.chip) for line in lines})
    needs.rows(IDENTITIES, [name for line in lines for name in unique_identities(line.seen)])
    return needs_mentions(needs, (of_site(body.site), *map(of_model, models)))


def follow_declaration(statement: Statement, registry: Registry) -> Needs:
    """The chips that bear what was seen on others: they are the other side of a discrepancy."""
    lines: Sequence[DeclaredLine] = statement.lines  # type: ignore[assignment]
    bearers, chips = registry.of(IDENTITIES), registry.of(CHIPS)
    names = [name for line in lines for name in unique_identities(line.seen) if name in bearers]
    needs = Needs().rows(CHIPS, [bearers[name].chip for name in names])
    proved = [chips[line.chip] for line in lines if line.chip in chips] if statement.attested else ()
    return needs_mentions(needs, {of_site(chip.site) for chip in proved if chip.site is not None})


def _maker_of(chip: str) -> str:
    return chip.partition(":")[0]


@dataclass(slots=True)
class _Declaration:
    """What one declaration does, gathered line by line."""

    registry: Registry
    entry: Entry
    mine: frozenset[str]
    repeated: set[str]
    chips: dict[str, Chip] = field(default_factory=dict)  # made, or held again
    made: list[Chip] = field(default_factory=list)
    bearers: dict[str, str] = field(default_factory=dict)  # identities that made chips bear
    found: list[Finding] = field(default_factory=list)


def judge_declaration(registry: Registry, entry: Entry) -> Verdict:
    """New chips of class C, own ones held again, and numbers for what disagrees."""
    body: ChipsDeclared = entry.body
    lines: Sequence[DeclaredLine] = entry.lines
    fault = _refuse_declaration(registry, entry, lines)
    if fault is not None:
        return fault
    declared = _Declaration(registry, entry, acts_for(registry, entry.party), findings.repeated_chips(lines))
    for place, line in enumerate(lines):
        chip = registry.get(CHIPS, line.chip)
        if line.chip in declared.chips:
            _again(declared, line)
        elif chip is None:
            _make(declared, line, place)
        else:
            _compare(declared, line, chip)
    index = entry.index
    changes = Changes().put(CHIPS, *declared.chips.values())
    changes.put(IDENTITIES, *(IdentityRow(name, chip, index) for name, chip in declared.bearers.items()))
    raise_class(registry, entry, changes)
    written: list[Chip] = changes.rows[CHIPS]  # type: ignore[assignment]
    things = {of_model(chip.model) for chip in declared.made if chip.model is not None}
    # What a correction would take back is where each chip this wrote stands, one that only proved itself too.
    things |= {of_site(chip.site) for chip in written if chip.site is not None}
    mention(registry, changes, sorted(things), index)
    return findings.open_discrepancies(changes, entry, declared.found, shipment=None, site=body.site)


def _refuse_declaration(registry: Registry, entry: Entry, lines: Sequence[DeclaredLine]) -> Rejection | None:
    """`unknown_reference`: a site, a model or a maker that is not there."""
    body: ChipsDeclared = entry.body
    if registry.get(SITES, body.site) is None:
        return unknown("body.site", body.site)
    models, chips, parties = registry.of(MODELS), registry.of(CHIPS), registry.of(PARTIES)
    for number, line in enumerate(lines, start=1):
        if line.model is not None and line.model not in models:
            return unknown(f"manifest line {number}: model", line.model)
        if line.chip not in chips and _maker_of(line.chip) not in parties:
            return unknown(f"manifest line {number}: maker", _maker_of(line.chip))
    return None


def _again(declared: _Declaration, line: DeclaredLine) -> None:
    """A second thing under a name that this very statement gave to a first."""
    seen = findings.seen_text(line.seen)
    declared.found.append(Finding(findings.DUPLICATE, declared.entry.party, line.chip, seen, has=True))


def _make(declared: _Declaration, line: DeclaredLine, place: int) -> None:
    """A chip nobody told the book of. An identity that a living chip bears stays with that one."""
    registry, entry = declared.registry, declared.entry
    seen, speaker, index = findings.seen_text(line.seen), entry.party, entry.index
    before = registry.unmade(CHIPS, line.chip)  # the name was corrected away: it keeps its number
    body: ChipsDeclared = entry.body
    chip = Chip(
        line.chip,
        (index << CHIP_NUMBER_SHIFT) + place if before is None else before.number,
        line.model,
        CLASS_C,
        speaker,
        speaker,
        speaker,
        body.site,
        None,
        None,
        HELD,
        None,
        None,
        seen or None,
        None,
        index,
        index,
    )
    declared.chips[line.chip] = chip
    declared.made.append(chip)
    for name in unique_identities(line.seen):
        bearer = _bearer(declared, name)
        if bearer is None:
            declared.bearers[name] = line.chip
        else:
            against = findings.answerable(bearer)
            declared.found.append(Finding(findings.DUPLICATE, against, bearer.chip, seen, has=True))


def _bearer(declared: _Declaration, name: str) -> Chip | None:
    """The living chip that bears an identity, in the book or by an earlier line."""
    if name in declared.bearers:
        return declared.chips[declared.bearers[name]]
    row = declared.registry.get(IDENTITIES, name)
    if row is None or row.chip is None:
        return None
    return declared.chips.get(row.chip) or declared.registry.of(CHIPS)[row.chip]


def _compare(declared: _Declaration, line: DeclaredLine, chip: Chip) -> None:
    """A chip the book knows: one's own found again is held again, all else is as it was."""
    entry, seen = declared.entry, findings.seen_text(line.seen)
    body: ChipsDeclared = entry.body
    if chip.status == MISSING and chip.liable in declared.mine and body.basis == RECOVERED:
        chip = passed(chip, entry.party, body.site, entry.index)
        declared.chips[chip.chip] = chip
        kind = findings.IDENTITY_DIFFERS if findings.differs(chip, line.seen) else None
    elif chip.status not in AT_HAND:
        kind = findings.AFTER_END
    elif chip.custodian not in declared.mine or line.chip in declared.repeated:
        kind = findings.DUPLICATE
    else:
        kind = findings.IDENTITY_DIFFERS if findings.differs(chip, line.seen) else None
    if kind is not None:
        declared.found.append(Finding(kind, findings.answerable(chip), line.chip, seen, has=True))


RULES = (
    Rule(
        "chips.declared",
        needs_declaration,
        judge_declaration,
        check_declaration,
        follow_declaration,
        HOLDING_ROLES,
    ),
)
