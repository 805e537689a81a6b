"""The real server as a world's door: what clients send it, and what it tells them.

`HttpDoor` runs a ledger folder behind a socket of its own, on the world's clock, so that days pass without
waiting. It takes bytes and gives outcomes as other doors do, made from nothing but the answers.
"""

import json
import threading
import time
from hashlib import sha256

import httpx
import uvicorn

from api.http.app import create_app
from api.settings import Settings
from api.wiring import Ledger
from ledger.book.records.opening import DeviceRoot
from ledger.book.registry import Opened
from ledger.book.rejection import Reason, Rejection
from ledger.book.times import DAY_SECONDS, format_seconds, parse_milliseconds
from ledger.folder import LedgerFolder
from ledger.log.checkpoint import open_checkpoint
from ledger.opening import Registrar, Terms, open_ledger
from ledger.outcome import Admitted, Refused, Would
from signing.canonical import encode
from signing.envelope import TOKEN_REQUEST_TYPE, seal
from tests.world import EXPIRY_DAYS, LOG_KEY, REGISTRAR
from tests.world_lives import ROOTS
from tests.world_speech import ORIGIN, signer_of

START_SECONDS_MAX = 180
TOKEN_MS_MAX = 300_000
CONTENT = {False: {"Content-Type": "application/json"}, True: {"Content-Type": "application/x-ndjson"}}


class HttpDoor:
    """A ledger folder with entry 0, its server, and what clients are told by it."""

    def __init__(self, clock, folder):
        self.clock, self.folder = clock, LedgerFolder(folder)
        now = clock() // 1000
        open_ledger(
            self.folder,
            origin=ORIGIN,
            registrar=Registrar(REGISTRAR, "Registrar", "NL", signer_of(REGISTRAR)),
            log_seed=seed_of("log"),
            log_key_password=None,
            terms=Terms(device_roots=[DeviceRoot(**root) for root in ROOTS]),
            occurred_at=format_seconds(now),
            expires_at=format_seconds(now + EXPIRY_DAYS * DAY_SECONDS),
            clock=clock,
        )
        self.ledger = Ledger.open(self.folder, Settings(snapshot_seconds=0), clock)
        app = create_app(self.ledger)
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        ends_at = time.monotonic() + START_SECONDS_MAX
        while not self._server.started and time.monotonic() < ends_at:
            threading.Event().wait(0.01)
        assert self._server.started
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self._http = httpx.Client(base_url=self.url, timeout=300, trust_env=False)
        self._tokens = {}

    def post(self, raw, **params):
        """POST /statements of one bundle."""
        return self._http.post("/statements", content=raw, headers=CONTENT[False], params=params)

    def admit(self, raw):
        """One outcome, as its sender learns it."""
        return outcome_of(self.post(raw).json())

    def admit_all(self, raws):
        """One outcome each, in order, from one request of many lines."""
        body = b"\n".join(raws) + b"\n"
        answer = self._http.post("/statements", content=body, headers=CONTENT[True])
        assert answer.status_code == 200, answer.text
        told = [json.loads(line) for line in answer.content.splitlines()]
        return [
            outcome_of(line.get("receipt") or line["problem"], line["status"] == "known") for line in told
        ]

    def would(self, raw):
        """A dry run."""
        answer = self.post(raw, dry_run=1).json()
        if "would" not in answer:
            return outcome_of(answer)
        return Would("", answer["index_at_least"], opened_in(answer))

    def ask(self, party, path, **params):
        """GET as a party; nobody's token where the party is None."""
        headers = {} if party is None else {"Authorization": f"Bearer {self._token(party)}"}
        return self._http.get(path, headers=headers, params=params)

    def lookup(self, party, chips, **as_of):
        """POST /chips/lookup as a party."""
        headers = {"Authorization": f"Bearer {self._token(party)}"}
        answer = self._http.post("/chips/lookup", json={"chips": list(chips)}, headers=headers, params=as_of)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _token(self, party):
        made, token = self._tokens.get(party, (0, None))
        if token is None or self.clock() - made > TOKEN_MS_MAX:
            key = signer_of(party)
            asked = {"party": party, "keyid": key.public_key.key_id}
            told = self._http.post("/tokens/challenge", json=asked).json()
            said = {"audience": told["audience"], "nonce": told["nonce"], "party": party}
            sealed = encode(seal(key, TOKEN_REQUEST_TYPE, encode(said)).as_object())
            answer = self._http.post("/tokens", content=sealed, headers=CONTENT[False])
            assert answer.status_code == 200, answer.text
            made, token = self.clock(), answer.json()["token"]
            self._tokens[party] = made, token
        return token

    def _head(self):
        return open_checkpoint(self._http.get("/checkpoint").content, LOG_KEY, ORIGIN)

    def size(self):
        """How many entries, by the newest checkpoint published."""
        self.ledger.publisher.flush()
        return self._head().size

    def root(self, size):
        """The root signed for a size."""
        return open_checkpoint(self._http.get(f"/checkpoints/{size}").content, LOG_KEY, ORIGIN).root

    def close(self):
        """End the server, then the ledger."""
        self._http.close()
        self._server.should_exit = True
        self._thread.join()
        self.ledger.close()


def seed_of(name):
    """The seed of `signer_of`."""
    return sha256(name.encode()).digest()


def outcome_of(answer, known=False):
    """A receipt or a problem as the outcome it tells of."""
    if "reason" in answer:
        rejection = Rejection(Reason(answer["reason"]), answer["detail"], tuple(answer.get("chips", ())))
        return Refused(rejection, None, answer.get("refusal"))
    admitted_at = parse_milliseconds(answer["admitted_at"], "admitted_at")
    leaf = bytes.fromhex(answer["leaf_hash"])
    return Admitted(answer["index"], answer["statement"], leaf, admitted_at, opened_in(answer), known)


def opened_in(answer):
    """The discrepancies a receipt or a dry run names."""
    told = answer["discrepancies"]
    assert told["count"] == len(told["first"])
    return tuple(Opened(**each) for each in told["first"])
