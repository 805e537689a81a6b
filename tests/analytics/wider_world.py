"""A world of random trade with families, inspections, claims, and lots that chips share.

What inspections found is kept as it was said, and so is what each entry changed, for those who count by hand.
"""

from hashlib import sha256

from ledger.audit.conservation import Accounts
from ledger.book.rules.directions import frame_key
from ledger.book.tables import CHIPS, INSPECTIONS
from ledger.book.times import format_seconds
from ledger.inspection.draw import draw_seed, draw_strata, frame_root
from tests.analytics.second_world import World
from tests.analytics.trade import BEACON, BEGIN_S, DAY_S, SECRET


class WiderWorld(World):
    """A `World` that goes on. `findings` are (index, inspection, chip, result, Unix seconds), as said."""

    def __init__(self, seed):
        self.accounts, self.faults, self.findings, self.balances = Accounts(), [], [], {}
        super().__init__(seed)
        self.make_families()
        self.share_lots()
        self.write_off()
        self.find_one_of_two()
        self.inspect_some()
        self.claim_some()
        self.keep()

    def _keep(self, envelope, changes, kind, party, raws):
        fault = self.accounts.enter(kind, changes)
        self.faults += [fault] if fault else []
        return super()._keep(envelope, changes, kind, party, raws)

    def make_families(self):
        """Two holdings of one parent's parent, one more by suspicion alone, and a parent that was left."""
        for party in ("group", "branch", "shell"):
            self.enrol(party, "holder", "CH")
        parents = (("branch", "group"), ("lima", "branch"), ("kyiv", "shell"), ("kyiv", "group"))
        for party, parent in parents:
            self.say("registrar", "party.changed", {"party": party, "parent": parent})
        self.affiliate("watch", "doha", "lima", "shell")

    def share_lots(self):
        """Packages of two dies and of three, of one lot, of two and of three."""
        self.list_model(
            "duo", {"bf16": 2_500_000}, dies=2, die_area_um2=1_600_000_000, interconnect_gbps=1_800
        )
        self.list_model("slow", {"bf16": 200_000}, tpp=3_200, die_area_um2=800_000_000, interconnect_gbps=500)
        for maker in ("fab-east", "fab-west"):
            for number in range(3):
                self.produce(f"foundry/{maker}-{number}", maker, good_units=40 + number)
            lots = [f"foundry/{maker}-{number}" for number in range(3)]
            self.use("foundry", lots[0], "banked", 3)
            self.make(maker, range(7000, 7006), "duo", lots=lots[:2])
            self.make(maker, range(7010, 7013), "duo", lots=lots)
            self.make(maker, range(7020, 7024), "duo", lots=lots[:1])
            self.make(maker, range(7030, 7033), "slow", lots=lots[1:2])
            self.make(maker, [7040], "duo", lots=lots[:1], replaces=f"{maker}:S07020")

    def write_off(self):
        """A full count misses two chips; one is said to be stolen, and the next count is whole again."""
        self.enrol("vault", "holder", "CH")
        chips = self.make("fab-east", range(7100, 7110))
        self.receive("vault", self.send("fab-east", "v1", chips, "vault", country="CH", due=9))
        self.count("vault", "c1", chips[2:])
        self.retire("vault", "stolen", chips[:1])
        self.count("vault", "c2", chips[3:])
        self.count("vault", "c3", chips[1:])

    def find_one_of_two(self):
        """Of two chips that were not in a shipment one comes later."""
        chips = self.make("fab-west", range(7200, 7204))
        shipment = self.send("fab-west", "v2", chips, "vault", country="CH", due=9)
        told = [(chips[0], "received"), (chips[1], "received"), (chips[2], "absent"), (chips[3], "absent")]
        self.receive("vault", shipment, told)
        self.receive("vault", shipment, [(chips[2], "received")])

    def inspect_some(self):
        """Two inspections of one party: what the first accuses, the second clears in part."""
        self.list_beacon()
        self.prover = next(party for party in ("fab-east", "fab-west") if len(self.held_by(party, 6)) == 6)
        first = self.inspect(1, 5, ["not_found", "mismatch", "refused", "tampered", "confirmed"])
        self.now += DAY_S
        everything = len([row for row in self.rows(CHIPS) if row.custodian == self.prover])
        again = set(first[:2])
        results = {chip: "confirmed" for chip in again}
        self.inspect(2, min(everything, 60), results)

    def inspect(self, number, size, results):
        """An inspection of so many; results in the order of the draw, or by chip, the others unseen."""
        name = f"watch/i{number}"
        round_number = (self.now - BEGIN_S) // 30 + 60
        later = format_seconds(self.now + 9 * DAY_S)
        stage = {"round": round_number, "secret_sha256": sha256(SECRET).hexdigest(), "sizes": [size]}
        stage |= {"notice_by": later, "found_by": later, "accept": 0, "reject": 1}
        body = {"inspection": name, "series": "watch/series", "number": number, "provers": [self.prover]}
        body |= {"direction": "book_to_floor", "strata": [{"name": "all"}], "planner": "presence"}
        body |= {
            "parameters": {"frame": 5},
            "beta_ppm": 50_000,
            "beacon": "registrar/demo",
            "stages": [stage],
        }
        self.say("watch", "inspection.committed", body)
        row = self.fold.registry.of(INSPECTIONS)[name]
        self.now = max(self.now, BEGIN_S + round_number * 30)
        pulse = BEACON.pulse(round_number)
        frame = [(chip.chip, "all") for chip in self.fold.registry.frames[frame_key(row)]]
        seed = draw_seed(
            row.beacon, round_number, sha256(pulse).digest(), bytes.fromhex(row.statement), SECRET
        )
        size = min(size, len(frame))
        drawn = [one.chip for one in draw_strata(seed, frame, {"all": size})["all"]]
        body = {"inspection": name, "beacon": row.beacon, "round": round_number, "secret": SECRET.hex()}
        body |= {"pulse": {"round": round_number, "signature": pulse.hex()}}
        body["frame"] = {"count": len(frame), "root": frame_root(frame).hex()}
        self.say("watch", "inspection.drawn", body, [{"chip": chip} for chip in sorted(drawn)])
        self.now += 600
        told = results if isinstance(results, dict) else dict(zip(drawn, results, strict=False))
        self.find(name, {chip: result for chip, result in told.items() if chip in drawn})
        return drawn

    def find(self, name, told):
        """What was found, one statement a site; nobody drew what is said of others."""
        when, chips = self.now - 60, self.fold.registry.of(CHIPS)
        for site in sorted({chips[chip].site or f"{self.prover}/hall" for chip in told}):
            here = [chip for chip in sorted(told) if (chips[chip].site or f"{self.prover}/hall") == site]
            lines = [{"chip": chip, "result": told[chip], "found_at": format_seconds(when)} for chip in here]
            index = self.say("watch", "inspection.found", {"inspection": name, "site": site}, lines)
            self.findings += [(index, name, chip, told[chip], when) for chip in here]

    def claim_some(self):
        """Estimates of all sorts, now and of some time ago, some that agree and some that do not."""
        now, ago = format_seconds(self.now), format_seconds(self.now - 2 * DAY_S)
        early = format_seconds(BEGIN_S + DAY_S)
        before = format_seconds(BEGIN_S - DAY_S)
        first, second = "11" * 32, "22" * 32
        for subject, low, high, source, more in (
            ("doha", 500, 700, first, {"as_of": now}),
            ("doha", 600, 900, second, {"as_of": now}),
            ("doha", 600, 900, second, {"as_of": now, "status": "Existing, possible duplicate"}),
            ("doha", 5000, 9000, second, {"as_of": now, "status": "Planned, Likely"}),
            ("Lima", 3, 4, first, {"as_of": now, "model": "registrar/h100"}),
            ("lima", 3000, 4000, first, {"as_of": now, "unit": "h100e"}),
            ("World", 10, 20, first, {"as_of": now, "model": "registrar/h20"}),
            ("fab-east", 1, 2, first, {"as_of": now, "measure": "sold", "from": ago}),
            ("kyiv", 1, 2, first, {"as_of": now, "measure": "acquired", "from": ago}),
            (
                "world",
                9,
                99,
                first,
                {"as_of": now, "measure": "sold", "from": early},
            ),
            ("kyiv", 1, 2, first, {"as_of": before}),
            ("kyiv", 1, 2, first, {"as_of": now, "family": "google-tpu-family"}),
            ("nobody-here", 1, 2, first, {"as_of": now}),
        ):
            self.claim("quill", subject, low, high, source_sha256=source, **more)
