"""A real ledger in a process of its own, on which a little trade was done, for tests that abuse it.

`state` is what no abuse may change: the size of the log, its root, and the digest of the book as stored.
"""

import json
import time
from hashlib import sha256
from typing import NamedTuple

import httpx

from api.cli.demo_beacon import DemoBeaconSigner
from ledger.book.fold import book_digest
from ledger.book.times import DAY_SECONDS, format_seconds, parse_seconds
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from signing.canonical import encode, to_base64
from signing.envelope import STATEMENT_TYPE, TOKEN_REQUEST_TYPE, Envelope, seal
from tests.cli.living_ledger import LivingLedger, enrol
from tests.cli.stage import LOG, chipledger, day, key_file, signer
from tests.world_speech import bundle_bytes, claim_of

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
MODEL = "registry/h100"
HELD = [f"acme-semi:H{number:03}" for number in range(4)]
SENT = [f"acme-semi:S{number:03}" for number in range(4)]
OCCURRED, EXPIRES = f"{day(-2)}T00:00:00Z", format_seconds(int(time.time()) + 60 * DAY_SECONDS)
TO_COME = format_seconds(int(time.time()) + 30 * DAY_SECONDS)
PAST, DUE = f"{day(-2)}T01:00:00Z", f"{day(40)}T00:00:00Z"
BEACON = DemoBeaconSigner(20_261_121)
PARTIES = (
    ("acme-semi", "maker", "US"),
    ("north-dc", "holder", "NO"),
    ("agency", "verifier", "AT"),
    ("lab", "analyst", "CH"),
)
SIZE_AT_REST = 13
TOKEN_SECONDS_MAX = 300  # then a new one is taken: they last ten minutes
SECRET = b"s" * 32
GENESIS = parse_seconds(OCCURRED, "genesis")


class State(NamedTuple):
    """What bad input must leave as it was."""

    size: int
    root: str
    digest: str


EVIDENCE = b"what a chip answered, in no form we know"


class Facts(NamedTuple):
    """What the trade left behind to ask for."""

    arrival: str
    commitment: str
    refusal: str
    discrepancy: str
    evidence: str


def statement(party, kind, body, **changes):
    """A statement as an object, for this log and in time."""
    said = {"log": LOG, "kind": kind, "party": party, "body": body}
    return {**said, "occurred_at": OCCURRED, "expires_at": EXPIRES, **changes}


def line(chip, **more):
    """A manifest's line in canonical bytes."""
    return encode({"chip": chip, "salt": "5a" * 16, **more})


def bundle(said, lines=None, by=None, attestations=None):
    """A statement signed by its party or by another; its lines, and evidence, travel with it."""
    whole = said if lines is None else {**said, "manifest": claim_of(lines)}
    return sealed(by or said["party"], encode(whole), lines, attestations)


def sealed(by, payload, lines=None, attestations=None):
    """Any payload, of any length, under a good signature: of a party, or of a signer that is none's."""
    key = signer(by) if isinstance(by, str) else by
    unsigned = Envelope(STATEMENT_TYPE, payload, key.public_key.key_id, b"")
    envelope = Envelope(STATEMENT_TYPE, payload, unsigned.key_id, key.sign(unsigned.pae()))
    return bundle_bytes(envelope, lines, attestations)


def registration(serials, **changes):
    """A maker's statement of new chips and its lines."""
    lines = [line(f"acme-semi:{serial}", model=MODEL) for serial in serials]
    return statement("acme-semi", "chips.registered", {"site": "acme-semi/fab"}, **changes), lines


class Besieged(LivingLedger):
    """The ledger, with a client that never believes it is done for."""

    def __init__(self, folder):
        super().__init__(folder)
        self.home = folder
        self.http = None
        self.admitted = []  # what the trade was made of
        self._tokens = {}

    def start(self):
        super().start()
        self.http = httpx.Client(base_url=self.url, timeout=300, trust_env=False)
        self._tokens = {}

    def stop(self):
        super().stop()
        if self.http is not None:
            self.http.close()

    def post(self, raw, headers=JSON, path="/statements", **more):
        """The answer to a body as it is."""
        return self.http.post(path, content=raw, headers=headers, **more)

    def say(self, raw):
        """Send what must be admitted."""
        answer = self.post(raw)
        assert answer.status_code == 201, answer.text
        self.admitted.append(raw)
        return answer.json()

    def challenge(self, party):
        """A nonce for a party's key."""
        asked = {"party": party, "keyid": signer(party).public_key.key_id}
        return self.post(encode(asked), path="/tokens/challenge").json()

    def bearer(self, party):
        """The header a party reads with; none for nobody."""
        if party is None:
            return {}
        taken, token = self._tokens.get(party, (0, None))
        if token is None or time.monotonic() - taken > TOKEN_SECONDS_MAX:
            told = self.challenge(party)
            raw = answered(party, told["nonce"])
            taken, token = time.monotonic(), self.post(raw, path="/tokens").json()["token"]
            self._tokens[party] = taken, token
        return {"Authorization": f"Bearer {token}"}

    def state(self):
        """Read from the operator's database, as `audit` reads it."""
        store = SqlStore(Sqlite(self.folder / "ledger.db"))
        try:
            head = store.head()
            return State(head.size, head.root.hex(), book_digest(store.rows))
        finally:
            store.close()

    def audit(self):
        """The report of the command over the folder, when all is published that a server has admitted."""
        if self.process.poll() is None:
            self.level()
        return json.loads(chipledger("audit", self.folder, "--log-key", self.vkey, "--json").stdout)

    def who(self, party):
        """The options of a command that reads as a party."""
        return ["--url", self.url, "--party", party, "--key", key_file(self.home, party)]


def answered(party, nonce, audience=LOG, by=None):
    """A challenge's answer."""
    said = encode({"audience": audience, "nonce": nonce, "party": party})
    return encode(seal(signer(by or party), TOKEN_REQUEST_TYPE, said).as_object())


def trade(ledger):
    """Parties, a model, two sites; of eight chips four were sent, two came, and one nobody knows."""
    for party in PARTIES:
        enrol(ledger, ledger.home, *party)
    figures = {"vendor": "NVIDIA", "part_numbers": [], "memory_gb": 80, "memory_bandwidth_gbps": 3350}
    figures |= {"interconnect_gbps": 900, "gflops": {"bf16": 989_400}, "tpp": 15_824, "dies": 1}
    listed = {"model": MODEL, **figures, "released": "2022-09-20T00:00:00Z"}
    ledger.say(bundle(statement("registry", "model.listed", listed)))
    beacon = {"beacon": "registry/dice", "scheme": BEACON.scheme, "public_key": BEACON.public_key.hex()}
    beacon |= {"genesis": OCCURRED, "period_s": 1, "source": "a key of this test's own"}
    ledger.say(bundle(statement("registry", "beacon.listed", beacon)))
    for site, country in (("acme-semi/fab", "US"), ("north-dc/hall", "NO")):
        body = {"site": site, "name": "Hall", "country": country}
        ledger.say(bundle(statement(site.split("/")[0], "site.declared", body)))
    serials = [chip.partition(":")[2] for chip in HELD + SENT]
    ledger.say(bundle(*registration(serials, reference="LOT-1")))
    ledger.say(bundle(*dispatch("acme-semi/s1", SENT)))
    said, lines = arrival([*SENT[:2], "acme-semi:X999"])
    evidence = sha256(EVIDENCE).hexdigest()
    lines[0] = line(SENT[0], condition="received", seen={"attestation_sha256": evidence})
    arrived = ledger.say(bundle(said, lines, attestations={evidence: to_base64(EVIDENCE)}))
    committed = ledger.say(bundle(commitment("v1", 1, time.time())))
    refused = ledger.post(bundle(*dispatch("acme-semi/s1", HELD)))
    assert refused.status_code == 409, refused.text
    return Facts(
        arrived["statement"],
        committed["statement"],
        refused.json()["refusal"],
        arrived["discrepancies"]["first"][0]["discrepancy"],
        evidence,
    )


def dispatch(shipment, chips, **changes):
    """The maker sends chips to the holder."""
    body = {"shipment": shipment, "to": "north-dc", "country": "NO", "due_by": DUE, "title": "kept"}
    said = statement("acme-semi", "shipment.dispatched", body, **changes)
    return said, [line(chip) for chip in chips]


def arrival(chips, **changes):
    """The holder says which of them came."""
    body = {"shipment": "acme-semi/s1", "site": "north-dc/hall", "evidence": "scanned"}
    said = statement("north-dc", "shipment.arrived", body, **changes)
    return said, [line(chip, condition="received") for chip in chips]


def commitment(name, number, now, days_ahead=1):
    """The verifier binds itself to inspect the holder by a round of a day to come."""
    due = int(now) + days_ahead * DAY_SECONDS
    stage = {"round": due - GENESIS + 1, "secret_sha256": sha256(SECRET).hexdigest(), "sizes": [1]}
    later = format_seconds(due + DAY_SECONDS)
    stage |= {"notice_by": later, "found_by": later, "accept": 0, "reject": 1}
    body = {
        "inspection": f"agency/{name}",
        "series": "agency/yearly",
        "number": number,
        "beacon": "registry/dice",
    }
    body |= {"provers": ["north-dc"], "direction": "book_to_floor", "strata": [{"name": "all"}]}
    body |= {"planner": "presence", "parameters": {"frame": 2, "missing": 2}, "beta_ppm": 50_000}
    return statement("agency", "inspection.committed", {**body, "stages": [stage]})


def drawing(number, inspection="agency/v1"):
    """The verifier draws, with a pulse that only the maker of this beacon can have yet."""
    body = {"inspection": inspection, "beacon": "registry/dice", "round": number, "secret": SECRET.hex()}
    body |= {"pulse": {"round": number, "signature": BEACON.pulse(number).hex()}}
    body |= {"frame": {"count": 2, "root": "00" * 32}}
    return statement("agency", "inspection.drawn", body), [line(SENT[0])]
