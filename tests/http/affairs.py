"""What else has happened on a ledger: titles, lots, corrections, keys, claims, counts, a successor, evidence.

Told on a server of its own, with `tests.http.trading`; each part is somebody's to see, and nobody's else.
"""

from dataclasses import dataclass
from hashlib import sha256

from signing.canonical import encode, to_base64
from signing.envelope import STATEMENT_TYPE, seal
from tests.http.trading import MODEL, REGISTRAR, enrolment, payload, proven, signer

ROLES = {
    "maker": ("maker",),
    "holder": ("holder",),
    "heir": ("holder",),
    "fab": ("fab",),
    "watch": ("verifier",),
    "quant": ("analyst",),
    "outsider": ("holder",),
}
CHIPS = [f"maker:T{number:04}" for number in range(4)]
LABEL = "H100 SXM 80GB"
IK = "a" * 64
EVIDENCE = b"what a device said"
HASH = "e" * 64


@dataclass(frozen=True)
class Affairs:
    """Statements by what they were, and a discrepancy."""

    offer: str
    acceptance: str
    lot: str
    used: str
    correction: str
    key: str
    claim: str
    affiliation: str
    count: str
    answer: str
    change: str
    discrepancy: str
    size: int
    registered: int  # the size once the chips were there


def play(post):
    """Tell it; what it made."""
    for party, roles in ROLES.items():
        assert post.send(enrolment(party, *roles)).status_code == 201
    post.say(REGISTRAR, "model.listed", MODEL)
    for party in ("maker", "holder"):
        post.say(party, "site.declared", {"site": f"{party}/hall", "name": "Hall", "country": "NL"})
    registered = post.say("maker", "chips.registered", {"site": "maker/hall"}, _registered())
    offer = _titles(post, "t1", "title.accepted", "holder")
    lot = {"lot": "fab/l1", "product": "die", "wafers": 1, "gross_units": 9, "good_units": 8}
    lot = post.say("fab", "lot.produced", {**lot, "for_party": "maker"})
    used = post.say("fab", "lot.used", {"lot": "fab/l1", "outcome": "lost", "count": 1})
    corrected = post.say("fab", "statement.corrected", {"corrects": used["statement"], "reason": "typo"})
    key = post.say(
        "holder", "key.added", {"party": "holder", **proven("holder", "clerk"), "kinds": ["chips.sighted"]}
    )
    claim = {"subject": "maker", "unit": "chips", "measure": "sold", "status": "press", "low": 1, "high": 2}
    claim = post.say(
        "quant", "claim.noted", {**claim, "as_of": "2026-01-01T00:00:00Z", "source_sha256": HASH}
    )
    noted = post.say("watch", "affiliation.noted", {"parties": ["holder", "maker"], "evidence_sha256": HASH})
    stocktake = {"stocktake": "holder/c1", "site": "holder/hall", "scope": "partial"}
    count = post.say("holder", "stocktake.declared", stocktake, [{"chip": CHIPS[2]}])
    (opened,) = count["discrepancies"]["first"]
    answer = {"discrepancy": opened["discrepancy"], "text": "ours", "concedes": False}
    answered = post.say("maker", "discrepancy.answered", answer)
    change = post.say(REGISTRAR, "party.changed", {"party": "holder", "succeeded_by": "heir"})
    said = {"offer": offer[0], "acceptance": offer[1], "lot": lot, "used": used, "correction": corrected}
    said |= {"key": key, "claim": claim, "affiliation": noted, "count": count, "answer": answered}
    names = {name: receipt["statement"] for name, receipt in {**said, "change": change}.items()}
    size = post.ledger.lookup.size()
    return Affairs(**names, discrepancy=opened["discrepancy"], size=size, registered=registered["index"] + 1)


def _registered():
    """One with all there is to find it by, two that share its label, one with none."""
    whole = {"ik_sha256": IK, "label": LABEL, "uuid": "GPU-T0"}
    identities = [whole, {"label": LABEL}, {"label": LABEL}, None]
    lines = [{"chip": chip, "model": MODEL["model"]} for chip in CHIPS]
    return [
        line if identity is None else {**line, "identity": identity}
        for line, identity in zip(lines, identities, strict=True)
    ]


def _titles(post, name, ending, by):
    """An offer of one chip to the holder, and its end."""
    body = {"transfer": f"maker/{name}", "to": "holder"}
    offer = post.say("maker", "title.offered", body, [{"chip": CHIPS[1]}])
    return offer, post.say(by, ending, {"transfer": f"maker/{name}"})


def with_evidence(chip, evidence=EVIDENCE):
    """A bundle that brings evidence, which convinces nobody and is kept all the same."""
    name = sha256(evidence).hexdigest()
    identity = {"ik_sha256": "b" * 64, "attestation_sha256": name}
    lines = [{"chip": chip, "model": MODEL["model"], "identity": identity}]
    said, raws = payload("maker", "chips.registered", {"site": "maker/hall"}, lines)
    envelope = encode(seal(signer("maker"), STATEMENT_TYPE, said).as_object())
    brought = encode({name: to_base64(evidence)})
    return (
        b'{"attestations":'
        + brought
        + b',"envelope":'
        + envelope
        + b',"manifest":['
        + b",".join(raws)
        + b"]}"
    )
