"""What stands around every request, hot or not?

A request id, the headers every answer has, the count, and the last resort: whatever escapes a handler is
logged and answered 503, so that nothing a client sends ends in a 500. HEAD is asked of the routes as GET, and
no body leaves: what would be sent piece by piece is not made any further. Plain ASGI: it is on every path.
"""

import re
import secrets
from time import perf_counter
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.body import Gone, header
from api.http.metrics import Metrics
from api.http.problems import UNAVAILABLE, Refusal

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
REQUEST_ID_BYTES = 8
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLIENT_GONE_STATUS = 499  # counted, never sent

EVERYWHERE = [
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (b"referrer-policy", b"no-referrer"),
]

log = structlog.get_logger("chipledger.http")


class _HeadIsOut(Exception):
    """Ends the making of a body in pieces that nobody gets."""


class Guard:
    """The outermost of our own layers."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; lifespan messages pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = header(scope, b"x-request-id") or ""
        request_id = asked if REQUEST_ID.fullmatch(asked) else secrets.token_hex(REQUEST_ID_BYTES)
        scope["chipledger.request_id"] = request_id
        is_head = scope["method"] == "HEAD"
        answer = _Answer(send, request_id, is_head)
        asked_of_routes = _as_get(scope) if is_head else scope
        started = perf_counter()
        self._metrics.in_flight += 1
        try:
            await self._app(asked_of_routes, receive, answer.send)
        except _HeadIsOut:
            pass  # and with it all there is to tell
        except Gone:
            answer.status = answer.status or CLIENT_GONE_STATUS
        except Refusal as refusal:
            if answer.status:
                raise
            await refusal.problem.response()(scope, receive, answer.send)
        except Exception as fault:  # whatever it was, the client gets an answer it can act on
            _tell(fault, asked_of_routes, request_id)
            if answer.status:
                raise  # half an answer is out: only cutting the connection says that it is not whole
            await UNAVAILABLE.response()(scope, receive, answer.send)
        finally:
            self._metrics.in_flight -= 1
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.request(method, answer.status, perf_counter() - started)


class _Answer:
    """Passes messages on, adding the headers every answer has; of an answer to HEAD no body."""

    def __init__(self, send: Send, request_id: str, is_head: bool) -> None:
        self._send = send
        self._is_head = is_head
        self._headers = [*EVERYWHERE, (b"x-request-id", request_id.encode("ascii"))]
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
        elif self._is_head:
            await self._send({"type": "http.response.body"})
            if message.get("more_body", False):
                raise _HeadIsOut
            return
        await self._send(message)


def _as_get(scope: Scope) -> Scope:
    """The same request as GET, for the whole: a part (`Range`) is something only GET can ask for."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
    return {**scope, "method": "GET", "headers": headers}


def _tell(fault: Exception, scope: Scope, request_id: str) -> None:
    route: Any = scope.get("route")
    place = getattr(route, "path", scope["path"])
    log.error("request failed", request_id=request_id, method=scope["method"], route=place, exc_info=fault)
