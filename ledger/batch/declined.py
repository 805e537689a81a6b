"""A refusal as the sequencer gives it: judged, but not yet signed.

Signing costs more than judging and needs no order, so that it is done by whoever waits for the outcome.
"""

from dataclasses import dataclass

from ledger.outcome import Refused


@dataclass(frozen=True, slots=True)
class Declined(Refused):
    """A statement with a good signature that was refused in the book of size `at_size`.

    `key_id` signed it; `judged_at` is the time it was judged at, Unix milliseconds.
    """

    key_id: str = ""
    at_size: int = 0
    judged_at: int = 0
