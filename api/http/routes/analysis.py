"""Snapshots, for analysts, verifiers and the registrar."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from analytics.formats import MEDIA_TYPES
from analytics.snapshots import Snapshot
from api.http.book_shapes import SnapshotShape
from api.http.chosen import Absent
from api.http.gate import AtDesk, SnapshotAsker, found
from api.http.kept import tag_of
from api.http.parameters import StrictRoute
from api.http.problems import Problem, problem_response
from api.http.reply import NEVER_STORE, OCTETS, Told
from api.http.routes.answers import NOT_CHANGED, gives, gives_text
from api.http.shapes import List
from ledger.book.rejection import Reason

FORMATS = "|".join(MEDIA_TYPES)

Form = Annotated[str, Query(pattern=f"^({FORMATS})$", description="json, csv, arrow or parquet")]

routes = APIRouter(route_class=StrictRoute, tags=["analysis"])


@routes.get("/snapshots", responses=gives(List[SnapshotShape], 401, 404, 422), response_model=None)
async def list_snapshots(desk: AtDesk, _: SnapshotAsker) -> Response:
    """Every snapshot by size. Each is one DuckDB file that never changes."""
    every = await desk.read(desk.ledger.analysis.snapshots.every)
    items = [{"name": each.name, "size": each.size, "root": each.root} for each in every]
    return Told({"items": items, "next": None})


@routes.get(
    "/snapshots/{name}",
    responses={**gives_text(OCTETS, 401, 404, 422, told="the file"), **NOT_CHANGED},
    response_model=None,
)
async def fetch_snapshot(request: Request, desk: AtDesk, viewer: SnapshotAsker, name: str) -> Response:
    """A snapshot's file."""
    snapshot = found(await desk.read(desk.ledger.analysis.snapshots.called, name))
    tag = await tag_of(request, desk, viewer, snapshot)
    if tag.is_held_by(request):
        return tag.unchanged()
    return FileResponse(snapshot.path, headers=tag.headers, media_type=OCTETS, filename=snapshot.name)


def provenance_headers(snapshot: Snapshot, truncated: bool) -> dict[str, str]:
    """What the rows stand for, for formats that cannot say it themselves."""
    told = {"X-Chipledger-Snapshot": snapshot.name, "X-Chipledger-Truncated": str(truncated).lower()}
    return {**NEVER_STORE, **told}


def with_neighbours(absent: Absent) -> Response:
    """There is no snapshot of this size, as `detail` tells: which are next to it?"""
    around = absent.around
    sizes = {
        "below": None if around.below is None else around.below.size,
        "above": None if around.above is None else around.above.size,
    }
    problem = Problem(404, Reason.UNKNOWN_REFERENCE, absent.detail)
    return problem_response({**problem.as_object(), **sizes}, absent.headers)
