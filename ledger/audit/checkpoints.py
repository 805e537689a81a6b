"""Did the log sign these sizes and roots, and did the witnesses see them when they say?

Every checkpoint note is opened under the keys the log had at its size, all of which must have signed, and
its root compared with the tree's; every line under it must be by the log or by a witness it names. Entries
below a cosigned size must have been admitted by the time of the cosignature, later ones after it, give or
take five minutes. A note beyond the newest is a promise, which its entries keep where they are there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ledger.audit.log_keys import LogKeys
from ledger.audit.report import Check, Findings
from ledger.audit.tree import Regrown
from ledger.book.records.opening import Witness
from ledger.book.rows import LogSettings
from ledger.log.checkpoint import (
    Checkpoint,
    parse_checkpoint_of,
    parse_checkpoint_text,
    refuse_long_checkpoint,
)
from signing.canonical import Unreadable
from signing.note import BadSignature, NoKnownSignature, Opened, VerifierKey, open_note, parse_vkey

WITNESS_CLOCK_MILLISECONDS_MAX: Final = 300_000

_witnesses = msgspec.json.Decoder(list[Witness])


def claimed_checkpoint(note: bytes) -> Checkpoint:
    """What a note says, whoever signed it: to know what to read before the key is known."""
    refuse_long_checkpoint(note)
    try:
        text, blank, _ = note.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise Unreadable("checkpoint", "not UTF-8") from None
    if not blank:
        raise Unreadable("checkpoint", "no blank line after its text")
    return parse_checkpoint_text(text + "\n")


def witness_keys(settings: LogSettings) -> list[VerifierKey]:
    """The witnesses a log names; they were found well formed when its opening was judged."""
    return [parse_vkey(witness.vkey) for witness in _witnesses.decode(settings.witnesses)]


@dataclass(slots=True)
class Beyond:
    """What is kept beyond the newest checkpoint, of size `reached`: the greatest sizes, 0 for none.

    `kept`: whose entries are all there; `hidden`: whose entries are not.
    """

    reached: int = 0
    kept: int = 0
    hidden: int = 0

    def sentences(self) -> Iterator[str]:
        """What it may come of, and what to do."""
        if self.kept:
            yield (
                f"checkpoints/{self.kept} is kept beyond the newest, of size {self.reached}; its entries are "
                "here, and not audited: publication goes on just now, or was broken off by a kill; a server "
                "started on this folder publishes the rest: audit it then"
            )
        if self.hidden:
            yield (
                f"checkpoints/{self.hidden} promises entries that are not here: if this is a copy made while "
                "a server wrote, copy again, in the order that docs/operating.md tells; if the power failed, "
                "start the server and audit again; if neither, the log went back"
            )


class CheckpointDesk:
    """Checks notes one by one. witnesses None: nobody can say which there are, so their lines pass.

    That is so where entries are not shown. Then nobody can say either whether the log had another key once:
    an older note that the key known did not sign is held against the tree all the same, and counted in
    `by_other_keys`.
    """

    def __init__(
        self,
        findings: Findings,
        tree: Regrown,
        log_keys: LogKeys,
        witnesses: Sequence[VerifierKey] | None,
        admitted_at: Sequence[int],
    ) -> None:
        self.tree = tree
        self._findings = findings
        self._log_keys = log_keys
        self._witnesses = witnesses
        self._admitted_at = admitted_at
        self.by_other_keys = 0
        self.beyond = Beyond()

    def check(self, name: str, note: bytes | None, size: int | None) -> None:
        """One note, published as `name`, for a size (None: whichever it says)."""
        read = self._read(name, note, size)
        if read is None:
            return
        opened, checkpoint = read
        self._check_root(name, checkpoint)
        if self._witnesses is not None:
            self._check_witnesses(name, note or b"", opened, checkpoint.size)

    def check_beyond(self, name: str, note: bytes | None, size: int, reached: int) -> None:
        """One kept for a size beyond the newest checkpoint, which is of size `reached`.

        It is hidden where the tree, read on as far as there are entries, does not come to it. Witnesses are
        not looked at: an entry that was not judged may have named them.
        """
        if note == b"":
            return  # what a power cut leaves of a file: nobody signed it, so it promises nothing
        read = self._read(name, note, size)
        if read is None:
            return
        self.beyond.reached = reached
        if self.tree.size >= size:
            self._check_root(name, read[1])
            self.beyond.kept = max(self.beyond.kept, size)
            return
        self.beyond.hidden = max(self.beyond.hidden, size)
        detail = f"{name} is kept, but the newest is of size {reached}, and not all its entries are here"
        self._findings.add(Check.CHECKPOINTS, None, detail)

    def _read(self, name: str, note: bytes | None, size: int | None) -> tuple[Opened, Checkpoint] | None:
        """What a note says and who signed it; None, and a finding, where that is not the log."""
        try:
            if note is None:
                raise Unreadable("checkpoint", "is missing")
            refuse_long_checkpoint(note)
            keys = self._log_keys.at(claimed_checkpoint(note).size)
            opened = self._open(name, note, keys, is_older=size is not None)
            checkpoint = parse_checkpoint_of(opened.text, keys[0].name)
        except Unreadable as error:
            self._findings.add(Check.CHECKPOINTS, None, f"{name}: {error}")
            return None
        if size is not None and checkpoint.size != size:
            self._findings.add(Check.CHECKPOINTS, None, f"{name}: is for size {checkpoint.size}")
            return None
        return opened, checkpoint

    def _open(self, name: str, note: bytes, keys: Sequence[VerifierKey], *, is_older: bool) -> Opened:
        try:
            opened = open_note(note, [*keys, *(self._witnesses or ())])
        except NoKnownSignature:
            if self._witnesses is not None or not is_older:
                raise
            self.by_other_keys += 1
            return Opened(claimed_checkpoint(note).text(), ())
        except BadSignature as error:
            opened = open_note(note, keys)  # raises again where the log's own is bad
            self._findings.add(Check.WITNESSES, None, f"{name}: {error}")
        # A witness says what it saw, not what the log is committed to.
        signed = {signature.key_hash for signature in opened.signatures}
        missing = [key.text() for key in keys if key.key_hash not in signed]
        if len(missing) == len(keys):
            raise NoKnownSignature("signature", "none is by the log's key")
        if missing:
            raise NoKnownSignature("signature", f"none is by {missing[0]}, which signs here too")
        return opened

    def _check_root(self, name: str, checkpoint: Checkpoint) -> None:
        # Where entries could not be read to this size, that has been reported already.
        if checkpoint.size <= self.tree.size and self.tree.root_at(checkpoint.size) != checkpoint.root:
            detail = f"{name}: the first {checkpoint.size} entries have another root than the one signed"
            self._findings.add(Check.ROOTS, None, detail, checkpoint.size)

    def _check_witnesses(self, name: str, note: bytes, opened: Opened, size: int) -> None:
        lines = note.count(b"\n") - opened.text.count("\n") - 1
        if lines != len(opened.signatures):
            detail = f"{name}: {lines} signature lines, {len(opened.signatures)} by the log or a witness"
            self._findings.add(Check.WITNESSES, None, detail)
        times = [signature.time for signature in opened.signatures if signature.time is not None]
        if not times:
            return
        seen = min(times) * 1000
        before, after = self._admitted_at[:size][-1:], self._admitted_at[size : size + 1]
        if before and before[0] > seen + WITNESS_CLOCK_MILLISECONDS_MAX:
            self._late(name, size - 1, "was admitted after a witness had seen it")
        if after and after[0] < seen - WITNESS_CLOCK_MILLISECONDS_MAX:
            self._late(name, size, "was admitted before a witness saw the log without it")

    def _late(self, name: str, index: int, what: str) -> None:
        minutes = WITNESS_CLOCK_MILLISECONDS_MAX // 60_000
        self._findings.add(Check.WITNESSES, index, f"{name}: entry {index} {what}, by over {minutes} minutes")
