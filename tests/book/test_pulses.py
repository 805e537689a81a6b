"""A draw quotes its pulse in the shape of its beacon; by a verifier's own key it is told to be so drawn."""

import json
from copy import deepcopy
from hashlib import sha256

import msgspec
import pytest

from ledger.book.records.inspections import PulseText
from ledger.book.rejection import Reason
from ledger.book.rules.pulses import OBJECT_BYTES_MAX, check_pulse, quote, read_pulse
from ledger.book.tables import BEACONS, INSPECTIONS
from ledger.book.times import format_seconds, parse_seconds
from ledger.inspection.curby import CURBY_Q_SCHEME, CURBY_RNG_SCHEME
from ledger.inspection.nist import NIST_SCHEME
from ledger.inspection.twine import name_of
from ledger.inspection.vrf import VRF_SCHEME, prove, public_key_of, verify, vrf_input
from tests.inspection.own_curby import CHAIN_CID, classical_pair, published_of, quantum
from tests.inspection.own_keys import modulus_of, rsa_key
from tests.inspection.own_nist import published_at
from tests.shared import vectors
from tests.world import LEAD_S, World, secret_of

DAY_SECONDS = 86_400
GENESIS = "2026-01-01T00:00:00Z"
SEED, OTHER_SEED = bytes(range(32)), bytes(32)
OWN = "registrar/watch-key"
RSA = modulus_of(rsa_key(0)).hex()


@pytest.fixture
def world():
    world = World().settles()
    assert world.registers("acme", *(f"acme:S{n}" for n in range(1, 10))).admitted
    return world


def lists(world, name, scheme, key=RSA, period_s=60, **fields):
    said = {"scheme": scheme, "public_key": key, "genesis": GENESIS, "period_s": period_s, **fields}
    return world.lists_beacon(name, **said)


def commits(world, beacon, inspection="watch/i", seconds=LEAD_S + 60, period_s=60, **body):
    """A commitment to the beacon's first round due within so many seconds; its number and when it is due."""
    genesis = parse_seconds(GENESIS, "genesis")
    number = -(-(world.now // 1000 + seconds - genesis) // period_s) + 1
    soon = format_seconds(world.now // 1000 + DAY_SECONDS)
    stage = {"round": number, "secret_sha256": sha256(secret_of(inspection)).hexdigest(), "sizes": [2]}
    stage |= {"notice_by": soon, "found_by": soon, "accept": 0, "reject": 1}
    told = world.commits("watch", inspection, "acme", beacon=beacon, stages=[stage], **body)
    return told, number, genesis + (number - 1) * period_s


def own_proof(world, inspection="watch/i", seed=SEED):
    """What the verifier's key gives for the commitment as the log wrote it: the pulse, the randomness."""
    row, made = world.door.get(INSPECTIONS, inspection), world.commitments[inspection]
    alpha = vrf_input(made.beacon, made.round, bytes.fromhex(row.leaf))
    proof = prove(seed, alpha)
    return {"round": made.round, "proof": proof.hex()}, verify(public_key_of(seed), alpha, proof)


def of_nist(world):
    """A commitment to NIST's beacon, and its pulse with the randomness."""
    assert lists(world, "registrar/nist", NIST_SCHEME, chain="2").admitted
    told, number, due = commits(world, "registrar/nist")
    assert told.admitted
    published = published_at(due, number)
    return {"round": number, "nist": published}, bytes.fromhex(published["outputValue"])


def of_curby_q(world):
    assert lists(world, "registrar/q", CURBY_Q_SCHEME, chain=CHAIN_CID).admitted
    told, number, due = commits(world, "registrar/q")
    assert told.admitted
    published = published_of(quantum(number, f"{format_seconds(due)[:-1]}.000Z", b"v" * 64))
    return {"round": number, "curby": {"pulse": published}}, b"v" * 64


def of_curby_rng(world):
    assert lists(world, "registrar/rng", CURBY_RNG_SCHEME, chain=CHAIN_CID).admitted
    told, number, due = commits(world, "registrar/rng")
    assert told.admitted
    before, pulse = classical_pair(number, f"{format_seconds(due)[:-1]}.000Z")
    return {
        "round": number,
        "curby": {"pulse": published_of(pulse), "previous": published_of(before)},
    }, name_of(pulse)


def of_own_key(world):
    assert lists(world, OWN, VRF_SCHEME, public_key_of(SEED).hex(), period_s=1).admitted
    assert commits(world, OWN, period_s=1)[0].admitted
    return own_proof(world)


SOURCES = {"nist": of_nist, "curby-q": of_curby_q, "curby-rng": of_curby_rng, "own key": of_own_key}


@pytest.mark.parametrize("source", SOURCES)
def test_a_sample_is_drawn_by_every_source_that_may_be_listed(world, source):
    pulse, randomness = SOURCES[source](world)
    world.waits(LEAD_S + 120)
    draft = world.drawn_by("watch", "watch/i", pulse, randomness)
    assert world.says(draft.changed(secret="ab" * 32)).reason is Reason.WRONG_SELECTION
    assert world.says(draft).admitted
    row = world.door.get(INSPECTIONS, "watch/i")
    assert row.timely == ("own_vrf" if source == "own key" else "unwitnessed")
    assert world.audit().clean


@pytest.mark.parametrize("source", SOURCES)
def test_a_pulse_that_was_read_is_quoted_again_as_one_that_reads_the_same(world, source):
    said = msgspec.convert(SOURCES[source](world)[0], PulseText)
    leaf = bytes.fromhex(world.door.get(INSPECTIONS, "watch/i").leaf)
    read = read_pulse(said, leaf)
    assert read is not None and read_pulse(quote(read), leaf) == read
    assert check_pulse(quote(read)) is None


def chips_of(draft):
    """The sample, in whatever order it stands."""
    return {line["chip"] for line in draft.lines}


@pytest.mark.parametrize("source", SOURCES)
def test_another_randomness_draws_another_sample(world, source):
    pulse, randomness = SOURCES[source](world)
    world.waits(LEAD_S + 120)
    others = (bytes([randomness[0] ^ flip]) + randomness[1:] for flip in range(1, 40))
    right = world.drawn_by("watch", "watch/i", pulse, randomness)
    drafts = (world.drawn_by("watch", "watch/i", pulse, other) for other in others)
    # In another order the same chips are the same sample.
    wrong = next(draft for draft in drafts if chips_of(draft) != chips_of(right))
    assert world.says(wrong).reason is Reason.WRONG_SELECTION


HOSTILE = (True, 0, -1, 2**53 - 1, "", "é", "x" * 1024, [], {}, [[]], {"/": ""}, {"/": {"bytes": "-"}}, [{}])


def spoiled(value):
    """The object with each member in turn replaced by each hostile value, or taken out."""
    for path in paths(value):
        for hostile in HOSTILE:
            copy = deepcopy(value)
            place = copy
            for step in path[:-1]:
                place = place[step]
            if place[path[-1]] != hostile:
                place[path[-1]] = hostile
                yield copy


def paths(value, *before):
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*before, step)
        yield from paths(inner, *before, step)


@pytest.mark.parametrize(
    ("source", "shape"), [("nist", "nist"), ("curby-q", "curby"), ("curby-rng", "curby")]
)
def test_no_spoiled_object_is_taken_and_none_is_a_crash(world, source, shape):
    """Free of signature are only the addresses in NIST's list, and what nobody reads."""
    pulse, randomness = SOURCES[source](world)
    world.waits(LEAD_S + 120)
    good = world.drawn_by("watch", "watch/i", pulse, randomness)
    ran = 0
    for published in spoiled(pulse[shape]):
        if shape == "nist" and [item.get("value") for item in entries(published)] == [
            item["value"] for item in pulse["nist"]["listValues"]
        ]:
            same = {**published, "listValues": pulse["nist"]["listValues"]} == pulse["nist"]
            types = [item.get("type") for item in entries(published)]
            if same and types == ["previous", "hour", "day", "month", "year"]:
                continue
        told = world.says(good.changed(pulse={**pulse, shape: published}))
        assert told.reason is Reason.BAD_FIELD, published
        ran += 1
    assert ran > 150
    assert world.says(good).admitted


def entries(published):
    found = published.get("listValues")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def test_exactly_one_shape_of_bounded_size(world):
    pulse, randomness = of_nist(world)
    world.waits(LEAD_S + 120)
    good = world.drawn_by("watch", "watch/i", pulse, randomness)
    number, published = pulse["round"], pulse["nist"]
    proof = {"proof": "ab" * 80}
    wrong = [
        {"round": number},
        {**pulse, **proof},
        {**pulse, "signature": "ab"},
        {**pulse, "curby": {}},
        {**pulse, "previous_signature": "ab"},
        {"round": number, "previous_signature": "ab"},
        {"round": number, "curby": published},
        {"round": number, "curby": {"pulse": published, "next": published}},
        {"round": number, "proof": "ab" * 79},
        {"round": number, "proof": "AB" * 80},
        {"round": number, **proof},
        {"round": number, "nist": {**published, "more": ["x" * 1024] * (OBJECT_BYTES_MAX // 1024)}},
        {"round": number + 1, "nist": published},
    ]
    for quoted in wrong:
        assert world.says(good.changed(pulse=quoted)).reason is Reason.BAD_FIELD, quoted
    assert world.says(good.changed(pulse={**pulse, "nist": {**published, "more": "new"}})).admitted
    assert len(wrong) == 13


def test_a_verifiers_own_key_waits_for_its_round_and_for_nothing_else(world):
    """Due at admission is enough: what the key gives depends on the leaf, which does not exist before."""
    assert lists(world, OWN, VRF_SCHEME, public_key_of(SEED).hex(), period_s=1).admitted
    assert commits(world, OWN, seconds=-1, period_s=1)[0].reason is Reason.TOO_EARLY
    told, _, due = commits(world, OWN, seconds=5, period_s=1)
    assert told.admitted and due < told.outcome.admitted_at // 1000 + LEAD_S
    draft = world.drawn_by("watch", "watch/i", *own_proof(world))
    assert world.says(draft).reason is Reason.TOO_EARLY
    world.waits(5)
    assert world.says(draft).admitted


def test_a_proof_of_another_key_or_about_another_commitment_is_none(world):
    pulse, randomness = of_own_key(world)
    assert commits(world, OWN, "watch/j", period_s=1, series="watch/other")[0].admitted
    world.waits(LEAD_S + 120)
    good = world.drawn_by("watch", "watch/i", pulse, randomness)
    other_key, _ = own_proof(world, seed=OTHER_SEED)
    leaf = bytes.fromhex(world.door.get(INSPECTIONS, "watch/j").leaf)
    other_leaf = {"proof": prove(SEED, vrf_input(OWN, pulse["round"], leaf)).hex()}
    for proof in (other_key["proof"], other_leaf["proof"], "00" * 80):
        assert world.says(good.changed(pulse={**pulse, "proof": proof})).reason is Reason.BAD_FIELD
    assert (
        world.says(good.changed(pulse={"round": pulse["round"], "signature": "ab"})).reason
        is Reason.BAD_FIELD
    )
    assert world.says(good).admitted


def test_strangers_learn_nothing_from_a_proof(world):
    """Good or bad, theirs is the answer for what is not there: the leaf is not theirs to know."""
    pulse, randomness = of_own_key(world)
    world.waits(LEAD_S + 120)
    good = world.drawn_by("peer", "watch/i", pulse, randomness)
    bad = good.changed(pulse={**pulse, "proof": "00" * 80})
    none = bad.changed(inspection="watch/none")
    told = {world.says(draft).reason for draft in (good, bad, none)}
    assert told == {Reason.UNKNOWN_REFERENCE}


def test_a_verifiers_own_key_is_never_silent(world):
    of_own_key(world)
    world.waits(30 * DAY_SECONDS)
    assert world.closes("watch", "watch/i", "void_beacon").reason is Reason.BAD_FIELD
    assert world.closes("watch", "watch/i", "withheld").admitted


def test_a_listing_keeps_its_chain_and_real_ones_may_be_listed(world):
    drand = json.loads(vectors("randomness", "drand_chains.json").read_text())
    objects = json.loads(vectors("randomness", "curby_objects.json").read_text())
    assert len(drand) == 3 and sum(thing["kind"] == "chain" for thing in objects) == 4
    for chain in drand:
        name, first = f"registrar/{chain['chain'].lower()}", format_seconds(chain["genesis_time"])
        key, period_s = chain["public_key"], chain["period"]
        assert lists(world, name, chain["scheme"], key, period_s, genesis=first).admitted
        assert world.door.get(BEACONS, name).chain == ""
    assert lists(world, "registrar/nist", NIST_SCHEME, chain="2").admitted
    assert world.door.get(BEACONS, "registrar/nist").chain == "2"


REFUSED = {
    "no chain": {"scheme": NIST_SCHEME},
    "an empty chain": {"scheme": NIST_SCHEME, "chain": ""},
    "a chain in two spellings": {"scheme": NIST_SCHEME, "chain": "02"},
    "a chain of another beacon": {"scheme": CURBY_Q_SCHEME, "chain": "2"},
    "a modulus with a zero before it": {"scheme": NIST_SCHEME, "chain": "2", "key": "00" + RSA},
    "a modulus in capitals": {"scheme": NIST_SCHEME, "chain": "2", "key": RSA.upper()},
    "a modulus too short": {"scheme": NIST_SCHEME, "chain": "2", "key": "ff" * 255},
    "a chain for an own key": {"scheme": VRF_SCHEME, "key": public_key_of(SEED).hex(), "chain": "1"},
    "no chain for an own key, spelled": {"scheme": VRF_SCHEME, "key": public_key_of(SEED).hex(), "chain": ""},
    "a key of small order": {"scheme": VRF_SCHEME, "key": "ec" + "ff" * 30 + "7f"},
    "a key that is no point": {"scheme": VRF_SCHEME, "key": "02" + "00" * 31},
    "an own key too short": {"scheme": VRF_SCHEME, "key": "ab" * 31},
}


@pytest.mark.parametrize("fault", REFUSED)
def test_no_beacon_is_listed_from_which_nothing_could_verify(world, fault):
    assert lists(world, "registrar/new", **REFUSED[fault]).reason is Reason.BAD_FIELD
