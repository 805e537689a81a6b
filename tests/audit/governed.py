"""A log whose registrar acts: new keys and roots, a chip that proves itself, a sealed book.

What was traded goes before. The lines of a sealed book are written here a second time.
"""

from hashlib import sha256

from ledger.book.tables import CHIPS
from ledger.device.nonces import registration_nonce
from ledger.log.merkle import leaf_hashes, root_of
from signing.canonical import encode
from signing.note import ED25519, make_vkey
from tests.audit.build import ORIGIN, chip, registered, signer, traded
from tests.device.play import VENDOR, TestVendor

MAKER = TestVendor("audit")
NEW_KEY = make_vkey(ORIGIN, ED25519, signer("log#2").public_key.octets)
REKEYED = 19  # the index of the entry that names the new key
ATTESTED = 20
SEALED = 23


def proof(log, name, kind, serial, *, answering=None):
    """What a line says of a device that answers for this chip (or for `answering`); the evidence is kept."""
    size = len(log.raws)
    device = MAKER.device(serial)
    nonce = registration_nonce(ORIGIN, size, log.root(size), answering or name, kind)
    paper = device.answer(nonce)
    log.evidence[sha256(paper).hexdigest()] = paper
    return {"ik_sha256": device.ik_sha256, "attestation_sha256": sha256(paper).hexdigest()}


def head(log):
    """The newest checkpoint."""
    return {"size": len(log.raws), "root": log.root(len(log.raws)).hex()}


def book_now(log):
    """(count, root) of the book as it stands."""
    names = {"chip": "chip", "class": "cls", "status": "status"}
    names |= {name: name for name in ("custodian", "model", "owner", "site")}
    lines = []
    for _, row in sorted(log.fold.registry.of(CHIPS).items()):
        said = {name: getattr(row, field) for name, field in names.items()}
        lines.append(encode({name: value for name, value in said.items() if value is not None}))
    return {"count": len(lines), "root": root_of(leaf_hashes(lines)).hex()}


def attested(log):
    """acme makes S007, which answers for itself; S008, which does not; and comes upon S006, which does."""
    both = [chip(7, model="registrar/h100", identity=proof(log, "acme:S007", "chips.registered", "7"))]
    other = proof(log, "acme:S008", "chips.registered", "8", answering="acme:S007")
    both.append(chip(8, model="registrar/h100", identity=other))
    log.say("acme", "chips.registered", {"site": "acme/hall"}, both, head=head(log))
    seen = proof(log, "acme:S006", "chips.sighted", "6")
    log.say("acme", "chips.sighted", {"place": "a rack"}, [chip(6, seen=seen)], head=head(log))


def governed():
    """24 entries: what was traded, another key, chips of class A, two sealed books."""
    log = traded()
    roots = [{"vendor": VENDOR, "spki_sha256": MAKER.root_spki_sha256}]
    log.say("registrar", "log.changed", {"log_key": NEW_KEY.text(), "device_roots": roots})
    log.signing = ((0, ("log",)), (REKEYED + 1, ("log", "log#2")))
    attested(log)
    before, size = book_now(log), len(log.raws)
    log.say("acme", "chips.registered", {"site": "acme/hall"}, registered([9]))
    log.say("registrar", "book.sealed", {"at_size": size, **before})
    assert len(log.raws) == SEALED + 1
    log.kept = (5, REKEYED, REKEYED + 1, 22)
    return log
