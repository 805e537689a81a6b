"""Is it up, may it be relied on, what does it count, and the pages for people."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.http.gate import AtDesk, Desk
from api.http.parameters import StrictRoute
from api.http.problems import UNAVAILABLE_RETRY_SECONDS
from api.http.reply import ALWAYS_ASK, NEVER_STORE, STYLE_HEADERS, Told
from api.http.routes.answers import gives, gives_text
from api.http.shapes import Health
from api.web.pages import ICON, STYLE, first_page, routes_page

METRICS_TEXT = "text/plain; version=0.0.4; charset=utf-8"
NEWEST_SHOWN = 20

routes = APIRouter(route_class=StrictRoute, tags=["operations"])
pages = APIRouter(route_class=StrictRoute, include_in_schema=False)


@routes.get("/healthz", responses=gives(Health), response_model=None)
async def healthz() -> Response:
    """The process answers."""
    return Told({"status": "ok", "faults": []})


@routes.get("/readyz", responses=gives(Health), response_model=None)
async def readyz(desk: AtDesk) -> Response:
    """Statements are admitted and what is published is fresh; else 503, with the faults."""
    faults = await desk.read(desk.ledger.faults)
    if not faults:
        return Told({"status": "ok", "faults": []})
    retry = {**NEVER_STORE, "Retry-After": str(UNAVAILABLE_RETRY_SECONDS)}
    return Told({"status": "failing", "faults": faults}, 503, retry)


@routes.get(
    "/metrics",
    responses=gives_text("text/plain", told="counters in the text format of Prometheus"),
    response_model=None,
)
async def metrics(desk: AtDesk) -> Response:
    """What this process has counted since its start."""
    lag = await desk.read(desk.ledger.analysis.lag, desk.ledger.clock())
    gauges = {
        "follower_lag_entries": ("Entries that analysis has not taken in yet.", lag.entries),
        "follower_lag_seconds": ("Age of the oldest of them.", lag.seconds),
        "log_size": ("Entries readers may see.", desk.ledger.lookup.size()),
        "ready": ("Whether /readyz would answer 200.", int(not await desk.read(desk.ledger.faults))),
    }
    return Response(desk.metrics.text(gauges), headers=NEVER_STORE, media_type=METRICS_TEXT)


@pages.get("/", response_class=HTMLResponse)
async def first(desk: AtDesk) -> Response:
    """The first page."""
    return HTMLResponse(await desk.read(_first_page, desk), headers=ALWAYS_ASK)


def _first_page(desk: Desk) -> str:
    ledger = desk.ledger
    head = ledger.head()
    return first_page(ledger.origin, head.size, head.note, ledger.lookup.record.newest(NEWEST_SHOWN))


@pages.get("/docs", response_class=HTMLResponse)
async def documentation(request: Request, desk: AtDesk) -> Response:
    """Every route, from the document."""
    page = await desk.read(routes_page, desk.ledger.origin, request.app.openapi())
    return HTMLResponse(page, headers=ALWAYS_ASK)


@pages.get("/style.css")
async def style() -> Response:
    """The style sheet."""
    return Response(STYLE, headers=STYLE_HEADERS, media_type="text/css")


@pages.get("/favicon.ico")
async def icon() -> Response:
    """A picture for the tab, where browsers look for it by themselves; the policy allows none in the page."""
    return Response(ICON, headers=STYLE_HEADERS, media_type="image/svg+xml")


@pages.get("/openapi.json")
async def document(request: Request) -> Response:
    """The document, for programs."""
    return Told(request.app.openapi(), headers=ALWAYS_ASK)
