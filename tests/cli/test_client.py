"""The client is patient within bounds, and shows its key where it is asked who it is."""

import json

import httpx
import pytest

from api.cli.remote.chunking import chunks
from api.cli.remote.client import LedgerClient, ProblemAnswer
from signing.canonical import decode
from signing.envelope import TOKEN_REQUEST_TYPE, read_envelope_bytes
from signing.keys import verify
from tests.cli.stage import signer

ORIGIN = "example.org/chips"


class Desk:
    """Answers challenges, gives numbered tokens, and tells who asked what with which token."""

    def __init__(self, audience=ORIGIN):
        self.audience = audience
        self.tokens = 0
        self.valid = set()
        self.seen = []

    def __call__(self, request):
        self.seen.append((request.url.path, request.headers.get("authorization")))
        if request.url.path == "/tokens/challenge":
            assert decode(request.content, "body") == {
                "party": "agency",
                "keyid": signer("agency").public_key.key_id,
            }
            return httpx.Response(200, json={"nonce": "0" * 32, "audience": self.audience, "expires_at": "x"})
        if request.url.path == "/tokens":
            envelope = read_envelope_bytes(request.content, TOKEN_REQUEST_TYPE)
            assert verify(signer("agency").public_key.octets, envelope.pae(), envelope.signature)
            assert decode(envelope.payload, "p") == {"audience": ORIGIN, "nonce": "0" * 32, "party": "agency"}
            self.tokens += 1
            self.valid = {f"Bearer t{self.tokens}"}
            return httpx.Response(200, json={"token": f"t{self.tokens}", "expires_at": "x"})
        if request.headers.get("authorization") not in self.valid:
            return httpx.Response(401, json={"reason": "unsigned", "detail": "no token"})
        return httpx.Response(200, json={"fine": True})


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds


def client_of(answer, clock=None, **more):
    clock = clock or Clock()
    transport = httpx.MockTransport(answer)
    return LedgerClient("http://log.test", transport=transport, sleep=clock.sleep, now=clock.now, **more)


def test_a_token_is_fetched_once_and_used_again():
    desk = Desk()
    client = client_of(desk, party="agency", signer=signer("agency"), origin=ORIGIN)
    assert client.get_json("/chips/x:1") == {"fine": True}
    client.get_json("/chips/x:2")
    assert desk.tokens == 1 and len(desk.seen) == 4


def test_a_token_is_renewed_when_it_is_old_and_when_the_server_forgot_it():
    desk, clock = Desk(), Clock()
    client = client_of(desk, clock, party="agency", signer=signer("agency"))
    client.get_json("/x")
    clock.seconds += 500
    client.get_json("/x")
    assert desk.tokens == 2
    desk.valid = set()
    assert client.get_json("/x") == {"fine": True} and desk.tokens == 3


def test_a_challenge_for_another_log_is_not_answered():
    desk = Desk(audience="example.org/other")
    client = client_of(desk, party="agency", signer=signer("agency"), origin=ORIGIN)
    with pytest.raises(ProblemAnswer, match="another log"):
        client.get_json("/x")
    assert desk.tokens == 0


def test_without_a_key_nobody_is_asked_for_a_token():
    desk = Desk()
    with pytest.raises(ProblemAnswer) as refused:
        client_of(desk).get_json("/x")
    assert refused.value.status == 401 and desk.seen == [("/x", None)]


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 429, 500])
def test_only_503_is_asked_again(status):
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(status, json={"reason": "bad_field", "detail": "x"})

    with pytest.raises(ProblemAnswer) as refused:
        client_of(answer, wait_s=100).get("/x")
    assert refused.value.status == status and len(asked) == 1


def test_503_is_asked_again_within_the_patience_and_no_longer():
    clock, asked = Clock(), []

    def answer(_):
        asked.append(clock.seconds)
        return httpx.Response(503, json={}, headers={"Retry-After": "1"})

    with pytest.raises(ProblemAnswer):
        client_of(answer, clock, wait_s=10).get("/x")
    assert 5 <= len(asked) <= 11 and asked[-1] <= 10


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_json_is_a_problem(body):
    with pytest.raises(ProblemAnswer):
        client_of(lambda _: httpx.Response(200, content=body)).get_json("/x")
    with pytest.raises(ProblemAnswer):
        client_of(lambda _: httpx.Response(200, content=body)).post_lines([b"{}"])


def test_too_few_answers_are_a_problem():
    with pytest.raises(ProblemAnswer, match="1 answers to 2"):
        client_of(lambda _: httpx.Response(200, content=b"{}\n")).post_lines([b"{}", b"{}"])


def test_lists_are_read_page_after_page():
    def answer(request):
        after = int(request.url.params.get("after", 0))
        following = None if after >= 4 else str(after + 2)
        return httpx.Response(
            200, content=json.dumps({"items": [{"n": after}, {"n": after + 1}], "next": following})
        )

    assert [item["n"] for item in client_of(answer).items("/x")] == list(range(6))
    assert [item["n"] for item in client_of(answer).items("/x", limit=3)] == [0, 1, 2]


def test_requests_are_bounded_in_lines_and_bytes():
    assert [len(chunk) for chunk in chunks([b"x"] * 4_001, len)] == [2_000, 2_000, 1]
    megabyte = b"x" * 1024 * 1024
    assert [len(chunk) for chunk in chunks([megabyte] * 20, len)] == [7, 7, 6]
    huge = megabyte * 20
    assert [len(chunk) for chunk in chunks([b"a", huge, b"b"], len)] == [1, 1, 1]
    assert list(chunks([], len)) == []
