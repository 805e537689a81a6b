"""In what form does an answer leave?

JSON written by msgspec, and the few headers that say how long an answer may be kept. Answers that depend on
who asks are never stored by anybody.
"""

from typing import Any

import msgspec
from starlette.responses import Response

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"

NEVER_STORE = {"Cache-Control": "no-store"}
ALWAYS_ASK = {"Cache-Control": "no-cache"}
IMMUTABLE_SECONDS = 365 * 86_400
STYLE_HEADERS = {"Cache-Control": "public, max-age=3600"}
PUBLIC_FOR_EVER = {"Cache-Control": f"public, max-age={IMMUTABLE_SECONDS}, immutable"}
PRIVATE_FOR_EVER = {"Cache-Control": f"private, max-age={IMMUTABLE_SECONDS}, immutable"}

_encode = msgspec.json.Encoder().encode


def json_bytes(value: Any) -> bytes:
    """JSON of objects, lists and scalars; null where the value is None."""
    return _encode(value)


class Told(Response):
    """A JSON answer for one asker."""

    media_type = JSON

    def __init__(self, value: Any, status_code: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(json_bytes(value), status_code, headers or NEVER_STORE)
