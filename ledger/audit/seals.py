"""Is every sealed book the book that these entries make?

A seal names a size before its own entry, often a little before; the book that is folded here has no past.
So the sizes sealed are looked up first, in the bytes of the entries, and the book is summed up as each of
them is reached. A place the search takes for a seal and that is none costs a sum nobody asks for; one that it
overlooked would be said. Judges no seal: whether it might be said is the law's.
"""

from base64 import b64encode
from collections.abc import Iterable
from typing import Final

import msgspec

from ledger.audit.published import Published
from ledger.audit.report import Check, Findings
from ledger.book.encoding import read_entry
from ledger.book.records.seals import BookSealed
from ledger.book.rows import Chip
from ledger.book.sealed import SealedBook, sealed_book
from ledger.book.statement import Entry
from ledger.log.merkle import TILE_WIDTH
from ledger.log.tiles import unpack_entries
from signing.canonical import Unreadable

SEALED: Final = "book.sealed"
_MARK: Final = b'"kind":"book.sealed"'  # in a canonical payload, and in nothing but a statement of this kind


def _within_base64(octets: bytes) -> tuple[bytes, ...]:
    """What a text has in it for certain whose bytes have these, at whichever of three places they begin."""
    found = []
    for before in range(3):
        text = b64encode(bytes(before) + octets)
        first, stop = -(-8 * before // 6), 8 * (before + len(octets)) // 6
        found.append(text[first:stop])
    return tuple(found)


_MARKS: Final = _within_base64(_MARK)


class _Body(msgspec.Struct):
    at_size: int


class _Said(msgspec.Struct):
    body: _Body


_said = msgspec.json.Decoder(_Said)


def sealed_sizes(published: Published, size: int) -> frozenset[int]:
    """The sizes of which any of the first `size` entries may say what the book was."""
    sizes: set[int] = set()
    for first in range(0, size, TILE_WIDTH):
        bundle = published.entry_bundle(first // TILE_WIDTH, min(TILE_WIDTH, size - first))
        if bundle is None:
            break  # nothing beyond is read either, however long a log the checkpoint claims
        if any(mark in bundle for mark in _MARKS):
            sizes.update(_sizes_in(bundle))
    return frozenset(sizes)


def _sizes_in(bundle: bytes) -> Iterable[int]:
    try:
        raws = unpack_entries(bundle)
    except Unreadable:
        return  # reported when it is read
    for raw in raws:
        try:
            payload = read_entry(raw)[1].payload
            if _MARK in payload:
                yield _said.decode(payload).body.at_size
        except (Unreadable, msgspec.MsgspecError, UnicodeError, RecursionError):
            continue  # reported when it is read


class SealDesk:
    """Sums the book up where a seal will ask for it, and compares."""

    def __init__(self, sizes: Iterable[int], findings: Findings) -> None:
        self._sizes = frozenset(sizes)
        self._findings = findings
        self._books: dict[int, SealedBook] = {}

    def arrive(self, size: int, chips: Iterable[Chip]) -> None:
        """These are the chips of the book of this size."""
        if size in self._sizes:
            self._books[size] = sealed_book(chips)

    def check(self, entry: Entry) -> None:
        """A seal that may stand, against the book of the size it names."""
        if Check.SEALS in self._findings.leave_out:
            return
        body: BookSealed = entry.body
        book = self._books.get(body.at_size)
        if book is None:
            self._findings.add(Check.SEALS, entry.index, f"the book of size {body.at_size} was not summed up")
        elif book != (body.count, body.root):
            said = SealedBook(body.count, body.root)
            self._findings.add(
                Check.SEALS,
                entry.index,
                f"the book of size {body.at_size} is {_told(book)}, not {_told(said)}",
            )


def _told(book: SealedBook) -> str:
    return f"{book.chips} chips of root {book.root}"
