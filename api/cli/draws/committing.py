"""What does a verifier say to bind itself to a draw before anybody can know it?

The round lies ahead, the secret lies in a file, and both are committed to in the log: nobody, the verifier
included, can choose the sample.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.draws.beacons import Rules, rules_of
from api.cli.draws.drawing import SecretFile
from api.cli.draws.planning import Demand, planned
from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended, wrong_usage
from ledger.book.identifiers import is_named
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.inspection.beacon import due_at, round_due_after
from ledger.inspection.plan import Infeasible

NOTICE_DAYS = 2
FOUND_DAYS = 14
MARGIN_S_DEFAULT = 5  # between signing and admission
PRESENCE_OF_ALL = {"direction": "book_to_floor", "strata": [{"name": "all"}], "planner": "presence"}


@dataclass(frozen=True, slots=True)
class Intent:
    """Which inspection is meant, of whom, by which beacon, and what it must not miss. Names are whole."""

    inspection: str
    series: str
    number: int
    provers: tuple[str, ...]
    beacon: str
    demand: Demand


@dataclass(frozen=True, slots=True)
class Commitment:
    """The body to sign, the plan as a sentence, the round it waits for, and its time in Unix seconds."""

    body: dict[str, Any]
    sentence: str
    round: int
    due: int


def prepare(client: LedgerClient, intent: Intent, secret: Path, lead_s: int | None) -> Commitment:
    """Plan for the book as it is, choose the round, make the secret; `Ended` where no sample is enough."""
    demand = intent.demand
    frame = client.get_json("/inspections/frame", asked(provers=",".join(intent.provers)))["count"]
    result, said = planned(frame, demand)
    if isinstance(result, Infeasible):
        raise Ended(said, "ask for less: more chips missing, a higher risk, or a better test")
    number, due = _round(rules_of(client, intent.beacon), lead_s)
    kept = SecretFile.make(secret, intent.inspection, 1)
    body = {
        "inspection": intent.inspection,
        "series": intent.series,
        "number": intent.number,
        "provers": list(intent.provers),
        "parameters": {
            "accept": demand.accept,
            "frame": frame,
            "missing": demand.missing,
            "test_miss_ppm": demand.test_miss_ppm,
        },
        "beta_ppm": demand.beta_ppm,
        "beacon": intent.beacon,
        "stages": [_stage(number, due, kept.sha256s[0], result.n, demand.accept)],
        **PRESENCE_OF_ALL,
    }
    return Commitment(body, said, number, due)


def own_name(name: str, party: str) -> str:
    """The name with its owner in front; `Ended` where it is no name, or another's."""
    full = name if "/" in name else f"{party}/{name}"
    if not is_named(full) or not full.startswith(f"{party}/"):
        raise wrong_usage(f"{name[:80]!r} is no name of {party}'s", f"such as {party}/visit-1")
    return full


def _round(rules: Rules, lead_s: int | None) -> tuple[int, int]:
    """The first round far enough ahead, and when it is due."""
    wait = rules.beacon_lead_s + MARGIN_S_DEFAULT if lead_s is None else lead_s
    number = round_due_after(rules.beacon, int(time.time()) + wait)
    return number, due_at(rules.beacon, number)


def _stage(number_of_round: int, due: int, secret_sha256: str, n: int, accept: int) -> dict[str, Any]:
    return {
        "round": number_of_round,
        "secret_sha256": secret_sha256,
        "sizes": [n],
        "notice_by": format_seconds(due + NOTICE_DAYS * DAY_SECONDS),
        "found_by": format_seconds(due + FOUND_DAYS * DAY_SECONDS),
        "accept": accept,
        "reject": accept + 1,
    }
