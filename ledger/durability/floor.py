"""Which head is known to be durable, and who may write?

The floor is a small file, possibly on another volume than the log, that says the highest head ever
acknowledged. It only moves up. A log found below it has lost entries somebody holds receipts for, and
must not go on. The lock is a file held open by the one process that writes.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ledger.durability.durable import replace_file
from ledger.log.merkle import HASH_BYTES
from ledger.storage.store import Fenced, Head
from signing.canonical import Unreadable, decode, encode

FLOOR_BYTES_MAX = 1024


class ReadOnly(Exception):
    """The log must not grow until somebody has acted; the message says what is wrong and what to do."""


class KeyMissing(ReadOnly):
    """The operator does not hold a key that the log signs with."""


class WriterElsewhere(ReadOnly):
    """Another process writes to this ledger."""


class Floor(Protocol):
    """The highest head known durable."""

    def read(self) -> Head | None:
        """The floor, None where none was ever set. `Unreadable` when it is not as `raise_to` leaves it."""

    def raise_to(self, head: Head) -> None:
        """Move the floor up to `head`, durably. `Fenced` when somebody else has moved it past that."""


def check_rise(floor: Head | None, head: Head) -> None:
    """`Fenced` unless a floor may be raised to this head by its writer."""
    if floor is None:
        return
    taken_over = floor.epoch > head.epoch
    another = floor.size > head.size or (floor.size == head.size and floor.root != head.root)
    if taken_over or another:
        raise Fenced(f"the floor is {floor.size} of epoch {floor.epoch}, above {head.size} of {head.epoch}")


@dataclass(frozen=True, slots=True)
class FileFloor:
    """The floor in a file of canonical JSON: epoch, root (hex), size."""

    path: Path

    def read(self) -> Head | None:
        """The floor, None where there is no file."""
        try:
            with self.path.open("rb") as file:
                raw = file.read(FLOOR_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        value = decode(raw.removesuffix(b"\n"), "floor")
        match value:
            case {"epoch": int(epoch), "root": str(root), "size": int(size)} if len(value) == 3:
                return Head(size, _root(root), epoch)
            case _:
                raise Unreadable("floor", "not epoch, root and size")

    def raise_to(self, head: Head) -> None:
        """Compare with what is there, then replace it."""
        check_rise(self.read(), head)
        said = {"epoch": head.epoch, "root": head.root.hex(), "size": head.size}
        # A link to another volume is followed: the rename must happen beside the file itself.
        replace_file(self.path.resolve(), encode(said) + b"\n")


class MemoryFloor:
    """A floor for logs that need not last."""

    def __init__(self) -> None:
        self._head: Head | None = None

    def read(self) -> Head | None:
        """The floor."""
        return self._head

    def raise_to(self, head: Head) -> None:
        """Compare with what is there, then replace it."""
        check_rise(self._head, head)
        self._head = head


def _root(text: str) -> bytes:
    try:
        root = bytes.fromhex(text)
    except ValueError:
        raise Unreadable("floor", "root is not hex") from None
    if len(root) != HASH_BYTES or root.hex() != text:
        raise Unreadable("floor", "root is not 64 lower-case hex digits")
    return root


class WriterLock:
    """The right to write to a folder, held until it is let go of or the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """`WriterElsewhere` while another process holds it."""
        assert self._descriptor is None
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise WriterElsewhere(
                f"{self._path} is held by another process that writes to this ledger: stop that one first"
            ) from None
        self._descriptor = descriptor

    def give_back(self) -> None:
        """Let others write. The file stays: removing it would let two hold locks of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
