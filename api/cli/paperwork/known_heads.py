"""Which head of the log does the speaker say that it knew?

A statement may name one, and evidence out of a chip counts only where it does: the nonce is bound to it.
Takes size and root as they are, or what other commands and the ledger hand out. Checks no signature: the log
itself refuses a head it never had, so that a false one comes to nothing.
"""

import re
from pathlib import Path
from typing import Any

from api.cli.screen.terminal import wrong_usage
from ledger.book.encoding import HeadText
from ledger.log.checkpoint import Checkpoint, parse_checkpoint_of, parse_tree_size, refuse_long_checkpoint
from signing.canonical import TooLarge, Unreadable, read_object

HEAD_FILE_BYTES_MAX = 64 * 1024 * 1024  # receipts of many statements lie in one file
SIZE_AND_ROOT = re.compile(r"([0-9]+):([0-9a-f]{64})", re.ASCII)


def known_head(told: str, log: str, kind: str) -> HeadText:
    """The head that SIZE:ROOT says, or a FILE: a checkpoint, receipts, or what `device nonce --json` prints.

    Of several receipts the newest head counts. Raises Unreadable for a file that is none of these, or of
    another log; a nonce that was made for another kind of statement is wrong usage, for its answers would
    prove nothing in this one.
    """
    plain = SIZE_AND_ROOT.fullmatch(told)
    if plain is not None:
        return HeadText(parse_tree_size(plain[1]), plain[2])
    path = Path(told)
    if not path.is_file():
        raise wrong_usage(f"--head: there is no file {told[:80]!r}", "a checkpoint, a receipt, or SIZE:ROOT")
    with path.open("rb") as file:
        raw = file.read(HEAD_FILE_BYTES_MAX + 1)
    if len(raw) > HEAD_FILE_BYTES_MAX:
        raise TooLarge(told, f"over {HEAD_FILE_BYTES_MAX:,} bytes: give the checkpoint itself")
    if not raw.lstrip().startswith(b"{"):
        return _written(_opened(raw, log))
    objects = _objects(raw, told)
    if len(objects) == 1 and "head" in objects[0]:
        return _of_nonce(objects[0], told, log, kind)
    notes = [one.get("checkpoint") for one in objects]
    if not all(isinstance(note, str) for note in notes):
        raise Unreadable(told, "neither a checkpoint, nor receipts, nor what `device nonce --json` prints")
    heads = [_opened(note.encode(), log) for note in sorted(set(map(str, notes)))]
    return _written(max(heads, key=lambda head: head.size))


def _objects(raw: bytes, name: str) -> list[dict[str, Any]]:
    """One object over any number of lines, or one in each line."""
    try:
        return [read_object(raw, name)]
    except Unreadable:
        lines = [line for line in raw.split(b"\n") if line.strip()]
        return [read_object(line, f"{name}, line {number}") for number, line in enumerate(lines, start=1)]


def _opened(note: bytes, log: str) -> Checkpoint:
    refuse_long_checkpoint(note)
    try:
        text, gap, _ = note.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise Unreadable("checkpoint", "not UTF-8") from None
    return parse_checkpoint_of(f"{text}\n" if gap else text, log)


def _of_nonce(told: dict[str, Any], name: str, log: str, kind: str) -> HeadText:
    head = told["head"]
    if (
        not isinstance(head, dict)
        or type(head.get("size")) is not int
        or not isinstance(head.get("root"), str)
    ):
        raise Unreadable(name, "its head has no size and root")
    if told.get("log") != log:
        raise Unreadable(name, f"it is of the log {str(told.get('log'))[:80]!r}")
    if told.get("kind", kind) != kind:
        raise wrong_usage(
            f"the nonce in {name} is for {str(told['kind'])[:80]}, and this is {kind}",
            f"ask for another: chipledger device nonce --kind {kind}",
        )
    return HeadText(head["size"], head["root"])


def _written(head: Checkpoint) -> HeadText:
    return HeadText(head.size, head.root.hex())
