"""A small published log, made without the sequencer: what an honest or a crooked operator would publish.

`Log` holds entries, manifests and evidence as bytes and publishes whatever it holds under the log's own
key, so that a test can spoil one thing and have everything else agree with it. Tiles and roots are cut
from their definitions, a second writing of publication.
"""

from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from hashlib import sha256

from ledger.book import law
from ledger.book.encoding import Bundle, entry_bytes, read_entry
from ledger.book.fold import Fold
from ledger.book.rejection import Rejection
from ledger.book.statement import Entry
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import leaf_hashes, root_of
from ledger.log.tiles import pack_entries, tile_coordinates
from signing.canonical import Unreadable, encode, to_base64
from signing.envelope import KEY_PROOF_TYPE, STATEMENT_TYPE, seal
from signing.note import COSIGNATURE_V1, ED25519, append_signature, cosign, make_vkey
from signing.signer import SeedSigner
from tests.audit.in_memory import MemoryPublished

ORIGIN = "ledger.example/audit"
WITNESS = "witness.example/one"
BEGIN_MS = 1_795_243_440_000  # 2026-11-21T06:44:00Z
STEP_MS = 1_000
SEGMENT_ENTRIES = 8  # so that a small log has several
OCCURRED, EXPIRES = "2026-11-20T08:00:00Z", "2027-02-20T08:00:00Z"


def signer(name):
    """The one key of a party, of the log or of a witness, from its name."""
    return SeedSigner(sha256(name.encode()).digest())


LOG_KEY = make_vkey(ORIGIN, ED25519, signer("log").public_key.octets)
WITNESS_KEY = make_vkey(WITNESS, COSIGNATURE_V1, signer("witness").public_key.octets)


def proven(party):
    """A party's key with the proof that it holds it."""
    key = signer(party).public_key.hex
    proof = seal(signer(party), KEY_PROOF_TYPE, encode({"log": ORIGIN, "party": party, "public_key": key}))
    return {"public_key": key, "proof": proof.as_object()}


def salted(lines):
    """Manifest lines as canonical bytes, each with a salt made from what it says."""
    salts = [sha256(encode(line)).hexdigest()[:32] for line in lines]
    return tuple(encode({**line, "salt": salt}) for line, salt in zip(lines, salts, strict=True))


def statement(party, kind, body, lines=None, **more):
    """A payload and its lines' bytes."""
    said = {"log": ORIGIN, "kind": kind, "party": party, "body": body, **more}
    said |= {"occurred_at": OCCURRED, "expires_at": EXPIRES}
    raws = None if lines is None else salted(lines)
    if raws is not None:
        said["manifest"] = {"count": len(raws), "root": root_of(leaf_hashes(raws)).hex()}
    return encode(said), raws


@dataclass
class Log:
    """Entries, and for each statement id its manifest's lines; evidence by hash; sizes with kept notes."""

    raws: list[bytes] = field(default_factory=list)
    manifests: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    evidence: dict[str, bytes] = field(default_factory=dict)
    fold: Fold = field(default_factory=Fold)
    kept: tuple[int, ...] = ()
    signing: tuple[tuple[int, tuple[str, ...]], ...] = ((0, ("log",)),)  # from a size on: whose signatures

    @property
    def now(self):
        """When the next entry is admitted, Unix milliseconds."""
        return BEGIN_MS + STEP_MS * len(self.raws)

    def root(self, size):
        """The root of the first entries, by definition."""
        return root_of(leaf_hashes(self.raws[:size]))

    def read(self, payload, raws, by):
        """A signed statement as the door would read it."""
        named = b"".join(raws or ())
        evidence = {
            name: to_base64(octets) for name, octets in self.evidence.items() if name.encode() in named
        }
        return law.read_statement(Bundle(seal(signer(by), STATEMENT_TYPE, payload), raws, evidence or None))

    def say(self, party, kind, body, lines=None, *, by=None, may=True, **more):
        """Sign, judge and append; `may` False: append what the law refuses, and see that it does."""
        said = self.read(*statement(party, kind, body, lines, **more), by or party)
        if said.text.head is not None:
            self.fold.registry.roots[said.text.head.size] = self.root(said.text.head.size)
        verdict = self.fold.admit(Entry(len(self.raws), self.now, said))
        assert isinstance(verdict, Rejection) is not may, verdict
        self.append(said.bundle.envelope, said.bundle.manifest)
        return said

    def append(self, envelope, lines=None, admitted_at=None):
        """Append without asking anybody."""
        self.raws.append(entry_bytes(self.now if admitted_at is None else admitted_at, envelope))
        if lines is not None:
            self.manifests[envelope.id()] = tuple(lines)

    def copy(self):
        """The same log, to be spoiled. Its book stays behind."""
        return replace(
            self, raws=list(self.raws), manifests=dict(self.manifests), evidence=dict(self.evidence)
        )

    def note(self, size, root=None, keys=None, witness_at=None):
        """A checkpoint signed by the log and seen by the witness when its last entry came."""
        text = Checkpoint(ORIGIN, size, root or self.root(size))
        due = [names for start, names in self.signing if start <= size][-1]
        note = sign_checkpoint(text, *map(signer, keys or due))
        seen = (BEGIN_MS + STEP_MS * (size - 1)) // 1000 if witness_at is None else witness_at
        return append_signature(note, cosign(text.text(), signer("witness"), WITNESS, seen)).encode()

    def files(self):
        """Every published file by its path in the ledger's folder."""
        size = len(self.raws)
        files = {"public/checkpoint": self.note(size)}
        for kept in (*self.kept, size):
            files[f"public/checkpoints/{kept}"] = self.note(kept)
        leaves = leaf_hashes(self.raws)
        for path in tile_coordinates(size):
            if path.level is None:
                first = path.number * 256
                files[f"private/{path.text()}"] = pack_entries(self.raws[first : first + path.width])
            else:
                under, first = 256**path.level, path.number * 256
                nodes = [
                    root_of(leaves[n * under : (n + 1) * under]) for n in range(first, first + path.width)
                ]
                files[f"public/{path.text()}"] = b"".join(nodes)
        for first in range(0, size, SEGMENT_ENTRIES):
            stop = min(first + SEGMENT_ENTRIES, size)
            files[f"private/manifests/{first:012}-{stop:012}.jsonl"] = self.segment(first, stop)
        for name, octets in self.evidence.items():
            files[f"private/attestations/{name[:2]}/{name}"] = octets
        return files

    def segment(self, first, stop):
        """The manifests of some entries, each behind a header, as they are published."""
        parts = []
        for index in range(first, stop):
            name = statement_of(self.raws[index])
            if name in self.manifests:
                lines = self.manifests[name]
                parts.append(encode({"count": len(lines), "index": index, "statement": name}))
                parts += lines
        return b"".join(part + b"\n" for part in parts)

    def published(self):
        """As an auditor sees it."""
        return MemoryPublished(self.files())


def statement_of(raw):
    """The id of an entry's statement, None where the entry cannot be read."""
    try:
        return read_entry(raw)[1].id()
    except Unreadable:
        return None


class AtOnce(Executor):
    """Does each job when it is handed in: no thread, so thousands of small audits are quick."""

    def submit(self, work, /, *args, **kwargs):
        done = Future()
        done.set_result(work(*args, **kwargs))
        return done


def opened():
    """A log of one entry."""
    log = Log()
    body = {
        "log_key": LOG_KEY.text(),
        "registrar": {
            "party": "registrar",
            "name": "Registrar",
            "country": "NL",
            "keys": [proven("registrar")],
        },
        "witnesses": [{"name": WITNESS, "vkey": WITNESS_KEY.text(), "operator": "somebody else"}],
        "quorum": 1,
        "rules": 1,
        "waits": {"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": 604_800},
        "device_roots": [],
    }
    log.say("registrar", "log.opened", body)
    return log


def enrol(log, party, role):
    """A party with one key."""
    body = {"party": party, "name": party, "roles": [role], "country": "NO", "keys": [proven(party)]}
    log.say("registrar", "party.enrolled", body)


def settled():
    """A maker and two halls with a site each, and one model: nothing made yet. 8 entries."""
    log = opened()
    figures = {"vendor": "Acme", "part_numbers": ["P1"], "memory_gb": 80, "memory_bandwidth_gbps": 3350}
    figures |= {"interconnect_gbps": 900, "gflops": {"fp8": 1_979_000}, "tpp": 15_832, "dies": 1}
    log.say("registrar", "model.listed", {"model": "registrar/h100", "released": OCCURRED, **figures})
    for party, role in (("acme", "maker"), ("oslo", "holder"), ("lima", "holder")):
        enrol(log, party, role)
    for party in ("acme", "oslo", "lima"):
        log.say(party, "site.declared", {"site": f"{party}/hall", "name": "Hall", "country": "NO"})
    return log


def chip(number, **more):
    """One line about a chip of acme's."""
    return {"chip": f"acme:S{number:03}", **more}


def registered(numbers, **more):
    """Lines at birth."""
    return [chip(number, model="registrar/h100", **more) for number in numbers]


def dispatch(log, sender, name, numbers, to):
    """Chips set out, title with them."""
    body = {"shipment": f"{sender}/{name}", "to": to, "country": "NO", "due_by": "2026-12-20T08:00:00Z"}
    return log.say(
        sender, "shipment.dispatched", {**body, "title": "passes_on_arrival"}, [chip(n) for n in numbers]
    )


def arrive(log, party, shipment, lines):
    """Chips come in at the party's hall; lines None: sealed cartons."""
    evidence = "as_dispatched" if lines is None else "scanned"
    body = {"shipment": shipment, "site": f"{party}/hall", "evidence": evidence}
    return log.say(party, "shipment.arrived", body, lines)


def traded():
    """19 entries: made, sent, received, refused, placed, sent on, replaced; the last is a placement."""
    log = settled()
    paper = b"a report out of the silicon"
    log.evidence[sha256(paper).hexdigest()] = paper
    seen = {"identity": {"uuid": "GPU-7", "attestation_sha256": sha256(paper).hexdigest()}}
    log.say(
        "acme",
        "chips.registered",
        {"site": "acme/hall"},
        [*registered([1, 2, 3, 4]), *registered([5], **seen)],
    )
    dispatch(log, "acme", "s1", [1, 2, 3], "oslo")
    lines = [chip(1, condition="received"), chip(2, condition="damaged"), chip(3, condition="refused")]
    arrive(log, "oslo", "acme/s1", lines)
    placed = [chip(1, system="rack-1", slot="a"), chip(2, system="rack-1", slot="b")]
    log.say("oslo", "chips.placed", {"site": "oslo/hall"}, placed)
    dispatch(log, "oslo", "t1", [2], "acme")
    head = {"size": 10, "root": log.root(10).hex()}
    log.say(
        "acme",
        "shipment.arrived",
        {"shipment": "oslo/t1", "site": "acme/hall", "evidence": "as_dispatched"},
        head=head,
    )
    log.say("acme", "chips.registered", {"site": "acme/hall"}, registered([6], replaces="acme:S002"))
    dispatch(log, "acme", "s2", [4, 5], "lima")
    arrive(log, "lima", "acme/s2", [chip(4, condition="received"), chip(5, condition="absent")])
    log.say("lima", "chips.placed", {"site": "oslo/hall"}, [chip(4)])
    log.say("lima", "chips.placed", {"site": "lima/hall"}, [chip(4, system="r", slot="1")], reference="PO-7")
    log.kept = (1, 5, 9, 16)
    return log
