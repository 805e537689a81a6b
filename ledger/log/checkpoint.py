"""Which tree did this log commit to?

A checkpoint (C2SP tlog-checkpoint) is three lines, origin, size and root, in a note that the log
signs under its origin; extension lines are not taken. A checkpoint has one spelling: readers raise
`Unreadable` for every other. Refuses to know which tree is the right one, and who else signed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.log.merkle import EMPTY_ROOT, HASH_BYTES
from signing.canonical import TooLarge, Unreadable, from_base64, to_base64
from signing.keys import Signer
from signing.note import COSIGNATURE_V1, VerifierKey, append_signature, open_note, sign_note

CHECKPOINT_BYTES_MAX: Final = 8192  # the whole note, with the cosignatures of witnesses
TREE_SIZE_MAX: Final = 2**63 - 1  # leaves; what a database integer holds

_TREE_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head: the name of the log, leaves in its tree, and the tree's root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed: three lines, each with its newline."""
        assert self.origin and "\n" not in self.origin
        assert 0 <= self.size <= TREE_SIZE_MAX
        assert len(self.root) == HASH_BYTES and (self.size > 0 or self.root == EMPTY_ROOT)
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def parse_tree_size(text: str) -> int:
    """A number of leaves in plain decimal, at most 2^63 - 1."""
    if not _TREE_SIZE.fullmatch(text) or int(text) > TREE_SIZE_MAX:
        raise Unreadable("tree_size", text[:40])
    return int(text)


def parse_checkpoint_text(text: str) -> Checkpoint:
    """The checkpoint of a note's text."""
    lines = text.split("\n")  # never splitlines: only U+000A ends a line
    if len(lines) != 4:
        raise Unreadable("checkpoint", "not the three lines origin, size and root")
    origin, size_text, root_text, _ = lines
    if not origin:
        raise Unreadable("origin", "empty")
    size = parse_tree_size(size_text)
    root = from_base64(root_text, "root")
    if len(root) != HASH_BYTES:
        raise Unreadable("root", f"{len(root)} bytes")
    if size == 0 and root != EMPTY_ROOT:
        raise Unreadable("root", "a tree of no leaves has another")
    checkpoint = Checkpoint(origin, size, root)
    if checkpoint.text() != text:  # such as a fourth line that does not end
        raise Unreadable("checkpoint", "not spelled as it is written")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer, *others: Signer) -> str:
    """The note: the checkpoint signed under its own origin by each. Equal inputs give equal bytes."""
    text = checkpoint.text()
    note = sign_note(text, signer, checkpoint.origin)
    for other in others:
        line = sign_note(text, other, checkpoint.origin).removeprefix(text + "\n")
        note = append_signature(note, line)
    return note


def open_checkpoint(note: bytes, log_key: VerifierKey | Sequence[VerifierKey], origin: str) -> Checkpoint:
    """The checkpoint of this origin that at least one of the log's keys signed.

    A witness's key (cosignature/v1) is no log key, even when given: it says what was seen, not what
    is committed to. Raises `Unreadable`: malformed, another origin, or `NoKnownSignature` and
    `BadSignature` as `open_note` does.
    """
    refuse_long_checkpoint(note)
    keys = [log_key] if isinstance(log_key, VerifierKey) else log_key
    opened = open_note(note, [key for key in keys if key.algorithm != COSIGNATURE_V1])
    return parse_checkpoint_of(opened.text, origin)


def parse_checkpoint_of(text: str, origin: str) -> Checkpoint:
    """`parse_checkpoint_text`, of this log and no other."""
    checkpoint = parse_checkpoint_text(text)
    if checkpoint.origin != origin:
        raise Unreadable("origin", f"{checkpoint.origin[:80]!r} is another log")
    return checkpoint


def refuse_long_checkpoint(note: bytes) -> None:
    """Raises `TooLarge` for a note over `CHECKPOINT_BYTES_MAX`."""
    if len(note) > CHECKPOINT_BYTES_MAX:
        raise TooLarge("checkpoint", f"{len(note)} bytes, at most {CHECKPOINT_BYTES_MAX}")
