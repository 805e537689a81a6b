"""Every signed form, byte for byte: a changed golden file is a change of the format.

The first statement of each kind in a small story with fixed keys and times. `--rewrite-golden` writes.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.book.encoding import read_bundle, read_entry
from ledger.book.kinds import FORMS
from ledger.book.law import read_statement
from signing.canonical import decode, encode
from signing.envelope import pae
from signing.keys import verify
from tests.world import LEAD_S, MODEL, World
from tests.world_affairs import (
    EVIDENCE,
    affiliation_draft,
    claim_draft,
    every_setting,
    key_draft,
    log_change_draft,
    lot_draft,
    party_change_draft,
    revocation_draft,
    seal_draft,
    use_draft,
)
from tests.world_disputes import answer_draft, correction_draft, resolution_draft
from tests.world_speech import signer_of

FOLDER = Path(__file__).parents[1] / "golden" / "statements"


@cache
def story():
    """A world in which each kind was said once at least, settled by itself: others may change."""
    world = World()
    told = [world.opens(), world.lists_model(), world.lists_beacon()]
    told += [world.enrols("acme", "maker"), world.enrols("oslo", "holder"), world.enrols("watch", "verifier")]
    told += [world.declares_site("acme/hall"), world.declares_site("oslo/hall")]
    identity = {"ik_sha256": "ab" * 32, "label": "H100 Nº 1", "pdi": "0x01", "uuid": "GPU-1"}
    told += [
        world.registers(
            "acme", {"chip": "acme:S1", "identity": identity}, "acme:S2", "acme:S3", reference="PO-1"
        ),
        world.dispatches("acme", "acme/s1", "acme:S1", "acme:S2", to="oslo", title="passes_on_arrival"),
        world.arrives("oslo", "acme/s1", {"chip": "acme:S1", "seen": {"label": "H100 Nº 1"}}, "acme:S9"),
        world.places("oslo", {"chip": "acme:S1", "slot": "a", "system": "r1"}),
        world.commits("watch", "watch/i1", "acme", sizes=(1,)),
    ]
    world.waits(LEAD_S + 60)
    told.append(world.draws("watch", "watch/i1"))
    found = {"chip": "acme:S1", "seen": {"label": "H100 Nº 1"}}
    hall = {"scope": "full", "site": "oslo/hall"}
    told += [
        world.counts("oslo", "oslo/c1", found, "acme:S9", **hall, part=1, parts=2),
        world.sights("watch", found, "acme:S3", site="oslo/hall", evidence_sha256="cd" * 32),
    ]
    sighting = told[-1]
    told += map(world.says, _beside_trade(world))
    told += _settled(world, sighting)
    told += map(world.says, _bargains(world))
    told += map(world.says, _beginnings_and_ends(world))
    told += _visited(world)
    assert all(each.admitted for each in told), [each.detail for each in told]
    return world


def _settled(world, sighting):
    """What disagreed is conceded or decided, and a slip of the pen taken back."""
    conceding = answer_draft(world, "acme", f"{sighting.index}.0", "acme:S3", concedes=True)
    yield world.says(conceding.changed(evidence_sha256=EVIDENCE))
    extra = world.arrives("oslo", "acme/none", {"chip": "acme:S3", "seen": {"label": "H100 Nº 3"}})
    yield extra
    split = resolution_draft(world, "watch", f"{extra.index}.0", "second_chip", new_chip="oslo:FOUND-1")
    yield world.says(split)
    slip = world.declares_site("oslo/hal")
    yield slip
    yield world.says(correction_draft(world, "oslo", slip))


def _beside_trade(world):
    """Keys, parties, lots, estimates, and last the settings, on which nothing else here depends."""
    yield world.enrolment_draft("foundry", "fab")
    yield world.enrolment_draft("odm", "holder")
    narrow = {"kinds": ["chips.placed", "shipment.arrived"], "sites": ["oslo/hall"]}
    yield key_draft(world, "oslo", "oslo#2", **narrow, until="2027-11-21T00:00:00Z")
    yield revocation_draft(world, "oslo", "oslo#2")
    yield lot_draft(world, "foundry/l1", "acme")
    yield use_draft(world, "acme", "foundry/l1")
    yield claim_draft(world, by="watch")
    yield affiliation_draft(world, "acme", "odm")
    last = {"name": "Oslo & Odm", "roles": ["holder", "maker"], "country": "DK", "parent": "acme"}
    last |= {"suspended": True, "succeeded_by": "oslo", "evidence_sha256": EVIDENCE}
    yield party_change_draft(world, "odm", **last)
    yield seal_draft(world)
    yield log_change_draft(world, **every_setting())


def _bargains(world):
    """What was sent is called back, and changes its owner."""
    yield world.cancellation_draft("acme", "acme/s1", "acme:S2", reason="Sent in error")
    yield world.offer_draft("acme", "acme/t1", "acme:S2", to="oslo")
    yield world.acceptance_draft("oslo", "acme/t1")
    yield world.offer_draft("oslo", "oslo/t1", "acme:S1", "acme:S2", to="acme")
    yield world.withdrawal_draft("oslo", "oslo/t1")


def _beginnings_and_ends(world):
    """What nobody handed over, and what is handed over to somebody outside."""
    tagged = {"chip": "oslo:TAG-1", "model": MODEL, "seen": {"label": "H100 Nº 7", "uuid": "GPU-7"}}
    named = {"basis": "no_paperwork", "from": "A broker"}
    yield world.declaration_draft("oslo", tagged, "acme:S7", **named)
    yield world.retirement_draft("oslo", "acme:S7", reason="released", evidence_sha256=EVIDENCE)


def _visited(world):
    """What was drawn was looked at, and what it comes to."""
    (drawn,) = world.sample("watch/i1")
    found = {"chip": drawn, "seen": {"label": "H100 Nº 1"}, "evidence_sha256": EVIDENCE}
    yield world.finds("watch", "watch/i1", found)
    yield world.closes("watch", "watch/i1", "clean", upper_bound=1, counts={"not_visited": 0, "duplicate": 0})


@cache
def golden():
    """By kind, everything that is fixed about its first statement."""
    found, door = {}, story().door
    for index, raw in enumerate(door.raws):
        _, envelope = read_entry(raw)
        payload = envelope.payload.decode()
        kind = json.loads(payload)["kind"]
        if kind in found:
            continue
        lines = door.shown[envelope.id()]
        found[kind] = {
            "index": index,
            "admitted_at": json.loads(raw)["admitted_at"],
            "payload": payload,
            "statement": envelope.id(),
            "envelope": encode(envelope.as_object()).decode(),
            "manifest": [] if lines is None else lines.decode().splitlines(),
            "entry_sha256": sha256(raw).hexdigest(),
            "leaf_hash": sha256(b"\0" + raw).hexdigest(),
        }
    return found


def test_every_kind_has_a_golden_file():
    assert golden().keys() == FORMS.keys()
    assert {path.stem for path in FOLDER.glob("*.json")} == FORMS.keys()
    assert len(FORMS) == 33


@pytest.mark.parametrize("kind", FORMS)
def test_the_bytes_of_a_kind_are_as_they_were(kind, rewrite_golden):
    path, text = FOLDER / f"{kind}.json", json.dumps(golden()[kind], indent=2, ensure_ascii=False) + "\n"
    if rewrite_golden:
        FOLDER.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("kind", FORMS)
def test_a_golden_statement_stands_by_itself(kind):
    """Checked from the file alone: signature, id, canonical form, and back through the reader."""
    found = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    payload = found["payload"].encode()
    said = decode(payload, "payload")
    preimage = pae("application/vnd.chipledger.statement.v1+json", payload)
    assert sha256(preimage).hexdigest() == found["statement"]
    lines = [line.encode() for line in found["manifest"]]
    parts = b'{"envelope":' + found["envelope"].encode()
    raw = parts + (b',"manifest":[' + b",".join(lines) + b"]}" if lines else b"}")
    bundle = read_bundle(raw)
    assert bundle.raw() == raw
    assert verify(signer_of(said["party"]).public_key.octets, preimage, bundle.envelope.signature)
    statement = read_statement(bundle)
    assert statement.fault is None and statement.statement_id == found["statement"]
    entry = f'{{"admitted_at":"{found["admitted_at"]}","envelope":{found["envelope"]}}}'.encode()
    assert sha256(entry).hexdigest() == found["entry_sha256"]
    assert sha256(b"\0" + entry).hexdigest() == found["leaf_hash"]
