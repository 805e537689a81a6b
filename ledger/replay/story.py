"""What was found, and does it come to the verdict that was given?

The inspection is gone through again, entry by entry, by the law's own rules on rows made anew from the file:
draws, findings, stopping rules, closings. Of the book the file has nothing; where the law asks it, the log's
word stands and is said to be no more: the chips that were missing at the commitment, the draws of the series,
and which chips shown at positions the book did not know.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ledger.book.records.inspections import FoundLine, InspectionDrawn
from ledger.book.registry import Registry
from ledger.book.rejection import Rejection
from ledger.book.rows import HELD, Chip, Inspection, SampledChip, Series, Site
from ledger.book.rules import inspections
from ledger.book.rules.beacons import beacon_of
from ledger.book.rules.closings import judge_closing
from ledger.book.rules.conclusions import conclude
from ledger.book.rules.draws import DRAWN_ALL_THE_SAME
from ledger.book.rules.inspections import CLOSED as STATE_CLOSED
from ledger.book.rules.inspections import DRAWN as STATE_DRAWN
from ledger.book.rules.inspections import FOUND_BY, NOTICE_BY, day_of
from ledger.book.rules.tallies import VOID_BEACON, outcome, tally_of
from ledger.book.rules.timeliness import (
    LATE,
    NOT_SHOWN,
    TIMELY,
    UNWITNESSED,
    asked_now,
    asked_then,
    refuse_cosignatures,
    refuse_proof,
    timeliness,
    witness_times_of,
)
from ledger.book.rules.visits import judge_found
from ledger.book.statement import Entry
from ledger.book.tables import BEACONS, CHIPS, INSPECTIONS, LOG, SAMPLED, SERIES, SITES
from ledger.book.times import format_milliseconds, format_seconds
from ledger.inspection.beacon import due_at, is_own
from ledger.inspection.vrf import OWN_VRF
from ledger.replay.drawing import Redrawn
from ledger.replay.entries import CLOSED, DRAWN, FOUND, Known
from ledger.replay.flaws import PROVED, TOLD, Broken, Flaw, Step, Told
from signing.canonical import decode

IN_TIME = {
    UNWITNESSED: "The log asks for no witness: that the commitment came first is the operator's word.",
    NOT_SHOWN: "The log asks for witnesses and none is shown: the verdict is void.",
    LATE: "Too few witnesses had seen the commitment early enough: the verdict is void.",
    TIMELY: "Enough witnesses had seen the commitment before anybody could know the round.",
    OWN_VRF: "The sample is by the verifier's own key: no witness is needed to show that it came after.",
}


def check_story(known: Known, redrawn: Redrawn) -> Iterator[Told]:
    """Draws, findings and closings in their order."""
    committed, beacon = redrawn.committed, redrawn.beacon
    assert committed is not None and beacon is not None
    registry = Registry()
    registry.put(INSPECTIONS, [committed_row(known, redrawn)])
    registry.put(BEACONS, [beacon])
    for entry in known.entries:
        kind = entry.statement.kind
        registry.put(LOG, [known.settings_at(max(entry.index, 1))])
        if kind == DRAWN:
            yield from _drawn(registry, redrawn, entry)
        elif kind == FOUND:
            yield from _found(registry, known, entry)
        elif kind == CLOSED:
            yield from _closed(registry, entry)
    yield _standing(registry)


def committed_row(known: Known, redrawn: Redrawn) -> Inspection:
    """The inspection as its commitment makes it."""
    committed = redrawn.committed
    assert committed is not None
    settings = known.settings_at(max(committed.index, 1))
    return inspections.committed_row(committed, redrawn.commitment, settings, known.leaves[committed.index])


def _only(registry: Registry) -> Inspection:
    (row,) = registry.of(INSPECTIONS).values()
    return row


def _drawn(registry: Registry, redrawn: Redrawn, entry: Entry) -> Iterator[Told]:
    """Whether the stage was due, and how early it was seen; its sample is taken in."""
    row, body, name = _only(registry), entry.body, f"stage {_only(registry).stages_drawn + 1}"
    why = _not_due(registry, redrawn, entry)
    if why is not None:
        yield Broken(name, Flaw.WRONG_STAGE, why)
        return
    log = entry.statement.text.log
    settings = registry.of(LOG)[log]
    then, now = asked_then(row, log), asked_now(settings)
    fault = refuse_cosignatures(body.timely, now) or refuse_cosignatures(body.timely, then)
    fault = fault or refuse_proof(body.timely, row, log)
    if fault is not None:
        yield Broken("witnesses", Flaw.BAD_WITNESS, fault.detail)
        return
    after = _with_stage(registry, redrawn, entry)
    if body.timely is not None:
        times = witness_times_of(body.timely, then) | witness_times_of(body.timely, now)
        seen = ", ".join(f"{who} at {format_seconds(when)}" for who, when in times.items())
        yield Step("witnesses", PROVED, f"The commitment was seen by {seen or 'no witness of the log'}.")
    word = after.timely or UNWITNESSED
    yield Step("timely", TOLD if word == UNWITNESSED else PROVED, IN_TIME[word])
    registry.put(INSPECTIONS, [after])
    registry.put(SAMPLED, list(_sampled(registry, redrawn, after, entry.index)))
    late = (
        " Its notice came too late: it is withheld for ever." if after.withheld and not row.withheld else ""
    )
    yield Step(name, PROVED, f"It was due, and announced {format_milliseconds(entry.admitted_at)}.{late}")


def _not_due(registry: Registry, redrawn: Redrawn, entry: Entry) -> str | None:
    """Why this stage was not to be drawn then."""
    row, stages = _only(registry), redrawn.commitment.stages
    if row.state == STATE_CLOSED and row.verdict not in DRAWN_ALL_THE_SAME:
        return "the inspection was closed"
    if row.stages_drawn == 0:
        return None
    before, tally = stages[row.stages_drawn - 1], tally_of(registry.group(SAMPLED, row.inspection).values())
    if not tally.complete and entry.admitted_at <= day_of(before, FOUND_BY) * 1000:
        return "the stage before had findings to come"
    settled = outcome(tally, before, last=False)
    return None if settled is None else f"the stages before it say {settled} already"


def _with_stage(registry: Registry, redrawn: Redrawn, entry: Entry) -> Inspection:
    """The inspection after a draw."""
    row, body, commitment, framed = _only(registry), entry.body, redrawn.commitment, redrawn.framed
    assert redrawn.beacon is not None and framed is not None and isinstance(body, InspectionDrawn)
    beacon, stage = beacon_of(redrawn.beacon), commitment.stages[row.stages_drawn]
    word = row.timely
    if is_own(beacon.scheme):
        word = OWN_VRF
    elif word != TIMELY:
        settings = registry.of(LOG)[entry.statement.text.log]
        asked = (asked_then(row, settings.origin), asked_now(settings))
        word = timeliness(body.timely, asked, due_at(beacon, commitment.stages[0].round))
    is_late = entry.admitted_at > day_of(stage, NOTICE_BY) * 1000 and row.verdict != VOID_BEACON
    return replace(
        row,
        stages_drawn=row.stages_drawn + 1,
        drawn_at=f"{row.drawn_at} {entry.admitted_at // 1000}".lstrip(),
        timely=word,
        withheld=int(row.withheld or is_late),
        frame_count=framed.count,
        frame_root=framed.root,
        strata_counts=" ".join(str(framed.strata[stratum.name]) for stratum in commitment.strata),
        state=STATE_DRAWN,
        verdict=None,
        changed=entry.index,
    )


def _sampled(registry: Registry, redrawn: Redrawn, after: Inspection, index: int) -> Iterator[SampledChip]:
    known, number = registry.group(SAMPLED, after.inspection), after.stages_drawn
    for item, stratum in sorted(redrawn.selection(number - 1).items()):
        before = known.get((after.inspection, item))
        if before is None:
            before = SampledChip(after.inspection, item, "", stratum, None, "", None, None, index)
        stages = f"{before.stages} {number}".lstrip()
        yield replace(before, stages=stages, stratum=stratum, changed=index)


def _found(registry: Registry, known: Known, entry: Entry) -> Iterator[Told]:
    """The results of one visit, as the law counts them."""
    lines: list[FoundLine] = list(entry.lines)
    there = {line.chip for line in lines if line.position and line.chip} - known.unknown[entry.index]
    registry.put(CHIPS, [_standing_chip(chip, entry.body.site) for chip in sorted(there)])
    registry.put(SITES, [Site(entry.body.site, "", "", "", None, None, None, None, 0, 0)])
    verdict = judge_found(registry, entry)
    if isinstance(verdict, Rejection):
        yield Broken("findings", Flaw.WRONG_STATEMENT, f"entry {entry.index}: {verdict.detail}")
        return
    registry.apply(verdict)
    visits = "one visit" if len(lines) == 1 else f"{len(lines):,} visits"
    said = f"Entry {entry.index} tells of {visits} at {entry.body.site}."
    yield Step("findings", PROVED, said)


def _standing_chip(chip: str, site: str) -> Chip:
    """A chip of which only counts that the book knew it."""
    who = chip.partition(":")[0]
    nothing = (None,) * 5
    return Chip(chip, 0, None, "C", who, who, who, site, None, None, HELD, *nothing[:4], 0, 0)


def _closed(registry: Registry, entry: Entry) -> Iterator[Told]:
    """The verdict with every number, judged again."""
    row, body = _only(registry), entry.body
    # Of these two the file has nothing to count.
    registry.put(INSPECTIONS, [replace(row, known_missing=body.known_missing)])
    registry.put(SERIES, [Series(row.series, body.draw.m, row.inspection, row.born, entry.index)])
    verdict = judge_closing(registry, entry)
    if isinstance(verdict, Rejection):
        yield Broken("verdict", Flaw.WRONG_VERDICT, f"entry {entry.index}: {verdict.detail}")
        return
    registry.apply(verdict)
    bound = _only(registry).upper_bound
    told = ((name.replace("_", " "), number) for name, number in _counts(_only(registry)).items())
    counts = ", ".join(f"{name} {number:,}" for name, number in told if number) or "no counts"
    said = (
        ""
        if bound is None
        else f" At most {bound:,} can be missing in the whole frame, but for the stated risk."
    )
    yield Step(
        "verdict",
        PROVED,
        f"{body.verdict.replace('_', ' ')}: draw {body.draw.k} of {body.draw.m}; {counts}.{said}",
    )
    draws = "one draw" if body.draw.m == 1 else f"{body.draw.m} draws"
    yield Step(
        "the log's word",
        TOLD,
        f"{body.known_missing:,} chips were known to be missing before, the series has {draws}, "
        "and no finding is left out here: the log's judge saw to the first two, an audit to all three.",
    )


def _counts(row: Inspection) -> dict[str, int]:
    counts: dict[str, int] = decode((row.counts or "{}").encode(), "counts")
    return counts


def _standing(registry: Registry) -> Step:
    """How far it has come."""
    row = _only(registry)
    if row.state == STATE_CLOSED:
        return Step("state", PROVED, "The inspection is closed.")
    if row.stages_drawn == 0:
        return Step("state", PROVED, "Nothing is drawn yet.")
    now = conclude(row, registry.group(SAMPLED, row.inspection).values())
    so_far = (
        "a further stage is due" if now.verdict is None else f"it would be {now.verdict.replace('_', ' ')}"
    )
    return Step(
        "state",
        TOLD,
        f"As far as this file goes it is not closed: {now.visited:,} of {now.drawn:,} are visited; closed "
        f"now, {so_far}.",
    )
