"""Is the draw the one that was promised? The law of `inspection.committed` and `inspection.drawn`.

The frame is the log's, never anybody's list: every chip, held or in transit, whose custodian is a
prover in the book just before the commitment's own entry. The draw is recomputed from the
beacon's pulse, the commitment and its secret; any other selection is refused.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from ledger.book.identifiers import is_named, is_party, is_sha256
from ledger.book.records.inspections import (
    InspectionCommitted,
    InspectionDrawn,
    Stage,
    Stratum,
)
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import BEACONS, INSPECTIONS, LOG, PARTIES, SERIES, Inspection, Series
from ledger.book.rules.beacons import beacon_of, is_hex
from ledger.book.rules.frames import frame_key, strata_frame
from ledger.book.rules.rule import (
    Rule,
    Verdict,
    bad_field,
    check_own_id,
    check_word,
    check_words,
    time_or_fault,
    unknown,
)
from ledger.book.statement import Entry, Statement
from ledger.book.times import parse_seconds
from ledger.inspection.beacon import Pulse, due_at, verify_pulse
from ledger.inspection.draw import draw_seed, draw_strata, frame_root
from signing.canonical import encode

PPM = 1_000_000
STAGES_MAX = 16
STRATA_MAX = 64
PROVERS_MAX = 1_000
ROUND_MAX = 2**53 - 1
COMMITTED = "committed"
DRAWN = "drawn"
UNWITNESSED = "unwitnessed"
NOT_SHOWN = "not_shown"  # a quorum is asked for and no proof came: such a draw can only be void
CLAIMED = "claimed"  # a proof came; its cosignatures are weighed where the verdict is judged

_commitments = msgspec.json.Decoder(InspectionCommitted)


def check_commitment(statement: Statement) -> Rejection | None:
    """What needs only the statement: ids, strata, stages, probabilities in ppm."""
    body = statement.body
    assert isinstance(body, InspectionCommitted)
    if not is_named(body.beacon):
        return bad_field("body.beacon is no <party>/<name>")
    if not 1 <= len(body.provers) <= PROVERS_MAX or not all(map(is_party, body.provers)):
        return bad_field(f"body.provers are 1 to {PROVERS_MAX} party ids")
    if not 0 < body.beta_ppm < PPM:
        return bad_field("body.beta_ppm is between 1 and 999,999")
    if body.number < 1:
        return bad_field("body.number is 1 or more")
    return earliest(
        check_own_id(statement, "inspection", body.inspection),
        check_own_id(statement, "series", body.series),
        check_words("body.provers", body.provers),
        check_word("body.direction", body.direction, ("book_to_floor",)),
        check_word("body.planner", body.planner, ("presence",)),
        _check_strata(body.strata),
        _check_stages(body.stages, len(body.strata)),
    )


def _check_strata(strata: Sequence[Stratum]) -> Rejection | None:
    if not 1 <= len(strata) <= STRATA_MAX:
        return bad_field(f"body.strata: 1 to {STRATA_MAX}")
    if len({stratum.name for stratum in strata}) != len(strata):
        return bad_field("body.strata: one name twice")
    for stratum in strata:
        if not stratum.name or not all(c.isascii() and (c.isalnum() or c in "._-") for c in stratum.name):
            return bad_field("body.strata: a name is letters, digits, . _ -")
    last = strata[-1]
    if (last.site, last.model, last.chip_class) != (None, None, None):
        return bad_field("body.strata: the last takes the rest, it has no predicate")
    return None


def _check_stages(stages: Sequence[Stage], strata: int) -> Rejection | None:
    if not 1 <= len(stages) <= STAGES_MAX:
        return bad_field(f"body.stages: 1 to {STAGES_MAX}")
    rounds = [stage.round for stage in stages]
    if any(not 1 <= number <= ROUND_MAX for number in rounds) or sorted(set(rounds)) != rounds:
        return bad_field("body.stages: rounds are 1 or more and ascend")
    secrets = {stage.secret_sha256 for stage in stages}
    if len(secrets) != len(stages) or not all(map(is_sha256, secrets)):
        return bad_field("body.stages: each has its own secret_sha256 of 64 hex digits")
    for stage in stages:
        if len(stage.sizes) != strata or any(size < 0 for size in stage.sizes):
            return bad_field("body.stages: sizes are as many as the strata, 0 or more each")
        if not 0 <= stage.accept < stage.reject:
            return bad_field("body.stages: 0 <= accept < reject")
        for what in ("notice_by", "found_by"):
            moment = time_or_fault(f"body.stages.{what}", getattr(stage, what))
            if isinstance(moment, Rejection):
                return moment
    return None


def needs_commitment(statement: Statement) -> Needs:
    """The provers, the beacon, the series and its last inspection, the waits."""
    body = statement.body
    assert isinstance(body, InspectionCommitted)
    needs = Needs().rows(PARTIES, body.provers).rows(BEACONS, (body.beacon,)).rows(SERIES, (body.series,))
    return needs.rows(INSPECTIONS, (body.inspection,)).rows(LOG, (statement.text.log,))


def follow_commitment(statement: Statement, registry: Registry) -> Needs:
    """The inspection the series ended with."""
    body = statement.body
    assert isinstance(body, InspectionCommitted)
    series = registry.get(SERIES, body.series)
    return Needs().rows(INSPECTIONS, () if series is None else (series.inspection,))


def judge_commitment(registry: Registry, entry: Entry) -> Verdict:
    """A verifier bound, in order within its series, to a round nobody can know yet."""
    body: InspectionCommitted = entry.body
    if registry.get(INSPECTIONS, body.inspection) is not None:
        return Rejection(Reason.ID_TAKEN, f"body.inspection: {body.inspection} is committed already")
    for prover in body.provers:
        if registry.get(PARTIES, prover) is None:
            return unknown("body.provers", prover)
    beacon = registry.get(BEACONS, body.beacon)
    if beacon is None:
        return unknown("body.beacon", body.beacon)
    series = registry.get(SERIES, body.series)
    number = 1 if series is None else series.number + 1
    if body.number != number:
        return Rejection(Reason.BAD_NUMBER, f"body.number: the next of {body.series} is {number}")
    if series is not None and _is_open(registry.of(INSPECTIONS)[series.inspection], entry.admitted_at):
        return Rejection(Reason.OPEN_COMMITMENT, f"body.series: {series.inspection} is not drawn yet")
    born = entry.index if series is None else series.born
    lead_s = registry.of(LOG)[entry.statement.text.log].beacon_lead_s
    first = due_at(beacon_of(beacon), body.stages[0].round) * 1000
    if first < entry.admitted_at + lead_s * 1000:
        return Rejection(Reason.TOO_EARLY, f"body.stages: a round is due {lead_s} s after admission or later")
    row = Inspection(
        body.inspection,
        body.series,
        number,
        entry.party,
        entry.statement.statement_id,
        " ".join(body.provers),
        body.beacon,
        encode(body).decode(),
        0,
        None,
        None,
        None,
        COMMITTED,
        entry.index,
        entry.index,
    )
    return (
        Changes()
        .put(INSPECTIONS, row)
        .put(SERIES, Series(body.series, number, body.inspection, born, entry.index))
    )


def commitment_of(inspection: Inspection) -> InspectionCommitted:
    """The body of the commitment, as it was said."""
    return _commitments.decode(inspection.commitment)


def _is_open(inspection: Inspection, admitted_at: int) -> bool:
    """Not all drawn, and the last notice not yet due: after that it is withheld for ever."""
    stages = commitment_of(inspection).stages
    if inspection.stages_drawn == len(stages):
        return False
    return admitted_at <= parse_seconds(stages[-1].notice_by, "notice_by") * 1000


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
    return None


def needs_draw(statement: Statement) -> Needs:
    """The inspection, its beacon, the log's settings."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    needs = Needs().rows(INSPECTIONS, (body.inspection,)).rows(BEACONS, (body.beacon,))
    return needs.rows(LOG, (statement.text.log,))


def follow_draw(statement: Statement, registry: Registry) -> Needs:
    """The frame, once the inspection says whose and when."""
    body = statement.body
    assert isinstance(body, InspectionDrawn)
    needs = Needs()
    inspection = registry.get(INSPECTIONS, body.inspection)
    if inspection is not None and inspection.verifier == statement.party:
        needs.frames.add(frame_key(inspection))
    return needs


def judge_draw(registry: Registry, entry: Entry) -> Verdict:
    """The selection recomputed, and accepted only where it is the one sent."""
    body: InspectionDrawn = entry.body
    inspection = registry.get(INSPECTIONS, body.inspection)
    if inspection is None or inspection.verifier != entry.party:
        return unknown("body.inspection", body.inspection)
    commitment = commitment_of(inspection)
    stages = commitment.stages
    if inspection.stages_drawn >= len(stages):
        return Rejection(Reason.ENDED, f"body.inspection: every stage of {body.inspection} is drawn")
    stage = stages[inspection.stages_drawn]
    beacon = beacon_of(registry.of(BEACONS)[inspection.beacon])
    if (body.beacon, body.round) != (inspection.beacon, stage.round):
        return _wrong(f"the draw uses {inspection.beacon} and its round {stage.round}")
    randomness = verify_pulse(beacon, _pulse(body))
    if randomness is None:
        return bad_field("body.pulse does not verify under the beacon's listed key")
    if due_at(beacon, body.round) * 1000 > entry.admitted_at:
        return Rejection(Reason.TOO_EARLY, f"body.round: round {body.round} is not due yet")
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


VERIFIER = frozenset({"verifier"})
RULES = (
    Rule(
        "inspection.committed",
        needs_commitment,
        judge_commitment,
        check_commitment,
        follow_commitment,
        VERIFIER,
    ),
    Rule("inspection.drawn", needs_draw, judge_draw, check_draw, follow_draw, VERIFIER),
)
