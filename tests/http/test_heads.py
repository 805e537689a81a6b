"""HEAD is GET without the body: for every route, which is asked once and makes no more than is told."""

import asyncio
import socket

import httpx
import pytest
from starlette.responses import FileResponse, StreamingResponse
from starlette.routing import Route

from api.http.app import create_app
from api.http.guard import Guard
from api.http.metrics import Metrics
from tests.http.test_document import FILLED, routes_of

OWN = {"date", "x-request-id", "connection", "transfer-encoding"}
"""What no two answers have alike, and what says how a body is sent."""
UNSTEADY = {"/metrics", "/healthz", "/readyz"}  # whose answers, lengths too, are of the moment
CHIPS = "SELECT COUNT(*) AS chips FROM chip"


def told(answer):
    return {name: value for name, value in answer.headers.items() if name not in OWN}


def gets(post):
    """Every GET route's address, with what its path names filled in."""
    for method, path in sorted(routes_of(create_app(post.ledger))):
        if method == "GET":
            address = path.replace("{path:path}", "0/000")
            for name, value in FILLED.items():
                address = address.replace(name, value)
            yield path, address


@pytest.mark.parametrize("party", ["watch", "outsider", None])
def test_every_route_that_answers_get_answers_head_alike(post, party):
    bearing = {} if party is None else {"Authorization": f"Bearer {post.token(party)}"}
    statuses = []
    for path, address in gets(post):
        whole = post.http.get(address, headers=bearing)
        head = post.http.head(address, headers=bearing)
        assert head.status_code == whole.status_code != 405, path
        assert head.content == b"", path
        if path not in UNSTEADY:
            assert told(head) == told(whole), path
        statuses.append(head.status_code)
    assert len(statuses) > 40 and {200, 404} <= set(statuses)


def test_rows_reports_pages_and_files_answer_head_alike(post):
    size = post.ledger.analysis.snapshots.latest().size
    name = post.ledger.analysis.snapshots.latest().name
    for path in (
        f"/sql?q={CHIPS}", f"/at/{size}/sql?q={CHIPS}&format=csv", "/reports/capacity", "/schema",
        f"/snapshots/{name}", "/sql?q=SELECT+nonsense",
        "/inspections/watch/i1/bundle", "/inspections/frame?provers=holder&format=arrow", "/sql?drill=x",
        "/reports/capacity?wrong=1", "/nowhere",
    ):  # fmt: skip
        for accept, party in (("*/*", "watch"), ("text/html", "watch"), ("*/*", "outsider")):
            headers = {"Accept": accept, "Authorization": f"Bearer {post.token(party)}"}
            whole = post.http.get(path, headers=headers)
            head = post.http.head(path, headers=headers)
            assert (head.status_code, head.content) == (whole.status_code, b""), path
            assert told(head) == told(whole), path


def test_the_connection_goes_on_after_a_head(post):
    """No byte of a body is sent, of a file neither: what comes next would be read as that."""
    name = post.ledger.analysis.snapshots.latest().name
    bearing = f"Authorization: Bearer {post.token('quant')}\r\n"
    with socket.create_connection((post.http.base_url.host, post.http.base_url.port), timeout=60) as wire:
        for path in (f"/snapshots/{name}", "/reports/capacity", "/tokens", "/healthz"):
            wire.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\n{bearing}\r\n".encode())
        wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        said = b"".join(iter(lambda: wire.recv(65_536), b""))
    *heads, last = said.split(b"HTTP/1.1 ")[1:]
    assert [head[:3] for head in heads] == [b"200", b"200", b"405", b"200"]
    assert all(head.endswith(b"\r\n\r\n") for head in heads), "heads alone"
    assert last[:3] == b"200" and not last.endswith(b"\r\n\r\n"), "the control: GET has a body"


def test_what_answers_get_is_allowed_to_head(post):
    assert post.http.put("/checkpoint").headers["allow"] == "GET, HEAD"
    assert post.http.put("/chips/maker:S0000").headers["allow"] == "GET, HEAD"
    assert post.http.put("/tokens").headers["allow"] == "POST"
    assert post.http.head("/tokens").status_code == 405


def test_a_head_asks_for_the_whole(post):
    """A part is something only GET can ask for."""
    name = post.ledger.analysis.snapshots.latest().name
    headers = {"Range": "bytes=0-9", "Authorization": f"Bearer {post.token('quant')}"}
    assert post.http.get(f"/snapshots/{name}", headers=headers).status_code == 206, "the control"
    head = post.http.head(f"/snapshots/{name}", headers=headers)
    assert head.status_code == 200 and int(head.headers["content-length"]) > 10


class Counted:
    """A route that counts how often it is asked and how many pieces it makes."""

    def __init__(self):
        self.asked = self.made = 0
        self.methods = set()

    async def __call__(self, scope, receive, send):
        self.asked += 1
        self.methods.add(scope["method"])

        async def pieces():
            for _ in range(50):
                self.made += 1
                yield b"piece"

        await StreamingResponse(pieces())(scope, receive, send)


def asked_of(app, method):
    """What an application in this process answers."""

    async def asked():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.request(method, "/long")

    return asyncio.run(asked())


def test_a_head_asks_once_and_makes_no_body_in_pieces():
    long = Counted()
    app = Guard(Route("/long", long), Metrics())
    answer = asked_of(app, "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (long.asked, long.made, long.methods) == (1, 1, {"GET"})
    assert asked_of(app, "GET").content == b"piece" * 50, "the control"
    assert (long.asked, long.made, long.methods) == (2, 51, {"GET"})


def test_of_a_file_no_more_is_read_than_its_first_piece(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(FileResponse.chunk_size * 20))
    sent = []

    async def file(scope, receive, send):
        async def counted(message):
            sent.append(message)
            await send(message)

        await FileResponse(path)(scope, receive, counted)

    app = Guard(Counting(file), Metrics())
    assert asked_of(app, "HEAD").headers["content-length"] == str(FileResponse.chunk_size * 20)
    assert len(sent) == 2, "the head and one piece"
    sent.clear()
    assert len(asked_of(app, "GET").content) == FileResponse.chunk_size * 20 and len(sent) > 20


class Counting:
    """An application of one function."""

    def __init__(self, answer):
        self._answer = answer

    async def __call__(self, scope, receive, send):
        await self._answer(scope, receive, send)
