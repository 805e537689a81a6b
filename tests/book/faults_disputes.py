"""Faults in how disagreements end and words are taken back: answers, resolutions, corrections."""

from dataclasses import replace

from ledger.book.rejection import Reason
from tests.book.faults import body, lines
from tests.book.ready import busy

BAD = Reason.BAD_FIELD
NO_HEX = "AB" * 32
_ANSWERED = "discrepancy.answered"
_RESOLVED = "discrepancy.resolved"
_CORRECTED = "statement.corrected"


def _speaker(kind, reason, party, name, /, **fields):
    """Said by another party than the one who may."""
    fault = body(kind, reason, name, **fields)
    spoil = fault.draft
    return replace(
        fault, touches=fault.touches | {"party"}, draft=lambda draft: replace(spoil(draft), party=party)
    )


def _wholly(fault):
    """One that depends on what the statement is about."""
    return replace(fault, touches=fault.touches | {"body.discrepancy", "body.corrects"})


def _told_deciders(fault):
    """One that only who may decide is told: others would learn what is disputed between whom."""
    return replace(fault, touches=fault.touches | {"party"})


def _found(name):
    """The id of a discrepancy, or of a statement, in the busy world."""
    return busy().disputed[name]


def _about(kind, reason, which):
    """All of another discrepancy."""
    fault = body(kind, reason, which, discrepancy=_found(which))
    spoil = fault.draft
    return replace(
        fault, touches=fault.touches | {"lines"}, draft=lambda draft: replace(spoil(draft), lines=None)
    )


ANSWERS = (
    *(
        body(_ANSWERED, BAD, name, **fields)
        for name, fields in {
            "no ordinal": {"discrepancy": "12"},
            "a zero before": {"discrepancy": "012.0"},
            "no number": {"discrepancy": "a.b"},
            "a line end": {"discrepancy": "1.0\n"},
            "an empty text": {"text": ""},
            "no hash of evidence": {"evidence_sha256": NO_HEX},
        }.items()
    ),
    body(_ANSWERED, Reason.UNKNOWN_REFERENCE, "no such discrepancy", discrepancy="999999.0"),
    _speaker(_ANSWERED, Reason.UNKNOWN_REFERENCE, "bolt", "between others", text="we are not in it"),
    lines(_ANSWERED, Reason.UNKNOWN_REFERENCE, "acme:S9", name="a chip not in it"),
    *(
        _about(_ANSWERED, reason, which)
        for reason, which in (
            (Reason.ENDED, "over"),
            (Reason.BUILT_UPON, "moved"),
            (Reason.IDENTITY_TAKEN, "borne"),
        )
    ),
)

_SPLIT = {"outcome": "second_chip", "new_chip": "oslo:D2"}
RESOLUTIONS = (
    *(
        _wholly(body(_RESOLVED, BAD, name, **fields))
        for name, fields in {
            "no ordinal": {"discrepancy": "12"},
            "another word": {"outcome": "draw"},
            "a second chip without a name": {"outcome": "second_chip"},
            "a name without a second chip": {"new_chip": "oslo:D2"},
            "no chip": {**_SPLIT, "new_chip": "S9"},
        }.items()
    ),
    *(
        _told_deciders(body(_RESOLVED, BAD, name, **{**_SPLIT, **fields}))
        for name, fields in {
            "of two chips": {"discrepancy": _found("two")},
            "seen by who may not hold": {"discrepancy": _found("borne")},
        }.items()
    ),
    _told_deciders(_wholly(body(_RESOLVED, BAD, "a stranger's prefix", **{**_SPLIT, "new_chip": "bolt:N9"}))),
    body(_RESOLVED, Reason.UNKNOWN_REFERENCE, "no such discrepancy", discrepancy="999999.0"),
    _wholly(body(_RESOLVED, Reason.CHIP_EXISTS, **{**_SPLIT, "new_chip": "acme:S1"})),
    body(_RESOLVED, Reason.ENDED, "one that is over", discrepancy=_found("over")),
    _speaker(_RESOLVED, Reason.WRONG_ROLE, "acme", "a side decides"),
)

CORRECTIONS = (
    *(
        body(_CORRECTED, BAD, name, **fields)
        for name, fields in {
            "no id": {"corrects": NO_HEX},
            "an empty reason": {"reason": ""},
            "a kind with its own undo": {"corrects": _found("dispatch")},
        }.items()
    ),
    body(_CORRECTED, Reason.UNKNOWN_REFERENCE, "no such statement", corrects="ab" * 32),
    _wholly(_speaker(_CORRECTED, Reason.UNKNOWN_REFERENCE, "bolt", "another's")),
    _wholly(_speaker(_CORRECTED, Reason.WRONG_ROLE, "registrar", "a maker's, by the registrar")),
    body(_CORRECTED, Reason.BUILT_UPON, "moved on since", corrects=_found("registration")),
)

DISPUTES = (*ANSWERS, *RESOLUTIONS, *CORRECTIONS)
