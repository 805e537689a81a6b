"""Faults in what verifiers say after a draw: findings and verdicts."""

from dataclasses import replace

from ledger.book.rejection import Reason
from tests.book.faults import Fault, body, line, lines
from tests.book.ready import busy

BAD = Reason.BAD_FIELD
NO_HEX = "AB" * 32
_FOUND, _CLOSED = "inspection.found", "inspection.closed"
_FIELDS = ("inspection", "verdict", "counts", "upper_bound", "known_missing", "off_book", "draw")
_WHOLE = frozenset(f"body.{name}" for name in _FIELDS)


def _elsewhere(kind, name, touches):
    """Said by another verifier, to whom the inspection is none."""
    return Fault(
        name,
        Reason.UNKNOWN_REFERENCE,
        frozenset({"party", *touches}),
        frozenset({kind}),
        draft=lambda draft: replace(draft, party="peer"),
    )


FINDINGS = (
    *(body(_FOUND, BAD, name, **fields) for name, fields in {
        "an inspection without prefix": {"inspection": "visited"},
        "a site without prefix": {"site": "hall"},
    }.items()),
    *(line(_FOUND, BAD, name, **fields) for name, fields in {
        "no result": {"result": "fine"},
        "a result that is derived": {"result": "not_visited"},
        "no time": {"found_at": "yesterday"},
        "no hash of evidence": {"evidence_sha256": "ab"},
        "a hash in capitals": {"evidence_sha256": NO_HEX},
        "nothing seen": {"seen": {}},
        "no chip": {"chip": "S7"},
        "a short salt": {"salt": "0" * 31},
        "a position beside chips": {"position": "acme/floor#1"},
    }.items()),
    replace(
        lines(
            _FOUND,
            BAD,
            {"position": "acme/hall#1", "result": "confirmed", "found_at": "2026-11-21T00:00:00Z"},
            name="a position, where chips were drawn",
        ),
        touches=frozenset({"lines", "body.inspection", "party"}),
    ),
    *(
        lines(
            _FOUND,
            BAD,
            {"result": "confirmed", "found_at": "2026-11-21T00:00:00Z", **about},
            name=name,
        )
        for name, about in {
            "position 0": {"position": "acme/hall#0"},
            "a position of no site": {"position": "hall#1"},
            "seen of nothing": {"position": "acme/hall#1", "seen": {"label": "x"}},
        }.items()
    ),
    replace(
        body(_FOUND, BAD, "chips, where positions were drawn", inspection="watch/floor"),
        touches=frozenset({"lines", "body.inspection", "party"}),
    ),
    body(_FOUND, Reason.UNKNOWN_REFERENCE, inspection="watch/none"),
    _elsewhere(_FOUND, "another verifier's findings", ()),
    body(_FOUND, Reason.UNKNOWN_REFERENCE, site="acme/nowhere"),
    body(_FOUND, Reason.ENDED, "after the verdict", inspection="watch/over"),
    body(_FOUND, Reason.TOO_EARLY, "before the draw", inspection="watch/soon"),
)  # fmt: skip


def _of(name, reason, inspection, verdict):
    """A closing of another inspection, with its own numbers."""

    def spoil(draft):
        return replace(draft, body=busy().closing_draft("watch", inspection, verdict).body)

    return Fault(name, reason, _WHOLE, frozenset({_CLOSED}), draft=spoil)


CLOSING = (
    *(body(_CLOSED, BAD, name, **fields) for name, fields in {
        "an inspection without prefix": {"inspection": "ripe"},
        "no verdict": {"verdict": "fine"},
        "another verdict": {"verdict": "clean"},
        "a verdict on its witnesses": {"verdict": "void"},
        "fewer than none": {"counts__confirmed": -1},
        "one more confirmed": {"counts__confirmed": 4},
        "one not found": {"counts__not_found": 1},
        "all visited": {"counts__not_visited": 0},
        "one shown twice": {"counts__duplicate": 1},
        "a bound below 0": {"upper_bound": -1},
        "another bound": {"upper_bound": 1},
        "one known to be missing": {"known_missing": 1},
        "one off the book": {"off_book": 1},
        "draw 0": {"draw": {"k": 0, "m": 1}},
        "the second of one": {"draw": {"k": 2, "m": 1}},
        "the first of two": {"draw": {"k": 1, "m": 2}},
    }.items()),
    replace(body(_CLOSED, Reason.UNKNOWN_REFERENCE, inspection="watch/none"), touches=_WHOLE),
    _elsewhere(_CLOSED, "another verifier's", _WHOLE),
    _of("a second verdict", Reason.ENDED, "watch/over", "inconclusive"),
    _of("withheld, with its day to come", Reason.TOO_EARLY, "watch/soon", "withheld"),
    _of("silent, with its round to come", Reason.TOO_EARLY, "watch/soon", "void_beacon"),
)  # fmt: skip

VERDICTS = (*FINDINGS, *CLOSING)
