"""Faults in what is said beside trade: settings, parties, keys, affiliations, lots, estimates, seals."""

from dataclasses import replace

from ledger.book.rejection import Reason
from signing.canonical import INTEGER_MAX
from signing.note import COSIGNATURE_V1, ED25519
from tests.book.faults import Fault, body, outer
from tests.book.faults_registrar import LONG_NAME, NO_HEX, SMALL_ORDER_KEY, WITNESS, vkey
from tests.world import LOG_KEY
from tests.world_affairs import every_setting
from tests.world_speech import ORIGIN, proven

BAD = Reason.BAD_FIELD
UNKNOWN = Reason.UNKNOWN_REFERENCE
SHOUTED = "Oslo"  # no spelling of a party


def _bad(kind, cases):
    return tuple(body(kind, BAD, name, **fields) for name, fields in cases.items())


def _waits(**changed):
    return {"waits": {"beacon_lead_s": 600, "timely_lead_s": 60, "key_delay_s": 1} | changed}


def _continues(**changed):
    return {"continues": {"log": "a.example", "size": 3, "root": "ab" * 32} | changed}


LOG_CHANGE = _bad(
    "log.changed",
    {
        "nothing": dict.fromkeys(every_setting()),
        "the key it has": {"log_key": LOG_KEY.text()},
        "no vkey": {"log_key": "something"},
        "a log key of another name": {"log_key": vkey("other", ED25519, "log")},
        "a log key of a witness": {"log_key": vkey(ORIGIN, COSIGNATURE_V1, "log")},
        "a witness with a log's key": {"witnesses": [{**WITNESS, "vkey": vkey("w.example", ED25519, "w")}]},
        "a witness by another name": {"witnesses": [{**WITNESS, "name": "x.example"}]},
        "a witness twice": {"witnesses": [WITNESS, WITNESS]},
        "a witness of nobody": {"witnesses": [{**WITNESS, "operator": ""}]},
        "a witness without key": {"witnesses": [{**WITNESS, "vkey": LOG_KEY.text()[:-1]}]},
        "65 witnesses": {
            "witnesses": [
                {"name": f"w{n}", "vkey": vkey(f"w{n}", COSIGNATURE_V1, f"w{n}"), "operator": "W"}
                for n in range(65)
            ],
        },
        "a quorum nobody can reach": {"quorum": 2},
        "a quorum below 0": {"quorum": -1},
        "a quorum of witnesses to come": {"quorum": 1, "witnesses": None},
        "no witness for its quorum": {"witnesses": [], "quorum": 1},
        "other rules": {"rules": 2},
        "no lead": _waits(beacon_lead_s=0),
        "a lead below 0": _waits(timely_lead_s=-1),
        "a delay below 0": _waits(key_delay_s=-1),
        "a root no hash": {"device_roots": [{"vendor": "V", "spki_sha256": NO_HEX}]},
        "a vendor without name": {"device_roots": [{"vendor": "", "spki_sha256": "ab" * 32}]},
        "continues nothing": _continues(size=0),
        "continues no root": _continues(root=NO_HEX),
        "continues no log": _continues(log=""),
    },
)

_CHANGED = "party.changed"

PARTY_CHANGE = (
    *_bad(
        _CHANGED,
        {
            "nothing": dict.fromkeys(
                (
                    "name",
                    "roles",
                    "country",
                    "parent",
                    "suspended",
                    "succeeded_by",
                    "evidence_sha256",
                )
            ),
            "no party's id": {"party": SHOUTED},
            "no roles": {"roles": []},
            "an unknown role": {"roles": ["carrier"]},
            "unsorted roles": {"roles": ["maker", "holder"]},
            "a role twice": {"roles": ["holder", "holder"]},
            "no name": {"name": ""},
            "a long name": {"name": LONG_NAME},
            "no such country": {"country": "ZZ"},
            "evidence without hash": {"evidence_sha256": NO_HEX},
            "a parent that is no party's id": {"parent": SHOUTED},
            "its own parent": {"party": "odm", "parent": "odm"},
            "a successor that is no party's id": {"succeeded_by": SHOUTED},
            "its own successor": {"party": "odm", "succeeded_by": "odm"},
            "a circle of two": {"party": "heir", "succeeded_by": "elder"},
            "a circle of three": {"party": "heir", "succeeded_by": "eldest"},
            "a registrar without its role": {"party": "registrar", "roles": ["holder"], "suspended": None},
            "a registrar nobody hears": {"party": "registrar", "roles": ["registrar"], "suspended": True},
        },
    ),
    body(_CHANGED, UNKNOWN, party="nobody"),
    body(_CHANGED, UNKNOWN, parent="nobody"),
    body(_CHANGED, UNKNOWN, succeeded_by="nobody"),
    body(_CHANGED, Reason.ENDED, party="elder"),
)

_ADDED = "key.added"


def _proven(name, reason, key):
    return body(_ADDED, reason, name, public_key=key["public_key"], proof=key["proof"])


def _proof(name, change):
    """The proof of the good key, spoiled."""

    def spoil(draft):
        return draft.changed(proof=change(draft.body["proof"]))

    return Fault(name, BAD, frozenset({"body.proof"}), frozenset({_ADDED}), draft=spoil)


def _for_nobody(draft):
    return replace(draft.changed(party="nobody", **proven("nobody")), party="registrar")


KEY_ADDITION = (
    *_bad(
        _ADDED,
        {
            "no party's id": {"party": SHOUTED},
            "another party than proven": {"party": "lima"},
            "no kinds": {"kinds": []},
            "an unknown kind": {"kinds": ["chips.melted"]},
            "unsorted kinds": {"kinds": ["shipment.arrived", "chips.placed"]},
            "a kind twice": {"kinds": ["chips.placed", "chips.placed"]},
            "a clerk who hires clerks": {"kinds": ["chips.placed", "key.added"]},
            "no sites": {"sites": []},
            "no site's id": {"sites": ["hall"]},
            "unsorted sites": {"sites": ["oslo/hall", "oslo/annex"]},
            "a site twice": {"sites": ["oslo/hall", "oslo/hall"]},
            "no day": {"until": "2027-02-29T00:00:00Z"},
        },
    ),
    _proven("a key in capitals", BAD, {**proven("oslo"), "public_key": NO_HEX}),
    _proven("a key of small order", BAD, {**proven("oslo"), "public_key": SMALL_ORDER_KEY}),
    _proven("a proof for another log", BAD, proven("oslo", "oslo#6", log="other")),
    _proven("a proof for another party", BAD, proven("lima", "oslo#6")),
    _proof("a proof by another key", lambda _: proven("oslo", "oslo#6")["proof"]),
    _proof("a proof nobody signed", lambda proof: proof | {"signatures": []}),
    _proof("a proof of another type", lambda proof: proof | {"payloadType": "text/plain"}),
    _proof("a proof that is no envelope", lambda _: {}),
    _proof(
        "a proof with a bad signature",
        lambda proof: proof | {"signatures": [{**proof["signatures"][0], "sig": "A" * 86 + "=="}]},
    ),
    outer(Reason.WRONG_ROLE, "another's key", (_ADDED,), party="acme"),
    Fault(
        "a party nobody knows",
        UNKNOWN,
        frozenset({"party", "body.party", "body.public_key", "body.proof"}),
        frozenset({_ADDED}),
        draft=_for_nobody,
    ),
    body(_ADDED, UNKNOWN, sites=["oslo/hall", "oslo/nowhere"]),
    _proven("lima's key", Reason.IDENTITY_TAKEN, proven("oslo", "lima")),
    _proven("its own key", Reason.IDENTITY_TAKEN, proven("oslo")),
    _proven("a key it revoked", Reason.IDENTITY_TAKEN, proven("oslo", "oslo#9")),
)

_REVOKED = "key.revoked"


def _revokes(name, reason, key, **fields):
    return body(_REVOKED, reason, name, public_key=proven(key)["public_key"], **fields)


KEY_REVOCATION = (
    *_bad(
        _REVOKED,
        {
            "no party's id": {"party": SHOUTED},
            "a key in capitals": {"public_key": NO_HEX},
            "half a key": {"public_key": "ab" * 16},
            "no reason": {"reason": ""},
        },
    ),
    body(_REVOKED, Reason.WRONG_ROLE, "another's", party="lima"),
    outer(Reason.WRONG_ROLE, "by another", (_REVOKED,), party="acme"),
    _revokes("a key nobody has", UNKNOWN, "nobody"),
    _revokes("lima's key as its own", UNKNOWN, "lima"),
    _revokes("a key it revoked", UNKNOWN, "oslo#9"),
)

_NOTED = "affiliation.noted"

AFFILIATION = (
    *_bad(
        _NOTED,
        {
            "nobody": {"parties": []},
            "one alone": {"parties": ["oslo"]},
            "unsorted": {"parties": ["oslo", "lima"]},
            "one twice": {"parties": ["oslo", "oslo"]},
            "no party's id": {"parties": [SHOUTED, "lima"]},
            "evidence without hash": {"evidence_sha256": NO_HEX},
        },
    ),
    body(_NOTED, UNKNOWN, parties=["lima", "nobody"]),
)

_PRODUCED, _USED = "lot.produced", "lot.used"

LOT = (
    *_bad(
        _PRODUCED,
        {
            "another's prefix": {"lot": "acme/l9"},
            "no prefix": {"lot": "l9"},
            "no product": {"product": ""},
            "a long product": {"product": LONG_NAME},
            "wafers below 0": {"wafers": -1},
            "good units below 0": {"good_units": -1},
            "units below 0": {"gross_units": -1, "good_units": -1},
            "more good than there are": {"gross_units": 9, "good_units": 10},
            "for no party's id": {"for_party": SHOUTED},
        },
    ),
    body(_PRODUCED, Reason.ID_TAKEN, lot="foundry/l1"),
    body(_PRODUCED, UNKNOWN, for_party="nobody"),
    *_bad(
        _USED,
        {
            "no lot's id": {"lot": "l1"},
            "an unknown word": {"outcome": "eaten"},
            "none": {"count": 0},
            "fewer than none": {"count": -1},
        },
    ),
    body(_USED, UNKNOWN, lot="foundry/l9"),
    outer(UNKNOWN, "a lot of others", (_USED,), party="oslo"),
)

_CLAIMED = "claim.noted"

CLAIM = (
    *_bad(
        _CLAIMED,
        {
            "of nobody": {"subject": ""},
            "no status": {"status": ""},
            "no family": {"family": ""},
            "an unknown unit": {"unit": "pallets"},
            "an unknown measure": {"measure": "dreamt"},
            "low below 0": {"low": -1},
            "high below 0": {"low": -2, "high": -1},
            "low over high": {"low": 12, "high": 11},
            "no source": {"source_sha256": NO_HEX},
            "no model's id": {"model": "h100"},
            "as of no day": {"as_of": "2026-06-31T00:00:00Z"},
            "from no day": {"from": "2026"},
        },
    ),
    body(_CLAIMED, UNKNOWN, model="registrar/h900"),
)

SEAL = _bad(
    "book.sealed",
    {
        "of nothing": {"at_size": 0},
        "of a book to come": {"at_size": INTEGER_MAX},
        "fewer chips than none": {"count": -1},
        "no root": {"root": NO_HEX},
    },
)

AFFAIRS = (
    *LOG_CHANGE,
    *PARTY_CHANGE,
    *KEY_ADDITION,
    *KEY_REVOCATION,
    *AFFILIATION,
    *LOT,
    *CLAIM,
    *SEAL,
)
