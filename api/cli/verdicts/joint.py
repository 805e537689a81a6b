"""What do several inspections say together, and what do they not say?

Each bounds what is missing for its own provers and its own day, but for its own risk. All bounds hold at once
but for a larger one. No inspection of a series may be left out, for whoever shows only the nicest of m draws
misleads more often than any of them says: those withheld, void or still open are shown beside the claims.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended
from api.cli.verdicts.case import ITEMS_PER_REQUEST, Case, Told, fetch_case
from api.cli.verdicts.pools import affiliates_of
from api.cli.verdicts.wording import confidence, sentence
from ledger.book.rules.planned import PPM
from ledger.inspection.claims import JointClaim, joint_claim, pools, risk_per_claim, shopped_risk
from ledger.inspection.plan import decimal_text

OPEN = "open"
PLACES = 6  # of a probability told to a person


@dataclass(frozen=True, slots=True)
class Joint:
    """Inspections by series and number; of those that bound anything the joint claim."""

    cases: Sequence[Case]
    claims: Sequence[Case]
    joint: JointClaim
    apart: Sequence[Sequence[str]]  # affiliates that were inspected in different frames

    def told(self, simultaneous_ppm: int) -> dict[str, Any]:
        """As JSON; probabilities as decimal text."""
        joint = self.joint
        return {
            "sentence": self.sentence(),
            "claims": [_claim(case) for case in self.cases],
            "total_upper": joint.total_upper,
            "risk_worst_single": decimal_text(joint.risk_worst_single),
            "risk_any": decimal_text(joint.risk_any),
            "risk_independent": decimal_text(joint.risk_independent),
            "risk_per_claim": decimal_text(self.each(simultaneous_ppm)),
            "simultaneous_ppm": simultaneous_ppm,
            "shopped": self.shopped(),
            "inspected_apart": [list(pool) for pool in self.apart],
        }

    def each(self, simultaneous_ppm: int) -> Fraction:
        """The risk to plan each claim with so that all hold but for the one given."""
        return risk_per_claim(Fraction(simultaneous_ppm, PPM), len(self.claims))

    def shopped(self) -> list[dict[str, Any]]:
        """Of each series with several draws how often the nicest of them would mislead, shown alone."""
        said = []
        for series, cases in _by_series(self.cases).items():
            if len(cases) > 1:
                beta = max(Fraction(case.commitment.beta_ppm, PPM) for case in cases)
                risk = decimal_text(shopped_risk(beta, len(cases)), PLACES)
                said.append({"series": series, "draws": len(cases), "nicest_alone_misses": risk})
        return said

    def sentence(self) -> str:
        """What all of them say together."""
        joint, many = self.joint, len(self.claims)
        one = f"{many:,} claims" if many > 1 else "1 claim"
        silent = len(self.cases) - many
        beside = f"; {silent:,} of {len(self.cases):,} inspections bound nothing" if silent else ""
        single = _percent(joint.risk_worst_single)
        return (
            f"{one} together: at most {joint.total_upper:,} missing in all; each alone is wrong with at most "
            f"{single}, one or more of them with at most {_percent(joint.risk_any)} however they depend, "
            f"{_percent(joint.risk_independent)} as independent draws{beside}."
        )


def joint_of(client: LedgerClient, names: Iterable[str], series: Iterable[str] = ()) -> Joint:
    """The inspections named, and all of the series named, together; `Ended` where one is left out."""
    wanted = {name: None for name in names}
    for one in series:
        members = _members(client, one)
        if not members:
            raise Ended(f"there is no series {one}", "a series is <verifier>/<name>")
        wanted |= {member["inspection"]: None for member in members}
    cases = sorted((fetch_case(client, name) for name in wanted), key=_place)
    _refuse_left_out(client, cases)
    claims = [case for case in cases if case.is_closed and case.told["upper_bound"] is not None]
    if not claims:
        raise Ended("none of these bounds anything: there is nothing to claim", _shown(cases))
    uppers = [int(case.told["upper_bound"]) for case in claims]
    risks = [Fraction(case.commitment.beta_ppm, PPM) for case in claims]
    return Joint(cases, claims, joint_claim(uppers, risks), _apart(client, cases))


def table(joint: Joint) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows: each inspection, what it bounds, but for which risk, and how it must be labelled."""
    rows: list[list[Any]] = []
    for case in joint.cases:
        claim = _claim(case)
        bounds = claim["upper_bound"] is not None
        risk = _percent(Fraction(case.commitment.beta_ppm, PPM)) if bounds else ""
        draw = f"{claim['draw']['k']} of {claim['draw']['m']}"
        who = [claim["inspection"], draw, ", ".join(claim["provers"])]
        rows.append([*who, claim["verdict"], claim["upper_bound"], risk, ", ".join(claim["labels"])])
    return ["inspection", "draw", "provers", "verdict", "at most missing", "risk", "labels"], rows


def _claim(case: Case) -> dict[str, Any]:
    verdict = str(case.told["verdict"]) if case.is_closed else OPEN
    return {
        "inspection": case.row.inspection,
        "series": case.row.series,
        "draw": {"k": case.row.number, "m": case.draws},
        "provers": list(case.commitment.provers),
        "verdict": verdict,
        "upper_bound": case.told["upper_bound"] if case.is_closed else None,
        "confidence": f"{confidence(case.commitment.beta_ppm)} %",
        "labels": list(case.labels),
        "sentence": sentence(case, verdict) if case.is_closed else None,
    }


def _place(case: Case) -> tuple[str, int]:
    return case.row.series, case.row.number


def _by_series(cases: Iterable[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        found[case.row.series].append(case)
    return found


def _members(client: LedgerClient, series: str) -> list[Told]:
    return list(client.items("/inspections", asked(series=series, limit=ITEMS_PER_REQUEST)))


def _refuse_left_out(client: LedgerClient, cases: Sequence[Case]) -> None:
    """`Ended` where a series has a draw that is not among those named."""
    named = {case.row.inspection for case in cases}
    for series in sorted({case.row.series for case in cases}):
        members = _members(client, series)
        left = [one for one in members if one["inspection"] not in named]
        if left:
            which = ", ".join(
                f"{one['inspection']} (draw {one['number']}, {one['verdict'] or one['state']})"
                for one in left
            )
            raise Ended(
                f"series {series} has {len(members):,} draws, and not all are named: {which}",
                "name every one, or --series; a draw left out is a draw chosen",
            )


def _shown(cases: Iterable[Case]) -> str:
    return ", ".join(f"{one.row.inspection}: {_claim(one)['verdict']}" for one in cases)


def _apart(client: LedgerClient, cases: Sequence[Case]) -> list[tuple[str, ...]]:
    """Provers that belong together and were not inspected as one: a chip may have been shown for both."""
    provers = sorted({prover for case in cases for prover in case.commitment.provers})
    tied = [(prover, *affiliates_of(client, prover)) for prover in provers]
    frames = [set(case.commitment.provers) for case in cases]
    return [
        pool
        for pool in pools(provers, tied)
        if len(pool) > 1 and any(frame & set(pool) and not frame.issuperset(pool) for frame in frames)
    ]


def _percent(risk: Fraction) -> str:
    return f"{decimal_text(risk * 100, 4).rstrip('0').rstrip('.')} %"
