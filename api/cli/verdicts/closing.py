"""May this inspection be closed now, as what, and what would be left undone?

The verdict is the one the judge will reckon, by the judge's own functions. Where a stage is still to be
drawn there is none, but it may be given up as withheld once its day is past, or its beacon called silent
after 48 hours; both are for ever visible, so neither is said unless asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from api.cli.screen.terminal import Ended
from api.cli.verdicts.case import Case
from api.cli.verdicts.wording import sentence
from ledger.book.rules.closings import OF_FINDINGS
from ledger.book.rules.conclusions import SILENT_SECONDS_MIN, withheld_after
from ledger.book.rules.inspections import FOUND_BY, day_of
from ledger.book.rules.tallies import VOID_BEACON, WITHHELD
from ledger.book.times import format_seconds, parse_seconds

GIVEN_UP = (WITHHELD, VOID_BEACON)
OWN_KEY = "own_vrf"


@dataclass(frozen=True, slots=True)
class Waits:
    """From when, in Unix seconds, a stage that is not drawn may be given up; None where never."""

    withheld_from: int
    silent_from: int | None

    def sentence(self, stage: int) -> str:
        """As a person is told it."""
        said = f"stage {stage} may be drawn in time until {format_seconds(self.withheld_from - 1)}, "
        said += "and after that be told --verdict withheld"
        if self.silent_from is None:
            return said + "; a draw by one's own key has no silent beacon"
        silent = format_seconds(self.silent_from)
        return f"{said}; its beacon may be called silent from {silent}: --verdict void_beacon"


@dataclass(frozen=True, slots=True)
class Closing:
    """What to sign, how it is said, and what would be left `undone` by it."""

    verdict: str
    body: dict[str, Any]
    sentence: str
    undone: Sequence[str]


def waits_of(case: Case) -> Waits | None:
    """The waits of the stage that is to be drawn; None where none is."""
    due = case.told["due"]
    if case.is_closed or due is None or due["what"] != "draw":
        return None
    silent = parse_seconds(due["from"], "due.from") + SILENT_SECONDS_MIN
    return Waits(withheld_after(case.row) + 1, None if OWN_KEY in case.labels else silent)


def closing_of(case: Case, wanted: str | None, now: int) -> Closing:
    """What can be said `now` (Unix seconds); `Ended` tells what stands in the way, and until when."""
    if case.is_closed:
        said = sentence(case, str(case.told["verdict"]))
        raise Ended(f"{case.row.inspection} is closed. {said}", "chipledger show inspection tells the rest")
    verdict = case.conclusion.verdict
    if verdict is None:
        verdict = _given_up(case, wanted, now)
    elif wanted not in (None, verdict):
        raise Ended(
            f"the verdict is {verdict}, and there can be no other",
            "leave --verdict away; the log reckons it from the findings and refuses any other",
        )
    return Closing(verdict, _body(case, verdict), sentence(case, verdict), undone(case, verdict, now))


def _given_up(case: Case, wanted: str | None, now: int) -> str:
    """The verdict over a stage that nobody drew."""
    stage, waits = case.row.stages_drawn + 1, waits_of(case)
    if waits is None:  # visits are due, and a further stage waits for them
        raise Ended(
            f"stage {stage} follows once all of stage {stage - 1} is visited: nothing is settled",
            "chipledger inspect progress tells what is open",
        )
    begins = {WITHHELD: waits.withheld_from, VOID_BEACON: waits.silent_from}
    if wanted not in begins:
        raise Ended(f"stage {stage} is to be drawn before anything is settled", waits.sentence(stage))
    begin = begins[wanted]
    if begin is None or now < begin:
        raise Ended(f"{wanted} cannot be said yet", waits.sentence(stage))
    return wanted


def undone(case: Case, verdict: str, now: int) -> list[str]:
    """What a person may still do before this is signed, a sentence each."""
    told, said = case.conclusion, []
    if verdict in GIVEN_UP and told.verdict is None:
        said.append(f"stage {case.row.stages_drawn + 1} was never drawn; that stays visible for ever")
    left = told.drawn - told.visited
    if left:
        said.append(f"{left:,} of {told.drawn:,} drawn are not visited, and count as missing for the bound")
        by = day_of(case.commitment.stages[case.row.stages_drawn - 1], FOUND_BY)
        if now <= by:
            said.append(f"visits count until {format_seconds(by)}, which is not past")
    return said


def _body(case: Case, verdict: str) -> dict[str, Any]:
    """The body of `inspection.closed`."""
    told = case.conclusion
    body: dict[str, Any] = {
        "inspection": case.row.inspection,
        "verdict": verdict,
        "counts": msgspec.to_builtins(told.counts),
        "known_missing": told.known_missing,
        "off_book": told.off_book,
        "draw": {"k": case.row.number, "m": case.draws},
    }
    if verdict in OF_FINDINGS and told.upper_bound is not None:
        body["upper_bound"] = told.upper_bound
    return body
