"""What does a verifier say to bind itself to a draw before anybody can know it?

The rounds lie ahead, the secrets lie in a file, and all are committed to in the log: nobody, the verifier
included, can choose the sample. A later stage's round is due only after the findings of the one before are.
"""

import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from api.cli.draws.beacons import Rules, rules_of
from api.cli.draws.drawing import SecretFile
from api.cli.draws.intending import Intent, Sized, plan_sample
from api.cli.remote.client import LedgerClient
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.inspection.beacon import due_at, round_due_after
from ledger.planning.telling import Told

MARGIN_S_DEFAULT = 5  # between signing and admission


@dataclass(frozen=True, slots=True)
class Calendar:
    """Seconds until the first round (None: the log's lead), days from a round to notice and to findings."""

    lead_s: int | None
    notice_days: Fraction
    found_days: Fraction

    @classmethod
    def of(cls, lead_s: int | None, notice_days: float, found_days: float) -> "Calendar":
        """Of days as they were typed, parts of days too."""
        return cls(lead_s, Fraction(notice_days), Fraction(found_days))


@dataclass(frozen=True, slots=True)
class Commitment:
    """The body to sign, the plan as it is told, and (round, due in Unix seconds) of each stage.

    `own_vrf` is set where the verifier's own key stands in for a public beacon; `overridden` are the inputs
    that a person said otherwise than the book.
    """

    body: dict[str, Any]
    told: Told
    rounds: tuple[tuple[int, int], ...]
    own_vrf: bool
    overridden: tuple[str, ...]


def prepare(client: LedgerClient, intent: Intent, secret: Path, calendar: Calendar) -> Commitment:
    """Plan for the book as it is, choose the rounds, make the secrets; `Ended` where no sample is enough."""
    sized = plan_sample(client, intent)
    rules = rules_of(client, intent.beacon)
    number = intent.number or next_number(client, intent.series)
    rounds = _rounds(rules, calendar, len(sized.rules))
    kept = SecretFile.make(secret, intent.inspection, len(rounds))
    stages = [
        _stage(at, secret_sha256, sized, place, calendar)
        for place, (at, secret_sha256) in enumerate(zip(rounds, kept.sha256s, strict=True))
    ]
    body = {
        "inspection": intent.inspection,
        "series": intent.series,
        "number": number,
        "provers": list(intent.provers),
        "direction": intent.direction,
        "strata": [each.said for each in sized.strata],
        "planner": intent.planner,
        "parameters": sized.parameters,
        "beta_ppm": intent.beta_ppm,
        "beacon": intent.beacon,
        "stages": stages,
    }
    return Commitment(body, sized.told, tuple(rounds), rules.is_own, sized.overridden)


def next_number(client: LedgerClient, series: str) -> int:
    """One more than the last of the series."""
    numbers = [item["number"] for item in client.items("/inspections", {"series": series})]
    return max(numbers, default=0) + 1


def _rounds(rules: Rules, calendar: Calendar, stages: int) -> list[tuple[int, int]]:
    """The first round far enough ahead, then each the first that is due when the one before is found."""
    wait = rules.beacon_lead_s + MARGIN_S_DEFAULT if calendar.lead_s is None else calendar.lead_s
    earliest = int(time.time()) + wait
    rounds: list[tuple[int, int]] = []
    for _ in range(stages):
        number = round_due_after(rules.beacon, earliest)
        due = due_at(rules.beacon, number)
        rounds.append((number, due))
        earliest = _after(due, calendar.found_days)
    return rounds


def _after(due: int, days: Fraction) -> int:
    return due + int(days * DAY_SECONDS)


def _stage(
    at: tuple[int, int], secret_sha256: str, sized: Sized, place: int, calendar: Calendar
) -> dict[str, Any]:
    number, due = at
    accept, reject = sized.rules[place]
    return {
        "round": number,
        "secret_sha256": secret_sha256,
        "sizes": list(sized.sizes),
        "notice_by": format_seconds(_after(due, calendar.notice_days)),
        "found_by": format_seconds(_after(due, calendar.found_days)),
        "accept": accept,
        "reject": reject,
    }


def provers_of(text: str) -> tuple[str, ...]:
    """Party ids with commas between, sorted, each once."""
    return tuple(sorted({prover.strip() for prover in text.split(",")} - {""}))
