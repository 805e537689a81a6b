"""May a verifier bind itself like this? The law of `inspection.committed`.

Whoever commits names a round of a listed beacon that nobody can know yet, and goes through its series
number by number, one commitment at a time: what is hidden shows as a gap.
"""

from collections.abc import Sequence

import msgspec

from ledger.book.encoding import entry_bytes
from ledger.book.identifiers import is_named, is_party, is_sha256
from ledger.book.records.inspections import (
    InspectionCommitted,
    Stage,
    Stratum,
)
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection, earliest
from ledger.book.rows import Inspection, LogSettings, Series
from ledger.book.rules.beacons import beacon_of
from ledger.book.rules.directions import DIRECTIONS, FLOOR_TO_BOOK
from ledger.book.rules.planned import CHIP_CLASSES, PLANNERS, PPM, check_parameters
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
from ledger.book.rules.tallies import VOID_BEACON
from ledger.book.statement import Entry, Statement
from ledger.book.tables import BEACONS, INSPECTIONS, LOG, PARTIES, SERIES
from ledger.book.times import DAY_SECONDS, parse_seconds
from ledger.inspection.beacon import due_at, is_own
from ledger.inspection.stages import takes_back
from ledger.log.merkle import leaf_hash
from signing.canonical import encode

STAGES_MAX = 16
STRATA_MAX = 64
PROVERS_MAX = 1_000
ROUND_MAX = 2**53 - 1
ROUND_AHEAD_S_MAX = 731 * DAY_SECONDS  # two years: a slip of the pen must not block a series for ever
NOTICE_S_MAX = 92 * DAY_SECONDS  # from a round to its notice: a disliked draw becomes `withheld` some day
COMMITTED, DRAWN, CLOSED = "committed", "drawn", "closed"
NOTICE_BY, FOUND_BY = "notice_by", "found_by"
VERIFIER = frozenset({"verifier"})

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
        check_word("body.direction", body.direction, DIRECTIONS),
        check_word("body.planner", body.planner, PLANNERS),
        _check_strata(body.strata, body.direction),
        _check_stages(body.stages, len(body.strata)),
        None if body.planner not in PLANNERS else check_parameters(body),
    )


def _check_strata(strata: Sequence[Stratum], direction: str) -> Rejection | None:
    if not 1 <= len(strata) <= STRATA_MAX:
        return bad_field(f"body.strata: 1 to {STRATA_MAX}")
    if len({stratum.name for stratum in strata}) != len(strata):
        return bad_field("body.strata: one name twice")
    for stratum in strata:
        if not stratum.name or not all(c.isascii() and (c.isalnum() or c in "._-") for c in stratum.name):
            return bad_field("body.strata: a name is letters, digits, . _ -")
        if not all(name is None or is_named(name) for name in (stratum.site, stratum.model)):
            return bad_field("body.strata: site and model are <party>/<name>")
        if stratum.chip_class not in (None, *CHIP_CLASSES):
            return bad_field(f"body.strata: class is one of {', '.join(CHIP_CLASSES)}")
        if direction == FLOOR_TO_BOOK and (stratum.model, stratum.chip_class) != (None, None):
            return bad_field("body.strata: a position has a site, and neither model nor class")
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
        for what in (NOTICE_BY, FOUND_BY):
            moment = time_or_fault(f"body.stages.{what}", getattr(stage, what))
            if isinstance(moment, Rejection):
                return moment
        if day_of(stage, FOUND_BY) < day_of(stage, NOTICE_BY):
            return bad_field("body.stages: found_by is not before notice_by")
    if takes_back([(stage.accept, stage.reject) for stage in stages]):
        return bad_field("body.stages: no later accept reaches an earlier reject")
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


def refuse_days(registry: Registry, entry: Entry) -> Rejection | None:
    """`bad_field` where the beacon's clock shows a stage to be drawn too late, or known too soon.

    A stage whose round is due before the findings of the one before are would have its tickets known while
    the prover can still choose what to show.
    """
    beacon = registry.get(BEACONS, entry.body.beacon)
    if beacon is None:
        return None
    findings_due = None
    for stage in entry.body.stages:
        due = due_at(beacon_of(beacon), stage.round)
        if not due <= day_of(stage, NOTICE_BY) <= due + NOTICE_S_MAX:
            days = NOTICE_S_MAX // DAY_SECONDS
            return bad_field(f"body.stages: notice_by is when the round is due, or at most {days} days after")
        if due > entry.admitted_at // 1000 + ROUND_AHEAD_S_MAX:
            days = ROUND_AHEAD_S_MAX // DAY_SECONDS
            return bad_field(f"body.stages: a round is due at most {days} days after admission")
        if findings_due is not None and due < findings_due:
            return bad_field("body.stages: a later round is due at the found_by before it, or after")
        findings_due = day_of(stage, FOUND_BY)
    return None


def refuse_silent_beacon(registry: Registry, entry: Entry) -> Rejection | None:
    """`bad_field` where the series' last inspection was void by the silence of the beacon named again."""
    body: InspectionCommitted = entry.body
    series = registry.get(SERIES, body.series)
    before = None if series is None else registry.get(INSPECTIONS, series.inspection)
    if before is None or before.verdict != VOID_BEACON or before.beacon != body.beacon:
        return None
    return bad_field(f"body.beacon was silent for {before.inspection}: the next number names another")


def refuse_early(registry: Registry, entry: Entry) -> Rejection | None:
    """What only the book shows to be no value to commit to."""
    return refuse_days(registry, entry) or refuse_silent_beacon(registry, entry)


def judge_commitment(registry: Registry, entry: Entry) -> Verdict:
    """A verifier bound, in order within its series, to a round nobody can know yet."""
    body: InspectionCommitted = entry.body
    fault = refuse_early(registry, entry)
    if fault is not None:
        return fault
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
    # A verifier's own key is bound to this entry's leaf: before that its value does not exist.
    settings = registry.of(LOG)[entry.statement.text.log]
    lead_s = 0 if is_own(beacon.scheme) else settings.beacon_lead_s
    first = due_at(beacon_of(beacon), body.stages[0].round) * 1000
    if first < entry.admitted_at + lead_s * 1000:
        return Rejection(Reason.TOO_EARLY, f"body.stages: a round is due {lead_s} s after admission or later")
    leaf = leaf_hash(entry_bytes(entry.admitted_at, entry.statement.bundle.envelope)).hex()
    row = committed_row(entry, body, settings, leaf)
    return (
        Changes()
        .put(INSPECTIONS, row)
        .put(SERIES, Series(body.series, number, body.inspection, born, entry.index))
    )


def committed_row(entry: Entry, body: InspectionCommitted, settings: LogSettings, leaf: str) -> Inspection:
    """The inspection as its commitment makes it; `leaf` is the hex leaf hash of its entry."""
    return Inspection(
        body.inspection,
        body.series,
        body.number,
        entry.party,
        entry.statement.statement_id,
        leaf,
        " ".join(body.provers),
        body.direction,
        body.beacon,
        encode(body).decode(),
        quorum=settings.quorum,
        timely_lead_s=settings.timely_lead_s,
        witnesses=settings.witnesses,
        stages_drawn=0,
        seeds="",
        drawn_at="",
        frame_count=None,
        frame_root=None,
        strata_counts=None,
        known_missing=None,
        timely=None,
        withheld=0,
        state=COMMITTED,
        verdict=None,
        counts=None,
        upper_bound=None,
        off_book=None,
        draws=None,
        born=entry.index,
        changed=entry.index,
    )


def commitment_of(inspection: Inspection) -> InspectionCommitted:
    """The body of the commitment, as it was said."""
    return _commitments.decode(inspection.commitment)


def _is_open(inspection: Inspection, admitted_at: int) -> bool:
    """A stage is still to be drawn, and its notice not yet due: after that it is withheld for ever."""
    stages = commitment_of(inspection).stages
    if inspection.state == CLOSED or inspection.stages_drawn == len(stages):
        return False
    return admitted_at <= day_of(stages[inspection.stages_drawn], NOTICE_BY) * 1000


def day_of(stage: Stage, what: str) -> int:
    """When a stage's notice or findings are due, in Unix seconds."""
    return parse_seconds(getattr(stage, what), what)


RULES = (
    Rule(
        "inspection.committed",
        needs_commitment,
        judge_commitment,
        check_commitment,
        follow_commitment,
        VERIFIER,
        refuse_early,
    ),
)
