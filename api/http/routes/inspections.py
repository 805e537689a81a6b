"""Frames, inspections and samples, for those who may see them."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Annotated, Literal

import msgspec
import pyarrow.ipc  # type: ignore[import-untyped]
from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from analytics.formats import MEDIA_TYPES
from api.http.book_shapes import Frame
from api.http.gate import Asker, AsOf, AtDesk, Desk, NamePart, PartyPart, found, party_meant
from api.http.inspection_shapes import Inspection, InspectionShort, Sample
from api.http.parameters import (
    LIST_ITEMS_DEFAULT,
    STRATA_CHARACTERS_MAX,
    Limit,
    NamedAfter,
    StrictRoute,
)
from api.http.problems import bad_parameter
from api.http.reply import NEVER_STORE, Told
from api.http.routes.answers import gives
from api.http.shapes import List
from ledger.book.frame import Frame as FrameColumns
from ledger.book.frame_columns import COLUMNS, batches
from ledger.book.identifiers import NAMED, is_party
from ledger.book.records.inspections import Stratum
from ledger.book.rules.directions import FLOOR_TO_BOOK
from ledger.lookup.answers import Window
from ledger.lookup.inspections import WHOLE_FRAME
from signing.canonical import read_object

PROVERS_MAX = 100
STRATA_MAX = 64

routes = APIRouter(route_class=StrictRoute, tags=["inspections"])


FRAME_ANSWERS = {
    **gives(Frame, 401, 404, 422),
    200: {
        "model": Frame,
        "description": "count and root, or every one in columns",
        "content": {MEDIA_TYPES["arrow"]: {}},
    },
}


@routes.get("/inspections/frame", responses=FRAME_ANSWERS, response_model=None)
async def frame(
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    provers: Annotated[str, Query(description="party ids, comma between", examples=["acme,acme-labs"])],
    *,
    strata: Annotated[
        str | None,
        Query(
            max_length=STRATA_CHARACTERS_MAX,
            description="JSON `[{name, site?, model?, class?}]`; the last takes the rest",
            examples=['[{"name":"hall-1","site":"acme/hall-1"},{"name":"rest"}]'],
        ),
    ] = None,
    direction: Annotated[
        Literal["book_to_floor", "floor_to_book"],
        Query(description="chips of the book, or positions of the floors"),
    ] = "book_to_floor",
    format: Annotated[
        Literal["json", "arrow"],
        Query(description="json: count and root; arrow: every one with its site, model and class, streamed"),
    ] = "json",
) -> Response:
    """The chips, or positions, that could be drawn from: how many, and the Merkle root over their lines."""
    names = [party_meant(viewer, name) for name in provers.split(",")]
    if len(names) > PROVERS_MAX or len(set(names)) != len(names) or not all(map(is_party, names)):
        raise bad_parameter(f"provers: 1 to {PROVERS_MAX} different party ids, comma between")
    asked = read_strata(strata)
    if direction == FLOOR_TO_BOOK and any(each.model or each.chip_class for each in asked):
        raise bad_parameter("strata: a position has a site, and neither model nor class")
    if format == "arrow":
        read_columns = desk.ledger.lookup.inspections.frame_columns
        columns = found(await desk.read(read_columns, viewer, names, at, direction))
        return StreamingResponse(_pieces(desk, columns), 200, NEVER_STORE, MEDIA_TYPES["arrow"])
    read = desk.ledger.lookup.inspections.frame
    return Told(found(await desk.read(read, viewer, names, at, asked, direction)))


async def _pieces(desk: Desk, columns: FrameColumns) -> AsyncIterator[bytes]:
    """An Arrow stream, each batch made in a reader's thread when the one before is on its way."""
    sink = BytesIO()
    with pyarrow.ipc.new_stream(sink, COLUMNS) as writer:
        made = batches(columns)
        while (batch := await desk.read(next, made, None)) is not None:
            writer.write_batch(batch)
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
    yield sink.getvalue()


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


@routes.get("/inspections", responses=gives(List[InspectionShort], 401, 404, 422), response_model=None)
async def list_inspections(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    series: Annotated[
        str | None,
        Query(pattern=f"^{NAMED.pattern}$", description="it counts in", examples=["agency/yearly"]),
    ] = None,
    state: Annotated[str | None, Query(pattern="^(committed|drawn|closed)$")] = None,
    after: NamedAfter = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Inspections by id, for verifiers and the registrar; others ask for those they know of by name."""
    read, window = desk.ledger.lookup.inspections.inspections, Window(at, after, limit)
    page = found(await desk.read(read, viewer, window, series=series, state=state))
    return Told({"items": page.items, "next": page.next})


@routes.get("/inspections/{party}/{name}", responses=gives(Inspection, 401, 404, 422), response_model=None)
async def show_inspection(
    desk: AtDesk, viewer: Asker, at: AsOf, party: PartyPart, name: NamePart
) -> Response:
    """An inspection: to verifiers and the registrar always, to its provers once it is drawn."""
    named = f"{party_meant(viewer, party)}/{name}"
    return Told(found(await desk.read(desk.ledger.lookup.inspections.inspection, viewer, named, at)))


@routes.get(
    "/inspections/{party}/{name}/sample",
    responses=gives(Sample, 401, 404, 422),
    response_model=None,
)
async def show_sample(desk: AtDesk, viewer: Asker, at: AsOf, party: PartyPart, name: NamePart) -> Response:
    """The chips drawn, by stage, stratum and rank, with the tickets anybody can recompute."""
    named = f"{party_meant(viewer, party)}/{name}"
    return Told(found(await desk.read(desk.ledger.lookup.inspections.sample, viewer, named, at)))
