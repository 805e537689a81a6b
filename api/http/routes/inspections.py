"""Plans for anybody; frames, inspections and samples for those who may see them."""

from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http.book_shapes import Frame, Inspection, Plan, SampleItem
from api.http.gate import Asker, AsOf, AtDesk, NamePart, PartyPart, found, party_meant
from api.http.parameters import STRATA_CHARACTERS_MAX, WHOLE, StrictRoute
from api.http.problems import bad_parameter
from api.http.reply import Told
from api.http.routes.answers import gives
from api.http.shapes import List
from ledger.book.identifiers import is_party
from ledger.book.records.inspections import Stratum
from ledger.inspection.plan import Infeasible, Planned, decimal_text, presence, sentence
from ledger.lookup.inspections import WHOLE_FRAME
from signing.canonical import INTEGER_MAX, read_object

PPM = 1_000_000
PROVERS_MAX = 100
STRATA_MAX = 64
PLANS_KEPT = 1_000
PRESENCE = "presence"
ACTIVITY = "activity"
PRESENCE_NEEDED = ("frame", "missing", "beta_ppm")
PRESENCE_OPTIONAL = ("accept", "test_miss_ppm")

routes = APIRouter(route_class=StrictRoute, tags=["inspections"])
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


@routes.get("/inspections/frame", responses=gives(Frame, 401, 404, 422), response_model=None)
async def frame(
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    provers: Annotated[str, Query(description="party ids, comma between", examples=["acme,acme-labs"])],
    strata: Annotated[
        str | None,
        Query(
            max_length=STRATA_CHARACTERS_MAX,
            description="JSON `[{name, site?, model?, class?}]`; the last takes the rest",
            examples=['[{"name":"hall-1","site":"acme/hall-1"},{"name":"rest"}]'],
        ),
    ] = None,
) -> Response:
    """The chips that could be drawn from: how many, and the Merkle root over their lines."""
    names = [party_meant(viewer, name) for name in provers.split(",")]
    if len(names) > PROVERS_MAX or len(set(names)) != len(names) or not all(map(is_party, names)):
        raise bad_parameter(f"provers: 1 to {PROVERS_MAX} different party ids, comma between")
    read = desk.ledger.lookup.inspections.frame
    return Told(found(await desk.read(read, viewer, names, at, read_strata(strata))))


def read_strata(text: str | None) -> tuple[Stratum, ...]:
    """Strata as a query writes them; 422 for what is none, or whose last does not take the rest."""
    if text is None:
        return WHOLE_FRAME
    # A list is read as the only member of an object, so that the one strict reader reads it.
    value = read_object(b'{"strata":' + text.encode("utf-8", "replace") + b"}", "strata")
    try:
        strata = msgspec.convert(value.get("strata"), tuple[Stratum, ...])
    except msgspec.ValidationError as fault:
        raise bad_parameter(f"strata: {fault}") from None
    if value.keys() != {"strata"} or not 1 <= len(strata) <= STRATA_MAX:
        raise bad_parameter(f"strata: a list of 1 to {STRATA_MAX}")
    wrong = check_strata(strata)
    if wrong is not None:
        raise bad_parameter(wrong)
    return strata


def check_strata(strata: tuple[Stratum, ...]) -> str | None:
    """What is wrong with strata that were read: names twice or of other letters, no last one for the rest."""
    names = [stratum.name for stratum in strata]
    plain = all(name.isascii() and name and all(c.isalnum() or c in "._-" for c in name) for name in names)
    if len(set(names)) != len(names) or not plain:
        return "strata: names differ, of letters, digits, . _ -"
    if (strata[-1].site, strata[-1].model, strata[-1].chip_class) != (None, None, None):
        return "strata: the last takes the rest, it has no predicate"
    return None


@routes.get("/inspections/{party}/{name}", responses=gives(Inspection, 401, 404, 422), response_model=None)
async def show_inspection(
    desk: AtDesk, viewer: Asker, at: AsOf, party: PartyPart, name: NamePart
) -> Response:
    """An inspection: to verifiers and the registrar always, to its provers once it is drawn."""
    named = f"{party_meant(viewer, party)}/{name}"
    return Told(found(await desk.read(desk.ledger.lookup.inspections.inspection, viewer, named, at)))


@routes.get(
    "/inspections/{party}/{name}/sample",
    responses=gives(List[SampleItem], 401, 404, 422),
    response_model=None,
)
async def show_sample(desk: AtDesk, viewer: Asker, at: AsOf, party: PartyPart, name: NamePart) -> Response:
    """The chips drawn, by stage, stratum and rank, with the tickets anybody can recompute."""
    named = f"{party_meant(viewer, party)}/{name}"
    items = found(await desk.read(desk.ledger.lookup.inspections.sample, viewer, named, at))
    return Told({"items": items, "next": None})
