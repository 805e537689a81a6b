"""Questions in SQL on snapshots, for analysts, verifiers and the registrar: for programs and for browsers.

One address for both: `/at/{size}/sql?q=…` is a page where a browser asks, rows where a program does, unless
`format` says which. What is too long for an address is sent as a body.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from analytics.asking import Asking
from analytics.console import SqlAnswer
from analytics.older import judged
from analytics.question import SqlRefused
from analytics.reporting.drills import Way
from analytics.snapshots import Neighbours, Snapshot
from analytics.steadiness import is_steady
from api.http.body import read_json_object
from api.http.book_shapes import Ended, QuestionShape
from api.http.chosen import absent_at
from api.http.gate import AtDesk, Desk, SnapshotAsker, found
from api.http.kept import tag_of
from api.http.parameters import StrictRoute, Whole
from api.http.problems import bad_parameter
from api.http.questions import while_connected
from api.http.reply import ALWAYS_ASK, NEVER_STORE, STYLE_HEADERS, Told
from api.http.routes.analysis import provenance_headers, with_neighbours
from api.http.routes.answers import gives, problems
from api.http.routes.sql_asked import (
    DEFAULT,
    HTML,
    HTML_MEDIA,
    SQL_ANSWERS,
    SQL_BODY,
    SQL_GOT,
    At,
    DrillName,
    DrillSaid,
    DrillText,
    Form,
    Text,
    question_of,
    read_asked,
    sql_problem,
)
from api.http.shapes import List
from api.web.schema import schema_page
from api.web.sql import (
    SCRIPT,
    SCRIPT_WAY,
    Shown,
    asked_in,
    no_snapshot_page,
    questions_page,
    refused_page,
    sql_page,
    text_of,
)
from ledger.viewer import Viewer

routes = APIRouter(route_class=StrictRoute, tags=["analysis"])
pages = APIRouter(route_class=StrictRoute, include_in_schema=False)


@routes.get("/sql", responses=SQL_GOT, response_model=None)
async def ask_newest(
    *,
    request: Request,
    desk: AtDesk,
    viewer: SnapshotAsker,
    q: Text = "",
    format: Form = None,
    at: At = None,
    drill: DrillName = None,
    said: DrillSaid = None,
    text: DrillText = None,
) -> Response:
    """SQL on the newest snapshot: contained, read-only, cut at a limit that the answer admits to."""
    asked = question_of(q, drill, said, text)
    if isinstance(asked, SqlRefused):
        return await _refused(request, desk, viewer, asked, format)
    if at:
        query = asked_in(asked) | ({} if format is None else {"format": format})
        return RedirectResponse(f"/at/{at}/sql?{urlencode(query)}", HTTPStatus.SEE_OTHER, NEVER_STORE)
    snapshot = await desk.read(desk.ledger.analysis.snapshots.latest)
    if snapshot is None and _for_people(request, format):
        return await _without(desk, viewer, asked, Neighbours(None, None))
    return await _answer(Visit(request, desk, viewer, found(snapshot)), asked, format)


@routes.get("/at/{size}/sql", responses=SQL_GOT, response_model=None)
async def ask_at(
    *,
    request: Request,
    desk: AtDesk,
    viewer: SnapshotAsker,
    size: Whole,
    q: Text = "",
    format: Form = None,
    drill: DrillName = None,
    said: DrillSaid = None,
    text: DrillText = None,
) -> Response:
    """SQL on the snapshot of a size; 404 with its neighbours where there is none."""
    asked = question_of(q, drill, said, text)
    if isinstance(asked, SqlRefused):
        return await _refused(request, desk, viewer, asked, format)
    at = await desk.read(desk.ledger.analysis.snapshots.at, size)
    if isinstance(at, Neighbours):
        if _for_people(request, format):
            return await _without(desk, viewer, asked, at)
        return with_neighbours(absent_at(size, at))
    return await _answer(Visit(request, desk, viewer, at, is_fixed=True), asked, format)


@routes.post(
    "/sql",
    responses={**SQL_ANSWERS, **problems(400, 415)},
    response_model=None,
    openapi_extra=SQL_BODY,
)
async def post_newest(request: Request, desk: AtDesk, viewer: SnapshotAsker) -> Response:
    """The same question as a body, which may be longer than an address."""
    snapshot = found(await desk.read(desk.ledger.analysis.snapshots.latest))
    return await _posted(Visit(request, desk, viewer, snapshot))


@routes.post(
    "/at/{size}/sql",
    responses={**SQL_ANSWERS, **problems(400, 415)},
    response_model=None,
    openapi_extra=SQL_BODY,
)
async def post_at(request: Request, desk: AtDesk, viewer: SnapshotAsker, size: Whole) -> Response:
    """The same, on the snapshot of a size."""
    at = await desk.read(desk.ledger.analysis.snapshots.at, size)
    if isinstance(at, Neighbours):
        return with_neighbours(absent_at(size, at))
    return await _posted(Visit(request, desk, viewer, at))


@routes.get("/sql/questions", responses=gives(List[QuestionShape], 401, 404, 422), response_model=None)
async def list_questions(request: Request, desk: AtDesk, viewer: SnapshotAsker) -> Response:
    """The asker's questions that are being answered: for how long, and how much is done."""
    running = desk.questions.of(viewer.party)
    if _for_people(request, None):
        return HTMLResponse(questions_page(desk.ledger.origin, viewer.party, running), 200, NEVER_STORE)
    return Told({"items": running, "next": None})


@routes.delete("/sql/questions/{question}", responses=gives(Ended, 401, 404, 422), response_model=None)
async def cancel_question(desk: AtDesk, viewer: SnapshotAsker, question: str) -> Response:
    """End a question of one's own, known by its request's `X-Request-Id`. Closing the connection does too."""
    found(desk.questions.cancel(viewer.party, question) or None)
    return Told({"ended": question})


@pages.get("/schema", response_class=HTMLResponse)
async def schema(desk: AtDesk) -> Response:
    """What there is to ask: every view and column, with an example. Says nothing of what is in them."""
    return HTMLResponse(await desk.read(schema_page, desk.ledger.origin), headers=ALWAYS_ASK)


@pages.get(SCRIPT_WAY)
async def script() -> Response:
    """What tells on the page how far a question is, and ends it."""
    return Response(SCRIPT, headers=STYLE_HEADERS, media_type="text/javascript; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks what of which snapshot."""

    request: Request
    desk: Desk
    viewer: Viewer
    snapshot: Snapshot
    is_fixed: bool = False  # by the address


async def _answer(visit: Visit, asked: str | Way, form: str | None) -> Response:
    """A page or rows."""
    if _for_people(visit.request, form):
        return await _page(visit, asked)
    if not text_of(asked):
        raise bad_parameter("q: one SELECT on the views of the snapshot")
    form = form or DEFAULT
    headers = NEVER_STORE
    if is_steady(text_of(asked)):
        # Weak: in which order rows come that are not put in one is the engine's, and may be another then.
        tag = await tag_of(visit.request, visit.desk, visit.viewer, visit.snapshot, is_weak=True)
        if tag.is_held_by(visit.request):
            return tag.unchanged()
        headers = tag.headers
    return _rows(visit.snapshot, await _ask(visit, asked, form), form, headers)


def _for_people(request: Request, form: str | None) -> bool:
    return HTML_MEDIA in request.headers.get("accept", "") if form is None else form == HTML


async def _without(desk: Desk, viewer: Viewer, asked: str | Way, around: Neighbours) -> Response:
    """The form, and which snapshots are next to the one that is not there."""
    snapshots = await desk.read(desk.ledger.analysis.snapshots.every)
    page = await desk.read(no_snapshot_page, desk.ledger.origin, viewer.party, asked, around, snapshots)
    return HTMLResponse(page, HTTPStatus.NOT_FOUND, NEVER_STORE)


async def _refused(
    request: Request, desk: Desk, viewer: Viewer, refused: SqlRefused, form: str | None
) -> Response:
    """What is asked of no snapshot at all, and why."""
    problem = sql_problem(refused)
    if not _for_people(request, form):
        return problem
    snapshots = await desk.read(desk.ledger.analysis.snapshots.every)
    page = await desk.read(refused_page, desk.ledger.origin, viewer.party, refused, snapshots)
    return HTMLResponse(page, problem.status_code, NEVER_STORE)


async def _page(visit: Visit, asked: str | Way) -> Response:
    """The form, and what came of a query where there is one; its status is what a program would get."""
    query = text_of(asked)
    way = asked if isinstance(asked, Way) else None
    answer = await _ask(visit, asked, DEFAULT) if query.strip() else None
    snapshot = visit.snapshot
    every = await visit.desk.read(visit.desk.ledger.analysis.snapshots.every)
    shown = Shown(visit.viewer.party, snapshot, visit.is_fixed, every, query, answer, way)
    page = await visit.desk.read(sql_page, visit.desk.ledger.origin, shown)
    if isinstance(answer, SqlRefused):
        return HTMLResponse(page, sql_problem(answer).status_code, NEVER_STORE)
    return HTMLResponse(page, 200, provenance_headers(snapshot, answer is not None and answer.truncated))


async def _posted(visit: Visit) -> Response:
    desk, request = visit.desk, visit.request
    async with desk.budget.room() as room:
        seconds = desk.ledger.settings.body_seconds
        asked = await read_json_object(request.scope, request.receive, room, seconds=seconds)
    query, form = read_asked(asked)
    return _rows(visit.snapshot, await _ask(visit, query, form), form)


async def _ask(visit: Visit, asked: str | Way, form: str) -> SqlAnswer | SqlRefused:
    """The console's answer; the question is known by its request's id while it lasts."""
    desk, snapshot, query = visit.desk, visit.snapshot, text_of(asked)
    asking = Asking(query, snapshot.size)
    console = desk.ledger.analysis.console
    question: str = visit.request.scope["chipledger.request_id"]
    with desk.questions.one(visit.viewer.party, question, asking):
        answer = await while_connected(
            visit.request, desk.readers, asking, lambda: console.run(snapshot, query, form, asking)
        )
    if isinstance(answer, SqlRefused):
        return await desk.read(judged, snapshot, answer, is_ours=isinstance(asked, Way))
    return answer


def _rows(
    snapshot: Snapshot, answer: SqlAnswer | SqlRefused, form: str, more: dict[str, str] = NEVER_STORE
) -> Response:
    if isinstance(answer, SqlRefused):
        return sql_problem(answer)
    headers = provenance_headers(snapshot, answer.truncated) | more
    if form != DEFAULT:
        headers["Content-Disposition"] = f'attachment; filename="chipledger-{snapshot.size}.{form}"'
        return Response(answer.body, 200, headers, answer.media_type)
    told: dict[str, Any] = {
        "snapshot": snapshot.name,
        "size": snapshot.size,
        "columns": [{"name": name, "type": kind} for name, kind in answer.columns],
        "rows": msgspec.Raw(answer.body),
        "truncated": answer.truncated,
    }
    return Told(told, headers=headers)


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page, and not a program for an answer."""
    return request.method == "GET" and HTML_MEDIA in request.headers.get("accept", "")
