"""Faults in what is declared, retired and proved: the beginnings and ends of chips, and their evidence."""

from dataclasses import replace

from ledger.book.rejection import Reason
from tests.book.faults import Fault, body, line, lines
from tests.book.faults_observations import SEEN

BAD = Reason.BAD_FIELD
MODEL = "registrar/h100"
NAME = "ab" * 32

_DECLARED = "chips.declared"
DECLARATION = (
    *(body(_DECLARED, BAD, name, **fields) for name, fields in {
        "a site without prefix": {"site": "hall"},
        "another word": {"basis": "found"},
        "from nobody": {"from": ""},
        "from a long name": {"from": "n" * 201},
    }.items()),
    *(line(_DECLARED, BAD, name, **fields) for name, fields in SEEN.items()),
    line(_DECLARED, BAD, "a model without prefix", model="h100"),
    body(_DECLARED, Reason.UNKNOWN_REFERENCE, site="oslo/nowhere"),
    line(_DECLARED, Reason.UNKNOWN_REFERENCE, model="registrar/h900"),
    line(_DECLARED, Reason.UNKNOWN_REFERENCE, "a maker nobody knows", chip="nobody:U1"),
    lines(_DECLARED, Reason.WRONG_ROLE, "acme:U1", party="watch"),
)  # fmt: skip

_RETIRED = "chips.retired"
RETIREMENT = (
    *(body(_RETIRED, BAD, name, **fields) for name, fields in {
        "another word": {"reason": "sold"},
        "released to nobody": {"to_name": None},
        "released nowhere": {"country": None},
        "released to an empty name": {"to_name": ""},
        "released to a long name": {"to_name": "n" * 201},
        "released to no country": {"country": "EU"},
        "evidence that is no hash": {"evidence_sha256": "ab"},
        "evidence in capitals": {"evidence_sha256": "AB" * 32},
        "lost to somebody": {"reason": "lost"},
        "stolen into a country": {"reason": "stolen", "to_name": None},
        "destroyed for somebody": {"reason": "destroyed", "evidence_sha256": NAME, "country": None},
        "destroyed without evidence": {"reason": "destroyed", "to_name": None, "country": None},
    }.items()),
    line(_RETIRED, Reason.NOT_HELD, "an unknown chip", chip="acme:Z9"),
    line(_RETIRED, Reason.NOT_HELD, "another's", chip="acme:S1"),
    line(_RETIRED, Reason.IN_TRANSIT, chip="acme:S4"),
    line(_RETIRED, Reason.ENDED, chip="acme:LOST"),
    line(_RETIRED, Reason.ENDED, "what was replaced", chip="acme:OLD"),
)  # fmt: skip

_REGISTERED = "chips.registered"
_UNPROVED = {"ik_sha256": "cd" * 32, "attestation_sha256": NAME}


def _brings(name, attestations):
    """A bundle of any kind with evidence that belongs to no line of it."""
    return Fault(
        name,
        Reason.MANIFEST_MISMATCH,
        frozenset({"attestations", "lines"}),
        draft=lambda draft: replace(draft, attestations=attestations),
    )


EVIDENCE = (
    _brings("evidence that no line names", {NAME: "AA=="}),
    _brings("evidence under a name that is none", {"ab": "AA=="}),
    line(_REGISTERED, Reason.MANIFEST_MISMATCH, "evidence left at home", identity=_UNPROVED),
    line(_DECLARED, Reason.MANIFEST_MISMATCH, "evidence left at home", seen=_UNPROVED),
    lines(
        _REGISTERED,
        Reason.UNKNOWN_REFERENCE,
        {"chip": "bolt:N1", "model": MODEL, "lots": ["foundry/l1"]},
        name="a lot of another's",
        party="bolt",
        site="bolt/hall",
    ),
)

LIVES = (*DECLARATION, *RETIREMENT, *EVIDENCE)
