"""Trade that could happen: mostly what the book allows, sometimes not, made up with a twin at hand.

`script_of` gives moves, plain tuples; `told` makes a world say one, `expected` asks the twin. Half the
choices look at who holds what, so that long scripts get somewhere; the others are blind.
"""

from tests.book.slow_law import COUNTRY, SlowLaw
from tests.world import MODEL

PARTIES = ["acme", "bolt", "oslo", "lima", "watch"]
HOLDERS = ["acme", "oslo", "lima", "bolt"]
CHIP_NAMES = ["acme:A", "acme:B", "acme:C", "acme:D", "bolt:E", "bolt:F"]
CONDITIONS = ["received"] * 4 + ["damaged", "refused", "absent", "absent"]
UUIDS = ["u1", "u2", "u3"]
PLACES = [None, ("r1", None), ("r1", "a"), ("r1", "b"), ("r2", "a")]
STOCKED = [
    (
        "registers",
        "acme",
        [("acme:A", "u1", None), ("acme:B", None, None), ("acme:C", "u2", None)],
        "acme/hall",
        None,
    ),
    ("registers", "bolt", [("bolt:E", "u3", None)], "bolt/hall", None),
    ("dispatches", "acme", "acme/s1", ["acme:A", "acme:B"], "oslo", "NO", "kept", None),
]


def script_of(random, length):
    """So many moves after a beginning in which two makers have chips and one shipment is on its way."""
    law, script = SlowLaw(), list(STOCKED)
    for move in STOCKED:
        expected(law, move)
    for _ in range(length):
        move = random.choice(MOVES)(random, law)
        expected(law, move)
        script.append(move)
    return script


def some(random, names, most):
    """One or more of these, none twice."""
    names = sorted(names)
    return random.sample(names, min(len(names), random.randint(1, most)))


def held(random, law, party):
    """Chips a party could move, if it has any; now and then others."""
    own = [chip for chip, known in law.chips.items() if known["custodian"] == party]
    at_rest = [chip for chip in own if law.chips[chip]["status"] == "held"]
    return some(random, random.choice([at_rest, at_rest, at_rest, own, CHIP_NAMES]) or CHIP_NAMES, 3)


def a_site(random, party):
    """Most often the party's own."""
    return random.choice([f"{party}/hall"] * 4 + [*COUNTRY, "no/where"])


def a_reference(random):
    return random.choice([None] * 8 + ["PO-1", "PO-2"])


def registers(random, law):
    maker = random.choice(["acme", "acme", "acme", "bolt", "oslo"])
    new = [chip for chip in CHIP_NAMES if chip not in law.chips and chip.startswith(maker)]
    lines = []
    for chip in some(random, random.choice([new, new, CHIP_NAMES]) or CHIP_NAMES, 2):
        old = random.choice([None, None, held(random, law, maker)[0]])
        lines.append((chip, random.choice([None, *UUIDS]), old))
    return "registers", maker, lines, a_site(random, maker), a_reference(random)


def places(random, law):
    party = random.choice(HOLDERS)
    lines = [(chip, random.choice(PLACES)) for chip in held(random, law, party)]
    return "places", party, lines, a_site(random, party), a_reference(random)


def dispatches(random, law):
    party = random.choice(HOLDERS)
    name = f"{random.choice([party] * 9 + ['acme'])}/s{random.randint(1, 9)}"
    to, country = random.choice([*HOLDERS * 3, "watch", "nobody"]), random.choice(["NO", "NO", "PE"])
    title = random.choice(["kept", "passes_on_arrival"])
    return "dispatches", party, name, held(random, law, party), to, country, title, a_reference(random)


def cancels(random, law):
    party, shipment = random.choice(HOLDERS), "acme/none"
    known = sorted(law.shipments)
    if known and random.randint(0, 9):
        shipment = random.choice(known)
        party = random.choice([law.shipments[shipment]["sender"]] * 9 + [party])
    lines = law.shipments.get(shipment, {"lines": {}})["lines"]
    still = [chip for chip, state in lines.items() if state == "open"]
    chips = random.choice([None, some(random, random.choice([still, still, CHIP_NAMES]) or CHIP_NAMES, 2)])
    return "cancels", party, shipment, chips, a_reference(random)


def offers(random, law):
    party = random.choice(HOLDERS)
    own = [chip for chip, known in law.chips.items() if known["owner"] == party]
    name = f"{random.choice([party] * 9 + ['acme'])}/t{random.randint(1, 9)}"
    about = some(random, random.choice([own, own, own, CHIP_NAMES]) or CHIP_NAMES, 2)
    return "offers", party, name, about, random.choice([*HOLDERS * 3, "watch", "nobody"]), a_reference(random)


def accepts(random, law):
    return "accepts", *_side(random, law, "offeree"), a_reference(random)


def withdraws(random, law):
    return "withdraws", *_side(random, law, "owner"), a_reference(random)


def _side(random, law, side):
    """A party, most often the right one, and an offer."""
    party, known = random.choice(HOLDERS), sorted(law.offers_made)
    if not known:
        return party, "acme/t1"
    transfer = random.choice(known)
    return random.choice([law.offers_made[transfer][side]] * 9 + [party]), transfer


def arrives(random, law):
    shipment, receiver = "acme/none", random.choice(PARTIES)
    known = sorted(law.shipments)
    if known and random.randint(0, 9):
        shipment = random.choice(known)
        receiver = random.choice([law.shipments[shipment]["receiver"]] * 5 + [receiver])
    lines = None
    if random.randint(0, 3):
        sent = law.shipments.get(shipment, {"lines": {}})["lines"]
        chips = some(random, random.choice([sent, sent, CHIP_NAMES]) or CHIP_NAMES, 4)
        if not random.randint(0, 3):
            chips.append("acme:Z")
        lines = [(chip, random.choice(CONDITIONS), random.choice([None, None, *UUIDS])) for chip in chips]
        if not random.randint(0, 3):
            chip, condition, seen = lines[0]
            lines.append((chip, condition, "u9" if seen is None else None))
    return "arrives", receiver, shipment, lines, a_site(random, receiver), a_reference(random)


MOVES = (
    registers, places, dispatches, dispatches, dispatches, arrives, arrives, arrives, cancels, offers,
    accepts, withdraws,
)  # fmt: skip


def expected(law, move):
    """What the twin says of it: a reason or None, and discrepancies."""
    name, *rest = move
    answer = getattr(law, name)(*rest)
    return answer if name == "arrives" else (answer, [])


def told(world, move):
    """What the world says of a move."""
    return world.says(draft_of(world, move))


def draft_of(world, move):
    """A move as a statement."""
    match move:
        case ("registers", maker, lines, site, reference):
            full = [_registered(*line) for line in lines]
            return world.registration_draft(maker, *full, site=site, **_of(reference))
        case ("places", party, lines, site, reference):
            full = [_placed(*line) for line in lines]
            return world.placement_draft(party, *full, site=site, **_of(reference))
        case ("dispatches", party, shipment, about, to, country, title, reference):
            more = {"country": country, "title": title} | _of(reference)
            return world.dispatch_draft(party, shipment, *about, to=to, **more)
        case ("arrives", party, shipment, lines, site, reference):
            full = [_arrived(*line) for line in lines or ()]
            return world.arrival_draft(party, shipment, *full, site=site, **_of(reference))
        case ("cancels", party, shipment, about, reference):
            return world.cancellation_draft(party, shipment, *about or (), **_of(reference))
        case ("offers", party, transfer, about, to, reference):
            return world.offer_draft(party, transfer, *about, to=to, **_of(reference))
        case ("accepts", party, transfer, reference):
            return world.acceptance_draft(party, transfer, **_of(reference))
        case ("withdraws", party, transfer, reference):
            return world.withdrawal_draft(party, transfer, **_of(reference))
    raise AssertionError(move)


def _of(reference):
    return {} if reference is None else {"reference": reference}


def _registered(chip, uuid, replaces):
    line = {"chip": chip, "model": MODEL}
    line |= {"identity": {"uuid": uuid}} if uuid else {}
    return line | ({"replaces": replaces} if replaces else {})


def _placed(chip, place):
    system, slot = place or (None, None)
    return {"chip": chip} | ({"system": system} if system else {}) | ({"slot": slot} if slot else {})


def _arrived(chip, condition, uuid):
    return {"chip": chip, "condition": condition} | ({"seen": {"uuid": uuid}} if uuid else {})
