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
    key. A key listed under several names counts under the first of them; of several signatures that
    count under one name, the earliest time stands. No signature by a witness: empty. Raises
    `Unreadable` for a malformed note, a checkpoint of another log, and `BadSignature` for a bad
    signature of a witness given.
    """
    refuse_long_checkpoint(note)
    keys = [witness for witness in witnesses if witness.algorithm == COSIGNATURE_V1]
    first_name: dict[bytes, str] = {}
    for key in keys:
        first_name.setdefault(key.public_key, key.name)
    counted_as = {(key.name, key.key_hash): first_name[key.public_key] for key in keys}
    try:
        opened = open_note(note, keys)
    except NoKnownSignature:
        return {}
    parse_checkpoint_of(opened.text, checkpoint_origin)
    times: dict[str, int] = {}
    for signature in opened.signatures:
        assert signature.time is not None
        name = counted_as[signature.name, signature.key_hash]
        times[name] = min(signature.time, times.get(name, signature.time))
    return times
