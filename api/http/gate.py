"""Who asks, and as of when?

Dependencies of the ordinary routes: the viewer behind a bearer token, and the size of the log a question is
about. The plain handlers ask here too, so that there is one way to be known.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Path
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.types import Scope

from api.http.body import BodyBudget, header
from api.http.crew import Crew
from api.http.metrics import Metrics
from api.http.parameters import Day, Size
from api.http.problems import NO_TOKEN, NOT_FOUND, Problem, Refusal, bad_parameter
from api.http.questions import Questions
from api.http.rates import Rates
from api.http.sessions import Sessions, cookie_of
from api.http.tokens import Bearer, Tokens
from api.wiring import Ledger
from ledger.book.rejection import Reason
from ledger.lookup.record import end_of_day
from ledger.viewer import Viewer

P = ParamSpec("P")
T = TypeVar("T")

BEARER = "bearer "
ME = "me"
POLLS_RETRY_SECONDS = 5


class Polls:
    """Long polls waiting at once, at most so many. Used from the event loop only."""

    def __init__(self, waiting_max: int) -> None:
        self._waiting_max = waiting_max
        self._waiting = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place to wait in; 503 where all are taken."""
        if self._waiting >= self._waiting_max:
            detail = f"{self._waiting_max} long polls are waiting already"
            raise Refusal(Problem(503, Reason.UNAVAILABLE, detail, POLLS_RETRY_SECONDS))
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


@dataclass(frozen=True, slots=True)
class Desk:
    """What every handler of one application shares."""

    ledger: Ledger
    tokens: Tokens
    sessions: Sessions
    questions: Questions
    readers: Crew
    writers: Crew
    carriers: Crew  # of large bodies, which wait long and must keep no small one waiting
    budget: BodyBudget
    challenges: Rates
    polls: Polls
    metrics: Metrics

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do this in a reader's thread."""
        return await self.readers.do(work, *args, **kwargs)

    async def viewer(self, scope: Scope) -> Viewer:
        """Who asks; 401 without a token that still holds, whose key is looked up again each time."""
        bearer = self._bearer(scope)
        if bearer is None:
            raise Refusal(NO_TOKEN)
        lookup = self.ledger.lookup
        now_s = self.ledger.clock() // 1000
        viewer = await self.read(lookup.book.viewer, bearer.party, bearer.key_id, lookup.size(), now_s)
        if viewer is None:
            raise Refusal(NO_TOKEN)
        return viewer

    def _bearer(self, scope: Scope) -> Bearer | None:
        """By token; a browser by its session's cookie, which is good for looking and nothing else."""
        authorization = header(scope, b"authorization")
        if authorization is not None:
            is_bearer = authorization[: len(BEARER)].lower() == BEARER
            return self.tokens.bearer(authorization[len(BEARER) :].strip()) if is_bearer else None
        cookie = cookie_of(scope) if scope["method"] == "GET" else None
        return None if cookie is None else self.sessions.bearer(cookie)


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]
_shown = HTTPBearer(
    auto_error=False, scheme_name="token", description="what POST /tokens gave; at most ten minutes old"
)


async def _asker(request: Request, desk: AtDesk, _: Annotated[object, Depends(_shown)]) -> Viewer:
    return await desk.viewer(request.scope)


Asker = Annotated[Viewer, Depends(_asker)]


async def _as_of(desk: AtDesk, at: Size = None, date: Day = None) -> int:
    """The size a question is about; 404 for one the log has not reached."""
    size = desk.ledger.lookup.size()
    if at is not None and date is not None:
        raise bad_parameter("at, date: one of the two")
    if date is not None:
        return await desk.read(desk.ledger.lookup.record.size_on, end_of_day(date))
    if at is not None and at > size:
        raise Refusal(NOT_FOUND)
    return size if at is None else at


AsOf = Annotated[int, Depends(_as_of)]


async def _snapshot_asker(viewer: Asker) -> Viewer:
    """Analysts, verifiers and the registrar; to all others what is asked about does not exist."""
    if not viewer.sees_snapshots:
        raise Refusal(NOT_FOUND)
    return viewer


SnapshotAsker = Annotated[Viewer, Depends(_snapshot_asker)]

PartyPart = Annotated[str, Path(description="a party id; `me` is the asker", examples=["acme"])]
NamePart = Annotated[str, Path(description="the name within the party's prefix", examples=["PO-1041"])]
ChipPart = Annotated[str, Path(description="`<maker>:<serial>`", examples=["nv-fab:H100-000001"])]


def found(value: T | None) -> T:
    """The value, or the one 404 there is."""
    if value is None:
        raise Refusal(NOT_FOUND)
    return value


def party_meant(viewer: Viewer, party: str) -> str:
    """The asker's own party for `me`, which is no party's id."""
    return viewer.party if party == ME else party
