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
            if known is None or known["custodian"] != party:
                return "not_held"
        if owned and any(self.chips[chip]["owner"] != party for chip in chips):
            return "not_owned"
        if any(self.chips[chip]["status"] == "in_transit" for chip in chips):
            return "in_transit"
        return None

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
            self.chips[old] |= {"custodian": None, "liable": None, "site": None, "place": None}
            self.chips[old]["status"] = "replaced"
        for chip, uuid, _ in lines:
            self.chips[chip] = {"custodian": maker, "owner": maker, "liable": maker, "site": site}
            self.chips[chip] |= {"place": None, "status": "held", "shipment": None, "uuid": uuid}
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
        if fault := self._held(party, chips, owned=title == "passes_on_arrival"):
            return fault
        for chip in chips:
            self.chips[chip] |= {"place": None, "status": "in_transit", "shipment": shipment}
        self.shipments[shipment] = {"sender": party, "receiver": to, "country": country, "title": title}
        self.shipments[shipment] |= {"lines": dict.fromkeys(chips, "open"), "unexpected": 0}
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
        for chip, condition, _ in sorted(lines, key=lambda line: (line[0], line[2] or "")):
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
            return (None, None) if sent is not None and condition == "absent" else ("after_end", None)
        if times > 1:
            return "duplicate", holder
        if seen and known["uuid"] and seen != known["uuid"]:
            return "identity_differs", holder
        if sent is not None and condition == "absent":
            return ("absent", sent["sender"]) if state in ("open", "received") else (None, None)
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
        if sent["title"] == "passes_on_arrival":
            known["owner"] = party
        sent["lines"][chip] = "received"
