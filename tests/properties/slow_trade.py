"""Shipments and titles, plainly. See `slow_law`."""

from tests.properties.slow_book import HERE, differs, is_repeated, pairs_of, prefix
from tests.properties.slow_chips import faults_of_moving
from tests.properties.slow_people import COUNTRIES, seconds

# -- shipment.dispatched


def faults_dispatched(book, said):
    body = said.body
    passes = body["title"] == "passes_on_arrival"
    if prefix(body["shipment"]) != said.party or body["country"] not in COUNTRIES:
        yield "bad_field"
    if body["title"] not in ("kept", "passes_on_arrival"):
        yield "bad_field"
    if not 0 <= seconds(body["due_by"]) - said.occurred_s <= 180 * 86_400:
        yield "bad_time"
    if body["to"] not in book.parties:
        yield "unknown_reference"
    elif not book.may_hold(body["to"]):
        yield "wrong_role"
    if body["shipment"] in book.shipments:
        yield "id_taken"
    chips = [line["chip"] for line in said.lines]
    yield from faults_of_moving(book, said, chips, owned=passes)
    if passes and any(book.offer_of(chip) for chip in chips):
        yield "offered_already"


def apply_dispatched(book, said):
    body = said.body
    chips = [line["chip"] for line in said.lines]
    for chip in chips:
        fields = {"status": "in_transit", "shipment": body["shipment"]}
        book.write("chips", chip, system=None, slot=None, **fields)
    fields = {"sender": said.party, "receiver": body["to"], "country": body["country"]}
    fields |= {"title": body["title"], "unexpected": 0, "lines": dict.fromkeys(chips, "open")}
    book.write("shipments", body["shipment"], **fields)


def shipment_state(row):
    """What is told of a shipment, from its lines."""
    states = list(row["lines"].values())
    if "open" in states:
        return "open"
    return "cancelled" if all(state == "cancelled" for state in states) else "closed"


# -- shipment.arrived


def faults_arrived(book, said):
    conditions = ("received", "damaged", "refused", "absent")
    if said.body["evidence"] not in ("scanned", "as_dispatched"):
        yield "bad_field"
    if any(line["condition"] not in conditions for line in said.lines or ()):
        yield "bad_field"
    if said.body["site"] not in book.sites:
        yield "unknown_reference"


def apply_arrived(book, said):
    site, name = said.body["site"], said.body["shipment"]
    sent = book.shipments.get(name)
    if sent is not None and sent["receiver"] not in book.acts_for(said.party):
        sent = None
    lines = said.lines
    if lines is None:
        still = {} if sent is None else sent["lines"]
        lines = [{"chip": c, "condition": "received"} for c, s in sorted(still.items()) if s == "open"]
    found = []
    for line in lines:
        kind, against = _contradiction(book, said, sent, lines, line)
        if kind is not None:
            found.append((kind, against, line["chip"], line.get("seen")))
    if sent is not None:
        named = {chip for _, _, chip, _ in found}
        here = {line["chip"] for line in lines if line["condition"] != "absent"}
        extra = len(named & here - set(sent["lines"]))
        if extra:
            book.write("shipments", name, unexpected=sent["unexpected"] + extra)
        before = book.shipments[name]["lines"]
        for line in lines:
            _settle(book, said, name, line, before.get(line["chip"]))
    if found:
        book.mention(("site", site))  # whoever concedes puts the chips there
    has = [line for line in lines if line["condition"] in ("received", "damaged")]
    shipment = name if sent is not None else None
    return book.open_discrepancies(said.party, found, site, shipment, pairs_of(has))


def _contradiction(book, said, sent, lines, line):
    chip, absent = line["chip"], line["condition"] == "absent"
    row = book.chips.get(chip)
    if row is None:
        return "unknown_chip", None
    if row["status"] not in HERE:
        return (None, None) if sent is not None and absent else ("after_end", book.answerable(chip))
    if is_repeated(lines, chip):
        return "duplicate", row["custodian"]
    if differs(row["identity"], line.get("seen")):
        return "identity_differs", row["custodian"]
    state = None if sent is None else sent["lines"].get(chip)
    is_mine = row["custodian"] in book.acts_for(said.party)
    if sent is not None and absent:
        # What was accepted and has left again since is not missed here.
        is_missed = state == "open" or (state == "received" and is_mine)
        return ("absent", sent["sender"]) if is_missed else (None, None)
    if state != "open":
        return (None, None) if is_mine else ("extra", row["custodian"])
    if book.sites[said.body["site"]]["country"] != sent["country"]:
        return "wrong_place", row["custodian"]
    return None, None


def _settle(book, said, shipment, line, before):
    sent, chip, site = book.shipments[shipment], line["chip"], said.body["site"]
    row, takes = book.chips.get(chip), line["condition"] in ("received", "damaged")
    if sent["lines"].get(chip) != "open" or line["condition"] == "absent":
        mine = row is not None and row["custodian"] in book.acts_for(said.party) and row["status"] == "held"
        if takes and mine and before != "open":
            book.close_absences(chip)  # accepted before, missed, and here all the same
        return
    book.mention(("site", site))
    if line["condition"] == "refused":
        book.close_line(shipment, chip, "refused")
        book.write("chips", chip, status="held", shipment=None, site=None)
        return
    book.close_line(shipment, chip, "received")
    fields = {"status": "held", "shipment": None, "custodian": said.party, "liable": said.party}
    if sent["title"] == "passes_on_arrival":
        fields["owner"] = said.party
    book.write("chips", chip, site=site, **fields)
    book.close_absences(chip)


# -- shipment.cancelled


def faults_cancelled(book, said):
    sent = book.shipments.get(said.body["shipment"])
    if sent is None or sent["sender"] not in book.acts_for(said.party):
        yield "unknown_reference"
        return
    if said.lines is None:
        if "open" not in sent["lines"].values():
            yield "shipment_closed"
        return
    for line in said.lines:
        state = sent["lines"].get(line["chip"])
        if state is None:
            yield "unknown_reference"
        elif state != "open":
            yield "shipment_closed"


def apply_cancelled(book, said):
    name = said.body["shipment"]
    chips = [chip for chip, state in book.shipments[name]["lines"].items() if state == "open"]
    for chip in chips if said.lines is None else [line["chip"] for line in said.lines]:
        book.close_line(name, chip, "cancelled")
        book.write("chips", chip, status="held", shipment=None)


# -- titles


def faults_offered(book, said):
    body, mine = said.body, book.acts_for(said.party)
    if prefix(body["transfer"]) != said.party:
        yield "bad_field"
    if body["transfer"] in book.transfers:
        yield "id_taken"
    if body["to"] not in book.parties:
        yield "unknown_reference"
    elif not book.may_hold(body["to"]):
        yield "wrong_role"
    for line in said.lines:
        chip = line["chip"]
        row = book.chips.get(chip)
        if row is None or row["owner"] not in mine:
            yield "not_owned"
            continue
        if row["status"] not in HERE:
            yield "ended"
        if book.offer_of(chip) is not None:
            yield "offered_already"
        if row["status"] == "in_transit" and book.shipments[row["shipment"]]["title"] == "passes_on_arrival":
            yield "offered_already"


def apply_offered(book, said):
    fields = {"owner": said.party, "offeree": said.body["to"], "state": "open"}
    book.write("transfers", said.body["transfer"], chips=[line["chip"] for line in said.lines], **fields)


def faults_accepted(book, said):
    offer = book.transfers.get(said.body["transfer"])
    if offer is None or offer["offeree"] not in book.acts_for(said.party):
        yield "unknown_reference"
        return
    if offer["state"] != "open":
        yield "ended"
        return
    for chip in offer["chips"]:
        row = book.chips.get(chip)
        if row is None or row["owner"] not in book.acts_for(offer["owner"]):
            yield "not_owned"
        elif row["status"] not in HERE:
            yield "ended"


def apply_accepted(book, said):
    name = said.body["transfer"]
    book.write("transfers", name, state="accepted")
    for chip in book.transfers[name]["chips"]:
        book.write("chips", chip, owner=said.party)


def faults_withdrawn(book, said):
    offer = book.transfers.get(said.body["transfer"])
    if offer is None or offer["owner"] not in book.acts_for(said.party):
        yield "unknown_reference"
    elif offer["state"] != "open":
        yield "ended"


def apply_withdrawn(book, said):
    book.write("transfers", said.body["transfer"], state="withdrawn")


RULES = {
    "shipment.dispatched": (faults_dispatched, apply_dispatched),
    "shipment.arrived": (faults_arrived, apply_arrived),
    "shipment.cancelled": (faults_cancelled, apply_cancelled),
    "title.offered": (faults_offered, apply_offered),
    "title.accepted": (faults_accepted, apply_accepted),
    "title.withdrawn": (faults_withdrawn, apply_withdrawn),
}
