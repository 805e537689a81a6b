"""Plans of inspections, for anybody: every input is in the URL.

Checks its own parameters, as which there are depends on the planner. Answers are worked out in readers'
threads and kept; what would take long is refused, so that a question cannot keep the server busy.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.http.gate import AtDesk
from api.http.plan_shapes import ActivityPlan, Plan
from api.http.problems import bad_parameter
from api.http.reply import NEVER_STORE, Told
from api.http.routes.answers import gives
from api.web.planner import fields_of, planner_page
from api.web.plots import DETECTION, PLOTS, plot_svg
from ledger.planning import telling
from ledger.planning.reading import ACTIVITY, PLANNERS, PRESENCE, read_demand
from signing.canonical import Unreadable

PLANS_KEPT = 1_000
QUERY_CHARACTERS_MAX = 20_000
SVG, JSON = "svg", "json"
FORMATS = (JSON, SVG)
SVG_MEDIA = "image/svg+xml"
NAME_TOLD_CHARACTERS = 40

planning = APIRouter(tags=["inspections"])
pages = APIRouter(include_in_schema=False)

Asked = tuple[tuple[str, str], ...]


def _parameter(
    name: str, told: str, example: str = "", *, required: bool = False, kind: str = "string"
) -> Any:
    schema: dict[str, Any] = {"type": kind}
    if kind == "integer":
        schema["minimum"] = 0
    described = {"name": name, "in": "query", "required": required, "description": told, "schema": schema}
    return {**described, "example": example} if example else described


def _whole(name: str, told: str, example: str = "", *, required: bool = False) -> Any:
    return _parameter(name, told, example, required=required, kind="integer")


def _choice(name: str, words: tuple[str, ...], told: str, *, required: bool = False) -> Any:
    described = _parameter(name, told, words[0], required=required)
    return {**described, "schema": {"type": "string", "enum": list(words)}}


PLAN_PARAMETERS = {
    "parameters": [
        _choice(
            "planner", PLANNERS, "are the chips there, or was a large run hidden among them?", required=True
        ),
        _whole("frame", "presence: chips on the book; strata or provers may say it instead", "10000"),
        _whole("missing", "presence: chips gone, at least", "100"),
        _whole("beta_ppm", "risk of missing that, in millionths", "50000", required=True),
        _whole("accept", "presence: how many found are still acceptable"),
        _whole("test_miss_ppm", "presence: how often the test overlooks a missing chip"),
        _parameter("run_flop", "FLOP of the run; for presence, with the next two, it says `missing`"),
        _parameter("chip_flop_per_day", "FLOP a chip does in a day"),
        _parameter("run_days", "days the run takes"),
        _parameter("strata", "presence: JSON `[{name, chips, site?, test_miss_ppm?, cost?}]`"),
        _parameter("provers", "presence: `PARTY:CHIPS,…`, inspected as one frame"),
        _parameter("visit_cost", "cost of one visit, or look"),
        _parameter("budget", "presence: what may be spent; without `missing`, what would it catch?"),
        _whole("visits", "presence: what would so many catch? In place of `missing`"),
        _parameter("sizes", "presence: these sizes, a stratum each, are judged and not planned"),
        _parameter("stages", "presence: `ACCEPT:REJECT,…`, a stage each; the last decides"),
        _parameter("direction", "presence: `book_to_floor`, or `floor_to_book` for positions"),
        _whole("evade", "presence: 1 tells what a cheat would do"),
        _whole("chips", "activity: chips owned"),
        _parameter("period_days", "activity: days of the monitoring period"),
        _parameter("snapshots_per_day", "activity: snapshots a chip logs in a day"),
        _parameter("longest_days", "activity: the longest run to be thought of; without it, any"),
        _whole("curve", "1 adds the points of the curve"),
        _choice("format", FORMATS, "svg gives the curve as a picture"),
        _choice("plot", PLOTS, "of the picture: detection by size, or cost by risk"),
    ]
}


@planning.get(
    "/inspections/plan",
    responses=gives(Plan | ActivityPlan, 422),
    response_model=None,
    openapi_extra=PLAN_PARAMETERS,
)
async def plan(request: Request, desk: AtDesk) -> Response:
    """How many chips must be visited, or looked at? Needs no token; every input is in the URL."""
    asked = _asked_once(request)
    form, plot = asked.pop("format", JSON), asked.pop("plot", DETECTION)
    planner, curve = asked.pop("planner", ""), asked.pop("curve", "0")
    for name, value, words in (
        ("format", form, FORMATS),
        ("plot", plot, PLOTS),
        ("curve", curve, ("0", "1")),
    ):
        if value not in words:
            raise bad_parameter(f"{name}: {' or '.join(words)}")
    if planner not in PLANNERS:
        raise bad_parameter(f"planner: {PRESENCE} or {ACTIVITY}")
    key = tuple(sorted(asked.items()))
    try:
        if form == SVG:
            return Response(
                await desk.read(_drawn, planner, key, plot), headers=NEVER_STORE, media_type=SVG_MEDIA
            )
        told = await desk.read(planned, planner, key, curve=curve == "1")
    except (Unreadable, ValueError) as fault:
        raise bad_parameter(str(fault)) from None
    return Told(told.facts)


@pages.get("/plan", response_class=HTMLResponse)
async def plan_page(request: Request, desk: AtDesk) -> Response:
    """The planner for a browser, which may be without scripts."""
    given = _asked_once(request)
    planner = given.pop("planner", PRESENCE)
    if planner not in PLANNERS:
        raise bad_parameter(f"planner: {PRESENCE} or {ACTIVITY}")
    for name in given:
        if name not in fields_of(planner):
            raise bad_parameter(f"{name[:NAME_TOLD_CHARACTERS]}: no input of this page")
    page = await desk.read(planner_page, desk.ledger.origin, planner, given, _for_page)
    return HTMLResponse(page, headers=NEVER_STORE)


def _for_page(planner: str, asked: Mapping[str, str]) -> telling.Told:
    return planned(planner, tuple(sorted(asked.items())), curve=True)


@lru_cache(PLANS_KEPT)
def planned(planner: str, asked: Asked, *, curve: bool) -> telling.Told:
    """The plan, kept. Runs in a reader's thread; Unreadable and ValueError name a parameter."""
    return telling.tell(read_demand(planner, dict(asked)), curve=curve)


@lru_cache(PLANS_KEPT)
def _drawn(planner: str, asked: Asked, plot: str) -> bytes:
    return plot_svg(planned(planner, asked, curve=True), plot)


def _asked_once(request: Request) -> dict[str, str]:
    """The parameters, each given once."""
    if len(request.url.query) > QUERY_CHARACTERS_MAX:
        raise bad_parameter(f"the question: at most {QUERY_CHARACTERS_MAX:,} characters")
    asked: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in asked:
            raise bad_parameter(f"{name[:NAME_TOLD_CHARACTERS]}: given twice")
        asked[name] = value
    return asked
