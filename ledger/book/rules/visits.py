"""What did inspectors find? The law of `inspection.found`.

The sample follows the chip: wherever it is shown after the draw and by the stage's `found_by`, a visit
counts, and of several the worst does. A chip confirmed at two sites, or at two positions of one, within six
hours was shown twice. What was seen is held against the book as any observation is: it moves nothing, and
what disagrees becomes a discrepancy.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_sha256
from ledger.book.records.inspections import FoundLine, InspectionFound, Stage
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import ENDED, HELD, Chip, Inspection, SampledChip
from ledger.book.rules import findings
from ledger.book.rules.directions import FLOOR_TO_BOOK
from ledger.book.rules.findings import Finding
from ledger.book.rules.inspections import CLOSED, FOUND_BY, VERIFIER, commitment_of, day_of
from ledger.book.rules.items import check_items, fits_direction, items_of
from ledger.book.rules.mentions import mention, needs_mentions, of_site
from ledger.book.rules.rule import Rule, Verdict, bad_field, check_word, time_or_fault, unknown
from ledger.book.rules.seen import check_seen, contradiction, is_elsewhere
from ledger.book.rules.tallies import (
    CONFIRMED,
    DUPLICATE,
    MISMATCH,
    NOT_FOUND,
    RESULTS,
    TAMPERED,
    UNLISTED,
    worse,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, INSPECTIONS, SAMPLED, SITES
from ledger.book.times import parse_seconds

SHOWN_TWICE_SECONDS_MAX = 6 * 3600
CLOCK_BEHIND_SECONDS_MAX = 600
"""How far an inspector's clock may be behind the log's: what is dated earlier was seen before the draw."""
BEFORE_THE_EYE = frozenset({CONFIRMED, MISMATCH, TAMPERED, UNLISTED})


def check_found(statement: Statement) -> Rejection | None:
    """What needs only the statement: names, words, times, what was seen."""
    body = statement.body
    assert isinstance(body, InspectionFound)
    if not is_named(body.inspection) or not is_named(body.site):
        return bad_field("body.inspection and body.site are <party>/<name>")
    lines: Sequence[FoundLine] = statement.lines  # type: ignore[assignment]
    for number, line in enumerate(lines, start=1):
        what = f"manifest line {number}"
        fault = check_word(f"{what}: result", line.result, RESULTS)
        when = time_or_fault(f"{what}: found_at", line.found_at)
        if fault is not None or isinstance(when, Rejection):
            return fault or when  # type: ignore[return-value]
        if line.evidence_sha256 is not None and not is_sha256(line.evidence_sha256):
            return bad_field(f"{what}: evidence_sha256 is no 64 hex digits")
        if line.seen is not None and not line.chip:
            return bad_field(f"{what}: something was seen of no chip")
    return earliest(check_items(lines), check_seen(lines))


def needs_found(statement: Statement) -> Needs:
    """The inspection, the site, the chips named, and what is known of them in the inspection."""
    body = statement.body
    assert isinstance(body, InspectionFound)
    lines: Sequence[FoundLine] = statement.lines  # type: ignore[assignment]
    chips = {line.chip for line in lines if line.chip}
    needs = Needs().rows(INSPECTIONS, (body.inspection,)).rows(SITES, (body.site,)).rows(CHIPS, chips)
    needs.rows(SAMPLED, {(body.inspection, item) for item in chips.union(items_of(lines))})
    return needs_mentions(needs, (of_site(body.site),))


def refuse_other_things(registry: Registry, entry: Entry) -> Rejection | None:
    """`bad_field`: chips where positions are drawn, or the other way round."""
    inspection = _own(registry, entry)
    if inspection is None or fits_direction(entry.lines, inspection.direction):
        return None
    return bad_field(f"manifest: {inspection.direction} draws the other sort of thing")


def _own(registry: Registry, entry: Entry) -> Inspection | None:
    inspection = registry.get(INSPECTIONS, entry.body.inspection)
    return None if inspection is None or inspection.verifier != entry.party else inspection


def judge_found(registry: Registry, entry: Entry) -> Verdict:
    """Results for what was drawn, and numbers for what disagrees with the book."""
    body: InspectionFound = entry.body
    inspection = _own(registry, entry)
    if inspection is None:
        return unknown("body.inspection", body.inspection)
    fault = refuse_other_things(registry, entry)
    if fault is not None:
        return fault
    if registry.get(SITES, body.site) is None:
        return unknown("body.site", body.site)
    if inspection.state == CLOSED:
        return Rejection(Reason.ENDED, f"body.inspection: {body.inspection} is closed")
    if inspection.stages_drawn == 0:
        return Rejection(Reason.TOO_EARLY, f"body.inspection: {body.inspection} is not drawn yet")
    changes = Changes().put(SAMPLED, *_results(registry, entry, inspection))
    found = _disagreements(registry, entry, inspection)
    if found:
        # Whoever concedes puts the chips there: the site must not be corrected away meanwhile.
        mention(registry, changes, (of_site(body.site),), entry.index)
    return findings.open_discrepancies(changes, entry, found, shipment=None, site=body.site)


# -- what it says of the sample


def _results(registry: Registry, entry: Entry, inspection: Inspection) -> Iterable[SampledChip]:
    """The rows that these visits change."""
    stages = commitment_of(inspection).stages
    known = registry.of(SAMPLED)
    rows: dict[str, SampledChip] = {}
    for line in entry.lines:
        item, when = line.position or line.chip, parse_seconds(line.found_at, "found_at")
        row = rows.get(item) or known.get((inspection.inspection, item))
        result = _counted(registry, line)
        if row is None:
            if result != UNLISTED:
                continue  # nobody drew it: it is told, and counts for nothing
            row = _unseen(inspection, item, entry)
        if not _is_in_time(inspection, stages, row, when):
            continue  # it is told, and counts for nothing
        if result == CONFIRMED and line.chip:
            if line.position and line.chip not in rows:  # one chip may be shown at two positions
                before = known.get((inspection.inspection, line.chip))
                rows[line.chip] = before or _unseen(inspection, line.chip, entry)
            bearer, place = rows[line.chip] if line.position else row, line.position or entry.body.site
            if _is_shown_elsewhere(bearer, place, when):
                result = DUPLICATE
            bearer = replace(bearer, shown=_with_showing(bearer.shown, place, when))
            if line.position:
                rows[line.chip] = replace(bearer, changed=entry.index)
            else:
                row = bearer
        rows[item] = _with_result(row, line, result, when, entry.index)
    return rows.values()


def _is_in_time(inspection: Inspection, stages: Sequence[Stage], row: SampledChip, when: int) -> bool:
    """Whether it was found after the draw that first named it and by the last one's day.

    What nobody drew may be found from the first draw on, and at any time then: it stands apart.
    """
    named = [int(number) - 1 for number in row.stages.split()]
    drawn_at = int(inspection.drawn_at.split()[named[0] if named else 0])
    if when < drawn_at - CLOCK_BEHIND_SECONDS_MAX:
        return False
    return not named or when <= day_of(stages[named[-1]], FOUND_BY)


def _unseen(inspection: Inspection, item: str, entry: Entry) -> SampledChip:
    """A row for what nobody drew."""
    return SampledChip(inspection.inspection, item, "", "", None, "", None, None, entry.index)


def _with_result(row: SampledChip, line: FoundLine, result: str, when: int, index: int) -> SampledChip:
    """The worse of two results, with the time and the evidence of the first visit that found it."""
    if worse(row.result, result) == row.result:
        return replace(row, changed=index)
    return replace(row, result=result, found_at=when, evidence_sha256=line.evidence_sha256, changed=index)


def _counted(registry: Registry, line: FoundLine) -> str:
    """The result; a chip the book does not know is not confirmed by calling it so."""
    if line.position and line.chip and line.result == CONFIRMED and registry.get(CHIPS, line.chip) is None:
        return UNLISTED
    return line.result


def _showings(shown: str) -> list[tuple[int, str]]:
    pairs = (each.split("@", 1) for each in shown.split())
    return [(int(when), place) for when, place in pairs]


def _is_shown_elsewhere(row: SampledChip, place: str, when: int) -> bool:
    """Whether it was confirmed at another site, or position, too near in time to have been moved there."""
    return any(
        other != place and abs(time - when) <= SHOWN_TWICE_SECONDS_MAX for time, other in _showings(row.shown)
    )


def _with_showing(shown: str, place: str, when: int) -> str:
    times = {*_showings(shown), (when, place)}
    return " ".join(f"{time}@{other}" for time, other in sorted(times))


# -- what it says against the book


def _disagreements(registry: Registry, entry: Entry, inspection: Inspection) -> list[Finding]:
    lines: Sequence[FoundLine] = entry.lines
    chips, site = registry.of(CHIPS), entry.body.site
    looked_at = [line for line in lines if line.chip and _was_seen(line)]
    twice = _twice_here(looked_at)
    found: list[Finding] = []
    for line in looked_at:
        chip = chips.get(line.chip)
        if _are_remains(registry, inspection, chip):
            continue
        kind = contradiction(chip, line.seen, repeated=_is_twice(registry, entry, line, twice))
        if kind is None and chip is not None and is_elsewhere(chip, site):
            kind = findings.WRONG_PLACE
        if kind is not None:
            against = None if chip is None else findings.answerable(chip)
            found.append(Finding(kind, against, line.chip, findings.seen_text(line.seen)))
    if inspection.direction == FLOOR_TO_BOOK:
        return found  # an empty position says nothing of any chip
    missed = {line.chip for line in lines if line.result == NOT_FOUND}
    for name in sorted(missed - {line.chip for line in looked_at}):
        chip = chips.get(name)
        if chip is not None and chip.status == HELD and chip.site == site:
            found.append(Finding(findings.ABSENT, findings.answerable(chip), name))
    return found


def _was_seen(line: FoundLine) -> bool:
    return line.result in BEFORE_THE_EYE or line.seen is not None


def _are_remains(registry: Registry, inspection: Inspection, chip: Chip | None) -> bool:
    """Of a drawn chip that was destroyed or replaced since, what is left is shown."""
    if chip is None or chip.status not in ENDED:
        return False
    row = registry.get(SAMPLED, (inspection.inspection, chip.chip))
    return row is not None and row.stages != ""


def _twice_here(looked_at: Sequence[FoundLine]) -> set[str]:
    """Chips that stand in two lines: in one site's, or at two of its positions within six hours."""
    repeated = findings.repeated_chips(looked_at)
    times: dict[str, list[int]] = {}
    for line in looked_at:
        if line.chip in repeated and line.position:
            times.setdefault(line.chip, []).append(parse_seconds(line.found_at, "found_at"))
    for seen in times.values():
        seen.sort()
    apart = {
        chip
        for chip, seen in times.items()
        if all(later - earlier > SHOWN_TWICE_SECONDS_MAX for earlier, later in pairwise(seen))
    }
    return repeated - apart


def _is_twice(registry: Registry, entry: Entry, line: FoundLine, twice: set[str]) -> bool:
    """Whether the chip is shown twice in these lines, or was confirmed elsewhere within six hours."""
    if line.chip in twice:
        return True
    row, place = registry.get(SAMPLED, (entry.body.inspection, line.chip)), line.position or entry.body.site
    when = parse_seconds(line.found_at, "found_at")
    return row is not None and line.result == CONFIRMED and _is_shown_elsewhere(row, place, when)


RULES = (
    Rule(
        "inspection.found",
        needs_found,
        judge_found,
        check_found,
        roles=VERIFIER,
        early=refuse_other_things,
    ),
)
