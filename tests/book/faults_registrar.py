"""Faults in what the registrar says: the opening, parties, models, beacons."""

from ledger.book.rejection import Reason
from signing.note import COSIGNATURE_V1, ED25519, make_vkey
from tests.book.faults import body
from tests.world import LOG_KEY
from tests.world_speech import ORIGIN, proven, signer_of

BAD = Reason.BAD_FIELD
LONG_NAME = "n" * 201
SMALL_ORDER_KEY = "01" + "00" * 31  # the neutral element
NO_HEX = "AB" * 32


def vkey(name, algorithm, of):
    """A verifier key as text."""
    return make_vkey(name, algorithm, signer_of(of).public_key.octets).text()


WITNESS = {"name": "w.example", "vkey": vkey("w.example", COSIGNATURE_V1, "w"), "operator": "W"}


def unproven(party, **envelope):
    """A key whose proof is spoiled."""
    key = proven(party)
    return {**key, "proof": {**key["proof"], **envelope}}


BAD_KEYS = {
    "one key twice": lambda party: [proven(party), proven(party)],
    "a proof for another log": lambda party: [proven(party), proven(party, f"{party}#2", log="other")],
    "a proof for another party": lambda party: [
        proven(party),
        {**proven("zed"), "public_key": proven(party, f"{party}#2")["public_key"]},
    ],
    "a proof by another key": lambda party: [
        proven(party),
        {**proven(party, f"{party}#2"), "proof": proven(party, f"{party}#3")["proof"]},
    ],
    "a proof nobody signed": lambda party: [unproven(party, signatures=[])],
    "a proof of another type": lambda party: [unproven(party, payloadType="text/plain")],
    "a proof with a bad signature": lambda party: [
        proven(party),
        {**proven(party, f"{party}#2"), "proof": _forged(party)},
    ],
    "a proof that is no envelope": lambda party: [{**proven(party), "proof": {}}],
    "a key of small order": lambda party: [proven(party), {**proven(party), "public_key": SMALL_ORDER_KEY}],
    "a key in capitals": lambda party: [proven(party), {**proven(party), "public_key": NO_HEX}],
}


def _forged(party):
    proof = proven(party, f"{party}#2")["proof"]
    return {**proof, "signatures": [{**proof["signatures"][0], "sig": "A" * 86 + "=="}]}


def _opening(name, **fields):
    return body("log.opened", BAD, name, **fields)


OPENING = (
    _opening("another registrar", registrar__party="other"),
    _opening("a country", registrar__country="XX"),
    _opening("no name", registrar__name=""),
    _opening("a long name", registrar__name=LONG_NAME),
    _opening("other rules", rules=2),
    *(
        _opening(name, waits={"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": 1} | waits)
        for name, waits in {
            "no lead": {"beacon_lead_s": 0},
            "a lead below 0": {"timely_lead_s": -1},
            "a delay below 0": {"key_delay_s": -1},
        }.items()
    ),
    _opening("a root no hash", device_roots=[{"vendor": "V", "spki_sha256": NO_HEX}]),
    _opening("a vendor without name", device_roots=[{"vendor": "", "spki_sha256": "ab" * 32}]),
    _opening("no vkey", log_key="something"),
    _opening("a log key of another name", log_key=vkey("other", ED25519, "log")),
    _opening("a log key of a witness", log_key=vkey(ORIGIN, COSIGNATURE_V1, "log")),
    _opening("a witness with a log's key", witnesses=[{**WITNESS, "vkey": vkey("w.example", ED25519, "w")}]),
    _opening("a witness by another name", witnesses=[{**WITNESS, "name": "x.example"}]),
    _opening("a witness twice", witnesses=[WITNESS, WITNESS]),
    _opening("a witness of nobody", witnesses=[{**WITNESS, "operator": ""}]),
    _opening("a witness without key", witnesses=[{**WITNESS, "vkey": LOG_KEY.text()[:-1]}]),
    _opening(
        "65 witnesses",
        witnesses=[
            {"name": f"w{n}", "vkey": vkey(f"w{n}", COSIGNATURE_V1, f"w{n}"), "operator": "W"}
            for n in range(65)
        ],
    ),
    _opening("a quorum nobody can reach", quorum=1),
    _opening("a quorum below 0", quorum=-1),
    *(
        _opening(f"continues {name}", continues={"log": "a.example", "size": 3, "root": "ab" * 32} | changed)
        for name, changed in {
            "nothing": {"size": 0},
            "no root": {"root": NO_HEX},
            "no log": {"log": ""},
        }.items()
    ),
    *(
        _opening(name, registrar__keys=make("registrar"))
        for name, make in BAD_KEYS.items()
        if name != "one key twice"
    ),
    _opening("one key twice", registrar__keys=[proven("registrar")] * 2),
)

ENROLMENT = (
    *(
        body("party.enrolled", BAD, name, **fields)
        for name, fields in {
            "capitals": {"party": "Nova", "keys": []},
            "one letter": {"party": "n", "keys": []},
            "64 letters": {"party": "n" * 64, "keys": []},
            "me": {"party": "me", "keys": []},
            "a hyphen first": {"party": "-nova", "keys": []},
            "a line end": {"party": "nova\n", "keys": []},
            "no roles": {"roles": []},
            "an unknown role": {"roles": ["carrier"]},
            "unsorted roles": {"roles": ["maker", "holder"]},
            "a role twice": {"roles": ["holder", "holder"]},
            "no name": {"name": ""},
            "a long name": {"name": LONG_NAME},
            "a country in small letters": {"country": "no"},
            "no such country": {"country": "ZZ"},
        }.items()
    ),
    *(body("party.enrolled", BAD, name, keys=make("nova")) for name, make in BAD_KEYS.items()),
    body("party.enrolled", Reason.ID_TAKEN, party="oslo", keys=[]),
    body("party.enrolled", Reason.UNKNOWN_REFERENCE, parent="nobody"),
    body("party.enrolled", Reason.UNKNOWN_REFERENCE, "its own parent", parent="nova"),
    body("party.enrolled", Reason.IDENTITY_TAKEN, "oslo's key", keys=[proven("nova", "oslo")]),
)

MODEL = (
    *(
        body("model.listed", BAD, name, **fields)
        for name, fields in {
            "another's prefix": {"model": "acme/h100"},
            "no prefix": {"model": "h100"},
            "no vendor": {"vendor": ""},
            "a long vendor": {"vendor": LONG_NAME},
            "unsorted part numbers": {"part_numbers": ["b", "a"]},
            "a part number twice": {"part_numbers": ["a", "a"]},
            "an empty part number": {"part_numbers": ["", "a"]},
            "no dies": {"dies": 0},
            "no day": {"released": "2022-13-01T00:00:00Z"},
            "a rate below 0": {"gflops": {"fp8": -1}},
        }.items()
    ),
    *(
        body("model.listed", BAD, f"{name} below 0", **{name: -1})
        for name in (
            "memory_gb", "memory_bandwidth_gbps", "interconnect_gbps", "tpp", "die_area_um2", "hbm_stacks",
        )
    ),
    body("model.listed", Reason.ID_TAKEN, model="registrar/h100"),
)  # fmt: skip

BEACON = (
    *(
        body("beacon.listed", BAD, name, **fields)
        for name, fields in {
            "another's prefix": {"beacon": "acme/dice"},
            "an unknown scheme": {"scheme": "dice"},
            "a short key": {"public_key": "ab" * 95},
            "a key in capitals": {"public_key": "AB" * 96},
            "no point": {"public_key": "ab" * 96},
            "the point at infinity": {"public_key": "c0" + "00" * 95},
            "a key of the other scheme": {"scheme": "pedersen-bls-chained"},
            "a chain where none is due": {"chain": "1"},
            "an empty chain": {"chain": ""},
            "a key with a dot": {"public_key": "." * 192},
            "a modulus too short": {"scheme": "nist-beacon-2.0-rsa-sha512", "chain": "2"},
            "an own key of small order": {
                "scheme": "ecvrf-edwards25519-sha512-tai",
                "public_key": "01" + "00" * 31,
            },
            "no source": {"source": ""},
            "no period": {"period_s": 0},
            "no day": {"genesis": "2026-02-29T00:00:00Z"},
        }.items()
    ),
    body("beacon.listed", Reason.ID_TAKEN, beacon="registrar/dice"),
)

REGISTRAR = (*OPENING, *ENROLMENT, *MODEL, *BEACON)
