"""A small trade for tests of the sequencer: a registrar, a maker, two halls, keys from seeds, one clock."""

import hmac
from hashlib import sha256

from ledger.admission import Admission
from ledger.book.encoding import Bundle
from ledger.book.law import read_statement
from ledger.book.tables import CHIPS, SLOTS
from ledger.book.times import format_seconds
from ledger.durability.floor import MemoryFloor
from ledger.log.merkle import leaf_hashes, root_of
from ledger.opening import Registrar, Terms, admit_opening, opening_bundle
from ledger.receipts import Receipts
from ledger.sequencer import Sequencer
from ledger.storage.memory import MemoryStore
from ledger.storage.sql import SqlStore
from ledger.storage.sqlite import Sqlite
from signing.canonical import encode
from signing.envelope import KEY_PROOF_TYPE, STATEMENT_TYPE, seal
from signing.signer import SeedSigner

__all__ = ["CHIPS", "SLOTS"]

ORIGIN = "ledger.example/chips"
NOW = 1_800_000_000_000  # Unix milliseconds
TODAY = NOW // 1000
STORES = {
    "memory": lambda _: MemoryStore(),
    "sqlite": lambda path: SqlStore(Sqlite(path / "ledger.db")),
}


def signer(name):
    """The key of a name."""
    return SeedSigner(sha256(name.encode()).digest())


LOG_SIGNER = signer("log")
REGISTRAR = Registrar("registrar", "The Registrar", "NO", signer("registrar"))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now


def bundle(kind, party, body, rows=None, *, key=None, at=TODAY, expires_at=None, log=ORIGIN, **outer):
    """A signed bundle; `rows` are lines without salts, sorted by the caller."""
    said = {
        "log": log,
        "kind": kind,
        "party": party,
        "occurred_at": format_seconds(at),
        "expires_at": format_seconds(expires_at or TODAY + 86_400),
        "body": body,
        **outer,
    }
    lines = None
    if rows is not None:
        salts = [hmac.digest(b"salt", encode(row), "sha256")[:16].hex() for row in rows]
        lines = tuple(encode({**row, "salt": salt}) for row, salt in zip(rows, salts, strict=True))
        said["manifest"] = {"count": len(lines), "root": root_of(leaf_hashes(lines)).hex()}
    return Bundle(seal(key or signer(party), STATEMENT_TYPE, encode(said)), lines, None)


def statement(*args, **kwargs):
    """A statement as the door makes it."""
    return read_statement(bundle(*args, **kwargs))


def raw(*args, **kwargs):
    """A bundle as it is sent."""
    return bundle(*args, **kwargs).raw()


def enrolled(party, roles, country="NO"):
    """`party.enrolled` with the key of the party's name."""
    key = signer(party)
    said = {"log": ORIGIN, "party": party, "public_key": key.public_key.hex}
    proof = seal(key, KEY_PROOF_TYPE, encode(said)).as_object()
    keys = [{"public_key": key.public_key.hex, "proof": proof}]
    body = {"party": party, "name": party, "roles": roles, "country": country, "keys": keys}
    return raw("party.enrolled", "registrar", body)


def model():
    """The one model of this trade."""
    body = {
        "model": "registrar/h100",
        "vendor": "nvidia",
        "part_numbers": ["900-1"],
        "memory_gb": 80,
        "memory_bandwidth_gbps": 3350,
        "interconnect_gbps": 900,
        "gflops": {"bf16": 989_000_000},
        "tpp": 15_824,
        "dies": 1,
        "released": "2022-10-01T00:00:00Z",
    }
    return raw("model.listed", "registrar", body)


def site(party, name="hall", country="NO", make=raw, **kwargs):
    """A site of a party's own."""
    body = {"site": f"{party}/{name}", "name": name, "country": country}
    return make("site.declared", party, body, **kwargs)


def opening_of_trade():
    """Parties, model and sites, in order."""
    return [
        enrolled("maker", ["maker"]),
        enrolled("oslo", ["holder"]),
        enrolled("lima", ["holder"]),
        model(),
        site("maker"),
        site("oslo"),
        site("lima"),
    ]


def chips(first, count=8):
    """Chip ids."""
    return [f"maker:SN{number:08d}" for number in range(first, first + count)]


def registered(names, make=raw, **kwargs):
    """The maker registers chips in its hall."""
    rows = [{"chip": name, "model": "registrar/h100"} for name in names]
    return make("chips.registered", "maker", {"site": "maker/hall"}, rows, **kwargs)


def dispatched(name, names, sender="maker", to="oslo", make=raw, **kwargs):
    """Chips on their way."""
    due = format_seconds(kwargs.get("at", TODAY) + 86_400)
    body = {"shipment": f"{sender}/{name}", "to": to, "country": "NO", "due_by": due, "title": "kept"}
    return make("shipment.dispatched", sender, body, [{"chip": chip} for chip in names], **kwargs)


def arrived(shipment, names=None, receiver="oslo", make=raw, condition="received", **kwargs):
    """What the receiver found; sealed cartons without names."""
    evidence = "as_dispatched" if names is None else "scanned"
    body = {"shipment": shipment, "site": f"{receiver}/hall", "evidence": evidence}
    rows = None if names is None else [{"chip": chip, "condition": condition} for chip in names]
    return make("shipment.arrived", receiver, body, rows, **kwargs)


def placed(party, places, make=raw, **kwargs):
    """Chips into slots: {chip: slot} of one rack."""
    rows = [{"chip": chip, "system": "r1", "slot": slot} for chip, slot in sorted(places.items())]
    return make("chips.placed", party, {"site": f"{party}/hall"}, rows, **kwargs)


def opening():
    """Entry 0 as a bundle."""
    times = {"occurred_at": format_seconds(TODAY), "expires_at": format_seconds(TODAY + 86_400)}
    return opening_bundle(ORIGIN, REGISTRAR, LOG_SIGNER, Terms(), **times)


class Desk:
    """A log at work: sequencer, door and receipts over one store."""

    def __init__(
        self, store, *, floor=None, clock=None, sequencer=Sequencer, log_signer=LOG_SIGNER, **kwargs
    ):
        self.store = store
        self.floor = floor or MemoryFloor()
        self.clock = clock or Clock()
        self.sequencer = sequencer(store, log_signer, self.floor, self.clock, **kwargs)
        self.admission = Admission(store, self.sequencer)
        self.receipts = Receipts(store, self.sequencer)

    def open(self, *more):
        """Start, with entry 0 and the trade's parties where the log is empty."""
        self.sequencer.start()
        if not self.sequencer.origin:
            admit_opening(self.sequencer, opening())
            self.all_in(*opening_of_trade(), *more)
        return self

    def sends(self, *raws):
        """The outcomes."""
        return self.admission.admit(list(raws))

    def all_in(self, *raws):
        """The outcomes, every one of which must be an admission."""
        outcomes = self.sends(*raws)
        refused = [outcome for outcome in outcomes if not hasattr(outcome, "index")]
        assert not refused, refused
        return outcomes

    def close(self):
        """Stop and let go."""
        self.sequencer.stop()
        self.admission.close()
        self.store.close()
