"""How long do the standing questions take, beside the plainest question over the same chips?

Of the present that is one scan of all chips, grouped and counted; of the past, who held each chip, found by
the maximum of version and holder packed in one number. Ours and the bare one by turns in one process, which
has the memory and the threads a report has.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.contained import MEMORY_LIMIT, THREADS
from analytics.report import REPORTS, Report, ReportRefused, run_report
from analytics.snapshots import Snapshot, open_snapshot
from api.cli.bench.alone import peak_bytes
from api.cli.bench.scale.following import snapshots_of

ROUNDS = 3
MORTALITY_PPM = 20_000  # of chips in a year; any will do
BALANCE = "balance"
# Reports that look through versions, not only at present chips. What is undeclared is among them: it asks
# what the book said of each chip just before it was seen.
OF_THE_PAST = (BALANCE, "changes", "claims", "losses", "undeclared")
# What changed is asked twice: of the last tenth of the entries, and of half of them, which is told without a
# floor, since it puts half of all chips beside what they were.
LAST_TENTH = "changes"
LAST_HALF = "changes over half"
# Accounts of other kinds than parties, whose counts and receipts are other questions.
ACCOUNTS = {"balance by site": "site", "balance by model": "model"}
# Claims beside these look at the ledger of their own days: asked once without what stands beside, once with.
WITH_CLAIMS = {"unaccounted with claims": "unaccounted", "capacity with claims": "capacity"}
PLAIN = "SELECT custodian, site, model, status, COUNT(*) FROM record.chip_state GROUP BY ALL"
HOLDERS_THEN = """
    SELECT packed % 65536 AS holder, COUNT(*) FROM (
        SELECT v.number, MAX(v.changed * 65536 + p.number) AS packed
        FROM record.chip_version AS v
        INNER JOIN (
            SELECT party, ROW_NUMBER() OVER (ORDER BY party) AS number
            FROM (SELECT DISTINCT party FROM record.party_version)
        ) AS p ON p.party = v.custodian
        WHERE v.changed < $size
        GROUP BY v.number
    ) GROUP BY holder
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One of `names()` to be measured on the snapshot of a ledger."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Seconds of the report and of the bare question, rows, the process's peak in bytes.

    `refused` says why there was no answer.
    """

    seconds: float
    bare: float
    rows: int
    peak: int
    refused: str = ""


def is_of_the_past(name: str) -> bool:
    """Whether a report looks through versions."""
    return name in WITH_CLAIMS or _report(name) in OF_THE_PAST


def has_floor(name: str) -> bool:
    """Whether it has to be as fast as the bare question allows, or is told for information."""
    return name != LAST_HALF


def names() -> list[str]:
    """What is asked: every standing report; some once more, by other accounts, with claims, or of more."""
    return [*REPORTS, *ACCOUNTS, *WITH_CLAIMS, LAST_HALF]


def _report(name: str) -> str:
    return {**dict.fromkeys(ACCOUNTS, BALANCE), **WITH_CLAIMS, LAST_HALF: LAST_TENTH}.get(name, name)


def ask(asked: Asked) -> Answered:
    """The round whose ratio is the middle one."""
    snapshot = snapshots_of(asked.path).latest()
    assert snapshot is not None
    given = _given(asked, snapshot.size)
    told: Report | ReportRefused = ReportRefused("", "")

    def ours() -> None:
        nonlocal told
        told = run_report(snapshot, _report(asked.name), grouping=ACCOUNTS.get(asked.name), given=given)

    rounds = []
    for _ in range(ROUNDS):
        bare = _bare_seconds(snapshot, is_of_the_past(asked.name))
        seconds = _seconds(ours)
        rounds.append((bare / seconds, seconds, bare))
        if isinstance(told, ReportRefused):
            return Answered(seconds, bare, 0, peak_bytes(), told.detail)
    _, seconds, bare = sorted(rounds)[ROUNDS // 2]
    assert isinstance(told, Report)
    return Answered(seconds, bare, told.rows.num_rows, peak_bytes())


def _given(asked: Asked, size: int) -> Mapping[str, Any]:
    """A balance up to half-way, changes since; nothing beside what is asked once more with it."""
    given: dict[str, Any] = {}
    if _report(asked.name) == BALANCE:
        given["to_size"] = size // 2
    if asked.name == LAST_TENTH:
        given["from_size"] = size * 9 // 10
    if asked.name == LAST_HALF:
        given["from_size"] = size // 2
    if asked.name == "losses":
        given["mortality_ppm"] = MORTALITY_PPM
    if asked.name in WITH_CLAIMS.values():
        given["beside"] = "none"
    return given


def _bare_seconds(snapshot: Snapshot, past: bool) -> float:
    with open_snapshot(snapshot.path, MEMORY_LIMIT, THREADS) as connection:
        values = {"size": snapshot.size // 2} if past else {}
        return _seconds(lambda: connection.sql(HOLDERS_THEN if past else PLAIN, params=values).fetchall())


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
