"""Has the whole body arrived, and is it small enough?

Bodies are read raw and counted as they come, whatever Content-Length said, and all bodies held at once share
one budget of memory. A body too large is drained for a while, so that the sender lives to read the answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import Receive, Scope

from api.http.problems import Problem, Refusal
from ledger.book.encoding import BODY_BYTES_MAX
from ledger.book.rejection import Reason
from signing.canonical import read_object

DRAINED_BYTES_MAX = 2 * BODY_BYTES_MAX
SMALL_BODY_BYTES_MAX = 256 * 1024  # every body but statements
BUSY_RETRY_SECONDS = 2
LENGTH_DIGITS_MAX = 18


class Gone(Exception):
    """The client went away before its body was whole: there is nobody to answer."""


class BodyBudget:
    """Memory that bodies on their way in may take together, in bytes. Used from the event loop only."""

    def __init__(self, bytes_max: int) -> None:
        self._free = bytes_max

    @asynccontextmanager
    async def room(self) -> AsyncIterator["Room"]:
        """What one body takes, given back at the end."""
        taken = Room(self)
        try:
            yield taken
        finally:
            self._free += taken.bytes

    def take(self, size: int) -> bool:
        """Whether there was room for so many bytes more."""
        if size > self._free:
            return False
        self._free -= size
        return True


class Room:
    """One body's part of the budget."""

    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self.bytes = 0

    def grow(self, size: int) -> None:
        """503 where memory is short."""
        if not self._budget.take(size):
            detail = "too many large bodies at once"
            raise Refusal(Problem(503, Reason.UNAVAILABLE, detail, BUSY_RETRY_SECONDS))
        self.bytes += size


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of a name (lower case), None where there is none."""
    found = next((value for key, value in scope["headers"] if key == name), None)
    return None if found is None else found.decode("latin-1")


def content_type(scope: Scope) -> str:
    """The media type without parameters, lower case, "" where none is given."""
    return (header(scope, b"content-type") or "").partition(";")[0].strip().lower()


def refuse_encoded(scope: Scope) -> None:
    """415 for a compressed body: what would be hashed is not what came."""
    if (header(scope, b"content-encoding") or "identity").strip().lower() != "identity":
        raise Refusal(Problem(415, Reason.MALFORMED, "Content-Encoding: send the body as it is"))


async def read_body(
    scope: Scope, receive: Receive, room: Room, *, bytes_max: int = BODY_BYTES_MAX, seconds: int
) -> bytes:
    """The body. Refused: 413 when over `bytes_max`, 408 when it takes longer than `seconds`."""
    refuse_encoded(scope)
    try:
        async with asyncio.timeout(seconds):
            return await _read(scope, receive, room, bytes_max)
    except TimeoutError:
        raise Refusal(Problem(408, Reason.UNAVAILABLE, f"the body took longer than {seconds} s")) from None


async def _read(scope: Scope, receive: Receive, room: Room, bytes_max: int) -> bytes:
    declared = header(scope, b"content-length") or "0"
    # The server lets no other spelling through; one that came all the same is counted as it arrives.
    too_large = declared.isdecimal() and len(declared) <= LENGTH_DIGITS_MAX and int(declared) > bytes_max
    parts: list[bytes] = []
    size = 0
    async for part in _parts(receive):
        size += len(part)
        too_large = too_large or size > bytes_max
        if too_large:
            parts.clear()
            if size > DRAINED_BYTES_MAX:
                break
        else:
            room.grow(len(part))
            parts.append(part)
    if too_large:
        raise Refusal(Problem(413, Reason.TOO_LARGE, f"body: over {bytes_max} bytes"))
    return b"".join(parts)


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        if part := message.get("body", b""):
            yield part
        if not message.get("more_body", False):
            return


async def read_json_object(scope: Scope, receive: Receive, room: Room, *, seconds: int) -> dict[str, Any]:
    """The object in a small JSON body; 415 for another content type, 400 for what cannot be read."""
    if content_type(scope) != "application/json":
        raise Refusal(Problem(415, Reason.MALFORMED, "Content-Type: send application/json"))
    raw = await read_body(scope, receive, room, bytes_max=SMALL_BODY_BYTES_MAX, seconds=seconds)
    return read_object(raw, "body")
