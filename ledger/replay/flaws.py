"""What can be wrong with a replay file, and what does it mean to whoever holds it?

`Flaw` is a closed list. A check gives steps, and ends with a flaw where one is found: `Step` and `Broken` are
what is told of it, in sentences for people.
"""

from dataclasses import dataclass
from enum import StrEnum

PROVED = "proved"
TOLD = "told"  # by the file or the log, and not to be computed from the file
FAILED = "failed"


class Flaw(StrEnum):
    """Why a file is no proof, in the order in which checks are made."""

    UNREADABLE = "unreadable"
    ANOTHER_LOG = "another_log"
    BAD_CHECKPOINT = "bad_checkpoint"
    NOT_IN_LOG = "not_in_log"
    BAD_STATEMENT = "bad_statement"
    BAD_SIGNATURE = "bad_signature"
    WRONG_STATEMENT = "wrong_statement"
    OTHER_BEACON_KEY = "other_beacon_key"
    TOO_EARLY = "too_early"
    BAD_WITNESS = "bad_witness"
    WRONG_ROUND = "wrong_round"
    WRONG_SECRET = "wrong_secret"
    BAD_PULSE = "bad_pulse"
    TOLD_OTHERWISE = "told_otherwise"
    BAD_FRAME = "bad_frame"
    WRONG_FRAME = "wrong_frame"
    WRONG_SELECTION = "wrong_selection"
    WRONG_STAGE = "wrong_stage"
    WRONG_VERDICT = "wrong_verdict"


MEANING = {
    Flaw.UNREADABLE: "The file is damaged, cut off, or no replay file. Fetch it again.",
    Flaw.ANOTHER_LOG: "The file is about another log than the key you gave, which says nothing about it.",
    Flaw.BAD_CHECKPOINT: "The log did not sign this head: it is made up, or the key is another.",
    Flaw.NOT_IN_LOG: "An entry is not in the log that the checkpoint commits to: changed, or invented.",
    Flaw.BAD_STATEMENT: "A statement breaks the law's form, or its lines are not those it was signed with.",
    Flaw.BAD_SIGNATURE: "Nobody whose key the file shows signed this statement: it may be forged.",
    Flaw.WRONG_STATEMENT: "The file lacks a statement it needs, or has one that is about something else.",
    Flaw.OTHER_BEACON_KEY: "The log lists another key for this beacon than yours: do not believe the draw.",
    Flaw.TOO_EARLY: "The round was due before, or too soon after, the commitment: it could have been known.",
    Flaw.BAD_WITNESS: "A witness's signature, or the proof that was shown to witnesses, does not hold.",
    Flaw.WRONG_ROUND: "The draw used another beacon or round than it was committed to: it was chosen.",
    Flaw.WRONG_SECRET: "The secret is not the one committed to: it was chosen afterwards.",
    Flaw.BAD_PULSE: "The beacon did not publish this: the randomness is made up.",
    Flaw.TOLD_OTHERWISE: "The file's plain words say another thing than what was signed: do not use them.",
    Flaw.BAD_FRAME: "A line of the frame is cut off, out of order, there twice, or no line at all.",
    Flaw.WRONG_FRAME: "These are not the chips that could be drawn: one was left out, added or changed.",
    Flaw.WRONG_SELECTION: "The seed gives other chips than those announced: the sample was chosen.",
    Flaw.WRONG_STAGE: "A stage was drawn that was not due.",
    Flaw.WRONG_VERDICT: "The findings do not come to this verdict, or a number in it is another.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at: its name, PROVED or TOLD, and what was found in plain words."""

    name: str
    status: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that does not hold; nothing after it was looked at."""

    name: str
    flaw: Flaw
    detail: str

    @property
    def meaning(self) -> str:
        """What follows from it, for people."""
        return MEANING[self.flaw]


Told = Step | Broken
