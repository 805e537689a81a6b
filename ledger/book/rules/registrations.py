"""How does a chip enter the book? The law of `chips.registered`.

Only its maker registers a chip, under its own name; a serial, a model and an identity are checked
before it is born, held, owned and answered for by the maker.
"""

from collections.abc import Sequence, Set

from msgspec.structs import replace

from ledger.book.identifiers import is_chip, is_named
from ledger.book.records.registrations import ChipsRegistered, RegisteredLine
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import CHIP_NUMBER_SHIFT, HELD, REPLACED, Chip, IdentityRow
from ledger.book.rules.chips import (
    check_identity,
    identity_of,
    leave_slot,
    slots_to_leave,
    unique_identities,
)
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_words,
    held_chips,
    refuse_chips,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, IDENTITIES, MODELS, SITES, SLOTS


def _check_registered_line(number: int, line: RegisteredLine) -> Rejection | None:
    what = f"manifest line {number}"
    if not is_named(line.model):
        return bad_field(f"{what}: model is no <party>/<name>")
    if line.replaces is not None and (not is_chip(line.replaces) or line.replaces == line.chip):
        return bad_field(f"{what}: replaces is no other chip's id")
    if line.lots is not None:
        if not line.lots or not all(map(is_named, line.lots)):
            return bad_field(f"{what}: lots are one or more <party>/<name>")
        fault = check_words(f"{what}: lots", line.lots)
        if fault is not None:
            return fault
    return None if line.identity is None else check_identity(what, line.identity)


def check_registration(statement: Statement) -> Rejection | None:
    """What needs only the statement: prefixes, spellings, nothing twice within the manifest."""
    body = statement.body
    assert isinstance(body, ChipsRegistered)
    if not is_named(body.site):
        return bad_field("body.site is no <party>/<name>")
    lines: Sequence[RegisteredLine] = statement.lines  # type: ignore[assignment]
    prefix = statement.party + ":"
    for number, line in enumerate(lines, start=1):
        if not line.chip.startswith(prefix):
            return bad_field(f"manifest line {number}: a maker registers chips named {prefix}…")
        fault = _check_registered_line(number, line)
        if fault is not None:
            return fault
    replaced = [line.replaces for line in lines if line.replaces is not None]
    if len(set(replaced)) != len(replaced):
        return bad_field("manifest: one chip is replaced twice")
    identities = [name for line in lines for name in unique_identities(line.identity)]
    if len(set(identities)) != len(identities):
        return bad_field("manifest: one identity stands in two lines")
    return None


def needs_registration(statement: Statement) -> Needs:
    """The site, the models, the chips by id, those replaced, whoever bears the identities."""
    body = statement.body
    assert isinstance(body, ChipsRegistered)
    lines: Sequence[RegisteredLine] = statement.lines  # type: ignore[assignment]
    needs = Needs().rows(SITES, (body.site,)).rows(MODELS, {line.model for line in lines})
    needs.rows(CHIPS, [line.chip for line in lines]).rows(CHIPS, [line.replaces for line in lines])
    needs.rows(IDENTITIES, [name for line in lines for name in unique_identities(line.identity)])
    return needs


def follow_registration(statement: Statement, registry: Registry) -> Needs:
    """The slots that replaced modules leave, and the identities they give up."""
    lines: Sequence[RegisteredLine] = statement.lines  # type: ignore[assignment]
    rows = registry.of(CHIPS)
    old = [line.replaces for line in lines if line.replaces is not None]
    needs = slots_to_leave(registry, old)
    found = [rows[chip] for chip in old if chip in rows]
    return needs.rows(IDENTITIES, [name for chip in found for name in unique_identities(identity_of(chip))])


def judge_registration(registry: Registry, entry: Entry) -> Verdict:
    """New chips of class B, held, owned and answered for by their maker."""
    body: ChipsRegistered = entry.body
    lines: Sequence[RegisteredLine] = entry.lines
    maker = entry.party
    old = held_chips(registry, maker, [line.replaces for line in lines if line.replaces is not None])
    ending = set() if isinstance(old, Rejection) else {chip.chip for chip in old}
    fault = _refuse_registration(registry, body, lines, ending)
    if fault is not None:
        return fault
    if isinstance(old, Rejection):
        return old
    changes = Changes()
    first = entry.index << CHIP_NUMBER_SHIFT
    changes.put(CHIPS, *(_end_replaced(row, entry.index) for row in old))
    changes.put(SLOTS, *(row for chip in old for row in leave_slot(chip, entry.index)))
    changes.put(
        CHIPS,
        *(_born(line, first + place, maker, body.site, entry.index) for place, line in enumerate(lines)),
    )
    bearers: dict[str, str | None] = {}
    for chip in old:
        bearers.update((name, None) for name in unique_identities(identity_of(chip)))
    for line in lines:
        bearers.update((name, line.chip) for name in unique_identities(line.identity))
    return changes.put(IDENTITIES, *(IdentityRow(name, chip, entry.index) for name, chip in bearers.items()))


def _refuse_registration(
    registry: Registry, body: ChipsRegistered, lines: Sequence[RegisteredLine], ending: Set[str]
) -> Rejection | None:
    """`ending` are the chips this very statement replaces: their identities are free for the new ones."""
    if registry.get(SITES, body.site) is None:
        return unknown("body.site", body.site)
    models, chips, identities = registry.of(MODELS), registry.of(CHIPS), registry.of(IDENTITIES)
    model = next((line.model for line in lines if line.model not in models), None)
    if model is not None:
        return unknown("manifest: model", model)
    lot = next((lot for line in lines for lot in line.lots or ()), None)
    if lot is not None:
        return unknown("manifest: lot", lot)
    exist = [line.chip for line in lines if line.chip in chips]
    if exist:
        return refuse_chips(Reason.CHIP_EXISTS, "in the book already", exist)

    def is_borne(name: str) -> bool:
        row = identities.get(name)
        return row is not None and row.chip is not None and row.chip not in ending

    taken = [line.chip for line in lines if any(map(is_borne, unique_identities(line.identity)))]
    if taken:
        return refuse_chips(Reason.IDENTITY_TAKEN, "said to bear an identity of another chip", taken)
    return None


def _born(line: RegisteredLine, number: int, maker: str, site: str, index: int) -> Chip:
    return Chip(
        line.chip,
        number,
        line.model,
        "B",
        maker,
        maker,
        maker,
        site,
        None,
        None,
        HELD,
        None,
        None if line.lots is None else " ".join(line.lots),
        None if line.identity is None else line.identity.text(),
        None,
        index,
        index,
    )


def _end_replaced(chip: Chip, index: int) -> Chip:
    """A module given a new face has no place and nobody answers for it; its owner stays."""
    return replace(
        chip,
        custodian=None,
        liable=None,
        site=None,
        system=None,
        slot=None,
        status=REPLACED,
        changed=index,
    )


RULES = (
    Rule(
        "chips.registered",
        needs_registration,
        judge_registration,
        check_registration,
        follow_registration,
        roles=frozenset({"maker"}),
    ),
)
