"""Whatever a client sends is refused or read, and never ends in a server's failure."""

import asyncio
import base64
import json
from collections import Counter
from hashlib import sha256

import httpx
import pytest

from api.http.app import create_app
from api.http.guard import Guard
from signing.canonical import encode
from signing.envelope import STATEMENT_TYPE, TOKEN_REQUEST_TYPE, Envelope
from tests.http.trading import JSON, bundle, enrolment, signer
from tests.shared import vectors

HOSTILE, SUITE = 46, 219


def rows(name):
    return [json.loads(line) for line in vectors("json", name).read_text("utf-8").splitlines()]


def bodies():
    """Every body of the two lists, with whether it must be refused as JSON."""
    for row in rows("hostile_bodies.jsonl"):
        parts = row.get("build") or [[row["body_b64"], 1]]
        raw = b"".join(base64.b64decode(part) * times for part, times in parts)
        assert sha256(raw).hexdigest() == row["sha256"]
        yield row["id"], raw, row["expect"] == "reject"
    for row in rows("jsontestsuite_parsing.jsonl"):
        yield row["name"], base64.b64decode(row["bytes_b64"]), row["expect"] == "reject"


def signed(payload, kind=STATEMENT_TYPE):
    """A good signature over any payload that fits an envelope."""
    key = signer("maker")
    unsigned = Envelope(kind, payload, key.public_key.key_id, b"")
    return encode(Envelope(kind, payload, unsigned.key_id, key.sign(unsigned.pae())).as_object())


def as_payload(raw):
    return b'{"envelope":' + signed(raw[:40_000]) + b"}"


def as_envelope(raw):
    return b'{"envelope":' + raw + b"}"


def as_line_of_a_manifest(raw):
    return bundle("maker", "site.declared", {})[:-1] + b',"manifest":[' + raw + b"]}"


PLACES = {"body": bytes, "envelope": as_envelope, "payload": as_payload, "manifest": as_line_of_a_manifest}


@pytest.fixture(scope="module")
def hostile():
    """The bodies, read once."""
    found = list(bodies())
    assert len(found) == HOSTILE + SUITE
    return found


@pytest.mark.parametrize("place", PLACES)
def test_no_body_anywhere_ends_in_a_failure(post, scene, hostile, place):
    seen = Counter()
    for name, raw, _ in hostile:
        answer = post.send(PLACES[place](raw))
        assert answer.status_code in (400, 401, 413, 422), (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json", name
        seen[answer.status_code] += 1
    assert sum(seen.values()) == HOSTILE + SUITE
    assert seen[400] > 100
    assert post.ledger.lookup.size() == scene.size


def test_no_line_stops_the_lines_around_it(post, hostile):
    lines = [raw.replace(b"\n", b" ") for _, raw, _ in hostile]
    good = enrolment("holder", "holder")
    told = post.send_lines([good, *lines, good], params={"dry_run": 1})
    assert len(told) == len(lines) + 2
    assert {answer["status"] for answer in told[1:-1]} == {"refused"}
    assert {answer["problem"]["reason"] for answer in told[1:-1]} <= {"malformed", "too_large"}
    # The control: the same statement first and last is judged as ever.
    assert told[0]["problem"]["reason"] == told[-1]["problem"]["reason"] == "id_taken"


@pytest.mark.parametrize("path", ["/tokens", "/tokens/challenge", "/chips/lookup"])
def test_no_small_body_ends_in_a_failure(post, hostile, path):
    headers = {**JSON, "Authorization": f"Bearer {post.token('maker')}"}
    for name, raw, _ in hostile:
        answer = post.http.post(path, content=raw, headers=headers)
        assert answer.status_code in (400, 413, 422, 429), (name, answer.text)


def test_a_token_request_with_any_payload_is_refused(post, hostile):
    for name, raw, _ in hostile:
        answer = post.http.post("/tokens", content=signed(raw[:40_000], TOKEN_REQUEST_TYPE), headers=JSON)
        assert answer.status_code in (400, 401, 413), (name, answer.text)


PATHS = [
    "/chips/%00",
    "/chips/%ED%A0%80",
    "/chips/%FF",
    "/chips/a%2Fb",
    "/chips/",
    "/parties/%F0%9F%98%80",
    "/statements/%00",
    "/manifests/..%2F..%2Fledger.db",
    "/snapshots/..%2F..%2Fledger.db",
    "/refusals/%27--",
    "/discrepancies/%00",
    "/inspections/%00/%FF",
    "/checkpoints/-1",
    "/checkpoints/99999999999999999999",
    "/tile/%2e%2e/%2e%2e/log.key",
    "/shipments/\u00e9/\u00e9",
    "/at/x/sql",
    "/reports/%00",
    "/log.key",
]
PATHS += ["/chips/" + "A" * 8_000, "/tile/0/" + "x000/" * 50 + "000"]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_no_path_ends_in_a_failure(post, path):
    answer = post.ask("watch", path)
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bearer",
        "Basic eDp5",
        "Bearer " + "A" * 5_000,
        "Bearer \u00e9",
        "bearer ..",
        "Bearer a b",
    ],
)
def test_no_authorization_ends_in_a_failure(post, text):
    answer = post.http.get("/parties/me", headers={"Authorization": text.encode("latin-1")})
    assert answer.status_code == 401


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("path", ["/statements", "/checkpoint", "/chips/maker:S0000", "/tokens", "/"])
def test_another_method_is_a_problem(post, method, path):
    answer = post.http.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert answer.json()["status"] == 405


def ask_broken(app, path="/healthz", **more):
    """What an application in this process answers, its exceptions passed on."""

    async def asked():
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
            return await client.request("POST" if more else "GET", path, **more)

    return asyncio.run(asked())


class BrokenDoor:
    """Fails in a way nobody foresaw."""

    def admit(self, raws):
        raise RuntimeError(f"the disk is on fire, with {len(raws)} bundles on it")


def broken(post):
    """An application whose door fails, over the same ledger."""
    ledger = post.ledger
    parts = {name: getattr(ledger, name) for name in ledger.__slots__}
    return create_app(type(ledger)(**{**parts, "admission": BrokenDoor()}))


def test_what_nobody_foresaw_is_a_503_and_says_nothing_of_itself(post):
    answer = ask_broken(broken(post), "/statements", content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
    assert "Retry-After" in answer.headers
    assert "fire" not in answer.text
    lines = ask_broken(
        broken(post), "/statements", content=b"{}\n{}", headers={"Content-Type": "application/x-ndjson"}
    )
    told = [json.loads(line) for line in lines.text.splitlines()]
    assert [(answer["line"], answer["problem"]["reason"]) for answer in told] == [
        (1, "unavailable"),
        (2, "unavailable"),
    ]


def test_without_the_guard_the_same_would_be_a_failure(post):
    """Negative control: the guard is what makes a 503 of it."""
    app = broken(post)
    app.user_middleware = [layer for layer in app.user_middleware if layer.cls is not Guard]
    with pytest.raises(RuntimeError, match="on fire"):
        ask_broken(app, "/statements", content=b"{}", headers=JSON)
