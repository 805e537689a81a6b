"""The law of trade a second time, plainly: dicts, chip by chip, no thought for speed.

Reads like the contract, shares nothing with the product. `SlowLaw` takes the same moves as a `World` and
says what it expects: a reason or None, and the discrepancies an arrival opens.
"""

COUNTRY = {"acme/hall": "NO", "oslo/hall": "NO", "lima/hall": "NO", "bolt/hall": "NO", "lima/abroad": "PE"}
ROLE = {"acme": "maker", "bolt": "maker", "oslo": "holder", "lima": "holder", "watch": "verifier"}
MODELS = {"registrar/h100"}
KINDS = [
    "unknown_chip", "after_end", "duplicate", "identity_differs", "extra", "absent", "wrong_place",
]  # fmt: skip


class SlowLaw:
    """Who has what."""

    def __init__(self):
        self.chips = {}  # id -> custodian, owner, liable, site, place, status, shipment, uuid
        self.absent = {}  # id -> how many say it is absent
        self.offers_made = {}  # id -> owner, offeree, chips, state
        self.shipments = {}  # id -> sender, receiver, country, title, lines {chip: state}, unexpected
        self.references = set()

    def _reference(self, party, reference):
        if reference is not None and (party, reference) in self.references:
            return "reference_reused"
        return None

    def _keep_reference(self, party, reference):
        if reference is not None:
            self.references.add((party, reference))

    def _held(self, party, chips, owned=False):
        """Why these chips are not the party's to move."""
        for chip in chips:
            known = self.chips.get(chip)
            if known is None or party != (known["custodian"] or known["last_liable"]):
                return "not_held"
        if owned and any(self.chips[chip]["owner"] != party for chip in chips):
            return "not_owned"
        if any(self.chips[chip]["status"] == "in_transit" for chip in chips):
            return "in_transit"
        if any(self.chips[chip]["status"] == "replaced" for chip in chips):
            return "ended"
        return None

    def _offered(self, chip):
        """Whether it stands under an open offer."""
        return any(o["state"] == "open" and chip in o["chips"] for o in self.offers_made.values())

    def registers(self, maker, lines, site, reference=None):
        """lines: (chip, uuid or None, replaced chip or None)."""
        uuids = [uuid for _, uuid, _ in lines if uuid]
        olds = [old for _, _, old in lines if old]
        names = [chip for chip, _, _ in lines]
        if any(not chip.startswith(f"{maker}:") for chip in names) or any(o == c for c, _, o in lines):
            return "bad_field"
        if len(set(uuids)) < len(uuids) or len(set(olds)) < len(olds):
            return "bad_field"
        if ROLE[maker] != "maker":
            return "wrong_role"
        if fault := self._reference(maker, reference):
            return fault
        if site not in COUNTRY:
            return "unknown_reference"
        if any(chip in self.chips for chip in names):
            return "chip_exists"
        not_his = self._held(maker, olds)
        ending = set() if not_his else set(olds)
        for chip, known in self.chips.items():
            alive = known["status"] in ("held", "in_transit") and chip not in ending
            if alive and known["uuid"] in uuids:
                return "identity_taken"
        if not_his:
            return not_his
        for old in olds:
            last = self.chips[old]["custodian"]
            self.chips[old] |= {"custodian": None, "liable": None, "site": None, "place": None}
            self.chips[old] |= {"status": "replaced", "last_liable": last}
        for chip, uuid, _ in lines:
            self.chips[chip] = {"custodian": maker, "owner": maker, "liable": maker, "site": site}
            self.chips[chip] |= {"place": None, "status": "held", "shipment": None, "uuid": uuid}
            self.chips[chip] |= {"last_liable": None}
        self._keep_reference(maker, reference)
        return None

    def places(self, party, lines, site, reference=None):
        """lines: (chip, (system, slot) or (system, None) or None)."""
        slots = [place for _, place in lines if place and place[1]]
        if len(set(slots)) < len(slots):
            return "bad_field"
        if fault := self._reference(party, reference):
            return fault
        if site not in COUNTRY:
            return "unknown_reference"
        if fault := self._held(party, [chip for chip, _ in lines]):
            return fault
        for chip, _ in lines:
            here = self.chips[chip]["site"]
            if here is not None and COUNTRY[here] != COUNTRY[site]:
                return "needs_shipment"
        for chip, place in lines:
            self.chips[chip] |= {"site": site, "place": place}
        for chip, place in lines:
            if place and place[1]:
                for other, known in self.chips.items():
                    if other != chip and known["site"] == site and known["place"] == place:
                        known["place"] = None
        self._keep_reference(party, reference)
        return None

    def dispatches(self, party, shipment, chips, *terms):
        """chips: ids; terms: to whom, country, title, reference."""
        to, country, title, reference = terms
        if shipment.split("/")[0] != party:
            return "bad_field"
        if to in ROLE and ROLE[to] not in ("holder", "maker"):
            return "wrong_role"
        if fault := self._reference(party, reference):
            return fault
        if shipment in self.shipments:
            return "id_taken"
        if to not in ROLE:
            return "unknown_reference"
        passes = title == "passes_on_arrival"
        if fault := self._held(party, chips, owned=passes):
            return fault
        if passes and any(map(self._offered, chips)):
            return "offered_already"
        for chip in chips:
            self.chips[chip] |= {"place": None, "status": "in_transit", "shipment": shipment}
        self.shipments[shipment] = {"sender": party, "receiver": to, "country": country, "title": title}
        self.shipments[shipment] |= {"lines": dict.fromkeys(chips, "open"), "unexpected": 0}
        self._keep_reference(party, reference)
        return None

    def cancels(self, party, shipment, chips, reference=None):
        """chips: ids, None for all that is on its way."""
        if fault := self._reference(party, reference):
            return fault
        sent = self.shipments.get(shipment)
        if sent is None or sent["sender"] != party:
            return "unknown_reference"
        lines = sent["lines"]
        if chips is None:
            chips = [chip for chip, state in lines.items() if state == "open"]
        if any(chip not in lines for chip in chips):
            return "unknown_reference"
        if not chips or any(lines[chip] != "open" for chip in chips):
            return "shipment_closed"
        for chip in chips:
            lines[chip] = "cancelled"
            self.chips[chip] |= {"status": "held", "shipment": None}
        self._keep_reference(party, reference)
        return None

    def offers(self, party, transfer, chips, to, reference=None):
        """chips: ids."""
        if transfer.split("/")[0] != party:
            return "bad_field"
        if to in ROLE and ROLE[to] not in ("holder", "maker"):
            return "wrong_role"
        if fault := self._reference(party, reference):
            return fault
        if transfer in self.offers_made:
            return "id_taken"
        if to not in ROLE:
            return "unknown_reference"
        known = [self.chips.get(chip) for chip in chips]
        if any(each is None or each["owner"] != party for each in known):
            return "not_owned"
        if any(each["status"] == "replaced" for each in known):
            return "ended"
        on_their_way = [self.shipments[each["shipment"]] for each in known if each["shipment"]]
        passing = any(shipment["title"] == "passes_on_arrival" for shipment in on_their_way)
        if passing or any(map(self._offered, chips)):
            return "offered_already"
        self.offers_made[transfer] = {"owner": party, "offeree": to, "chips": chips, "state": "open"}
        self._keep_reference(party, reference)
        return None

    def accepts(self, party, transfer, reference=None):
        """All of an offer."""
        if fault := self._reference(party, reference):
            return fault
        offer = self.offers_made.get(transfer)
        if offer is None or offer["offeree"] != party:
            return "unknown_reference"
        replaced = any(self.chips[chip]["status"] == "replaced" for chip in offer["chips"])
        if offer["state"] != "open" or replaced:
            return "ended"
        offer["state"] = "accepted"
        for chip in offer["chips"]:
            self.chips[chip]["owner"] = party
        self._keep_reference(party, reference)
        return None

    def withdraws(self, party, transfer, reference=None):
        """All of an offer."""
        if fault := self._reference(party, reference):
            return fault
        offer = self.offers_made.get(transfer)
        if offer is None or offer["owner"] != party:
            return "unknown_reference"
        if offer["state"] != "open":
            return "ended"
        offer["state"] = "withdrawn"
        self._keep_reference(party, reference)
        return None

    def arrives(self, party, shipment, lines, site, reference=None):
        """lines: (chip, condition, seen uuid or None), None for sealed cartons. (reason, discrepancies)."""
        if ROLE[party] not in ("holder", "maker"):
            return "wrong_role", []
        if fault := self._reference(party, reference):
            return fault, []
        if site not in COUNTRY:
            return "unknown_reference", []
        self._keep_reference(party, reference)
        sent = self.shipments.get(shipment)
        if sent is not None and sent["receiver"] != party:
            sent = None
        if lines is None:
            still = {} if sent is None else sent["lines"]
            lines = [(chip, "received", None) for chip, state in sorted(still.items()) if state == "open"]
        before = {} if sent is None else dict(sent["lines"])
        found = {}
        for chip, condition, seen in sorted(lines, key=lambda line: (line[0], line[2] or "")):
            times = sum(1 for other, _, _ in lines if other == chip)
            line = chip, condition, seen, times
            kind, against = self._contradiction((party, sent, before, site), line)
            if kind:
                found.setdefault((KINDS.index(kind), against or ""), set()).add(chip)
        if sent is not None:
            for chip in {chip for kind, chips in found.items() for chip in chips}:
                here = any(line[0] == chip and line[1] != "absent" for line in lines)
                sent["unexpected"] += here and chip not in before
        for chip in {chip for kind, chips in found.items() if KINDS[kind[0]] == "absent" for chip in chips}:
            self.absent[chip] = self.absent.get(chip, 0) + 1
        for chip, condition, _ in sorted(lines, key=lambda line: (line[0], line[2] or "")):
            known = self.chips.get(chip, {})
            turned_up = known.get("status") == "held" and known["custodian"] == party
            if sent is not None and turned_up and condition in ("received", "damaged"):
                self.absent[chip] = 0
            if sent is not None and sent["lines"].get(chip) == "open" and condition != "absent":
                self._takes(party, sent, chip, condition, site)
        opened = [
            (KINDS[rank], against or None, len(chips)) for (rank, against), chips in sorted(found.items())
        ]
        return None, opened

    def _contradiction(self, arrival, line):
        (party, sent, before, site), (chip, condition, seen, times) = arrival, line
        known = self.chips.get(chip)
        if known is None:
            return "unknown_chip", None
        holder = known["custodian"]
        state = before.get(chip)
        if known["status"] == "replaced":
            missed = sent is not None and condition == "absent"
            return (None, None) if missed else ("after_end", known["last_liable"])
        if times > 1:
            return "duplicate", holder
        if seen and known["uuid"] and seen != known["uuid"]:
            return "identity_differs", holder
        if sent is not None and condition == "absent":
            expected = state == "open" or (state == "received" and holder == party)
            return ("absent", sent["sender"]) if expected else (None, None)
        if state != "open":
            return (None, None) if holder == party else ("extra", holder)
        return ("wrong_place", holder) if COUNTRY[site] != sent["country"] else (None, None)

    def _takes(self, party, sent, chip, condition, site):
        known = self.chips[chip]
        known |= {"status": "held", "shipment": None}
        if condition == "refused":
            known["site"] = None
            sent["lines"][chip] = "refused"
            return
        known |= {"custodian": party, "liable": party, "site": site}
        self.absent[chip] = 0
        if sent["title"] == "passes_on_arrival":
            known["owner"] = party
        sent["lines"][chip] = "received"
