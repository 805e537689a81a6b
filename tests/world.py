"""A world that trades, for tests: real law, real signatures, seeded keys, a clock that is set.

`World` speaks trade: each verb signs a statement as its speaker and knocks at the door, and gives what the
speaker was told. Verbs called `…_draft` only prepare it. `audit` asks an auditor who trusts bytes alone.
The door is a plain fold unless another is given (`tests/world_doors.py`).
"""

from dataclasses import dataclass, replace
from hashlib import sha256

from api.cli.demo_beacon import DemoBeaconSigner
from ledger.audit.auditor import audit
from ledger.book.tables import BEACONS, CHIPS, DISCREPANCIES, SHIPMENTS, SITES
from ledger.book.times import DAY_SECONDS, format_seconds
from ledger.log.merkle import leaf_hashes, root_of
from signing.canonical import encode
from signing.note import ED25519, make_vkey
from tests.world_doors import FoldDoor
from tests.world_inspecting import Inspecting
from tests.world_lives import Lives
from tests.world_observing import Observing
from tests.world_published import DoorPublished
from tests.world_speech import ORIGIN, Draft, Told, lines_of, proven, signer_of
from tests.world_trading import Trading

BEGIN_MS = 1_795_243_440_123  # 2026-11-21T06:44:00.123Z
TICK_MS = 1_000  # after each knock, so that the same words said again are another statement
EXPIRY_DAYS = 90
DUE_DAYS = 30
LEAD_S = 600
PERIOD_S = 30
GENESIS = 1_795_000_000
REGISTRAR = "registrar"
MODEL = "registrar/h100"
BEACON = "registrar/dice"
LOG_KEY = make_vkey(ORIGIN, ED25519, signer_of("log").public_key.octets)
DICE = DemoBeaconSigner(7)


@dataclass(frozen=True)
class Commitment:
    """What a verifier keeps until the draw: its secret, and the frame as its log stood."""

    statement: str
    secret: bytes
    beacon: str
    round: int
    strata: tuple[str, ...]
    sizes: tuple[int, ...]
    frame: tuple[tuple[str, str], ...]  # (chip, stratum) by chip


class World(Inspecting, Lives, Observing, Trading):
    """A log, its book, and everybody who speaks."""

    def __init__(self, door=FoldDoor):
        self.now = BEGIN_MS
        self.door = door(lambda: self.now)
        self.commitments = {}

    # -- saying things

    def draft(self, party, kind, body, lines=None, **more):
        """A statement to be said now."""
        now = self.now // 1000
        said = None if lines is None else lines_of(lines)
        extra = {name: more.pop(name) for name in ("reference", "head") if name in more}
        times = format_seconds(now), format_seconds(now + EXPIRY_DAYS * DAY_SECONDS)
        return replace(Draft(party, kind, body, *times, said, tuple(extra.items())), **more)

    def says(self, draft):
        """Signed and sent."""
        return self.sends(draft.raw())

    def sends(self, raw):
        """A bundle's bytes, whoever made them."""
        told = Told(self.door.admit(raw))
        self.now += TICK_MS
        return told

    def would(self, draft):
        """What would become of it now."""
        raw = draft if isinstance(draft, bytes) else draft.raw()
        return Told(self.door.would(raw))

    def waits(self, seconds):
        """Time goes by."""
        self.now += 1000 * seconds
        return self

    # -- the registrar

    def opening_draft(self, **body):
        said = {
            "log_key": LOG_KEY.text(),
            "registrar": {
                "party": REGISTRAR,
                "name": "Registrar",
                "country": "NL",
                "keys": [proven(REGISTRAR)],
            },
            "witnesses": [],
            "quorum": 0,
            "rules": 1,
            "waits": {"beacon_lead_s": LEAD_S, "timely_lead_s": 60, "key_delay_s": 604_800},
            "device_roots": [],
        }
        return self.draft(REGISTRAR, "log.opened", said | body)

    def opens(self, **body):
        return self.says(self.opening_draft(**body))

    def enrolment_draft(self, party, *roles, country="NO", **body):
        said = {"party": party, "name": party.title(), "roles": sorted(roles), "country": country}
        return self.draft(REGISTRAR, "party.enrolled", said | {"keys": [proven(party)]} | body)

    def enrols(self, party, *roles, **body):
        return self.says(self.enrolment_draft(party, *roles, **body))

    def model_draft(self, model=MODEL, **body):
        figures = {"vendor": "Acme", "part_numbers": ["A-1", "B-2"], "memory_gb": 80, "dies": 1}
        figures |= {"memory_bandwidth_gbps": 3350, "interconnect_gbps": 900, "tpp": 15_832}
        figures |= {"gflops": {"fp8": 1_979_000, "fp64": 67_000}, "released": "2022-10-01T00:00:00Z"}
        return self.draft(REGISTRAR, "model.listed", {"model": model} | figures | body)

    def lists_model(self, model=MODEL, **body):
        return self.says(self.model_draft(model, **body))

    def beacon_draft(self, beacon=BEACON, **body):
        said = {"beacon": beacon, "scheme": DICE.scheme, "public_key": DICE.public_key.hex()}
        said |= {
            "genesis": format_seconds(GENESIS),
            "period_s": PERIOD_S,
            "source": "a key of the test's own",
        }
        return self.draft(REGISTRAR, "beacon.listed", said | body)

    def lists_beacon(self, beacon=BEACON, **body):
        return self.says(self.beacon_draft(beacon, **body))

    # -- trade

    def site_draft(self, site, country="NO", **body):
        said = {"site": site, "name": "A hall", "country": country}
        return self.draft(site.split("/")[0], "site.declared", said | body)

    def declares_site(self, site, country="NO", **body):
        return self.says(self.site_draft(site, country, **body))

    def registration_draft(self, maker, *lines, site=None, **more):
        full = [{"model": MODEL, **line} for line in lines_of(lines)]
        return self.draft(maker, "chips.registered", {"site": site or f"{maker}/hall"}, full, **more)

    def registers(self, maker, *lines, **more):
        return self.says(self.registration_draft(maker, *lines, **more))

    def dispatch_draft(self, sender, shipment, *chips, to, country="NO", title="kept", **more):
        due_by = more.pop("due_by", None) or format_seconds(self.now // 1000 + DUE_DAYS * DAY_SECONDS)
        said = {"shipment": shipment, "to": to, "country": country, "due_by": due_by, "title": title}
        said |= {name: more.pop(name) for name in ("licence", "end_user") if name in more}
        return self.draft(sender, "shipment.dispatched", said, chips, **more)

    def dispatches(self, sender, shipment, *chips, to, **more):
        return self.says(self.dispatch_draft(sender, shipment, *chips, to=to, **more))

    def arrival_draft(self, receiver, shipment, *lines, site=None, **more):
        """Lines that say no condition are received; no line at all: sealed cartons."""
        body = {"shipment": shipment, "site": site or f"{receiver}/hall"}
        body["evidence"] = "scanned" if lines else "as_dispatched"
        full = [{"condition": "received", **line} for line in lines_of(lines)]
        return self.draft(receiver, "shipment.arrived", body, full or None, **more)

    def arrives(self, receiver, shipment, *lines, **more):
        return self.says(self.arrival_draft(receiver, shipment, *lines, **more))

    def placement_draft(self, custodian, *lines, site=None, **more):
        return self.draft(custodian, "chips.placed", {"site": site or f"{custodian}/hall"}, lines, **more)

    def places(self, custodian, *lines, **more):
        return self.says(self.placement_draft(custodian, *lines, **more))

    # -- inspections

    def next_round(self, seconds=LEAD_S + PERIOD_S):
        """The last round of the dice due within so many seconds from now."""
        return (self.now // 1000 + seconds - GENESIS) // PERIOD_S + 1

    def commitment_draft(self, verifier, inspection, *provers, number=1, sizes=(2,), **body):
        soon = format_seconds(self.now // 1000 + DAY_SECONDS)
        stage = {"round": self.next_round(), "secret_sha256": sha256(secret_of(inspection)).hexdigest()}
        stage |= {"sizes": list(sizes), "notice_by": soon, "found_by": soon, "accept": 0, "reject": 1}
        said = {"inspection": inspection, "series": f"{verifier}/series", "number": number}
        said |= {"provers": sorted(provers), "direction": "book_to_floor", "strata": [{"name": "all"}]}
        said |= {"planner": "presence", "parameters": {}, "beta_ppm": 50_000, "beacon": BEACON}
        return self.draft(verifier, "inspection.committed", {**said, "stages": [stage], **body})

    def commits(self, verifier, inspection, *provers, **body):
        return self.says_commitment(self.commitment_draft(verifier, inspection, *provers, **body))

    def says_commitment(self, draft):
        """Said, and remembered for the draw."""
        body, frame = draft.body, self.frame(draft.body)
        told = self.says(draft)
        if told.admitted:
            stage = body["stages"][0]
            self.commitments[body["inspection"]] = Commitment(
                told.outcome.statement,
                secret_of(body["inspection"]),
                body["beacon"],
                stage["round"],
                tuple(stratum["name"] for stratum in body["strata"]),
                tuple(stage["sizes"]),
                frame,
            )
        return told

    def draw_draft(self, verifier, inspection, dice=DICE, **body):
        pulse = dice.pulse(self.commitments[inspection].round)
        said = {"round": self.commitments[inspection].round, "signature": pulse.hex()}
        return self.drawn_by(verifier, inspection, said, sha256(pulse).digest(), **body)

    def drawn_by(self, verifier, inspection, pulse, randomness, **body):
        """A draw by a pulse as it is quoted, and the randomness it gives."""
        made = self.commitments[inspection]
        seed = draw_seed(made, randomness)
        drawn = []
        for stratum, size in zip(made.strata, made.sizes, strict=True):
            chips = [chip for chip, name in made.frame if name == stratum]
            drawn += sorted(chips, key=lambda chip: (sha256(seed + chip.encode()).digest(), chip))[:size]
        what = "position" if any("#" in item for item, _ in made.frame) else "chip"
        leaves = leaf_hashes([encode({what: item, "stratum": name}) for item, name in made.frame])
        said = {"inspection": inspection, "beacon": made.beacon, "round": made.round}
        said |= {"pulse": pulse, "secret": made.secret.hex()}
        said |= {"frame": {"count": len(made.frame), "root": root_of(leaves).hex()}}
        return self.draft(verifier, "inspection.drawn", said | body, drawn or None)

    def draws(self, verifier, inspection, **body):
        return self.says(self.draw_draft(verifier, inspection, **body))

    # -- looking

    def chip(self, chip):
        return self.door.get(CHIPS, chip)

    def shipment(self, shipment):
        return self.door.get(SHIPMENTS, shipment)

    def held_by(self, party):
        """The chips whose custodian is a party."""
        return [row.chip for row in self.door.rows(CHIPS) if row.custodian == party]

    def discrepancies(self):
        """(id, kind, observer, counterparty, chips) of each, by id."""
        rows = self.door.rows(DISCREPANCIES)
        return [(r.discrepancy, r.kind, r.observer, r.counterparty, r.chips) for r in rows]

    def audit(self, published=None):
        """What an auditor finds who has the bytes and the digest of the book as kept."""
        seen = published or DoorPublished(self.door)
        return audit(seen, log_key=LOG_KEY, stored_digest=self.door.digest())

    def settles(self, **opening):
        """Two makers, three holders, two verifiers and an analyst; a hall each, one abroad; a model, dice."""
        told = [self.opens(**opening), self.lists_model(), self.lists_beacon()]
        for party, role in PEOPLE.items():
            told.append(self.enrols(party, role))
        for party in ("acme", "bolt", "oslo", "lima", "odm"):
            told.append(self.declares_site(f"{party}/hall"))
        told += [self.declares_site("lima/abroad", "PE"), self.declares_site("oslo/annex")]
        assert all(each.admitted for each in told), [each.detail for each in told]
        assert len(self.door.rows(SITES)) == 7 and self.door.rows(BEACONS)
        return self


PEOPLE = {
    "acme": "maker",
    "bolt": "maker",
    "oslo": "holder",
    "lima": "holder",
    "odm": "holder",
    "watch": "verifier",
    "peer": "verifier",
    "quill": "analyst",
}


def secret_of(inspection):
    """A verifier's secret for a draw."""
    return sha256(b"secret of " + inspection.encode()).digest()


def draw_seed(made, randomness):
    """The seed as the contract defines it, written a second time."""
    parts = (b"chipledger-draw-v1", made.beacon.encode(), str(made.round).encode(), randomness)
    parts += (bytes.fromhex(made.statement), made.secret)
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
