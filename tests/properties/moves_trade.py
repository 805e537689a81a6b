"""What traders might say next: mostly what the book allows, often not quite, sometimes nonsense.

Each function takes a random source and the slow law's book and gives a `Move`, or None where nothing of the
kind can be said. Few chips and few names, so that histories collide.
"""

from ledger.book.times import format_seconds
from tests.properties.script import MODEL, Move
from tests.properties.slow_book import HERE

CHIPS = ["acme:A", "acme:B", "acme:C", "acme:D", "acme:E", "odm:A", "mute:A", "mute:B", "oslo:T", "lima:T"]
STRANGE = ["nobody:A", "acme:Z", "acme:A", "oslo:T"]
HOLDERS = ["acme", "oslo", "lima", "odm"]
EVIDENCE = "e" * 64
TITLES = ["kept", "kept", "passes_on_arrival"]


def rarely(random, times=20):
    return random.randrange(times) == 0


def some(random, names, most=3):
    """One or more, none twice; None of none."""
    names = sorted(set(names))
    return random.sample(names, min(len(names), random.randint(1, most))) if names else None


def mouth_of(random, book, party):
    """The party or one that acts for it; now and then anybody."""
    if party is None or rarely(random, 12):
        return random.choice([*HOLDERS, "watch", "quill", "registrar", "waf"])
    heirs = [name for name in book.parties if party in book.acts_for(name)]
    return random.choice([name for name in heirs if name != "mute"] or [random.choice(HOLDERS)])


def a_site(random, book, party):
    own = [site for site in book.sites if site.startswith(f"{party}/")]
    return random.choice((own or ["oslo/hall"]) * 5 + [*book.sites, "no/where"])


def an_identity(random):
    found = {}
    if random.randrange(2):
        found["uuid"] = random.choice(["u1", "u2", "u3", "u4"])
    if rarely(random, 4):
        found["pdi"] = random.choice(["p1", "p2"])
    if rarely(random, 6):
        found["ik_sha256"] = random.choice(["a", "b"]) * 64
    if rarely(random, 5):
        found["label"] = random.choice(["L1", "L2"])
    if rarely(random, 300):
        found["attestation_sha256"] = "c" * 64
    return found or None


def true_identity(random, book, chip):
    """What is seen of a chip: often nothing, often what the book says, sometimes something else."""
    known = book.chips.get(chip, {}).get("identity")
    seen = random.choice([None, None, None, known, known, an_identity(random)])
    seen = {name: value for name, value in (seen or {}).items() if name != "attestation_sha256"}
    return seen or None


def seen_lines(random, book, chips):
    """Observations, one of them now and then twice."""
    lines = []
    for chip in chips:
        seen = true_identity(random, book, chip)
        lines.append({"chip": chip} | ({"seen": seen} if seen else {}))
        if rarely(random, 12):
            other = {"chip": chip, "seen": {"label": f"L{random.randint(3, 9)}"}}
            lines.append(other if rarely(random, 2) or not seen else {"chip": chip})
    return lines


def chips_with(random, book, statuses, most=3):
    """Some chips of one custodian or of one who is liable, and that party."""
    by_party = {}
    for chip, row in book.chips.items():
        if row["status"] in statuses:
            by_party.setdefault(row["custodian"] or row["liable"] or row["last_liable"], []).append(chip)
    if not by_party or rarely(random, 12):
        return random.choice(HOLDERS), some(random, CHIPS + STRANGE, most)
    party = random.choice(sorted(by_party))
    chips = by_party[party] + ([random.choice(CHIPS)] if rarely(random) else [])
    return party, some(random, chips, most)


def registers(random, book):
    maker = random.choice(["acme", "acme", "acme", "odm", "oslo"])
    own = [chip for chip in CHIPS if chip.startswith(maker)] or CHIPS
    new = [chip for chip in own if chip not in book.chips or book.chips[chip]["class"] == "C"]
    chips = some(random, random.choice([new, new, new, own]) or own, 2)
    held = [c for c, row in book.chips_of({maker}).items() if row["status"] == "held" and c not in chips]
    lines = []
    for chip in chips:
        line = {"chip": chip, "model": random.choice([*book.models, *book.models, "registrar/none"])}
        if rarely(random, 2):
            line["model"] = MODEL
        identity = an_identity(random)
        line |= {"identity": identity} if identity else {}
        if held and rarely(random, 6):
            line["replaces"] = random.choice(held)
        elif rarely(random, 40):
            line["replaces"] = random.choice([c for c in CHIPS if c not in chips])
        if book.lots and rarely(random, 3):
            line["lots"] = sorted(some(random, [*book.lots], 2))
        lines.append(line)
    return Move(maker, "chips.registered", {"site": a_site(random, book, maker)}, lines)


def declares(random, book):
    party = random.choice([*HOLDERS, "watch"] if rarely(random) else HOLDERS)
    missing = [chip for chip, row in book.chips.items() if row["status"] == "missing"]
    chips = some(random, random.choice([CHIPS, CHIPS, missing, STRANGE]) or CHIPS, 2)
    basis = random.choice(["inventory", "no_paperwork", "recovered", "recovered"])
    if missing and set(chips) <= set(missing) and random.randrange(4):
        party, basis = mouth_of(random, book, book.chips[chips[0]]["liable"]), "recovered"
    lines = seen_lines(random, book, chips)
    for line in lines:
        if line["chip"] not in book.chips and rarely(random, 2):
            line["seen"] = {"label": "L1", **(an_identity(random) or {})}
            line["seen"].pop("attestation_sha256", None)
        if rarely(random, 2):
            line["model"] = random.choice(
                [MODEL, *book.models, "registrar/none" if rarely(random) else MODEL]
            )
    lines = list({(line["chip"], repr(line.get("seen"))): line for line in lines}.values())
    body = {"basis": "found" if rarely(random, 40) else basis, "site": a_site(random, book, party)}
    if rarely(random, 4):
        body["from"] = random.choice(["a broker", "" if rarely(random) else "x"])
    return Move(party, "chips.declared", body, lines)


def places(random, book):
    party, chips = chips_with(random, book, ("held",) if random.randrange(8) else HERE)
    speaker = mouth_of(random, book, party)
    lines = []
    for chip in chips:
        line = {"chip": chip}
        if random.randrange(3):
            line["system"] = random.choice(["r1", "r2"])
        if random.randrange(3) and ("system" in line or rarely(random)):
            line["slot"] = random.choice(["a", "b"])
        lines.append(line)
    return Move(speaker, "chips.placed", {"site": a_site(random, book, party)}, lines)


def retires(random, book):
    party, chips = chips_with(
        random, book, random.choice([("held",), HERE, ("in_transit",), ("missing",)]), 2
    )
    reason = random.choice(["destroyed", "destroyed", "lost", "stolen", "released"])
    body = {"reason": reason}
    if (reason == "destroyed") != rarely(random):
        body["evidence_sha256"] = EVIDENCE
    if (reason == "released") != rarely(random, 30):
        body |= {"to_name": "A scrapyard", "country": random.choice(["PE", "XX" if rarely(random) else "NO"])}
    return Move(mouth_of(random, book, party), "chips.retired", body, chips)


def dispatches(random, book):
    party, chips = chips_with(random, book, ("held",) if random.randrange(8) else HERE)
    speaker = mouth_of(random, book, party)
    name = f"{speaker if random.randrange(15) else party}/s{random.randint(1, 12)}"
    if name in book.shipments and random.randrange(4):
        name = f"{speaker}/s{len(book.shipments) + 20}"
    to = random.choice([*HOLDERS * 3, "mute", "watch", "nobody"])
    due_in = random.choice([30] * 8 + [0, 180, 181, -1]) * 86_400
    body = {"shipment": name, "to": to, "country": random.choice(["NO", "NO", "NO", "PE"])}
    body |= {"due_by": format_seconds(book.now_ms // 1000 + due_in), "title": random.choice(TITLES)}
    return Move(speaker, "shipment.dispatched", body, chips)


def a_shipment(random, book):
    """Most often one on its way."""
    going = [name for name, row in book.shipments.items() if "open" in row["lines"].values()]
    names = random.choice([going, going, going, [*book.shipments]]) or [*book.shipments]
    return random.choice(sorted(names)) if names and random.randrange(15) else "acme/none"


def arrives(random, book):
    name = a_shipment(random, book)
    sent = book.shipments.get(name)
    receiver = mouth_of(random, book, sent["receiver"] if sent else random.choice(HOLDERS))
    body = {"shipment": name, "site": a_site(random, book, receiver), "evidence": "as_dispatched"}
    if rarely(random, 4):
        return Move(receiver, "shipment.arrived", body)
    chips = [*sent["lines"]] if sent else CHIPS
    chips = random.choice([chips, chips, chips, some(random, chips, 4), some(random, CHIPS + STRANGE)])
    lines = seen_lines(random, book, chips)
    for line in lines:
        conditions = ["received"] * 5 + ["damaged", "refused", "absent", "absent"]
        line["condition"] = "lost" if rarely(random, 200) else random.choice(conditions)
    return Move(receiver, "shipment.arrived", body | {"evidence": "scanned"}, lines)


def cancels(random, book):
    name = a_shipment(random, book)
    sent = book.shipments.get(name)
    speaker = mouth_of(random, book, sent["sender"] if sent else "oslo")
    lines = None
    if sent and random.randrange(2):
        lines = some(random, [*sent["lines"], *(CHIPS if rarely(random, 5) else [])])
    return Move(speaker, "shipment.cancelled", {"shipment": name, "reason": "Recalled"}, lines)


def offers(random, book):
    by_owner = {}
    for chip, row in book.chips.items():
        if row["status"] in HERE or rarely(random):
            by_owner.setdefault(row["owner"], []).append(chip)
    owner = random.choice(sorted(by_owner) or HOLDERS)
    chips = some(
        random, by_owner.get(owner, []) + ([random.choice(CHIPS)] if rarely(random, 10) else CHIPS[:0])
    )
    speaker = mouth_of(random, book, owner)
    name = f"{speaker if random.randrange(15) else owner}/t{random.randint(1, 12)}"
    if name in book.transfers and random.randrange(4):
        name = f"{speaker}/t{len(book.transfers) + 20}"
    body = {"transfer": name, "to": random.choice([*HOLDERS * 3, "mute", "watch", "nobody"])}
    return Move(speaker, "title.offered", body, chips or ["acme:A"])


def _about_offer(random, book, kind, side):
    still = sorted(name for name, row in book.transfers.items() if row["state"] == "open")
    names = still if still and random.randrange(6) else sorted(book.transfers)
    if not names:
        return None
    name = random.choice(names) if random.randrange(20) else "oslo/none"
    party = book.transfers[name][side] if name in book.transfers else None
    return Move(mouth_of(random, book, party), kind, {"transfer": name})


def accepts(random, book):
    return _about_offer(random, book, "title.accepted", "offeree")


def withdraws(random, book):
    return _about_offer(random, book, "title.withdrawn", "owner")


def counts(random, book):
    party = mouth_of(random, book, random.choice(HOLDERS))
    own = [chip for chip, row in book.chips_of(book.acts_for(party)).items() if row["status"] == "held"]
    chips = [chip for chip in own if random.randrange(4)]
    if rarely(random, 3):
        chips += [random.choice(CHIPS + STRANGE)]
    lines = seen_lines(random, book, sorted(set(chips))) or None
    begun = sorted(
        n for n, r in book.stocktakes.items() if r["state"] == "open" and n.startswith(f"{party}/")
    )
    if begun and random.randrange(3):
        name = random.choice(begun)
        row = book.stocktakes[name]
        body = {"stocktake": name, "scope": row["scope"], "parts": row["parts"]}
        body |= {"site": row["site"]} if row["site"] else {}
        left = [part for part in range(1, row["parts"] + 1) if part not in row["in"]]
        body["part"] = random.choice(left) if random.randrange(8) else 1
        if rarely(random, 15):
            body["scope"] = "partial"
        if rarely(random, 25):
            del body["part"], body["parts"]
        return Move(party, "stocktake.declared", body, lines)
    name = f"{party if random.randrange(20) else 'oslo'}/k{random.randint(1, 30)}"
    body = {"stocktake": name, "scope": "partial" if rarely(random, 4) else "full"}
    if random.randrange(3):
        body["site"] = a_site(random, book, party)
    if rarely(random, 3):
        body |= {"part": random.choice([1, 1, 2, 3]), "parts": random.choice([1, 2, 2, 2, 3])}
        if rarely(random):
            del body["part"]
    return Move(party, "stocktake.declared", body, lines)


def sights(random, book):
    party = random.choice([*HOLDERS, "watch", "watch", "quill", "registrar"])
    known = random.choice([[*book.chips], [*book.chips], CHIPS + STRANGE]) or CHIPS
    lines = seen_lines(random, book, some(random, known))
    body = {"place": "A market stall"}
    if random.randrange(2):
        row = book.chips.get(lines[0]["chip"])
        body["site"] = (row and row["site"] and random.randrange(2) and row["site"]) or a_site(
            random, book, "lima"
        )
    return Move(party, "chips.sighted", body, lines)
