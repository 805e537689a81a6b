"""What registrars, fabs, analysts and verifiers say beside trade, plainly. See `slow_law`."""

from datetime import UTC, datetime

WORDS = {"registrar", "maker", "fab", "holder", "verifier", "analyst"}
COUNTRIES = {"NO", "NL", "PE", "DE"}
HEX = set("0123456789abcdef")
KNOWN_KINDS: set[str] = set()  # filled by whoever knows which kinds are offered


def is_hex(text):
    return len(text) == 64 and set(text) <= HEX


def seconds(text):
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def is_time(text):
    try:
        seconds(text)
    except ValueError:
        return False
    return True


def is_set(words):
    return list(words) == sorted(set(words))


def open_log(book, said):
    body = said.body
    registrar = body["registrar"]
    book.settings = {"registrar": registrar["party"], **body["waits"], "log_key": body["log_key"]}
    book.settings |= {"quorum": body["quorum"], "rules": body["rules"], "former": None, "rekeyed": None}
    _enrol(book, {**registrar, "roles": ["registrar"]})


def _enrol(book, body):
    fields = {name: body[name] for name in ("name", "country")}
    fields |= {"roles": sorted(body["roles"]), "parent": body.get("parent"), "suspended": False}
    keyed = bool(body["keys"])
    book.write("parties", body["party"], **fields, succeeded_by=None, keyed=keyed)
    for key in body["keys"]:
        _give_key(book, body["party"], key["public_key"])


def _give_key(book, party, public_key, **bounds):
    unbound = {"kinds": None, "sites": None, "not_before": None, "until": None}
    fields = {"party": party, "from": book.index, "to": None}
    book.write("keys", public_key, **fields, **(unbound | bounds))


# -- log.changed


def faults_log_changed(book, said):
    body = said.body
    if body.get("waits", book.settings)["key_delay_s"] < book.settings["key_delay_s"]:
        yield "bad_field"
    if not body or body.get("log_key") == book.settings["log_key"]:
        yield "bad_field"


def apply_log_changed(book, said):
    body = said.body
    settings = {**book.settings, **body.get("waits", {})}
    for name in ("quorum", "rules"):
        settings[name] = body.get(name, settings[name])
    if "log_key" in body:
        settings |= {"former": settings["log_key"], "rekeyed": book.index, "log_key": body["log_key"]}
    book.settings = settings


# -- parties


def faults_enrolled(book, said):
    body = said.body
    if not is_set(body["roles"]) or not set(body["roles"]) <= WORDS or body["country"] not in COUNTRIES:
        yield "bad_field"
    if body["party"] in book.parties:
        yield "id_taken"
    if "parent" in body and body["parent"] not in book.parties:
        yield "unknown_reference"
    if any(key["public_key"] in book.keys for key in body["keys"]):
        yield "identity_taken"


def apply_enrolled(book, said):
    _enrol(book, said.body)


def faults_changed(book, said):
    body = said.body
    party, heir = body["party"], body.get("succeeded_by")
    if len(body) == 1 or party in (heir, body.get("parent")):
        yield "bad_field"
    if "roles" in body and not (is_set(body["roles"]) and set(body["roles"]) <= WORDS):
        yield "bad_field"
    if body.get("country", "NO") not in COUNTRIES or not is_hex(body.get("evidence_sha256", "0" * 64)):
        yield "bad_field"
    loses_office = body.get("suspended") or "registrar" not in body.get("roles", ["registrar"])
    if party == book.settings["registrar"] and loses_office:
        yield "bad_field"
    if any(name is not None and name not in book.parties for name in (party, heir, body.get("parent"))):
        yield "unknown_reference"
    if heir is not None and party in book.parties:
        if heir in book.acts_for(party):
            yield "bad_field"
        if book.parties[party]["succeeded_by"] not in (None, heir):
            yield "ended"


def apply_changed(book, said):
    body = said.body
    party, heir = body["party"], body.get("succeeded_by")
    fields = {
        name: body[name] for name in ("name", "roles", "country", "parent", "suspended") if name in body
    }
    if heir is None:
        book.write("parties", party, **fields)
        return
    # The heir, those who succeeded it, and those the party succeeded all know of it.
    new = book.parties[party]["succeeded_by"] is None
    told = {heir, *_heirs(book, heir), *book.acts_for(party)} if new else set()
    for name in told:
        book.write("parties", name)
    book.write("parties", party, **fields, succeeded_by=heir)


def _heirs(book, party):
    """Those who act for a party, along the chain."""
    found = []
    while book.parties[party]["succeeded_by"] is not None:
        party = book.parties[party]["succeeded_by"]
        found.append(party)
    return found


# -- keys


def faults_key_added(book, said):
    body = said.body
    party, kinds, sites = body["party"], body.get("kinds"), body.get("sites")
    if not body["proof_is_good"]:
        yield "bad_field"
    may_be = KNOWN_KINDS - {"key.added"}
    if kinds is not None and (not kinds or not is_set(kinds) or not set(kinds) <= may_be):
        yield "bad_field"
    if sites is not None and not is_set(sites):
        yield "bad_field"
    if not is_time(body.get("until", "2026-01-01T00:00:00Z")):
        yield "bad_field"
    if party != said.party and "registrar" not in book.roles(said.party):
        yield "wrong_role"
    if party not in book.parties or any(site not in book.sites for site in sites or ()):
        yield "unknown_reference"
    if body["public_key"] in book.keys:
        yield "identity_taken"


def apply_key_added(book, said):
    body = said.body
    party = body["party"]
    waits = party != said.party and book.parties[party]["keyed"]
    not_before = book.now_ms // 1000 + book.settings["key_delay_s"] if waits else None
    until = seconds(body["until"]) if "until" in body else None
    bounds = {"kinds": body.get("kinds"), "sites": body.get("sites"), "until": until}
    _give_key(book, party, body["public_key"], not_before=not_before, **bounds)
    if not book.parties[party]["keyed"]:
        book.write("parties", party, keyed=True)


def faults_key_revoked(book, said):
    body = said.body
    if not is_hex(body["public_key"]):
        yield "bad_field"
    if body["party"] != said.party and "registrar" not in book.roles(said.party):
        yield "wrong_role"
    key = book.keys.get(body["public_key"])
    if key is None or key["party"] != body["party"] or key["to"] is not None:
        yield "unknown_reference"


def apply_key_revoked(book, said):
    book.write("keys", said.body["public_key"], to=book.index)


RULES = {
    "log.changed": (faults_log_changed, apply_log_changed),
    "party.enrolled": (faults_enrolled, apply_enrolled),
    "party.changed": (faults_changed, apply_changed),
    "key.added": (faults_key_added, apply_key_added),
    "key.revoked": (faults_key_revoked, apply_key_revoked),
}
