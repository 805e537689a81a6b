"""How is what a statement wrote taken out of the book again?

Every row goes back to the one before; a row that was made is as if it had never been, except that a
discrepancy stays, withdrawn. Rows whose past is not kept (slots, identities, lines of shipments, absences)
follow from those whose past is. Knows not who may ask for it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from ledger.book.registry import Changes, Needs, Registry, Version, Written
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import (
    ENDED,
    UNMADE,
    Chip,
    IdentityRow,
    Row,
    ShipmentLine,
    SlotRow,
)
from ledger.book.rules import findings
from ledger.book.rules.chips import identities_borne, identity_of, unique_identities
from ledger.book.rules.custody import OPEN
from ledger.book.rules.mentions import mention, needs_mentions, of_lot, of_model, of_site
from ledger.book.rules.rule import refuse_chips
from ledger.book.tables import (
    ABSENCES,
    CHIPS,
    DISCREPANCIES,
    DISCREPANCY_CHIPS,
    IDENTITIES,
    LINES,
    OFFERED,
    SLOTS,
    STOCKTAKES,
    Table,
)

_BY_SITE: dict[str, Table[Any]] = {
    "chips.placed": CHIPS,
    "chips.sighted": DISCREPANCIES,
    "stocktake.declared": STOCKTAKES,
}
_Slot = tuple[str | None, str | None, str]


def made(version: Version) -> bool:
    """Whether the statement made the row, or made it anew under a name that had come free."""
    return version.before is None or getattr(version.before, "born", 0) == UNMADE


def needs_undoing(written: Written) -> Needs:
    """For `follow`: every row the statement wrote, as it is now, and those that follow from them."""
    needs = Needs()
    for table, versions in written.versions.items():
        needs.rows(table, [table.key_of(version.row) for version in versions])
    chips = written.versions.get(CHIPS, ())
    both = list(_both(chips))
    needs.rows(SLOTS, [slot for chip in both if (slot := _slot(chip)) is not None])
    needs.rows(IDENTITIES, [name for chip in both for name in unique_identities(identity_of(chip))])
    needs.rows(LINES, [(chip.shipment, chip.chip) for chip in both if chip.shipment is not None])
    needs.rows(OFFERED, [version.row.chip for version in chips if made(version)])
    needs.rows(ABSENCES, _absences(written))
    return needs_mentions(needs, mentioned(written))


def mentioned(written: Written) -> set[str]:
    """What the statement was counted as building on (`mentions`)."""
    versions = written.versions.get(CHIPS, ())
    if written.kind in _BY_SITE:
        # What only says where: the site is that of any row of the family's table that it made or moved.
        rows = written.versions.get(_BY_SITE[written.kind], ())
        here = rows if written.kind == "chips.placed" else [each for each in rows if made(each)]
        return {of_site(version.row.site) for version in here if version.row.site is not None}
    if written.kind not in ("chips.registered", "chips.declared"):
        return set()
    kept = [version for version in versions if version.row.status not in ENDED]
    things = {
        of_site(version.row.site)
        for version in kept
        if version.row.site is not None and (made(version) or written.kind == "chips.declared")
    }
    named = [version.row for version in kept if made(version) or written.kind == "chips.registered"]
    things |= {of_model(chip.model) for chip in named if chip.model is not None}
    if written.kind == "chips.registered":
        things |= {of_lot(lot) for chip in named for lot in (chip.lots or "").split()}
    return things


def _both(versions: Iterable[Version]) -> Iterator[Chip]:
    """Chips as the statement left them and as it found them."""
    for version in versions:
        yield version.row
        if not made(version):
            yield version.before


def _slot(chip: Chip) -> _Slot | None:
    return None if chip.slot is None else (chip.site, chip.system, chip.slot)


def _absences(written: Written) -> list[tuple[str, str]]:
    opened = {version.row.discrepancy: version.row for version in written.versions.get(DISCREPANCIES, ())}
    lines = [version.row for version in written.versions.get(DISCREPANCY_CHIPS, ())]
    return [
        (line.chip, line.discrepancy) for line in lines if opened[line.discrepancy].kind == findings.ABSENT
    ]


def refuse_moved(registry: Registry, written: Written) -> Rejection | None:
    """`built_upon` unless every row the statement wrote still has it as its last change."""
    chips = [
        version.row.chip
        for version in written.versions.get(CHIPS, ())
        if _is_moved(registry, version, written.index)
    ]
    if chips:
        return refuse_chips(Reason.BUILT_UPON, "changed by what was said later", sorted(chips))
    for table, versions in written.versions.items():
        for version in versions:
            key = table.key_of(version.row)
            row: Any = registry.get(table, key)
            if row is None or row.changed != written.index:
                name = key[0] if isinstance(key, tuple) else key
                return Rejection(Reason.BUILT_UPON, f"body.corrects: {name} was changed by a later statement")
    return None


def _is_moved(registry: Registry, version: Version, index: int) -> bool:
    """Whether a chip, its slots, identities or title were the matter of anything said later."""
    row = registry.get(CHIPS, version.row.chip)
    if row is None or row.changed != index:
        return True
    offered = registry.get(OFFERED, row.chip) if made(version) else None
    if offered is not None and offered.transfer is not None:
        return True
    both = list(_both((version,)))
    slots = [registry.get(SLOTS, slot) for chip in both if (slot := _slot(chip)) is not None]
    rows = [*slots, *(registry.get(IDENTITIES, name) for name in _taken_or_left(version))]
    return any(each is not None and each.changed > index for each in rows)


def _taken_or_left(version: Version) -> set[str]:
    """Identities the statement let a chip bear, or bear no more; not those it might bear throughout."""
    before = set() if made(version) else identities_borne(version.before)
    return before ^ identities_borne(version.row)


def undo(registry: Registry, changes: Changes, written: Written, index: int) -> None:
    """The rows before, changed by entry `index`; what was made, unmade; what was opened, withdrawn."""
    for table, versions in written.versions.items():
        if table.name == DISCREPANCIES.name:
            rows = [_withdrawn(version.row, index) for version in versions]
        elif table.name == DISCREPANCY_CHIPS.name:
            rows = [replace(version.row, closed=index, changed=index) for version in versions]
        else:
            rows = [_before(table, version, index) for version in versions]
        changes.put(table, *rows)
    over = [registry.get(ABSENCES, key) for key in _absences(written)]
    changes.put(ABSENCES, *(replace(row, closed=index, changed=index) for row in over if row is not None))
    chips = written.versions.get(CHIPS, ())
    _undo_slots(changes, chips, index)
    _undo_identities(registry, changes, chips, index)
    reopened = [each.before for each in chips if not made(each) and each.before.shipment is not None]
    changes.put(LINES, *(ShipmentLine(chip.shipment, chip.chip, OPEN, index) for chip in reopened))
    mention(registry, changes, sorted(mentioned(written)), index, by=-1)


def _before(table: Table[Any], version: Version, index: int) -> Row:
    if version.before is not None:
        row: Row = replace(version.before, changed=index)
        return row
    assert table.corrected, f"{table.name}: its rows are not unmade"
    row = replace(version.row, born=UNMADE, changed=index)
    if isinstance(row, Chip):
        # Nobody holds, owns or answers for what was never there.
        nobody = {"custodian": None, "owner": None, "liable": None, "last_liable": None}
        nowhere = {"site": None, "system": None, "slot": None, "shipment": None}
        return replace(row, **nobody, **nowhere)
    return row


def _withdrawn(row: Any, index: int) -> Row:
    withdrawn: Row = replace(row, state=findings.WITHDRAWN, lines_open=0, closed=index, changed=index)
    return withdrawn


def _undo_slots(changes: Changes, chips: Iterable[Version], index: int) -> None:
    slots: dict[_Slot, str | None] = {}
    chips = list(chips)
    slots.update((slot, None) for each in chips if (slot := _slot(each.row)) is not None)
    standing = [each.before for each in chips if not made(each)]
    slots.update((slot, chip.chip) for chip in standing if (slot := _slot(chip)) is not None)
    changes.put(SLOTS, *(SlotRow(*slot, chip, index) for slot, chip in sorted(slots.items())))  # type: ignore[arg-type]


def _undo_identities(registry: Registry, changes: Changes, chips: Iterable[Version], index: int) -> None:
    """Unique identities go back to whoever bore them while alive."""
    bearers, borne = registry.of(IDENTITIES), dict[str, str | None]()
    touched = [(version, sorted(_taken_or_left(version))) for version in chips]
    for version, names in touched:
        for name in names:
            if name in bearers and bearers[name].chip == version.row.chip:
                borne[name] = None
    for version, names in touched:
        if made(version):
            continue
        for name in identities_borne(version.before).intersection(names):
            bearer = bearers.get(name)
            if bearer is not None and (bearer.chip is None or name in borne):
                borne[name] = version.row.chip
    changes.put(IDENTITIES, *(IdentityRow(name, chip, index) for name, chip in sorted(borne.items())))
