"""What may come before a request is one: how long may its head be, and who is told when it is none?

The parser that the server brings keeps a head in memory until it ends, however long that takes, and copies it
with every read: one client without a name could so stop all others. Here a head, and whatever else leads to
no part of a body, has an end; and what is no HTTP at all is answered as every refusal is. Knows no route.
"""

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http.problems import PROBLEM_JSON, Problem
from ledger.book.rejection import STATUS, Reason

HEAD_BYTES_MAX = 65_536  # and what a single read holds beyond that


class BoundedHeads(HttpToolsProtocol):
    """The server's protocol for one connection, with an end to heads."""

    _unheard = 0  # bytes since something came of them: a head, a part of a body, an end

    def data_received(self, data: bytes) -> None:
        """As the server does, and no further than the limit."""
        self._unheard += len(data)
        super().data_received(data)
        if self._unheard > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._refuse(Reason.TOO_LARGE, f"head: over {HEAD_BYTES_MAX} bytes")

    def on_headers_complete(self) -> None:
        """The head has ended."""
        super().on_headers_complete()
        self._unheard = 0

    def on_body(self, body: bytes) -> None:
        """A part of the body; counted where it is read."""
        super().on_body(body)
        self._unheard = 0

    def on_message_complete(self) -> None:
        """The request has ended."""
        super().on_message_complete()
        self._unheard = 0

    def send_400_response(self, msg: str) -> None:
        """What the parser could not read, as a problem."""
        self._refuse(Reason.MALFORMED, msg)

    def _refuse(self, reason: Reason, detail: str) -> None:
        """Say why and hang up; only hang up where an answer to what came before is on its way."""
        if self.cycle is None or self.cycle.response_complete:
            problem = Problem(STATUS[reason], reason, detail)
            told = msgspec.json.encode(problem.as_object())
            head = f"content-type: {PROBLEM_JSON}\r\ncontent-length: {len(told)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[problem.status] + head.encode("ascii") + told)
        self.transport.close()
