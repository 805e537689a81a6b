"""Had witnesses seen the commitment before its round, and how is that shown?

The commitment's leaf is computed from what was signed and the time the log wrote beside it; its inclusion in
a cosigned checkpoint is asked of the ledger and verified here, and the witnesses' times are weighed as the
law weighs them, so that a verdict is not void by surprise. Gathers no cosignatures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cli.draws.beacons import Rules
from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import asked
from api.cli.screen.terminal import Ended, warn
from ledger.book.encoding import entry_bytes
from ledger.book.times import format_seconds, parse_milliseconds
from ledger.inspection.beacon import due_at
from ledger.log.checkpoint import CHECKPOINT_BYTES_MAX, Checkpoint, parse_checkpoint_of
from ledger.log.cosignature import witness_times
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import verify_inclusion
from signing.canonical import TooLarge, Unreadable
from signing.envelope import STATEMENT_TYPE, read_envelope

VOID_ADVICE = "a verdict on this draw will be void"
TIMELY = "timely"


@dataclass(frozen=True, slots=True)
class Commitment:
    """Where the commitment stands in the log, and the leaf hash of its entry."""

    index: int
    leaf: bytes


def commitment_in_log(client: LedgerClient, inspection: Mapping[str, Any]) -> Commitment:
    """The commitment's place and leaf; `Ended` where the ledger shows another statement for it."""
    receipt = client.get_json(f"/statements/{inspection['statement']}")
    envelope = read_envelope(receipt["envelope"], STATEMENT_TYPE)
    if envelope.id() != inspection["statement"]:
        raise Ended(
            "the ledger shows another statement for this commitment", "tell the operator, and keep both"
        )
    admitted_at = parse_milliseconds(receipt["admitted_at"], "admitted_at")
    return Commitment(inspection["at_index"], leaf_hash(entry_bytes(admitted_at, envelope)))


def timely(
    client: LedgerClient,
    rules: Rules,
    inspection: Mapping[str, Any],
    commitment: Commitment,
    *,
    cosigned: Path | None,
    origin: str,
) -> dict[str, Any] | None:
    """`timely` of the draw, from a cosigned checkpoint in a file; None where none is given.

    Warns where the law will find that too few witnesses had seen the commitment in time. `Ended` for a file
    that proves nothing: another log's checkpoint, one that does not cover the commitment, a bad signature.
    """
    needed = rules.quorum > 0 and not rules.is_own and inspection["timely"] != TIMELY
    if cosigned is None:
        if needed:
            warn(
                f"the log asks for {rules.quorum} witnesses who had seen the commitment, and none is shown "
                f"(--cosigned): {VOID_ADVICE}"
            )
        return None
    note = _note(cosigned)
    checkpoint = _checkpoint(note, origin, cosigned)
    proof = _inclusion(client, commitment, checkpoint, cosigned)
    try:
        times = witness_times(note.encode(), origin, rules.witnesses).values()
    except Unreadable as fault:
        raise Ended(f"{cosigned}: {fault}", "a cosignature by one of the log's witnesses is bad") from None
    latest = due_at(rules.beacon, inspection["stages"][0]["round"]) - rules.timely_lead_s
    early = [time for time in times if time <= latest]
    if needed and len(early) < rules.quorum:
        warn(
            f"{len(early)} of the log's witnesses had seen the commitment by {format_seconds(latest)}, and "
            f"{rules.quorum} are asked for: {VOID_ADVICE}"
        )
    return {"checkpoint": note, "proof": proof}


def _note(path: Path) -> str:
    raw = path.read_bytes()
    if len(raw) > CHECKPOINT_BYTES_MAX:
        raise TooLarge(str(path), f"over {CHECKPOINT_BYTES_MAX:,} bytes")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unreadable(str(path), "not UTF-8") from None


def _checkpoint(note: str, origin: str, path: Path) -> Checkpoint:
    text, blank, _ = note.rpartition("\n\n")
    if not blank:
        raise Unreadable(str(path), "no signed checkpoint: there is no blank line before signatures")
    return parse_checkpoint_of(f"{text}\n", origin)


def _inclusion(client: LedgerClient, commitment: Commitment, checkpoint: Checkpoint, path: Path) -> list[str]:
    """The proof that the commitment is in the checkpoint's tree, 64 hex digits a step."""
    index, size = commitment.index, checkpoint.size
    if size <= index:
        raise Ended(
            f"{path} is a checkpoint of {size} entries, and the commitment is entry {index}",
            "the witnesses must have seen a checkpoint that covers it",
        )
    told: list[str] = client.get_json("/proofs/inclusion", asked(index=index, size=size))["proof"]
    proof = [bytes.fromhex(step) for step in told]
    if not verify_inclusion(commitment.leaf, index, size, proof, checkpoint.root):
        raise Ended(
            f"the ledger does not show the commitment in the checkpoint of {path}",
            "the witnesses saw another log than you are shown: keep the file, and tell everybody",
        )
    return told
