"""Threads that share a client read on while the server begins anew, and what is there is not missing."""

from io import BytesIO
from threading import Barrier, Lock

import httpx
import pytest

from api.cli.checks.auditing import audit_server
from api.cli.remote.client import LedgerClient, ProblemAnswer
from api.cli.remote.http_published import HttpPublished
from api.cli.screen.terminal import Ended
from tests.cli.stage import signer

THREADS = 4
WAIT_SECONDS = 300
NAMES = [f"{number:064x}" for number in range(THREADS)]


class Restarted:
    """A server that forgot its tokens while so many reads were under way."""

    def __init__(self, reads):
        self.tokens = 1  # the first is given before it begins anew
        self.valid = {"Bearer t1"}
        self.challenges = 0
        self.lock = Lock()
        self.together = Barrier(reads)
        self.refused = 0

    def __call__(self, request):
        if request.url.path == "/tokens/challenge":
            with self.lock:
                self.challenges += 1
            return httpx.Response(200, json={"nonce": "0" * 32, "audience": "x", "expires_at": "x"})
        if request.url.path == "/tokens":
            with self.lock:
                self.tokens += 1
                self.valid.add(f"Bearer t{self.tokens}")
                return httpx.Response(200, json={"token": f"t{self.tokens}", "expires_at": "x"})
        sent = request.headers.get("authorization")
        if sent == "Bearer t1":
            self.together.wait(WAIT_SECONDS)  # all of them were on their way when it began anew
            self.refused += 1
        if sent == "Bearer t1" or sent not in self.valid:
            return httpx.Response(401, json={"reason": "unsigned", "detail": "no token"})
        return httpx.Response(200, content=request.url.path.encode())


def client_of(answer, kind=LedgerClient):
    client = kind("http://log.test", "agency", signer("agency"), transport=httpx.MockTransport(answer))
    client._token = ("t1", float("inf"))
    return client


class Careless(LedgerClient):
    """Asks again only where no other thread has dropped the token."""

    def _drop_token(self, answer, headers):
        return self._token is not None and super()._drop_token(answer, headers)


def test_many_threads_whose_token_is_forgotten_all_read_on_with_one_new_one():
    server = Restarted(THREADS)
    found = HttpPublished(client_of(server), shows_entries=True).manifests(NAMES)
    assert found == [f"/manifests/{name}".encode() for name in NAMES]
    assert server.refused == THREADS and server.challenges == server.tokens - 1 == 1


@pytest.mark.parametrize("kind", [LedgerClient, Careless])
def test_a_token_that_another_thread_dropped_is_fetched_anew(kind):
    server = Restarted(THREADS)
    client = client_of(server, kind)
    server.together = Barrier(THREADS, lambda: setattr(client, "_token", None))  # one was quicker
    there = HttpPublished(client, shows_entries=True)
    if kind is Careless:
        with pytest.raises(ProblemAnswer, match="401"):
            there.manifests(NAMES)
        return
    assert None not in there.manifests(NAMES) and server.refused == THREADS and server.challenges == 1


@pytest.mark.parametrize("ask", ["post", "post_json", "save"])
def test_every_read_is_asked_again_where_the_token_is_forgotten(ask):
    def answer(request):
        made = server(request)
        return httpx.Response(200, json={}) if made.is_success and "tokens" not in request.url.path else made

    server = Restarted(1)
    client = client_of(answer)
    if ask == "save":
        assert client.save("/snapshots/x", BytesIO()) == 2
    else:
        getattr(client, ask)("/sql", {"q": "SELECT 1"})
    assert server.refused == 1


def refusing(status, path):
    def answer(request):
        if "tokens" in request.url.path:
            told = {"nonce": "0" * 32, "audience": "x", "expires_at": "x", "token": "t"}
            return httpx.Response(200, json=told)
        return httpx.Response(status if path in request.url.path else 404, json={"detail": "no"})

    return answer


@pytest.mark.parametrize("ask", ["entry_bundle", "manifests", "attestation"])
def test_a_key_that_no_longer_stands_does_not_make_the_log_look_robbed(ask):
    asked = {"entry_bundle": (0, 3), "manifests": (NAMES,), "attestation": (NAMES[0],)}[ask]
    there = HttpPublished(client_of(refusing(401, "")), shows_entries=True)
    with pytest.raises(ProblemAnswer):
        getattr(there, ask)(*asked)
    # The control: what is not there is not there, and to nobody what is private is not there either.
    gone = HttpPublished(client_of(refusing(404, "")), shows_entries=True)
    assert getattr(gone, ask)(*asked) in (None, [None] * THREADS)
    assert (
        HttpPublished(
            LedgerClient("http://x", transport=httpx.MockTransport(refusing(401, ""))), shows_entries=False
        ).attestation(NAMES[0])
        is None
    )


@pytest.mark.parametrize("after", ["verifier", "holder"])
def test_a_role_lost_while_it_audits_is_told_and_not_taken_for_a_log_that_hides(after):
    looks = []

    def answer(request):
        if request.url.path == "/parties/me":
            looks.append(1)
            role = "verifier" if len(looks) == 1 else after
            return httpx.Response(200, json={"party": "agency", "roles": [role], "suspended": False})
        return refusing(404, "")(request)

    client = client_of(answer)
    if after == "holder":
        with pytest.raises(Ended, match="lost its right"):
            audit_server(client, None, named=True)
    else:
        report, _ = audit_server(client, None, named=True)
        assert not report.clean, "the control: who still may read finds what is missing"
    assert len(looks) == 2
