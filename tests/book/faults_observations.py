"""Faults in what people count and come upon: stocktakes, sightings."""

from dataclasses import replace

from ledger.book.rejection import Reason
from tests.book.faults import body, line, lines

BAD = Reason.BAD_FIELD
NO_HEX = "AB" * 32
SEEN = {
    "nothing seen": {"seen": {}},
    "an empty text": {"seen": {"label": ""}},
    "no hash": {"seen": {"ik_sha256": NO_HEX}},
    "no hash of evidence": {"seen": {"attestation_sha256": "ab"}},
    "no chip": {"chip": "S7"},
    "a short salt": {"salt": "0" * 31},
}

_COUNTED = "stocktake.declared"
_TERMS = frozenset(f"body.{name}" for name in ("stocktake", "site", "scope", "part", "parts"))


def _of(stocktake, reason, name, **fields):
    """A part of a count that has begun: what else is said of its terms decides what is wrong with it."""
    return replace(body(_COUNTED, reason, name, stocktake=stocktake, **fields), touches=_TERMS)


STOCKTAKE = (
    *(body(_COUNTED, BAD, name, **fields) for name, fields in {
        "another's prefix": {"stocktake": "lima/c9"},
        "no prefix": {"stocktake": "c9"},
        "another word": {"scope": "whole"},
        "a site without prefix": {"site": "hall"},
        "a part of nothing": {"parts": None},
        "parts without this one": {"part": None},
        "part 0": {"part": 0},
        "a part too many": {"part": 4},
        "a thousand parts and one": {"parts": 1001},
    }.items()),
    *(line(_COUNTED, BAD, name, **fields) for name, fields in SEEN.items()),
    _of("acme/c1", BAD, "another scope than the first part"),
    _of("acme/c3", BAD, "another site", part=1, site="oslo/hall"),
    _of("acme/c3", BAD, "no site", part=1, site=None),
    _of("acme/c3", BAD, "more parts", part=1, parts=4),
    body(_COUNTED, Reason.UNKNOWN_REFERENCE, site="acme/nowhere"),
    lines(_COUNTED, Reason.WRONG_ROLE, "acme:S7", party="watch", stocktake="watch/c9"),
    _of("acme/c0", Reason.ID_TAKEN, "a count that is judged"),
    _of("acme/c3", Reason.ID_TAKEN, "a part that is in"),
    _of("acme/c3", Reason.ID_TAKEN, "no part of it", part=None, parts=None),
    _of("acme/c4", Reason.ENDED, "a part after a week"),
)  # fmt: skip

_SIGHTED = "chips.sighted"
SIGHTING = (
    *(body(_SIGHTED, BAD, name, **fields) for name, fields in {
        "nowhere": {"place": ""},
        "a site without prefix": {"site": "hall"},
        "no hash of evidence": {"evidence_sha256": "ab"},
        "a hash in capitals": {"evidence_sha256": NO_HEX},
    }.items()),
    *(line(_SIGHTED, BAD, name, **fields) for name, fields in SEEN.items()),
    body(_SIGHTED, Reason.UNKNOWN_REFERENCE, site="lima/nowhere"),
)  # fmt: skip

OBSERVATIONS = (*STOCKTAKE, *SIGHTING)
