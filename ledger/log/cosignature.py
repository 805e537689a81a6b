"""Which witnesses saw this checkpoint, and when?

Cosignatures are those of C2SP tlog-cosignature, cosignature/v1: a witness signs the checkpoint's
text together with its own clock. A witness counts once, however often it signed and under however
many names its key is listed, because a quorum counts parties that would have to collude. Refuses to
know how many are enough, and whether the log itself signed.
"""

from collections.abc import Sequence

from ledger.log.checkpoint import parse_checkpoint_of, refuse_long_checkpoint
from signing.note import COSIGNATURE_V1, NoKnownSignature, VerifierKey, open_note


def witness_times(note: bytes, checkpoint_origin: str, witnesses: Sequence[VerifierKey]) -> dict[str, int]:
    """Witness name to the time it says it saw the checkpoint, in seconds since 1970.

    Keys that are not of cosignature/v1 count for nothing, so a log never witnesses itself by its own
    key. Of several names for one key the first listed counts; of several keys under one name, the
    earliest time. No signature by a witness: empty. Raises `Unreadable` for a malformed note,
    a checkpoint of another log, and `BadSignature` for a bad signature of a witness given.
    """
    refuse_long_checkpoint(note)
    first_with: dict[bytes, VerifierKey] = {}
    for witness in witnesses:
        if witness.algorithm == COSIGNATURE_V1:
            first_with.setdefault(witness.public_key, witness)
    try:
        opened = open_note(note, list(first_with.values()))
    except NoKnownSignature:
        return {}
    parse_checkpoint_of(opened.text, checkpoint_origin)
    times: dict[str, int] = {}
    for signature in opened.signatures:
        assert signature.time is not None
        times[signature.name] = min(signature.time, times.get(signature.name, signature.time))
    return times
