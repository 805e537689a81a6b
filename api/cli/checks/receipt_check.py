"""Is this receipt worth keeping?

Recomputes the leaf from what was signed and the time of admission, verifies its inclusion in the tree of the
checkpoint, and the checkpoint under the log's key. So a receipt that passes commits the operator to having
admitted these very bytes, and no word of the server's is trusted. Also keeps receipts in a file of lines.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from ledger.book.encoding import entry_bytes
from ledger.book.times import parse_milliseconds
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import verify_inclusion
from signing.canonical import TooLarge, Unreadable, read_object
from signing.envelope import STATEMENT_TYPE, Envelope, read_envelope
from signing.note import VerifierKey

CHECKPOINTS_KEPT = 64
RECEIPTS_BYTES_MAX = 1024 * 1024 * 1024  # of a file of receipts, which is read whole


class _Receipt(msgspec.Struct):
    """The members that are checked; others may stand beside them."""

    index: int
    statement: str
    leaf_hash: str
    admitted_at: str
    proof: list[str]
    checkpoint: str
    envelope: dict[str, Any] | None = None


class ReceiptCheck:
    """Checks receipts of one log under its key."""

    def __init__(self, log_key: VerifierKey) -> None:
        self.log_key = log_key
        self._opened: dict[str, Checkpoint] = {}

    def fault(self, envelope: Envelope, receipt: Mapping[str, Any]) -> str | None:
        """Why this is no receipt for the envelope, None if it is."""
        try:
            told = msgspec.convert(receipt, _Receipt)
            if told.statement != envelope.id():
                return "it is for another statement"
            stored = envelope if told.envelope is None else read_envelope(told.envelope, STATEMENT_TYPE)
            if stored.id() != told.statement:
                return "the envelope it carries says something else"
            leaf = leaf_hash(entry_bytes(parse_milliseconds(told.admitted_at, "admitted_at"), stored))
            checkpoint = self._open(told.checkpoint)
            proof = [bytes.fromhex(node) for node in told.proof]
        except (Unreadable, msgspec.ValidationError, ValueError) as fault:
            return str(fault)
        if leaf.hex() != told.leaf_hash:
            return "leaf_hash is not that of the entry"
        if not 0 <= told.index < checkpoint.size:
            return "its index is not below the checkpoint's size"
        if not verify_inclusion(leaf, told.index, checkpoint.size, proof, checkpoint.root):
            return "the proof does not lead to the checkpoint's root"
        return None

    def _open(self, note: str) -> Checkpoint:
        # Receipts of one batch stand under one checkpoint.
        opened = self._opened.get(note)
        if opened is None:
            opened = open_checkpoint(note.encode(), self.log_key, self.log_key.name)
            if len(self._opened) >= CHECKPOINTS_KEPT:
                self._opened.clear()
            self._opened[note] = opened
        return opened


class ReceiptFile:
    """`NAME.receipts.jsonl`: a receipt a line, each flushed to the disk before it counts as held."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, dict[str, Any]]:
        """Receipts by statement; writes nothing. A last line that the power cut short is passed over.

        Raises Unreadable for another line that is no JSON object, TooLarge for a file over the limit.
        """
        if not self.path.exists():
            return {}
        if self.path.stat().st_size > RECEIPTS_BYTES_MAX:
            raise TooLarge(str(self.path), f"over {RECEIPTS_BYTES_MAX:,} bytes: give it another name")
        whole, last = _parted(self.path.read_bytes())
        held = {}
        for number, line in enumerate(whole.split(b"\n")[:-1], start=1):
            receipt = read_object(line, f"{self.path}, line {number}")
            held[str(receipt.get("statement"))] = receipt
        final = _complete(last)
        if final is not None:
            held[str(final.get("statement"))] = final
        return held

    def append(self, receipts: Iterable[Mapping[str, Any]]) -> None:
        """Write receipts behind those that are there; on return they survive a power cut.

        Only here is a torn last line cut off, for what is written behind it would be torn with it.
        """
        lines = b"".join(msgspec.json.encode(receipt) + b"\n" for receipt in receipts)
        if not lines:
            return
        with self.path.open("a+b") as file:
            lines = self._end_last_line(file) + lines
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def _end_last_line(self, file: BinaryIO) -> bytes:
        """What is still missing of a last line that is whole; one that is torn is gone afterwards."""
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        if size == 0 or file.read() == b"\n":
            return b""
        whole, last = _parted(self.path.read_bytes())
        if _complete(last) is not None:
            return b"\n"
        file.truncate(len(whole))
        return b""


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """The lines that end, and what stands behind them."""
    end = raw.rfind(b"\n") + 1
    return raw[:end], raw[end:]


def _complete(line: bytes) -> dict[str, Any] | None:
    """The receipt in a line that does not end; None if it was cut short. No beginning of an object is one."""
    try:
        return read_object(line, "last line")
    except Unreadable:
        return None
