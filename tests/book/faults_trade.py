"""Faults in what makers and holders say: sites, registrations, placements, dispatches, arrivals."""

from dataclasses import replace

from ledger.book.rejection import Reason
from tests.book.faults import Fault, body, line, lines
from tests.book.ready import IDENTITY

BAD = Reason.BAD_FIELD
NO_HEX = "AB" * 32
MODEL = "registrar/h100"


def _bad(kind, make, cases):
    return (make(kind, BAD, name, **fields) for name, fields in cases.items())


SITE = (
    *_bad(
        "site.declared",
        body,
        {
            "another's prefix": {"site": "lima/new"},
            "no prefix": {"site": "hall"},
            "no name at all": {"site": "oslo/"},
            "65 letters": {"site": "oslo/" + "n" * 65},
            "a line end": {"site": "oslo/new\n"},
            "an empty name": {"name": ""},
            "a long name": {"name": "n" * 201},
            "no such country": {"country": "XX"},
            "no longitude": {"longitude_udeg": None},
            "no latitude": {"latitude_udeg": None},
            "beyond the pole": {"latitude_udeg": 90_000_001},
            "beyond the date line": {"longitude_udeg": -180_000_001},
            "power below 0": {"power_kw": -1},
            "positions below 0": {"positions": -1},
        },
    ),
    body("site.declared", Reason.ID_TAKEN, site="oslo/hall"),
)

_REGISTERED = "chips.registered"


def _registers(reason, name, *chips, **fields):
    return lines(_REGISTERED, reason, *({"model": MODEL, **chip} for chip in chips), name=name, **fields)


REGISTRATION = (
    *_bad(
        _REGISTERED,
        line,
        {
            "another's prefix": {"chip": "bolt:N1"},
            "small letters": {"chip": "acme:n1"},
            "no serial": {"chip": "acme:"},
            "65 signs": {"chip": "acme:" + "N" * 65},
            "a hyphen first": {"chip": "acme:-1"},
            "a line end": {"chip": "acme:N1\n"},
            "two ids in one": {"chip": "acme:N1\nacme:N2"},
            "a short salt": {"salt": "0" * 31},
            "a salt of another alphabet": {"salt": "g" * 32},
            "a salt with a line end": {"salt": "0" * 32 + "\n"},
            "a model without prefix": {"model": "h100"},
            "no lots": {"lots": []},
            "lots without prefix": {"lots": ["l1"]},
            "unsorted lots": {"lots": ["fab/b", "fab/a"]},
            "a lot twice": {"lots": ["fab/a", "fab/a"]},
            "nothing of an identity": {"identity": {}},
            "an empty text": {"identity": {"uuid": ""}},
            "no hash": {"identity": {"ik_sha256": NO_HEX}},
            "no hash of evidence": {"identity": {"attestation_sha256": "ab"}},
            "replaces itself": {"replaces": "acme:N1"},
            "replaces no chip": {"replaces": "N1"},
        },
    ),
    body(_REGISTERED, BAD, site="hall"),
    body(_REGISTERED, Reason.UNKNOWN_REFERENCE, site="acme/nowhere"),
    line(_REGISTERED, Reason.UNKNOWN_REFERENCE, model="registrar/h900"),
    line(_REGISTERED, Reason.UNKNOWN_REFERENCE, lots=["fab/a", "fab/b"]),
    line(_REGISTERED, Reason.CHIP_EXISTS, chip="acme:S1"),
    *(
        line(_REGISTERED, Reason.IDENTITY_TAKEN, f"{name} of another", identity={name: IDENTITY[name]})
        for name in ("ik_sha256", "pdi", "uuid")
    ),
    line(
        _REGISTERED,
        Reason.IDENTITY_TAKEN,
        "replaces what it may not, with its key",
        replaces="acme:S1",
        identity={"uuid": IDENTITY["uuid"]},
    ),
    line(_REGISTERED, Reason.NOT_HELD, "replaces an unknown chip", replaces="acme:Z9"),
    line(_REGISTERED, Reason.NOT_HELD, "replaces another's", replaces="bolt:B1"),
    line(_REGISTERED, Reason.IN_TRANSIT, replaces="acme:S4"),
    line(_REGISTERED, Reason.ENDED, replaces="acme:LOST"),
    _registers(
        BAD,
        "one identity twice",
        *({"chip": f"acme:N{n}", "identity": {"uuid": "same"}} for n in (1, 2)),
    ),
    _registers(
        BAD, "one chip replaced twice", *({"chip": f"acme:N{n}", "replaces": "acme:S5"} for n in (1, 2))
    ),
    _registers(Reason.WRONG_ROLE, "a holder", {"chip": "oslo:N1"}, party="oslo"),
)

_PLACED = "chips.placed"
PLACEMENT = (
    *_bad(
        _PLACED,
        line,
        {
            "a slot in no system": {"system": None},
            "a space": {"system": "r 1"},
            "65 signs": {"slot": "s" * 65},
            "an empty slot": {"slot": ""},
            "a line end": {"system": "r1\n"},
        },
    ),
    body(_PLACED, BAD, site="hall"),
    body(_PLACED, Reason.UNKNOWN_REFERENCE, site="oslo/nowhere"),
    body(_PLACED, Reason.NEEDS_SHIPMENT, site="lima/abroad"),
    line(_PLACED, Reason.NOT_HELD, "an unknown chip", chip="acme:Z9"),
    line(_PLACED, Reason.NOT_HELD, "another's", chip="acme:S5"),
    line(_PLACED, Reason.NOT_HELD, "what is on its way here", chip="acme:S3"),
    line(_PLACED, Reason.NOT_HELD, "what was lost by another", chip="acme:LOST"),
    lines(_PLACED, Reason.IN_TRANSIT, "acme:S4", party="acme", site="acme/hall"),
    lines(_PLACED, Reason.ENDED, "acme:LOST", party="acme", site="acme/hall"),
    lines(
        _PLACED,
        BAD,
        *({"chip": f"acme:S{n}", "system": "r", "slot": "a"} for n in (1, 2)),
        name="one slot for two",
    ),
)

_DISPATCHED = "shipment.dispatched"
DISPATCH = (
    *_bad(
        _DISPATCHED,
        body,
        {
            "another's prefix": {"shipment": "lima/s9"},
            "no prefix": {"shipment": "s9"},
            "no party": {"to": "Lima"},
            "no such country": {"country": "EU"},
            "another word": {"title": "passes"},
            "no licence": {"licence": ""},
            "no end user": {"end_user": ""},
            "no day": {"due_by": "soon"},
        },
    ),
    *(
        replace(
            body(_DISPATCHED, Reason.BAD_TIME, f"due {told}", due_by=due_by),
            touches=frozenset({"body.due_by", "occurred_at"}),  # it is counted from there
        )
        for told, due_by in {
            "before it sets out": "2026-11-20T00:00:00Z",
            "in a year": "2027-11-20T00:00:00Z",
        }.items()
    ),
    body(_DISPATCHED, Reason.WRONG_ROLE, "to a verifier", to="watch"),
    body(_DISPATCHED, Reason.ID_TAKEN, shipment="acme/s1"),
    body(_DISPATCHED, Reason.UNKNOWN_REFERENCE, to="nobody"),
    line(_DISPATCHED, Reason.NOT_HELD, "an unknown chip", chip="acme:Z9"),
    line(_DISPATCHED, Reason.NOT_HELD, "another's", chip="acme:S1"),
    line(_DISPATCHED, Reason.IN_TRANSIT, chip="acme:S4"),
    line(_DISPATCHED, Reason.ENDED, chip="acme:LOST"),
    lines(
        _DISPATCHED,
        Reason.NOT_OWNED,
        "acme:S1",
        party="oslo",
        shipment="oslo/s9",
        title="passes_on_arrival",
    ),
    lines(_DISPATCHED, Reason.NOT_HELD, "acme:S1", party="watch", shipment="watch/s9", name="a verifier"),
)

_ARRIVED = "shipment.arrived"
ARRIVAL = (
    *_bad(
        _ARRIVED,
        body,
        {
            "a shipment without prefix": {"shipment": "s1"},
            "a site without prefix": {"site": "hall"},
            "another word": {"evidence": "smelled"},
        },
    ),
    *_bad(
        _ARRIVED,
        line,
        {
            "another condition": {"condition": "eaten"},
            "nothing seen": {"seen": {}},
            "an empty text": {"seen": {"label": ""}},
            "no hash": {"seen": {"ik_sha256": NO_HEX}},
            "no chip": {"chip": "S3"},
        },
    ),
    body(_ARRIVED, Reason.UNKNOWN_REFERENCE, site="oslo/nowhere"),
    body(_ARRIVED, Reason.MANIFEST_MISMATCH, "sealed, with lines", evidence="as_dispatched"),
    lines(_ARRIVED, Reason.WRONG_ROLE, {"chip": "acme:S3", "condition": "absent"}, party="watch"),
    Fault(
        "scanned, with an empty list",
        Reason.MANIFEST_MISMATCH,
        frozenset({"lines"}),
        frozenset({_ARRIVED}),
        draft=lambda draft: replace(draft, lines=()),
    ),
)

TRADE = (*SITE, *REGISTRATION, *PLACEMENT, *DISPATCH, *ARRIVAL)
