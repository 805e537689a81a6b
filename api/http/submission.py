"""POST /statements: what comes in, and what is answered?

One bundle as JSON, or up to 10,000 as NDJSON, each answered on a line of its own in order; one bad line stops
no other. A plain ASGI handler: reading, verifying, hashing and the encoding of answers all happen in threads,
a batch at a time, and the event loop only moves bytes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.body import BodyBudget, content_type, read_body
from api.http.crew import Crew
from api.http.metrics import Metrics
from api.http.problems import UNAVAILABLE, Problem, Refusal, problem_response
from api.http.rates import Rates, address_of
from api.http.reply import JSON, JSON_LINES, NEVER_STORE, Told, json_bytes
from api.wiring import Ledger
from ledger.admission import SMALL_BODY_BYTES_MAX
from ledger.batch.flood import seconds_to_next_day
from ledger.book.rejection import Reason, Rejection
from ledger.outcome import Admitted, Outcome, Refused, Would
from ledger.receipts import discrepancies_object, problem_object

LINES_MAX = 10_000
# A request's lines go to the door in parts this large: answers begin to flow, and memory is given back.
PART_LINES = 2_000
PART_BYTES = 8 * 1024 * 1024
QUERY_CHARACTERS_MAX = 1_000

log = structlog.get_logger("chipledger.door")


class Crews(NamedTuple):
    """Who takes bodies to the door. Large ones wait long there, and must keep no small one waiting."""

    small: Crew
    large: Crew

    def of(self, raw: bytes) -> Crew:
        """The crew of this body."""
        return self.large if len(raw) > SMALL_BODY_BYTES_MAX else self.small


class Submission:
    """The handler of POST /statements."""

    def __init__(
        self, ledger: Ledger, crews: Crews, budget: BodyBudget, rates: Rates, metrics: Metrics
    ) -> None:
        self._ledger = ledger
        self._crews = crews
        self._budget = budget
        self._rates = rates
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        dry_run = _is_dry_run(scope)
        kind = content_type(scope)
        if kind not in (JSON, JSON_LINES):
            raise Refusal(
                Problem(
                    415, Reason.MALFORMED, f"Content-Type: send a bundle as {JSON} or many as {JSON_LINES}"
                )
            )
        async with self._budget.room() as room:
            raw = await read_body(scope, receive, room, seconds=self._ledger.settings.body_seconds)
            if kind == JSON:
                self._rates.spend(address_of(scope), 1)
                answer = await self._crews.of(raw).do(self._one, raw, dry_run)
                await answer(scope, receive, send)
            else:
                await self._many(scope, raw, dry_run, send)

    def _one(self, raw: bytes, dry_run: bool) -> Response:
        """The answer to one bundle. Runs in a thread."""
        outcome: Outcome | Would
        if dry_run:
            outcome = self._ledger.admission.dry_run(raw)
        else:
            (outcome,) = self._ledger.admission.admit([raw])
        self._metrics.statements({_ending(outcome): 1})
        match outcome:
            case Refused():
                problem = problem_object(outcome)
                return problem_response(problem, {**NEVER_STORE, **self._retry(problem["status"])})
            case Would():
                return Told(would_object(outcome))
            case Admitted():
                (receipt,) = self._ledger.receipts.objects([outcome])
                return Told(receipt, 200 if outcome.known else 201)

    def _retry(self, status: int) -> dict[str, str]:
        """When to come again, where that makes sense; what a party may do in a day it may do the next."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return {"Retry-After": str(seconds_to_next_day(self._ledger.clock()))}
        return {"Retry-After": str(UNAVAILABLE.retry_after_s)} if status == 503 else {}

    async def _many(self, scope: Scope, raw: bytes, dry_run: bool, send: Send) -> None:
        # A search through 32 MiB, and millions of objects to split them into, would hold everybody up.
        crew = self._crews.of(raw)
        lines = await crew.do(split_lines, raw)
        self._rates.spend(address_of(scope), len(lines))
        headers = [(b"content-type", JSON_LINES.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        number = 1
        for part in _parts(lines):
            body = await crew.do(self._answers, part, number, dry_run)
            number += len(part)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _answers(self, lines: Sequence[bytes], first: int, dry_run: bool) -> bytes:
        """The answer lines to a part of a request. Runs in a thread."""
        outcomes: Sequence[Outcome | Would]
        try:
            if dry_run:
                outcomes = [self._ledger.admission.dry_run(line) for line in lines]
            else:
                outcomes = self._ledger.admission.admit(lines)
            told = self._told(outcomes, first)
        except Exception as fault:  # the answer has begun: each line must still be told something true
            log.error("part of a request failed", first_line=first, lines=len(lines), exc_info=fault)
            lost = Refused(Rejection(Reason.UNAVAILABLE, "it may have been admitted or not: send it again"))
            outcomes = [lost] * len(lines)
            told = self._told(outcomes, first)
        self._metrics.statements(Counter(map(_ending, outcomes)))
        return b"".join([json_bytes(answer) + b"\n" for answer in told])

    def _told(self, outcomes: Sequence[Outcome | Would], first: int) -> list[dict[str, Any]]:
        admitted = [outcome for outcome in outcomes if isinstance(outcome, Admitted)]
        receipts = iter(self._ledger.receipts.objects(admitted))
        return [_line(number, outcome, receipts) for number, outcome in enumerate(outcomes, start=first)]


def _line(number: int, outcome: Outcome | Would, receipts: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """One answer line; takes the next receipt where the statement is in the log."""
    match outcome:
        case Admitted():
            status = "known" if outcome.known else "admitted"
            return {
                "line": number,
                "statement": outcome.statement,
                "status": status,
                "receipt": next(receipts),
            }
        case Would():
            return {"line": number, "statement": outcome.statement, **would_object(outcome)}
        case Refused():
            told: dict[str, Any] = {"line": number}
            if outcome.statement is not None:
                told["statement"] = outcome.statement
            return {**told, "status": "refused", "problem": problem_object(outcome)}


def would_object(would: Would) -> dict[str, Any]:
    """The contract's answer to a dry run that went well."""
    told = discrepancies_object(would.opened)
    return {"would": "admitted", "index_at_least": would.index_at_least, "discrepancies": told}


def split_lines(raw: bytes) -> list[bytes]:
    """The lines of an NDJSON body. A last line end opens no line; an empty line among them is a bad one.

    Refused: a body without any line, and one with too many, which are counted before they are made.
    """
    if not raw:
        raise Refusal(Problem(400, Reason.MALFORMED, "the body is empty"))
    count = raw.count(b"\n") + (not raw.endswith(b"\n"))
    if count > LINES_MAX:
        raise Refusal(Problem(413, Reason.TOO_LARGE, f"body: {count} lines, at most {LINES_MAX}"))
    lines = raw.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return lines


def _parts(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The lines in order, in parts of bounded count and, but for a single long line, bounded size."""
    part: list[bytes] = []
    size = 0
    for line in lines:
        if part and (len(part) == PART_LINES or size + len(line) > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line)
    if part:
        yield part


def _is_dry_run(scope: Scope) -> bool:
    """Whether `dry_run=1` was asked for; 422 for any other query."""
    query = scope["query_string"].decode("latin-1")
    if not query:
        return False
    if len(query) > QUERY_CHARACTERS_MAX or parse_qsl(query, keep_blank_values=True) != [("dry_run", "1")]:
        raise Refusal(Problem(422, Reason.BAD_FIELD, "query: dry_run=1 or nothing"))
    return True


def _ending(outcome: Outcome | Would) -> str:
    match outcome:
        case Admitted():
            return "known" if outcome.known else "admitted"
        case Would():
            return "would"
        case Refused():
            return outcome.rejection.reason.value
