"""How does a chip enter the book, and where does it stand? The law of `chips.registered`, `chips.placed`.

Only its maker registers a chip. Its holder places it; a border is crossed by shipment, never by
placing; a newcomer displaces the chip in its slot.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ledger.book.identifiers import PLACE, SHA256_HEX, is_chip, is_named
from ledger.book.records.chips import ChipsPlaced, ChipsRegistered, PlacedLine, RegisteredLine
from ledger.book.records.form import Identity
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import (
    CHIP_NUMBER_SHIFT,
    CHIPS,
    IDENTITIES,
    MODELS,
    SITES,
    SLOTS,
    Chip,
    IdentityRow,
    SlotRow,
    Status,
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

UNIQUE_IDENTITIES = {"ik": "ik_sha256", "pdi": "pdi", "uuid": "uuid"}  # a label can be copied; these cannot
IDENTITY_CHARACTERS_MAX = 128


def unique_identities(identity: Identity | None) -> Iterator[str]:
    """`<ik|pdi|uuid>:<value>` for each identity that at most one living chip may bear."""
    if identity is None:
        return
    for kind, field in UNIQUE_IDENTITIES.items():
        value = getattr(identity, field)
        if value is not None:
            yield f"{kind}:{value}"


def check_identity(what: str, identity: Identity) -> Rejection | None:
    """Not empty, hashes in hex, texts of a sane length."""
    texts = [getattr(identity, name) for name in identity.__struct_fields__]
    said = [text for text in texts if text is not None]
    if not said or any(not 1 <= len(text) <= IDENTITY_CHARACTERS_MAX for text in said):
        return bad_field(f"{what}: 1 to {IDENTITY_CHARACTERS_MAX} characters in at least one field")
    for text in (identity.ik_sha256, identity.attestation_sha256):
        if text is not None and SHA256_HEX.fullmatch(text) is None:
            return bad_field(f"{what}: a sha256 is 64 hex digits")
    return None


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


def judge_registration(registry: Registry, entry: Entry) -> Verdict:
    """New chips of class B, held, owned and answered for by their maker."""
    body: ChipsRegistered = entry.body
    lines: Sequence[RegisteredLine] = entry.lines
    fault = _refuse_registration(registry, body, lines)
    if fault is not None:
        return fault
    maker = entry.party
    replaced = [line.replaces for line in lines if line.replaces is not None]
    old = held_chips(registry, maker, replaced)
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
    changes.put(
        IDENTITIES,
        *(
            IdentityRow(name, line.chip, entry.index)
            for line in lines
            for name in unique_identities(line.identity)
        ),
    )
    return changes


def _refuse_registration(
    registry: Registry, body: ChipsRegistered, lines: Sequence[RegisteredLine]
) -> Rejection | None:
    if registry.get(SITES, body.site) is None:
        return unknown("body.site", body.site)
    models, chips, identities = registry.of(MODELS), registry.of(CHIPS), registry.of(IDENTITIES)
    for model in {line.model for line in lines}:
        if model not in models:
            return unknown("manifest: model", model)
    lot = next((lot for line in lines for lot in line.lots or ()), None)
    if lot is not None:
        return unknown("manifest: lot", lot)
    exist = [line.chip for line in lines if line.chip in chips]
    if exist:
        return refuse_chips(Reason.CHIP_EXISTS, "are in the book already", exist)
    taken = [
        line.chip
        for line in lines
        for name in unique_identities(line.identity)
        if name in identities and identities[name].chip is not None
    ]
    if taken:
        return refuse_chips(Reason.IDENTITY_TAKEN, "bear an identity of another chip", taken)
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
        Status.HELD.value,
        None,
        None if line.lots is None else " ".join(line.lots),
        None if line.identity is None else line.identity.text(),
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
        status=Status.REPLACED.value,
        changed=index,
    )


def leave_slot(chip: Chip, index: int) -> Iterator[SlotRow]:
    """The slot a chip leaves, empty."""
    if chip.slot is not None:
        assert chip.site is not None
        assert chip.system is not None
        yield SlotRow(chip.site, chip.system, chip.slot, None, index)


def check_placement(statement: Statement) -> Rejection | None:
    """What needs only the statement: a slot has a system and takes one chip."""
    body = statement.body
    assert isinstance(body, ChipsPlaced)
    if not is_named(body.site):
        return bad_field("body.site is no <party>/<name>")
    taken = set()
    lines: Sequence[PlacedLine] = statement.lines  # type: ignore[assignment]
    for number, line in enumerate(lines, start=1):
        if line.system is not None and PLACE.fullmatch(line.system) is None:
            return bad_field(f"manifest line {number}: system is 1 to 64 of A-Z a-z 0-9 . _ : / -")
        if line.slot is None:
            continue
        if line.system is None or PLACE.fullmatch(line.slot) is None:
            return bad_field(
                f"manifest line {number}: a slot is 1 to 64 of A-Z a-z 0-9 . _ : / - in a system"
            )
        if (line.system, line.slot) in taken:
            return bad_field(f"manifest line {number}: slot {line.slot} of {line.system} stands in two lines")
        taken.add((line.system, line.slot))
    return None


def needs_placement(statement: Statement) -> Needs:
    """The site, the chips, who is in the slots."""
    body = statement.body
    assert isinstance(body, ChipsPlaced)
    lines: Sequence[PlacedLine] = statement.lines  # type: ignore[assignment]
    slots = [(body.site, line.system, line.slot) for line in lines if line.slot is not None]
    needs = Needs().rows(SITES, (body.site,)).rows(CHIPS, [line.chip for line in lines])
    return needs.rows(SLOTS, slots)


def follow_placement(statement: Statement, registry: Registry) -> Needs:
    """The sites the chips come from, and the chips that stand in the slots."""
    body = statement.body
    assert isinstance(body, ChipsPlaced)
    lines: Sequence[PlacedLine] = statement.lines  # type: ignore[assignment]
    chips, slots = registry.of(CHIPS), registry.of(SLOTS)
    found = [chips[line.chip] for line in lines if line.chip in chips]
    taken = [slots.get((body.site, line.system, line.slot)) for line in lines if line.slot is not None]
    needs = Needs().rows(SITES, {chip.site for chip in found})
    return needs.rows(CHIPS, [slot.chip for slot in taken if slot is not None])


def judge_placement(registry: Registry, entry: Entry) -> Verdict:
    """The chips at their new places; who stood in a slot keeps the site and loses the slot."""
    body: ChipsPlaced = entry.body
    lines: Sequence[PlacedLine] = entry.lines
    site = registry.get(SITES, body.site)
    if site is None:
        return unknown("body.site", body.site)
    held = held_chips(registry, entry.party, [line.chip for line in lines])
    if isinstance(held, Rejection):
        return held
    sites = registry.of(SITES)
    abroad = [row.chip for row in held if row.site is not None and sites[row.site].country != site.country]
    if abroad:
        return refuse_chips(
            Reason.NEEDS_SHIPMENT, f"are not in {site.country}: a border needs a shipment", abroad
        )
    index = entry.index
    moved = {
        row.chip: replace(row, site=body.site, system=line.system, slot=line.slot, changed=index)
        for row, line in zip(held, lines, strict=True)
    }
    slots = {(slot.site, slot.system, slot.slot): slot for row in held for slot in leave_slot(row, index)}
    for line in lines:
        if line.slot is None or line.system is None:
            continue
        key = (body.site, line.system, line.slot)
        before = registry.get(SLOTS, key)
        if before is not None and before.chip is not None and before.chip not in moved:
            out = registry.of(CHIPS)[before.chip]
            moved[out.chip] = replace(out, system=None, slot=None, changed=index)
        slots[key] = SlotRow(body.site, line.system, line.slot, line.chip, index)
    return Changes().put(CHIPS, *moved.values()).put(SLOTS, *slots.values())


RULES = (
    Rule(
        "chips.registered",
        needs_registration,
        judge_registration,
        check_registration,
        roles=frozenset({"maker"}),
    ),
    Rule("chips.placed", needs_placement, judge_placement, check_placement, follow_placement),
)
