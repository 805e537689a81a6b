"""Statements, refusals, entries, checkpoints and manifests: the log, to those who may read it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.http.gate import Asker, AsOf, AtDesk, Desk, found
from api.http.parameters import LIST_ITEMS_DEFAULT, Counted, Limit, StrictRoute, Whole
from api.http.problems import NOT_FOUND, Refusal, bad_parameter
from api.http.reply import ALWAYS_ASK, JSON_LINES, NEVER_STORE, OCTETS, PRIVATE_FOR_EVER, TEXT, Told
from api.http.routes.answers import gives, gives_text
from api.http.shapes import (
    EXAMPLE_NOTE,
    EXAMPLE_VKEY,
    CheckpointSize,
    Entries,
    List,
    Receipt,
    Refused,
)
from ledger.book.identifiers import REFERENCE_CHARACTERS_MAX, is_sha256
from ledger.lookup.record import EntryPage
from ledger.storage.store import StoredEntry
from ledger.viewer import Viewer

LOOK_AGAIN_SECONDS = 0.05

routes = APIRouter(route_class=StrictRoute, tags=["the log"])


def _receipt(desk: Desk, entry: StoredEntry) -> dict[str, object]:
    """The receipt of an entry, with the envelope as stored. Runs in a reader's thread."""
    receipt = desk.ledger.receipts.of(entry.index)
    assert receipt is not None, "an entry that was found lies below the head"
    return {**receipt, "envelope": desk.ledger.lookup.record.envelope(entry)}


@routes.get("/statements/{statement}", responses=gives(Receipt, 401, 404, 422), response_model=None)
async def show_statement(desk: AtDesk, viewer: Asker, statement: str) -> Response:
    """A statement, and the receipt for it under the newest checkpoint."""
    entry = found(await desk.read(desk.ledger.lookup.record.statement, viewer, statement))
    return Told(await desk.read(_receipt, desk, entry))


@routes.get("/statements", responses=gives(List[Receipt], 401, 422), response_model=None)
async def find_statements(
    desk: AtDesk,
    viewer: Asker,
    at: AsOf,
    reference: Annotated[str, Query(min_length=1, max_length=REFERENCE_CHARACTERS_MAX)],
) -> Response:
    """Statements by the number their party gave them: a purchase order, a notice of dispatch."""
    entries = await desk.read(desk.ledger.lookup.record.with_reference, viewer, reference, at)
    items = [await desk.read(_receipt, desk, entry) for entry in entries]
    return Told({"items": items, "next": None})


@routes.get("/refusals/{refusal}", responses=gives(Refused, 401, 404, 422), response_model=None)
async def show_refusal(desk: AtDesk, viewer: Asker, refusal: str) -> Response:
    """Why a statement was refused, with every bad line, to its author."""
    return Told(found(await desk.read(desk.ledger.lookup.record.refusal, viewer, refusal)))


@routes.get("/entries", responses=gives(Entries, 401, 422), response_model=None)
async def follow_entries(
    *,
    request: Request,
    desk: AtDesk,
    viewer: Asker,
    after: Annotated[Whole | None, Query(description="entries after this index; without it, from 0")] = None,
    limit: Limit = LIST_ITEMS_DEFAULT,
    wait: Annotated[Whole, Query(description="seconds to wait for an entry when there is none yet")] = 0,
) -> Response:
    """Follow the log: verifiers and the registrar see every entry, others those they may see."""
    longest = desk.ledger.settings.wait_seconds
    if wait > longest:
        raise bad_parameter(f"wait: at most {longest} seconds")
    start = -1 if after is None else after
    page = await _wait_for_entries(request, desk, viewer, after=start, limit=limit, wait=wait)
    cursor = None if page.next is None else str(page.next)
    return Told({"items": page.items, "next": cursor, "size": page.size})


async def _wait_for_entries(
    request: Request, desk: Desk, viewer: Viewer, *, after: int, limit: int, wait: int
) -> EntryPage:
    lookup = desk.ledger.lookup
    page = await desk.read(lookup.record.entries, viewer, after, limit)
    if page.items or page.next is not None or not wait:
        return page
    with desk.polls.one():
        ends_at = asyncio.get_running_loop().time() + wait
        while asyncio.get_running_loop().time() < ends_at and not await request.is_disconnected():
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            if lookup.size() > max(page.size, after + 1):
                page = await desk.read(lookup.record.entries, viewer, max(after, page.size - 1), limit)
                if page.items or page.next is not None:
                    break
    return page


@routes.get("/checkpoints", responses=gives(List[CheckpointSize], 422), response_model=None)
async def list_checkpoints(
    desk: AtDesk, after: Counted = None, limit: Limit = LIST_ITEMS_DEFAULT
) -> Response:
    """The sizes for which a checkpoint is kept, so that an audit can ask for every one. Public."""
    start = -1 if after is None else int(after)
    page = await desk.read(desk.ledger.lookup.record.checkpoint_sizes, start, limit)
    return Told({"items": page.items, "next": page.next})


@routes.get(
    "/checkpoints/{size}",
    responses=gives_text("text/plain", 404, 422, told="the signed note", example=EXAMPLE_NOTE),
    response_model=None,
)
async def show_checkpoint(desk: AtDesk, size: Whole) -> Response:
    """The checkpoint signed for a size. Public."""
    note = found(await desk.read(desk.ledger.lookup.record.checkpoint, size))
    return Response(note, headers=ALWAYS_ASK, media_type=TEXT)


@routes.get(
    "/log.vkey",
    responses=gives_text("text/plain", told="the vkey, one line", example=EXAMPLE_VKEY),
    response_model=None,
)
async def show_log_key(desk: AtDesk) -> Response:
    """The key under which the log signs. Public; whoever can should learn it elsewhere and compare."""
    return Response(desk.ledger.log_key() + "\n", headers=ALWAYS_ASK, media_type=TEXT)


@routes.get(
    "/attestations/{sha256}",
    responses=gives_text(OCTETS, 401, 404, 422, told="the evidence, as it came"),
    response_model=None,
)
async def show_attestation(desk: AtDesk, viewer: Asker, sha256: str) -> Response:
    """Evidence that came with a statement, by its SHA-256, to verifiers and the registrar."""
    evidence = found(await desk.read(desk.ledger.lookup.record.attestation, viewer, sha256))
    return Response(evidence, headers=PRIVATE_FOR_EVER, media_type=OCTETS)


@routes.get(
    "/manifests/{statement}",
    responses=gives_text(JSON_LINES, 401, 404, 422, told="the lines, each as hashed, one a line"),
    response_model=None,
)
async def show_manifest(desk: AtDesk, viewer: Asker, statement: str) -> Response:
    """The lines that travelled with a statement, to those who may see the statement."""
    if not is_sha256(statement):
        raise Refusal(NOT_FOUND)
    raw = found(await desk.read(_joined_manifest, desk, viewer, statement))
    return Response(raw, headers=NEVER_STORE, media_type=JSON_LINES)


def _joined_manifest(desk: Desk, viewer: Viewer, statement: str) -> bytes | None:
    lines = desk.ledger.lookup.record.manifest(viewer, statement)
    return None if lines is None else b"".join([line + b"\n" for line in lines])
