"""Why was a statement not admitted?

One closed list, in order of precedence: of two faults the earlier one is given. A refusal is a
value, never an exception. Knows no HTTP; `STATUS` is the contract's number for each reason and is
kept here so that the list has one place.
"""

from dataclasses import dataclass
from enum import Enum

CHIPS_NAMED_MAX = 20  # chips a problem names; the author reads the rest at /refusals/{id}


class Reason(Enum):
    """The ordered, closed list of `contract.md`. The order of the members is the precedence."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    WRONG_LOG = "wrong_log"
    EXPIRED = "expired"
    BAD_TIME = "bad_time"
    BAD_FIELD = "bad_field"
    MANIFEST_MISMATCH = "manifest_mismatch"
    SUSPENDED = "suspended"
    WRONG_ROLE = "wrong_role"
    REFERENCE_REUSED = "reference_reused"
    ID_TAKEN = "id_taken"
    UNKNOWN_REFERENCE = "unknown_reference"
    CHIP_EXISTS = "chip_exists"
    IDENTITY_TAKEN = "identity_taken"
    NOT_HELD = "not_held"
    NOT_OWNED = "not_owned"
    IN_TRANSIT = "in_transit"
    ENDED = "ended"
    OFFERED_ALREADY = "offered_already"
    SHIPMENT_CLOSED = "shipment_closed"
    NEEDS_SHIPMENT = "needs_shipment"
    BUILT_UPON = "built_upon"
    BAD_NUMBER = "bad_number"
    OPEN_COMMITMENT = "open_commitment"
    TOO_EARLY = "too_early"
    WRONG_SELECTION = "wrong_selection"
    TOO_FAST = "too_fast"
    UNAVAILABLE = "unavailable"


PRECEDENCE: dict[Reason, int] = {reason: place for place, reason in enumerate(Reason)}

STATUS: dict[Reason, int] = {
    Reason.MALFORMED: 400,
    Reason.TOO_LARGE: 413,
    Reason.UNSIGNED: 401,
    Reason.UNKNOWN_KEY: 401,
    Reason.BAD_SIGNATURE: 401,
    Reason.UNKNOWN_REFERENCE: 404,
    Reason.WRONG_LOG: 422,
    Reason.EXPIRED: 422,
    Reason.BAD_TIME: 422,
    Reason.BAD_FIELD: 422,
    Reason.MANIFEST_MISMATCH: 422,
    Reason.TOO_FAST: 429,
    Reason.UNAVAILABLE: 503,
}
CONFLICT_STATUS = 409  # every other reason: the book forbids it


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refusal: the reason, a sentence naming field or line, and every chip it concerns."""

    reason: Reason
    detail: str
    chips: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The HTTP status the contract gives this reason."""
        return STATUS.get(self.reason, CONFLICT_STATUS)


def earliest(*found: Rejection | None) -> Rejection | None:
    """Of several faults, the one that stands first in the list; None where there is none."""
    first: Rejection | None = None
    for fault in found:
        if fault is not None and (first is None or PRECEDENCE[fault.reason] < PRECEDENCE[first.reason]):
            first = fault
    return first
