"""Chips, parties, shipments and discrepancies, as of any size."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http.body import read_json_object
from api.http.book_shapes import (
    Chip,
    ChipEvent,
    ChipWithDiscrepancies,
    Discrepancy,
    DiscrepancyWithLines,
    Looked,
    Party,
    Shipment,
)
from api.http.gate import ME, Asker, AsOf, AtDesk, ChipPart, NamePart, PartyPart, found, party_meant
from api.http.parameters import (
    LIST_ITEMS_DEFAULT,
    TEXT_CHARACTERS_MAX,
    Counted,
    DiscrepancyAfter,
    Limit,
    NamedAfter,
    StrictRoute,
    Word,
)
from api.http.problems import Problem, Refusal, bad_parameter
from api.http.reply import Told
from api.http.routes.answers import gives
from api.http.shapes import List
from ledger.book.identifiers import is_chip
from ledger.book.rejection import Reason
from ledger.book.rules.findings import KINDS
from ledger.lookup.answers import Page, Window
from ledger.lookup.chips import Borne
from signing.canonical import Unreadable

CHIPS_LOOKED_UP_MAX = 1_000
DISCREPANCY_KINDS = "|".join(KINDS)

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
    uuid: Annotated[Word | None, Query(description="a unique identity, as registered or declared")] = None,
    ik: Annotated[Word | None, Query(description="SHA-256 of the key in the silicon, hex")] = None,
    label: Annotated[
        str | None,
        Query(min_length=1, max_length=TEXT_CHARACTERS_MAX, description="what is printed on it, whole"),
    ] = None,
    after: Counted = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Find chips by what is written on or in them, all of what is given, at the size asked about.

    A page may have fewer chips than the limit though others follow: `next` says.
    """
    wanted = Borne(serial, ik, uuid, label)
    if serial is None and not wanted.identities:
        raise bad_parameter("serial, uuid, ik, label: give at least one")
    chips = desk.ledger.lookup.chips
    return Told(page_object(await desk.read(chips.search, viewer, wanted, Window(at, after, limit))))


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
    seen = await desk.read(desk.ledger.lookup.chips.chips, viewer, chips, at)
    asked_once = list(dict.fromkeys(chips))
    items = [seen[chip] for chip in asked_once if chip in seen]
    return Told({"items": items, "unknown": [chip for chip in asked_once if chip not in seen]})


@routes.get("/chips/{chip}", responses=gives(ChipWithDiscrepancies, 401, 404, 422), response_model=None)
async def show_chip(desk: AtDesk, viewer: Asker, at: AsOf, chip: ChipPart) -> Response:
    """A chip: who has it, owns it and answers for it, where it is, and what is open about it."""
    return Told(found(await desk.read(desk.ledger.lookup.chips.chip, viewer, chip, at)))


@routes.get("/chips/{chip}/history", responses=gives(List[ChipEvent], 401, 404, 422), response_model=None)
async def show_history(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    chip: ChipPart,
    after: Counted = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Every entry that moved a chip, oldest first, and how the chip stood after it."""
    chips = desk.ledger.lookup.chips
    return Told(page_object(found(await desk.read(chips.history, viewer, chip, Window(at, after, limit)))))


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
    after: Counted = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """The chips in a party's custody, held or in transit, in the order of their birth."""
    book, meant = desk.ledger.lookup.book, party_meant(viewer, party)
    return Told(page_object(found(await desk.read(book.holdings, viewer, meant, Window(at, after, limit)))))


@routes.get("/shipments", responses=gives(List[Shipment], 401, 422), response_model=None)
async def list_shipments(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    to: Annotated[
        Word | None, Query(description="the receiver; `me`: the asker and whom it succeeded")
    ] = None,
    state: Annotated[str | None, Query(pattern="^(open|closed|cancelled)$")] = None,
    after: NamedAfter = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Shipments sent by or to the asker; for verifiers and the registrar all."""
    book = desk.ledger.lookup.book
    receivers = None if to is None else viewer.speaks_for if to == ME else {to}
    return Told(
        page_object(await desk.read(book.shipments, viewer, receivers, state, Window(at, after, limit)))
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
    kind: Annotated[str | None, Query(pattern=f"^({DISCREPANCY_KINDS})$")] = None,
    party: Annotated[
        Word | None, Query(description="one of the two sides; `me` is the asker", examples=["acme"])
    ] = None,
    after: DiscrepancyAfter = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """Discrepancies that name the asker; for verifiers and the registrar all."""
    side = None if party is None else party_meant(viewer, party)
    read, window = desk.ledger.lookup.book.discrepancies, Window(at, after, limit)
    return Told(page_object(await desk.read(read, viewer, window, state=state, kind=kind, party=side)))


@routes.get(
    "/discrepancies/{discrepancy}",
    responses=gives(DiscrepancyWithLines, 401, 404, 422),
    response_model=None,
)
async def show_discrepancy(
    *,
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    discrepancy: str,
    after: Counted = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
) -> Response:
    """A discrepancy, `<entry index>.<ordinal>`, with its chips; `after` and `limit` are about these."""
    window = Window(at, after, limit)
    return Told(found(await desk.read(desk.ledger.lookup.book.discrepancy, viewer, discrepancy, window)))
