"""What has happened on the ledger that most tests of HTTP ask about.

A maker ships three of five chips to a holder, who finds two, and one that was not sent. A verifier has one
inspection of the holder drawn and one only committed. An analyst looks on, and an outsider has nothing to do
with any of it.
"""

import json
from dataclasses import dataclass
from hashlib import sha256

from api.cli.demo_beacon import DemoBeaconSigner
from ledger.book.times import format_seconds
from ledger.inspection.draw import draw_seed, draw_strata, frame_root
from tests.http.trading import CLOCK, DAY_S, MODEL, REGISTRAR, bundle, enrolment

ROLES = {
    "maker": ("maker",),
    "holder": ("holder",),
    "watch": ("verifier",),
    "quant": ("analyst",),
    "outsider": ("holder",),
}
CHIPS = [f"maker:S{number:04}" for number in range(5)]
BEACON = DemoBeaconSigner(7)
SECRET = b"s" * 32
ROUNDS = {1: 8, 2: 500}  # a second each after the beacon's first: one is due soon, one is not


@dataclass(frozen=True)
class Scene:
    """Names of what the story made; statements by what they were."""

    dispatch: str
    arrival: str
    enrolment: str
    drawn: str
    hidden: str  # the commitment of the inspection that is not drawn
    discrepancy: str
    refusal: str
    refused: str
    size_before: int  # before anything was shipped
    size: int


def play(post):
    """Tell the story; what it made."""
    for party, roles in ROLES.items():
        assert post.send(enrolment(party, *roles)).status_code == 201
    post.say(REGISTRAR, "model.listed", MODEL)
    for party in ("maker", "holder"):
        site = {"site": f"{party}/hall", "name": "Hall", "country": "NL", "positions": 6}
        post.say(party, "site.declared", site)
    lines = [{"chip": chip, "model": MODEL["model"]} for chip in CHIPS]
    registered = post.say("maker", "chips.registered", {"site": "maker/hall"}, lines, reference="LOT-7")
    due = format_seconds(CLOCK.now_s + 10 * DAY_S)
    body = {
        "shipment": "maker/s1",
        "to": "holder",
        "country": "NL",
        "due_by": due,
        "title": "passes_on_arrival",
    }
    dispatch = post.say("maker", "shipment.dispatched", body, [{"chip": chip} for chip in CHIPS[:3]])
    body = {"shipment": "maker/s1", "site": "holder/hall", "evidence": "scanned"}
    found = [{"chip": chip, "condition": "received"} for chip in (CHIPS[0], CHIPS[1], CHIPS[3])]
    arrival = post.say("holder", "shipment.arrived", body, found)
    (opened,) = arrival["discrepancies"]["first"]
    # The outsider tries to send what is not its own: a signed refusal.
    body = {"shipment": "outsider/s1", "to": "holder", "country": "NL", "due_by": due, "title": "kept"}
    refused = post.send(bundle("outsider", "shipment.dispatched", body, [{"chip": CHIPS[4]}]))
    assert refused.status_code == 409, refused.text
    genesis = format_seconds(CLOCK.now_s)
    body = {"beacon": "registrar/demo", "scheme": BEACON.scheme, "public_key": BEACON.public_key.hex()}
    post.say(REGISTRAR, "beacon.listed", {**body, "genesis": genesis, "period_s": 1, "source": "this test"})
    commit(post, 1)
    CLOCK.forward(10)
    drawn = draw(post, 1)
    hidden = commit(post, 2)
    return Scene(
        dispatch["statement"],
        arrival["statement"],
        post.ask("holder", "/entries").json()["items"][0]["statement"],
        drawn["statement"],
        hidden["statement"],
        opened["discrepancy"],
        refused.json()["refusal"],
        json.loads(refused.text)["reason"],
        registered["index"] + 1,
        post.ledger.lookup.size(),
    )


def commit(post, number):
    """The verifier binds itself to inspect the holder."""
    later = format_seconds(CLOCK.now_s + DAY_S)
    stage = {"round": ROUNDS[number], "secret_sha256": sha256(SECRET).hexdigest(), "sizes": [2]}
    stage |= {"notice_by": later, "found_by": later, "accept": 0, "reject": 1}
    body = {
        "inspection": f"watch/i{number}",
        "series": "watch/yearly",
        "number": number,
        "provers": ["holder"],
    }
    body |= {
        "direction": "book_to_floor",
        "strata": [{"name": "all"}],
        "planner": "presence",
        "stages": [stage],
    }
    body |= {"parameters": {"frame": 2, "missing": 1}, "beta_ppm": 50_000, "beacon": "registrar/demo"}
    return post.say("watch", "inspection.committed", body)


def draw(post, number):
    """Its only stage is drawn: both chips the holder has."""
    commitment = post.ask("watch", f"/inspections/watch/i{number}").json()
    round_number = commitment["round"]
    pulse = BEACON.pulse(round_number)
    frame = [(chip, "all") for chip in CHIPS[:2]]
    said = bytes.fromhex(commitment["statement"])
    seed = draw_seed("registrar/demo", round_number, sha256(pulse).digest(), said, SECRET)
    tickets = draw_strata(seed, frame, {"all": 2})["all"]
    body = {"inspection": f"watch/i{number}", "beacon": "registrar/demo", "round": round_number}
    body |= {"pulse": {"round": round_number, "signature": pulse.hex()}, "secret": SECRET.hex()}
    body["frame"] = {"count": 2, "root": frame_root(frame).hex()}
    return post.say(
        "watch", "inspection.drawn", body, [{"chip": chip} for chip in sorted(t.chip for t in tickets)]
    )
