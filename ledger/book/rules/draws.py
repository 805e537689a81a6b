"""Is the draw the one that was promised? The law of `inspection.drawn`.

The frame is the log's, never anybody's list: every chip, held or in transit, whose custodian is a
prover in the book just before the commitment's own entry. The draw is recomputed from the
beacon's pulse, the commitment and its secret; any other selection is refused.
"""

from hashlib import sha256

from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_sha256
from ledger.book.records.inspections import InspectionDrawn, Stage, Timely
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import Inspection
from ledger.book.rules.beacons import beacon_of, is_hex
from ledger.book.rules.frames import frame_key, strata_frame
from ledger.book.rules.inspections import VERIFIER, commitment_of
from ledger.book.rules.rule import Rule, Verdict, bad_field, unknown
from ledger.book.statement import Entry, Statement
from ledger.book.tables import BEACONS, INSPECTIONS, LOG
from ledger.inspection.beacon import Pulse, due_at, verify_pulse
from ledger.inspection.draw import draw_seed, draw_strata, frame_root

PROOF_HASHES_MAX = 63  # one a level of the highest tree
DRAWN = "drawn"
UNWITNESSED = "unwitnessed"
NOT_SHOWN = "not_shown"  # a quorum is asked for and no proof came: such a draw can only be void
CLAIMED = "claimed"  # a proof came; its cosignatures are weighed where the verdict is judged


def check_draw(statement: Statement) -> Rejection | None:
    """What needs only the statement: spellings."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    if not is_named(body.inspection) or not is_named(body.beacon):
        return bad_field("body.inspection and body.beacon are <party>/<name>")
    if not is_sha256(body.secret) or not is_sha256(body.frame.root) or body.frame.count < 0:
        return bad_field("body.secret and body.frame.root are 64 hex digits, the count 0 or more")
    if body.pulse.round != body.round or not is_hex(body.pulse.signature):
        return bad_field("body.pulse is of body.round, its signature hex")
    if body.pulse.previous_signature is not None and not is_hex(body.pulse.previous_signature):
        return bad_field("body.pulse.previous_signature is hex")
    if body.timely is not None and not _is_timely(body.timely):
        return bad_field("body.timely is a checkpoint and a proof of hashes of 64 hex digits each")
    return None


def _is_timely(timely: Timely) -> bool:
    return (
        bool(timely.checkpoint)
        and len(timely.proof) <= PROOF_HASHES_MAX
        and all(map(is_sha256, timely.proof))
    )


def needs_draw(statement: Statement) -> Needs:
    """The inspection, its beacon, the log's settings."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    needs = Needs().rows(INSPECTIONS, (body.inspection,)).rows(BEACONS, (body.beacon,))
    return needs.rows(LOG, (statement.text.log,))


def follow_draw(statement: Statement, registry: Registry) -> Needs:
    """The beacon that was committed to, and the frame, once the inspection says whose and when."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    needs = Needs()
    inspection = registry.get(INSPECTIONS, body.inspection)
    if inspection is not None and inspection.verifier == statement.party:
        needs.rows(BEACONS, (inspection.beacon,)).frames.add(frame_key(inspection))
    return needs


def _randomness(registry: Registry, body: InspectionDrawn) -> bytes | Rejection | None:
    """What the named beacon gave in that round, None where no such beacon is listed.

    A pulse is good or bad whatever the inspection: asked first, it tells strangers nothing of others'.
    """
    named = registry.get(BEACONS, body.beacon)
    if named is None:
        return None
    found = verify_pulse(beacon_of(named), _pulse(body))
    return bad_field("body.pulse does not verify under the beacon's listed key") if found is None else found


def refuse_pulse(registry: Registry, entry: Entry) -> Rejection | None:
    """`bad_field` for a pulse that the beacon never gave."""
    found = _randomness(registry, entry.body)
    return found if isinstance(found, Rejection) else None


def judge_draw(registry: Registry, entry: Entry) -> Verdict:
    """The selection recomputed, and accepted only where it is the one sent."""
    body: InspectionDrawn = entry.body
    randomness = _randomness(registry, body)
    if isinstance(randomness, Rejection):
        return randomness
    inspection = registry.get(INSPECTIONS, body.inspection)
    if inspection is None or inspection.verifier != entry.party:
        return unknown("body.inspection", body.inspection)
    if randomness is None:
        return unknown("body.beacon", body.beacon)
    stages = commitment_of(inspection).stages
    if inspection.stages_drawn >= len(stages):
        return Rejection(Reason.ENDED, f"body.inspection: every stage of {body.inspection} is drawn")
    stage = stages[inspection.stages_drawn]
    beacon = beacon_of(registry.of(BEACONS)[inspection.beacon])
    if due_at(beacon, stage.round) * 1000 > entry.admitted_at:
        return Rejection(Reason.TOO_EARLY, f"body.round: round {stage.round} is not due yet")
    if (body.beacon, body.round) != (inspection.beacon, stage.round):
        return _wrong(f"the draw uses {inspection.beacon} and its round {stage.round}")
    return _judge_selection(registry, entry, inspection, stage, randomness)


def _judge_selection(
    registry: Registry, entry: Entry, inspection: Inspection, stage: Stage, randomness: bytes
) -> Verdict:
    """The right round has come: the secret, the frame and the selection are recomputed from the log."""
    body: InspectionDrawn = entry.body
    commitment = commitment_of(inspection)
    secret = bytes.fromhex(body.secret)
    if sha256(secret).hexdigest() != stage.secret_sha256:
        return _wrong("body.secret is not the one committed to")
    frame = strata_frame(registry.frames[frame_key(inspection)], commitment.strata)
    if body.frame.count != len(frame) or body.frame.root != frame_root(frame).hex():
        return _wrong("body.frame is not the frame of the log")
    seed = draw_seed(body.beacon, body.round, randomness, bytes.fromhex(inspection.statement), secret)
    sizes = {stratum.name: size for stratum, size in zip(commitment.strata, stage.sizes, strict=True)}
    drawn = draw_strata(seed, frame, sizes)
    selected = sorted(ticket.chip for tickets in drawn.values() for ticket in tickets)
    if selected and not entry.lines:
        return Rejection(Reason.MANIFEST_MISMATCH, "inspection.drawn needs a manifest: chips are selected")
    if selected != [line.chip for line in entry.lines]:
        return _wrong("the manifest is not the selection the seed gives")
    return Changes().put(
        INSPECTIONS,
        replace(
            inspection,
            stages_drawn=inspection.stages_drawn + 1,
            frame_count=len(frame),
            frame_root=body.frame.root,
            timely=_timely(registry, entry, body),
            state=DRAWN,
            changed=entry.index,
        ),
    )


def _pulse(body: InspectionDrawn) -> Pulse:
    previous = body.pulse.previous_signature
    return Pulse(
        body.pulse.round,
        bytes.fromhex(body.pulse.signature),
        None if previous is None else bytes.fromhex(previous),
    )


def _timely(registry: Registry, entry: Entry, body: InspectionDrawn) -> str:
    """Where no witness is asked for, nobody can say when the commitment was seen; else it must be shown."""
    if registry.of(LOG)[entry.statement.text.log].quorum == 0:
        return UNWITNESSED
    return NOT_SHOWN if body.timely is None else CLAIMED


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
        refuse_pulse,
        heard_out=True,  # that lines are missing is known once it is drawn
    ),
)
