"""How is bad news told over HTTP?

Everything that is not done is an `application/problem+json` (RFC 9457) whose `type` ends in a reason of the
contract's closed list. What is unknown and what is not the asker's to see are one value, `NOT_FOUND`, so that
they cannot differ. Knows no route.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ledger.book.rejection import Reason
from ledger.entrance.refusals import TITLES
from signing.canonical import TooLarge, Unreadable

PROBLEM_JSON = "application/problem+json"
REASON_URN = "urn:chipledger:refusal:"
UNAVAILABLE_RETRY_SECONDS = 5
DETAIL_CHARACTERS_MAX = 1_000
ERRORS_TOLD_MAX = 5  # wrong parameters of one request
OWN_WORDS = "Value error, "  # the library puts it before what we say

# What the framework answers by itself, in the contract's words.
REASONS_BY_STATUS = {
    400: Reason.MALFORMED,
    401: Reason.UNSIGNED,
    404: Reason.UNKNOWN_REFERENCE,
    413: Reason.TOO_LARGE,
    422: Reason.BAD_FIELD,
    429: Reason.TOO_FAST,
    503: Reason.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Bad news as a value; `retry_after_s` in seconds where trying again makes sense."""

    status: int
    reason: Reason
    detail: str
    retry_after_s: int | None = None

    def as_object(self) -> dict[str, Any]:
        """The members of the problem."""
        return {
            "type": REASON_URN + self.reason.value,
            "title": TITLES.get(self.reason, HTTPStatus(self.status).phrase),  # the door's, where it has one
            "status": self.status,
            "reason": self.reason.value,
            "detail": self.detail[:DETAIL_CHARACTERS_MAX],
        }

    def response(self) -> Response:
        """The answer that tells it."""
        headers: dict[str, str] = {}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="chipledger"'
        return problem_response(self.as_object(), headers)


class Refusal(Exception):
    """Ends the handling of a request with a problem. Raised and caught in `api/http` only."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


NOT_FOUND = Problem(404, Reason.UNKNOWN_REFERENCE, "there is no such thing, or it is not yours to see")
NO_TOKEN = Problem(401, Reason.UNSIGNED, "this needs a bearer token that still holds; see /tokens/challenge")
UNAVAILABLE = Problem(
    503, Reason.UNAVAILABLE, "not now; nothing is known to have happened", UNAVAILABLE_RETRY_SECONDS
)


def bad_parameter(detail: str) -> Refusal:
    """A 422 that names the parameter."""
    return Refusal(Problem(422, Reason.BAD_FIELD, detail))


def unreadable(fault: Unreadable) -> Problem:
    """What a reader could not read: 413 beyond a limit, else 400."""
    if isinstance(fault, TooLarge):
        return Problem(413, Reason.TOO_LARGE, str(fault))
    return Problem(400, Reason.MALFORMED, str(fault))


def problem_response(members: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Problem members as an answer; the status is theirs."""
    # A detail may quote what could not be written as UTF-8: it is told with question marks instead.
    try:
        raw = msgspec.json.encode(members)
    except UnicodeEncodeError:
        detail = str(members.get("detail", "")).encode("utf-8", "replace").decode()
        raw = msgspec.json.encode({**members, "detail": detail})
    return Response(raw, members["status"], dict(headers or {}), PROBLEM_JSON)


async def answer_refusal(_: Request, fault: Exception) -> Response:
    """A `Refusal` raised on the way."""
    assert isinstance(fault, Refusal)
    return fault.problem.response()


async def answer_unreadable(_: Request, fault: Exception) -> Response:
    """An `Unreadable` that a reader raised about what the client sent."""
    assert isinstance(fault, Unreadable)
    return unreadable(fault).response()


async def answer_framework(_: Request, fault: Exception) -> Response:
    """What the framework refuses by itself: no such route, no such method."""
    assert isinstance(fault, HTTPException)
    if fault.status_code == HTTPStatus.NOT_FOUND:
        return NOT_FOUND.response()
    reason = REASONS_BY_STATUS.get(fault.status_code, Reason.MALFORMED)
    response = Problem(fault.status_code, reason, str(fault.detail)).response()
    if fault.headers and "Allow" in fault.headers:
        allowed = fault.headers["Allow"].split(", ")
        # Whatever answers GET answers HEAD, before any route is asked.
        response.headers["Allow"] = ", ".join(sorted({*allowed, *["HEAD"] * ("GET" in allowed)}))
    return response


async def answer_parameters(_: Request, fault: Exception) -> Response:
    """Wrong parameters, each named."""
    assert isinstance(fault, RequestValidationError)
    told = [
        f"{error['loc'][-1]}: {error['msg'].removeprefix(OWN_WORDS)}"
        for error in fault.errors()[:ERRORS_TOLD_MAX]
    ]
    return Problem(422, Reason.BAD_FIELD, "; ".join(told)).response()
