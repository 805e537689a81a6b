"""How is a count of what one has held against the book? The law of `stocktake.declared`.

A full count finds who is not there, any count who is not one's own, elsewhere or another than registered. It
moves nothing. A long one comes in parts, which say nothing until the last of them is in, within a week, and
is then judged as one. A part that was corrected away leaves its lines behind; they count no more, because
the row says at which entry each part came in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from ledger.book.identifiers import is_named
from ledger.book.records.form import Identity
from ledger.book.records.stocktakes import FULL, PARTIAL, CountedLine, StocktakeDeclared
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import HELD, Stocktake, StocktakeLine
from ledger.book.rules import findings
from ledger.book.rules.findings import Finding
from ledger.book.rules.mentions import mention, needs_mentions, of_site
from ledger.book.rules.rule import (
    HOLDING_ROLES,
    Rule,
    Verdict,
    acts_for,
    bad_field,
    check_own_id,
    check_word,
    unknown,
)
from ledger.book.rules.seen import check_seen, contradiction, is_elsewhere
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, SITES, STOCKTAKE_LINES, STOCKTAKES
from ledger.book.times import DAY_SECONDS

PARTS_MAX = 1_000
PARTS_DAYS_MAX = 7  # from the first part's admission to the last one's
OPEN = "open"
JUDGED = "judged"

Counted = tuple[str, str]  # a chip, and the canonical spelling of what was seen of it or ""

_identities = msgspec.json.Decoder(Identity)


def check_stocktake(statement: Statement) -> Rejection | None:
    """What needs only the statement: words, spellings, which part of how many."""
    body = statement.body
    assert isinstance(body, StocktakeDeclared)
    if body.site is not None and not is_named(body.site):
        return bad_field("body.site is no <party>/<name>")
    if (body.part is None) != (body.parts is None):
        return bad_field("body: part and parts come together")
    if body.part is not None and body.parts is not None and not 1 <= body.part <= body.parts <= PARTS_MAX:
        return bad_field(f"body: part is 1 to parts, parts at most {PARTS_MAX}")
    return earliest(
        check_own_id(statement, "stocktake", body.stocktake),
        check_word("body.scope", body.scope, (FULL, PARTIAL)),
        check_seen(statement.lines),
    )


def needs_stocktake(statement: Statement) -> Needs:
    """The count so far, the site, the chips found."""
    body = statement.body
    assert isinstance(body, StocktakeDeclared)
    needs = Needs().rows(STOCKTAKES, (body.stocktake,)).rows(SITES, (body.site,))
    needs.rows(CHIPS, [line.chip for line in statement.lines])
    return needs if body.site is None else needs_mentions(needs, (of_site(body.site),))


def follow_stocktake(statement: Statement, registry: Registry) -> Needs:
    """For what completes a count: the lines of the other parts and, for a full one, all the speaker has."""
    body, needs = statement.body, Needs()
    assert isinstance(body, StocktakeDeclared)
    before = registry.get(STOCKTAKES, body.stocktake)
    if not _completes(before, body):
        return needs
    if before is not None:
        needs.group(STOCKTAKE_LINES, body.stocktake)
    if body.scope == FULL:
        needs.holdings |= acts_for(registry, statement.party)
    return needs


def reach_stocktake(statement: Statement, registry: Registry) -> Needs:
    """The chips that the other parts found."""
    body, needs = statement.body, Needs()
    assert isinstance(body, StocktakeDeclared)
    before = registry.get(STOCKTAKES, body.stocktake)
    if before is None or not _completes(before, body):
        return needs
    return needs.rows(CHIPS, {chip for chip, _ in _counted_before(registry, before)})


def refuse_other_terms(registry: Registry, entry: Entry) -> Rejection | None:
    """`bad_field`: the parts of one count share site, scope and number of parts."""
    body: StocktakeDeclared = entry.body
    before = registry.get(STOCKTAKES, body.stocktake)
    if before is None or before.state != OPEN or body.part is None:
        return None
    if (body.site, body.scope, body.parts) == (before.site, before.scope, before.parts):
        return None
    return bad_field(f"body: site, scope and parts are not those of the other parts of {body.stocktake}")


def judge_stocktake(registry: Registry, entry: Entry) -> Verdict:
    """Numbers for what disagrees, once the count is whole; lines kept until then."""
    body: StocktakeDeclared = entry.body
    before = registry.get(STOCKTAKES, body.stocktake)
    fault = refuse_other_terms(registry, entry) or _refuse_part(registry, entry, before)
    if fault is not None:
        return fault
    changes, row = Changes(), _with_part(before, entry)
    if before is None and body.site is not None:
        mention(registry, changes, (of_site(body.site),), entry.index)
    lines = _counted(entry.lines)
    if not _completes(before, body):
        part = body.part or 1
        kept = (StocktakeLine(row.stocktake, part, chip, seen, entry.index) for chip, seen in lines)
        return changes.put(STOCKTAKES, row).put(STOCKTAKE_LINES, *kept)
    earlier = () if before is None else _counted_before(registry, before)
    counted = sorted({*lines, *earlier})
    found, expected, absent = _compare(registry, entry, counted)
    chips = len({chip for chip, _ in counted})
    row = replace(row, state=JUDGED, counted=chips, expected=expected, absent=absent)
    return findings.open_discrepancies(
        changes.put(STOCKTAKES, row), entry, found, shipment=None, site=body.site
    )


def _refuse_part(registry: Registry, entry: Entry, before: Stocktake | None) -> Rejection | None:
    """`id_taken`, `unknown_reference`, `ended`."""
    body: StocktakeDeclared = entry.body
    if before is not None:
        if before.state != OPEN or body.part is None:
            return Rejection(Reason.ID_TAKEN, f"body.stocktake: {body.stocktake} is declared already")
        if body.part in _parts_in(before.parts_in):
            return Rejection(Reason.ID_TAKEN, f"body.part: part {body.part} is in already")
    if body.site is not None and registry.get(SITES, body.site) is None:
        return unknown("body.site", body.site)
    if before is not None and entry.admitted_at // 1000 - before.began > PARTS_DAYS_MAX * DAY_SECONDS:
        return Rejection(
            Reason.ENDED, f"body.stocktake: its first part came over {PARTS_DAYS_MAX} days ago; count anew"
        )
    return None


@lru_cache
def _parts_in(text: str) -> dict[int, int]:
    """The entry at which each part came in; of a corrected one that came again, the later."""
    parts = (word.split("@") for word in text.split())
    return {int(part): int(index) for part, index in parts}


def _completes(before: Stocktake | None, body: StocktakeDeclared) -> bool:
    """Whether, if this may stand, the count is whole with it."""
    missing = body.parts or 1
    if before is not None:
        missing -= len(_parts_in(before.parts_in).keys() - {body.part})
    return missing <= 1


def _with_part(before: Stocktake | None, entry: Entry) -> Stocktake:
    body: StocktakeDeclared = entry.body
    part, index = body.part or 1, entry.index
    if before is None:
        return Stocktake(
            body.stocktake,
            entry.party,
            body.site,
            body.scope,
            body.parts or 1,
            f"{part}@{index}",
            OPEN,
            entry.admitted_at // 1000,
            0,
            0,
            0,
            index,
            index,
        )
    parts = {**_parts_in(before.parts_in), part: index}
    return replace(before, parts_in=" ".join(f"{n}@{at}" for n, at in sorted(parts.items())), changed=index)


def _counted(lines: Sequence[CountedLine]) -> list[Counted]:
    return [(line.chip, findings.seen_text(line.seen)) for line in lines]


def _counted_before(registry: Registry, before: Stocktake) -> Iterator[Counted]:
    """The lines of the parts that are in, not of those corrected away since."""
    parts = _parts_in(before.parts_in)
    rows: Iterable[StocktakeLine] = registry.group(STOCKTAKE_LINES, before.stocktake).values()
    return ((row.chip, row.seen) for row in rows if parts.get(row.part) == row.changed)


def _compare(registry: Registry, entry: Entry, counted: Sequence[Counted]) -> tuple[list[Finding], int, int]:
    """What disagrees; how many chips the book had there (in a partial count, of those named); how many of
    them were not found."""
    body: StocktakeDeclared = entry.body
    mine, chips = acts_for(registry, entry.party), registry.of(CHIPS)
    times = Counter(chip for chip, _ in counted)
    found = []
    for name, seen in counted:
        chip = chips.get(name)
        kind = contradiction(chip, _identities.decode(seen) if seen else None, repeated=times[name] > 1)
        if kind is None and chip is not None:
            if chip.custodian not in mine:
                kind = findings.EXTRA
            elif is_elsewhere(chip, body.site):
                kind = findings.WRONG_PLACE
        if kind is not None:
            against = None if chip is None else findings.answerable(chip)
            found.append(Finding(kind, against, name, seen, has=True))
    if body.scope == FULL:
        ours = registry.held_by(mine)
    else:
        ours = [chips[name] for name in times if name in chips and chips[name].custodian in mine]
    there = [chip.chip for chip in ours if chip.status == HELD and body.site in (None, chip.site)]
    missed = [name for name in there if name not in times]
    found += [Finding(findings.ABSENT, entry.party, name) for name in missed]
    return found, len(there), len(missed)


RULES = (
    Rule(
        "stocktake.declared",
        needs_stocktake,
        judge_stocktake,
        check_stocktake,
        follow_stocktake,
        HOLDING_ROLES,
        refuse_other_terms,
        reach_stocktake,
    ),
)
