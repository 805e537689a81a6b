"""Snapshots and SQL, for analysts, verifiers and the registrar."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import FileResponse, Response

from analytics.console import SqlAnswer
from analytics.formats import MEDIA_TYPES
from analytics.question import QUERY_BYTES_MAX, SqlRefused
from analytics.snapshots import Neighbours, Snapshot
from api.http.book_shapes import SnapshotShape, SqlRows
from api.http.gate import AtDesk, Desk, SnapshotAsker, found
from api.http.parameters import StrictRoute, Whole
from api.http.problems import Problem, problem_response
from api.http.reply import NEVER_STORE, OCTETS, PRIVATE_FOR_EVER, Told
from api.http.routes.answers import gives, gives_text
from api.http.shapes import List
from ledger.book.rejection import Reason

BUSY_RETRY_SECONDS = 5
FORMATS = "|".join(MEDIA_TYPES)

Text = Annotated[
    str,
    Query(
        min_length=1,
        max_length=QUERY_BYTES_MAX,
        description="one SELECT on the views of the snapshot",
        examples=["SELECT custodian, count(*) AS chips FROM chip GROUP BY 1"],
    ),
]
Form = Annotated[str, Query(pattern=f"^({FORMATS})$", description="json, csv, arrow or parquet")]

routes = APIRouter(route_class=StrictRoute, tags=["analysis"])
SQL_ANSWERS = {
    **gives(SqlRows, 401, 404, 413, 422),
    200: {
        "model": SqlRows,
        "description": "the rows; `X-Chipledger-Truncated: true` where there were more",
        "content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()},
    },
}


@routes.get("/snapshots", responses=gives(List[SnapshotShape], 401, 404, 422), response_model=None)
async def list_snapshots(desk: AtDesk, _: SnapshotAsker) -> Response:
    """Every snapshot by size. Each is one DuckDB file that never changes."""
    every = await desk.read(desk.ledger.analysis.snapshots.every)
    items = [{"name": each.name, "size": each.size, "root": each.root} for each in every]
    return Told({"items": items, "next": None})


@routes.get(
    "/snapshots/{name}",
    responses=gives_text(OCTETS, 401, 404, 422, told="the file"),
    response_model=None,
)
async def fetch_snapshot(desk: AtDesk, _: SnapshotAsker, name: str) -> Response:
    """A snapshot's file."""
    snapshot = found(await desk.read(desk.ledger.analysis.snapshots.called, name))
    return FileResponse(snapshot.path, headers=PRIVATE_FOR_EVER, media_type=OCTETS, filename=snapshot.name)


@routes.get("/sql", responses=SQL_ANSWERS, response_model=None)
async def ask_newest(desk: AtDesk, _: SnapshotAsker, q: Text, format: Form = "json") -> Response:
    """SQL on the newest snapshot: contained, read-only, cut at a limit that the answer admits to."""
    snapshot = found(await desk.read(desk.ledger.analysis.snapshots.latest))
    return await _ask(desk, snapshot, q, format)


@routes.get("/at/{size}/sql", responses=SQL_ANSWERS, response_model=None)
async def ask_at(desk: AtDesk, _: SnapshotAsker, size: Whole, q: Text, format: Form = "json") -> Response:
    """SQL on the snapshot of a size; 404 with its neighbours where there is none."""
    at = await desk.read(desk.ledger.analysis.snapshots.at, size)
    return with_neighbours(at) if isinstance(at, Neighbours) else await _ask(desk, at, q, format)


async def _ask(desk: Desk, snapshot: Snapshot, query: str, form: str) -> Response:
    answer = await desk.read(desk.ledger.analysis.console.run, snapshot, query, form)
    match answer:
        case SqlRefused():
            return sql_problem(answer)
        case SqlAnswer():
            headers = provenance_headers(snapshot, answer.truncated)
            if form != "json":
                return Response(answer.body, 200, headers, answer.media_type)
            told: dict[str, Any] = {
                "snapshot": snapshot.name,
                "size": snapshot.size,
                "columns": [{"name": name, "type": kind} for name, kind in answer.columns],
                "rows": msgspec.Raw(answer.body),
                "truncated": answer.truncated,
            }
            return Told(told, headers=headers)


def provenance_headers(snapshot: Snapshot, truncated: bool) -> dict[str, str]:
    """What the rows stand for, for formats that cannot say it themselves."""
    told = {"X-Chipledger-Snapshot": snapshot.name, "X-Chipledger-Truncated": str(truncated).lower()}
    return {**NEVER_STORE, **told}


def sql_problem(refused: SqlRefused) -> Response:
    """A query that was not answered; `console` has the console's own word for why."""
    if refused.reason == "busy":
        problem = Problem(503, Reason.UNAVAILABLE, refused.detail, BUSY_RETRY_SECONDS)
        return problem.response()
    if refused.reason == "too_long":
        problem = Problem(413, Reason.TOO_LARGE, f"q: {refused.detail}")
    else:
        problem = Problem(422, Reason.BAD_FIELD, f"q: {refused.detail}")
    return problem_response({**problem.as_object(), "console": refused.reason}, NEVER_STORE)


def with_neighbours(around: Neighbours) -> Response:
    """There is no snapshot of this size: which are next to it?"""
    sizes = {
        "below": None if around.below is None else around.below.size,
        "above": None if around.above is None else around.above.size,
    }
    problem = Problem(
        404, Reason.UNKNOWN_REFERENCE, "no snapshot has this size; its neighbours are below and above"
    )
    return problem_response({**problem.as_object(), **sizes}, NEVER_STORE)
