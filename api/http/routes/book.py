"""Chips, parties, shipments and discrepancies, as of any size."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http.body import read_json_object
from api.http.book_shapes import Chip, ChipEvent, Discrepancy, Looked, Party, Shipment
from api.http.gate import Asker, AsOf, AtDesk, ChipPart, NamePart, PartyPart, found, party_meant
from api.http.parameters import LIST_ITEMS_DEFAULT, Cursor, Limit, StrictRoute, Word
from api.http.problems import Problem, Refusal, bad_parameter
from api.http.reply import Told
from api.http.routes.answers import gives
from api.http.shapes import List
from ledger.book.identifiers import is_chip
from ledger.book.rejection import Reason
from ledger.lookup.answers import Page, Window
from signing.canonical import Unreadable

CHIPS_LOOKED_UP_MAX = 1_000

routes = APIRouter(route_class=StrictRoute, tags=["the book"])


def page_object(page: Page) -> dict[str, Any]:
    """A page as the contract writes lists."""
    return {"items": page.items, "next": page.next}


@routes.get("/chips", responses=gives(List[Chip], 401, 422), response_model=None)
async def find_chips(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    serial: Annotated[Word | None, Query(description="the part after the colon, whoever made it")] = None,
    uuid: Annotated[Word | None, Query(description="a unique identity, as registered")] = None,
    ik: Annotated[Word | None, Query(description="SHA-256 of the key in the silicon, hex")] = None,
    label: Annotated[Word | None, Query(description="not searchable yet")] = None,
) -> Response:
    """Find chips by what is written on or in them."""
    if label is not None:
        raise bad_parameter("label: labels cannot be searched yet; use serial, uuid or ik")
    if serial is None and uuid is None and ik is None:
        raise bad_parameter("serial, uuid, ik: give at least one")
    book = desk.ledger.lookup.book
    chips = await desk.read(book.search, viewer, at, serial=serial, uuid=uuid, ik=ik)
    return Told({"items": chips, "next": None})


@routes.post(
    "/chips/lookup",
    responses=gives(Looked, 400, 401, 413, 415, 422),
    response_model=None,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["chips"],
                        "additionalProperties": False,
                        "properties": {
                            "chips": {
                                "type": "array",
                                "items": {"type": "string"},
                                "maxItems": CHIPS_LOOKED_UP_MAX,
                            }
                        },
                    },
                    "example": {"chips": ["nv-fab:H100-000001", "nv-fab:H100-000002"]},
                }
            },
        }
    },
)
async def look_up_chips(request: Request, desk: AtDesk, viewer: Asker, at: AsOf) -> Response:
    """Up to 1,000 chips at once; those unknown or not the asker's to see come back as `unknown`."""
    async with desk.budget.room() as room:
        seconds = desk.ledger.settings.body_seconds
        asked = await read_json_object(request.scope, request.receive, room, seconds=seconds)
    chips = asked.get("chips")
    if asked.keys() != {"chips"} or not isinstance(chips, list) or not all(isinstance(c, str) for c in chips):
        raise Unreadable("body", "has chips, a list of chip ids, and nothing else")
    if len(chips) > CHIPS_LOOKED_UP_MAX:
        raise Refusal(Problem(413, Reason.TOO_LARGE, f"chips: at most {CHIPS_LOOKED_UP_MAX}"))
    for place, chip in enumerate(chips):
        if not is_chip(chip):
            raise bad_parameter(f"chips[{place}]: no <maker>:<serial>")
    seen = await desk.read(desk.ledger.lookup.book.chips, viewer, chips, at)
    asked_once = list(dict.fromkeys(chips))
    items = [seen[chip] for chip in asked_once if chip in seen]
    return Told({"items": items, "unknown": [chip for chip in asked_once if chip not in seen]})


@routes.get("/chips/{chip}", responses=gives(Chip, 401, 404, 422), response_model=None)
async def show_chip(desk: AtDesk, viewer: Asker, at: AsOf, chip: ChipPart) -> Response:
    """A chip: who has it, owns it and answers for it, and where it is."""
    return Told(found(await desk.read(desk.ledger.lookup.book.chip, viewer, chip, at)))


@routes.get("/chips/{chip}/history", responses=gives(List[ChipEvent], 401, 404, 422), response_model=None)
async def show_history(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    chip: ChipPart,
    after: Annotated[str | None, Query(pattern="^(0|[1-9][0-9]{0,15})$")] = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Every entry that moved a chip, oldest first, and how the chip stood after it."""
    book = desk.ledger.lookup.book
    return Told(page_object(found(await desk.read(book.history, viewer, chip, Window(at, after, limit)))))


@routes.get("/parties/{party}", responses=gives(Party, 401, 404, 422), response_model=None)
async def show_party(desk: AtDesk, viewer: Asker, at: AsOf, party: PartyPart) -> Response:
    """A party and its keys: one's own, or for verifiers and the registrar anybody's."""
    meant = party_meant(viewer, party)
    return Told(found(await desk.read(desk.ledger.lookup.book.party, viewer, meant, at)))


@routes.get("/parties/{party}/holdings", responses=gives(List[Chip], 401, 404, 422), response_model=None)
async def show_holdings(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    party: PartyPart,
    after: Cursor = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """The chips in a party's custody, held or in transit."""
    book, meant = desk.ledger.lookup.book, party_meant(viewer, party)
    return Told(page_object(found(await desk.read(book.holdings, viewer, meant, Window(at, after, limit)))))


@routes.get("/shipments", responses=gives(List[Shipment], 401, 422), response_model=None)
async def list_shipments(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    to: Annotated[Word | None, Query(description="the receiver; `me` is the asker")] = None,
    state: Annotated[str | None, Query(pattern="^(open|closed|cancelled)$")] = None,
    after: Cursor = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Shipments sent by or to the asker; for verifiers and the registrar all."""
    book = desk.ledger.lookup.book
    receiver = None if to is None else party_meant(viewer, to)
    return Told(
        page_object(await desk.read(book.shipments, viewer, receiver, state, Window(at, after, limit)))
    )


@routes.get("/shipments/{party}/{name}", responses=gives(Shipment, 401, 404, 422), response_model=None)
async def show_shipment(desk: AtDesk, viewer: Asker, at: AsOf, party: PartyPart, name: NamePart) -> Response:
    """A shipment; `statement` is the dispatch, whose manifest /manifests/{statement} has."""
    named = f"{party_meant(viewer, party)}/{name}"
    return Told(found(await desk.read(desk.ledger.lookup.book.shipment, viewer, named, at)))


@routes.get("/discrepancies", responses=gives(List[Discrepancy], 401, 422), response_model=None)
async def list_discrepancies(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    state: Annotated[str | None, Query(pattern="^(open|answered|conceded|resolved|withdrawn)$")] = None,
    after: Cursor = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Discrepancies that name the asker; for verifiers and the registrar all."""
    book = desk.ledger.lookup.book
    return Told(page_object(await desk.read(book.discrepancies, viewer, state, Window(at, after, limit))))


@routes.get("/discrepancies/{discrepancy}", responses=gives(Discrepancy, 401, 404, 422), response_model=None)
async def show_discrepancy(desk: AtDesk, viewer: Asker, at: AsOf, discrepancy: str) -> Response:
    """A discrepancy, `<entry index>.<ordinal>`."""
    return Told(found(await desk.read(desk.ledger.lookup.book.discrepancy, viewer, discrepancy, at)))
