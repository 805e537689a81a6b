"""How does a chip enter the book? The law of `chips.registered`.

Only its maker registers a chip, under its own name; a serial, a model and an identity are checked
before it is born, held, owned and answered for by the maker. One that its holder declared before is
raised: what it is becomes the maker's word, where it is and whose stays.
"""

from collections.abc import Iterable, Sequence, Set

from msgspec.structs import replace

from ledger.book.identifiers import is_chip, is_named
from ledger.book.records.registrations import ChipsRegistered, RegisteredLine
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import CHIP_NUMBER_SHIFT, ENDED, HELD, Chip, IdentityRow
from ledger.book.rules.chips import (
    check_identity,
    identities_borne,
    unique_identities,
)
from ledger.book.rules.custody import leave_slots, leaving, replaced
from ledger.book.rules.evidence import CLASS_A, is_attested
from ledger.book.rules.mentions import mention, needs_mentions, of_lot, of_model, of_site
from ledger.book.rules.rule import (
    NOTHING,
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_words,
    held_chips,
    refuse_chips,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, IDENTITIES, LOTS, MODELS, SITES

CLASS_B, CLASS_C = "B", "C"


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
    """The site, models and lots, the chips by id, those replaced, whoever bears the identities."""
    body = statement.body
    assert isinstance(body, ChipsRegistered)
    lines: Sequence[RegisteredLine] = statement.lines  # type: ignore[assignment]
    models = {line.model for line in lines}
    lots = {lot for line in lines for lot in line.lots or ()}
    needs = Needs().rows(SITES, (body.site,)).rows(MODELS, models).rows(LOTS, lots)
    needs.rows(CHIPS, [line.chip for line in lines]).rows(CHIPS, [line.replaces for line in lines])
    needs.rows(IDENTITIES, [name for line in lines for name in unique_identities(line.identity)])
    return needs_mentions(needs, (of_site(body.site), *map(of_model, models), *map(of_lot, lots)))


def follow_registration(statement: Statement, registry: Registry) -> Needs:
    """What replaced modules leave, what declared chips bore until now, and the lots those stand in."""
    lines: Sequence[RegisteredLine] = statement.lines  # type: ignore[assignment]
    rows = registry.of(CHIPS)
    known = [rows[line.chip] for line in lines if line.chip in rows]
    gone = [line.replaces for line in lines if line.replaces is not None]
    if not known and not gone:
        return NOTHING
    needs = leaving(registry, gone)
    needs.rows(IDENTITIES, [name for chip in known for name in identities_borne(chip)])
    return needs_mentions(needs, {of_lot(lot) for chip in known for lot in (chip.lots or "").split()})


def judge_registration(registry: Registry, entry: Entry) -> Verdict:
    """New chips of class B or A, held, owned and answered for by their maker; declared ones raised to it."""
    body: ChipsRegistered = entry.body
    lines: Sequence[RegisteredLine] = entry.lines
    old = held_chips(registry, entry.party, [line.replaces for line in lines if line.replaces is not None])
    ending = set() if isinstance(old, Rejection) else {chip.chip for chip in old}
    fault = _refuse_names(registry, entry, lines) or _refuse_chips(registry, lines, ending)
    if fault is not None:
        return fault
    if isinstance(old, Rejection):
        return old
    index, chips = entry.index, registry.of(CHIPS)
    known = [chips.get(line.chip) for line in lines]
    after = [
        _born(registry, entry, line, place) if chip is None else _raised(registry, entry, line, chip)
        for place, (line, chip) in enumerate(zip(lines, known, strict=True))
    ]
    changes = Changes().put(CHIPS, *(replaced(chip, index) for chip in old), *after)
    leave_slots(changes, old, index)
    before = [*old, *(chip for chip in known if chip is not None)]
    _bear(registry, changes, before, lines, after)
    mention(registry, changes, sorted(_built_on(body.site, known, after)), index)
    return changes


def _refuse_names(registry: Registry, entry: Entry, lines: Sequence[RegisteredLine]) -> Rejection | None:
    """`unknown_reference`: a site or model that is not there, a lot that is not there or not the maker's."""
    body: ChipsRegistered = entry.body
    if registry.get(SITES, body.site) is None:
        return unknown("body.site", body.site)
    models, lots, mine = registry.of(MODELS), registry.of(LOTS), acts_for(registry, entry.party)
    model = next((line.model for line in lines if line.model not in models), None)
    if model is not None:
        return unknown("manifest: model", model)
    for name in sorted({lot for line in lines for lot in line.lots or ()}):
        lot = lots.get(name)
        if lot is None or mine.isdisjoint((lot.fab, lot.for_party)):
            return unknown("manifest: lot", name)
    return None


def _refuse_chips(registry: Registry, lines: Sequence[RegisteredLine], ending: Set[str]) -> Rejection | None:
    """`ending` are the chips this very statement replaces: their identities are free, they are not raised."""
    chips, identities = registry.of(CHIPS), registry.of(IDENTITIES)

    def exists(name: str) -> bool:
        chip = chips.get(name)
        return chip is not None and (chip.cls != CLASS_C or name in ending)

    exist = [line.chip for line in lines if exists(line.chip)]
    if exist:
        return refuse_chips(Reason.CHIP_EXISTS, "in the book already", exist)

    def is_borne(name: str, chip: str) -> bool:
        row = identities.get(name)
        return row is not None and row.chip not in (None, chip) and row.chip not in ending

    taken = [
        line.chip
        for line in lines
        if any(is_borne(name, line.chip) for name in unique_identities(line.identity))
    ]
    if taken:
        return refuse_chips(Reason.IDENTITY_TAKEN, "said to bear an identity of another chip", taken)
    return None


def _born(registry: Registry, entry: Entry, line: RegisteredLine, place: int) -> Chip:
    body: ChipsRegistered = entry.body
    maker, index = entry.party, entry.index
    before = registry.unmade(CHIPS, line.chip)  # the serial was corrected away: it keeps its number
    return Chip(
        line.chip,
        (index << CHIP_NUMBER_SHIFT) + place if before is None else before.number,
        line.model,
        CLASS_A if is_attested(registry, entry, line.chip, line.identity) else CLASS_B,
        maker,
        maker,
        maker,
        body.site,
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


def _raised(registry: Registry, entry: Entry, line: RegisteredLine, chip: Chip) -> Chip:
    """A declared chip known by its maker: what it is, not where it is or whose."""
    return replace(
        chip,
        model=line.model,
        cls=CLASS_A if is_attested(registry, entry, line.chip, line.identity) else CLASS_B,
        lots=chip.lots if line.lots is None else " ".join(line.lots),
        identity=chip.identity if line.identity is None else line.identity.text(),
        changed=entry.index,
    )


def _bear(
    registry: Registry,
    changes: Changes,
    before: Iterable[Chip],
    lines: Sequence[RegisteredLine],
    after: Sequence[Chip],
) -> None:
    """Identities given up by chips that end or were declared to bear others, then those now said."""
    bearers, index = registry.of(IDENTITIES), after[0].changed
    now: dict[str, str | None] = {}
    kept = {chip.chip: identities_borne(chip) for chip in after if chip.born != index}
    for chip in before:
        lost = identities_borne(chip) - kept.get(chip.chip, set())
        now.update((name, None) for name in lost if name in bearers and bearers[name].chip == chip.chip)
    for line, chip in zip(lines, after, strict=True):
        if chip.status not in ENDED:
            now.update((name, chip.chip) for name in unique_identities(line.identity))
    changes.put(IDENTITIES, *(IdentityRow(name, chip, index) for name, chip in sorted(now.items())))


def _built_on(site: str, known: Iterable[Chip | None], after: Sequence[Chip]) -> set[str]:
    """The things that cannot be corrected away while this registration stands."""
    living = [chip for chip in after if chip.status not in ENDED]
    things = {of_model(chip.model) for chip in living if chip.model is not None}
    things |= {of_lot(lot) for chip in living if chip.lots is not None for lot in chip.lots.split()}
    return things | {of_site(site)} if None in set(known) else things


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
