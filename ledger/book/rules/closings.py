"""What does an inspection come to? The law of `inspection.closed`.

The verdict follows from the log: whether witnesses had seen the commitment, whether every stage was drawn by
its day, what was found. The judge computes it with every number, in integers, and refuses any other. Whoever
lets a stage go by is told `withheld`; a beacon that may have been silent for two days excuses it, for all to
see, and its sample stays due.
"""

from msgspec.structs import replace

from ledger.book.identifiers import is_named
from ledger.book.records.inspections import Counts, InspectionClosed
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import Inspection
from ledger.book.rules.beacons import beacon_of
from ledger.book.rules.conclusions import VOID, bound_of, counts_of, settled, silent_from, withheld_after
from ledger.book.rules.inspections import CLOSED, VERIFIER
from ledger.book.rules.rule import Rule, Verdict, bad_field, check_word, unknown
from ledger.book.rules.tallies import (
    CLEAN,
    INCONCLUSIVE_VERDICT,
    VIOLATIONS,
    VOID_BEACON,
    WITHHELD,
    Tally,
    tally_of,
)
from ledger.book.statement import Entry, Statement
from ledger.book.tables import BEACONS, INSPECTIONS, SAMPLED, SERIES
from ledger.inspection.beacon import is_own
from signing.canonical import encode

OF_FINDINGS = (CLEAN, VIOLATIONS, INCONCLUSIVE_VERDICT)
VERDICTS = (*OF_FINDINGS, VOID, VOID_BEACON, WITHHELD)
MAY_BE_LEFT_OUT = ("not_visited", "duplicate")


def check_closing(statement: Statement) -> Rejection | None:
    """What needs only the statement: a name, a word, numbers from 0."""
    body = statement.body
    assert isinstance(body, InspectionClosed)
    if not is_named(body.inspection):
        return bad_field("body.inspection is no <party>/<name>")
    counts = (getattr(body.counts, name) for name in body.counts.__struct_fields__)
    numbers = (*counts, body.known_missing, body.off_book, body.upper_bound)
    if any(number is not None and number < 0 for number in numbers):
        return bad_field("body: every count is 0 or more")
    if not 1 <= body.draw.k <= body.draw.m:
        return bad_field("body.draw: k is 1 or more, m at least k")
    return check_word("body.verdict", body.verdict, VERDICTS)


def needs_closing(statement: Statement) -> Needs:
    """The inspection."""
    body = statement.body
    assert isinstance(body, InspectionClosed)
    return Needs().rows(INSPECTIONS, (body.inspection,))


def follow_closing(statement: Statement, registry: Registry) -> Needs:
    """Its series, its beacon, and everything it drew."""
    body, needs = statement.body, Needs()
    assert isinstance(body, InspectionClosed)
    inspection = registry.get(INSPECTIONS, body.inspection)
    if inspection is None or inspection.verifier != statement.party:
        return needs
    needs.rows(SERIES, (inspection.series,)).rows(BEACONS, (inspection.beacon,))
    return needs.group(SAMPLED, inspection.inspection)


def judge_closing(registry: Registry, entry: Entry) -> Verdict:
    """The verdict, where it is the one the findings give, with the numbers they give."""
    body: InspectionClosed = entry.body
    inspection = registry.get(INSPECTIONS, body.inspection)
    if inspection is None or inspection.verifier != entry.party:
        return unknown("body.inspection", body.inspection)
    tally = tally_of(registry.group(SAMPLED, inspection.inspection).values())
    bound = bound_of(inspection, tally) if body.verdict in OF_FINDINGS else None
    draws = registry.of(SERIES)[inspection.series].number
    fault = _refuse_numbers(body, inspection, tally, bound, draws)
    if fault is not None:
        return fault
    fault = _refuse_verdict(registry, entry, inspection, tally)
    if fault is not None:
        return fault
    after = replace(
        inspection,
        state=CLOSED,
        verdict=body.verdict,
        counts=encode(counts_of(tally)).decode(),
        upper_bound=bound,
        off_book=tally.off_book,
        draws=draws,
        changed=entry.index,
    )
    return Changes().put(INSPECTIONS, after)


def refuse_closing(registry: Registry, entry: Entry) -> Rejection | None:
    """`bad_field` for a number or a verdict that does not follow."""
    verdict = judge_closing(registry, entry)
    return verdict if isinstance(verdict, Rejection) and verdict.reason is Reason.BAD_FIELD else None


def _refuse_numbers(
    body: InspectionClosed, inspection: Inspection, tally: Tally, bound: int | None, draws: int
) -> Rejection | None:
    """Of the numbers said the first that is another than the log's."""
    ours = counts_of(tally)
    for name in Counts.__struct_fields__:
        said = getattr(body.counts, name)
        if said != getattr(ours, name) and not (said is None and name in MAY_BE_LEFT_OUT):
            return bad_field(f"body.counts.{name} is {getattr(ours, name)}")
    missing = inspection.known_missing or 0
    if body.known_missing != missing:
        return bad_field(f"body.known_missing is {missing}")
    if body.off_book != tally.off_book:
        return bad_field(f"body.off_book is {tally.off_book}")
    if (body.draw.k, body.draw.m) != (inspection.number, draws):
        return bad_field(f"body.draw is {inspection.number} of {draws}")
    if body.upper_bound is not None and body.upper_bound != bound:
        return bad_field("body.upper_bound is " + (f"{bound}" if bound is not None else "not said here"))
    return None


def _refuse_verdict(
    registry: Registry, entry: Entry, inspection: Inspection, tally: Tally
) -> Rejection | None:
    """`bad_field` for another verdict, `ended` for a second one, `too_early` for one whose day is to come."""
    said, drawn = entry.body.verdict, inspection.stages_drawn
    due = settled(inspection, tally)
    waits = due is None and said in (WITHHELD, VOID_BEACON)
    if due is not None and said != due:
        return bad_field(f"body.verdict is {due}")
    if due is None and not waits:
        return bad_field(f"body.verdict: stage {drawn + 1} is to be drawn before anything is settled")
    if inspection.state == CLOSED:
        return Rejection(Reason.ENDED, f"body.inspection: {inspection.inspection} is closed")
    if due is not None:
        return None
    if said == WITHHELD:
        ready = entry.admitted_at > withheld_after(inspection) * 1000
    else:
        beacon = beacon_of(registry.of(BEACONS)[inspection.beacon])
        if is_own(beacon.scheme):
            return bad_field("body.verdict: a verifier's own key is never silent, only withheld")
        ready = entry.admitted_at >= silent_from(inspection, beacon) * 1000
    if ready:
        return None
    return Rejection(Reason.TOO_EARLY, f"body.verdict: stage {drawn + 1} may still be drawn in time")


RULES = (
    Rule(
        "inspection.closed",
        needs_closing,
        judge_closing,
        check_closing,
        follow_closing,
        VERIFIER,
        refuse_closing,
        heard_out=True,  # a number that does not follow is known once it is counted
    ),
)
