"""Plans of inspections, for anybody: every input is in the URL."""

from fractions import Fraction
from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.http.book_shapes import Plan
from api.http.gate import AtDesk
from api.http.parameters import WHOLE
from api.http.problems import bad_parameter
from api.http.reply import Told
from api.http.routes.answers import gives
from ledger.inspection.plan import Infeasible, Planned, decimal_text, presence, sentence
from signing.canonical import INTEGER_MAX

PPM = 1_000_000
PLANS_KEPT = 1_000
PRESENCE = "presence"
ACTIVITY = "activity"
PRESENCE_NEEDED = ("frame", "missing", "beta_ppm")
PRESENCE_OPTIONAL = ("accept", "test_miss_ppm")

planning = APIRouter(
    tags=["inspections"]
)  # checks its own parameters: which there are depends on the planner


def _whole_parameter(name: str, told: str, example: int, *, required: bool = True) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0}
    named = {"name": name, "in": "query", "required": required}
    return {**named, "description": told, "schema": schema, "example": example}


PLAN_PARAMETERS = {
    "parameters": [
        {
            "name": "planner",
            "in": "query",
            "required": True,
            "schema": {"type": "string", "enum": [PRESENCE]},
            "example": PRESENCE,
        },
        _whole_parameter("frame", "chips on the book", 10_000),
        _whole_parameter("missing", "chips gone, at least", 100),
        _whole_parameter("beta_ppm", "risk of missing that, in millionths", 50_000),
        _whole_parameter("accept", "how many found are still acceptable", 0, required=False),
        _whole_parameter("test_miss_ppm", "how often the test overlooks one", 0, required=False),
    ]
}


@planning.get(
    "/inspections/plan", responses=gives(Plan, 422), response_model=None, openapi_extra=PLAN_PARAMETERS
)
async def plan(request: Request, desk: AtDesk) -> Response:
    """How many chips must be visited? Needs no token; every input is in the URL."""
    given = request.query_params.multi_items()
    values = dict(given)
    if len(values) != len(given):
        raise bad_parameter("a parameter is given twice")
    planner = values.pop("planner", "")
    if planner == ACTIVITY:
        raise bad_parameter("planner: activity is not offered yet; presence is")
    if planner != PRESENCE:
        raise bad_parameter("planner: presence")
    for name in PRESENCE_NEEDED:
        if name not in values:
            raise bad_parameter(f"{name}: missing")
    numbers = dict.fromkeys(PRESENCE_OPTIONAL, 0)
    for name, text in values.items():
        if name not in (*PRESENCE_NEEDED, *PRESENCE_OPTIONAL):
            raise bad_parameter(f"{name[:40]}: no parameter of this planner")
        if WHOLE.fullmatch(text) is None or int(text) > INTEGER_MAX:
            raise bad_parameter(f"{name}: a whole number from 0, in digits")
        numbers[name] = int(text)
    try:
        answer = await desk.read(_planned, **numbers)
    except ValueError as fault:
        raise bad_parameter(str(fault)) from None
    return Told(answer)


@lru_cache(PLANS_KEPT)
def _planned(frame: int, missing: int, beta_ppm: int, accept: int, test_miss_ppm: int) -> dict[str, Any]:
    """The plan. Runs in a reader's thread; `ValueError` names a parameter out of range."""
    beta, test_miss = Fraction(beta_ppm, PPM), Fraction(test_miss_ppm, PPM)
    result = presence(frame, missing, beta, accept, test_miss)
    said = sentence(frame, missing, beta, result, accept=accept, test_miss=test_miss)
    match result:
        case Planned(n, miss, one_less):
            less = None if one_less is None else decimal_text(one_less)
            return {
                "status": "ok",
                "n": n,
                "miss": decimal_text(miss),
                "miss_one_less": less,
                "sentence": said,
            }
        case Infeasible(best):
            told = {"n": None, "miss": decimal_text(best), "miss_one_less": None, "sentence": said}
            return {"status": "infeasible", **told}
