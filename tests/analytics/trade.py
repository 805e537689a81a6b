"""A small world of trade for the tests of analytics: real statements under the real law, in a real store.

Every statement is judged by a `Fold` and written to a `MemoryStore`, an entry a commit. Signatures are
made but nobody checks them here: that is the door's work.
"""

from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256

from analytics.feeds import H100_SXM_BF16_GFLOPS
from api.cli.demo_beacon import DemoBeaconSigner
from ledger.book import law
from ledger.book.encoding import Bundle, entry_bytes
from ledger.book.fold import Fold
from ledger.book.registry import key_of
from ledger.book.rejection import Rejection
from ledger.book.rules.directions import frame_key
from ledger.book.statement import Entry
from ledger.book.tables import CHIPS, INSPECTIONS
from ledger.book.times import format_seconds
from ledger.inspection.draw import draw_seed, draw_strata, frame_root
from ledger.log.merkle import RightEdge, grow, leaf_hash, leaf_hashes, root_of
from ledger.log.proofs import HashSource, root_at
from ledger.storage.memory import MemoryStore
from ledger.storage.store import Batch, StoredEntry
from signing.canonical import encode
from signing.envelope import KEY_PROOF_TYPE, STATEMENT_TYPE, seal
from signing.note import ED25519, make_vkey
from signing.signer import SeedSigner
from tests.analytics.affairs import Affairs

ORIGIN = "ledger.example/analytics"
BEGIN_S = 1_795_240_800  # 2026-11-21T06:00:00Z
DAY_S = 86_400
H100_GFLOPS = {"fp64": 66_900, "bf16": H100_SXM_BF16_GFLOPS, "fp16": 989_400, "fp8": 1_978_900}
FIGURES = {
    "vendor": "Acme",
    "part_numbers": [],
    "memory_gb": 80,
    "memory_bandwidth_gbps": 3350,
    "interconnect_gbps": 900,
    "tpp": 15_831,
    "dies": 1,
    "released": "2022-09-20T00:00:00Z",
}
WAITS = {"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": 604_800}
BEACON = DemoBeaconSigner(7)
SECRET = b"s" * 32


@dataclass(frozen=True)
class Arrival:
    """An arrival as it was said, for those who count by hand."""

    index: int
    party: str
    lines: tuple


class Trade(Affairs):
    """A log that people trade on. `now` is Unix seconds; it moves a minute a statement, or by hand."""

    def __init__(self, store=None):
        self.store = store or MemoryStore()
        self.fold = Fold()
        self.head = self.store.claim()
        self.edge = RightEdge.empty()
        self.known = defaultdict(set)
        self.entries = []
        self.arrivals, self.sightings, self.decisions = [], [], []
        self.now = BEGIN_S
        registrar = {"party": "registrar", "name": "R", "country": "NL", "keys": [self.proven("registrar")]}
        log_key = make_vkey(ORIGIN, ED25519, self.signer("log").public_key.octets).text()
        body = {"log_key": log_key, "registrar": registrar, "witnesses": [], "quorum": 0, "rules": 1}
        self.say("registrar", "log.opened", {**body, "waits": WAITS, "device_roots": []})

    @property
    def size(self):
        """Entries so far."""
        return self.edge.size

    @property
    def root(self):
        """The root over them."""
        return self.edge.root()

    def root_of(self, size):
        """The root over the first entries."""
        return root_at(size, HashSource(self.store.tile))

    def rows(self, table):
        """The present rows of a table, by the fold."""
        return list(self.fold.registry.of(table).values())

    def signer(self, party):
        """The one key of a party, from its name."""
        return SeedSigner(sha256(party.encode()).digest())

    def proven(self, party):
        """A party's key with the proof that it holds it."""
        key = self.signer(party).public_key.hex
        said = encode({"log": ORIGIN, "party": party, "public_key": key})
        return {"public_key": key, "proof": seal(self.signer(party), KEY_PROOF_TYPE, said).as_object()}

    def envelope(self, party, kind, body, lines, ago_s):
        """A signed statement and its manifest's lines."""
        said = {"log": ORIGIN, "kind": kind, "party": party, "body": body}
        said["occurred_at"] = format_seconds(self.now - ago_s)
        said["expires_at"] = format_seconds(self.now + 30 * DAY_S)
        raws = None
        if lines is not None:
            salts = [sha256(encode(line)).hexdigest()[:32] for line in lines]
            raws = tuple(encode({**line, "salt": salt}) for line, salt in zip(lines, salts, strict=True))
            said["manifest"] = {"count": len(raws), "root": root_of(leaf_hashes(raws)).hex()}
        return seal(self.signer(party), STATEMENT_TYPE, encode(said)), raws

    def say(self, party, kind, body, lines=None, *, ago_s=0, perhaps=False):
        """Say it now; the law must let it stand, or `perhaps` lets it. Returns its index, None if refused."""
        envelope, raws = self.envelope(party, kind, body, lines, ago_s)
        statement = law.read_statement(Bundle(envelope, raws, None))
        entry = Entry(self.size, self.now * 1000 + self.size % 1000, statement)
        verdict = self.fold.admit(entry)
        if isinstance(verdict, Rejection):
            assert perhaps, (kind, verdict)
            return None
        if kind == "shipment.arrived":
            told = tuple((line["chip"], line["condition"]) for line in lines or ())
            self.arrivals.append(Arrival(entry.index, party, told))
        return self._keep(envelope, verdict, kind, party, raws or ())

    def _keep(self, envelope, changes, kind, party, raws):
        index, admitted_at = self.size, self.now * 1000 + self.size % 1000
        raw = entry_bytes(admitted_at, envelope)
        named = (envelope.id(), raw, leaf_hash(raw), admitted_at, kind, party, envelope.key_id)
        stored = StoredEntry(index, *named, self.now - index % 7, len(raws), "")
        growth = grow(self.edge, [stored.leaf_hash])
        batch = Batch(entries=[stored], tiles=growth.tiles, size=index + 1, root=growth.edge.root())
        if raws:
            batch.manifests[index] = raws
        for table, rows in changes.rows.items():
            keys = {key_of(table, row) for row in rows}
            batch.inserts[table] = [row for row in rows if key_of(table, row) not in self.known[table.name]]
            batch.updates[table] = [row for row in rows if key_of(table, row) in self.known[table.name]]
            if table.history:
                batch.versions[table] = list(rows)
            self.known[table.name] |= keys
        with self.store.writing(self.head) as transaction:
            transaction.write(batch)
        self.head, self.edge = self.store.head(), growth.edge
        self.entries.append(stored)
        self.now += 60
        return index

    def enrol(self, party, role, country):
        """A party with a key and a site `<party>/hall` in its country."""
        keys = [self.proven(party)]
        body = {"party": party, "name": party.title(), "roles": [role], "country": country, "keys": keys}
        self.say("registrar", "party.enrolled", body)
        self.declare_site(party, "hall", country)

    def declare_site(self, party, name, country):
        """One more site of a party's."""
        body = {"site": f"{party}/{name}", "name": name, "country": country, "power_kw": 900}
        self.say(party, "site.declared", body)

    def list_model(self, name, gflops, **more):
        """A model of the registrar's list."""
        body = {"model": f"registrar/{name}", **FIGURES, "gflops": gflops, **more}
        self.say("registrar", "model.listed", body)

    def make(self, maker, numbers, model="h100", **more):
        """Chips of this maker are born at its hall; `more` goes into each line."""
        chips = [f"{maker}:S{number:05d}" for number in numbers]
        lines = [{"chip": chip, "model": f"registrar/{model}", **more} for chip in chips]
        self.say(maker, "chips.registered", {"site": f"{maker}/hall"}, lines)
        return chips

    def send(self, sender, name, chips, to, *, country, due, title="passes_on_arrival"):
        """Chips set out, due in so many days. Returns the shipment's id."""
        body = {"shipment": f"{sender}/{name}", "to": to, "country": country, "title": title}
        body["due_by"] = format_seconds(self.now + due * DAY_S)
        self.say(sender, "shipment.dispatched", body, [{"chip": chip} for chip in sorted(chips)])
        return f"{sender}/{name}"

    def receive(self, party, shipment, lines=None, site=None):
        """Lines of (chip, condition) or (chip, condition, label seen); None: sealed cartons."""
        evidence = "as_dispatched" if lines is None else "scanned"
        body = {"shipment": shipment, "site": site or f"{party}/hall", "evidence": evidence}
        told = None
        if lines is not None:
            told = [{"chip": line[0], "condition": line[1]} for line in lines]
            for line, given in zip(told, lines, strict=True):
                if len(given) == 3:
                    line["seen"] = {"label": given[2]}
            told.sort(
                key=lambda line: (line["chip"], encode(line["seen"]).decode() if "seen" in line else "")
            )
        return self.say(party, "shipment.arrived", body, told)

    def place(self, party, chips, system, site=None):
        """Chips stand in a system, without slots."""
        lines = [{"chip": chip, "system": system} for chip in sorted(chips)]
        self.say(party, "chips.placed", {"site": site or f"{party}/hall"}, lines)

    def list_beacon(self):
        """A beacon of the test's own."""
        body = {"beacon": "registrar/demo", "scheme": BEACON.scheme, "public_key": BEACON.public_key.hex()}
        body |= {"genesis": format_seconds(BEGIN_S), "period_s": 30, "source": "this test"}
        self.say("registrar", "beacon.listed", body)

    def commit(self, verifier, number, provers, sizes=(2,)):
        """A verifier binds itself. Returns the index of the commitment."""
        round_number = (self.now - BEGIN_S) // 30 + 60
        later = format_seconds(self.now + DAY_S)
        stage = {"round": round_number, "secret_sha256": sha256(SECRET).hexdigest(), "sizes": list(sizes)}
        stage |= {"notice_by": later, "found_by": later, "accept": 0, "reject": 1}
        body = {"inspection": f"{verifier}/i{number}", "series": f"{verifier}/series", "number": number}
        body |= {"provers": sorted(provers), "direction": "book_to_floor", "strata": [{"name": "all"}]}
        body |= {"planner": "presence", "parameters": {"frame": 5}, "beta_ppm": 50_000}
        return self.say(
            verifier, "inspection.committed", {**body, "beacon": "registrar/demo", "stages": [stage]}
        )

    def draw(self, verifier, number):
        """The first stage is drawn."""
        row = self.fold.registry.of(INSPECTIONS)[f"{verifier}/i{number}"]
        round_number = int(row.commitment.split('"round":')[1].split(",")[0].split("}")[0])
        self.now = max(self.now, BEGIN_S + round_number * 30)
        pulse = BEACON.pulse(round_number)
        frame = [(chip.chip, "all") for chip in self.fold.registry.frames[frame_key(row)]]
        randomness = sha256(pulse).digest()
        seed = draw_seed(row.beacon, round_number, randomness, bytes.fromhex(row.statement), SECRET)
        tickets = draw_strata(seed, frame, {"all": 2})["all"]
        body = {"inspection": row.inspection, "beacon": row.beacon, "round": round_number}
        body |= {"pulse": {"round": round_number, "signature": pulse.hex()}, "secret": SECRET.hex()}
        body["frame"] = {"count": len(frame), "root": frame_root(frame).hex()}
        lines = [{"chip": chip} for chip in sorted(ticket.chip for ticket in tickets)]
        return self.say(verifier, "inspection.drawn", body, lines)


def small_world(store=None):
    """Two makers and two holders, a shipment of each fate, an inspection drawn and one not."""
    trade = Trade(store)
    trade.list_model("h100", H100_GFLOPS)
    for party, role, country in (("acme", "maker", "TW"), ("oslo", "holder", "NO"), ("lima", "holder", "PE")):
        trade.enrol(party, role, country)
    trade.enrol("watch", "verifier", "AT")
    trade.list_beacon()
    chips = trade.make("acme", range(12))
    trade.receive("oslo", trade.send("acme", "s1", chips[:4], "oslo", country="NO", due=10))
    trade.place("oslo", chips[:2], "rack-1")
    trade.commit("watch", 1, ["oslo"])
    short = trade.send("acme", "s2", chips[4:8], "lima", country="PE", due=10)
    trade.receive("lima", short, [(chips[4], "received"), (chips[5], "absent"), (chips[6], "refused")])
    trade.draw("watch", 1)
    trade.send("acme", "s3", chips[8:10], "lima", country="PE", due=0)
    trade.receive("lima", "acme/none", [(chips[0], "received"), ("ghost:G1", "received")])
    trade.commit("watch", 2, ["oslo"])
    other_affairs(trade)
    assert {chip.status for chip in trade.rows(CHIPS)} == {"held", "in_transit", "missing", "destroyed"}
    return trade


def other_affairs(trade):
    """One of each kind that is no trade, some of it taken back."""
    trade.enrol("foundry", "fab", "TW")
    trade.enrol("quill", "analyst", "IS")
    trade.enrol("heir", "holder", "NO")
    trade.produce("foundry/l1", "acme")
    trade.correct("foundry", trade.produce("foundry/l2", "acme"))
    trade.use("acme", "foundry/l1", "banked", 3)
    made = trade.make("acme", range(20, 24), lots=["foundry/l1"])
    trade.make("acme", [24])
    trade.correct("acme", trade.entries[-1].index)
    trade.claim("quill", "oslo", 900, 1100, model="registrar/h100", **{"from": "2025-01-01T00:00:00Z"})
    trade.correct("quill", trade.claim("quill", "oslo", 1, 2))
    trade.affiliate("watch", "acme", "oslo")
    trade.offer("acme", "o1", made[:1], "oslo")
    trade.accept("oslo", "acme/o1")
    trade.count("oslo", "c1", ["acme:S00000"])
    trade.correct("oslo", trade.count("oslo", "c2", [], site="oslo/hall"))
    trade.sight("watch", made[:1], "oslo/hall")
    trade.retire("acme", "destroyed", made[1:2])
    trade.retire("acme", "lost", made[2:3])
    trade.succeed("lima", "heir")
    trade.seal_book(len(trade.rows(CHIPS)))
