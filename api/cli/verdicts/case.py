"""What does the ledger have of an inspection, put together again on this machine?

The commitment is read from its own signed statement, whose id is recomputed; what was drawn and found from
the sample, line by line. Out of these come the rows that the judge reads, so that the judge's own functions
reckon on them here. What the ledger says of a verdict is compared, never copied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended
from ledger.book.encoding import read_statement_text
from ledger.book.records.inspections import InspectionCommitted
from ledger.book.rows import Inspection, SampledChip
from ledger.book.rules.conclusions import Conclusion, conclude
from ledger.book.rules.inspections import CLOSED
from signing.canonical import Unreadable, encode
from signing.envelope import STATEMENT_TYPE, read_envelope

ITEMS_PER_REQUEST = 1_000
NOT_TOLD = ""  # members of a row that no conclusion is drawn from

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One inspection: as the ledger tells it, the judge's rows, what they come to, and its series' length."""

    told: Told
    commitment: InspectionCommitted
    row: Inspection
    rows: tuple[SampledChip, ...]
    conclusion: Conclusion
    draws: int

    @property
    def is_closed(self) -> bool:
        """Whether a verdict stands."""
        return self.row.state == CLOSED

    @property
    def labels(self) -> Sequence[str]:
        """Words the verdict must not be repeated without."""
        return tuple(self.told["labels"])


def fetch_case(client: LedgerClient, inspection: str) -> Case:
    """All there is of an inspection; `Ended` where what the ledger tells does not agree with itself."""
    told = client.get_json(f"/inspections/{inspection}")
    commitment = _commitment(client, told)
    sample = client.get_json(f"/inspections/{inspection}/sample")
    row, rows = _row(told, commitment), _rows(inspection, sample)
    series = client.items("/inspections", asked(series=told["series"], limit=ITEMS_PER_REQUEST))
    draws = max((one["number"] for one in series), default=told["number"])
    case = Case(told, commitment, row, rows, conclude(row, rows), draws)
    _compare(case)
    return case


def _commitment(client: LedgerClient, told: Told) -> InspectionCommitted:
    """The body of the commitment, out of the statement that was signed."""
    receipt = client.get_json(f"/statements/{told['statement']}")
    envelope = read_envelope(receipt["envelope"], STATEMENT_TYPE)
    if envelope.id() != told["statement"]:
        raise Ended(f"{told['statement']} is not the statement the ledger gives for it", "keep both, and ask")
    try:
        said = msgspec.convert(read_statement_text(envelope.payload).body, InspectionCommitted)
    except msgspec.ValidationError as fault:
        raise Unreadable("commitment", str(fault)) from None
    if said.inspection != told["inspection"]:
        raise Ended(f"the commitment is to {said.inspection}, not {told['inspection']}", "keep both, and ask")
    return said


def _row(told: Told, commitment: InspectionCommitted) -> Inspection:
    """The row the judge would have, as far as a verdict depends on it."""
    progress = told["progress"]
    frames = None if progress is None else " ".join(str(one["frame"]) for one in progress["strata"])
    return Inspection(
        inspection=told["inspection"],
        series=commitment.series,
        number=commitment.number,
        verifier=told["verifier"],
        statement=told["statement"],
        leaf=NOT_TOLD,
        provers=" ".join(commitment.provers),
        direction=commitment.direction,
        beacon=commitment.beacon,
        commitment=encode(commitment).decode(),
        quorum=0,
        timely_lead_s=0,
        witnesses=NOT_TOLD,
        stages_drawn=told["stages_drawn"],
        seeds=NOT_TOLD,
        drawn_at=NOT_TOLD,
        frame_count=told["n_frame"],
        frame_root=told["frame_root"],
        strata_counts=frames,
        known_missing=told["known_missing"],
        timely=told["timely"],
        withheld=int(told["withheld"]),
        state=told["state"],
        verdict=told["verdict"],
        counts=None,
        upper_bound=told["upper_bound"],
        off_book=told["off_book"],
        draws=None if told["draw"] is None else told["draw"]["m"],
        born=told["at_index"],
        changed=told["entry_index"],
    )


def _rows(inspection: str, sample: Told) -> tuple[SampledChip, ...]:
    """A row for each thing drawn, once, and for each that was come upon."""
    stages: dict[str, list[str]] = {}
    last: dict[str, Told] = {}
    for one in sample["items"]:
        item = one.get("chip") or one["position"]
        stages.setdefault(item, []).append(str(one["stage"]))
        last[item] = one
    drawn = [
        _sampled(inspection, item, " ".join(stages[item]), one["stratum"], one["result"])
        for item, one in last.items()
    ]
    beside = [
        _sampled(inspection, one.get("chip") or one["position"], "", "", one["result"])
        for one in sample["beside"]
    ]
    return (*drawn, *beside)


def _sampled(inspection: str, item: str, stages: str, stratum: str, result: str | None) -> SampledChip:
    """The row the judge would have, as far as a verdict depends on it."""
    return SampledChip(inspection, item, stages, stratum, result, NOT_TOLD, None, None, 0)


def _compare(case: Case) -> None:
    """`Ended` where a verdict stands that the findings do not give."""
    told, ours = case.told, case.conclusion
    if not case.is_closed or ours.verdict is None:
        return
    counts = {name: told["counts"].get(name) for name in told["counts"]}
    pairs = {
        "verdict": (told["verdict"], ours.verdict),
        "off_book": (told["off_book"], ours.off_book),
        "counts": (counts, msgspec.to_builtins(ours.counts)),
    }
    if told["upper_bound"] is not None:
        pairs["upper_bound"] = (told["upper_bound"], ours.upper_bound)
    for name, (theirs, own) in pairs.items():
        if theirs != own:
            raise Ended(
                f"{case.row.inspection}: the ledger says {name} {theirs}, the findings give {own}",
                "tell the operator, and keep both",
            )
