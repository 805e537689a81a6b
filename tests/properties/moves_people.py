"""What registrars, fabs, analysts, verifiers and the sides of a disagreement might say next.

As in `moves_trade`: each function takes a random source and the slow law's book, and gives a `Move` or None.
"""

from ledger.book.times import format_seconds
from signing.note import ED25519, make_vkey
from tests.properties.moves_trade import CHIPS, EVIDENCE, HOLDERS, a_site, mouth_of, rarely, some
from tests.properties.script import FIGURES, MODEL, PEOPLE, Move
from tests.properties.slow_book import OPEN
from tests.world_speech import ORIGIN, proven, signer_of

REGISTRARS = ["registrar", "registrar", "registrar", "deputy"]
KINDS = ["chips.placed", "chips.sighted", "key.revoked", "shipment.arrived", "shipment.dispatched"]


def a_registrar(random):
    return random.choice(["oslo", "watch"]) if rarely(random) else random.choice(REGISTRARS)


def enrols(random, _book):
    party = random.choice(["oslo", "newco", "newer", "newest"])
    keys = [proven(party, f"{party}#{random.randint(1, 2)}")] if random.randrange(3) else []
    body = {"party": party, "name": party, "roles": ["holder"], "country": "DE", "keys": keys}
    body |= {"parent": random.choice(["acme", "nobody"])} if rarely(random, 4) else {}
    return Move(a_registrar(random), "party.enrolled", body)


def changes_party(random, book):
    party = random.choice([*PEOPLE, *HOLDERS, "registrar", "nobody"])
    body = {"party": party}
    what = random.choice(
        ["name", "roles", "suspended", "lifted", "heir", "heir", "parent", "several", "nothing"]
    )
    if what in ("name", "several"):
        body |= {"name": random.choice(["One", "Two"]), "evidence_sha256": EVIDENCE}
    if what == "roles" and (random.randrange(2) or party == "registrar"):
        body["roles"] = random.choice(
            [["holder", "maker"], ["holder"], ["verifier"], PEOPLE.get(party, ["analyst"])]
        )
    if what == "suspended" and rarely(random, 2):
        body["suspended"] = True
    if what in ("lifted", "several"):
        shut = sorted(name for name, row in book.parties.items() if row["suspended"])
        body |= {"suspended": False, "party": random.choice(shut or [party])}
    if what in ("heir", "several") and rarely(random, 2):
        body["succeeded_by"] = random.choice([*HOLDERS, "mute", "nobody", party])
    if what == "parent":
        body["parent"] = random.choice(["acme", "nobody", party, "oslo"])
    return Move(a_registrar(random), "party.changed", body)


def lifts(random, book):
    """Suspensions end, or nobody could speak in the end."""
    shut = sorted(name for name, row in book.parties.items() if row["suspended"])
    if not shut:
        return None
    return Move("registrar", "party.changed", {"party": random.choice(shut), "suspended": False})


def adds_key(random, book):
    party = random.choice([*HOLDERS, "mute", "watch", "newco", "nobody"])
    speaker = party if random.randrange(3) and party in PEOPLE and party != "mute" else a_registrar(random)
    name = f"{party}#{random.randint(1, 6)}"
    body = {"party": party, **proven(party, name)}
    good = not rarely(random, 15)
    if not good:
        body["proof"] = proven("acme" if party != "acme" else "oslo", name)["proof"]
    if rarely(random, 3):
        body["kinds"] = sorted(
            some(random, [*KINDS, *(["key.added", "no.kind"] if rarely(random, 6) else [])])
        )
    if rarely(random, 3):
        body["sites"] = sorted({a_site(random, book, party), "oslo/hall"})
    if rarely(random, 4):
        body["until"] = format_seconds(book.now_ms // 1000 + random.choice([5, 60, 86_400 * 9]))
    return Move(speaker, "key.added", body, proof_is_good=good)


def revokes_key(random, book):
    spoken = sorted(name for name, row in book.keys.items() if name != signer_of(row["party"]).public_key.hex)
    spoken = spoken if spoken and random.randrange(8) else sorted(book.keys)
    public = random.choice(spoken) if random.randrange(12) else "f" * 64
    party = book.keys[public]["party"] if public in book.keys and random.randrange(12) else "oslo"
    if public == signer_of("registrar").public_key.hex:
        return None
    speaker = party if random.randrange(2) and party in PEOPLE and party != "mute" else a_registrar(random)
    return Move(speaker, "key.revoked", {"party": party, "public_key": public, "reason": "Lost"})


def changes_log(random, _book):
    body = {}
    if random.randrange(5):
        waits = {"beacon_lead_s": 600, "timely_lead_s": 60}
        body["waits"] = waits | {"key_delay_s": random.choice([60, 604_800, 700_000])}
    if rarely(random, 3):
        name = random.choice(["log", "log#2", "log#3"])
        body["log_key"] = make_vkey(ORIGIN, ED25519, signer_of(name).public_key.octets).text()
    return Move(a_registrar(random), "log.changed", body)


def notes_affiliation(random, _book):
    parties = some(random, [*PEOPLE, *(["nobody"] if rarely(random, 5) else [])], 3)
    parties = sorted(parties) if random.randrange(8) else parties
    return Move(
        random.choice(["watch", "watch", "oslo"]),
        "affiliation.noted",
        {"parties": parties, "evidence_sha256": EVIDENCE},
    )


def notes_claim(random, _book):
    low = random.randint(-1 if rarely(random) else 0, 50)
    body = {
        "subject": "Somebody",
        "unit": "chips",
        "measure": random.choice(["installed", "sold"]),
        "status": "likely",
    }
    body |= {"low": low, "high": low + random.randint(-1 if rarely(random, 5) else 0, 9)}
    body |= {"as_of": "2026-01-01T00:00:00Z", "source_sha256": EVIDENCE}
    body |= {"model": random.choice([MODEL, "registrar/none"])} if rarely(random, 3) else {}
    return Move(random.choice(["quill", "watch", "lima"]), "claim.noted", body)


def seals(random, book):
    body = {"at_size": random.choice([0, 1, book.index, book.index + 1]), "count": 3, "root": "d" * 64}
    return Move(a_registrar(random), "book.sealed", body)


def lists_model(random, _book):
    model = random.choice(["registrar/b", "registrar/b", MODEL, "acme/x"])
    return Move(a_registrar(random), "model.listed", {"model": model, **FIGURES})


def declares_site(random, _book):
    party = random.choice([*HOLDERS, "watch"])
    name = random.choice(["hall", "annex", "annex", "yard"])
    body = {"site": f"{party if random.randrange(12) else 'oslo'}/{name}", "name": "A place"}
    return Move(party, "site.declared", body | {"country": random.choice(["NO", "NO", "PE"])})


def makes_lot(random, _book):
    body = {"lot": f"{random.choice(['waf'] * 9 + ['acme'])}/l{random.randint(1, 3)}", "product": "GH100"}
    gross = random.randint(0, 9)
    body |= {"wafers": 1, "gross_units": gross, "good_units": gross + (1 if rarely(random, 10) else 0)}
    body |= {"for_party": random.choice(["acme", "acme", "odm", "nobody"])}
    return Move("acme" if rarely(random) else "waf", "lot.produced", body)


def uses_lot(random, book):
    lot = random.choice(sorted(book.lots) or ["waf/l9"])
    body = {"lot": lot, "outcome": random.choice(["lost", "banked", "other_product"])}
    body["count"] = random.randint(0 if rarely(random, 5) else 1, 4)
    return Move(random.choice(["waf", "acme", "odm", "oslo"]), "lot.used", body)


def answers(random, book):
    still = sorted(name for name, row in book.discrepancies.items() if row["state"] in OPEN)
    names = still if still and random.randrange(8) else sorted(book.discrepancies)
    if not names:
        return None
    name = random.choice(names[-6:]) if random.randrange(20) else "9999.0"
    row = book.discrepancies.get(name)
    side = row and random.choice([row["observer"], row["counterparty"], row["counterparty"]])
    body = {"discrepancy": name, "text": "So it is", "concedes": random.randrange(4) > 0}
    lines = None
    if row and rarely(random, 3):
        lines = some(random, [*(x["chip"] for x in row["lines"]), *(CHIPS[:1] if rarely(random) else [])])
    return Move(mouth_of(random, book, side), "discrepancy.answered", body, lines)


def resolves(random, book):
    still = sorted(name for name, row in book.discrepancies.items() if row["state"] in OPEN)
    names = still if still and random.randrange(8) else sorted(book.discrepancies)
    if not names:
        return None
    body = {"discrepancy": random.choice(names) if random.randrange(20) else "9999.0"}
    body["outcome"] = random.choice(
        ["book_stands", "observation_stands", "observation_stands", "second_chip"]
    )
    if (body["outcome"] == "second_chip") != rarely(random):
        row = book.discrepancies.get(body["discrepancy"])
        body["new_chip"] = f"{row['observer'] if row else 'oslo'}:S{random.randint(1, 4)}"
        if rarely(random, 3):
            body["new_chip"] = random.choice(CHIPS)
    return Move(
        random.choice(["watch", "watch", "registrar", "deputy", "oslo"]), "discrepancy.resolved", body
    )


def corrects(random, book):
    names = sorted(book.statements, key=lambda name: book.statements[name]["index"])
    recent = names[-random.choice([1, 2, 3, 5, 10, 100]) :]
    back = [name for name in names if book.statements[name]["corrected"]]
    back = [name for name in back if not book.statements[name]["journal"]] or back  # no row would tell
    recent = back if back and rarely(random, 5) else recent
    name = random.choice(recent) if random.randrange(30) else "0" * 64
    first = book.statements.get(name)
    speaker = mouth_of(random, book, first and first["party"])
    if rarely(random, 6):
        speaker = a_registrar(random)
    return Move(speaker, "statement.corrected", {"corrects": name, "reason": "A slip"})
