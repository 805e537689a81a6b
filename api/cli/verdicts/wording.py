"""How is a verdict said to somebody who must answer for it?

One sentence with every number that belongs to it, and tables of what it rests on. Numbers have thousands
separated; nothing is rounded but a confidence that has more digits than its risk in millionths. Knows no
network.
"""

from collections import Counter
from fractions import Fraction
from typing import Any

from api.cli.verdicts.case import Case
from ledger.book.rules.conclusions import VOID, Conclusion
from ledger.book.rules.tallies import ACCUSING, NOT_VISITED, VOID_BEACON, WITHHELD

PPM_PER_PERCENT = 10_000
HUNDRED_PERCENT = 100
MEANT = {
    "unwitnessed": "unwitnessed (the log asks for no witness)",
    "own_vrf": "own key, no public beacon",
    "withheld": "withheld",
    "void": "void",
    "void_beacon": "beacon silent",
}


def accused(told: Conclusion) -> int:
    """How many of the drawn were found amiss."""
    return sum(getattr(told.counts, result) for result in ACCUSING)


def unconfirmed(told: Conclusion) -> int:
    """How many of the drawn were visited, and neither confirmed nor found amiss."""
    return told.visited - told.counts.confirmed - accused(told)


def confidence(beta_ppm: int) -> str:
    """One less the risk, in per cent, exact."""
    share = HUNDRED_PERCENT - Fraction(beta_ppm, PPM_PER_PERCENT)
    return f"{float(share):.4f}".rstrip("0").rstrip(".")


def sentence(case: Case, verdict: str) -> str:
    """What the inspection says, in one sentence."""
    row, told = case.row, case.conclusion
    begins = f"Draw {row.number:,} of {case.draws:,} in series {row.series}: "
    parts = [_visited(case)]
    if verdict in (VOID, VOID_BEACON, WITHHELD):
        parts.append(_why_not(case, verdict))
    elif told.upper_bound is not None:
        sure = confidence(case.commitment.beta_ppm)
        are = "is" if told.upper_bound == 1 else "are"
        bound = f"at {sure} % confidence at most {told.upper_bound:,} {are} missing"
        doubtful = told.drawn - told.counts.confirmed > accused(told)
        parts.append(bound + (", counting what was not confirmed" if doubtful else ""))
    parts.append(f"{told.known_missing:,} known missing apart")
    parts.append(f"{told.off_book:,} off the book apart")
    labels = [MEANT.get(label, label) for label in case.labels]
    if labels:
        parts.append(f"labelled: {', '.join(labels)}")
    return begins + "; ".join([*parts, f"verdict: {verdict.replace('_', ' ')}"]) + "."


def _visited(case: Case) -> str:
    told = case.conclusion
    if case.row.frame_count is None:
        return "nothing drawn"
    frame = f"{case.row.frame_count:,}"
    if told.visited == told.drawn:
        done = f"{told.visited:,} of {frame} visited"
    else:
        done = f"{told.visited:,} visited of {told.drawn:,} drawn from {frame}"
    open_ones = unconfirmed(told)
    return f"{done}, {accused(told):,} missing" + (f", {open_ones:,} not confirmed" if open_ones else "")


def _why_not(case: Case, verdict: str) -> str:
    """Why the sample bounds nothing."""
    stage = case.row.stages_drawn + 1
    if verdict == VOID:
        return "no bound, for nothing shows that witnesses had seen the commitment in time"
    if verdict == VOID_BEACON:
        return f"no bound, for the beacon gave no round for stage {stage} in 48 hours"
    if case.row.withheld:
        return "no bound, for a stage was drawn after its day"
    by = case.commitment.stages[case.row.stages_drawn].notice_by
    return f"no bound, for stage {stage} was not drawn by {by}"


def results_table(case: Case) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows: how many of each stratum have which result, and of all."""
    results = Counter((row.stratum, row.result or NOT_VISITED) for row in case.rows if row.stages)
    words = [word for word in case.conclusion.counts.__struct_fields__ if any(r == word for _, r in results)]
    frames = map(int, (case.row.strata_counts or "").split())
    rows: list[list[Any]] = []
    for stratum, frame in zip(case.commitment.strata, frames, strict=False):
        found = [results[stratum.name, word] for word in words]
        rows.append([stratum.name, frame, sum(found), *found])
    if len(rows) > 1:
        rows.append(["all", *(sum(column) for column in list(zip(*rows, strict=True))[1:])])
    columns = ["stratum", "could be drawn", "drawn", *(word.replace("_", " ") for word in words)]
    return columns, [[cell if isinstance(cell, str) else f"{cell:,}" for cell in row] for row in rows]
