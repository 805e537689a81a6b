"""A small trade on a real ledger folder behind a real socket, for the tests of HTTP.

`Post` is the running server; `Actor` signs and asks as one party. Keys come from names; the clock is the
system's and can be put forward, so that no test waits for it.
"""

import threading
import time
from contextlib import contextmanager
from hashlib import sha256

import httpx
import uvicorn

from api.http.app import create_app
from api.settings import Settings
from api.wiring import Ledger, system_clock
from ledger.book.records.opening import Waits
from ledger.book.times import format_seconds
from ledger.folder import LedgerFolder
from ledger.log.merkle import leaf_hashes, root_of
from ledger.opening import Registrar, Terms, open_ledger
from signing.canonical import encode
from signing.envelope import KEY_PROOF_TYPE, STATEMENT_TYPE, TOKEN_REQUEST_TYPE, seal
from signing.signer import SeedSigner

ORIGIN = "ledger.example/http"
REGISTRAR = "registrar"
DAY_S = 86_400
START_SECONDS_MAX = 180
TOKEN_SECONDS_MAX = 300  # then a new one is taken: they last ten minutes, and a busy machine may take longer
NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}
MODEL = {
    "model": f"{REGISTRAR}/h100",
    "vendor": "Acme",
    "part_numbers": [],
    "memory_gb": 80,
    "memory_bandwidth_gbps": 3350,
    "interconnect_gbps": 900,
    "gflops": {"bf16": 989_400},
    "tpp": 15_831,
    "dies": 1,
    "released": "2022-09-20T00:00:00Z",
}


class Clock:
    """Unix milliseconds, as far ahead of the system's as it was put."""

    def __init__(self):
        self.ahead_ms = 0

    def __call__(self):
        return system_clock() + self.ahead_ms

    def forward(self, seconds):
        """Time passes."""
        self.ahead_ms += int(seconds * 1000)

    @property
    def now_s(self):
        """Unix seconds."""
        return self() // 1000


CLOCK = Clock()


def signer(name):
    """The one key of a party, from its name."""
    return SeedSigner(sha256(name.encode()).digest())


def proven(party, name=None):
    """A party's key, of its own name or another, with the proof that it holds it."""
    key = signer(name or party).public_key.hex
    said = encode({"log": ORIGIN, "party": party, "public_key": key})
    return {"public_key": key, "proof": seal(signer(name or party), KEY_PROOF_TYPE, said).as_object()}


def payload(party, kind, body, lines=None, **more):
    """A statement's canonical bytes, and its lines'."""
    now = CLOCK.now_s
    said = {"log": ORIGIN, "kind": kind, "party": party, "body": body}
    said |= {"occurred_at": format_seconds(now - 60), "expires_at": format_seconds(now + DAY_S), **more}
    if lines is None:
        return encode(said), None
    raws = [encode({**line, "salt": sha256(encode(line)).hexdigest()[:32]}) for line in lines]
    said["manifest"] = {"count": len(raws), "root": root_of(leaf_hashes(raws)).hex()}
    return encode(said), raws


def bundle(party, kind, body, lines=None, **more):
    """The bytes a client sends."""
    said, raws = payload(party, kind, body, lines, **more)
    envelope = encode(seal(signer(party), STATEMENT_TYPE, said).as_object())
    if raws is None:
        return b'{"envelope":' + envelope + b"}"
    return b'{"envelope":' + envelope + b',"manifest":[' + b",".join(raws) + b"]}"


def enrolment(party, *roles):
    """The registrar takes a party in."""
    body = {"party": party, "name": party.title(), "roles": sorted(roles), "country": "NL"}
    return bundle(REGISTRAR, "party.enrolled", {**body, "keys": [proven(party)]})


def make_folder(path, clock=CLOCK):
    """A ledger folder with entry 0."""
    folder = LedgerFolder(path)
    now = clock() // 1000
    open_ledger(
        folder,
        origin=ORIGIN,
        registrar=Registrar(REGISTRAR, "The registrar", "NL", signer(REGISTRAR)),
        log_seed=sha256(b"log").digest(),
        log_key_password=None,
        terms=Terms(waits=Waits(beacon_lead_s=1, timely_lead_s=0, key_delay_s=604_800)),
        occurred_at=format_seconds(now - 60),
        expires_at=format_seconds(now + DAY_S),
        clock=clock,
    )
    return folder


class Post:
    """A server one can write to and ask."""

    def __init__(self, ledger, url):
        self.ledger = ledger
        self.http = httpx.Client(base_url=url, timeout=300, trust_env=False)
        self._tokens = {}

    def say(self, *args, **more):
        """Send one statement; its receipt, or the problem fails the test."""
        answer = self.http.post("/statements", content=bundle(*args, **more), headers=JSON)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def send(self, raw, **more):
        """Send one bundle as it is."""
        return self.http.post("/statements", content=raw, headers=JSON, **more)

    def send_lines(self, lines, **more):
        """Send NDJSON; the answer's objects."""
        answer = self.http.post("/statements", content=b"\n".join(lines) + b"\n", headers=NDJSON, **more)
        assert answer.status_code == 200, answer.text
        return [httpx.Response(200, content=line).json() for line in answer.content.splitlines()]

    def token(self, party, by=None):
        """A reading token of a party."""
        taken, token = self._tokens.get((party, by), (0, None))
        if token is None or time.monotonic() - taken > TOKEN_SECONDS_MAX:
            answer = self.take_token(party, signer(by or party))
            assert answer.status_code == 200, answer.text
            taken, token = time.monotonic(), answer.json()["token"]
            self._tokens[party, by] = taken, token
        return token

    def take_token(self, party, key):
        """The answer to an answered challenge."""
        asked = {"party": party, "keyid": key.public_key.key_id}
        told = self.http.post("/tokens/challenge", json=asked).json()
        return self.answer_challenge(key, told["audience"], told["nonce"], party)

    def answer_challenge(self, key, audience, nonce, party):
        """POST /tokens with these words."""
        said = encode({"audience": audience, "nonce": nonce, "party": party})
        sealed = seal(key, TOKEN_REQUEST_TYPE, said).as_object()
        return self.http.post("/tokens", content=encode(sealed), headers=JSON)

    def ask(self, party, path, **more):
        """GET as a party, or without a token where the party is None."""
        headers = {} if party is None else {"Authorization": f"Bearer {self.token(party)}"}
        return self.http.get(path, headers=headers, **more)


@contextmanager
def serving(folder, **settings):
    """A server over a folder, on a port of its own."""
    ledger = Ledger.open(folder, Settings(**{"snapshot_seconds": 0, **settings}), CLOCK)
    config = uvicorn.Config(create_app(ledger), port=0, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    ends_at = time.monotonic() + START_SECONDS_MAX
    while not server.started and time.monotonic() < ends_at:
        threading.Event().wait(0.01)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    post = Post(ledger, f"http://127.0.0.1:{port}")
    try:
        yield post
    finally:
        post.http.close()
        server.should_exit = True
        thread.join()
        ledger.close()
