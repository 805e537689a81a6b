"""How do the parts become one application?

Hot routes first, as plain handlers, then the ordinary ones; the guard around all; every kind of bad news
answered as a problem. `create_app` takes an open ledger and leaves closing it to whoever opened it.
"""

import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.http.body import BodyBudget
from api.http.crew import Crew
from api.http.document import TITLE, describe
from api.http.gate import Desk, Polls
from api.http.guard import Guard
from api.http.kept import program
from api.http.metrics import Metrics
from api.http.problems import (
    Refusal,
    answer_framework,
    answer_parameters,
    answer_refusal,
    answer_unreadable,
)
from api.http.published import CONSISTENCY, INCLUSION, Checkpoint, Proofs, Tiles
from api.http.questions import Questions
from api.http.rates import Rates
from api.http.reply import NEVER_STORE
from api.http.routes import (
    analysis,
    book,
    identity,
    inspections,
    operations,
    planning,
    record,
    replay,
    report_pages,
    reports,
    sql,
)
from api.http.routes import sessions as session_routes
from api.http.sessions import Sessions
from api.http.submission import Crews, Submission
from api.http.tokens import Tokens
from api.web.pages import absent_page
from api.web.sessions import stranger_page
from api.wiring import Ledger
from signing.canonical import Unreadable

SECONDS_A_MINUTE = 60
INSTEAD: Mapping[int, Callable[[str], str]] = {401: stranger_page, 404: absent_page}
"""What a browser is shown in place of a problem, by status."""

CONTRACT_VERSION = "1"  # of the page that says what the bytes and routes are


def create_app(ledger: Ledger) -> FastAPI:
    """The application over an open ledger."""
    desk = _desk(ledger)
    program()  # read now: an upgrade may put other files under a server that runs
    app = FastAPI(
        title=TITLE,
        version=CONTRACT_VERSION,
        openapi_url=None,  # served by a route of our own, with the hot routes in it
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(desk),
        exception_handlers={
            Refusal: _answer_refusal,
            Unreadable: answer_unreadable,
            HTTPException: _answer_framework,
            RequestValidationError: answer_parameters,
        },
    )
    app.state.desk = desk
    app.router.routes.extend(_hot_routes(desk))
    for routes in (
        planning.planning,
        inspections.routes,
        replay.routes,
        identity.routes,
        session_routes.routes,
        record.routes,
        book.routes,
        analysis.routes,
        report_pages.index,
        report_pages.pages,  # before those for programs, which have the same addresses
        reports.routes,
        sql.routes,
        operations.routes,
        operations.pages,
        planning.pages,
        session_routes.pages,
        sql.pages,
    ):
        app.include_router(routes)
    app.openapi = cache(lambda: describe(app))  # type: ignore[method-assign]
    app.add_middleware(Guard, metrics=desk.metrics)
    return app


async def _answer_refusal(request: Request, fault: Exception) -> Response:
    """As a problem; a browser is told in a page how to be let in, or that there is nothing."""
    assert isinstance(fault, Refusal)
    return _page_instead(request, fault.problem.status) or await answer_refusal(request, fault)


async def _answer_framework(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    return _page_instead(request, fault.status_code) or await answer_framework(request, fault)


def _page_instead(request: Request, status: int) -> Response | None:
    page = INSTEAD.get(status) if sql.wants_page(request) else None
    if page is None:
        return None
    return HTMLResponse(page(request.app.state.desk.ledger.origin), status, NEVER_STORE)


def _desk(ledger: Ledger) -> Desk:
    settings = ledger.settings
    tokens = Tokens(
        ledger.origin,
        challenge_seconds=settings.challenge_seconds,
        token_seconds=settings.token_minutes * SECONDS_A_MINUTE,
        now=lambda: ledger.clock() // 1000,
        random=os.urandom,
    )
    return Desk(
        ledger=ledger,
        tokens=tokens,
        sessions=Sessions(now=lambda: ledger.clock() // 1000, random=os.urandom),
        questions=Questions(),
        readers=Crew("reader", settings.read_threads),
        writers=Crew("door", settings.write_threads),
        carriers=Crew("door-large", settings.large_threads),
        budget=BodyBudget(settings.bodies_bytes),
        challenges=Rates("challenges", settings.challenges_per_minute, time.monotonic),
        polls=Polls(settings.waiting_max),
        metrics=Metrics(),
    )


def _hot_routes(desk: Desk) -> list[Route]:
    lines = Rates("statements", desk.ledger.settings.lines_per_minute, time.monotonic)
    submission = Submission(desk.ledger, Crews(desk.writers, desk.carriers), desk.budget, lines, desk.metrics)
    return [
        Route("/statements", submission, methods=["POST"]),
        Route("/checkpoint", Checkpoint(desk), methods=["GET"]),
        Route("/tile/{path:path}", Tiles(desk), methods=["GET"]),
        Route("/proofs/inclusion", Proofs(desk, INCLUSION), methods=["GET"]),
        Route("/proofs/consistency", Proofs(desk, CONSISTENCY), methods=["GET"]),
    ]


def _lifespan(desk: Desk):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.writers.dismiss()
        desk.carriers.dismiss()
        desk.readers.dismiss()

    return lifespan
