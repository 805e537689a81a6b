"""Is this query spelled as it must be?

Numbers, days and words in a query have one spelling each, are given once, and a parameter the route does not
know is refused: a misspelled `at` that is passed over would answer another question than was asked.
"""

import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote_plus, unquote_to_bytes

from fastapi import Query
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator, Field, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from api.http.problems import bad_parameter
from ledger.book.identifiers import NAMED
from ledger.book.times import SECONDS, parse_seconds
from signing.canonical import INTEGER_MAX, Unreadable

WHOLE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
LIST_ITEMS_MAX = 1_000
LIST_ITEMS_DEFAULT = 100
WORD_CHARACTERS_MAX = 200
STRATA_CHARACTERS_MAX = 16_384
TEXT_CHARACTERS_MAX = 1_024  # as of any text in a statement
NOT_UTF8 = "its value is not UTF-8, percent-encoded"


def _whole(text: Any) -> int:
    if not isinstance(text, str) or WHOLE.fullmatch(text) is None or int(text) > INTEGER_MAX:
        raise ValueError("a whole number from 0, in digits")
    return int(text)


def day_begins(text: Any) -> int:
    """Unix seconds at which the day begins that a text tells; `ValueError` where it tells none."""
    if not isinstance(text, str) or DAY.fullmatch(text) is None:
        raise ValueError("a day is written YYYY-MM-DD")
    try:
        return parse_seconds(f"{text}T00:00:00Z", "date")
    except Unreadable as fault:
        raise ValueError("no such day") from fault


def moment(text: Any) -> datetime:
    """The time a text tells, a day's its last second; `ValueError` where it tells none."""
    if isinstance(text, str) and DAY.fullmatch(text) is not None:
        text = f"{text}T23:59:59Z"
    if not isinstance(text, str) or SECONDS.fullmatch(text) is None:
        raise ValueError("a time is written YYYY-MM-DDTHH:MM:SSZ, or YYYY-MM-DD for the end of that day")
    try:
        return datetime.fromtimestamp(parse_seconds(text, "time"), UTC)
    except Unreadable as fault:
        raise ValueError("no such time") from fault


Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=INTEGER_MAX)]
Moment = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Word = Annotated[str, Query(min_length=1, max_length=WORD_CHARACTERS_MAX)]

Size = Annotated[
    Whole | None,
    Query(description="the book at this size of the log; without it, as it stands", examples=[1000]),
]
Day = Annotated[
    Annotated[int, BeforeValidator(day_begins), WithJsonSchema({"type": "string", "format": "date"})] | None,
    Query(
        description="the book after the last entry admitted before the end of this day, UTC",
        examples=["2026-11-21"],
    ),
]
Limit = Annotated[
    Annotated[int, BeforeValidator(_whole), Field(ge=1, le=LIST_ITEMS_MAX)],
    Query(description="at most so many items"),
]
NamedAfter = Annotated[
    str | None,
    Query(pattern=f"^{NAMED.pattern}$", description="`next` of the page before"),
]
DiscrepancyAfter = Annotated[
    str | None,
    Query(pattern=r"^(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})$", description="`next` of the page before"),
]
Counted = Annotated[
    str | None,
    Query(pattern="^(0|[1-9][0-9]{0,15})$", description="`next` of the page before"),
]


class StrictRoute(APIRoute):
    """A route that refuses parameters it does not know, and any given twice."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind the check."""
        handle = super().get_route_handler()
        known = _query_names(self.dependant)

        async def checked(request: Request) -> Response:
            refuse_other_parameters(request, known)
            return await handle(request)

        return checked


def refuse_other_parameters(request: Request, known: frozenset[str]) -> None:
    """A 422 for a parameter not among those known, given twice, or whose value is not written in UTF-8."""
    unread = not_utf8(request)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            raise bad_parameter(f"{name[:WORD_CHARACTERS_MAX]}: no parameter of this route")
        if name in seen:
            raise bad_parameter(f"{name}: given twice")
        if name == unread:
            raise bad_parameter(f"{name}: {NOT_UTF8}")
        seen.add(name)


def not_utf8(request: Request) -> str | None:
    """The first parameter whose value is not UTF-8, percent-encoded: the framework replaces such bytes."""
    for pair in request.scope["query_string"].split(b"&"):
        name, _, value = pair.partition(b"=")
        try:
            # A byte beyond ASCII that is not percent-encoded would be read as Latin-1.
            unquote_to_bytes(value.decode("ascii")).decode("utf-8")
        except UnicodeDecodeError:
            return unquote_plus(name.decode("latin-1"))
    return None


def _query_names(dependant: Dependant) -> frozenset[str]:
    names = {field.alias for field in dependant.query_params}
    return frozenset(names).union(*map(_query_names, dependant.dependencies))
