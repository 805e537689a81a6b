"""A world whose door is a real server: every word over HTTP, every look with a token of whoever looks.

`HttpDoor` runs a ledger folder behind a socket of its own, on the world's clock, so that days pass without
waiting. `HttpWorld` speaks as `World` does, and reads only what its parties may: what a reading verb gives
is what that party was told, None where it was told that there is no such thing. `audit` is the command.
"""

import json
import threading
import time
from base64 import b64decode
from contextlib import contextmanager
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
from signing.signer import write_key_file
from tests.cli.stage import chipledger
from tests.world import EXPIRY_DAYS, LOG_KEY, REGISTRAR, World
from tests.world_lives import ROOTS
from tests.world_speech import ORIGIN, signer_of

START_SECONDS_MAX = 20
TOKEN_MS_MAX = 300_000
PAGE = 1_000
WATCH = "watch"  # a verifier, in every cast
CONTENT = {False: {"Content-Type": "application/json"}, True: {"Content-Type": "application/x-ndjson"}}
STANDS = ("custodian", "owner", "liable", "site", "status")
DISPUTE = ("discrepancy", "kind", "party_a", "party_b", "chips", "state")


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

    def lookup(self, party, chips):
        """POST /chips/lookup as a party."""
        headers = {"Authorization": f"Bearer {self._token(party)}"}
        answer = self._http.post("/chips/lookup", json={"chips": list(chips)}, headers=headers)
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


class HttpWorld(World):
    """A world over HTTP, with the reads of its parties."""

    def __init__(self, folder):
        super().__init__(lambda clock: HttpDoor(clock, folder / "ledger"))
        self._keys = folder

    # -- founding

    def founds(self, cast, sites=()):
        """A model, the parties of a cast `{party: (role, country)}`, a hall for each that holds, more sites."""
        drafts = [self.model_draft()]
        for party, (role, country) in {**cast, WATCH: ("verifier", "AT")}.items():
            drafts.append(self.enrolment_draft(party, role, country=country))
            drafts += [self.site_draft(f"{party}/hall", country)] if role in ("maker", "holder") else []
        drafts += [self.site_draft(site, country) for site, country in dict(sites).items()]
        outcomes = self.door.admit_all([draft.raw() for draft in drafts])
        assert all(isinstance(each, Admitted) for each in outcomes), outcomes
        return self

    # -- reading, each verb as somebody

    def told(self, party, path, **params):
        """The JSON a party is answered; None where there is no such thing, or it is not theirs to see."""
        answer = self.door.ask(
            party, path, **{name: each for name, each in params.items() if each is not None}
        )
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items(self, party, path, after=None, **params):
        """Every item of a list, all pages."""
        found = []
        while True:
            page = self.told(party, path, limit=PAGE, after=after, **params)
            if page is None:
                return None
            found += page["items"]
            after = page["next"]
            if after is None:
                return found

    def chip(self, chip, by=WATCH, **as_of):
        """A chip as somebody sees it, at a size or date."""
        return self.told(by, f"/chips/{chip}", **as_of)

    def stands(self, chip, by=WATCH, **as_of):
        """(custodian, owner, liable, site, status) of a chip."""
        seen = self.chip(chip, by, **as_of)
        return None if seen is None else tuple(seen[name] for name in STANDS)

    def holdings(self, party="me", by=None, **as_of):
        """Ids of the chips a party has, by id."""
        items = self.items(by or party, f"/parties/{party}/holdings", **as_of)
        return None if items is None else [item["chip"] for item in items]

    def inbox(self, party, **as_of):
        """{shipment: (sender, sent, received, short)} of what is on its way to a party."""
        items = self.items(party, "/shipments", to="me", state="open", **as_of)
        return {each["shipment"]: tuple(each[name] for name in COUNTED) for each in items}

    def shipment(self, shipment, by=WATCH, **as_of):
        """A shipment as somebody sees it."""
        return self.told(by, f"/shipments/{shipment}", **as_of)

    def disputes(self, party, **asked):
        """(id, kind, observer, other side, chips, state) of each discrepancy a party is told of."""
        return [
            tuple(each[name] for name in DISPUTE) for each in self.items(party, "/discrepancies", **asked)
        ]

    def dispute(self, discrepancy, by=WATCH, **as_of):
        """One discrepancy: (kind, observer, other side, chips, state, outcome)."""
        seen = self.told(by, f"/discrepancies/{discrepancy}", **as_of)
        return None if seen is None else tuple(seen[name] for name in (*DISPUTE[1:], "outcome"))

    def disputed(self, discrepancy, by=WATCH, **as_of):
        """{chip: whether its line is settled} of a discrepancy."""
        seen = self.told(by, f"/discrepancies/{discrepancy}", **as_of)
        return {line["chip"]: line["closed_index"] is not None for line in seen["lines"]["items"]}

    def history(self, chip, by=WATCH, **as_of):
        """(kind, speaker, custodian after it, status after it) of every entry about a chip, oldest first."""
        events = self.items(by, f"/chips/{chip}/history", **as_of)
        return [tuple(each[name] for name in ("kind", "party", "custodian", "status")) for each in events]

    def statement(self, statement, by=WATCH):
        """What was signed, as somebody may read it: the payload's object."""
        seen = self.told(by, f"/statements/{statement}")
        return None if seen is None else json.loads(b64decode(seen["envelope"]["payload"]))

    def found(self, by=WATCH, **asked):
        """Ids of the chips somebody finds by serial, uuid, label or key in the silicon."""
        return [each["chip"] for each in self.items(by, "/chips", **asked)]

    def frame(self, party, at=None):
        """(count, root) of the chips a verifier could draw from at a size."""
        seen = self.told(WATCH, "/inspections/frame", provers=party, at=at)
        return seen["count"], seen["root"]

    # -- ends

    def pem(self, party):
        """The key file of a party."""
        path = self._keys / f"{party}.pem"
        if not path.exists():
            write_key_file(path, seed_of(party), None)
        return path

    def audit(self, *where):
        """What `chipledger audit` of the folder says, or of the server, by a verifier's key, where told."""
        self.door.ledger.publisher.flush()
        words = where or (self.door.folder.path,)
        result = chipledger("audit", *words, "--log-key", LOG_KEY.text(), "--json")
        return json.loads(result.stdout)

    def audited(self, refusals=None):
        """Audited clean, the stored book and every refusal included; so many of these, where told."""
        report = self.audit()
        assert report["clean"], report["findings"]
        assert {"judgment", "conservation", "digest", "refusals"} <= set(report["checks_run"])
        assert report["size"] == report["entries_read"] == self.door.size()
        if refusals is not None:
            assert f"refusals read from the operator's own database: {refusals}" in report["notes"]
        return True

    def audited_from_afar(self):
        """Audited clean over HTTP with a verifier's token."""
        report = self.audit(self.door.url, "--party", WATCH, "--key", self.pem(WATCH))
        assert report["clean"], report["findings"]
        assert not report["limited"] and report["entries_read"] == self.door.size()
        assert {"judgment", "conservation"} <= set(report["checks_run"])
        return True


COUNTED = ("sender", "sent", "received", "short")


@contextmanager
def http_world(folder):
    """A world over HTTP until the end of the block."""
    world = HttpWorld(folder)
    try:
        yield world
    finally:
        world.door.close()


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
