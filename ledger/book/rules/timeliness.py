"""Had witnesses seen the commitment before anybody could know its round?

`timely` in a draw is a checkpoint with cosignatures and the commitment's inclusion proof in it. What is
no such thing is `bad_field`; one that came too late is no fault of form, and makes the verdict void. It is
weighed twice, by what the log asked for at the commitment's entry and at the draw's: nothing that a
registrar changes in between makes a late commitment timely.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from ledger.book.identifiers import is_sha256
from ledger.book.records.inspections import Timely
from ledger.book.rejection import Rejection
from ledger.book.rows import Inspection, LogSettings
from ledger.book.rules.rule import bad_field
from ledger.log.checkpoint import Checkpoint, parse_checkpoint_of
from ledger.log.cosignature import witness_times
from ledger.log.proofs import verify_inclusion
from signing.canonical import Unreadable, decode
from signing.note import NoKnownSignature, VerifierKey, open_note, parse_vkey

PROOF_HASHES_MAX = 63  # one a level of the highest tree
UNWITNESSED = "unwitnessed"  # no witness is asked for: nobody can say when the commitment was seen
NOT_SHOWN = "not_shown"  # a quorum is asked for and no proof came
LATE = "late"  # too few witnesses had seen it early enough
TIMELY = "timely"
UNTIMELY = frozenset({NOT_SHOWN, LATE})


class Asked(NamedTuple):
    """So many of these witnesses (canonical JSON), each so many seconds ahead, at one entry of a log."""

    log: str
    witnesses: str
    quorum: int
    lead_s: int


def asked_now(settings: LogSettings) -> Asked:
    """By the settings as they stand."""
    return Asked(settings.origin, settings.witnesses, settings.quorum, settings.timely_lead_s)


def asked_then(inspection: Inspection, log: str) -> Asked:
    """As it was when the inspection was committed to."""
    return Asked(log, inspection.witnesses, inspection.quorum, inspection.timely_lead_s)


def check_timely(timely: Timely | None, log: str) -> Rejection | None:
    """`bad_field` for what is no checkpoint of this log with a proof."""
    if timely is None:
        return None
    if len(timely.proof) > PROOF_HASHES_MAX or not all(map(is_sha256, timely.proof)):
        return bad_field(f"body.timely.proof is at most {PROOF_HASHES_MAX} hashes of 64 hex digits each")
    try:
        _checkpoint(timely, log)
    except Unreadable as fault:
        return bad_field(f"body.timely.checkpoint: {fault}")
    return None


def refuse_cosignatures(timely: Timely | None, asked: Asked) -> Rejection | None:
    """`bad_field` where a signature by one of the log's witnesses does not fit."""
    if timely is None:
        return None
    try:
        witness_times_of(timely, asked)
    except Unreadable as fault:
        return bad_field(f"body.timely.checkpoint: {fault}")
    return None


def refuse_proof(timely: Timely | None, inspection: Inspection, log: str) -> Rejection | None:
    """`bad_field` where the checkpoint is not shown to cover the commitment."""
    if timely is None:
        return None
    head = _checkpoint(timely, log)
    proof = [bytes.fromhex(step) for step in timely.proof]
    if verify_inclusion(bytes.fromhex(inspection.leaf), inspection.born, head.size, proof, head.root):
        return None
    return bad_field("body.timely.proof does not show the commitment in that checkpoint")


def timeliness(timely: Timely | None, asked: Sequence[Asked], due: int) -> str:
    """The word for it, every `asked` to be met; the first stage's round is `due` then, in Unix seconds."""
    if all(each.quorum == 0 for each in asked):
        return UNWITNESSED
    if timely is None:
        return NOT_SHOWN
    return TIMELY if all(_is_met(timely, each, due) for each in asked) else LATE


def witness_times_of(timely: Timely, asked: Asked) -> dict[str, int]:
    """Which witness saw the checkpoint at which Unix seconds; `Unreadable` for a false cosignature."""
    return witness_times(timely.checkpoint.encode(), asked.log, _witnesses(asked))


def _is_met(timely: Timely, asked: Asked, due: int) -> bool:
    early = [time for time in witness_times_of(timely, asked).values() if time <= due - asked.lead_s]
    return len(early) >= asked.quorum


def _checkpoint(timely: Timely, log: str) -> Checkpoint:
    note = timely.checkpoint
    with suppress(NoKnownSignature):  # well formed: who signed is weighed apart
        open_note(note.encode(), ())
    return parse_checkpoint_of(note[: note.rindex("\n\n") + 1], log)


def _witnesses(asked: Asked) -> list[VerifierKey]:
    return [parse_vkey(each["vkey"]) for each in decode(asked.witnesses.encode(), "witnesses")]
