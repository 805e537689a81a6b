"""Is the draw the one that was promised? The law of `inspection.drawn`.

The frame is the log's, never anybody's list: every chip, held or in transit, whose custodian is a
prover in the book just before the commitment's own entry, or every position of their sites. The draw is
recomputed from the beacon's pulse, the commitment and its secret; any other selection is refused. A further
stage waits for the findings of the one before, and is not drawn where these have settled the matter.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_sha256
from ledger.book.records.inspections import InspectionDrawn, Stage
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Inspection, SampledChip
from ledger.book.rules.beacons import beacon_of
from ledger.book.rules.directions import frame_key, missing_key
from ledger.book.rules.frames import listing_of, root_of_listing, selection
from ledger.book.rules.inspections import (
    CLOSED,
    DRAWN,
    FOUND_BY,
    NOTICE_BY,
    VERIFIER,
    commitment_of,
    day_of,
)
from ledger.book.rules.items import check_items, fits_direction, items_of
from ledger.book.rules.pulses import check_pulse, randomness_of
from ledger.book.rules.rule import Rule, Verdict, bad_field, unknown
from ledger.book.rules.tallies import VOID_BEACON, WITHHELD, outcome, tally_of
from ledger.book.rules.timeliness import (
    TIMELY,
    asked_now,
    asked_then,
    check_timely,
    refuse_cosignatures,
    refuse_proof,
    timeliness,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import BEACONS, INSPECTIONS, LOG, SAMPLED
from ledger.inspection.beacon import due_at, is_own
from ledger.inspection.draw import draw_seed
from ledger.inspection.vrf import OWN_VRF

DRAWN_ALL_THE_SAME = frozenset({WITHHELD, VOID_BEACON})  # verdicts after which the sample is still due


def is_drawn_out(inspection: Inspection) -> bool:
    """Whether no stage is left: nobody asks for its frame again."""
    return inspection.stages_drawn >= len(commitment_of(inspection).stages)


def check_draw(statement: Statement) -> Rejection | None:
    """What needs only the statement: spellings."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    if not is_named(body.inspection) or not is_named(body.beacon):
        return bad_field("body.inspection and body.beacon are <party>/<name>")
    if not is_sha256(body.secret) or not is_sha256(body.frame.root) or body.frame.count < 0:
        return bad_field("body.secret and body.frame.root are 64 hex digits, the count 0 or more")
    if body.pulse.round != body.round:
        return bad_field("body.pulse is of body.round")
    if any(line.chip and line.position for line in statement.lines):  # type: ignore[attr-defined]
        return bad_field("manifest: a position is drawn, not what stands there")
    return earliest(
        check_pulse(body.pulse),
        check_timely(body.timely, statement.text.log),
        check_items(statement.lines),  # type: ignore[arg-type]
    )


def needs_draw(statement: Statement) -> Needs:
    """The inspection, its beacon, the log's settings."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    needs = Needs().rows(INSPECTIONS, (body.inspection,)).rows(BEACONS, (body.beacon,))
    return needs.rows(LOG, (statement.text.log,))


def follow_draw(statement: Statement, registry: Registry) -> Needs:
    """The beacon that was committed to, the frame, and what the stages before drew and found."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    needs = Needs()
    inspection = registry.get(INSPECTIONS, body.inspection)
    if inspection is not None and inspection.verifier == statement.party:
        needs.rows(BEACONS, (inspection.beacon,)).group(SAMPLED, body.inspection)
        needs.frames.update((frame_key(inspection), missing_key(inspection)))
    return needs


def _randomness(
    registry: Registry, body: InspectionDrawn, inspection: Inspection | None
) -> bytes | Rejection | None:
    """What the named beacon gave in that round, None where no such beacon is listed.

    A beacon's pulse is good or bad whatever the inspection: asked first, it tells strangers nothing of
    others'. The proof of a verifier's own key is about the leaf of one commitment, and is weighed by it only.
    """
    named = registry.get(BEACONS, body.beacon)
    if named is None or (inspection is None and is_own(named.scheme) and body.pulse.proof is not None):
        return None
    found = randomness_of(named, body.pulse, b"" if inspection is None else bytes.fromhex(inspection.leaf))
    return bad_field("body.pulse does not verify under the beacon's listed key") if found is None else found


def refuse_objects(registry: Registry, entry: Entry) -> Rejection | None:
    """`bad_field` for a pulse the beacon never gave, a cosignature or a proof that is none."""
    body: InspectionDrawn = entry.body
    inspection = _own(registry, entry)
    found = _randomness(registry, body, inspection)
    if isinstance(found, Rejection):
        return found
    log = entry.statement.text.log
    fault = refuse_cosignatures(body.timely, asked_now(registry.of(LOG)[log]))
    if fault is not None or inspection is None:
        return fault
    fault = refuse_cosignatures(body.timely, asked_then(inspection, log))
    if fault is not None:
        return fault
    if not fits_direction(entry.lines, inspection.direction):
        return bad_field(f"manifest: {inspection.direction} draws the other sort of thing")
    return refuse_proof(body.timely, inspection, log)


def _own(registry: Registry, entry: Entry) -> Inspection | None:
    inspection = registry.get(INSPECTIONS, entry.body.inspection)
    return None if inspection is None or inspection.verifier != entry.party else inspection


def judge_draw(registry: Registry, entry: Entry) -> Verdict:
    """The selection recomputed, and accepted only where it is the one sent."""
    body: InspectionDrawn = entry.body
    fault = refuse_objects(registry, entry)
    if fault is not None:
        return fault
    inspection = _own(registry, entry)
    if inspection is None:
        return unknown("body.inspection", body.inspection)
    randomness = _randomness(registry, body, inspection)
    if not isinstance(randomness, bytes):
        return unknown("body.beacon", body.beacon)
    stages = commitment_of(inspection).stages
    fault = _refuse_stage(registry, entry, inspection, stages)
    if fault is not None:
        return fault
    stage = stages[inspection.stages_drawn]
    beacon = beacon_of(registry.of(BEACONS)[inspection.beacon])
    if due_at(beacon, stage.round) * 1000 > entry.admitted_at:
        return Rejection(Reason.TOO_EARLY, f"body.round: round {stage.round} is not due yet")
    if (body.beacon, body.round) != (inspection.beacon, stage.round):
        return _wrong(f"the draw uses {inspection.beacon} and its round {stage.round}")
    return _judge_selection(registry, entry, inspection, stage, randomness)


def _refuse_stage(
    registry: Registry, entry: Entry, inspection: Inspection, stages: list[Stage]
) -> Rejection | None:
    """`ended` where no stage is due any more, `too_early` where the one before has findings to come."""
    name, drawn = inspection.inspection, inspection.stages_drawn
    if drawn >= len(stages):
        return Rejection(Reason.ENDED, f"body.inspection: every stage of {name} is drawn")
    if inspection.state == CLOSED and inspection.verdict not in DRAWN_ALL_THE_SAME:
        return Rejection(Reason.ENDED, f"body.inspection: {name} is closed")
    if drawn == 0:
        return None
    before = stages[drawn - 1]
    tally = tally_of(registry.group(SAMPLED, name).values())
    if not tally.complete and entry.admitted_at <= day_of(before, FOUND_BY) * 1000:
        return Rejection(Reason.TOO_EARLY, f"body.inspection: stage {drawn} has findings to come")
    settled = outcome(tally, before, last=False)
    if settled is not None:
        return Rejection(Reason.ENDED, f"body.inspection: the stages so far say {settled}")
    return None


def _judge_selection(
    registry: Registry, entry: Entry, inspection: Inspection, stage: Stage, randomness: bytes
) -> Verdict:
    """The right round has come: the secret, the frame and the selection are recomputed from the log."""
    body: InspectionDrawn = entry.body
    commitment = commitment_of(inspection)
    secret = bytes.fromhex(body.secret)
    if sha256(secret).hexdigest() != stage.secret_sha256:
        return _wrong("body.secret is not the one committed to")
    frame = registry.frames[frame_key(inspection)]
    listing = listing_of(frame, commitment.strata)
    if body.frame.count != len(frame) or body.frame.root != root_of_listing(listing, inspection.direction):
        return _wrong("body.frame is not the frame of the log")
    seed = draw_seed(body.beacon, body.round, randomness, bytes.fromhex(inspection.statement), secret)
    tickets = selection(frame, commitment.strata, seed, stage.sizes)
    drawn = {ticket.chip: stratum for stratum, found in tickets.items() for ticket in found}
    if drawn and not entry.lines:
        return Rejection(Reason.MANIFEST_MISMATCH, "inspection.drawn needs a manifest: chips are selected")
    if sorted(drawn) != items_of(entry.lines):
        return _wrong("the manifest is not the selection the seed gives")
    after = _with_stage(registry, entry, inspection, stage)
    after = replace(
        after,
        seeds=f"{inspection.seeds} {seed.hex()}".lstrip(),
        frame_count=len(frame),
        frame_root=body.frame.root,
        strata_counts=" ".join(str(listing.counts[stratum.name]) for stratum in commitment.strata),
        known_missing=len(registry.frames[missing_key(inspection)]),
    )
    sampled = _sampled(registry, after, drawn, entry.index)
    return Changes().put(INSPECTIONS, after).put(SAMPLED, *sampled)


def _with_stage(registry: Registry, entry: Entry, inspection: Inspection, stage: Stage) -> Inspection:
    """One stage more is drawn: in time, or too late for ever, unless its beacon had been silent."""
    settings = registry.of(LOG)[entry.statement.text.log]
    beacon = beacon_of(registry.of(BEACONS)[inspection.beacon])
    first = due_at(beacon, commitment_of(inspection).stages[0].round)
    word = inspection.timely
    if is_own(beacon.scheme):  # no witness is needed to show that its value came after the leaf
        word = OWN_VRF
    elif word != TIMELY:  # what was shown once is shown
        asked = (asked_then(inspection, settings.origin), asked_now(settings))
        word = timeliness(entry.body.timely, asked, first)
    is_late = entry.admitted_at > day_of(stage, NOTICE_BY) * 1000 and inspection.verdict != VOID_BEACON
    return replace(
        inspection,
        stages_drawn=inspection.stages_drawn + 1,
        drawn_at=f"{inspection.drawn_at} {entry.admitted_at // 1000}".lstrip(),
        timely=word,
        withheld=int(inspection.withheld or is_late),
        state=DRAWN,
        verdict=None,
        counts=None,
        upper_bound=None,
        off_book=None,
        draws=None,
        changed=entry.index,
    )


def _sampled(
    registry: Registry, inspection: Inspection, drawn: Mapping[str, str], index: int
) -> Iterable[SampledChip]:
    """A row for each that was drawn; one drawn before, or come upon, keeps what was found."""
    known, number = registry.group(SAMPLED, inspection.inspection), inspection.stages_drawn
    for item, stratum in sorted(drawn.items()):
        before = known.get((inspection.inspection, item))
        if before is None:
            yield SampledChip(inspection.inspection, item, str(number), stratum, None, "", None, None, index)
        else:
            stages = f"{before.stages} {number}".lstrip()
            yield replace(before, stages=stages, stratum=stratum, changed=index)


def _wrong(detail: str) -> Rejection:
    return Rejection(Reason.WRONG_SELECTION, detail)


RULES = (
    Rule(
        "inspection.drawn",
        needs_draw,
        judge_draw,
        check_draw,
        follow_draw,
        VERIFIER,
        refuse_objects,
        heard_out=True,  # that lines are missing is known once it is drawn
    ),
)
