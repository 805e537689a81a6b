"""Faults in how chips are called back and change their owner: cancellations, titles."""

from dataclasses import replace

from ledger.book.rejection import Reason
from tests.book.faults import body, line, lines

BAD = Reason.BAD_FIELD
UNKNOWN = Reason.UNKNOWN_REFERENCE


def _bad(kind, cases):
    return (body(kind, BAD, name, **fields) for name, fields in cases.items())


def _wholly(fault, about=("acme:T3",)):
    """One that depends on what the statement is about: another thing, with lines of its own or none."""
    spoil = fault.draft

    def draft(good):
        said = spoil(good)
        return replace(said, lines=None) if about is None else said.with_lines(*about)

    return replace(fault, touches=fault.touches | {"lines"}, draft=draft)


_DISPATCHED = "shipment.dispatched"
DISPATCH = (
    lines(
        _DISPATCHED,
        Reason.OFFERED_ALREADY,
        "acme:T5",
        title="passes_on_arrival",
        name="under an offer, and to pass on arrival",
    ),
)

_CANCELLED = "shipment.cancelled"
CANCELLATION = (
    *_bad(
        _CANCELLED,
        {
            "no prefix": {"shipment": "t1"},
            "a line end": {"shipment": "acme/t1\n"},
            "no reason": {"reason": ""},
        },
    ),
    line(_CANCELLED, BAD, "no chip", chip="T3"),
    line(_CANCELLED, BAD, "a short salt", salt="0" * 31),
    _wholly(body(_CANCELLED, UNKNOWN, "no such shipment", shipment="acme/none")),
    _wholly(body(_CANCELLED, UNKNOWN, "another's", shipment="bolt/t1"), ("bolt:T1",)),
    _wholly(body(_CANCELLED, UNKNOWN, "all of another's", shipment="bolt/t1"), None),
    lines(_CANCELLED, UNKNOWN, "acme:T9", name="never in it"),
    lines(_CANCELLED, UNKNOWN, "acme:T1", "acme:Z9", name="arrived, and never in it"),
    lines(_CANCELLED, Reason.SHIPMENT_CLOSED, "acme:T1", "acme:T3", name="arrived already"),
    _wholly(
        body(_CANCELLED, Reason.SHIPMENT_CLOSED, "called back already", shipment="acme/t2"), ("acme:T4",)
    ),
    _wholly(body(_CANCELLED, Reason.SHIPMENT_CLOSED, "nothing left", shipment="acme/t2"), None),
)

_OFFERED = "title.offered"
OFFER = (
    *_bad(
        _OFFERED,
        {
            "another's prefix": {"transfer": "lima/o9"},
            "no prefix": {"transfer": "o9"},
            "to no party": {"to": "O"},
        },
    ),
    line(_OFFERED, BAD, "no chip", chip="T9"),
    line(_OFFERED, BAD, "a short salt", salt="0" * 31),
    body(_OFFERED, Reason.WRONG_ROLE, "to a verifier", to="watch"),
    body(_OFFERED, Reason.ID_TAKEN, transfer="acme/o1"),
    body(_OFFERED, Reason.ID_TAKEN, "an offer that is over", transfer="acme/o2"),
    body(_OFFERED, UNKNOWN, to="nobody"),
    lines(_OFFERED, Reason.NOT_OWNED, "acme:Z9", name="an unknown chip"),
    lines(_OFFERED, Reason.NOT_OWNED, "acme:T9", "bolt:B1", name="another's"),
    lines(_OFFERED, Reason.NOT_OWNED, "acme:T7", "bolt:B1", name="another's, and one that ended"),
    lines(_OFFERED, Reason.ENDED, "acme:LOST", name="a missing chip"),
    lines(_OFFERED, Reason.ENDED, "acme:T5", "acme:T7", name="a destroyed chip, and one on offer"),
    lines(_OFFERED, Reason.OFFERED_ALREADY, "acme:T5", "acme:T9", name="under an open offer"),
    lines(_OFFERED, Reason.OFFERED_ALREADY, "acme:S4", name="passing on arrival"),
)

_ACCEPTED = "title.accepted"
ACCEPTANCE = (
    *_bad(_ACCEPTED, {"no prefix": {"transfer": "o1"}, "a line end": {"transfer": "acme/o1\n"}}),
    body(_ACCEPTED, UNKNOWN, "no such offer", transfer="acme/none"),
    body(_ACCEPTED, UNKNOWN, "an offer to another", transfer="bolt/o1"),
    body(_ACCEPTED, Reason.NOT_OWNED, "a chip sold meanwhile", transfer="acme/o4"),
    body(_ACCEPTED, Reason.ENDED, "an offer withdrawn", transfer="acme/o2"),
    body(_ACCEPTED, Reason.ENDED, "a chip destroyed meanwhile", transfer="acme/o3"),
)

_WITHDRAWN = "title.withdrawn"
WITHDRAWAL = (
    *_bad(_WITHDRAWN, {"no prefix": {"transfer": "o1"}, "no name": {"transfer": "acme/"}}),
    body(_WITHDRAWN, UNKNOWN, "no such offer", transfer="acme/none"),
    body(_WITHDRAWN, UNKNOWN, "another's offer", transfer="bolt/o1"),
    body(_WITHDRAWN, Reason.ENDED, "withdrawn already", transfer="acme/o2"),
)

TITLES = (*DISPATCH, *CANCELLATION, *OFFER, *ACCEPTANCE, *WITHDRAWAL)
