"""How does a browser come to read as a party? By a link that is good once.

`POST /sessions` gives the link to whoever shows a bearer token. Opening it shows a button and spends nothing,
so that a program which looks at links before people do takes none away; pressing it sets the cookie.
"""

from http import HTTPStatus
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.http.body import content_type, header, read_body
from api.http.gate import BEARER, AtDesk, Desk
from api.http.parameters import StrictRoute
from api.http.problems import NO_TOKEN, Problem, Refusal
from api.http.reply import NEVER_STORE, Told
from api.http.routes.answers import gives
from api.http.sessions import set_cookie
from api.http.shapes import SessionLink
from api.web.sessions import enter_page, who_page
from ledger.book.rejection import Reason
from ledger.book.times import format_seconds

FORM = "application/x-www-form-urlencoded"
FORM_BYTES_MAX = 4_096
FIRST_PAGE = "/reports"
FROM_HERE = frozenset({"same-origin", "none"})
NO_CODE = Problem(401, Reason.UNSIGNED, "this link was used, has expired, or is none; ask for another")
FROM_ELSEWHERE = Problem(401, Reason.UNSIGNED, "this form was sent by a page of another site")

routes = APIRouter(route_class=StrictRoute, tags=["tokens"])
pages = APIRouter(route_class=StrictRoute, include_in_schema=False)


@routes.post("/sessions", responses=gives(SessionLink, 401), response_model=None)
async def open_session(request: Request, desk: AtDesk) -> Response:
    """A link that lets a browser read as the asker for an hour: good once, for two minutes."""
    await desk.viewer(request.scope)  # the key still stands
    authorization = header(request.scope, b"authorization") or ""
    bearer = desk.tokens.bearer(authorization[len(BEARER) :].strip())
    if bearer is None:
        raise Refusal(NO_TOKEN)
    code, expires_at = desk.sessions.code(bearer)
    return Told({"path": f"/session/{code}", "expires_at": format_seconds(expires_at)})


@pages.get("/session", response_class=HTMLResponse)
async def who(request: Request, desk: AtDesk) -> Response:
    """Whom this browser reads as, and how it stops."""
    viewer = await desk.viewer(request.scope)
    return HTMLResponse(who_page(desk.ledger.origin, viewer.party), headers=NEVER_STORE)


@pages.get("/session/{code}", response_class=HTMLResponse)
async def enter(desk: AtDesk, code: str) -> Response:
    """A button. Nothing happens before it is pressed."""
    return HTMLResponse(enter_page(desk.ledger.origin, code), headers=NEVER_STORE)


@pages.post("/session")
async def begin_or_end(request: Request, desk: AtDesk) -> Response:
    """The cookie for a code, or none any more."""
    if content_type(request.scope) != FORM:
        raise Refusal(Problem(415, Reason.MALFORMED, f"Content-Type: send {FORM}"))
    _refuse_elsewhere(request)
    told = await _form(request, desk)
    value = "" if told.get("end") else desk.sessions.enter(told.get("code", ""))
    if value is None:
        raise Refusal(NO_CODE)
    cookie = set_cookie(value, secure=request.url.scheme == "https")
    to = FIRST_PAGE if value else "/"
    return RedirectResponse(to, HTTPStatus.SEE_OTHER, {**NEVER_STORE, "Set-Cookie": cookie})


def _refuse_elsewhere(request: Request) -> None:
    """A browser says which page sent a form: another site's must not make one read as somebody else."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    # `null` is what browsers say of our own pages, which send no referrer; `Sec-Fetch-Site` knows better.
    foreign = origin not in (None, "null") and origin.partition("://")[2] != request.headers.get("host")
    if foreign or (site is not None and site not in FROM_HERE):
        raise Refusal(FROM_ELSEWHERE)


async def _form(request: Request, desk: Desk) -> dict[str, str]:
    async with desk.budget.room() as room:
        seconds = desk.ledger.settings.body_seconds
        raw = await read_body(request.scope, request.receive, room, bytes_max=FORM_BYTES_MAX, seconds=seconds)
    told = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=8)
    return {name: values[0] for name, values in told.items()}
