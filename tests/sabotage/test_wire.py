"""What is hardly HTTP, from a client without a library: refused in time, and it stops nobody else."""

import asyncio
import json
import socket
from contextlib import suppress

import pytest
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from api.http.wire import BoundedHeads
from tests.sabotage.verdicts import listed

SECONDS_MAX = 180
MEBIBYTE = 1 << 20
HOST = b"Host: ledger\r\n"
POST = b"POST /statements HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = b"A" * 33 * MEBIBYTE
MANY = b"".join(b"X-%d: 1\r\n" % number for number in range(100_001))
REFUSED = {
    "garbage": (b"\x00\xff\xfe\r\n\r\n", "malformed"),
    "no HTTP": (b"[" * 100_000 + b"\r\n\r\n", "malformed"),
    "another version": (b"GET /healthz HTTP/3.0\r\n" + HOST + b"\r\n", "malformed"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "malformed"),
    "surrogates in the path": (b"GET /chips/\xed\xa0\x80 HTTP/1.1\r\n" + HOST + b"\r\n", "malformed"),
    "a length that is no number": (POST + b"Content-Length: NaN\r\n\r\n{}", "malformed"),
    "a length below nothing": (POST + b"Content-Length: -1\r\n\r\n{}", "malformed"),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "malformed"),
    "a path of 33 MiB": (b"GET /chips/" + LONG + b" HTTP/1.1\r\n" + HOST + b"\r\n", "too_large"),
    "a header of 33 MiB": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + LONG + b"\r\n\r\n", "too_large"),
    "100,001 headers": (b"GET /healthz HTTP/1.1\r\n" + HOST + MANY + b"\r\n", "too_large"),
}
CUT_OFF = {
    "a length and chunks": POST
    + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a chunk that is none": CHUNKED + b"ZZ\r\n{}\r\n0\r\n\r\n",
    "a chunk without end": CHUNKED + b"FFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
    "an endless word on a chunk": CHUNKED + b"2;word=" + LONG,
    "an endless trailer": CHUNKED + b"2\r\n{}\r\n0\r\nX-Last: " + LONG,
}


def said_to(port, raw):
    """What comes back until the server hangs up; it may hang up while it is still spoken to."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as line, suppress(ConnectionError):
        with suppress(ConnectionError):
            line.sendall(raw)
        while part := line.recv(65_536):
            got += part
    return got


def first_answer(raw):
    """Status and problem of an answer."""
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, raw[:300]
    return int(head.split()[1]), json.loads(body)


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_told_so_and_hung_up_on(ledger, name):
    raw, reason = REFUSED[name]
    got = said_to(ledger.port, raw)
    # Who still speaks when the server hangs up may lose the answer on the way, and only then.
    if got or len(raw) < MEBIBYTE:
        status, problem = first_answer(got)
        assert listed(problem, name, status) in {reason, "malformed"}
    assert ledger.http.get("/healthz").status_code == 200


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("name", CUT_OFF)
def test_a_body_that_is_none_ends_the_connection(ledger, name):
    got = said_to(ledger.port, CUT_OFF[name])
    assert not got or got.startswith(b"HTTP/1.1 4"), got[:200]
    assert got.count(b"HTTP/1.1 ") <= 1
    assert ledger.http.get("/healthz").status_code == 200


@pytest.mark.usefixtures("unharmed")
def test_a_head_without_end_is_hung_up_on_long_before_it_fills_memory(ledger):
    sent = 0
    with socket.create_connection(("127.0.0.1", ledger.port), SECONDS_MAX) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nX-Endless: ")
        with suppress(ConnectionError):
            while sent < 64 * MEBIBYTE:
                line.sendall(b"A" * MEBIBYTE)
                sent += MEBIBYTE
    assert sent < 64 * MEBIBYTE, "the server went on listening"
    assert ledger.http.get("/healthz").status_code == 200


@pytest.mark.usefixtures("unharmed")
def test_a_head_below_the_limit_is_read(ledger):
    """The control: what is refused is the length."""
    for length in (1_000, 60_000):
        answer = ledger.http.get("/healthz", headers={"X-Long": "A" * length})
        assert answer.status_code == 200
    many = b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + HOST + MANY[:50_000].rpartition(b"\r\n")[0]
    assert said_to(ledger.port, many + b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")


class Line:
    """A transport that only remembers whether it was closed."""

    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed

    def write(self, data):
        assert data.startswith(b"HTTP/1.1 413 ")

    def get_extra_info(self, _name):
        return None


@pytest.mark.parametrize(("protocol", "ends"), [(BoundedHeads, True), (HttpToolsProtocol, False)])
def test_without_the_bound_a_head_goes_on_for_ever(protocol, ends):
    """Negative control: the protocol that comes with the server takes all of it."""

    async def speaks():
        connection = protocol(Config(None), ServerState(), {})
        connection.connection_made(line := Line())
        connection.data_received(b"GET / HTTP/1.1\r\nX-Endless: ")
        for _ in range(20):
            if not line.closed:
                connection.data_received(b"A" * 65_536)
        return line.closed

    assert asyncio.run(speaks()) is ends
