"""The replay file of an inspection, for those who may see all of its sample."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.http.gate import Asker, AtDesk, Desk, NamePart, PartyPart, found, party_meant
from api.http.kept import Tag
from api.http.parameters import StrictRoute
from api.http.reply import JSON_LINES
from api.http.routes.answers import NOT_CHANGED, gives_text
from ledger.replay.making import Replay

routes = APIRouter(route_class=StrictRoute, tags=["inspections"])


@routes.get(
    "/inspections/{party}/{name}/bundle",
    responses={
        **gives_text(JSON_LINES, 401, 404, 422, told="the header, then the frame, one line each"),
        **NOT_CHANGED,
    },
    response_model=None,
)
async def show_bundle(
    request: Request, desk: AtDesk, viewer: Asker, party: PartyPart, name: NamePart
) -> Response:
    """Everything needed to redo the draw offline: entries with proofs, pulses, secrets, the whole frame.

    Verifiers and the registrar have it from the commitment on; a prover once it is drawn, where it is the
    only one.
    """
    named = f"{party_meant(viewer, party)}/{name}"
    replay = found(await desk.read(desk.ledger.lookup.replays.replay, viewer, named))
    tag = Tag(replay.tag)
    if tag.is_held_by(request):
        return tag.unchanged()
    headers = {**tag.headers, "Content-Length": str(replay.length)}
    return StreamingResponse(_pieces(desk, replay), 200, headers, JSON_LINES)


async def _pieces(desk: Desk, replay: Replay) -> AsyncIterator[bytes]:
    """The file, each piece made in a reader's thread when the one before is on its way."""
    chunks = replay.chunks()
    while piece := await desk.read(next, chunks, b""):
        yield piece
